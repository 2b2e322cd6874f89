"""``firtree backup``."""

from pathlib import Path

import click

from firtree.cli.options import (
    data_option,
    json_option,
    progress_bar,
    settings_of,
    write_json,
)
from firtree.text import counted
from firtree.wiring.backup import back_up, manifest_path


@click.command("backup")
@data_option
@click.option(
    "-o",
    "--out",
    required=True,
    metavar="FILE|DIR",
    help="A new file, or a folder in which one is made.",
)
@json_option
def command(data: str | None, out: str, *, as_json: bool) -> None:
    """Copy the whole register to one file, while it is in use.

    The file is an SQLite database, whichever database the register is in; a manifest
    beside it tells log size, signed checkpoint and digest.  Both are read back before
    the command ends well.  The signing key is not in it: keep a copy of log.key
    elsewhere.  The file holds what the register holds, so guard it as well.

    \b
    Example:
        firtree backup --data ./var -o /backup
    """
    with progress_bar("backing up") as progress:
        manifest = back_up(settings_of(data), Path(out), progress)
    folder = Path(out) if Path(out).is_dir() else Path(out).parent
    path = folder / manifest.file
    if as_json:
        write_json({"file": str(path), "manifest": manifest})
        return
    log = manifest.log
    click.echo(
        f"backed up {counted(log.size, 'statement')} of {log.origin} to {path} "
        f"({counted(manifest.octets, 'octet')}), and read it back"
    )
    click.echo(f"its manifest is {manifest_path(path)}; the signing key is not in it")
