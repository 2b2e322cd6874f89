"""``firtree image check``."""

from collections.abc import Iterator
from pathlib import Path

import click

from firtree.cli.files import file_octets
from firtree.cli.image_options import (
    asked_facts,
    device_type_option,
    entry_options,
    kind_of,
    read_certificate,
)
from firtree.cli.options import json_verdict, write_json
from firtree.errors import InvalidInputError
from firtree.exchange.image_wire import (
    CheckWire,
    HeaderWire,
    ImageWire,
    TrailerWire,
    check_wire,
)
from firtree.images.checker import Asked, Report, check
from firtree.images.reading import MOST_OCTETS
from firtree.text import counted

_WIDTH = 24


@click.command("check")
@click.argument("file", metavar="FILE")
@device_type_option
@entry_options
@click.option(
    "--certificate", metavar="PEM", help="Certificate of the supplier that signed it."
)
@json_verdict("holds")
def command(  # noqa: PLR0917 - one argument for each option
    file: str,
    device_type: str | None,
    entry: int | None,
    source: str | None,
    token_file: str | None,
    given_hash: str | None,
    certificate: str | None,
    *,
    as_json: bool,
) -> None:
    """Say what an OTA file is, and whether it is what it should be.

    The file is read here and sent nowhere.  The exit code is 0 only if nothing refuses
    the file and everything that was asked holds.  docs/images.md explains each finding.

    \b
    Example:
        firtree image check meter.ota --device-type ESME --entry 1042 --from register
    """
    asked = Asked(
        kind_of(device_type),
        asked_facts(entry, source, given_hash, token_file),
        read_certificate(certificate) if certificate else None,
    )
    report = check_file(file, asked)
    if as_json:
        write_json(check_wire(Path(file).name, report))
    elif report.header is not None:
        show(check_wire(file, report))
    if not report.holds:
        raise refusal(file, report)


def check_file(name: str, asked: Asked) -> Report:
    """Read a file and check it.

    Raises:
        InvalidInputError: it is no plain file, or larger than DUIS allows.
        UnavailableError: it cannot be read, or was written to meanwhile.
    """
    with file_octets(name, most=MOST_OCTETS, what="an OTA file") as octets:
        return check(octets, asked)


def refusal(name: str, report: Report) -> InvalidInputError:
    """Say in one line what is wrong with a file."""
    texts = [one.text for one in report.findings if one.severity == "refuse"]
    more = f" (and {len(texts) - 1} more)" if len(texts) > 1 else ""
    return InvalidInputError(
        f"{name}: {texts[0].removesuffix('.')}{more}",
        hint="docs/images.md explains each finding; --json gives code and offset",
    )


def show(checked: CheckWire) -> None:
    """Show a checked file."""
    kinds = {"gbcs": "GBCS image", "zigbee": "ZigBee file of sub-elements"}
    kind = kinds.get(checked.format or "", "")
    click.echo(f"{checked.file}: {kind}, {counted(checked.size, 'octet')}")
    for name, value in _facts(checked):
        click.echo(f"  {name:{_WIDTH}} {value}")
    for one in checked.matches:
        if one.matches:
            click.echo(f"  as asked: {one.field.replace('_', ' ')} is {one.found}")
    for found in checked.findings:
        at = "" if found.offset is None else f" (octet {found.offset})"
        click.echo(f"  {found.severity}: {found.text}{at}")


def _facts(checked: CheckWire) -> Iterator[tuple[str, str]]:
    if checked.device_type:
        yield "device type", checked.device_type
    yield "DeviceManufacturer", checked.manufacturer or ""
    model = (checked.model or "").replace("-", " to ")
    yield "DeviceModel", f"{model}{' …' if len(model) == 4 else ''}"
    yield "FirmwareVersion", checked.firmware_version or ""
    if checked.header is not None:
        yield from _header_facts(checked.header)
    for element in checked.elements:
        told = f"{counted(element.size, 'octet')} from octet {element.offset}"
        yield f"sub-element {element.tag}", told
    if checked.manufacturer_image is not None:
        yield from _reading_facts(checked.manufacturer_image, checked.trailer)
    other = checked.other_reading
    if other is not None:
        yield "or, read otherwise:", ""
        yield from _reading_facts(other.manufacturer_image, other.trailer)


def _header_facts(header: HeaderWire) -> Iterator[tuple[str, str]]:
    parts = (
        counted(header.length, "octet"),
        f"version {header.header_version}",
        f"field control {header.field_control}",
        f"ZigBee stack {header.stack_version}",
    )
    yield "header", ", ".join(parts)
    yield "header string", repr(header.header_string)
    yield "Total Image Size", counted(header.total_size, "octet")
    if header.min_hardware is not None:
        yield "hardware", f"{header.min_hardware} to {header.max_hardware}"
    if header.security_credential_version is not None:
        yield "credential version", str(header.security_credential_version)
    if header.destination is not None:
        yield "only for device", header.destination


def _reading_facts(
    image: ImageWire, trailer: TrailerWire | None
) -> Iterator[tuple[str, str]]:
    size = counted(image.size, "octet")
    yield "Manufacturer Image", f"{size} from octet {image.offset}"
    yield "Manufacturer Image Hash", image.sha256
    yield "trailer", _trailer(trailer)


def _trailer(trailer: TrailerWire | None) -> str:
    if trailer is None:
        return "none"
    verified = {None: "not checked", True: "verified", False: "NOT the certificate's"}
    return (
        f"from octet {trailer.offset}: flag octet {trailer.flag}, length "
        f"octet {trailer.length:02X}, signature {verified[trailer.verified]}"
    )
