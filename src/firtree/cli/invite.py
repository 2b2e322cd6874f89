"""``firtree invite``."""

import click

from firtree import wiring
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.library.accounts.invitations import Invited, invite, invite_back
from firtree.library.accounts.people import person_called
from firtree.wiring.accounts import gate_of, link_hint
from firtree.wiring.accounts import link as link_to


@click.command("invite")
@data_option
@click.option("--party", type=click.IntRange(1), help="Number of the party to join.")
@click.option("--email", default="", help="Of whom; left out, whoever has the link.")
@click.option(
    "--recover", is_flag=True, help="A new password for somebody who has an account."
)
@json_option
def command(
    data: str | None, party: int | None, email: str, *, recover: bool, as_json: bool
) -> None:
    """Make a link that works once, by which somebody joins a party.

    Hand it over in person or by a channel you trust.

    \b
    Example:
        firtree invite --party 1 --email avery@administrator.example
        firtree invite --recover --email avery@administrator.example
    """
    if recover == (party is not None) or (recover and not email):
        raise click.UsageError("give --party, or --recover with --email")
    settings = settings_of(data)
    with wiring.opened(settings) as parts:
        gate = gate_of(parts, settings)
        if recover:
            made = invite_back(gate, person_called(gate, email).id)
        else:
            made = invite(gate, party or 0, email)
    _tell(made, link_to(settings, made.secret), as_json=as_json)
    if not as_json and (hint := link_hint(settings)):
        click.echo(hint, err=True)


def _tell(made: Invited, link: str, *, as_json: bool) -> None:
    until = made.invitation.expires_at
    if as_json:
        write_json({"link": link, "kind": made.invitation.kind, "until": until})
        return
    click.echo(link)
    click.echo(f"works once, until {until:%Y-%m-%d %H:%M} UTC", err=True)
