"""An OTA file taken apart: where its header is, how its body is made, where it ends.

A GB image is whatever stands between header and trailer, in a form only its maker
knows; so a body that is not sub-elements from end to end is taken for one, unless it
begins with sub-elements and then goes wrong.
"""

from typing import NamedTuple

from firtree.images.elements import (
    LONGER_BY,
    PREFIX_OCTETS,
    STANDARD_TAGS,
    Elements,
    Fault,
    read_elements,
    read_prefix,
)
from firtree.images.findings import Finding, Format, finding
from firtree.images.header import (
    MAGIC,
    MAGIC_REVERSED,
    TOTAL_AT,
    HeaderCutError,
    OTAHeader,
    read_header,
)
from firtree.images.header_rules import (
    header_findings,
    is_written_reversed,
)
from firtree.images.octets import Octets
from firtree.images.trailer import TRAILER_OCTETS, trailer_at_end
from firtree.text import counted

MOST_OCTETS = 10_240_000  # DUIS 5.4, FirmwareImage
LARGE_OCTETS = 768_000  # what a Communications Hub stores; unconfirmed
_NO_ELEMENTS = Elements((), Fault.NONE, 0)
# A file of nothing but magics would otherwise take a step for each.
_MOST_TRIED = 64
_SIGNED_MAGIC = b"NGIS"
_SIGNED_OCTETS = 24


class OTAFile(NamedTuple):
    """An OTA file taken apart.

    Attributes:
        octets: the whole file.
        format: how its body is made; None = it has no header that can be read.
        header: None = likewise.
        start: where the body begins.
        end: where it ends: by Total Image Size, if that can be.
        cut: whether the file ends before that.
        elements: the sub-elements of a ZigBee file; none otherwise.
        findings: what is wrong or odd, without what only the device type tells.
    """

    octets: Octets
    format: Format | None
    header: OTAHeader | None = None
    start: int = 0
    end: int = 0
    cut: bool = False
    elements: Elements = _NO_ELEMENTS
    findings: tuple[Finding, ...] = ()


def read_file(octets: Octets, *, is_gb: bool = False) -> OTAFile:
    """Take an OTA file apart.

    Args:
        octets: the whole file; any octets, and none, will do.
        is_gb: whether it is known to be for a GB device.
    """
    offset, kind = _place_of_header(octets)
    if offset < 0:
        return _unreadable(octets, 0, "no-header", size=counted(len(octets), "octet"))
    if octets[offset : offset + 4] == MAGIC_REVERSED:
        return _unreadable(octets, offset, "header-octets-reversed")
    try:
        header = read_header(octets, offset)
    except HeaderCutError as error:
        found = len(octets) - offset
        return _unreadable(
            octets, len(octets), "header-cut", needed=error.needed, found=found
        )
    if is_written_reversed(header):
        return _unreadable(octets, offset, "header-octets-reversed")
    return _with_body(octets, header, kind, is_gb=is_gb)


def _unreadable(octets: Octets, at: int, code: str, **facts: object) -> OTAFile:
    return OTAFile(octets, None, findings=(finding(code, None, at, **facts),))


def _place_of_header(octets: Octets) -> tuple[int, str]:
    """Find the header; -1 = there is none.  Also tell the kind of what is in front."""
    if octets[:4] in {MAGIC, MAGIC_REVERSED}:
        return 0, ""
    if octets and MAGIC.startswith(octets[: len(MAGIC)]):
        return 0, ""
    if octets[:4] == _SIGNED_MAGIC and len(octets) >= _SIGNED_OCTETS:
        inside = int.from_bytes(octets[16:20], "little")
        if octets[inside : inside + 4] == MAGIC:
            return inside, " (a container that begins with NGIS)"
    return _first_likely(octets), ""


def _first_likely(octets: Octets) -> int:
    """Find the first magic that a sound header follows, else the first at all."""
    held = octets[:]
    first = place = held.find(MAGIC)
    for _ in range(_MOST_TRIED):
        if place < 0:
            break
        try:
            header = read_header(held, place)
        except HeaderCutError:
            break
        if header.length == header.parts_length:
            return place
        place = held.find(MAGIC, place + 1)
    return first


