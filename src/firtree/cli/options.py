"""Options and outputs that several commands share."""

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
import msgspec

from firtree.settings import Settings

HASH_DIGITS = 12  # of a hash in a table that has no room for all of it

_F = TypeVar("_F", bound=Callable[..., Any])


def data_option(function: _F) -> _F:
    """Add ``--data DIR``; the command gets ``data: str | None``."""
    return click.option(
        "--data",
        metavar="DIR",
        help="Folder of the register (FIRTREE_DATA, else ./var).",
    )(function)


def json_option(function: _F) -> _F:
    """Add ``--json``; the command gets ``as_json: bool``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write JSON, for programs."
    )(function)


def overwrite_option(function: _F) -> _F:
    """Add ``--overwrite``; the command gets ``overwrite: bool``."""
    return click.option(
        "--overwrite", is_flag=True, help="Replace a file that is there."
    )(function)


def settings_of(data: str | None) -> Settings:
    """Read the settings; ``--data`` wins over the environment.

    Raises:
        InvalidInputError: a setting is wrong.
    """
    settings = Settings.from_environ(os.environ)
    return dataclasses.replace(settings, data=data) if data else settings


def write_json(value: object) -> None:
    """Write a value as JSON, indented, to standard output."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    click.echo(text.decode())


def tell_size(at: str, size: int) -> None:
    """Tell, beside the output, that another log size is answered for than was asked."""
    from firtree.library.views import size_note

    if size and (note := size_note(at, size)):
        click.echo(f"firtree: {note}", err=True)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show progress on a terminal; give what is told (what, done, of how many)."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _all: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(title, total=None)

        def told(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total)

        yield told
