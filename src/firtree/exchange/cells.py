"""Readings of single cells; each raises ``ValueError`` saying what was expected."""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, TypeVar

from firtree.catalogue.entry import (
    Availability,
    ChangeClass,
    DCCLoading,
    Hold,
    Loading,
    ReleaseNotes,
    Requirement,
    Status,
)
from firtree.exchange.items import unix
from firtree.text import (
    british_date,
    hex_digits,
    iso_date,
    long_text,
    plain_text,
    whole_number,
)

_Choice = TypeVar("_Choice", bound=StrEnum)


class Placed(Protocol):
    """A cell that knows its place."""

    def where(self) -> str:
        """Name it."""


_Cell = TypeVar("_Cell", bound=Placed)

MOST_IDS = 1000
# Cells whose dates have another style than most are named one by one up to here; with
# more of them, no style is the file's.
ODD_DATES_MOST = 100
_NO = frozenset({"no", "n", "false", "0"})
_YES = frozenset({"yes", "y", "true", "1"})


def choice(kind: type[_Choice]) -> Callable[[str], _Choice]:
    """Make a reading of one of some words, in any case."""
    words = {member.value.casefold(): member for member in kind}
    expected = f"one of {', '.join(member.value for member in kind)}"

    def read(text: str) -> _Choice:
        found = words.get(text.casefold())
        if found is None:
            raise ValueError(expected)
        return found

    return read


_status = choice(Status)
_availability = choice(Availability)
_change_class = choice(ChangeClass)


def text_of(most: int) -> Callable[[str], str]:
    """Make a reading of a text of bounded length."""
    return lambda text: plain_text(text, most=most)


def block(most: int) -> Callable[[str], str]:
    """Make a reading of a text of bounded length in which line breaks are welcome."""
    return lambda text: long_text(unix(text), most=most)


def four_digits(text: str) -> str:
    """Read four hexadecimal digits."""
    return hex_digits(text, 4)


def image_size(text: str) -> int:
    """Read the size of a Manufacturer Image in octets (DUIS: up to 10,240,000)."""
    return whole_number(text, least=1, most=10_240_000)


def web_address(text: str) -> str:
    """Read an https address of up to 500 characters."""
    if not text.startswith("https://") or " " in text:
        raise ValueError("an address that begins with https://")
    return plain_text(text, most=500)


def entry_id(text: str) -> int:
    """Read a CPL Entry ID."""
    try:
        return whole_number(text, least=1)
    except ValueError:
        raise ValueError("a CPL Entry ID, a whole number from 1") from None


def entry_ids(text: str) -> tuple[int, ...]:
    """Read CPL Entry IDs separated by semicolons or commas; order as given."""
    parts = [part.strip() for part in re.split(r"[;,]", text)]
    if len(parts) > MOST_IDS:
        raise ValueError(f"at most {MOST_IDS} CPL Entry IDs")
    try:
        found = [entry_id(part) for part in parts if part]
    except ValueError:
        raise ValueError("CPL Entry IDs separated by ';' or ','") from None
    return tuple(dict.fromkeys(found))


def predecessors(text: str) -> tuple[int, ...]:
    """Read *Upgradable From*: ids, or ``N/A`` for none (MP231)."""
    if text.casefold() in {"n/a", "na"}:
        return ()
    try:
        return entry_ids(text)
    except ValueError as error:
        raise ValueError(f"{error}, or N/A") from None


def change_classes(text: str) -> tuple[ChangeClass, ...]:
    """Read *Change Class*: words separated by semicolons or commas."""
    words = (word.strip() for word in re.split(r"[;,]", text))
    return tuple(dict.fromkeys(_change_class(word) for word in words if word))


def yes_or_no(text: str) -> bool:
    """Read yes or no."""
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError("yes or no")


def status(text: str) -> Status:
    """Read a status; the published workbook's *Current* is Active."""
    if text.casefold() == "current":
        return Status.ACTIVE
    if text.casefold() == "removed":
        raise ValueError(
            "Active, Expired, Withdrawn or Cancelled ('Removed' does not say which)"
        )
    return _status(text)


def availability(text: str) -> tuple[Availability, tuple[str, ...]]:
    """Read *Availability*; ``limited: Party A; Party B`` names the parties."""
    word, colon, names = text.partition(":")
    found = _availability(word.strip())
    if colon and found is not Availability.LIMITED:
        raise ValueError("names of parties after 'limited:' only")
    parties = (name.strip() for name in re.split(r"[;,]", names))
    return found, tuple(plain_text(name, most=100) for name in parties if name)


def loading(text: str) -> DCCLoading | None:
    """Read *DCC Loaded*: yes, no, a date, ``refused: reason`` or ``removed``."""
    word, _, reason = (part.strip() for part in text.partition(":"))
    plain_text(reason, most=200, least=0)
    folded = word.casefold()
    if folded in {"yes", "y", "true", "loaded"}:
        return DCCLoading(state=Loading.LOADED, reason=reason)
    if folded in {"no", "n", "false", "not loaded"}:
        return DCCLoading(state=Loading.NOT_LOADED, reason=reason)
    if folded in {"refused", "removed"}:
        return DCCLoading(state=Loading(folded), reason=reason)
    raise ValueError("yes, no, a date, 'refused: reason' or 'removed'")


