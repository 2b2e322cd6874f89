"""``firtree restore``."""

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
from firtree.wiring.catching_up import restore_continued
from firtree.wiring.restoring import Restored, restore_as_new


@click.command("restore")
@click.argument("file", metavar="FILE")
@data_option
@click.option(
    "--continue-from",
    "mirror",
    metavar="MIRROR",
    help="Go on with the same log, caught up from a full mirror in this folder.",
)
@click.option(
    "--new-origin",
    is_flag=True,
    help="Begin a new log, with a new key, that names the old one.",
)
@click.option(
    "--origin", default="", help="Name of the new log; by default a random one."
)
@click.option("--dry-run", is_flag=True, help="Check the backup and change nothing.")
@json_option
def command(
    file: str,
    data: str | None,
    *,
    mirror: str | None,
    new_origin: bool,
    origin: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a register from a backup, without ever forking its log.

    A backup does not know what was recorded after it.  Either a full mirror does: then
    the same log goes on with its own key, which has to be in the data folder.  Or the
    old log ends, and a new one begins, with a name and a key of its own and a first
    statement that names the last checkpoint of the old one.  Every statement keeps its
    number and its contents; all tables are made again and compared on the way.

    With --new-origin, what was recorded after the backup is lost, and the times "as
    recorded" begin today: the past before it is asked of mirrors of the old log.

    \b
    Example:
        firtree restore /backup/firtree-20261128T020000Z.db --data ./new \\
            --continue-from ./mirror
        firtree restore /backup/firtree-20261128T020000Z.db --data ./new \\
            --new-origin --dry-run
    """
    if (mirror is None) != new_origin:
        raise click.UsageError("choose one of --continue-from MIRROR and --new-origin")
    settings = settings_of(data)
    with progress_bar("restoring") as progress:
        if mirror is not None:
            restored = restore_continued(
                Path(file), settings, Path(mirror), progress=progress, dry_run=dry_run
            )
        else:
            restored = restore_as_new(
                Path(file), settings, origin=origin, progress=progress, dry_run=dry_run
            )
    if as_json:
        write_json(_report(restored))
        return
    old = restored.manifest.log
    click.echo(
        f"{file} is whole: {counted(old.size, 'statement')} of {old.origin}, "
        "backed up at "
        f"{restored.manifest.made_at}"
    )
    if mirror is None:
        _show_new(restored)
    else:
        _show_continued(restored, mirror)


def _report(restored: Restored) -> dict[str, object]:
    frontier = restored.frontier
    return {
        "backup": restored.manifest,
        "restored": frontier is not None,
        "origin": restored.origin,
        "log_size": frontier.size if frontier else 0,
        "root": frontier.root.hex() if frontier else "",
    }


def _show_continued(restored: Restored, mirror: str) -> None:
    if restored.frontier is None:
        click.echo(f"would go on with it, caught up from {mirror}; nothing was changed")
        return
    click.echo(
        f"{restored.origin} goes on with "
        f"{counted(restored.frontier.size, 'statement')}, those "
        f"after the backup from {mirror}"
    )
    click.echo(
        "nothing may ever have been signed above that: ask your witnesses before you "
        "start it, and never start another copy again"
    )


def _show_new(restored: Restored) -> None:
    old = restored.manifest.log.origin
    click.echo(f"what {old} recorded after that is not in it, and will be lost")
    if restored.frontier is None:
        click.echo("would begin a new log from it, with a new key; nothing was changed")
        return
    click.echo(
        f"began the log {restored.origin} with "
        f"{counted(restored.frontier.size, 'statement')}; "
        "its first one names the last known checkpoint of the old log"
    )
    click.echo("tell clients and witnesses its verifier key, and keep log.key safe")
    click.echo(f"never start a copy of {old} again")
