"""``firtree log fence``."""

import click

from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.text import counted
from firtree.wiring.fencing import Fenced, accept, look


@click.command("fence")
@data_option
@click.option(
    "--accept",
    "accepted",
    is_flag=True,
    help="Declare that no other copy of this register will ever be used again.",
)
@json_option
def command(data: str | None, *, accepted: bool, as_json: bool) -> None:
    """Compare the register with what was signed, or accept a copy as the only one.

    The fence is a small file outside the database.  It knows the newest checkpoint
    that was signed here, and which file and database it belongs to; so a database that
    went back, and a copied data folder, are refused.  After a move to another disk or
    machine, and only if the old copy is never used again, --accept makes the fence
    anew.  A register that went back is not accepted: see firtree restore.

    \b
    Example:
        firtree log fence --data ./var
        firtree log fence --data ./moved --accept
    """
    settings = settings_of(data)
    found = accept(settings) if accepted else look(settings)
    if as_json:
        write_json(
            {
                "fence": found.path,
                "origin": found.origin,
                "log_size": found.size,
                "signed_size": found.seen.size if found.seen else None,
                "accepted": accepted,
            }
        )
        return
    _show(found, accepted=accepted)


def _show(found: Fenced, *, accepted: bool) -> None:
    if accepted:
        size = counted(found.size, "statement")
        click.echo(f"made the fence file {found.path} anew at {size}")
        click.echo(
            f"never use another copy of {found.origin} again: its log would contradict "
            "this one, and no file can notice that on two machines"
        )
        return
    signed = found.seen.size if found.seen else 0
    click.echo(
        f"{found.origin} has {counted(found.size, 'statement')}, and nothing that was "
        "signed up "
        f"to {signed} is missing ({found.path})"
    )
