"""An OTA file built: header, Manufacturer Image and, for most device types, trailer."""

from typing import NamedTuple

from firtree.devices import DeviceType
from firtree.firmware import VERSION_DIGITS
from firtree.images.checker import WITH_TRAILER, WITHOUT_TRAILER
from firtree.images.header import (
    HARDWARE_BIT,
    HEADER_VERSION,
    MAGIC,
    STACK_VERSION,
    TEXT_OCTETS,
    OTAHeader,
    length_of,
    write_header,
)
from firtree.images.header_rules import (
    ANY_MANUFACTURER,
    ANY_VERSION,
    OWN_IMAGE_TYPES,
)
from firtree.images.reading import MOST_OCTETS
from firtree.images.trailer import TRAILER_OCTETS, trailer_of
from firtree.text import hex_digits

GB_HEADER_OCTETS = length_of(HARDWARE_BIT)


class Blueprint(NamedTuple):
    """What an OTA file is built from, beside the image.

    Attributes:
        device_type: decides whether there is a trailer.
        manufacturer_code, image_type: 16 bits each.
        file_version: 32 bits, the firmware version.
        least_hardware, most_hardware: 16 bits each.
        text: the header string, at most 32 octets.
    """

    device_type: DeviceType
    manufacturer_code: int
    image_type: int
    file_version: int
    least_hardware: int
    most_hardware: int
    text: bytes = b""

    @property
    def has_trailer(self) -> bool:
        """Whether the supplier signs the image."""
        return self.device_type in WITH_TRAILER


def blueprint(
    device_type: DeviceType,
    *,
    manufacturer: str,
    image_type: str,
    firmware_version: str,
    least_hardware: str,
    most_hardware: str,
    text: str = "",
) -> Blueprint:
    """Make a blueprint from facts as people write them.

    Args:
        device_type: of a device whose OTA file is known to firtree.
        manufacturer: DUIS DeviceManufacturer, 4 hexadecimal digits.
        image_type: first half of DUIS DeviceModel, 4 hexadecimal digits.
        firmware_version: DUIS FirmwareVersion, 8 hexadecimal digits.
        least_hardware: 4 hexadecimal digits, the least that may install it.
        most_hardware: likewise, the greatest.
        text: the header string, at most 32 printable ASCII characters.

    Raises:
        ValueError: a fact is of another form; the message begins with its name.
    """
    if device_type not in WITH_TRAILER | WITHOUT_TRAILER:
        known = ", ".join(sorted(WITH_TRAILER | WITHOUT_TRAILER))
        raise ValueError(f"device type: expected one of {known}, found {device_type}")
    least = _number("least hardware version", least_hardware, 4)
    most = _number("greatest hardware version", most_hardware, 4)
    if least > most:
        raise ValueError(
            f"hardware range: expected the least first, found {least_hardware} to "
            f"{most_hardware}"
        )
    if len(text) > TEXT_OCTETS or not (text.isascii() and text.isprintable()):
        raise ValueError(
            f"header string: expected at most {TEXT_OCTETS} printable ASCII "
            f"characters, found {text[:TEXT_OCTETS]!r} ({len(text)})"
        )
    made = Blueprint(
        device_type,
        _number("manufacturer", manufacturer, 4),
        _number("image type", image_type, 4),
        _number("firmware version", firmware_version, VERSION_DIGITS),
        least,
        most,
        text.encode("ascii"),
    )
    _check_own(made)
    return made


def _number(name: str, digits: str, count: int) -> int:
    try:
        return int(hex_digits(digits, count), 16)
    except ValueError as error:
        raise ValueError(f"{name}: expected {error}") from None


def _check_own(made: Blueprint) -> None:
    """Check that codes stand for one maker, one model and one version."""
    if made.manufacturer_code == ANY_MANUFACTURER:
        raise ValueError("manufacturer: expected one, found FFFF, which is any")
    if made.file_version == ANY_VERSION:
        raise ValueError("firmware version: expected one, found FFFFFFFF, which is any")
    if made.image_type not in OWN_IMAGE_TYPES:
        raise ValueError(
            f"image type: expected 0000 to FFBF, found {made.image_type:04X}"
        )


def header_of(plan: Blueprint, image_octets: int) -> OTAHeader:
    """Make the header of an image of so many octets."""
    trailer = TRAILER_OCTETS if plan.has_trailer else 0
    return OTAHeader(
        header_version=HEADER_VERSION,
        length=GB_HEADER_OCTETS,
        field_control=HARDWARE_BIT,
        manufacturer_code=plan.manufacturer_code,
        image_type=plan.image_type,
        file_version=plan.file_version,
        stack_version=STACK_VERSION,
        text=plan.text.ljust(TEXT_OCTETS, b"\0"),
        total_size=GB_HEADER_OCTETS + image_octets + trailer,
        least_hardware=plan.least_hardware,
        most_hardware=plan.most_hardware,
    )


def check_image(plan: Blueprint, image: bytes) -> None:
    """Check that an image can be put into an OTA file.

    Raises:
        ValueError: it is empty, too large, or an OTA file already.
    """
    if not image:
        raise ValueError("expected a Manufacturer Image, found an empty file")
    if image.startswith(MAGIC):
        raise ValueError("expected a Manufacturer Image alone, found a whole OTA file")
    total = header_of(plan, len(image)).total_size
    if total > MOST_OCTETS:
        raise ValueError(
            f"expected an OTA file of at most {MOST_OCTETS:,} octets (DUIS), found "
            f"{total:,}"
        )


def build(plan: Blueprint, image: bytes, signature: bytes | None = None) -> bytes:
    """Build an OTA file.

    Args:
        plan: what it says in its header.
        image: the Manufacturer Image.
        signature: raw, 64 octets, over the image alone; None for a PPMID.

    Raises:
        ValueError: the image will not do, or a signature is missing or too much.
    """
    check_image(plan, image)
    if plan.has_trailer != (signature is not None):
        wanted = "a signature" if plan.has_trailer else "no signature"
        raise ValueError(f"{wanted} in the OTA file of {plan.device_type}")
    header = write_header(header_of(plan, len(image)))
    return header + image + (trailer_of(signature) if signature else b"")


def file_name(plan: Blueprint, digest: bytes) -> str:
    """Give the name ZigBee OTA 6.3.8 suggests; its text part is the hash."""
    return (
        f"{plan.manufacturer_code:04X}-{plan.image_type:04X}-"
        f"{plan.file_version:08X}-{digest.hex()}.zigbee"
    )
