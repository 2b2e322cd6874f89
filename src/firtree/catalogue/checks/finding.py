"""A finding of a check: code, severity, workbook column and sentence."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from firtree.catalogue.entry import CertificateKind


class Severity(StrEnum):
    """What a finding asks for."""

    REFUSE = "refuse"
    CONFIRM = "confirm"
    NOTE = "note"


class Column(StrEnum):
    """The columns of the workbook that findings point to."""

    MANUFACTURER = "Manufacturer Code"
    MODEL = "Model Identifier"
    HARDWARE_VERSION = "Hardware Version"
    HARDWARE_REVISION = "Hardware Revision"
    VARIANT = "ESME Variant"
    FIRMWARE = "Firmware Version"
    CODING = "Firmware Version Coding"
    SMETS = "SMETS/CHTS Version"
    GBCS = "GBCS Version"
    HASH = "Manufacturer Image Hash"
    CPA = "CPA Certificate"
    CPA_DATE = "CPA Date"
    ZIGBEE = "ZigBee Certificate"
    ZIGBEE_DATE = "ZigBee Certificate Date"
    DLMS = "DLMS Certificate"
    DLMS_DATE = "DLMS Certificate Date"
    STATUS_FROM = "Status From"
    STATUS_REASON = "Status Reason"
    RELEASE_DATE = "Release Date"
    UPGRADABLE_FROM = "Upgradable From"
    CONFIRMED_EDGES = "Confirmed Edges"
    ROLLBACK_FROM = "Rollback From"
    HUB_ENTRIES = "Requires Hub Entries"
    LIMITED_TO = "Limited To"
    LEAST_HARDWARE = "Min Hardware"
    MOST_HARDWARE = "Max Hardware"
    OTA_CODE = "OTA Manufacturer Code"
    OTA_TYPE = "OTA Image Type"
    SIZE = "Image Size"
    SUPPORT_UNTIL = "Support Until"
    SBOM_HASH = "SBOM SHA-256"
    CONTACT_ROLE = "Contact Role"
    CONTACT_EMAIL = "Contact Email"
    CONTACT_CONFIRMED = "Contact Confirmed"


class Finding(msgspec.Struct, frozen=True):
    """One rule that one entry does not keep.

    Args:
        code: stable name of the rule, one of ``CODES``.
        severity: what it asks for.
        field: name of the workbook column.
        text: one sentence for people; it never names another maker.
        expected: what would have been right; empty where the text says it all.
        found: what was there, cut to a readable length; empty = nothing, or nothing
            that may be repeated.
    """

    code: str
    severity: Severity
    field: str
    text: str
    expected: str = ""
    found: str = ""


class Code(NamedTuple):
    """A code's rule, severity, columns, and sentence with named facts."""

    rule: str
    severity: Severity
    columns: tuple[Column, ...]
    text: str


NUMBER_COLUMNS = {
    CertificateKind.CPA: Column.CPA,
    CertificateKind.ZIGBEE: Column.ZIGBEE,
    CertificateKind.DLMS: Column.DLMS,
}
DATE_COLUMNS = {
    CertificateKind.CPA: Column.CPA_DATE,
    CertificateKind.ZIGBEE: Column.ZIGBEE_DATE,
    CertificateKind.DLMS: Column.DLMS_DATE,
}
