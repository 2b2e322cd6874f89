"""``firtree rebuild``."""

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.options import (
    data_option,
    json_option,
    progress_bar,
    settings_of,
    write_json,
)
from firtree.library.rebuild import rebuild
from firtree.text import counted


@click.command("rebuild")
@data_option
@json_option
def command(data: str | None, *, as_json: bool) -> None:
    """Make the register's tables anew from its statements.

    Every statement is compared with its leaf, and every transaction's state with what
    the log says.  The statements themselves are never changed; if anything differs,
    the old tables stay.

    \b
    Example:
        firtree rebuild --data ./var
    """
    settings = settings_of(data)
    with wiring.opened(settings) as parts, progress_bar("folding") as progress:
        count = rebuild(KEEPER, parts.register, progress)
    if as_json:
        write_json({"statements": count})
        return
    click.echo(f"rebuilt the tables from {counted(count, 'statement')}")
