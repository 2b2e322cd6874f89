"""Tables of inventory devices: CSV and Parquet, written as the devices come."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import msgspec

from firtree.cli.duis_files import reserve
from firtree.duis.answers import InventoryDevice
from firtree.errors import UnavailableError
from firtree.exchange.formulas import harmless

COLUMNS = tuple(field.name for field in msgspec.structs.fields(InventoryDevice))
_ROWS = 5000


class _Writer(Protocol):
    def write(self, rows: list[tuple[str, ...]]) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Finish the file."""


class DeviceTable:
    """A table that is being written; it is kept only if :meth:`keep` is called."""

    def __init__(self, writer: _Writer) -> None:
        self.count = 0
        self.kept = False
        self._writer = writer
        self._rows: list[tuple[str, ...]] = []

    def add(self, device: InventoryDevice) -> None:
        """Add a device, one row."""
        self.count += 1
        self._rows.append(msgspec.structs.astuple(device))
        if len(self._rows) >= _ROWS:
            self._flush()

    def keep(self) -> None:
        """Finish the table: it is complete."""
        self._flush()
        self.kept = True

    def _flush(self) -> None:
        if self._rows:
            self._writer.write(self._rows)
            self._rows = []


class _CSV:
    """CSV in UTF-8; no cell of it runs as a formula."""

    def __init__(self, path: Path) -> None:
        self._file = io.TextIOWrapper(path.open("wb"), encoding="utf-8", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(COLUMNS)

    def write(self, rows: list[tuple[str, ...]]) -> None:
        self._csv.writerows([harmless(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """Parquet, all columns texts; a row group for each 5,000 devices."""

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema([(name, pa.string()) for name in COLUMNS])
        self._writer: pq.ParquetWriter = pq.ParquetWriter(path, self._schema)

    def write(self, rows: list[tuple[str, ...]]) -> None:
        import pyarrow as pa

        columns = zip(*rows, strict=True)
        arrays = [pa.array(column, pa.string()) for column in columns]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


FORMATS: dict[str, Callable[[Path], _Writer]] = {".csv": _CSV, ".parquet": _Parquet}


@contextmanager
def opened_table(name: str) -> Iterator[DeviceTable]:
    """Open a table for writing; its name says the format.

    Whoever looks sees the whole table or none.

    Raises:
        ConflictError: there is such a file already.
        UnavailableError: it cannot be written.
    """
    path = Path(name)
    new = path.with_name(f".{path.name}.new")
    table: DeviceTable | None = None
    try:
        reserve(path)
    except OSError as error:
        raise _unwritable(name, error) from None
    try:
        writer = FORMATS[path.suffix.lower()](new)
        table = DeviceTable(writer)
        try:
            yield table
        finally:
            writer.close()
        if table.kept:
            new.replace(path)
    except OSError as error:
        raise _unwritable(name, error) from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        if table is None or not table.kept:
            with suppress(OSError):
                path.unlink()


def _unwritable(name: str, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"{name} cannot be written: {error.strerror or error}",
        hint="choose another folder, or mend its rights",
    )
