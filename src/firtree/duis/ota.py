"""The OTA file of a request: it is checked, and says what the request says of it."""

from typing import NamedTuple

from firtree.devices import DeviceType
from firtree.errors import InvalidInputError
from firtree.images.checker import Asked, Report, check
from firtree.images.findings import Severity


class OTAFacts(NamedTuple):
    """What the header of an OTA file says.

    Attributes:
        manufacturer: DUIS ``DeviceManufacturer``, 4 hexadecimal digits.
        firmware_version: DUIS ``FirmwareVersion``, 8 hexadecimal digits.
        notes: sentences on what is odd about the file and does not refuse it.
    """

    manufacturer: str
    firmware_version: str
    notes: tuple[str, ...]


def read_facts(ota: bytes, device_type: DeviceType) -> OTAFacts:
    """Check an OTA file for devices of a type, and give what a request says of it.

    Raises:
        InvalidInputError: something refuses the file, as ``firtree image check`` says.
    """
    report = check(ota, Asked(device_type))
    if report.header is None or not report.holds:
        raise _refused(report, device_type)
    return OTAFacts(
        manufacturer=report.header.manufacturer,
        firmware_version=report.header.firmware_version,
        notes=_texts(report, Severity.NOTE),
    )


def _refused(report: Report, device_type: DeviceType) -> InvalidInputError:
    first, *more = _texts(report, Severity.REFUSE)
    others = f" (and {len(more)} more)" if more else ""
    return InvalidInputError(
        f"{first.removesuffix('.')}{others}",
        hint=f"firtree image check FILE --device-type {device_type} says it all",
    )


def _texts(report: Report, severity: Severity) -> tuple[str, ...]:
    return tuple(one.text for one in report.findings if one.severity is severity)
