"""Options of the commands for OTA files: device type, entry, hash, certificate."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firtree.cli.files import read_octets
from firtree.cli.options import progress_bar, settings_of
from firtree.devices import DeviceType
from firtree.errors import InvalidInputError, NotFoundError, UnavailableError
from firtree.firmware import image_hash
from firtree.images.facts import NO_FACTS, Facts
from firtree.text import shown

if TYPE_CHECKING:
    from firtree.images.signatures import Verifier

DEVICE_TYPES = ("ESME", "GSME", "PPMID", "HCALCS", "CHF", "GPF", "SAPC")
MOST_KEY_OCTETS = 65_536

_F = TypeVar("_F", bound=Callable[..., Any])


def device_type_option(function: _F) -> _F:
    """Add ``--device-type``; the command gets ``device_type: str | None``."""
    return click.option(
        "--device-type",
        type=click.Choice(DEVICE_TYPES, case_sensitive=False),
        help="What the file is for; it decides whether there is a trailer.",
    )(function)


def entry_options(function: _F) -> _F:
    """Add ``--entry``, ``--from`` and ``--hash``."""
    for option in (
        click.option(
            "--hash", "given_hash", metavar="HEX", help="Manufacturer Image Hash."
        ),
        click.option(
            "--from",
            "source",
            metavar="PLACE",
            help="Data folder, workbook or CSV table it is in (else FIRTREE_DATA, "
            "else ./var).",
        ),
        click.option(
            "--entry", type=int, metavar="ID", help="CPL Entry ID to compare with."
        ),
    ):
        function = option(function)
    return function


def kind_of(device_type: str | None) -> DeviceType | None:
    """Give the device type that was asked for; None = none was."""
    return DeviceType(device_type) if device_type else None


def asked_facts(entry: int | None, source: str | None, given_hash: str | None) -> Facts:
    """Give what the file must hold: an entry's facts, a hash, or nothing.

    Raises:
        click.UsageError: the options do not go together.
        FirtreeError: the hash cannot be read, or the entry is not to be had.
    """
    if entry is not None and given_hash is not None:
        raise click.UsageError("--entry and --hash: give one of the two")
    if entry is None and source is not None:
        raise click.UsageError("--from needs --entry")
    if given_hash is not None:
        try:
            return Facts(image_hash=image_hash(given_hash))
        except ValueError as error:
            raise InvalidInputError(
                f"--hash: expected {error}, found {shown(given_hash)}",
                hint="give the SHA-256 of the Manufacturer Image",
            ) from None
    if entry is None:
        return NO_FACTS
    return _entry_facts(entry, source)


def _entry_facts(entry: int, source: str | None) -> Facts:
    """Ask a data folder for an entry, or a table of entries: workbook or CSV."""
    if source is not None and "://" in source:
        raise InvalidInputError(
            f"--from: expected a data folder or a table of entries, found the "
            f"address of a server: {source}",
            hint="give the hash of the entry instead: --hash",
        )
    if source is not None and Path(source).is_file():
        return _table_facts(entry, source)
    from firtree import wiring
    from firtree.access import KEEPER
    from firtree.library.images import image_facts

    with wiring.opened(settings_of(source)) as parts:
        return image_facts(KEEPER, parts.lookup, entry, parts.lookup.view())


def _table_facts(entry: int, name: str) -> Facts:
    from firtree.exchange.entries import read_entries
    from firtree.exchange.merging import merged
    from firtree.library.images import facts_of

    try:
        with progress_bar("reading") as progress, Path(name).open("rb") as file:
            table = read_entries(file, progress=progress)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{name}: {error}", hint=error.hint, problems=error.problems
        ) from None
    except OSError as error:
        raise UnavailableError(
            f"{name} cannot be read: {error.strerror}",
            hint="check the rights of the file",
        ) from None
    for row in table.rows:
        if row.id == entry:
            return facts_of(merged(None, row))
    for bad in table.bad:
        if bad.id == entry:
            raise InvalidInputError(
                f"{name}: the row of entry {entry} cannot be used: "
                f"{bad.problems[0][1]}",
                hint="mend the table, or give the hash: --hash",
            )
    raise NotFoundError(
        f"{name} has no entry {entry}", hint="check the CPL Entry ID, or the table"
    )


def read_certificate(name: str) -> "Verifier":
    """Read a certificate or public key from a file.

    Raises:
        InvalidInputError: it is none on P-256.
    """
    from firtree.images.signatures import read_verifier

    octets = read_octets(name, most=MOST_KEY_OCTETS, what="a certificate")
    try:
        return read_verifier(octets)
    except ValueError as error:
        raise InvalidInputError(
            f"{name}: expected {error}",
            hint="name the certificate of the supplier that signs",
        ) from None
