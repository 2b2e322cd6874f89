"""``firtree duis update``, ``activate`` and ``read-version``."""

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

import click

from firtree.catalogue.entry import Status
from firtree.cli.duis_files import Output, read_bounded
from firtree.cli.duis_sending import (
    Sending,
    bare,
    checked,
    devices_of,
    execution,
    sending_options,
    shown_at,
    write_each,
    write_requests,
)
from firtree.cli.options import data_option
from firtree.cli.sources import asked_source, source_options, told
from firtree.devices import DeviceType
from firtree.duis.names import ACCESS_CONTROL_BROKER, MOST_DEVICES, MOST_IMAGE_OCTETS
from firtree.duis.ota import OTAFacts, read_facts
from firtree.duis.requests import (
    CANCELLED,
    Sender,
    activation_octets,
    update_octets,
    version_reading_octets,
)
from firtree.errors import InvalidInputError
from firtree.firmware import image_hash as read_hash
from firtree.library.sources import Source
from firtree.text import eui64, hex_digits


@click.command("update")
@click.argument("file", metavar="FILE.ota")
@sending_options
@click.option(
    "--device-type",
    type=click.Choice(["ESME", "GSME", "HCALCS", "PPMID"], case_sensitive=False),
    default="ESME",
    show_default=True,
    help="Of the devices; for PPMID it is Service Request 11.4.",
)
@click.option("--firmware-version", help="Refuse the image if its header differs.")
@click.option(
    "--most",
    type=click.IntRange(1, MOST_DEVICES),
    default=MOST_DEVICES,
    show_default=True,
    help="Devices in a request.",
)
@click.option(
    "--recipient",
    default=ACCESS_CONTROL_BROKER,
    show_default=True,
    help="EUI-64 of DCC's Access Control Broker.",
)
def update(
    file: str,
    device_type: str,
    firmware_version: str | None,
    most: int,
    recipient: str,
    **asked: Any,  # noqa: ANN401 - the options that every request needs
) -> None:
    """Write Update Firmware requests (11.1, for PPMIDs 11.4) with an OTA file.

    FirmwareVersion is taken from the header of the file.  A list of more than 50,000
    devices becomes several requests.

    \b
    Example:
        firtree duis update meter.ota --devices meters.txt \\
            --originator 90-B3-D5-1F-30-01-00-00 --counters counters.json --out requests
    """
    sending = Sending.of(asked)
    ppmid = device_type == "PPMID"
    broker = checked("--recipient", eui64, recipient)
    image = read_bounded(file, MOST_IMAGE_OCTETS)
    facts = _facts(file, image, DeviceType(device_type))
    _check_version(file, facts, firmware_version)
    devices = devices_of(sending.devices)
    groups = [devices[n : n + most] for n in range(0, len(devices), most)]
    service = "11.4" if ppmid else "11.1"

    def outputs(first: int) -> Iterator[Output]:
        for number, group in zip(count(first), groups, strict=False):
            yield Output(
                f"{service}-{bare(sending.originator)}-{number}.xml",
                partial(
                    update_octets,
                    Sender(sending.originator, number, broker),
                    image,
                    firmware_version=facts.firmware_version,
                    devices=group,
                    ppmid=ppmid,
                ),
            )

    write_requests(
        sending,
        outputs,
        [len(group) for group in groups],
        {
            "service": service,
            "firmware_version": facts.firmware_version,
            "manufacturer": facts.manufacturer,
            "image_octets": len(image),
        },
        warnings=list(facts.notes),
    )


def _facts(file: str, image: bytes, device_type: DeviceType) -> OTAFacts:
    try:
        return read_facts(image, device_type)
    except InvalidInputError as error:
        raise InvalidInputError(f"{file}: {error}", hint=error.hint) from None


