"""``firtree search``."""

from typing import TYPE_CHECKING

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.options import (
    HASH_DIGITS,
    data_option,
    json_option,
    settings_of,
    tell_size,
    write_json,
)
from firtree.errors import InvalidInputError
from firtree.exchange.to_wire import entry_wire, found_by_wire
from firtree.exchange.wire import LogWire, PageWire
from firtree.library.search import FOUND_MOST, FoundPage, query_of
from firtree.text import begun

if TYPE_CHECKING:
    from firtree.catalogue.search import Reason


@click.command("search")
@data_option
@click.argument("text", nargs=-1, required=True)
@click.option("--at", default="", help="As recorded then: a date, moment or log size.")
@click.option("--effective-at", default="", help="As in force on that date.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=FOUND_MOST,
    show_default=True,
    help="How many entries at most.",
)
@json_option
def command(
    data: str | None,
    text: tuple[str, ...],
    at: str,
    effective_at: str,
    limit: int,
    *,
    as_json: bool,
) -> None:
    """Find entries, the best match first.

    TEXT is any part of a hash (from 4 digits), a firmware version or its label, a
    model or its trade name, a maker's name or code, or a CPL Entry ID; or words of the
    release notes.  Of several words all must be found.

    \b
    Example:
        firtree search alder 24.0
    """
    wanted = " ".join(text)
    if query_of(wanted) is None:
        raise InvalidInputError(
            "TEXT: expected something to look for, found nothing",
            hint="for instance: firtree search 24000100",
        )
    with wiring.opened(settings_of(data)) as parts:
        lookup = parts.lookup
        view = lookup.view(at, effective_at)
        tell_size(at, view.size)
        page = lookup.finder.search(KEEPER, wanted, view, limit=limit)
        log = LogWire(view.size, lookup.log(KEEPER).checkpoint)
    if as_json:
        write_json(
            PageWire(
                entries=tuple(entry_wire(one.entry) for one in page.found),
                found_by=tuple(found_by_wire(one.reasons) for one in page.found),
                next_cursor=None if page.after is None else str(page.after),
                log=log,
            )
        )
    else:
        _show(page, log)


def _show(page: FoundPage, log: LogWire) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    if not page.found:
        console.print("nothing found")
    else:
        table = Table("entry", "type", "model", "firmware", "label", "status")
        table.add_column("found by", overflow="fold")
        for one in page.found:
            cpl, key = one.entry.cpl, one.entry.model.key
            table.add_row(
                str(one.entry.id),
                one.entry.device_type,
                escape(str(key)),
                escape(cpl.firmware),
                escape(cpl.firmware_label),
                cpl.status,
                "\n".join(_told(reason) for reason in one.reasons),
            )
        console.print(table)
        if page.after is not None:
            console.print("there are more: add a word, or raise --limit", style="dim")
    console.print(f"answered at log size {log.size:,}", style="dim")


def _told(reason: "Reason") -> str:
    from rich.markup import escape

    from firtree.catalogue.search import Field

    if reason.field is Field.IMAGE_HASH:
        return f"image hash: [bold]{escape(begun(reason.text, HASH_DIGITS))}[/]"
    text = "".join(
        f"[bold]{escape(mark.text)}[/]" if mark.marked else escape(mark.text)
        for mark in reason.marks
    )
    return f"{reason.field.replace('_', ' ')}: {text}"
