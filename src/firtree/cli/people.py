"""``firtree people``."""

import click

from firtree import wiring
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.errors import InvalidInputError
from firtree.library.accounts import people
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.people import PersonShown
from firtree.library.accounts.secret import short
from firtree.library.accounts.visitor import NOBODY
from firtree.text import counted
from firtree.wiring.accounts import gate_of


@click.command("people")
@data_option
@click.option("--disable", metavar="EMAIL", help="Disable an account.")
@click.option("--enable", metavar="EMAIL", help="Enable it again.")
@click.option("--sign-out", metavar="EMAIL", help="End all sessions of a person.")
@click.option(
    "--remove-passkeys", metavar="EMAIL", help="Remove passkeys that were lost."
)
@json_option
def command(data: str | None, *, as_json: bool, **acts: str | None) -> None:
    """List who has an account and which links were not used, or change an account.

    \b
    Example:
        firtree people
        firtree people --disable avery@administrator.example
    """
    chosen = {name: email for name, email in acts.items() if email}
    if len(chosen) > 1:
        raise InvalidInputError("one change at a time", hint="run it once for each")
    settings = settings_of(data)
    with wiring.opened(settings) as parts:
        gate = gate_of(parts, settings)
        for name, email in chosen.items():
            person = people.person_called(gate, email)
            getattr(people, name)(gate, person.id, NOBODY)
            click.echo(f"done: {person.email}", err=True)
        if as_json:
            write_json(_as_json(gate))
        elif not chosen:
            _tell(gate)


def _as_json(gate: Gate) -> dict[str, object]:
    with gate.accounts.reading() as tx:
        invited = [
            {
                "named": short(one.id),
                "kind": one.kind,
                "party": one.party,
                "email": one.email,
                "until": one.expires_at,
            }
            for one in tx.invitations()
        ]
    return {"people": [_person(one) for one in people.people(gate)], "links": invited}


def _person(one: PersonShown) -> dict[str, object]:
    return {
        "id": one.person.id,
        "email": one.person.email,
        "name": one.person.name,
        "parties": [{"id": number, "name": name} for number, name in one.parties],
        "password": one.password,
        "passkeys": one.passkeys,
        "tokens": one.tokens,
        "created_at": one.person.created_at,
        "disabled_at": one.person.disabled_at,
    }


def _tell(gate: Gate) -> None:
    shown = people.people(gate)
    for one in shown:
        parties = ", ".join(name or f"party {number}" for number, name in one.parties)
        ways = [
            "password" if one.password else "",
            counted(one.passkeys, "passkey") if one.passkeys else "",
            counted(one.tokens, "token") if one.tokens else "",
        ]
        by = ", ".join(filter(None, ways))
        how = f"comes in by {by}" if by else "has no way to come in"
        gone = " (disabled)" if one.person.disabled_at else ""
        number = f"person {one.person.id}"
        click.echo(f"{number}: {one.person.email}  {one.person.name}{gone}")
        click.echo(f"    of {parties or 'no party'}; {how}")
    if not shown:
        click.echo("nobody has an account yet: firtree invite --party 1")
    with gate.accounts.reading() as tx:
        for link in tx.invitations():
            told = gate.parties.party_name(link.party) or "a new password"
            until = f"{link.expires_at:%Y-%m-%d %H:%M} UTC"
            who = link.email or "whoever has it"
            click.echo(f"a link to {told} for {who}, until {until}")