def _with_body(octets: Octets, header: OTAHeader, kind: str, *, is_gb: bool) -> OTAFile:
    start = _start_of_body(octets, header)
    size_code, end = _end_of_body(octets, header, start)
    elements = read_elements(octets, start, end)
    whole = elements.whole
    form = (
        Format.ZIGBEE
        if whole and not is_gb
        else _format_of(octets, header, elements, (start, end), is_gb=is_gb)
    )
    findings: list[Finding] = []
    if header.offset:
        said = counted(header.offset, "octet")
        findings.append(finding("container-in-front", form, 0, found=said, kind=kind))
    findings += header_findings(header, form)
    if size_code:
        findings.append(_size_finding(size_code, octets, header, form))
    cut = size_code == "file-cut"
    if start == end and not cut:
        findings.append(finding("image-empty", form, start))
    if form is Format.ZIGBEE:
        findings += _element_findings(octets, elements, end, cut=cut)
    elif whole:
        findings.append(finding("sub-elements-in-gb-image", form, start))
    if octets[start : start + 4] == MAGIC:
        findings.append(finding("ota-file-inside", form, start))
    return OTAFile(
        octets,
        form,
        header,
        start,
        end,
        cut,
        elements if form is Format.ZIGBEE or whole else _NO_ELEMENTS,
        tuple(findings),
    )


def _start_of_body(octets: Octets, header: OTAHeader) -> int:
    """Tell where the header ends: where it says, if that can be; else by its parts."""
    most = min(len(octets) - header.offset, header.total_size)
    sensible = header.parts_length <= header.length <= most
    return header.offset + (header.length if sensible else header.parts_length)


def _end_of_body(octets: Octets, header: OTAHeader, start: int) -> tuple[str, int]:
    """Tell what is wrong with Total Image Size, and where the body ends."""
    total, end = header.total_size, len(octets)
    header_octets = start - header.offset
    room = end - header.offset
    if total == room:
        return "", end
    if total > room:
        return "file-cut", end
    if header.offset == 0 and total and total + header_octets == room:
        return "total-size-without-header", end
    if total < header_octets:
        return "total-size-too-small", end
    if (
        header.offset == 0
        and total + TRAILER_OCTETS == room
        and trailer_at_end(octets, total, end)
    ):
        return "total-size-without-trailer", end
    return "octets-behind", header.offset + total


def _size_finding(
    code: str, octets: Octets, header: OTAHeader, form: Format
) -> Finding:
    total = header.total_size
    room = len(octets) - header.offset
    match code:
        case "file-cut":
            return finding(code, form, len(octets), expected=total, found=room)
        case "octets-behind":
            after = header.offset + total
            return finding(
                code, form, after, expected=total, found=_behind(octets[after:])
            )
        case _:
            at = header.offset + TOTAL_AT
            return finding(code, form, at, expected=room, found=total)


def _behind(octets: Octets) -> str:
    """Describe what stands behind Total Image Size."""
    if len(octets) == 4:
        return "4 octets, perhaps a checksum"
    if len(octets) > 4 and not octets[:-4].strip(b"\xff"):
        padding = counted(len(octets) - 4, "octet")
        return f"{padding} of FF and 4 more, perhaps a checksum"
    return counted(len(octets), "octet")


def _format_of(
    octets: Octets,
    header: OTAHeader,
    elements: Elements,
    body: tuple[int, int],
    *,
    is_gb: bool,
) -> Format:
    """Tell how the body is made (see the module)."""
    start, end = body
    if is_gb:
        return Format.GBCS
    if end - start < PREFIX_OCTETS:
        return Format.GBCS
    tag, size = read_prefix(octets, start)
    if tag not in STANDARD_TAGS or not size:  # an image may begin with noughts
        return Format.GBCS
    if elements.elements:
        return Format.ZIGBEE
    # One sub-element that says it is longer than the body: a GB image may begin with
    # any octets, so what else is known of the file decides.
    may_be_gb = header.hardware is not None and size > MOST_OCTETS
    has_trailer = trailer_at_end(octets, start, end) is not None
    return Format.GBCS if may_be_gb or has_trailer else Format.ZIGBEE


def _element_findings(
    octets: Octets, elements: Elements, end: int, *, cut: bool
) -> list[Finding]:
    form = Format.ZIGBEE
    found = []
    for tag, at, data, _size in elements.elements:
        if tag in STANDARD_TAGS:
            continue
        facts: dict[str, object] = {"tag": f"{tag:04X}"}
        found.append(finding("sub-element-private", form, at, **facts))
        if data - at == PREFIX_OCTETS + LONGER_BY:
            found.append(finding("sub-element-longer-header", form, at, **facts))
    fault, at = elements.fault, elements.offset
    if fault is Fault.NONE or cut:
        return found
    facts = {"found": counted(end - at, "octet"), "most": len(elements.elements)}
    if fault is Fault.TOO_LONG:
        lying, _ = read_prefix(octets, at)
        said = counted(elements.says, "octet")
        left = f"{end - at - PREFIX_OCTETS:,}"
        facts = {"tag": f"{lying:04X}", "expected": said, "found": left}
    found.append(finding(fault.value, form, at, **facts))
    return found
