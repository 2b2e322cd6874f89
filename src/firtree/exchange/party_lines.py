"""Parts of a party as lines of text, as forms and options of commands take them.

AB01 from 2026-01-01 to 2027-06-30         a manufacturer code
party 7 from 2026-01-01                    a mandate or an appointment
AB01, CD02/010A030B from 2026-01-01        what may be viewed: makers, models
Firmware desk; firmware@maker.example; confirmed 2026-11-01
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from firtree.errors import InvalidInputError, Problem
from firtree.parties import Contact, contact_role, email_address
from firtree.parties.party import (
    Appointment,
    Holding,
    Mandate,
    ViewedModel,
    Viewing,
    check_code,
)
from firtree.text import iso_date, plain_text, shown, whole_number

LINES_MOST = 500
_LINE_MOST = 400
_DATED = re.compile(r"(.+?)\s+from\s+(\S+)(?:\s+to\s+(\S+))?\Z")
_T = TypeVar("_T")


def read_lines(field: str, text: str, read: Callable[[str], _T]) -> tuple[_T, ...]:
    """Read every line of a text; blank ones are left out.

    Args:
        field: what is read, for errors.
        text: the lines.
        read: reads one.

    Raises:
        InvalidInputError: names every line that cannot be read.
    """
    lines = [line.strip() for line in text.splitlines()]
    found: list[_T] = []
    problems: list[Problem] = []
    if len(lines) > LINES_MOST:
        expected = f"at most {LINES_MOST} lines"
        problems.append(Problem(field, field, expected, f"{len(lines)}"))
    for number, line in enumerate(lines[:LINES_MOST], 1):
        if not line:
            continue
        try:
            found.append(read(plain_text(line, most=_LINE_MOST)))
        except ValueError as error:
            where = f"{field}, line {number}"
            problems.append(Problem(where, field, str(error), shown(line)))
    if problems:
        raise InvalidInputError.of(problems, field)
    return tuple(found)


def _dated(line: str) -> tuple[str, date, date | None]:
    match = _DATED.match(line)
    if match is None:
        raise ValueError("… from 2026-01-01, or … from 2026-01-01 to 2027-06-30")
    until = iso_date(match[3]) if match[3] else None
    return match[1], iso_date(match[2]), until


def read_holding(line: str) -> Holding:
    """Read ``AB01 from 2026-01-01``; the code in any case.

    Raises:
        ValueError: says what was expected.
    """
    code, since, until = _dated(line)
    return Holding(code=check_code(code.upper()), since=since, until=until)


def _party(text: str) -> int:
    word, _, number = text.partition(" ")
    if word != "party":
        raise ValueError("party and its id, such as party 7 from 2026-01-01")
    return whole_number(number.strip(), least=1)


def read_mandate(line: str) -> Mandate:
    """Read ``party 7 from 2026-01-01``.

    Raises:
        ValueError: says what was expected.
    """
    party, since, until = _dated(line)
    return Mandate(maker=_party(party), since=since, until=until)


def read_appointment(line: str) -> Appointment:
    """Read ``party 7 from 2026-01-01``.

    Raises:
        ValueError: says what was expected.
    """
    party, since, until = _dated(line)
    return Appointment(supplier=_party(party), since=since, until=until)


def read_viewing(line: str) -> Viewing:
    """Read ``AB01, CD02/010A030B from 2026-01-01 to 2027-06-30``.

    Raises:
        ValueError: says what was expected.
    """
    named, since, until = _dated(line)
    texts = [one.strip().upper() for one in named.split(",")]
    models = [ViewedModel(*one.split("/", 1)) for one in texts if "/" in one]
    return Viewing(
        makers=tuple(one for one in texts if "/" not in one),
        models=tuple(models),
        since=since,
        until=until,
    )


def read_contact(line: str) -> Contact:
    """Read ``role; mailbox; confirmed day``, the parts after the role in any order.

    Raises:
        ValueError: says what was expected.
    """
    role, *others = (part.strip() for part in line.split(";"))
    fields: dict[str, str] = {}
    confirmed = None
    for part in others:
        if part.startswith("confirmed "):
            confirmed = iso_date(part.removeprefix("confirmed ").strip())
        elif part.startswith("https://"):
            fields["url"] = plain_text(part, most=200)
        elif "@" in part:
            fields["email"] = email_address(part)
        elif part:
            fields["phone"] = plain_text(part, most=30)
    if not fields:
        raise ValueError("role; mailbox, such as Firmware desk; desk@maker.example")
    return Contact(role=contact_role(role), confirmed_on=confirmed, **fields)


def write_holding(one: Holding) -> str:
    """Write what :func:`read_holding` reads."""
    return f"{one.code} {_days(one)}"


def write_mandate(one: Mandate) -> str:
    """Write what :func:`read_mandate` reads."""
    return f"party {one.maker} {_days(one)}"


def write_appointment(one: Appointment) -> str:
    """Write what :func:`read_appointment` reads."""
    return f"party {one.supplier} {_days(one)}"


def write_viewing(one: Viewing) -> str:
    """Write what :func:`read_viewing` reads."""
    named: Iterable[str] = (*one.makers, *("/".join(model) for model in one.models))
    return f"{', '.join(named)} {_days(one)}"


def write_contact(one: Contact) -> str:
    """Write what :func:`read_contact` reads."""
    confirmed = f"confirmed {one.confirmed_on}" if one.confirmed_on else ""
    parts = (one.role, one.email, one.phone, one.url, confirmed)
    return "; ".join(part for part in parts if part)


def _days(one: Holding | Mandate | Appointment | Viewing) -> str:
    return f"from {one.since}" + (f" to {one.until}" if one.until else "")
