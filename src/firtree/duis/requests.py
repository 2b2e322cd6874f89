"""Service Requests 11.1, 11.2, 11.3 and 11.4, written in pieces.

Everything written is a number, hexadecimal digits, base64 or a fixed name, so no text
of anybody's can become a tag.
"""

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from firtree.duis.names import (
    ACCESS_CONTROL_BROKER,
    MOST_COUNTER,
    MOST_DEVICE_COUNTER,
    MOST_DEVICES,
    MOST_IMAGE_OCTETS,
    SCHEMA_VERSION,
    SR,
)
from firtree.errors import InvalidInputError
from firtree.firmware import HASH_DIGITS, VERSION_DIGITS
from firtree.text import eui64, hex_digits

# A multiple of three octets, so that the pieces of base64 join without padding.
_PIECE = 3 << 16
_DEVICES = 4096
# The execution date by which a future-dated activation is taken back.
CANCELLED = datetime(3000, 12, 31, tzinfo=UTC)


class Sender(NamedTuple):
    """Who sends a request, and its number.

    Attributes:
        originator: EUI-64 of the user.
        counter: originator counter, never used before.
        broker: EUI-64 that requests not for a device are addressed to.
    """

    originator: str
    counter: int
    broker: str = ACCESS_CONTROL_BROKER


def update_octets(
    sender: Sender,
    image: bytes,
    *,
    firmware_version: str,
    devices: Sequence[str],
    ppmid: bool = False,
) -> Iterator[bytes]:
    """Yield Update Firmware (11.1), or Update PPMID Firmware (11.4).

    Args:
        sender: see :class:`Sender`.
        image: the OTA file, header and all.
        firmware_version: 8 hexadecimal digits, those of the image's header.
        devices: EUI-64s, 1 to 50,000, each once.
        ppmid: whether the devices are PPMIDs.

    Raises:
        InvalidInputError: a value does not fit the schema; nothing was yielded.

    Cost: memory for a few pieces of 256 kB; nothing of the whole is kept.
    """
    if not 1 <= len(image) <= MOST_IMAGE_OCTETS:
        raise InvalidInputError(
            f"expected an image of 1 to {MOST_IMAGE_OCTETS} octets, found {len(image)}"
        )
    if not 1 <= len(devices) <= MOST_DEVICES:
        raise InvalidInputError(
            f"expected 1 to {MOST_DEVICES} devices in a request, found {len(devices)}"
        )
    version = _digits("firmware version", firmware_version, VERSION_DIGITS)
    listed = [_eui("device", device) for device in devices]
    if len(set(listed)) < len(listed):
        raise InvalidInputError("expected each device once, found one twice")
    service, name = (
        ("11.4", "UpdatePPMIDFirmware") if ppmid else ("11.1", "UpdateFirmware")
    )
    opening = _opening(sender, _eui("recipient", sender.broker), service, variant=8)
    return _update(opening, name, image, version, listed)


def _update(
    opening: str, name: str, image: bytes, version: str, devices: list[str]
) -> Iterator[bytes]:
    yield f"{opening}    <sr:{name}>\n      <sr:FirmwareImage>".encode()
    view = memoryview(image)
    for place in range(0, len(image), _PIECE):
        yield base64.b64encode(view[place : place + _PIECE])
    yield (
        f"</sr:FirmwareImage>\n      <sr:FirmwareVersion>{version}"
        "</sr:FirmwareVersion>\n      <sr:DeviceIDList>"
    ).encode()
    for place in range(0, len(devices), _DEVICES):
        comma = "," if place else ""
        yield (comma + ",".join(devices[place : place + _DEVICES])).encode()
    yield f"</sr:DeviceIDList>\n    </sr:{name}>\n{_CLOSING}".encode()


def activation_octets(
    sender: Sender, device: str, *, image_hash: str, at: datetime | None = None
) -> bytes:
    """Write Activate Firmware (11.3).

    Args:
        sender: see :class:`Sender`.
        device: EUI-64.
        image_hash: 64 hexadecimal digits, the Manufacturer Image Hash.
        at: when to activate, in whole seconds with a zone; None = at once;
            ``CANCELLED`` takes a future-dated activation back.

    Raises:
        InvalidInputError: a value does not fit the schema.
    """
    digest = _digits("image hash", image_hash, HASH_DIGITS)
    target = _eui("device", device)
    opening = _opening(sender, target, "11.3", variant=4)
    time = _execution(at)
    return (
        f"{opening}    <sr:ActivateFirmware>\n{time}"
        f"      <sr:FirmwareHash>{digest}</sr:FirmwareHash>\n"
        f"    </sr:ActivateFirmware>\n{_CLOSING}"
    ).encode()


def version_reading_octets(
    sender: Sender, device: str, *, at: datetime | None = None
) -> bytes:
    """Write Read Firmware Version (11.2).

    Args:
        sender: see :class:`Sender`.
        device: EUI-64.
        at: when to read, in whole seconds with a zone; None = at once.

    Raises:
        InvalidInputError: a value does not fit the schema.
    """
    opening = _opening(sender, _eui("device", device), "11.2", variant=1)
    if at is None:
        return f"{opening}    <sr:ReadFirmwareVersion/>\n{_CLOSING}".encode()
    return (
        f"{opening}    <sr:ReadFirmwareVersion>\n{_execution(at)}"
        f"    </sr:ReadFirmwareVersion>\n{_CLOSING}"
    ).encode()


_CLOSING = "  </sr:Body>\n</sr:Request>\n"


def _opening(sender: Sender, target: str, service: str, *, variant: int) -> str:
    originator = _eui("originator", sender.originator)
    most = MOST_COUNTER if variant == 8 else MOST_DEVICE_COUNTER
    if not 0 <= sender.counter <= most:
        raise InvalidInputError(
            f"expected an originator counter from 0 to {most}, found {sender.counter}"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sr:Request xmlns:sr="{SR}" schemaVersion="{SCHEMA_VERSION}">\n'
        "  <sr:Header>\n"
        f"    <sr:RequestID>{originator}:{target}:{sender.counter}</sr:RequestID>\n"
        f"    <sr:CommandVariant>{variant}</sr:CommandVariant>\n"
        f"    <sr:ServiceReference>{service}</sr:ServiceReference>\n"
        f"    <sr:ServiceReferenceVariant>{service}</sr:ServiceReferenceVariant>\n"
        "  </sr:Header>\n  <sr:Body>\n"
    )


def _execution(at: datetime | None) -> str:
    if at is None:
        return ""
    if at.tzinfo is None or at.microsecond:
        raise InvalidInputError(
            f"expected an execution time in whole seconds with its zone, found {at}"
        )
    if at > CANCELLED:
        raise InvalidInputError(
            f"expected an execution time up to {CANCELLED}, found {at}"
        )
    written = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.00Z").rjust(23, "0")
    return f"      <sr:ExecutionDateTime>{written}</sr:ExecutionDateTime>\n"


def _eui(what: str, text: str) -> str:
    try:
        return eui64(text)
    except ValueError as error:
        raise InvalidInputError(f"{what}: expected {error}") from None


def _digits(what: str, text: str, count: int) -> str:
    try:
        return hex_digits(text, count)
    except ValueError as error:
        raise InvalidInputError(f"{what}: expected {error}") from None
