"""What may be said of what was proven, and no more (``docs/formats/proof.md``)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from firtree.ledger.policy import Cosigned
from firtree.statements.fold import Names, key_of_name
from firtree.statements.stateproof import Recorded, Shown
from firtree.statements.types.maker import maker_name
from firtree.text import counted

# How young a cosigned checkpoint has to be for what it shows to be called current.
MAX_AGE = timedelta(hours=24)


class May(StrEnum):
    """What may be said; never given a new meaning."""

    RECORDED = "recorded"
    COMPLETE = "complete"
    NONE = "none"
    CURRENT = "current"
    NOT_CURRENT = "not-current"
    NOT_WITNESSED = "not-witnessed"
    NOT_OPEN = "not-open"


class Saying(NamedTuple):
    """A sentence that may be said, with its code for programs."""

    code: May
    text: str


def moment_text(at: datetime) -> str:
    """Write a moment in UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def sayings(
    shown: Shown, now: datetime, max_age: timedelta = MAX_AGE
) -> Iterator[Saying]:
    """Say what a state proof shows.

    Args:
        shown: verified.
        now: the reader's time.
        max_age: how young cosignatures have to be for what is current.
    """
    subjects = {
        item.number: _subject(names, item.member)
        for names, items in shown.lists.items()
        for item in items or ()
    }
    for number, recorded in sorted(shown.statements.items()):
        subject = subjects.get(number, "Something")
        at = moment_text(recorded.at)
        yield Saying(
            May.RECORDED,
            f"{subject} was recorded, as number {number} of the log, at {at}.",
        )
        if closed := _closed(recorded):
            yield Saying(
                May.NOT_OPEN,
                f"Of statement {number}, {closed} not open here, and counts as erased; "
                "whether it was erased is not shown.",
            )
    for names, items in shown.lists.items():
        if items is None:
            text = f"There is no {_list(names)} as of this checkpoint."
            yield Saying(May.NONE, text)
        else:
            yield Saying(May.COMPLETE, _complete(names, [i.member for i in items]))
        if names[0] == "model":
            yield from _without_maker(shown, key_of_name(names[1]).manufacturer)
    yield age(shown.cosigned, now, max_age)


def _without_maker(shown: Shown, code: str) -> Iterator[Saying]:
    """Say that a maker is not in a proof, where it is not shown that there is none."""
    if ("party", maker_name(code)) not in shown.lists:
        yield Saying(
            May.NOT_OPEN,
            f"What is recorded of maker {code} is not in this file, and counts as "
            "nothing; whether there is anything is not shown.",
        )


def _closed(recorded: Recorded) -> str:
    """Name what is not open of what answers rest on, with its verb; empty = nothing."""
    _, _, fir, people, _ = recorded.statement.body.sections
    parts = [("FIR information", fir), ("the contact", people)]
    closed = [name for name, octets in parts if octets is None]
    return " and ".join(closed) + (" are" if len(closed) > 1 else " is") * bool(closed)


def age(cosigned: Cosigned, now: datetime, max_age: timedelta = MAX_AGE) -> Saying:
    """Say how current a checkpoint is, by its witnesses."""
    if cosigned.at is None:
        return Saying(
            May.NOT_WITNESSED, "All this is as the keeper says; it is not witnessed."
        )
    names = ", ".join(sorted(cosigned.times))
    seen = f"{moment_text(cosigned.at)} (cosigned by {names})"
    if cosigned.is_ahead(now):
        return Saying(
            May.NOT_CURRENT,
            f"Witnessed at {seen}, which by this clock is still to come: how old it is,"
            " and whether it is still so, is not shown. A witness's clock is wrong, or"
            " this one.",
        )
    hours = counted(max_age / timedelta(hours=1), "hour")
    if now - cosigned.at <= max_age:
        return Saying(May.CURRENT, f"All this is current: witnessed at {seen}.")
    return Saying(
        May.NOT_CURRENT,
        f"Witnessed at {seen}, more than {hours} ago: whether it is still so is not"
        " shown.",
    )


def _subject(names: Names, member: int) -> str:
    """Name what a statement is about, as the first words of a sentence."""
    kind, name = names
    if kind == "model":
        return f"Entry {member}"
    if kind == "party":
        what, _, whose = name.partition("\n")
        return f"The {what} {whose}"
    return "The register's own record"


def _list(names: Names) -> str:
    kind, name = names
    if kind == "model":
        return f"entry of hardware model {key_of_name(name)}"
    return f"record of {_in_sentence(names)}"


def _in_sentence(names: Names) -> str:
    return _subject(names, 0).replace("The ", "the ", 1)


def _complete(names: Names, members: list[int]) -> str:
    kind, name = names
    if kind != "model":
        whose = _in_sentence(names)
        return f"What is shown of {whose} is the newest as of this checkpoint."
    known = ", ".join(map(str, members)) or "none"
    return (
        f"The entries of hardware model {key_of_name(name)} are {known}: the complete"
        " list as of this checkpoint, removed ones included."
    )
