"""``firtree import``."""

import io
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.import_report import (
    LeftOut,
    no_row_is_good,
    report_json,
    show_changes,
    show_report,
)
from firtree.cli.options import (
    data_option,
    json_verdict,
    progress_bar,
    settings_of,
    write_json,
)
from firtree.collector import collector_at_rest
from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.aliases import read_aliases
from firtree.exchange.entries import Table, read_entries
from firtree.exchange.files import Progress
from firtree.library.importing import Plan, plan_import, record_import
from firtree.text import london_day

ALIASES_FILE = "aliases.txt"
_MOST_OCTETS = 1 << 20
_TO_MEND = re.compile(r"(.*-to-mend)(?:-([0-9]{1,6}))?\Z", re.DOTALL)


@click.command("import")
@click.argument("file", metavar="FILE")
@data_option
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option(
    "--accept-good",
    is_flag=True,
    help="Record the good rows; write the others to a workbook to be mended.",
)
@click.option(
    "--rest",
    metavar="FILE.xlsx",
    help="That workbook (else FILE-to-mend.xlsx); it must not be there yet.",
)
@click.option(
    "--alias",
    "aliases",
    multiple=True,
    metavar="'THEIRS=OURS'",
    help="Another name of a column; may be given several times.",
)
@json_verdict("recorded")
def command(
    file: str,
    data: str | None,
    *,
    dry_run: bool,
    accept_good: bool,
    rest: str | None,
    aliases: tuple[str, ...],
    as_json: bool,
) -> None:
    """Take a table of entries (xlsx, ods or csv) into the register.

    Sheets and columns are found by name (docs/formats/workbook.md and table.md).  A
    cell that cannot be read refuses the whole file, unless --accept-good is given;
    every such cell is listed.  Whatever else breaks a check is recorded as published
    and listed as a finding.  The same file again changes nothing; entries missing
    from a later file are reported and kept.

    \b
    Example:
        firtree import cpl.xlsx --dry-run
        firtree import cpl.xlsx --accept-good
        firtree import theirs.ods --alias "Fabricant=Manufacturer"
    """
    if rest and not accept_good:
        raise click.UsageError("--rest needs --accept-good")
    settings = settings_of(data)
    with collector_at_rest(), wiring.opened(settings) as parts:
        with progress_bar("reading") as progress:
            known = _aliases(Path(settings.data) / ALIASES_FILE, aliases)
            table = _read(file, known, progress)
            left_out = LeftOut(table, "")
            if table.bad and accept_good:
                left_out = LeftOut(table, str(_rest_of(file, rest)))
            plan = plan_import(
                KEEPER,
                table,
                parts.register,
                day=london_day(parts.now()),
                accept_good=accept_good,
                progress=progress,
            )
        if not as_json:
            show_changes(plan)
        if not dry_run:
            with progress_bar("recording") as progress:
                progress("recording", 0, len(plan.changes))
                _record(plan, left_out, parts)
    if dry_run:
        left_out = LeftOut(table, "")
    if as_json:
        write_json(report_json(plan, left_out, recorded=not dry_run))
    else:
        show_report(plan, left_out, dry_run=dry_run)
    if no_row_is_good(plan):
        sys.exit(1)


def _record(plan: Plan, left_out: LeftOut, parts: wiring.Parts) -> None:
    """Write what is left out, then record the rest; both, or nothing remains."""
    path = Path(left_out.file) if left_out.file else None
    if path:
        _write_rest(path, left_out.table)
    try:
        if plan.changes or plan.makers:
            record_import(KEEPER, plan, parts.recorder)
    except BaseException:
        if path:
            path.unlink(missing_ok=True)
        raise


def _write_rest(path: Path, table: Table) -> None:
    # They are imported only for a file that has bad rows.
    from firtree.exchange.left_out import rows_left_out
    from firtree.exchange.workbook.marked import write_marked

    headings, rows = rows_left_out(table)
    try:
        write_marked(path, headings, rows)
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror}; nothing was recorded",
            hint="name another file with --rest",
        ) from None


def _rest_of(name: str, asked: str | None) -> Path:
    """Give the workbook of what is left out; it must not be there yet.

    Raises:
        InvalidInputError: it is.
    """
    path = Path(asked) if asked else _beside(Path(name))
    if path.suffix.casefold() != ".xlsx":
        raise InvalidInputError(
            f"--rest: expected the name of an .xlsx file, found {path}",
            hint="such as --rest to-mend.xlsx",
        )
    if path.exists():
        raise InvalidInputError(
            f"{path} is there already; nothing was recorded",
            hint="mend and import it, or name another file with --rest",
        )
    return path


def _beside(path: Path) -> Path:
    """Name the workbook: ``a.csv`` gives ``a-to-mend.xlsx``, and that ``…-2.xlsx``."""
    if match := _TO_MEND.match(path.stem):
        return path.with_name(f"{match[1]}-{int(match[2] or 1) + 1}.xlsx")
    return path.with_name(f"{path.stem}-to-mend.xlsx")


def _aliases(path: Path, added: Iterable[str]) -> dict[str, str]:
    """Read the aliases of the data folder, then those of the command line.

    Raises:
        InvalidInputError: a line is no alias.
        UnavailableError: the file cannot be read.
    """
    found: dict[str, str] = {}
    try:
        if path.exists():
            with path.open(encoding="utf-8-sig") as file:
                text = file.read(_MOST_OCTETS)
            found = read_aliases(text.splitlines(), of=str(path))
    except UnicodeDecodeError:
        raise InvalidInputError(
            f"{path}: expected UTF-8 text, found another encoding",
            hint="save it as UTF-8",
        ) from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from None
    return found | read_aliases(added, of="--alias")


class _Watched(io.BufferedReader):
    """A file that tells how far it has been read."""

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__(io.FileIO(path), buffer_size=1 << 16)
        self._progress = progress
        self._octets = path.stat().st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read a piece, and tell how far that is."""
        octets = super().read(size)
        self._progress("reading", self.tell(), self._octets)
        return octets


def _read(name: str, aliases: Mapping[str, str], progress: Progress) -> Table:
    """Read the table of a file.

    Raises:
        InvalidInputError: it is no table of entries, or no file.
        UnavailableError: it cannot be read.
    """
    path = Path(name)
    try:
        if not path.exists():
            raise InvalidInputError(f"there is no file {name}", hint="check the name")
        if not path.is_file():
            raise InvalidInputError(
                f"{name}: expected a file, found a folder or a device",
                hint="save the table as a file and name that",
            )
        with _Watched(path, progress) as file:
            return _named(name, file, aliases, progress)
    except OSError as error:
        raise UnavailableError(f"{name} cannot be read: {error.strerror}") from None


def _named(
    name: str, file: BinaryIO, aliases: Mapping[str, str], progress: Progress
) -> Table:
    try:
        return read_entries(file, aliases=aliases, progress=progress)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{name}: {error}", hint=error.hint, problems=error.problems
        ) from None
