"""``firtree doctor``."""

import sys

import click

from firtree.cli.options import (
    data_option,
    json_verdict,
    progress_bar,
    settings_of,
    write_json,
)
from firtree.text import counted
from firtree.wiring.checkup import Checkup, checkup

_SHOWN = 50


@click.command("doctor")
@data_option
@json_verdict("sound")
def command(data: str | None, *, as_json: bool) -> None:
    """Check the register against its own log, and name what is wrong.

    Every statement is compared with its leaf; tree, tiles and checkpoints are worked
    out again from the leaves, tables and state map from the statements, and compared
    row by row.  Nothing is changed, and the register may be in use meanwhile.  A
    scratch copy of the tables is made in the system's folder for temporary files
    (TMPDIR chooses another).  Exit code 0: all is sound; 1: something is not.

    \b
    Example:
        firtree doctor --data ./var
    """
    with progress_bar("checking") as progress:
        found = checkup(settings_of(data), progress)
    if as_json:
        write_json(_report(found))
    else:
        _show(found)
    sys.exit(1 if found.found else 0)


def _report(found: Checkup) -> dict[str, object]:
    examined = found.examined
    return {
        "sound": not found.found,
        "log": {
            "origin": found.origin,
            "size": examined.size,
            "root": examined.root.hex(),
        },
        "rows_compared": examined.rows,
        "found": found.found,
        "faults": [
            {
                "part": fault.part,
                "row": {
                    name: value.hex() if isinstance(value, bytes) else value
                    for name, value in fault.row.items()
                },
                "told": fault.told,
            }
            for fault in found.faults
        ],
        "not_checked": examined.unseen,
        "remedy": _remedy(found),
    }


def _show(found: Checkup) -> None:
    examined = found.examined
    rows = sum(examined.rows.values())
    for fault in found.faults[:_SHOWN]:
        click.echo(str(fault))
    if (more := found.found - _SHOWN) > 0:
        click.echo(f"… and {more:,} more; --json lists up to 1,000")
    for unseen in examined.unseen:
        click.echo(f"not checked: {unseen}")
    what = (
        f"{counted(examined.size, 'statement')} and "
        f"{counted(rows, 'row of tables', 'rows of tables')}"
    )
    if not found.found:
        click.echo(f"sound: {what} of {found.origin} are as the log says")
        return
    wrong = counted(found.found, "thing is", "things are")
    click.echo(f"{wrong} wrong; {what} were looked at")
    click.echo(f"what to do: {_remedy(found)}")


def _remedy(found: Checkup) -> str:
    """Say what to do; empty = nothing is wrong."""
    steps = []
    faults = found.examined.faults
    if found.around:
        steps.append("see above for files, key and settings")
    if faults and all(fault.is_rebuilt for fault in faults):
        steps.append("firtree rebuild makes the tables anew from the statements")
    elif faults:
        steps.append(
            "keep a copy of the database as evidence, then restore the register from a "
            "backup (firtree restore): statements and checkpoints cannot be made again"
        )
    return "; ".join(steps)
