"""``firtree image build``."""

import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import click

from firtree.cli.files import (
    can_be_read_by_others,
    check_new,
    read_octets,
    write_new,
)
from firtree.cli.image_check import refusal, show
from firtree.cli.image_options import (
    MOST_KEY_OCTETS,
    asked_facts,
    device_type_option,
    entry_options,
    kind_of,
    read_certificate,
)
from firtree.cli.options import json_option, overwrite_option, write_json
from firtree.errors import InvalidInputError, VerificationError
from firtree.exchange.image_wire import check_wire
from firtree.images.building import (
    Blueprint,
    blueprint,
    build,
    check_image,
    file_name,
)
from firtree.images.checker import Asked, check
from firtree.images.facts import Facts
from firtree.images.reading import MOST_OCTETS
from firtree.images.signatures import (
    PassphraseError,
    Signer,
    Verifier,
    raw_signature,
    read_signer,
)
from firtree.images.trailer import SIGNATURE_OCTETS
from firtree.text import counted

# Stands in for a signature while everything else is checked, before one is made.
_NO_SIGNATURE = b"\x01" * SIGNATURE_OCTETS


class _Signing(NamedTuple):
    """How the image is signed: exactly one of the first three, or none (PPMID)."""

    key: str | None
    to_sign: str | None
    signature: str | None
    certificate: str | None
    passphrase_env: str | None
    passphrase_file: str | None


