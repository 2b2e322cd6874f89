"""Write what changed between two states to a workbook, one row for each field.

The workbook holds numbers and text only: no cell can run as a formula or become a
link or a date.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from firtree.catalogue.entry import Entry
from firtree.errors import InvalidInputError
from firtree.exchange.whole import whole_file
from firtree.statements.versions import Change
from firtree.text import in_london

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575  # of a sheet, below its header row
TEXT_MOST = 32_767
HEADINGS = {
    "Change": 18,
    "CPL Entry ID": 12,
    "Manufacturer Code": 18,
    "Manufacturer": 24,
    "Model": 12,
    "Firmware Version": 17,
    "Column": 28,
    "Before": 44,
    "After": 44,
    "Recorded (London)": 18,
    "Statement": 10,
    "Recorded By": 14,
}


class Comparison(NamedTuple):
    """What a workbook of changes is about.

    Attributes:
        begin: the earlier state, in words.
        end: the later state, in words.
        checkpoint: the newest signed checkpoint.
    """

    begin: str
    end: str
    checkpoint: str


def write_comparison(path: Path, about: Comparison, changes: Iterable[Change]) -> int:
    """Write what changed, and give how many rows that took.

    Memory does not grow with the number of rows.

    Args:
        path: of the file, which is replaced once everything is written.
        about: which states were compared.
        changes: in order.

    Raises:
        InvalidInputError: there are more rows than a sheet can hold.
        OSError: the file cannot be written.
    """
    with whole_file(path) as part:
        return _write(part, about, changes)


def _write(part: Path, about: Comparison, changes: Iterable[Change]) -> int:
    # Its import takes longer than a command that writes no workbook may wait.
    import xlsxwriter  # noqa: PLC0415
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    from firtree.exchange.workbook.rows_out import RowSheet  # noqa: PLC0415

    try:
        with (
            part.open("wb") as stream,
            xlsxwriter.Workbook(stream, {"constant_memory": True}) as book,
        ):
            heading = book.add_format({"bold": True, "bottom": 1})
            text = book.add_format(
                {"num_format": "@", "text_wrap": True, "valign": "top"}
            )
            sheet = book.add_worksheet("Changes", RowSheet)
            count = _write_changes(sheet, heading, text, changes)
            _write_about(
                book.add_worksheet("About", RowSheet), heading, text, about, count
            )
            return count
    except FileCreateError as error:
        # The library wraps what the file system said.
        raise error.args[0] from None


def _write_changes(
    sheet: "Worksheet", heading: "Format", text: "Format", changes: Iterable[Change]
) -> int:
    for column, (name, width) in enumerate(HEADINGS.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, heading)
    sheet.freeze_panes(1, 0)
    count = 0
    for change in changes:
        for row in _rows(change):
            count += 1
            if count > MOST_ROWS:
                raise InvalidInputError(
                    f"more than {MOST_ROWS} rows: a sheet can hold no more",
                    hint="compare days that lie closer together, or use --json",
                )
            _write_row(sheet, count, row, text)
    sheet.autofilter(0, 0, max(count, 1), len(HEADINGS) - 1)
    return count


def _write_row(
    sheet: "Worksheet", number: int, row: Sequence[str | int], text: "Format"
) -> None:
    for column, value in enumerate(row):
        if isinstance(value, int):
            sheet.write_number(number, column, value)
        elif value:
            cut = len(value) > TEXT_MOST
            whole = value[: TEXT_MOST - 1] + "…" if cut else value
            sheet.write_string(number, column, whole, text)


def _rows(change: Change) -> Iterator[Sequence[str | int]]:
    """Give a row for each field that differs; one row where there is none."""
    which = (change.kind.value.replace("-", " "), *_thing(change))
    at = f"{in_london(change.at):%Y-%m-%d %H:%M:%S}"
    recorded = (at, change.number, change.by)
    for one in change.differences:
        yield (*which, one.label, one.before, one.after, *recorded)
    if not change.differences:
        yield (*which, "", "", "", *recorded)


def _thing(change: Change) -> tuple[str | int, ...]:
    """Give the cells that say which thing a row is about."""
    known = change.after or change.before
    if isinstance(known, Entry):
        cpl, key = known.cpl, known.model.key
        maker = (key.manufacturer, cpl.manufacturer_name)
        return (known.id, *maker, key.model, cpl.firmware)
    name = known.name if known else ""
    return ("", change.name.partition("/")[2], name, "", "")


def _write_about(
    sheet: "Worksheet",
    heading: "Format",
    text: "Format",
    about: Comparison,
    count: int,
) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    facts = {
        "What this is": "What changed between two states of the register: one row for "
        "each field that differs, and one for whatever is new.",
        "From": about.begin,
        "To": about.end,
        "Rows": str(count),
        "Checkpoint": about.checkpoint,
    }
    for row, (name, value) in enumerate(facts.items()):
        sheet.write_string(row, 0, name, heading)
        sheet.write_string(row, 1, value, text)
