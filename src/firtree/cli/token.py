"""``firtree token new``, ``list`` and ``revoke``."""

import click

from firtree import wiring
from firtree.access import Right
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.library.accounts import people, tokens
from firtree.library.accounts.ports import Token
from firtree.library.accounts.secret import short
from firtree.library.accounts.visitor import NOBODY
from firtree.wiring.accounts import gate_of


@click.group("token")
def command() -> None:
    """Make, list and revoke tokens, by which programs ask the API.

    \b
    Example:
        firtree token new --email sam@sorrel.example --name nightly
        curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8000/api/v1/entries
    """


@command.command("new")
@data_option
@click.option("--email", required=True, help="Whose token it is.")
@click.option("--party", type=click.IntRange(1), help="As which of its parties.")
@click.option("--name", default="made by the keeper", show_default=True)
@click.option(
    "--right",
    "rights",
    multiple=True,
    type=click.Choice([one.value for one in tokens.TOKEN_RIGHTS], case_sensitive=False),
    default=(Right.READ_ENTRIES.value,),
    show_default=True,
    help="What it may; several may be given.",
)
@click.option(
    "--days",
    type=click.IntRange(1, tokens.DAYS_MOST),
    default=tokens.DAYS,
    show_default=True,
)
@json_option
def new(
    data: str | None,
    email: str,
    party: int | None,
    name: str,
    rights: tuple[str, ...],
    *,
    days: int,
    as_json: bool,
) -> None:
    """Make a token; it is printed this once and kept nowhere.

    \b
    Example:
        firtree token new --email sam@sorrel.example --right "read entries" --days 30
    """
    settings = settings_of(data)
    with wiring.opened(settings) as parts:
        gate = gate_of(parts, settings)
        person = people.person_called(gate, email)
        owner = people.as_visitor(gate, person, party or 0)
        wanted = [Right(right) for right in rights]
        made = tokens.make_token(gate, owner, name=name, rights=wanted, days=days)
    if as_json:
        write_json({"token": made.text, **_shown(made.token)})
        return
    click.echo(made.text)
    click.echo(f"good until {made.token.expires_at:%Y-%m-%d %H:%M} UTC", err=True)


@command.command("list")
@data_option
@json_option
def list_(data: str | None, *, as_json: bool) -> None:
    """List all tokens: whose, what they may, until when, when last used.

    \b
    Example:
        firtree token list --json
    """
    settings = settings_of(data)
    with wiring.opened(settings) as parts:
        gate = gate_of(parts, settings)
        with gate.accounts.reading() as tx:
            emails = {one.id: one.email for one in tx.people()}
            found = tx.all_tokens()
    if as_json:
        write_json([{**_shown(t), "email": emails.get(t.person, "")} for t in found])
        return
    for token in found:
        used = f"{token.used_at:%Y-%m-%d}" if token.used_at else "never"
        until = f"{token.expires_at:%Y-%m-%d}"
        click.echo(
            f"{short(token.id)}  {token.name}: {emails.get(token.person, '')}, "
            f"party {token.party}; {token.rights}; until {until}; last used {used}"
        )
    if not found:
        click.echo("there are no tokens: firtree token new --email …", err=True)


@command.command("revoke")
@data_option
@click.argument("named")
@json_option
def revoke(data: str | None, named: str, *, as_json: bool) -> None:
    """Revoke a token, NAMED as "firtree token list" shows it; it ends at once.

    \b
    Example:
        firtree token revoke 7d0a3bc1f2e4a596
    """
    settings = settings_of(data)
    with wiring.opened(settings) as parts:
        gate = gate_of(parts, settings)
        token = tokens.revoke_token(gate, named, NOBODY, any_owner=True)
    if as_json:
        write_json({**_shown(token), "revoked": True})
        return
    click.echo(f"revoked {token.name}")


def _shown(token: Token) -> dict[str, object]:
    return {
        "named": short(token.id),
        "name": token.name,
        "party": token.party,
        "acting_for": token.acting_for,
        "rights": token.rights.split(","),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
    }
