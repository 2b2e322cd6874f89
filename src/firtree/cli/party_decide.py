"""``firtree party admit``, ``change``, ``suspend``, ``reinstate`` and ``succeed``."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.cli.party_show import party_text
from firtree.errors import InvalidInputError
from firtree.exchange.party_form import (
    PARTS,
    PartyForm,
    form_of,
    part_lines,
    read_day,
    read_form,
    read_suspension,
)
from firtree.exchange.party_wire import party_wire, succession_wire
from firtree.parties.directory import Directory
from firtree.parties.party import Party
from firtree.text import shown

_ID = click.IntRange(1, 2**53)
_F = TypeVar("_F", bound=Callable[..., Any])
# The parts of a party, and what an option for one of its lines is called.
_OPTIONS = {
    "codes": "code",
    "mandates": "mandate",
    "appointments": "acts-for",
    "viewings": "may-read",
    "contacts": "contact",
}


def _line_options(prefix: str, told: str) -> Callable[[_F], _F]:
    """Add an option for a line of each part."""

    def added(function: _F) -> _F:
        for name, option in reversed(_OPTIONS.items()):
            function = click.option(
                f"--{prefix}{option}",
                f"{prefix.replace('-', '_')}{name}",
                multiple=True,
                metavar="LINE",
                help=f"{told}: “{PARTS[name].example}”.",
            )(function)
        return function

    return added


def _dry_run(function: _F) -> _F:
    return click.option(
        "--dry-run", is_flag=True, help="Show what would be; record nothing."
    )(function)


@click.command("admit")
@click.argument("name")
@click.option("--kind", "kinds", multiple=True, required=True, help="May be repeated.")
@_line_options("", "May be repeated")
@data_option
@_dry_run
@json_option
def admit(
    name: str,
    kinds: tuple[str, ...],
    data: str | None,
    *,
    dry_run: bool,
    as_json: bool,
    **given: tuple[str, ...],
) -> None:
    """Admit a party under a NAME.

    Kinds: administrator, import supplier, gas supplier, DCC, SSC, manufacturer, MAP,
    MOP, network party, agent, shared resource provider.

    \b
    Example:
        firtree party admit "Alder Meters" --kind manufacturer \\
            --code "AB01 from 2026-01-01" \\
            --contact "Firmware desk; firmware@alder.example"
    """
    parts_given = {part: "\n".join(lines) for part, lines in given.items()}
    party = read_form(PartyForm(name, kinds, parts_given))
    with wiring.opened(settings_of(data)) as parts:
        if dry_run:
            _check(parts.parties.known().directory, party, new=True)
            _tell(party, "would admit", as_json=as_json)
            return
        party_id, _ = parts.parties.admit(KEEPER, party)
        _tell(parts.parties.one(KEEPER, party_id).party, "admitted", as_json=as_json)


def _check(directory: Directory, party: Party, *, new: bool) -> None:
    """Check a party as recording it would."""
    import msgspec

    checked = msgspec.structs.replace(party, id=directory.next_id()) if new else party
    if problems := directory.problems(checked):
        raise InvalidInputError.of(problems, f"party {checked.id}")


def _tell(party: Party, done: str, *, as_json: bool) -> None:
    if as_json:
        write_json(party_wire(party))
        return
    first, *others = party_text(party)
    click.echo(
        f"{done} {first}" if not done.startswith("would") else f"{done}: {party.name}"
    )
    for line in others:
        click.echo(line)


@click.command("change")
@click.argument("party", type=_ID)
@click.option("--name", default=None, help="A new name.")
@click.option("--kind", "kinds", multiple=True, help="All its kinds anew.")
@_line_options("add-", "Adds a line")
@_line_options("remove-", "Removes a line, as 'show' writes it")
@data_option
@_dry_run
@json_option
def change(
    party: int,
    name: str | None,
    kinds: tuple[str, ...],
    data: str | None,
    *,
    dry_run: bool,
    as_json: bool,
    **given: tuple[str, ...],
) -> None:
    """Change a party: its name, its kinds, and lines of what it holds.

    \b
    Example:
        firtree party change 7 --remove-code "AB01 from 2026-01-01" \\
            --add-code "AB01 from 2026-01-01 to 2026-12-31"
    """

    def changed(before: Party) -> Party:
        form = form_of(before)
        texts = {part: _edited(before, part, given) for part in PARTS}
        wanted = PartyForm(name or form.name, kinds or form.kinds, texts)
        return read_form(wanted, before)

    with wiring.opened(settings_of(data)) as parts:
        parties = parts.parties
        if dry_run:
            after = changed(parties.one(KEEPER, party).party)
            _check(parties.known().directory, after, new=False)
            _tell(after, "would be", as_json=as_json)
            return
        recorded = parties.change(KEEPER, party, changed)
        done = "nothing changes:" if recorded is None else "changed"
        _tell(parties.one(KEEPER, party).party, done, as_json=as_json)


def _edited(before: Party, part: str, given: Mapping[str, tuple[str, ...]]) -> str:
    """Give the lines of a part, without those removed, with those added."""
    found = part_lines(before, part)
    for line in given[f"remove_{part}"]:
        if line not in found:
            there = "; ".join(found) or "none"
            raise InvalidInputError(
                f"--remove-{_OPTIONS[part]}: expected a line of the party, found "
                f"{shown(line)}",
                hint=f"its lines are: {there}",
            )
        found.remove(line)
    return "\n".join([*found, *given[f"add_{part}"]])


@click.command("suspend")
@click.argument("party", type=_ID)
@click.option("--reason", required=True, help="Why; names no person.")
@click.option("--since", default="", help="First day; today if left out.")
@data_option
@json_option
def suspend(
    party: int, reason: str, since: str, data: str | None, *, as_json: bool
) -> None:
    """Suspend a party: its people and tokens see and do nothing until reinstated.

    \b
    Example:
        firtree party suspend 7 --reason "left the scheme" --since 2027-01-01
    """
    with wiring.opened(settings_of(data)) as parts:
        suspension = read_suspension(since, reason, parts.parties.today())
        parts.parties.suspend(KEEPER, party, suspension)
        _tell(parts.parties.one(KEEPER, party).party, "suspended", as_json=as_json)


@click.command("reinstate")
@click.argument("party", type=_ID)
@data_option
@json_option
def reinstate(party: int, data: str | None, *, as_json: bool) -> None:
    """End a party's suspension.

    \b
    Example:
        firtree party reinstate 7
    """
    with wiring.opened(settings_of(data)) as parts:
        parts.parties.suspend(KEEPER, party, None)
        _tell(parts.parties.one(KEEPER, party).party, "reinstated", as_json=as_json)


@click.command("succeed")
@click.argument("giver", type=_ID)
@click.argument("taker", type=_ID)
@click.option("--reason", required=True, help="Why; names no person.")
@click.option("--on", default="", help="First day the taker holds it; else today.")
@data_option
@_dry_run
@json_option
def succeed(
    giver: int,
    taker: int,
    reason: str,
    on: str,
    data: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Pass what GIVER holds on to TAKER: manufacturer codes and mandates to submit.

    What GIVER may view, for whom it acts, and who may submit for it ends on that day
    and is not passed on: give it to TAKER anew where it is wanted.

    \b
    Example:
        firtree party succeed 7 9 --on 2027-01-01 --reason "bought by Birch" --dry-run
    """
    with wiring.opened(settings_of(data)) as parts:
        day = read_day("--on", on, parts.parties.today())
        made = parts.parties.handover(KEEPER, giver, taker, day, reason)
        if not dry_run:
            parts.parties.succeed(KEEPER, giver, taker, day, reason)
    if as_json:
        write_json(succession_wire(made.succession))
        return
    codes = ", ".join(made.succession.codes) or "no codes"
    done = "would pass" if dry_run else "passed"
    click.echo(f"{done} {codes} from party {giver} to party {taker} on {day}")
    for party in made.parties:
        for line in party_text(party):
            click.echo(line)
