"""``firtree diff``."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.entry import Entry
from firtree.cli.files import check_new
from firtree.cli.options import (
    data_option,
    json_option,
    output_begins,
    overwrite_option,
    progress_bar,
    settings_of,
    tell_size,
)
from firtree.cli.told import difference_lines, kind_words, moment_words
from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.history_wire import change_wire, state_wire
from firtree.exchange.wire import LogWire
from firtree.library.history import History, Span
from firtree.library.views import View
from firtree.statements.versions import Change
from firtree.text import counted


@click.command("diff")
@data_option
@click.option(
    "--from",
    "begin",
    required=True,
    help="The earlier state: a date (its end), a moment or a log size; 0 = the start.",
)
@click.option("--to", "end", default="", help="The later state, likewise; else now.")
@click.option(
    "-o", "--output", metavar="FILE.xlsx", help="Write a workbook, one row a field."
)
@overwrite_option
@json_option
def command(
    data: str | None,
    begin: str,
    end: str,
    output: str | None,
    *,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Show what changed between two days: what is new, removed, restored, changed.

    What was changed and changed back is left out.

    \b
    Example:
        firtree diff --from 2026-11-01 --to 2026-11-22
        firtree diff --from 2026-11-01 -o changes.xlsx
    """
    if output is not None:
        _check_output(output, as_json=as_json)
        check_new(output, overwrite=overwrite)
    with (
        wiring.opened(settings_of(data)) as parts,
        progress_bar("comparing") as progress,
    ):
        history = History(parts.register, now=parts.now)
        span = history.span(begin, end)
        tell_size(begin, span.before.size)
        tell_size(end, span.after.size)
        log = LogWire(span.after.size, parts.lookup.log(KEEPER).checkpoint)
        found = history.every_change(KEEPER, span, progress)
        if output is not None:
            rows = _write_workbook(Path(output), found, span, log)
            click.echo(f"wrote {output}: {counted(rows, 'row')}")
        elif as_json:
            _write_json(found, span, log)
        else:
            _show(found, span)


def _check_output(output: str, *, as_json: bool) -> None:
    if as_json:
        raise click.UsageError("--json and --output exclude each other")
    if not output.lower().endswith(".xlsx"):
        raise InvalidInputError(
            f"--output: expected a name that ends in .xlsx, found {output!r}",
            hint="for JSON: firtree diff --json > FILE.json",
        )


def _write_workbook(
    path: Path, found: Iterable[Change], span: Span, log: LogWire
) -> int:
    from firtree.exchange.workbook.compared import Comparison, write_comparison

    compared = Comparison(
        begin=_state(span.before), end=_state(span.after), checkpoint=log.checkpoint
    )
    try:
        return write_comparison(path, compared, found)
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror}", hint="choose another place"
        ) from None


def _state(view: View) -> str:
    return f"{view.day}, log size {view.size}" if view.size else "the beginning"


def _write_json(found: Iterable[Change], span: Span, log: LogWire) -> None:
    """Write the shape of the API, one change to a line, as they are found."""
    before, after = (
        _json(state_wire(view.size, view.day)) for view in (span.before, span.after)
    )
    output_begins()
    click.echo(f'{{"from":{before},"to":{after},"changes":[', nl=False)
    comma = ""
    for change in found:
        click.echo(f"{comma}\n{_json(change_wire(change))}", nl=False)
        comma = ","
    click.echo(f'\n],"next_cursor":null,"log":{_json(log)}}}')


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _show(found: Iterable[Change], span: Span) -> None:
    statements = span.after.size - span.before.size
    click.echo(
        f"from {_state(span.before)} to {_state(span.after)}: "
        f"{counted(statements, 'statement')}"
    )
    counts: Counter[tuple[bool, str]] = Counter()
    for change in found:
        words = kind_words(change.kind)
        counts[bool(_code(change)), words] += 1
        click.echo(
            f"{moment_words(change.at)}  {words:<9}{_what(change)}"
            f" (statement {change.number})"
        )
        for line in difference_lines(change.differences):
            click.echo(line)
    told = ", ".join(
        f"{counted(count, *(_MAKERS if maker else _ENTRIES))} {words}"
        for (maker, words), count in counts.items()
    )
    click.echo(told or "nothing changed")


_ENTRIES, _MAKERS = ("entry", "entries"), ("maker", "makers")


def _code(change: Change) -> str:
    """Give the manufacturer code of a maker; empty for an entry."""
    kind, _, name = change.name.partition("/")
    return name if kind == "maker" else ""


def _what(change: Change) -> str:
    known = change.after or change.before
    if isinstance(known, Entry):
        return f"entry {known.id}: {known.model.key}, firmware {known.cpl.firmware}"
    return f"maker {_code(change)}: {known.name if known else ''}"
