"""Rows as Parquet, one row group after the other: memory holds a few thousand rows."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from firtree.exchange.columns import Form
from firtree.exchange.publication import Field
from firtree.exchange.rows import Value
from firtree.exchange.streams import json_name

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_IN_A_GROUP = 5000


class _Pieces:
    """A file that hands on what is written to it."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, octets: bytes) -> int:
        """Keep some octets."""
        self._pieces.append(bytes(octets))
        return len(octets)

    def flush(self) -> None:
        """Do nothing: what was written is kept already."""

    def taken(self) -> bytes:
        """Give what was written since the last time."""
        octets = b"".join(self._pieces)
        self._pieces.clear()
        return octets


def parquet_octets(
    fields: Sequence[Field], rows: Iterable[Sequence[Value]]
) -> Iterator[bytes]:
    """Yield a Parquet file; lists are lists, dates dates, numbers whole numbers.

    Args:
        fields: the columns; their names are those of JSON.
        rows: what each column says.
    """
    # Importing these takes a while and much memory, and only this needs them.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    types = _types()
    schema = pa.schema([(json_name(f.name), types[f.form]) for f in fields])
    pieces = _Pieces()
    rest = iter(rows)
    with pq.ParquetWriter(pa.PythonFile(pieces, mode="w"), schema) as writer:
        while group := list(islice(rest, ROWS_IN_A_GROUP)):
            columns = zip(*group, strict=True)
            arrays = [
                pa.array(map(_plain, column), field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            yield pieces.taken()
    yield pieces.taken()


def _plain(value: Value) -> object:
    """Give a text that is nothing but a text."""
    if isinstance(value, tuple):
        return [str(item) if isinstance(item, str) else item for item in value]
    return str(value) if isinstance(value, str) else value


def _types() -> dict[Form, "pa.DataType"]:
    import pyarrow as pa  # noqa: PLC0415

    return {
        Form.TEXT: pa.string(),
        Form.DATE: pa.date32(),
        Form.NUMBER: pa.int64(),
        Form.FLAG: pa.bool_(),
        Form.NUMBERS: pa.list_(pa.int64()),
        Form.TEXTS: pa.list_(pa.string()),
    }
