"""What an OTA header should say, in general and for a GB device."""

from collections.abc import Iterator

from firtree.images.findings import Finding, Format, finding
from firtree.images.header import (
    CONTROL_AT,
    FILE_VERSION_AT,
    HARDWARE_BIT,
    HEADER_VERSION,
    IMAGE_TYPE_AT,
    KNOWN_BITS,
    LENGTH_AT,
    MANUFACTURER_AT,
    STACK_AT,
    STACK_VERSION,
    TEXT_AT,
    VERSION_AT,
    OTAHeader,
    length_of,
)

OWN_IMAGE_TYPES = range(0xFFC0)
ANY_MANUFACTURER = 0xFFFF
ANY_VERSION = 0xFFFF_FFFF
_REVERSED_VERSION = 0x0001
_SENSIBLE_LENGTHS = range(56, 256)


def is_written_reversed(header: OTAHeader) -> bool:
    """Tell whether numbers are written with the highest octet first."""
    swapped = int.from_bytes(header.length.to_bytes(2, "little"), "big")
    return (
        header.header_version == _REVERSED_VERSION
        and header.length not in _SENSIBLE_LENGTHS
        and swapped in _SENSIBLE_LENGTHS
    )


def header_findings(header: OTAHeader, form: Format) -> Iterator[Finding]:
    """Yield what is wrong or odd in a header, in the order of its fields."""
    at = header.offset
    if header.header_version != HEADER_VERSION:
        found = f"{header.header_version:04X}"
        yield finding("header-version-differs", form, at + VERSION_AT, found=found)
    yield from _control_findings(header, form)
    if header.manufacturer_code == ANY_MANUFACTURER:
        yield finding("manufacturer-wildcard", form, at + MANUFACTURER_AT)
    if header.image_type not in OWN_IMAGE_TYPES:
        found = header.model_identifier
        yield finding("image-type-reserved", form, at + IMAGE_TYPE_AT, found=found)
    if header.file_version == ANY_VERSION:
        yield finding("file-version-wildcard", form, at + FILE_VERSION_AT)
    if header.stack_version != STACK_VERSION:
        found = f"{header.stack_version:04X}"
        yield finding("stack-version-differs", form, at + STACK_AT, found=found)
    if odd := _unprintable(header.text):
        yield finding("header-string-unprintable", form, at + TEXT_AT, found=odd)
    if (
        header.least_hardware is not None
        and header.most_hardware is not None
        and header.least_hardware > header.most_hardware
    ):
        least, most = f"{header.least_hardware:04X}", f"{header.most_hardware:04X}"
        place = at + header.hardware_at
        yield finding("hardware-range-reversed", form, place, least=least, most=most)


def _control_findings(header: OTAHeader, form: Format) -> Iterator[Finding]:
    """Yield what is wrong with header length and field control."""
    at, given = header.offset, header.field_control
    control = f"{given:04X}"
    place = at + CONTROL_AT
    if given & ~KNOWN_BITS:
        yield finding("field-control-reserved", form, place, found=control)
    elif form is Format.GBCS and given != HARDWARE_BIT:
        yield finding("field-control-differs", form, place, found=control)
    if header.length != length_of(given):
        yield finding(
            "header-length-differs",
            form,
            at + LENGTH_AT,
            found=header.length,
            control=control,
            expected=header.parts_length,
        )


def _unprintable(text: bytes) -> str:
    """Name the octets of a header string that are neither printable nor padding."""
    bare = text.rstrip(b"\0")
    if not bare.isascii() or not bare.decode("ascii").isprintable():
        return bare.hex(" ").upper()
    return ""
