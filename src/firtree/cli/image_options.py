"""Options of the commands for OTA files: device type, entry, hash, certificate."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firtree.cli.files import read_octets
from firtree.cli.sources import asked_source, source_options, told
from firtree.devices import DeviceType
from firtree.errors import InvalidInputError, VerificationError
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
    """Add ``--entry``, ``--hash``, ``--from`` and ``--token-file``."""
    function = source_options(function)
    for option in (
        click.option(
            "--hash", "given_hash", metavar="HEX", help="Manufacturer Image Hash."
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


def asked_facts(
    entry: int | None,
    source: str | None,
    given_hash: str | None,
    token_file: str | None = None,
) -> Facts:
    """Give what the file must hold: an entry's facts, a hash, or nothing.

    Raises:
        click.UsageError: the options do not go together.
        FirtreeError: the hash cannot be read, or the entry is not to be had.
    """
    if entry is not None and given_hash is not None:
        raise click.UsageError("--entry and --hash: give one of the two")
    if entry is None and (source is not None or token_file is not None):
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
    return _entry_facts(entry, source, token_file)


def _entry_facts(entry: int, source: str | None, token_file: str | None) -> Facts:
    """Ask a register for an entry; where it is not the register itself, say so."""
    from firtree.library.images import facts_of

    with asked_source(source, token_file) as asked:
        found = asked.entry(entry)
        lines = told(asked.provenance)
    try:
        facts = facts_of(found)
    except ValueError:
        raise VerificationError(
            f"entry {entry} is for {shown(found.device_type)}, which this version of "
            "firtree does not know",
            hint="install a newer firtree",
        ) from None
    for line in lines:
        click.echo(f"firtree: {line}", err=True)
    return facts


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
