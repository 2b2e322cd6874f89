"""The page of an evidence pack, for people who know nothing of registers or proofs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from firtree.catalogue.entry import Entry
from firtree.exchange.columns import WRITTEN
from firtree.exchange.proof_file import Checked
from firtree.exchange.rows import text_of, values_of
from firtree.ledger.merkle import leaf_hash
from firtree.ledger.notes import Verifier
from firtree.ledger.sections import SALT_OCTETS, SECTIONS
from firtree.statements.recomputing import maker_shown
from firtree.text import counted, in_london

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_MONTHS = (
    "January February March April May June July August September October November"
    " December"
).split()

# The sections, as the page calls them.
_PARTS = {
    "head": "who recorded a statement",
    "core": "entries",
    "fir": "firmware information",
    "people": "contacts",
    "private": "private parts",
}


class File(NamedTuple):
    """A file of the pack, and what it holds, in words."""

    name: str
    meaning: str


def write_page(
    checked: Checked,
    answers: Iterable[dict[str, Any]],
    verifier: Verifier,
    files: Iterable[File],
) -> str:
    """Write the page as HTML.

    Args:
        checked: the proof, verified.
        answers: of its file.
        verifier: the key of the log.
        files: of the pack.
    """
    question, shown = checked.question, checked.shown
    asked = [e for e in checked.entries if question.entry in {None, e.id}]
    model = f"{question.manufacturer} {question.model}"
    subject = (
        f"hardware model {model}"
        if question.entry is None
        else f"entry {question.entry} of the Central Products List"
    )
    day = f"{question.day.day} {_MONTHS[question.day.month - 1]} {question.day.year}"
    maker = maker_shown(shown, question.manufacturer)
    return _ENVIRONMENT.get_template("page.html").render(
        title=f"What the firmware register said of {subject} on {day}",
        summary=(
            f"This is a record of what the register of smart-meter firmware"
            f" {shown.checkpoint.origin} said of {subject}, as it stood on {day}, with"
            " what is needed to show that it has not been altered since."
        ),
        origin=shown.checkpoint.origin,
        statements=counted(shown.checkpoint.size, "statement"),
        last_at=f"{in_london(shown.last_at):%d %B %Y at %H:%M:%S} (London)",
        day=day,
        asker=question.asker,
        model=model,
        answers=[_answer(one) for one in answers],
        entries=[
            {"id": entry.id, "rows": list(_rows(values_of(entry, maker)))}
            for entry in asked
        ],
        others=[_other(entry) for entry in checked.entries if entry not in asked],
        sayings=[saying.text for saying in checked.sayings],
        witnessed=shown.cosigned.at is not None,
        withheld=_withheld(checked),
        key=str(verifier),
        example=_example(checked),
        files=list(files),
    )


def _rows(values: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for column, value in zip(WRITTEN, values, strict=True):
        if value is not None and (text := text_of(value)):
            yield column.name, text


def _other(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "firmware": entry.cpl.firmware,
        "status": entry.cpl.status.value,
        "published": entry.cpl.published_on or "",
    }


def _answer(answer: dict[str, Any]) -> dict[str, object]:
    """Give an answer's sentences."""
    lines = [one["text"] for one in answer["reasons"]]
    lines.extend(
        f"{one['level'].capitalize()}: {one['text']}" for one in answer["warnings"]
    )
    return {
        "firmware": answer["device"]["firmware"],
        "standing": answer["standing_text"],
        "advice": [one["text"] for one in answer["advice"]],
        "lines": lines,
    }


def _withheld(checked: Checked) -> str:
    closed = {
        name
        for recorded in checked.shown.statements.values()
        for name, octets in zip(SECTIONS, recorded.statement.body.sections, strict=True)
        if octets is None
    }
    return ", ".join(words for name, words in _PARTS.items() if name in closed)


def _example(checked: Checked) -> dict[str, object] | None:
    """Give what one statement leads to: the newest one whose part ``core`` is open."""
    for number, recorded in sorted(checked.shown.statements.items(), reverse=True):
        body = recorded.statement.body
        if body.sections[SECTIONS.index("core")]:
            start = SECTIONS.index("core") * SALT_OCTETS
            return {
                "number": number,
                "leaf_hash": leaf_hash(recorded.statement.leaf).hex(),
                "commitment": body.commitments[start : start + SALT_OCTETS].hex(),
            }
    return None
