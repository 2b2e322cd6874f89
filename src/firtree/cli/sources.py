"""``--from``: which register a command asks, and what is said of its answers."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
import msgspec

from firtree.cli.files import read_octets
from firtree.cli.options import progress_bar, settings_of
from firtree.library.sources import Provenance, Source
from firtree.settings import Settings

MOST_TOKEN_OCTETS = 4096

_F = TypeVar("_F", bound=Callable[..., Any])


def token_option(function: _F) -> _F:
    """Add ``--token-file``; the command gets ``token_file: str | None``."""
    return click.option(
        "--token-file",
        metavar="FILE",
        help="File with the token for a server (else FIRTREE_TOKEN).",
    )(function)


def source_options(function: _F) -> _F:
    """Add ``--from`` and ``--token-file``.

    The command gets ``source: str | None`` and ``token_file: str | None``.
    """
    function = token_option(function)
    return click.option(
        "--from",
        "source",
        metavar="PLACE",
        help="Server's address, mirror, data folder, workbook or CSV table to ask "
        "(else FIRTREE_DATA, else ./var).",
    )(function)


@contextmanager
def asked_source(
    source: str | None,
    token_file: str | None,
    *,
    data: str | None = None,
    title: str = "reading",
) -> Iterator[Source]:
    """Open the register that a command asks.

    Args:
        source: of ``--from``; None = the data folder.
        token_file: of ``--token-file``.
        data: of ``--data``.
        title: of the progress bar.

    Raises:
        click.UsageError: the options do not go together.
        FirtreeError: it cannot be opened.
    """
    if source is not None and data is not None:
        raise click.UsageError("--data and --from: give one of the two")
    if source == "":
        raise click.UsageError("--from: give a place")
    from firtree.wiring.sources import opened_source

    settings = with_token(settings_of(data), token_file)
    with (
        progress_bar(title) as progress,
        opened_source(settings, source or "", progress=progress) as opened,
    ):
        yield opened


def with_token(settings: Settings, token_file: str | None) -> Settings:
    """Take the token from a file, if one is named.

    Raises:
        InvalidInputError: the file is none, or what it holds is no token.
    """
    if token_file is None:
        return settings
    from firtree.client.addresses import check_token

    octets = read_octets(token_file, most=MOST_TOKEN_OCTETS, what="a token")
    token = octets.decode("ascii", errors="replace").strip()
    return dataclasses.replace(settings, token=check_token(token, where=token_file))


def told(provenance: Provenance) -> list[str]:
    """Give what people are told of where an answer comes from."""
    if provenance.kind == "folder":
        return []
    first = f"asked: {provenance.kind} {provenance.place}"
    return [first, *provenance.notes]


def with_source(answer: object, provenance: Provenance) -> object:
    """Add ``source`` to an answer in JSON, unless the register itself gave it."""
    if provenance.kind == "folder":
        return answer
    value = msgspec.to_builtins(answer)
    return {**value, "source": provenance}
