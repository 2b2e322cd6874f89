"""``firtree history``."""

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.options import (
    data_option,
    json_option,
    settings_of,
    tell_size,
    write_json,
)
from firtree.cli.told import difference_lines, kind_words, moment_words
from firtree.exchange.history_wire import HistoryWire, version_wire
from firtree.exchange.wire import LogWire
from firtree.library.history import History, Past
from firtree.library.views import recorder_shown
from firtree.statements.types.erasure import WORDS


@click.command("history")
@click.argument("entry", type=click.IntRange(1, 2**53))
@data_option
@click.option("--at", default="", help="As recorded then: a date, moment or log size.")
@json_option
def command(entry: int, data: str | None, at: str, *, as_json: bool) -> None:
    """Show every version of an entry, the newest first, before and after.

    ENTRY is its CPL Entry ID.

    \b
    Example:
        firtree history 9005
        firtree history 9005 --at 2026-11-22
    """
    with wiring.opened(settings_of(data)) as parts:
        lookup = parts.lookup
        view = lookup.view(at)
        tell_size(at, view.size)
        history = History(parts.register, now=parts.now)
        found = list(history.every_version(KEEPER, entry, view))
        log = LogWire(view.size, lookup.log(KEEPER).checkpoint)
    if as_json:
        write_json(_wire(entry, found, log))
    else:
        _show(entry, found, log.size)


def _wire(entry: int, found: list[Past], log: LogWire) -> HistoryWire:
    return HistoryWire(
        entry=entry,
        versions=tuple(
            version_wire(
                past.version,
                past.entry,
                kind=past.kind,
                until=past.until,
                differences=past.differences,
            )
            for past in found
        ),
        next_cursor=None,
        log=log,
    )


def _show(entry_id: int, found: list[Past], size: int) -> None:
    newest = found[0].entry
    click.echo(
        f"entry {entry_id}: {newest.device_type} {newest.model.key}, "
        f"firmware {newest.cpl.firmware}, {newest.cpl.status}"
    )
    for past in found:
        version = past.version
        force = version.effective_from
        click.echo(
            f"{moment_words(version.at)}  {kind_words(past.kind):<9}"
            f"statement {version.number}, by {recorder_shown(version.by)}"
            + (f", in force from {force}" if force else "")
        )
        for gone in version.erased:
            click.echo(
                f"    {WORDS[gone.section]}: erased on {moment_words(gone.at)} "
                f"(statement {gone.number})"
                + (f": {gone.reason}" if gone.reason else "")
            )
        for line in difference_lines(past.differences or ()):
            click.echo(line)
        if past.differences == ():
            click.echo(
                "    nothing differs from the version before, as far as it is there"
            )
    click.echo(f"answered at log size {size:,}; times are London's")