@click.command("build")
@click.argument("image", metavar="IMAGE")
@device_type_option
@click.option("--manufacturer", help="DUIS DeviceManufacturer: AB01.")
@click.option("--model", help="DUIS DeviceModel: 010A030B (or its first half).")
@click.option("--firmware", help="Firmware version: 0002012F.")
@click.option("--min-hardware", help="Least hardware version (else the model's).")
@click.option("--max-hardware", help="Greatest hardware version (else the model's).")
@click.option("--text", default="", help="Header string, up to 32 characters.")
@entry_options
@click.option("--key", metavar="PEM", help="The supplier's P-256 key.")
@click.option("--passphrase-env", metavar="NAME", help="Variable with its passphrase.")
@click.option("--passphrase-file", metavar="FILE", help="File with its passphrase.")
@click.option("--to-sign", metavar="FILE", help="Write what is to be signed; no more.")
@click.option("--signature", metavar="FILE", help="Signature made of that, raw or DER.")
@click.option("--certificate", metavar="PEM", help="The supplier's certificate.")
@click.option("--out", metavar="FILE", help="Name of the OTA file (else by ZigBee).")
@overwrite_option
@json_option
def command(  # noqa: PLR0917 - one argument for each option
    image: str,
    device_type: str | None,
    manufacturer: str | None,
    model: str | None,
    firmware: str | None,
    min_hardware: str | None,
    max_hardware: str | None,
    text: str,
    entry: int | None,
    source: str | None,
    token_file: str | None,
    given_hash: str | None,
    key: str | None,
    passphrase_env: str | None,
    passphrase_file: str | None,
    to_sign: str | None,
    signature: str | None,
    certificate: str | None,
    out: str | None,
    *,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Make an OTA file: header, Manufacturer Image and the supplier's signature.

    Facts come from options, or from an entry, which the file must then agree with.
    With the key in hardware, --to-sign writes the exact octets to be signed, and
    --signature completes and verifies the file.  A PPMID's file has no signature.

    \b
    Examples:
        firtree image build meter.bin --entry 1042 --from register --key supplier.pem
        firtree image build meter.bin --entry 1042 --to-sign meter.tbs
        firtree image build meter.bin --entry 1042 --signature meter.sig \\
            --certificate supplier.crt
    """
    signing = _Signing(
        key, to_sign, signature, certificate, passphrase_env, passphrase_file
    )
    facts = asked_facts(entry, source, given_hash, token_file)
    options = Facts(
        device_type=kind_of(device_type),
        manufacturer=manufacturer or facts.manufacturer,
        model_identifier=(model or facts.model_identifier)[:4],
        hardware=(model[4:] if model else "") or facts.hardware,
        firmware_version=firmware or facts.firmware_version,
        least_hardware=min_hardware or facts.least_hardware,
        most_hardware=max_hardware or facts.most_hardware,
    )
    plan = _plan(options, facts, model, text)
    _check_signing(plan, signing)
    octets = _image(image, plan)
    _check_facts(image, plan, octets, Asked(options.device_type, facts))
    digest = sha256(octets).digest()
    if to_sign is not None:
        _write_to_sign(to_sign, octets, digest, overwrite=overwrite, as_json=as_json)
        return
    verifier, signed = _signature(signing, digest)
    made = build(plan, octets, signed)
    name = out or file_name(plan, digest)
    report = check(made, Asked(plan.device_type, facts, verifier))
    if not report.holds:
        raise refusal(name, report)
    write_new(name, made, overwrite=overwrite)
    if read_octets(name, most=MOST_OCTETS, what="an OTA file") != made:
        raise VerificationError(
            f"{name} does not read back as it was written",
            hint="check the disk, and build it again",
        )
    wire = check_wire(name, report)
    if as_json:
        write_json(wire)
    else:
        show(wire)


def _plan(options: Facts, facts: Facts, model: str | None, text: str) -> Blueprint:
    kind = options.device_type or facts.device_type
    if kind is None:
        raise click.UsageError("give --device-type or --entry")
    if model is not None and len(model) not in {4, 8}:
        raise InvalidInputError(
            f"--model: expected 8 hexadecimal digits, or the first 4, found {model!r}",
            hint="give DeviceModel: model identifier, hardware version and revision",
        )
    least = options.least_hardware or options.hardware
    most = options.most_hardware or options.hardware
    for option, value in (
        ("--manufacturer", options.manufacturer),
        ("--model", options.model_identifier),
        ("--firmware", options.firmware_version),
        ("--min-hardware, or all 8 digits of --model", least),
        ("--max-hardware, or all 8 digits of --model", most),
    ):
        if not value:
            raise click.UsageError(f"give {option}, or --entry")
    try:
        return blueprint(
            kind,
            manufacturer=options.manufacturer,
            image_type=options.model_identifier,
            firmware_version=options.firmware_version,
            least_hardware=least,
            most_hardware=most,
            text=text,
        )
    except ValueError as error:
        raise InvalidInputError(
            str(error), hint="the forms are those of DUIS; see --help"
        ) from None


def _check_signing(plan: Blueprint, signing: _Signing) -> None:
    """Check that the options for signing go together."""
    ways = [way for way in signing[:3] if way is not None]
    if not plan.has_trailer and (ways or signing.certificate):
        raise click.UsageError(f"the OTA file of {plan.device_type} is not signed")
    if plan.has_trailer and len(ways) != 1:
        raise click.UsageError("give one of --key, --to-sign and --signature")
    if signing.signature is not None and signing.certificate is None:
        raise click.UsageError("--signature needs --certificate, to verify it")
    if signing.passphrase_env is not None and signing.passphrase_file is not None:
        raise click.UsageError("give one of --passphrase-env and --passphrase-file")


def _image(name: str, plan: Blueprint) -> bytes:
    octets = read_octets(name, most=MOST_OCTETS, what="a Manufacturer Image")
    try:
        check_image(plan, octets)
    except ValueError as error:
        raise InvalidInputError(
            f"{name}: {error}", hint="name the file the manufacturer made"
        ) from None
    return octets


def _check_facts(name: str, plan: Blueprint, octets: bytes, asked: Asked) -> None:
    """Check everything but the signature, so that nothing wrong is ever signed."""
    provisional = build(plan, octets, _NO_SIGNATURE if plan.has_trailer else None)
    kind = asked.device_type or plan.device_type
    report = check(provisional, asked._replace(device_type=kind))
    if not report.holds:
        raise refusal(name, report)


def _write_to_sign(
    name: str, octets: bytes, digest: bytes, *, overwrite: bool, as_json: bool
) -> None:
    """Write the octets that are to be signed, and beside them their digest."""
    listed = f"{name}.sha256"
    check_new(listed, overwrite=overwrite)
    write_new(name, octets, overwrite=overwrite)
    line = f"{digest.hex()}  {Path(name).name}\n"  # as sha256sum -c reads it
    write_new(listed, line.encode(), overwrite=overwrite)
    if as_json:
        write_json({"to_sign": name, "size": len(octets), "sha256": digest.hex()})
    else:
        said = counted(len(octets), "octet")
        click.echo(f"{name}: {said} to be signed, ECDSA P-256, SHA-256")
        click.echo(f"{listed}: {digest.hex()}")


def _signature(
    signing: _Signing, digest: bytes
) -> tuple[Verifier | None, bytes | None]:
    """Sign with the key, or read the signature that was made elsewhere."""
    given = read_certificate(signing.certificate) if signing.certificate else None
    if signing.key is not None:
        signer = _read_key(signing.key, signing)
        if given is not None and given.key != signer.verifier.key:
            raise InvalidInputError(
                f"{signing.key} is not the key of {signing.certificate}",
                hint="give the key and certificate of the same supplier",
            )
        return signer.verifier, signer.sign(digest)
    if signing.signature is None or given is None:
        return None, None
    octets = read_octets(signing.signature, most=MOST_KEY_OCTETS, what="a signature")
    try:
        raw = raw_signature(octets)
    except ValueError as error:
        raise InvalidInputError(
            f"{signing.signature}: expected {error}",
            hint="sign the octets that --to-sign writes",
        ) from None
    return given, raw


def _read_key(name: str, signing: _Signing) -> Signer:
    """Read the supplier's key; nothing of it is ever shown."""
    octets = read_octets(name, most=MOST_KEY_OCTETS, what="a key")
    if can_be_read_by_others(name):
        click.echo(
            f"firtree: warning: {name} can be read by others; chmod 600 {name}",
            err=True,
        )
    try:
        try:
            return read_signer(octets, _given_passphrase(signing))
        except PassphraseError:
            if not _may_ask(signing):
                raise
            asked = click.prompt(f"Passphrase of {name}", hide_input=True, err=True)
            return read_signer(octets, asked.encode())
    except ValueError as error:
        raise InvalidInputError(
            f"{name}: expected {error}",
            hint="an encrypted key needs --passphrase-env, --passphrase-file or a "
            "terminal to ask on",
        ) from None


def _may_ask(signing: _Signing) -> bool:
    given = signing.passphrase_env or signing.passphrase_file
    return not given and sys.stdin.isatty()


def _given_passphrase(signing: _Signing) -> bytes | None:
    if signing.passphrase_env is not None:
        found = os.environb.get(signing.passphrase_env.encode())
        if found is None:
            raise InvalidInputError(
                "the variable named by --passphrase-env is not in the environment",
                hint="give the name of the variable, not the passphrase itself",
            )
        return found
    if signing.passphrase_file is not None:
        octets = read_octets(
            signing.passphrase_file, most=MOST_KEY_OCTETS, what="a passphrase"
        )
        return octets.rstrip(b"\r\n")
    return None
