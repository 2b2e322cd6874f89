"""``firtree init``."""

import click

from firtree import wiring
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.wiring import keyfile


@click.command("init")
@data_option
@click.option("--origin", default="", help="Name of the log; by default a random one.")
@json_option
def command(data: str | None, origin: str, *, as_json: bool) -> None:
    """Make a register: its database and its signing key.

    Where there is a register of an older firtree, its schema is brought up to date;
    nothing is lost.

    \b
    Example:
        firtree init --data ./var --origin firmware.example/register
    """
    settings = settings_of(data)
    place = settings.database_shown
    if wiring.exists(settings) and wiring.is_behind(settings):
        wiring.upgrade(settings)
        if as_json:
            write_json({"data": settings.data, "upgraded": True})
        else:
            click.echo(f"brought the register in {place} up to date")
        return
    recorded = wiring.make(settings, origin=origin)
    name = recorded.checkpoint.partition("\n")[0]
    if as_json:
        write_json(
            {"data": settings.data, "origin": name, "checkpoint": recorded.checkpoint}
        )
        return
    click.echo(f"made the register {name} in {place}")
    click.echo(f"its signing key is {settings.data}/{keyfile.KEY_FILE}: keep it safe")
    click.echo("next: firtree import FILE.csv, then firtree serve")
