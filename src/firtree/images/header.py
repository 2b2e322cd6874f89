"""The OTA header: every field and every optional part, read and written.

Integers are little-endian (ZigBee OTA 6.3.2); the header string is plain text in file
order.  Reading takes any values: what is wrong with them is for the checks to say.
"""

from struct import Struct
from typing import NamedTuple

from firtree.images.octets import Octets

MAGIC = b"\x1e\xf1\xee\x0b"  # 0x0BEEF11E
MAGIC_REVERSED = MAGIC[::-1]
HEADER_VERSION = 0x0100
STACK_VERSION = 0x0002  # ZigBee Pro
TEXT_OCTETS = 32

CREDENTIAL_BIT = 0x0001
DESTINATION_BIT = 0x0002
HARDWARE_BIT = 0x0004
KNOWN_BITS = CREDENTIAL_BIT | DESTINATION_BIT | HARDWARE_BIT

_FIXED = Struct("<4sHHHHHIH32sI")
_RANGE = Struct("<HH")
FIXED_OCTETS = _FIXED.size

# Where each field stands, counted from the magic.
VERSION_AT = 4
LENGTH_AT = 6
CONTROL_AT = 8
MANUFACTURER_AT = 10
IMAGE_TYPE_AT = 12
FILE_VERSION_AT = 14
STACK_AT = 18
TEXT_AT = 20
TOTAL_AT = 52

_RANGE_OCTETS = _RANGE.size
_DESTINATION_OCTETS = 8
_MOST_OCTETS = FIXED_OCTETS + 1 + _DESTINATION_OCTETS + _RANGE_OCTETS
_LARGEST = {2: 0xFFFF, 4: 0xFFFF_FFFF}


class HeaderCutError(ValueError):
    """The octets end before the header does.

    Attributes:
        needed: octets the header has, as far as one can tell.
    """

    def __init__(self, needed: int) -> None:
        super().__init__(f"an OTA header of {needed} octets")
        self.needed = needed


class OTAHeader(NamedTuple):
    """An OTA header as it stands in a file.

    Attributes:
        header_version: 0x0100 is the one there is.
        length: of the header in octets, as it says itself.
        field_control: which optional parts follow, one bit each.
        manufacturer_code: the ZigBee code of the manufacturer, 16 bits.
        image_type: 16 bits, the manufacturer's own numbering.
        file_version: 32 bits, the firmware version.
        stack_version: 2 = ZigBee Pro.
        text: the header string, 32 octets as they stand.
        total_size: octets of header and everything after it, as it says itself.
        credential_version: 8 bits; None = not there.
        destination: EUI-64 of the only device it is for, 8 octets as they stand;
            None = not there.
        least_hardware, most_hardware: 16 bits each, version and revision; None = not
            there.
        offset: where in the file the header begins.
    """

    header_version: int
    length: int
    field_control: int
    manufacturer_code: int
    image_type: int
    file_version: int
    stack_version: int
    text: bytes
    total_size: int
    credential_version: int | None = None
    destination: bytes | None = None
    least_hardware: int | None = None
    most_hardware: int | None = None
    offset: int = 0

    @property
    def parts_length(self) -> int:
        """Octets that the header has by its field control."""
        return length_of(self.field_control)

    @property
    def hardware_at(self) -> int:
        """Where the hardware versions stand, counted from the magic."""
        return self.parts_length - _RANGE_OCTETS

    @property
    def manufacturer(self) -> str:
        """DUIS ``DeviceManufacturer``: four hexadecimal digits."""
        return f"{self.manufacturer_code:04X}"

    @property
    def model_identifier(self) -> str:
        """First half of DUIS ``DeviceModel``: four hexadecimal digits."""
        return f"{self.image_type:04X}"

    @property
    def firmware_version(self) -> str:
        """DUIS ``FirmwareVersion``: eight hexadecimal digits, the highest first."""
        return f"{self.file_version:08X}"

    @property
    def hardware(self) -> tuple[str, str] | None:
        """Least and greatest hardware version, four hexadecimal digits each."""
        if self.least_hardware is None or self.most_hardware is None:
            return None
        return f"{self.least_hardware:04X}", f"{self.most_hardware:04X}"

    @property
    def model(self) -> str:
        """DUIS ``DeviceModel``, or the first and the last, joined by a hyphen.

        Without hardware versions only the first half is known.
        """
        if self.hardware is None:
            return self.model_identifier
        least, most = (self.model_identifier + version for version in self.hardware)
        return least if least == most else f"{least}-{most}"

    @property
    def shown_text(self) -> str:
        """The header string for people: padding left out, odd octets escaped."""
        bare = self.text.rstrip(b"\0").rstrip(b"\xff")
        return bare.decode("ascii", errors="backslashreplace")


