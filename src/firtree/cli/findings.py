"""``firtree findings``."""

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import msgspec

from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.checks import CODES, Severity
from firtree.cli.files import check_new
from firtree.cli.options import (
    data_option,
    json_option,
    output_begins,
    overwrite_option,
    progress_bar,
    settings_of,
    tell_size,
)
from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.formulas import harmless
from firtree.exchange.lists import entry_finding_wires
from firtree.exchange.mending import HEADINGS, SEVERITIES, row_to_mend
from firtree.exchange.whole import whole_file
from firtree.exchange.workbook.marked import WHAT_IS_WRONG, MarkedRow, write_marked
from firtree.library.quality import Found, Quality, Wanted
from firtree.text import counted, shown


@click.command("findings")
@data_option
@click.option("--manufacturer", default="", help="Only of this manufacturer code.")
@click.option("--code", default="", help="Only this kind of finding (docs/checks.md).")
@click.option(
    "--severity",
    type=click.Choice([one.value for one in Severity]),
    help="Only of this severity.",
)
@click.option("--at", default="", help="As recorded then: a date, moment or log size.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="",
    help="Write the entries to mend to FILE.xlsx or FILE.csv.",
)
@overwrite_option
@json_option
def command(  # noqa: PLR0917 - one argument for each option
    data: str | None,
    manufacturer: str,
    code: str,
    severity: str | None,
    at: str,
    output: str,
    *,
    overwrite: bool,
    as_json: bool,
) -> None:
    """List what the checks find in recorded entries: the work to be done.

    With -o the entries are written as rows of the table, the cells to mend marked and
    what is wrong in the last column: mend them and import the file again.

    \b
    Example:
        firtree findings
        firtree findings --manufacturer A1B3 --severity refuse
        firtree findings --manufacturer A1B3 -o mend.xlsx
    """
    if code and code not in CODES:
        raise InvalidInputError(
            f"--code: expected a code of the checks, such as hash-reused, found "
            f"{shown(code)}",
            hint="docs/checks.md lists them",
        )
    path = _path(output, as_json=as_json, overwrite=overwrite) if output else None
    wanted = Wanted(
        manufacturer=manufacturer.strip().upper(),
        code=code,
        severity=Severity(severity) if severity else None,
    )
    with (
        progress_bar("checking") as progress,
        wiring.opened(settings_of(data)) as parts,
    ):
        view = parts.lookup.view(at)
        tell_size(at, view.size)
        found = Quality(parts.register).each(KEEPER, wanted, view, progress)
        if path is not None:
            count = _write(path, found)
        elif as_json:
            _write_json(view.size, found)
        else:
            _show(found)
    if path is not None:
        click.echo(f"wrote {counted(count, 'entry', 'entries')} to mend to {path}")


def _path(name: str, *, as_json: bool, overwrite: bool) -> Path:
    """Check the name of the file to write."""
    path = Path(name)
    if as_json:
        raise InvalidInputError(
            "--json and -o: expected one of the two, found both",
            hint="leave one of them out",
        )
    if path.suffix.lower() not in _WRITERS:
        raise InvalidInputError(
            f"-o: expected a name that ends in .xlsx or .csv, found {shown(name)}",
            hint="for instance -o mend.xlsx",
        )
    check_new(path, overwrite=overwrite)
    return path


def _write(path: Path, found: Iterable[Found]) -> int:
    """Write the rows to mend; the file is whole or not there."""
    rows = (row_to_mend(one.entry, one.maker, one.findings) for one in found)
    try:
        return _WRITERS[path.suffix.lower()](path, rows)
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror or error}"
        ) from None


def _write_xlsx(path: Path, rows: Iterable[MarkedRow]) -> int:
    return write_marked(path, HEADINGS, rows)


def _write_csv(path: Path, rows: Iterable[MarkedRow]) -> int:
    count = 0
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADINGS, WHAT_IS_WRONG])
        for row in rows:
            writer.writerow([harmless(text) for text in (*row.cells, row.what)])
            count += 1
    return count


_WRITERS: dict[str, Callable[[Path, Iterable[MarkedRow]], int]] = {
    ".xlsx": _write_xlsx,
    ".csv": _write_csv,
}


def _write_json(size: int, found: Iterable[Found]) -> None:
    """Write one JSON document, finding by finding: it may be long."""
    between = ""
    output_begins()
    sys.stdout.write(f'{{"log_size": {size}, "findings": [')
    for one in found:
        for wire in entry_finding_wires(one.entry, one.maker_name, one.findings):
            sys.stdout.write(f"{between}\n  {msgspec.json.encode(wire).decode()}")
            between = ","
    sys.stdout.write("\n]}\n")


def _show(found: Iterable[Found]) -> None:
    """Show each kind of finding once, with how often, and where for instance."""
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    entries = 0
    for one in found:
        entries += 1
        for finding in one.findings:
            counts[finding.code] += 1
            where = f"entry {one.entry.id}: {finding.text}"
            first.setdefault(finding.code, where)
    if not counts:
        click.echo("the checks find nothing")
        return
    total = sum(counts.values())
    found_in = counted(entries, "entry", "entries")
    click.echo(f"{counted(total, 'finding')} in {found_in}")
    for severity, label in SEVERITIES.items():
        codes = [code for code in counts if CODES[code].severity is severity]
        for code in sorted(codes, key=lambda code: -counts[code]):
            columns = ", ".join(CODES[code].columns)
            click.echo(f"{label}: {counts[code]:,} × {code} ({columns})")
            click.echo(f"    for instance {first[code]}")
    click.echo("to mend them: firtree findings -o mend.xlsx (each of them: --json)")