def hold(text: str) -> Hold | None:
    r"""Read *Hold*: no, yes, or the reason of a hold.

    After a backslash a reason may be any text: the reason ``yes`` is ``\\yes``.
    """
    if text.casefold() in _NO:
        return None
    if text.casefold() in _YES:
        return Hold()
    return Hold(reason=plain_text(text.removeprefix("\\"), most=200))


def hold_cell(found: Hold) -> str:
    """Write a hold."""
    reason = found.reason
    if not reason:
        return "yes"
    odd = reason.casefold() in _NO | _YES or reason.startswith("\\")
    return f"\\{reason}" if odd else reason


_REQUIRED = re.compile(
    r"(?:(?P<ids>(?:entry|entries|id|ids)\s+)?(?P<list>[0-9][0-9, ]*)"
    r"|GBCS\s*(?:>=)?\s*v?(?P<gbcs>[0-9][0-9.]*)"
    r"|CHTS\s*(?:>=)?\s*v?(?P<chts>[0-9][0-9.]*)"
    r"|HAN\s+(?P<han>.{1,30}))\Z",
    re.IGNORECASE,
)


def requirement(text: str) -> Requirement:
    """Read *Requires*, such as ``entries 12, 15; GBCS 4.1; CHTS 1.4; HAN Dual Band``.

    Entries are those of Communications Hubs of which one suffices.
    """
    hubs: list[int] = []
    least = {"gbcs": "", "chts": "", "han": ""}
    for part in text.split(";"):
        if not part.strip():
            continue
        match = _REQUIRED.match(part.strip())
        if match is None:
            raise ValueError(
                "what the hub needs, such as 'entries 12, 15; GBCS 4.1; CHTS 1.4; "
                "HAN Dual Band'"
            )
        if match["list"]:
            hubs.extend(entry_ids(match["list"]))
        least = {name: match[name] or known for name, known in least.items()}
    return Requirement(
        hub_entries=tuple(dict.fromkeys(hubs)),
        least_gbcs=least["gbcs"],
        least_chts=least["chts"],
        han_variant=least["han"].strip(),
    )


_LABELS = {
    "security": "security",
    "fixes": "fixes",
    "features": "features",
    "known issues": "known_issues",
    "irps": "irps",
}


def release_notes(text: str) -> ReleaseNotes:
    """Read *Release Notes*: a summary, and lines such as ``Fixes: this; that``.

    Lines may also be separated by `` | ``.  An https address, or ``on request``,
    becomes the reference.
    """
    summary: list[str] = []
    items: dict[str, list[str]] = {}
    reference = ""
    for line in re.split(r"\r\n|[\r\n]|\s\|\s", long_text(unix(text), most=20_000)):
        label, colon, rest = line.partition(":")
        name = _LABELS.get(label.strip().casefold())
        if colon and name:
            found = (item.strip() for item in rest.split(";"))
            items.setdefault(name, []).extend(item for item in found if item)
        elif line.strip().startswith("https://") and " " not in line.strip():
            reference = line.strip()
        elif line.strip().casefold() == "on request":
            reference = "on request"
        elif line.strip():
            summary.append(line.strip())
    return ReleaseNotes(
        summary="\n".join(summary),
        reference=reference,
        **{name: tuple(found) for name, found in items.items()},
    )


class Dates(Generic[_Cell]):
    """Reads the dates of one file, which must all be of one style: that of most cells.

    A file that writes some dates as ``2026-11-22`` and some as ``22/11/2026`` has
    been through several hands; guessing would record wrong days.  So each is read as it
    stands, and at the end it is told which are of the other style.
    """

    _STYLES = (("2026-11-22", iso_date), ("22/11/2026", british_date))

    def __init__(self) -> None:
        self._counts = [0, 0]
        self._cells: tuple[list[_Cell], list[_Cell]] = ([], [])
        self._first = 0

    @property
    def british(self) -> bool:
        """Whether the file writes 22/11/2026."""
        return self._style == 1

    @property
    def _style(self) -> int:
        other = 1 - self._first
        return other if self._counts[other] > self._counts[self._first] else self._first

    def read(self, text: str, cell: _Cell) -> date:
        """Read a date in whatever style it has.

        Args:
            text: what the cell says.
            cell: which one it is.
        """
        number = 1 if "/" in text else 0
        try:
            day = self._STYLES[number][1](text)
        except ValueError:
            if any(self._counts) and number != self._style:
                raise ValueError(self.expected) from None
            raise
        if not any(self._counts):
            self._first = number
        self._counts[number] += 1
        if len(self._cells[number]) < ODD_DATES_MOST:
            self._cells[number].append(cell)
        return day

    @property
    def expected(self) -> str:
        """What a date has to be in this file, of which one was read."""
        example, cells = self._STYLES[self._style][0], self._cells[self._style]
        return (
            f"a date such as {example}, as in {cells[0].where()} (one style for the "
            "whole file)"
        )

    def styles(self) -> "tuple[StyledCells[_Cell], StyledCells[_Cell]]":
        """Give the cells of the style that most have, and of the other one.

        Of as many of each, the style is that of the first.
        """
        most, odd = (
            StyledCells(self._STYLES[n][0], self._counts[n], self._cells[n])
            for n in (self._style, 1 - self._style)
        )
        return most, odd


class StyledCells(NamedTuple, Generic[_Cell]):
    """Cells whose dates have one style.

    Attributes:
        example: of a date in it.
        total: how many there are.
        cells: the first ``ODD_DATES_MOST`` of them.
    """

    example: str
    total: int
    cells: list[_Cell]
