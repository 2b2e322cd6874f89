"""``firtree import``."""

import io
from pathlib import Path
from typing import BinaryIO

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.checks import Finding
from firtree.cli.options import (
    data_option,
    json_option,
    progress_bar,
    settings_of,
    write_json,
)
from firtree.errors import FirtreeError, InvalidInputError, UnavailableError
from firtree.exchange.entries import Table, read_entries
from firtree.library.importing import Plan, Progress, plan_import, record_import
from firtree.text import london_day, shown

_SHOWN = 20


@click.command("import")
@click.argument("file", metavar="FILE.csv")
@data_option
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@json_option
def command(file: str, data: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Take a table of entries into the register, all rows or none.

    Columns are found by name (docs/formats/table.md lists them).  A cell that cannot
    be read refuses the whole table, and every such cell is listed.  Whatever else
    breaks a check is recorded as published and listed as a finding.  The same file
    again changes nothing; entries missing from a later file are reported and kept.

    \b
    Example:
        firtree import cpl.csv --dry-run
        firtree import cpl.csv
    """
    settings = settings_of(data)
    try:
        with progress_bar("reading") as progress, wiring.opened(settings) as parts:
            table = _read(file, progress)
            day = london_day(parts.now())
            plan = plan_import(
                KEEPER, table, parts.register, day=day, progress=progress
            )
            if not dry_run and (plan.changes or plan.makers):
                progress("recording", 0, len(plan.changes))
                record_import(KEEPER, plan, parts.recorder)
    except FirtreeError as error:
        if as_json:
            write_json(_problems(error))
        raise
    if as_json:
        write_json(_report(plan, recorded=not dry_run))
    else:
        _show(plan, dry_run=dry_run)


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


def _read(name: str, progress: Progress) -> Table:
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
            return _named(name, file)
    except OSError as error:
        raise UnavailableError(f"{name} cannot be read: {error.strerror}") from None


def _named(name: str, file: BinaryIO) -> Table:
    try:
        return read_entries(file)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{name}: {error}", hint=error.hint, problems=error.problems
        ) from None


def _problems(error: FirtreeError) -> dict[str, object]:
    problems = error.problems if isinstance(error, InvalidInputError) else ()
    return {
        "recorded": False,
        "error": str(error),
        "hint": error.hint,
        "problems": [
            {
                "where": problem.where,
                "expected": problem.expected,
                "found": problem.found,
            }
            for problem in problems
        ],
    }


def _report(plan: Plan, *, recorded: bool) -> dict[str, object]:
    return {
        "recorded": recorded and bool(plan.changes or plan.makers),
        "new": [change.entry.id for change in plan.new],
        "changed": [
            {"entry": change.entry.id, "fields": change.fields}
            for change in plan.changed
        ],
        "unchanged": plan.unchanged,
        "makers": [maker.code for maker in plan.makers],
        "absent": plan.absent,
        "ignored_columns": plan.ignored,
        "findings": [
            {
                "entry": entry_id,
                "code": finding.code,
                "severity": finding.severity,
                "column": finding.field,
                "text": finding.text,
            }
            for entry_id, found in plan.findings.items()
            for finding in found
        ],
    }


def _show(plan: Plan, *, dry_run: bool) -> None:
    new, changed = len(plan.new), len(plan.changed)
    if not plan.changes and not plan.makers:
        click.echo(f"nothing changes: the register says all {plan.unchanged} rows")
    else:
        verb = "would record" if dry_run else "recorded"
        click.echo(
            f"{verb} {new} new and {changed} changed entries; "
            f"{plan.unchanged} unchanged"
        )
    if plan.makers:
        codes = ", ".join(maker.code for maker in plan.makers[:_SHOWN])
        click.echo(f"manufacturers new or changed: {codes}")
        _more(len(plan.makers))
    for change in plan.changed[:_SHOWN]:
        click.echo(f"  entry {change.entry.id}: {', '.join(change.fields)}")
    _more(len(plan.changed))
    if plan.absent:
        ids = ", ".join(str(entry_id) for entry_id in plan.absent[:_SHOWN])
        click.echo(
            f"{len(plan.absent)} entries of the register are not in the file; they "
            f"stay: {ids}{' …' if len(plan.absent) > _SHOWN else ''}"
        )
    if plan.ignored:
        names = ", ".join(shown(name) for name in plan.ignored[:_SHOWN])
        click.echo(f"columns left alone: {names}")
        _more(len(plan.ignored))
    _show_findings(plan)


def _show_findings(plan: Plan) -> None:
    """Show each kind of finding once, with how often and where."""
    kinds: dict[str, list[tuple[int, Finding]]] = {}
    for entry_id, found in plan.findings.items():
        for finding in found:
            kinds.setdefault(finding.code, []).append((entry_id, finding))
    if not kinds:
        return
    count = sum(map(len, kinds.values()))
    click.echo(
        f"{count} findings in {len(plan.findings)} entries, to work through "
        "(each of them: --json)"
    )
    for code, found_here in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        entry_id, finding = found_here[0]
        click.echo(f"  {len(found_here)} × {code} ({finding.field})")
        click.echo(f"      entry {entry_id}: {finding.text}")


def _more(count: int) -> None:
    if count > _SHOWN:
        click.echo(f"  … and {count - _SHOWN} more")
