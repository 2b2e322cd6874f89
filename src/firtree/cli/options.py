"""Options and outputs that several commands share."""

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, TypeVar, cast

import click
import msgspec

from firtree.errors import FirtreeError, InvalidInputError, Problem
from firtree.settings import Settings
from firtree.text import in_utf8

HASH_DIGITS = 12  # of a hash in a table that has no room for all of it

_F = TypeVar("_F", bound=Callable[..., Any])
# Where a running command notes that standard output holds something already.
_BEGUN = "firtree.output_begun"


def data_option(function: _F) -> _F:
    """Add ``--data DIR``; the command gets ``data: str | None``."""
    return click.option(
        "--data",
        metavar="DIR",
        help="Folder of the register (FIRTREE_DATA, else ./var).",
    )(function)


def json_option(function: _F) -> _F:
    """Add ``--json``; the command gets ``as_json: bool``.

    An error of ours that ends such a command is written as JSON too, unless the
    command has written something before.
    """
    return _with_json(function)


def json_verdict(name: str, *, when: str = "") -> Callable[[_F], _F]:
    """Add ``--json`` to a command that decides something, such as ``sound``.

    As ``json_option``; where the command ends with an error, the verdict is false.

    Args:
        name: of the verdict.
        when: the flag with which the command decides it; empty = it always does.
    """
    return partial(_with_json, verdict=name, when=when)


def _with_json(function: _F, verdict: str = "", when: str = "") -> _F:
    @wraps(function)
    def told(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - of any command
        try:
            return function(*arguments, **options)
        except FirtreeError as error:
            if options["as_json"] and _BEGUN not in click.get_current_context().meta:
                decides = verdict and (not when or options[when])
                write_json(({verdict: False} if decides else {}) | error_json(error))
            raise

    help_ = "Write JSON, for programs; of an error too."
    option = click.option("--json", "as_json", is_flag=True, help=help_)
    return cast("_F", option(told))


def overwrite_option(function: _F) -> _F:
    """Add ``--overwrite``; the command gets ``overwrite: bool``."""
    return click.option(
        "--overwrite", is_flag=True, help="Replace a file that is there."
    )(function)


def settings_of(data: str | None) -> Settings:
    """Read the settings; ``--data`` wins over the environment.

    Raises:
        InvalidInputError: a setting is wrong, or ``--data`` is empty.
    """
    settings = Settings.from_environ(os.environ)
    if data is None:
        return settings
    if not data:
        raise InvalidInputError(
            "--data: expected a folder, found nothing",
            hint="leave it out for ./var; the current folder is written .",
        )
    return dataclasses.replace(settings, data=data)


def write_json(value: object) -> None:
    """Write a value as JSON, indented, to standard output."""
    output_begins()
    text = msgspec.json.format(json_octets(value), indent=2)
    click.echo(text.decode())


def json_octets(value: object) -> bytes:
    """Write a value as JSON; U+FFFD stands for octets that are not UTF-8."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # the name of a file need not be
        plain = json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
        return in_utf8(plain).encode()


def output_begins() -> None:
    """Say that standard output holds something from here on.

    For commands that write what they find piece by piece: an error that ends them
    later is not written behind it.
    """
    click.get_current_context().meta[_BEGUN] = True


def error_json(error: FirtreeError) -> dict[str, object]:
    """Give an error as JSON has it."""
    problems = error.problems if isinstance(error, InvalidInputError) else ()
    return {
        "error": str(error),
        "code": error.code,
        "hint": error.hint,
        "problems": list(map(problem_json, problems)),
    }


def problem_json(problem: Problem) -> dict[str, str]:
    """Give one place of what was sent, and what is wrong there."""
    return {
        "where": problem.where,
        "expected": problem.expected,
        "found": problem.found,
    }


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