_LENGTHS = tuple(
    FIXED_OCTETS
    + bool(bits & CREDENTIAL_BIT)
    + _DESTINATION_OCTETS * bool(bits & DESTINATION_BIT)
    + _RANGE_OCTETS * bool(bits & HARDWARE_BIT)
    for bits in range(KNOWN_BITS + 1)
)


def length_of(field_control: int) -> int:
    """Give the octets of a header with these optional parts."""
    return _LENGTHS[field_control & KNOWN_BITS]


def read_header(octets: Octets, offset: int = 0) -> OTAHeader:
    """Read the header that begins at an offset.

    Raises:
        ValueError: there is no magic.
        HeaderCutError: the octets end before the header does.
    """
    room = len(octets) - offset
    if octets[offset : offset + len(MAGIC)] != MAGIC[: max(room, 0)] or room <= 0:
        raise ValueError(f"an OTA header, which begins with {MAGIC.hex(' ').upper()}")
    if room < FIXED_OCTETS:
        raise HeaderCutError(FIXED_OCTETS)
    head, place = octets[offset : offset + _MOST_OCTETS], FIXED_OCTETS
    _, *fields = _FIXED.unpack_from(head)
    control = fields[2]
    if room < (needed := length_of(control)):
        raise HeaderCutError(needed)
    credential = destination = least = most = None
    if control & CREDENTIAL_BIT:
        credential = head[place]
        place += 1
    if control & DESTINATION_BIT:
        destination = head[place : place + _DESTINATION_OCTETS]
        place += _DESTINATION_OCTETS
    if control & HARDWARE_BIT:
        least, most = _RANGE.unpack_from(head, place)
    return OTAHeader._make((*fields, credential, destination, least, most, offset))


def write_header(header: OTAHeader) -> bytes:
    """Write a header; its optional parts are those that are not None.

    Raises:
        ValueError: a number does not fit its field, a text is not of 32 octets, or
            field control and the parts that are there do not agree.
    """
    control = header.field_control
    hardware = (header.least_hardware, header.most_hardware)
    there = (
        CREDENTIAL_BIT * (header.credential_version is not None)
        | DESTINATION_BIT * (header.destination is not None)
        | HARDWARE_BIT * (None not in hardware)
    )
    if control & KNOWN_BITS != there or hardware.count(None) == 1:
        raise ValueError("field control that names the optional parts that are there")
    _check_fits(header)
    written = _FIXED.pack(MAGIC, *header[:9])
    if header.credential_version is not None:
        written += header.credential_version.to_bytes(1, "little")
    written += header.destination or b""
    if None not in hardware:
        written += _RANGE.pack(*hardware)
    return written


def _check_fits(header: OTAHeader) -> None:
    sizes = dict.fromkeys(("file_version", "total_size"), 4)
    for name in (
        *("header_version", "length", "field_control", "manufacturer_code"),
        *("image_type", "stack_version", "least_hardware", "most_hardware"),
    ):
        sizes[name] = 2
    for name, size in sizes.items():
        value = getattr(header, name)
        if value is not None and not 0 <= value <= _LARGEST[size]:
            raise ValueError(f"{name} of {8 * size} bits")
    if not 0 <= (header.credential_version or 0) <= 0xFF:
        raise ValueError("credential_version of 8 bits")
    if len(header.text) != TEXT_OCTETS:
        raise ValueError(f"a header string of {TEXT_OCTETS} octets")
    if len(header.destination or bytes(8)) != _DESTINATION_OCTETS:
        raise ValueError(f"a destination of {_DESTINATION_OCTETS} octets")
