"""What changed, in the words of pages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from firtree.catalogue.differences import Difference
from firtree.catalogue.entry import Entry, Status
from firtree.statements.types.erasure import WORDS
from firtree.statements.types.form import Kind
from firtree.statements.versions import Change, Gone, entry_kind

_CODES = frozenset(
    {
        *("manufacturer", "model_identifier", "hardware_version", "hardware_revision"),
        *("firmware", "image_hash", "hash_signed_by", "hash_signature"),
        *("min_hardware", "max_hardware", "ota_manufacturer_code", "ota_image_type"),
        *("metrology_software_id", "sbom_sha256"),
    }
)
_IDS = frozenset({"upgradable_from", "confirmed_edges", "rollback_from"})
_STATUSES = {
    status.value: (
        "Current" if status is Status.ACTIVE else f"Removed ({status.value.lower()})"
    )
    for status in Status
}


class Line(NamedTuple):
    """One field before and after, as a page shows it.

    Attributes:
        label: name of the field.
        before: its value before; empty = none.
        after: its value after; empty = none.
        code: whether it is to be read letter by letter.
    """

    label: str
    before: str
    after: str
    code: bool


class ErasedLine(NamedTuple):
    """What was erased of a version: in words, when, by which statement, and why."""

    words: str
    verb: str
    at: datetime
    number: int
    reason: str


class Headline(NamedTuple):
    """What happened, in a few words, and the style of its tag."""

    text: str
    style: str


def erased_lines(found: Iterable[Gone]) -> list[ErasedLine]:
    """Write what was erased of a version in the words of pages."""
    return [
        ErasedLine(
            WORDS[gone.section][:1].upper() + WORDS[gone.section][1:],
            "was" if gone.section == "fir" else "were",
            gone.at,
            gone.number,
            gone.reason,
        )
        for gone in found
    ]


def lines(found: Iterable[Difference]) -> list[Line]:
    """Write differences in the words of pages."""
    return [
        Line(
            one.label,
            _shown(one.field, one.before),
            _shown(one.field, one.after),
            one.field in _CODES,
        )
        for one in found
    ]


def _shown(field: str, text: str) -> str:
    if field == "status":
        return _STATUSES.get(text, text)
    if field in _IDS and text and text != "N/A":
        return ", ".join(f"entry {entry_id}" for entry_id in text.split("; "))
    return text


def headline(found: Sequence[Difference] | None) -> Headline:
    """Say what became of an entry from one version to the next.

    Args:
        found: what differs; None = it is the first version.
    """
    if found is None:
        return Headline("Added", "note")
    changed = {one.field: one for one in found}
    kind = entry_kind(found)
    if kind is Kind.ENTRY_REMOVED:
        return Headline(_STATUSES[changed["status"].after], "gone")
    if kind is Kind.ENTRY_RESTORED:
        return Headline("Restored: Current again", "listed")
    if (hold := changed.get("hold")) is not None:
        if not hold.before:
            return Headline("Put on hold", "held")
        if not hold.after:
            return Headline("Hold lifted", "listed")
    return Headline("Changed" if changed else "Recorded again", "confirm")


_KINDS = {
    Kind.ENTRY_ADDED: Headline("Added", "note"),
    Kind.ENTRY_GONE: Headline("No longer yours to see", "gone"),
    Kind.MAKER_ADDED: Headline("Maker added", "note"),
    Kind.MAKER_CHANGED: Headline("Maker changed", "confirm"),
}


def change_headline(change: Change) -> Headline:
    """Say what became of a thing between two states."""
    return _KINDS.get(change.kind) or headline(change.differences)


def entry_of(change: Change) -> Entry | None:
    """Give the entry a change is about; None where it is about a maker."""
    known = change.after or change.before
    return known if isinstance(known, Entry) else None
