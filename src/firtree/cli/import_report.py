"""What ``firtree import`` tells: for people as lines, for programs as JSON."""

from typing import TYPE_CHECKING, NamedTuple

import click

from firtree.cli.options import problem_json
from firtree.text import counted, shown

if TYPE_CHECKING:
    from firtree.catalogue.checks import Finding
    from firtree.catalogue.differences import Difference
    from firtree.exchange.entries import Table
    from firtree.library.importing import Change, Plan

_SHOWN = 20
_SHOWN_FIELDS = 10


class LeftOut(NamedTuple):
    """The rows that were not imported.

    Attributes:
        table: holds them.
        file: where they are written to; empty = nowhere.
    """

    table: "Table"
    file: str


def report_json(
    plan: "Plan", left_out: LeftOut, *, recorded: bool
) -> dict[str, object]:
    """Give all of a plan for programs."""
    return {
        "recorded": recorded and bool(plan.changes or plan.makers),
        "new": [change.entry.id for change in plan.new],
        "changed": [
            {
                "entry": change.entry.id,
                "fields": change.fields,
                "differences": [one._asdict() for one in change.differences],
            }
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
        "notes": plan.notes,
        "left_out": {
            "rows": plan.left_out,
            "file": left_out.file,
            "problems": list(map(problem_json, left_out.table.problems)),
        },
    }


def show_changes(plan: "Plan") -> None:
    """Show what changes of entries that are there, before and after."""
    if plan.changed:
        click.echo(counted(len(plan.changed), "entry changes:", "entries change:"))
    for change in plan.changed[:_SHOWN]:
        _show_change(change)
    _more(len(plan.changed))


def _show_change(change: "Change") -> None:
    click.echo(f"  entry {change.entry.id}")
    for one in change.differences[:_SHOWN_FIELDS]:
        click.echo(f"      {one.label}: {_before_and_after(one)}")
    if (more := len(change.differences) - _SHOWN_FIELDS) > 0:
        click.echo(f"      … and {counted(more, 'more field')}")


def _before_and_after(one: "Difference") -> str:
    before, after = (
        shown(text) if text else "nothing" for text in (one.before, one.after)
    )
    return f"{before} → {after}"


def show_report(plan: "Plan", left_out: LeftOut, *, dry_run: bool) -> None:
    """Show what was done, or would be, and all there is to look at."""
    new, changed = len(plan.new), len(plan.changed)
    if plan.changes or plan.makers:
        verb = "would record" if dry_run else "recorded"
        click.echo(
            f"{verb} {new:,} new and {changed:,} changed entries; "
            f"{plan.unchanged:,} unchanged"
        )
    elif not no_row_is_good(plan):
        rows = counted(plan.unchanged, "row")
        click.echo(f"nothing changes: the register says all {rows}")
    else:
        click.echo("nothing was recorded: no row is good")
    _show_left_out(plan, left_out)
    if plan.makers:
        codes = ", ".join(maker.code for maker in plan.makers[:_SHOWN])
        click.echo(f"manufacturers new or changed: {codes}")
        _more(len(plan.makers))
    if plan.absent:
        ids = ", ".join(str(entry_id) for entry_id in plan.absent[:_SHOWN])
        count = counted(len(plan.absent), "entry", "entries")
        click.echo(
            f"not in the file, and recorded as before: {count} of the register: "
            f"{ids}{' …' if len(plan.absent) > _SHOWN else ''}"
        )
    if plan.ignored:
        names = ", ".join(shown(name) for name in plan.ignored[:_SHOWN])
        click.echo(f"columns left alone: {names}")
        _more(len(plan.ignored))
    for note in plan.notes:
        click.echo(note)
    _show_findings(plan)


def no_row_is_good(plan: "Plan") -> bool:
    """Tell whether all rows were left out, so that there is nothing to record."""
    good = plan.changes or plan.makers or plan.unchanged
    return bool(plan.left_out) and not good


def _show_left_out(plan: "Plan", left_out: LeftOut) -> None:
    if not plan.left_out:
        return
    where = f", to be mended: {left_out.file}" if left_out.file else ""
    rows = counted(plan.left_out, "row that is", "rows that are")
    click.echo(f"left out {rows} not good{where}")
    problems = left_out.table.problems
    for problem in problems[:_SHOWN]:
        click.echo(f"  {problem}")
    _more(len(problems))


def _show_findings(plan: "Plan") -> None:
    """Show each kind of finding once, with how often and where."""
    kinds: dict[str, list[tuple[int, Finding]]] = {}
    for entry_id, found in plan.findings.items():
        for finding in found:
            kinds.setdefault(finding.code, []).append((entry_id, finding))
    if not kinds:
        return
    count = sum(map(len, kinds.values()))
    click.echo(
        f"{counted(count, 'finding')} in "
        f"{counted(len(plan.findings), 'entry', 'entries')}, to work through "
        "(each of them: --json)"
    )
    for code, found_here in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        entry_id, finding = found_here[0]
        click.echo(f"  {len(found_here):,} × {code} ({finding.field})")
        click.echo(f"      entry {entry_id}: {finding.text}")


def _more(count: int) -> None:
    if count > _SHOWN:
        click.echo(f"  … and {count - _SHOWN:,} more")
