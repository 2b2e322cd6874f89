"""``firtree party list``, ``show`` and ``trail``."""

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.cli.told import kind_words, moment_words
from firtree.errors import NotFoundError
from firtree.exchange.history_wire import statement_wire
from firtree.exchange.party_form import PARTS, part_lines
from firtree.exchange.party_wire import party_wire
from firtree.library.parties import PartyView
from firtree.library.trail import Trail, TrailPage, erased_words
from firtree.library.views import recorder_shown
from firtree.parties.party import Party
from firtree.statements.statement import subject_name
from firtree.statements.types.erasure import Erasure
from firtree.statements.versions import Version

_ID = click.IntRange(1, 2**53)


@click.command("list")
@data_option
@json_option
def list_(data: str | None, *, as_json: bool) -> None:
    """List the parties by id.

    \b
    Example:
        firtree party list --data ./var
    """
    with wiring.opened(settings_of(data)) as parts:
        found = parts.parties.every(KEEPER)
    if as_json:
        write_json([party_wire(view.party) for view in found])
        return
    for view in found:
        kinds = ", ".join(view.party.kinds)
        click.echo(f"{view.party.id:>5}  {view.party.name}  ({kinds}){_state(view)}")
    if not found:
        click.echo("there are no parties yet: firtree party admit")


def _state(view: PartyView) -> str:
    if view.suspended:
        return "  suspended"
    return (
        f"  succeeded by {view.party.succeeded_by}" if view.party.succeeded_by else ""
    )


@click.command("show")
@click.argument("party", type=_ID)
@data_option
@json_option
def show(party: int, data: str | None, *, as_json: bool) -> None:
    """Show a party in full.

    PARTY is its id, as ``firtree party list`` shows it.

    \b
    Example:
        firtree party show 7
    """
    with wiring.opened(settings_of(data)) as parts:
        view = parts.parties.one(KEEPER, party)
    if as_json:
        write_json(party_wire(view.party))
        return
    for line in party_text(view.party):
        click.echo(line)


def party_text(party: Party) -> list[str]:
    """Write a party for people, a fact to a line."""
    found = [f"party {party.id}: {party.name}", f"  is {', '.join(party.kinds)}"]
    if party.suspension is not None:
        ended = party.suspension
        found.append(f"  suspended from {ended.since}: {ended.reason}")
    if party.succeeded_by:
        found.append(f"  succeeded by party {party.succeeded_by}")
    for name, part in PARTS.items():
        found += [f"  {part.label}: {line}" for line in part_lines(party, name)]
    found += [f"  {key.purpose} key from {key.since}: {key.key}" for key in party.keys]
    return found


def _about(version: Version, page: TrailPage) -> str:
    subject = version.subject
    if isinstance(subject, Erasure):
        return erased_words(subject, page.erased.get(subject.statement))
    return subject_name(subject)


@click.command("trail")
@click.argument("party", type=_ID)
@data_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def trail(party: int, data: str | None, limit: int, *, as_json: bool) -> None:
    """Show the statements that concern a party, the newest first.

    \b
    Example:
        firtree party trail 7 --limit 20
    """
    with wiring.opened(settings_of(data)) as parts:
        parts.parties.one(KEEPER, party)
        who = parts.parties.principal(party, 0, parts.parties.today())
        if who is None:
            raise NotFoundError(f"party {party} is suspended, so it sees nothing")
        page = Trail(parts.register, parts.parties).page(who, limit=limit)
    if as_json:
        write_json([statement_wire(version) for version in page.versions])
        return
    for one in page.versions:
        click.echo(
            f"{one.number:>9}  {moment_words(one.at)}  {_about(one, page)}"
            f"  {kind_words(one.kind)}  by {recorder_shown(one.by)}"
        )
    if page.below is not None:
        click.echo("there is more: --limit")
