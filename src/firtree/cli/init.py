"""``firtree init``."""

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.errors import InvalidInputError
from firtree.library.accounts.invitations import Invited, invite
from firtree.library.record import Recorded
from firtree.parties import PartyKind
from firtree.parties.party import Party
from firtree.parties.party import check_name as check_party_name
from firtree.settings import Settings
from firtree.wiring import keyfile
from firtree.wiring.accounts import gate_of, link_hint
from firtree.wiring.accounts import link as link_to


def check_name(name: str) -> None:
    """Check the name of a party before anything is made.

    Raises:
        InvalidInputError: it is none.
    """
    try:
        check_party_name(name)
    except ValueError as error:
        raise InvalidInputError(f"--administrator: expected {error}") from None


@click.command("init")
@data_option
@click.option("--origin", default="", help="Name of the log; by default a random one.")
@click.option(
    "--administrator",
    metavar="NAME",
    default="Code administrator",
    show_default=True,
    help="Name of the first party, whose people admit the others.",
)
@json_option
def command(
    data: str | None, origin: str, administrator: str, *, as_json: bool
) -> None:
    """Make a register: its database, its signing key, and its first administrator.

    It prints a link that works once: whoever opens it becomes the first person of the
    administrators' party. Where nobody has used it in time, "firtree invite" makes
    another.

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
    check_name(administrator)
    recorded = wiring.make(settings, origin=origin)
    name = recorded.checkpoint.partition("\n")[0]
    party, invited, recorded = _first_administrator(settings, administrator)
    link = link_to(settings, invited.secret)
    until = invited.invitation.expires_at
    if as_json:
        made = {"data": settings.data, "origin": name, "party": party, "link": link}
        write_json({**made, "link_until": until, "checkpoint": recorded.checkpoint})
        return
    click.echo(f"made the register {name} in {place}")
    click.echo(f"its signing key is {settings.data}/{keyfile.KEY_FILE}: keep it safe")
    click.echo(f"party {party} is {administrator}; its first person comes in by")
    click.echo(f"  {link}")
    click.echo(f"  (once, until {until:%Y-%m-%d %H:%M} UTC, while firtree serve runs)")
    if hint := link_hint(settings):
        click.echo(f"  ({hint})")
    click.echo("next: firtree import FILE.csv, then firtree serve")


def _first_administrator(
    settings: Settings, name: str
) -> tuple[int, Invited, Recorded]:
    """Admit the administrators' party, and invite its first person."""
    party = Party(id=1, name=name, kinds=(PartyKind.ADMINISTRATOR,))
    with wiring.opened(settings) as parts:
        number, recorded = parts.parties.admit(KEEPER, party)
        return number, invite(gate_of(parts, settings), number), recorded
