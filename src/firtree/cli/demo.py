"""``firtree demo``."""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from shlex import quote
from shutil import which

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.entry import Entry
from firtree.cli.options import (
    data_option,
    json_option,
    progress_bar,
    settings_of,
    write_json,
)
from firtree.errors import InvalidInputError
from firtree.library.accounts.people import add_demo_person
from firtree.library.demo import SHOWCASE, invent
from firtree.library.demo.parties import DEMO_PEOPLE, demo_parties
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.text import counted, london_day
from firtree.wiring import example
from firtree.wiring.accounts import gate_of

BATCH = 10_000


@click.command("demo")
@data_option
@click.option(
    "--entries",
    type=click.IntRange(60, 10_000_000),
    default=3000,
    show_default=True,
    help="How many entries to invent.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another one, other data."
)
@click.option(
    "--unless-present", is_flag=True, help="Do nothing where a whole register is there."
)
@json_option
def command(
    data: str | None, entries: int, seed: int, *, unless_present: bool, as_json: bool
) -> None:
    """Make an example register with invented makers and meters.

    \b
    Example:
        firtree demo --data ./var --entries 3000
    """
    settings = settings_of(data)
    begun = unless_present and example.is_begun(settings)
    if begun and not example.is_unfinished(settings):
        if as_json:
            write_json({"data": settings.data, "made": False})
        return
    with example.filling(settings) as anew:
        if anew:
            told = "the example register was not finished: making it anew"
            click.echo(told, err=as_json)
        wiring.make(settings, demo=True)
        _fill(settings, entries, seed)
        _people(settings)
    if as_json:
        write_json({"data": settings.data, "made": True, "entries": entries})
        return
    told = counted(entries, "entry", "entries")
    click.echo(f"made an example register of {told} in {settings.data}")
    shown = SHOWCASE[1]  # several steps behind, which has most to tell
    click.echo(
        f"try: {quote(_own_name())} lookup --data {quote(settings.data)} --device-type "
        f"{shown.device_type} --manufacturer {shown.manufacturer} "
        f"--model {shown.model} --firmware {shown.firmware}"
    )


def _own_name() -> str:
    """Give this command as it can be typed here: by its path where PATH has another."""
    name, typed = "firtree", sys.argv[0]
    found = which(name)
    known = found is not None and Path(found).resolve() == Path(typed).resolve()
    return name if known or Path(typed).name != name else typed


def _fill(settings: Settings, entries: int, seed: int) -> None:
    """Record what is invented, in transactions of ``BATCH`` statements."""
    with (
        wiring.opened(settings) as parts,
        progress_bar("inventing entries") as progress,
    ):
        opening = wiring.opening_of(parts.register)
        if opening is None or not opening.demo:
            raise InvalidInputError("this register holds real data")
        invented = _statements(entries, seed, parts)
        done = 0
        while batch := list(islice(invented, BATCH)):
            parts.recorder.record(batch, KEEPER)
            done += sum(1 for one in batch if isinstance(one.subject, Entry))
            progress("inventing entries", done, entries)


def _people(settings: Settings) -> None:
    """Add the invented people, whom the sign-in page lets in by one click."""
    with wiring.opened(settings) as parts:
        gate = gate_of(parts, settings)
        for one in DEMO_PEOPLE:
            add_demo_person(gate, one.party, one.email, one.name)


def _statements(entries: int, seed: int, parts: wiring.Parts) -> Iterator[Statement]:
    today = london_day(parts.now())
    for party in demo_parties(today):
        yield Statement(subject=party, by=KEEPER.name)
    for subject in invent(entries, seed=seed, today=today):
        since = None
        if isinstance(subject, Entry):
            since = subject.cpl.status_from or subject.cpl.published_on
        yield Statement(subject=subject, by=KEEPER.name, effective_from=since)
