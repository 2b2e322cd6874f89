"""A party as the fields of a form, each of them text; what is wrong is told at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import msgspec

from firtree.errors import InvalidInputError, Problem
from firtree.exchange import party_lines as lines
from firtree.parties import PartyKind
from firtree.parties.party import Party, Suspension, check_name
from firtree.text import iso_date, shown


class Part(NamedTuple):
    """A field that holds a line for each of several things.

    Attributes:
        label: as people see it.
        example: a line.
        read: reads a line.
        write: writes one.
    """

    label: str
    example: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]


PARTS: Mapping[str, Part] = {
    "codes": Part(
        "Manufacturer codes",
        "AB01 from 2026-01-01",
        lines.read_holding,
        lines.write_holding,
    ),
    "mandates": Part(
        "May submit for",
        "party 7 from 2026-01-01",
        lines.read_mandate,
        lines.write_mandate,
    ),
    "appointments": Part(
        "Acts for (agents)",
        "party 7 from 2026-01-01 to 2027-06-30",
        lines.read_appointment,
        lines.write_appointment,
    ),
    "viewings": Part(
        "May read (MAP, MOP)",
        "AB01, CD02/010A030B from 2026-01-01 to 2027-06-30",
        lines.read_viewing,
        lines.write_viewing,
    ),
    "contacts": Part(
        "Role mailboxes",
        "Firmware desk; firmware@maker.example; confirmed 2026-11-01",
        lines.read_contact,
        lines.write_contact,
    ),
}


def part_lines(party: Party, name: str) -> list[str]:
    """Write one part of a party, a line for each thing."""
    return [PARTS[name].write(one) for one in getattr(party, name)]


class PartyForm(NamedTuple):
    """What somebody wrote.

    Attributes:
        name: of the party.
        kinds: words for what it is.
        parts: lines of each of ``PARTS``; one that is absent stays as it is.
    """

    name: str
    kinds: Sequence[str]
    parts: Mapping[str, str]


def form_of(party: Party) -> PartyForm:
    """Write a party as a form."""
    parts = {name: "\n".join(part_lines(party, name)) for name in PARTS}
    return PartyForm(party.name, [kind.value for kind in party.kinds], parts)


def read_form(form: PartyForm, before: Party | None = None) -> Party:
    """Read a form.

    Args:
        form: what somebody wrote.
        before: the party that is changed; None = a new one, whose id is 1 until it
            is given its own.

    Raises:
        InvalidInputError: names every place that cannot be read.
    """
    problems: list[Problem] = []
    found: dict[str, Any] = {}

    def read(field: str, text: str, reader: Callable[[], Any]) -> None:
        try:
            found[field] = reader()
        except InvalidInputError as error:
            problems.extend(error.problems)
        except ValueError as error:
            problems.append(Problem(field, field, str(error), shown(text)))

    read("name", form.name, lambda: check_name(form.name.strip()))
    read("kinds", ", ".join(form.kinds), lambda: _kinds(form.kinds))
    for name, text in form.parts.items():
        read(name, text, partial(lines.read_lines, name, text, PARTS[name].read))
    if problems:
        raise InvalidInputError.of(problems, "the party")
    if before is None:
        return Party(id=1, **found)
    return msgspec.structs.replace(before, **found)


def _kinds(words: Sequence[str]) -> tuple[PartyKind, ...]:
    kinds = dict.fromkeys(PartyKind.parse(word) for word in words)
    if not kinds:
        raise ValueError("at least one kind of party")
    return tuple(kinds)


def read_suspension(since: str, reason: str, today: date) -> Suspension:
    """Read since when a party is suspended, and why.

    Args:
        since: a date; empty = today.
        reason: 1 to 200 characters.
        today: in London.

    Raises:
        InvalidInputError: one of them cannot be read.
    """
    day = read_day("since", since, today)
    try:
        return Suspension(since=day, reason=reason.strip())
    except ValueError as error:
        problem = Problem("reason", "reason", str(error), shown(reason))
        raise InvalidInputError(str(problem), problems=(problem,)) from None


def read_day(field: str, text: str, today: date) -> date:
    """Read a date; empty = today.

    Raises:
        InvalidInputError: it is none.
    """
    try:
        return iso_date(text.strip()) if text.strip() else today
    except ValueError as error:
        problem = Problem(field, field, str(error), shown(text))
        raise InvalidInputError(str(problem), problems=(problem,)) from None
