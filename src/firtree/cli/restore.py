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
from firtree.wiring.restoring import Restored, restore_as_new


@click.command("restore")
@click.argument("file", metavar="FILE")
@data_option
@click.option(
    "--new-origin",
    is_flag=True,
    required=True,
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
    new_origin: bool,  # noqa: ARG001 - said aloud, because it is what is done
    origin: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a register from a backup, without ever forking its log.

    A backup does not know what was recorded after it.  So the old log ends, and a new
    one begins: with a name and a key of its own, and a first statement that names the
    last checkpoint of the old one.  Every statement keeps its number and its contents,
    and is recorded anew; all tables are made again and compared on the way.  What was
    recorded after the backup is lost, and the times "as recorded" begin today: the
    past before it is asked of mirrors of the old log.

    \b
    Example:
        firtree restore /backup/firtree-20261128T020000Z.db --data ./new \\
            --new-origin --dry-run
    """
    with progress_bar("restoring") as progress:
        restored = restore_as_new(
            Path(file),
            settings_of(data),
            origin=origin,
            progress=progress,
            dry_run=dry_run,
        )
    if as_json:
        write_json(_report(restored))
    else:
        _show(file, restored)


def _report(restored: Restored) -> dict[str, object]:
    frontier = restored.frontier
    return {
        "backup": restored.manifest,
        "restored": frontier is not None,
        "origin": restored.origin,
        "log_size": frontier.size if frontier else 0,
        "root": frontier.root.hex() if frontier else "",
    }


def _show(file: str, restored: Restored) -> None:
    old = restored.manifest.log
    click.echo(
        f"{file} is whole: {old.size} statements of {old.origin}, backed up at "
        f"{restored.manifest.made_at}"
    )
    click.echo(f"what {old.origin} recorded after that is not in it, and will be lost")
    if restored.frontier is None:
        click.echo("would begin a new log from it, with a new key; nothing was changed")
        return
    click.echo(
        f"began the log {restored.origin} with {restored.frontier.size} statements; "
        "its first one names the last known checkpoint of the old log"
    )
    click.echo("tell clients and witnesses its verifier key, and keep log.key safe")
    click.echo(f"never start a copy of {old.origin} again")
