"""An OTA file checked: what it is, what is wrong with it, whether it is what was asked.

GBCS says where an image ends only through the device type: meters and HCALCS have a
trailer, a PPMID has none.  Without the type, an end that looks like a trailer gives two
readings; a hash or a key that fits one of them settles it.
"""

from typing import NamedTuple, Protocol

from firtree.devices import DeviceType
from firtree.images.elements import UPGRADE_IMAGE_TAG
from firtree.images.facts import NO_FACTS, Comparison, Facts, compare
from firtree.images.findings import Finding, Format, finding, refused
from firtree.images.header import OTAHeader
from firtree.images.mistakes import hash_mistake, signature_mistake
from firtree.images.octets import Octets, hash_of, hash_on
from firtree.images.reading import LARGE_OCTETS, OTAFile, read_file
from firtree.images.trailer import (
    FLAG,
    LENGTH,
    Trailer,
    impossible_part,
    odd_trailer,
    trailer_at_end,
)

WITH_TRAILER = frozenset(
    {DeviceType.ESME, DeviceType.GSME, DeviceType.HCALCS, DeviceType.SAPC}
)
WITHOUT_TRAILER = frozenset({DeviceType.PPMID})


class Verifying(Protocol):
    """A key that can tell its own signatures."""

    def holds(self, digest: bytes, signature: bytes) -> bool:
        """Tell whether a raw signature is this key's over a SHA-256 digest."""


class Asked(NamedTuple):
    """What a file is checked against.

    Attributes:
        device_type: what it is for; None = not said.
        facts: what it should hold; blank ones are not asked.
        key: of the supplier that should have signed it; None = not asked.
    """

    device_type: DeviceType | None = None
    facts: Facts = NO_FACTS
    key: Verifying | None = None


class Image(NamedTuple):
    """A Manufacturer Image in its file.

    Attributes:
        offset: where it begins.
        size: octets.
        digest: SHA-256, the Manufacturer Image Hash (GBCS 11.2.4).
    """

    offset: int
    size: int
    digest: bytes

    @property
    def span(self) -> tuple[int, int]:
        """Where it begins and ends."""
        return self.offset, self.offset + self.size


class Reading(NamedTuple):
    """One way to take the body: image and trailer, or all of it image."""

    image: Image
    trailer: Trailer | None


