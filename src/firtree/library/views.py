"""From where one looks: which state, which day, and how much of an entry is seen."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from firtree.access import KEEPER, Scope
from firtree.catalogue.clocks import in_force
from firtree.catalogue.entry import NO_FIR, NO_PRIVATE, Entry
from firtree.errors import InvalidInputError, Problem
from firtree.library.ports import Register
from firtree.parties import Maker
from firtree.statements.versions import sections_within
from firtree.text import (
    FIRST_DAY,
    end_of_london_day,
    iso_date,
    london_day,
    moment,
    shown,
)

_DATE_CHARACTERS = 10  # 2026-11-22; a moment is longer


class View(NamedTuple):
    """From where one looks: which state, and which day dates are compared to.

    Attributes:
        size: log size of the state.
        day: day in London.
        newest: committed log size when the question came, of the newest checkpoint.
        as_recorded: the moment asked for (``at``); None = now.
        effective_at: the day entries are put back to by their own dates; None = as
            recorded.
    """

    size: int
    day: date
    newest: int
    as_recorded: datetime | None = None
    effective_at: date | None = None


def past_view(
    register: Register,
    at: str,
    now: datetime,
    *,
    name: str = "at",
    from_nothing: bool = False,
) -> View:
    """Find the state and day of a past moment.

    Args:
        register: which.
        at: a date (its end, in London), a moment with its zone, or a log size.
        now: what the clock says.
        name: of the parameter, for errors.
        from_nothing: whether size 0, or a moment before the register began, is the
            state with nothing in it, and no error.

    Raises:
        InvalidInputError: of another form, in the future, or before the register
            began.
    """
    if at.isascii() and at.isdigit():
        return _past_size(register, at, name, least=0 if from_nothing else 1)
    try:
        day = iso_date(at) if len(at) == _DATE_CHARACTERS else None
        asked = end_of_london_day(day) if day else moment(at)
    except ValueError:
        raise wrong_parameter(
            name,
            "a date, a moment with its zone or a log size",
            shown(at),
            hint="for instance 2026-11-22, 2026-11-22T12:00:00Z or 1042",
        ) from None
    if asked > now and day != london_day(now):
        raise wrong_parameter(
            name,
            "a past or present moment",
            shown(at),
            hint="leave it out to ask about now",
        )
    with register.reading() as tx:
        newest = tx.head().size
        end = tx.end_at(min(asked, now))
    if end is None and from_nothing:
        return View(0, day or london_day(asked), newest, asked)
    if end is None:
        raise InvalidInputError(
            f"{name}: the register did not exist yet at {at}",
            hint="ask about a later moment; what was in force on a day before it "
            "began is another question (effective_at)",
        )
    return View(end.size, day or london_day(asked), newest, asked)


def _past_size(register: Register, at: str, name: str, least: int) -> View:
    with register.reading() as tx:
        newest = tx.head().size
        size = int(at) if len(at) <= 18 else newest + 1
        end = tx.end_of_size(size) if 0 < size <= newest else None
    if size == least == 0:
        return View(0, FIRST_DAY, newest)
    if end is None:
        raise wrong_parameter(name, f"a log size from {least} to {newest}", shown(at))
    return View(end.size, london_day(end.at), newest, end.at)


def wrong_parameter(
    name: str, expected: str, found: str, *, hint: str = ""
) -> InvalidInputError:
    """Say what is wrong with one parameter, for people and for programs."""
    problem = Problem(name, name, expected, found)
    return InvalidInputError(str(problem), hint=hint, problems=(problem,))


def size_note(at: str, size: int) -> str:
    """Say that a log size was asked for at which the log never stood; else nothing.

    Checkpoints exist at the ends of transactions only (``docs/formats/log.md``).

    Args:
        at: as it was asked.
        size: of the state that is answered for.
    """
    if not (at.isascii() and at.isdigit()) or int(at) == size:
        return ""
    return (
        f"log size {int(at):,} lies inside a transaction; this is the state of size "
        f"{size:,}, at the end of the one before"
    )


def effective_day(text: str, today: date) -> date | None:
    """Read ``effective_at``; None where it is empty.

    Raises:
        InvalidInputError: not a date, one that has not come, or one before
            ``FIRST_DAY``.
    """
    if not text:
        return None
    try:
        day = iso_date(text)
    except ValueError as error:
        raise wrong_parameter("effective_at", str(error), shown(text)) from None
    if day > today:
        raise wrong_parameter("effective_at", "a day that has come", shown(text))
    if day < FIRST_DAY:
        expected = f"{FIRST_DAY} or a later day"
        raise wrong_parameter("effective_at", expected, shown(text))
    return day


def seen(entries: Iterable[Entry], scope: Scope, view: View) -> list[Entry]:
    """Leave out what is out of reach, and put entries back to the day asked for."""
    found = []
    for entry in entries:
        known: Entry | None = entry
        if not scope.covers(entry.model.key):
            continue
        if view.effective_at is not None:
            known = in_force(entry, view.effective_at)
        if known is not None:
            found.append(_without(known, scope))
    return found


def _without(entry: Entry, scope: Scope) -> Entry:
    """Take the parts away that are out of reach."""
    fir = entry.fir if scope.fir else NO_FIR
    contact = entry.contact if scope.people else None
    private = entry.private if scope.private else NO_PRIVATE
    absent = entry.absent and entry.absent & sections_within(scope)
    kept = (entry.fir, entry.contact, entry.private, entry.absent)
    if (fir, contact, private, absent) == kept:
        return entry
    return msgspec.structs.replace(
        entry, fir=fir, contact=contact, private=private, absent=absent
    )


def missing(what: str, *, partial: bool) -> str:
    """Say that something is not there, or not among what somebody may see.

    Args:
        what: such as ``entry 1042``.
        partial: whether there may be more than is within the asker's reach; the words
            are then true, and the same, in both cases.
    """
    return f"no {what} is among what you may see" if partial else f"there is no {what}"


def recorder_shown(by: str) -> str:
    """Name whoever recorded a statement, for people: a party, or the keeper."""
    return f"the {KEEPER.name}" if by in {"", KEEPER.name} else by


def seen_maker(maker: Maker | None, scope: Scope) -> Maker | None:
    """Take the contact of a maker away if it is out of reach."""
    if maker is None or scope.people:
        return maker
    return msgspec.structs.replace(maker, contact=None)
