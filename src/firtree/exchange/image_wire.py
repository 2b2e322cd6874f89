"""The JSON of a checked OTA file: names and shapes that programs rely on."""

import msgspec

from firtree.images.checker import Reading, Report
from firtree.images.header import OTAHeader


class HeaderWire(msgspec.Struct, frozen=True, kw_only=True):
    """An OTA header; codes and versions are hexadecimal, sizes are octets."""

    offset: int
    header_version: str
    length: int
    field_control: str
    manufacturer_code: str
    image_type: str
    file_version: str
    stack_version: str
    header_string: str
    total_size: int
    security_credential_version: int | None
    destination: str | None
    min_hardware: str | None
    max_hardware: str | None


class ImageWire(msgspec.Struct, frozen=True):
    """A Manufacturer Image and its hash."""

    offset: int
    size: int
    sha256: str


class TrailerWire(msgspec.Struct, frozen=True):
    """A trailer; ``verified`` is null where no certificate was given."""

    offset: int
    flag: str
    length: int
    signature: str
    verified: bool | None


class ReadingWire(msgspec.Struct, frozen=True):
    """Another way to read the same octets."""

    manufacturer_image: ImageWire
    trailer: TrailerWire | None


class ElementWire(msgspec.Struct, frozen=True):
    """A ZigBee sub-element; offset and size are those of its data."""

    tag: str
    offset: int
    size: int


class ImageFindingWire(msgspec.Struct, frozen=True):
    """A finding: severity is ``refuse`` or ``note``."""

    code: str
    severity: str
    text: str
    offset: int | None


class MatchWire(msgspec.Struct, frozen=True):
    """One thing that was asked, and whether the file holds it."""

    field: str
    expected: str
    found: str
    matches: bool
    mistake: str | None


class CheckWire(msgspec.Struct, frozen=True, kw_only=True):
    """A checked OTA file."""

    file: str
    size: int
    format: str | None
    device_type: str | None
    header: HeaderWire | None
    manufacturer: str | None
    model: str | None
    firmware_version: str | None
    manufacturer_image: ImageWire | None
    trailer: TrailerWire | None
    other_reading: ReadingWire | None
    elements: tuple[ElementWire, ...]
    findings: tuple[ImageFindingWire, ...]
    matches: tuple[MatchWire, ...]
    holds: bool


def check_wire(name: str, report: Report) -> CheckWire:
    """Give the JSON shape of a report on a file of some name."""
    file, header = report.file, report.header
    reading = _reading(report.reading, verified=report.verified)
    return CheckWire(
        # A name need not be UTF-8; JSON must.
        file=name.encode(errors="replace").decode(),
        size=len(file.octets),
        format=file.format,
        device_type=report.device_type,
        header=_header(header) if header else None,
        manufacturer=header.manufacturer if header else None,
        model=header.model if header else None,
        firmware_version=header.firmware_version if header else None,
        manufacturer_image=reading.manufacturer_image if reading else None,
        trailer=reading.trailer if reading else None,
        other_reading=_reading(report.other, verified=None),
        elements=tuple(
            ElementWire(f"{element.tag:04X}", element.data_offset, element.size)
            for element in file.elements.elements
        ),
        findings=tuple(
            ImageFindingWire(one.code, one.severity, one.text, one.offset)
            for one in report.findings
        ),
        matches=tuple(
            MatchWire(
                one.field, one.expected, one.found, one.matches, one.mistake or None
            )
            for one in report.comparisons
        ),
        holds=report.holds,
    )


def _header(header: OTAHeader) -> HeaderWire:
    least, most = header.hardware or (None, None)
    destination = header.destination
    return HeaderWire(
        offset=header.offset,
        header_version=f"{header.header_version:04X}",
        length=header.length,
        field_control=f"{header.field_control:04X}",
        manufacturer_code=header.manufacturer,
        image_type=header.model_identifier,
        file_version=header.firmware_version,
        stack_version=f"{header.stack_version:04X}",
        header_string=header.shown_text,
        total_size=header.total_size,
        security_credential_version=header.credential_version,
        # An EUI-64 stands in a ZigBee file with its lowest octet first.
        destination=destination[::-1].hex("-").upper() if destination else None,
        min_hardware=least,
        max_hardware=most,
    )


def _reading(reading: Reading | None, *, verified: bool | None) -> ReadingWire | None:
    if reading is None:
        return None
    image, trailer = reading
    written = None
    if trailer is not None:
        written = TrailerWire(
            trailer.offset,
            f"{trailer.flag:02X}",
            trailer.length,
            trailer.signature.hex(),
            verified,
        )
    return ReadingWire(ImageWire(image.offset, image.size, image.digest.hex()), written)