class Report(NamedTuple):
    """What a check found.

    Attributes:
        file: taken apart.
        device_type: as given, or as the entry has it; None = not known.
        reading: image and trailer; None = the file cannot be read so far.
        other: the other way to read it, if both are possible.
        verified: whether the signature is the given key's; None = not asked, or there
            is none.
        findings: all of them, in the order of the file.
        comparisons: what was asked, field by field.
    """

    file: OTAFile
    device_type: DeviceType | None
    reading: Reading | None
    other: Reading | None
    verified: bool | None
    findings: tuple[Finding, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def header(self) -> OTAHeader | None:
        """The OTA header; None = there is none that can be read."""
        return self.file.header

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong, and everything that was asked holds."""
        return not refused(self.findings) and all(c.matches for c in self.comparisons)


NOT_ASKED = Asked()


def check(octets: Octets, asked: Asked = NOT_ASKED) -> Report:
    """Check an OTA file.

    Cost: the file is hashed once, whichever way it is read; again, span by span, only
    to name a mistake.
    """
    kind = asked.device_type or asked.facts.device_type
    file = read_file(octets, is_gb=kind is not None)
    if file.header is None:
        return Report(file, kind, None, None, None, file.findings, ())
    other, found = None, []
    if file.format is Format.ZIGBEE:
        reading = _element_reading(file)
    else:
        reading, other = _settled(_readings(file, kind), asked)
        found = _gb_findings(file, reading, other, kind)
    verified, signed = _signature(file, reading, kind, asked)
    comparisons, differing = compare(
        asked.facts,
        file.header,
        device_type=asked.device_type,
        size=reading.image.size,
        digest=reading.image.digest,
        mistake=lambda expected: hash_mistake(file, reading.image.span, expected),
        form=file.format or Format.GBCS,
    )
    findings = (*file.findings, *found, *signed, *differing)
    return Report(file, kind, reading, other, verified, findings, comparisons)


def _element_reading(file: OTAFile) -> Reading:
    """Take the upgrade image of a ZigBee file; all of its body if it has none."""
    start, end = file.start, file.end
    for element in file.elements.elements:
        if element.tag == UPGRADE_IMAGE_TAG:
            start, end = element.data_offset, element.end
            break
    return Reading(_image(file, start, end), None)


def _image(file: OTAFile, start: int, end: int) -> Image:
    return Image(start, end - start, hash_of(file.octets, start, end).digest())


def _readings(file: OTAFile, kind: DeviceType | None) -> list[Reading]:
    """Give the ways to read a GB image, the likelier one first."""
    octets, start, end = file.octets, file.start, file.end
    trailer = trailer_at_end(octets, start, end)
    if trailer is None and kind not in WITHOUT_TRAILER:
        odd = odd_trailer(octets, start, end)
        if odd is not None and (odd.is_der or kind in WITH_TRAILER):
            return [Reading(_image(file, start, odd.offset), odd)]
    if trailer is None:
        return [Reading(_image(file, start, end), None)]
    # One pass for both: the hash of all of it goes on where that of the image ends.
    running = hash_of(octets, start, trailer.offset)
    image = Image(start, trailer.offset - start, running.digest())
    if kind in WITH_TRAILER:
        return [Reading(image, trailer)]
    hash_on(running, octets, trailer.offset, end)
    whole = Reading(Image(start, end - start, running.digest()), None)
    split = Reading(image, trailer)
    likely = trailer.flag == FLAG
    if kind in WITHOUT_TRAILER:
        return [whole, split] if likely else [whole]
    return [split, whole] if likely else [whole, split]


def _settled(readings: list[Reading], asked: Asked) -> tuple[Reading, Reading | None]:
    """Choose the reading that a hash or a key fits; else keep both.

    A hash of image and trailer is a classic mistake: that it fits all of the body does
    not show that there is no trailer.
    """
    likely, *less = readings
    for reading in readings:
        image, trailer = reading
        if trailer and asked.key and asked.key.holds(image.digest, trailer.signature):
            return reading, None
        may_settle = reading is likely or trailer is not None
        if may_settle and image.digest == asked.facts.image_digest:
            return reading, None
    return likely, less[0] if less else None


def _gb_findings(
    file: OTAFile, reading: Reading, other: Reading | None, kind: DeviceType | None
) -> list[Finding]:
    """Find what is wrong or odd in the body of a GB image."""
    form = Format.GBCS
    found = []
    if reading.image.size > LARGE_OCTETS:
        size = f"{reading.image.size:,}"
        found.append(finding("image-large", form, file.start, found=size))
    if reading.image.size == 0 and file.start < file.end:
        found.append(finding("image-empty", form, file.start))
    if file.cut:
        return found
    trailer = reading.trailer
    if trailer is None and kind in WITH_TRAILER and file.start < file.end:
        found.append(finding("trailer-missing", form, file.end, device_type=kind))
    if trailer is not None:
        found += _trailer_findings(trailer, kind)
    if other is not None:
        at = (trailer or other.trailer or Trailer(file.end, 0, 0, b"")).offset
        code = "trailer-like-end" if kind in WITHOUT_TRAILER else "trailer-undecided"
        found.append(finding(code, form, at, device_type=kind))
    return found


def _trailer_findings(trailer: Trailer, kind: DeviceType | None) -> list[Finding]:
    form, at = Format.GBCS, trailer.offset
    if kind in WITHOUT_TRAILER:
        why = "without it the hash is the one asked for, or the signature verifies"
        return [finding("trailer-not-for-type", form, at, device_type=kind, found=why)]
    found = []
    if trailer.flag != FLAG:
        octet = f"{trailer.flag:02X}"
        found.append(finding("trailer-flag-differs", form, at, found=octet))
    if trailer.is_der:
        size = len(trailer.signature)
        return [*found, finding("trailer-der", form, at + 2, found=size)]
    if trailer.length != LENGTH:
        octet = f"{trailer.length:02X}"
        found.append(finding("trailer-length-differs", form, at + 1, found=octet))
    elif part := impossible_part(trailer.signature):
        found.append(finding("signature-impossible", form, at + 2, found=part))
    return found


def _signature(
    file: OTAFile, reading: Reading, kind: DeviceType | None, asked: Asked
) -> tuple[bool | None, list[Finding]]:
    """Verify the trailer, if that was asked."""
    if asked.key is None:
        return None, []
    image, trailer = reading
    if trailer is None:
        at = file.end
        missing = finding("signature-missing", file.format, at)
        return None, [] if kind in WITH_TRAILER and not file.cut else [missing]
    if asked.key.holds(image.digest, trailer.signature):
        return True, []
    mistake = None
    if trailer.well_formed:
        mistake = signature_mistake(
            file, image.span, trailer.signature, asked.key.holds
        )
    how = f": it is {mistake.text}" if mistake else ""
    return False, [
        finding("signature-differs", file.format, trailer.offset + 2, mistake=how)
    ]
