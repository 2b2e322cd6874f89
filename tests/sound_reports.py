"""What must hold of the report on an OTA file, whatever octets it is of."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from firtree.exchange.image_wire import CheckWire, check_wire
from firtree.images.checker import Asked, Report, Verifying, check
from firtree.images.facts import Facts
from firtree.images.findings import CODES

if TYPE_CHECKING:
    from firtree.devices import DeviceType


def check_report(
    octets: bytes, kind: DeviceType | None, key: Verifying | None = None
) -> Report:
    """Check octets that may be anything; whatever they are, the report is sound."""
    facts = Facts(image_hash=sha256(octets).hexdigest(), firmware_version="24000100")
    report = check(octets, Asked(kind, facts, key))
    size = len(octets)
    for one in report.findings:
        assert one.code in CODES
        assert one.offset is None or 0 <= one.offset <= size
        assert one.text.isprintable()
    if report.header is None:
        assert not report.holds
        assert report.reading is None
        assert len(report.findings) == 1
    for reading in filter(None, (report.reading, report.other)):
        start, end = reading.image.span
        assert 0 <= start <= end <= size
        assert reading.image.digest == sha256(octets[start:end]).digest()
        if reading.trailer is not None:
            assert reading.trailer.offset == end
            assert octets[end + 2 :].startswith(reading.trailer.signature)
    for element in report.file.elements.elements:
        assert report.file.start <= element.offset < element.data_offset
        assert element.end <= report.file.end
    wire = check_wire("any", report)
    assert msgspec.json.decode(msgspec.json.encode(wire), type=CheckWire) == wire
    return report
