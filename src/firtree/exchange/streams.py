"""Rows as CSV and JSON, in pieces: memory does not grow with their number.

The octets are a function of the rows alone.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from firtree.exchange.formulas import harmless
from firtree.exchange.publication import FORMAT, Facts, Field
from firtree.exchange.rows import Value, text_of
from firtree.exchange.wire import ExportLogWire, PublicationWire

_ROWS = 500
_ENCODER = msgspec.json.Encoder()


def csv_octets(
    fields: Sequence[Field], rows: Iterable[Sequence[Value]]
) -> Iterator[bytes]:
    """Yield a CSV table in UTF-8 (RFC 4180); no cell of it runs as a formula.

    Args:
        fields: the columns.
        rows: what each column says.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([field.name for field in fields])
    for number, row in enumerate(rows, 1):
        writer.writerow([None if value is None else _cell(value) for value in row])
        if number % _ROWS == 0:
            yield _taken(text)
    yield _taken(text)


def _cell(value: Value) -> str:
    # Most values are texts, and most of them harmless at first sight.
    text = value if type(value) is str else text_of(value)
    return text if text[:1].isalnum() else harmless(text)


def _taken(text: io.StringIO) -> bytes:
    octets = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return octets


def json_octets(
    facts: Facts,
    what: str,
    fields: Sequence[Field],
    rows: Iterable[Sequence[Value]],
) -> Iterator[bytes]:
    """Yield a JSON document: what it is of, and an object for each row, on a line.

    Args:
        facts: of the publication.
        what: name of the list of rows.
        fields: the columns.
        rows: what each column says.
    """
    names = [json_name(field.name) for field in fields]
    head = _ENCODER.encode(publication_wire(facts)).decode()
    piece = [f'{{"publication":{head},\n{_ENCODER.encode(what).decode()}:['.encode()]
    for number, row in enumerate(rows):
        comma = b",\n" if number else b"\n"
        piece += (comma, _ENCODER.encode(dict(zip(names, row, strict=True))))
        if number % _ROWS == _ROWS - 1:
            yield b"".join(piece)
            piece = []
    yield b"".join([*piece, b"\n]}\n"])


def publication_wire(facts: Facts) -> PublicationWire:
    """Say what an export is of."""
    return PublicationWire(
        format=FORMAT,
        publication=facts.name,
        log=ExportLogWire(facts.origin, facts.size),
        day=facts.day,
        effective_at=facts.effective_at,
        private=facts.private,
        checkpoint=facts.checkpoint,
        partial=facts.partial,
    )


def json_name(name: str) -> str:
    """Give the name of a column for programs: ``CPL Entry ID`` is ``cpl_entry_id``."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
