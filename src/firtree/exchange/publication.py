"""What a publication holds: its sheets, their columns, and the sheet *About*.

``docs/formats/publication.md`` says the same for readers.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

import msgspec

from firtree.access import Scope
from firtree.exchange.answers import ANSWER_COLUMNS
from firtree.exchange.columns import WRITTEN, Form, Part
from firtree.exchange.joining import A_PART, HOLDS
from firtree.exchange.rows import Cell

ANSWERS, ABOUT = "Answers", "About"
FORMAT = "firtree/publication/v1"
KEY_COLUMN = "CPL Entry ID"


class Facts(NamedTuple):
    """What a publication is of; its content depends on nothing else.

    Attributes:
        origin: name of the log.
        number: how many days, this one included, have statements.
        size: log size.
        day: day in London on which dates are judged.
        effective_at: day on which statuses are judged; None = as recorded.
        since: log size of the publication before; None = there is none.
        checkpoint: of that log size, signed.
        private: whether private parts are in it.
        partial: whether there may be more than whoever asked for it may see.
    """

    origin: str
    number: int
    size: int
    day: date
    effective_at: date | None
    since: int | None
    checkpoint: str
    private: bool = False
    partial: bool = False

    @property
    def name(self) -> str:
        """The running number, with the log size: ``213-1042``."""
        return f"{self.number}-{self.size}"

    @property
    def terms(self) -> str:
        """What has to be known to make the same again, in one line."""
        effective = self.effective_at or "-"
        private = "yes" if self.private else "no"
        return (
            f"size={self.size} day={self.day} effective_at={effective} "
            f"private={private}"
        )


class Field(NamedTuple):
    """A column of a sheet."""

    name: str
    form: Form
    meaning: str


class Sheet(NamedTuple):
    """A sheet of rows."""

    name: str
    fields: tuple[Field, ...]

    @property
    def header(self) -> list[str]:
        """Names of the columns."""
        return [field.name for field in self.fields]


_ARCHIVED = (
    Field("Left By", Form.TEXT, "removed from the CPL, or superseded"),
    Field("Left On", Form.DATE, "day of that, as far as it is known"),
    Field("Why", Form.TEXT, "status and reason, or what took its place"),
    Field("Superseded By", Form.NUMBER, "entry that takes its place"),
)
_CHANGED = (
    Field(KEY_COLUMN, Form.NUMBER, "entry that changed; blank = the maker"),
    Field("Manufacturer Code", Form.TEXT, "of the entry or maker"),
    Field("Device Model", Form.TEXT, "DUIS DeviceModel"),
    Field("Firmware Version", Form.TEXT, "of the entry"),
    Field("Change", Form.TEXT, "new, or changed"),
    Field("Column", Form.TEXT, "what changed"),
    Field("Before", Form.TEXT, "in the publication before"),
    Field("After", Form.TEXT, "in this one"),
)


class Sheets(NamedTuple):
    """The sheets of a publication that have a digest, in order."""

    cpl: Sheet
    fir: Sheet
    archive: Sheet
    answers: Sheet
    changes: Sheet


def fields_for(scope: Scope) -> tuple[Field, ...]:
    """Give the columns of entries that a scope reaches."""
    reached = {
        Part.CPL: True,
        Part.FIR: scope.fir,
        Part.PEOPLE: scope.people,
        Part.PRIVATE: scope.private,
    }
    return tuple(
        Field(column.name, column.form, column.meaning)
        for column in WRITTEN
        if reached[column.part]
    )


def sheets_for(scope: Scope) -> Sheets:
    """Give the sheets that a scope reaches."""
    cpl = {column.name for column in WRITTEN if column.part is Part.CPL}
    fields = fields_for(scope)
    key = tuple(field for field in fields if field.name == KEY_COLUMN)
    answers = (Field(*column) for column in ANSWER_COLUMNS)
    return Sheets(
        Sheet("CPL", tuple(field for field in fields if field.name in cpl)),
        Sheet("FIR", (*key, *(f for f in fields if f.name not in cpl))),
        Sheet("Archive", (*key, *_ARCHIVED, *(f for f in fields if f not in key))),
        Sheet(
            ANSWERS,
            tuple(
                field
                for field in answers
                if scope.people or not field.name.startswith("Contact")
            ),
        ),
        Sheet("Changes", _CHANGED),
    )


class Digest:
    """Counts and hashes the rows of a sheet as they go by.

    Args:
        header: names of the columns, which are hashed first.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self.rows = 0
        self._hash = sha256(_line(header))

    def add(self, row: Sequence[Cell]) -> None:
        """Take in a row."""
        self.rows += 1
        self._hash.update(_line(row))

    def hexdigest(self) -> str:
        """Give the digest so far."""
        return self._hash.hexdigest()


_ENCODER = msgspec.json.Encoder()


def _line(row: Sequence[Cell]) -> bytes:
    return _ENCODER.encode(row) + b"\n"


def whole_digest(terms: str, digests: Iterable[tuple[str, str]]) -> str:
    """Give the digest of a publication.

    Args:
        terms: what it was made with.
        digests: name and digest of each sheet.
    """
    text = "".join(f"{name} {digest}\n" for name, digest in digests)
    return sha256(f"{FORMAT}\n{terms}\n{text}".encode()).hexdigest()


# Rows of the sheet About that are read again, by their label.
TERMS, CHECKPOINT, DIGEST = "Made With", "Checkpoint", "Digest"


def about_rows(
    facts: Facts, sheets: Sequence[Sheet], digests: Sequence[tuple[int, str]]
) -> Iterator[list[Cell]]:
    """Yield the rows of the sheet *About*.

    Args:
        facts: of the publication.
        sheets: in order.
        digests: count of rows, and digest, of each.
    """
    digest = whole_digest(
        facts.terms,
        (
            (sheet.name, hexadecimal)
            for sheet, (_, hexadecimal) in zip(sheets, digests, strict=True)
        ),
    )
    since = facts.since
    yield ["Register of meter firmware"]
    yield ["Publication", facts.name]
    yield ["Log", facts.origin]
    yield ["Log Size", facts.size]
    yield ["Day", facts.day]
    yield ["As In Force On", facts.effective_at or "as recorded"]
    yield ["Changes Since Log Size", since if since is not None else "the beginning"]
    yield ["Private Parts", "yes" if facts.private else "no"]
    if facts.partial:
        yield [HOLDS, A_PART]
    yield [TERMS, facts.terms]
    yield [CHECKPOINT, facts.checkpoint.strip()]
    yield [DIGEST, digest]
    yield ["Format", FORMAT]
    place, whose = (
        (" --from MIRROR", ", with a mirror of the same party")
        if facts.partial
        else ("", "")
    )
    again = f"firtree export{place} --at {facts.size}{whose}"
    yield ["To Check It", f"firtree verify FILE.xlsx{place}{whose}"]
    yield ["To Make It Again", f"{again}, until something in it has to be erased"]
    yield []
    yield ["Sheet", "Rows", "SHA-256"]
    for sheet, (rows, hexadecimal) in zip(sheets, digests, strict=True):
        yield [sheet.name, rows, hexadecimal]
    yield []
    yield ["Sheet", "Column", "What it means"]
    for sheet in sheets:
        for field in sheet.fields:
            yield [sheet.name, field.name, _plain(field.meaning)]


def _plain(meaning: str) -> str:
    """Take the marks of emphasis off."""
    return meaning.replace("*", "").replace("`", "")