def _check_version(file: str, facts: OTAFacts, wanted: str | None) -> None:
    if wanted is None:
        return
    version = checked("--firmware-version", partial(hex_digits, count=8), wanted)
    if version != facts.firmware_version:
        raise InvalidInputError(
            f"--firmware-version says {version}, and the header of {file} says "
            f"{facts.firmware_version}",
            hint="name the other image, or leave the option out",
        )


@click.command("activate")
@sending_options
@click.option("--hash", "image_hash", metavar="HEX", help="Manufacturer Image Hash.")
@click.option("--entry", type=int, metavar="ID", help="Take the hash of this entry.")
@click.option("--at", metavar="MOMENT", help="Activate then: 2030-01-15T09:00:00Z.")
@click.option("--cancel", is_flag=True, help="Take future-dated activations back.")
@data_option
@source_options
def activate(  # noqa: PLR0917 - one argument for each option
    image_hash: str | None,
    entry: int | None,
    at: str | None,
    data: str | None,
    source: str | None,
    token_file: str | None,
    *,
    cancel: bool,
    **asked: Any,  # noqa: ANN401 - the options that every request needs
) -> None:
    """Write Activate Firmware requests (11.3), one for each device.

    The hash is given, or taken from an entry of a register (--from).  Without --at a
    device activates as soon as it gets the command.

    \b
    Example:
        firtree duis activate --entry 1042 --devices meters.txt \\
            --originator 90-B3-D5-1F-30-01-00-00 --counters counters.json \\
            --out requests --at 2030-01-15T09:00:00Z
    """
    sending = Sending.of(asked)
    if (image_hash is None) == (entry is None):
        raise click.UsageError("one of --hash and --entry is needed")
    if entry is None and (source is not None or token_file is not None):
        raise click.UsageError("--from needs --entry")
    if at is not None and cancel:
        raise click.UsageError("--at and --cancel exclude each other")
    warnings: list[str] = []
    if image_hash is not None:
        digest = checked("--hash", read_hash, image_hash)
    else:
        with asked_source(source, token_file, data=data) as asked_of:
            digest, warnings = _hash_of(entry or 0, asked_of)
    when = CANCELLED if cancel else execution(at)
    each = partial(activation_octets, image_hash=digest, at=when)
    told = {"service": "11.3", "image_hash": digest, "at": shown_at(when)}
    write_each(sending, "11.3", each, told, warnings)


def _hash_of(entry_id: int, source: Source) -> tuple[str, list[str]]:
    """Give the hash of an entry, and what should be known of the entry."""
    entry = source.entry(entry_id)
    if not entry.image_hash:
        raise InvalidInputError(
            f"entry {entry_id} has no image hash", hint="give it with --hash"
        )
    if entry.device_type == DeviceType.PPMID:
        raise InvalidInputError(
            f"entry {entry_id} is for PPMIDs, which activate what they are sent",
            hint="write an update (11.4); there is no activation for PPMIDs",
        )
    warnings = told(source.provenance)
    if entry.status != Status.ACTIVE:
        warnings.append(f"entry {entry_id} is removed from the CPL")
    if entry.hold is not None:
        warnings.append(f"entry {entry_id} is on hold: do not install (for now)")
    return checked(
        f"the hash of entry {entry_id}", read_hash, entry.image_hash
    ), warnings


@click.command("read-version")
@sending_options
@click.option("--at", metavar="MOMENT", help="Read then: 2030-01-15T09:00:00Z.")
def read_version(at: str | None, **asked: Any) -> None:  # noqa: ANN401 - as above
    """Write Read Firmware Version requests (11.2), one for each device.

    \b
    Example:
        firtree duis read-version --devices meters.txt \\
            --originator 90-B3-D5-1F-30-01-00-00 --counters counters.json --out requests
    """
    sending = Sending.of(asked)
    when = execution(at)
    each = partial(version_reading_octets, at=when)
    told = {"service": "11.2", "at": shown_at(when)}
    write_each(sending, "11.2", each, told, [])
