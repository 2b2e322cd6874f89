"""What the checks of an OTA file can find: codes, severities and sentences."""

from enum import StrEnum
from typing import NamedTuple


class Format(StrEnum):
    """How the body of an OTA file is made."""

    GBCS = "gbcs"
    ZIGBEE = "zigbee"


class Severity(StrEnum):
    """What a finding means: the file cannot be used, or something worth knowing."""

    REFUSE = "refuse"
    NOTE = "note"


class Finding(NamedTuple):
    """One thing found in a file.

    Attributes:
        code: stable name, one of ``CODES``.
        severity: see :class:`Severity`.
        text: one sentence for people.
        offset: the octet of the file it is about, counted from 0; None = none.
    """

    code: str
    severity: Severity
    text: str
    offset: int | None = None


class Code(NamedTuple):
    """Severity of a code in a GBCS image and in a ZigBee file, and its sentence."""

    gbcs: Severity
    zigbee: Severity
    text: str


_R, _N = Severity

# In the order of the page that explains them.
CODES: dict[str, Code] = {
    "no-header": Code(
        _R,
        _R,
        "expected an OTA file, which begins with 1E F1 EE 0B, and found no such octets "
        "in {size}; name the OTA file itself.",
    ),
    "header-octets-reversed": Code(
        _R,
        _R,
        "the file begins with 0B EE F1 1E: its header is written with the highest "
        "octet first; write every number with the lowest octet first.",
    ),
    "header-cut": Code(
        _R,
        _R,
        "the file ends inside the OTA header: {needed} octets are needed and {found} "
        "are there; fetch the file again.",
    ),
    "container-in-front": Code(
        _R,
        _N,
        "in front of the OTA header stands something else, {found}{kind}; use the OTA "
        "file without its container.",
    ),
    "header-version-differs": Code(
        _R, _N, "header version should be 0100, and is {found}; write 0100."
    ),
    "header-length-differs": Code(
        _R,
        _R,
        "header length is {found}, and by its field control {control} the header has "
        "{expected} octets; correct one of the two.",
    ),
    "field-control-reserved": Code(
        _R,
        _N,
        "field control is {found}, with reserved bits set; only the last three bits "
        "have a meaning.",
    ),
    "field-control-differs": Code(
        _R,
        _N,
        "field control of a GB image is 0004 (hardware versions, and nothing else), "
        "and is {found}; write 0004 and a header of 60 octets.",
    ),
    "manufacturer-wildcard": Code(
        _R,
        _N,
        "manufacturer code FFFF stands for any manufacturer; write the code of yours.",
    ),
    "image-type-reserved": Code(
        _R,
        _N,
        "image type {found} is not among a manufacturer's own, 0000 to FFBF; write "
        "the first half of DeviceModel.",
    ),
    "file-version-wildcard": Code(
        _R,
        _N,
        "file version FFFFFFFF stands for any version; write the FirmwareVersion.",
    ),
    "stack-version-differs": Code(
        _R,
        _N,
        "ZigBee stack version should be 0002 (ZigBee Pro), and is {found}; write 0002.",
    ),
    "header-string-unprintable": Code(
        _N,
        _N,
        "the header string has octets that are no printable ASCII: {found}.",
    ),
    "hardware-range-reversed": Code(
        _R,
        _R,
        "the least hardware version {least} is above the greatest, {most}; swap or "
        "correct them.",
    ),
    "total-size-too-small": Code(
        _R,
        _R,
        "Total Image Size is {found}, less than the header has; write the size of "
        "header, image and trailer.",
    ),
    "total-size-without-header": Code(
        _R,
        _R,
        "Total Image Size is {found} and leaves out the header; write {expected}.",
    ),
    "total-size-without-trailer": Code(
        _R,
        _R,
        "Total Image Size is {found} and leaves out the trailer; write {expected}.",
    ),
    "file-cut": Code(
        _R,
        _R,
        "Total Image Size is {expected:,} octets and only {found:,} are there; fetch "
        "the file again, or correct the size.",
    ),
    "octets-behind": Code(
        _R,
        _N,
        "Total Image Size is {expected:,} octets, and behind them the file has more: "
        "{found}; remove what is behind, or correct the size.",
    ),
    "image-empty": Code(
        _R, _R, "there is no image behind the header; build the file again."
    ),
    "image-large": Code(
        _N,
        _N,
        "the image has {found} octets, and a Communications Hub may not hold more "
        "than 768,000; check that it can be distributed.",
    ),
    "ota-file-inside": Code(
        _N,
        _N,
        "the image itself begins like an OTA file; check that the file was not "
        "wrapped twice.",
    ),
    "trailer-missing": Code(
        _R,
        _R,
        "the OTA file of {device_type} ends with a trailer (00 40 and a signature of "
        "64 octets), and this one does not; sign it: firtree image build.",
    ),
    "trailer-flag-differs": Code(
        _R,
        _R,
        "the flag octet in front of the signature should be 00, and is {found}.",
    ),
    "trailer-length-differs": Code(
        _R,
        _R,
        "the length octet in front of the signature should be 40, and is {found}.",
    ),
    "trailer-der": Code(
        _R,
        _R,
        "the signature in the trailer is DER of {found} octets; write it raw, as 64 "
        "octets: r, then s.",
    ),
    "signature-impossible": Code(
        _R,
        _R,
        "the 64 octets in the trailer are no ECDSA P-256 signature: {found} is not "
        "between 1 and the order of the curve; sign the image again.",
    ),
    "trailer-not-for-type": Code(
        _R,
        _R,
        "the OTA file of {device_type} has no trailer, and this one has one: {found}; "
        "build it without.",
    ),
    "trailer-like-end": Code(
        _R,
        _R,
        "the file ends like one with a trailer, which the OTA file of {device_type} "
        "does not have; build it without, or give the hash if its image ends so.",
    ),
    "trailer-undecided": Code(
        _N,
        _N,
        "the last 66 octets may be a trailer or part of the image, so there are two "
        "readings; give the device type to settle it.",
    ),
    "sub-elements-in-gb-image": Code(
        _R,
        _R,
        "the body is a ZigBee sub-element with tag and length, and a GB image has "
        "none; put the Manufacturer Image right behind the header.",
    ),
    "sub-element-too-long": Code(
        _R,
        _R,
        "the sub-element with tag {tag} says that it has {expected}, and the "
        "file {found} more; fetch the file again, or give the device type if the image "
        "is for a GB device.",
    ),
    "sub-element-cut": Code(
        _R,
        _R,
        "behind the last sub-element the file has {found} more, too few for tag and "
        "length.",
    ),
    "sub-elements-too-many": Code(
        _R, _R, "the body has more than {most} sub-elements; the rest was not read."
    ),
    "sub-element-private": Code(
        _N, _N, "the tag {tag} of a sub-element is a manufacturer's own or unknown."
    ),
    "sub-element-longer-header": Code(
        _N,
        _N,
        "the sub-element with tag {tag} has two more octets between length and data.",
    ),
    "device-type-differs": Code(
        _R,
        _R,
        "the entry is of {expected}, and the file was said to be of {found}; choose "
        "the other entry or the other device type.",
    ),
    "manufacturer-differs": Code(
        _R,
        _R,
        "DeviceManufacturer should be {expected}, and the header says {found}.",
    ),
    "model-differs": Code(
        _R,
        _R,
        "the first half of DeviceModel should be {expected}, and the image type in "
        "the header is {found}.",
    ),
    "hardware-not-in-range": Code(
        _R,
        _R,
        "the hardware of the model is {expected}, and the header is for {found}.",
    ),
    "hardware-range-differs": Code(
        _R,
        _R,
        "the {which} hardware version should be {expected}, and the header says "
        "{found}.",
    ),
    "firmware-version-differs": Code(
        _R,
        _R,
        "FirmwareVersion should be {expected}, and the file version in the header is "
        "{found}{mistake}.",
    ),
    "image-type-differs": Code(
        _R,
        _R,
        "OTA Image Type should be {expected}, and the header says {found}.",
    ),
    "image-size-differs": Code(
        _R,
        _R,
        "Image Size should be {expected:,}, and the Manufacturer Image has {found:,}.",
    ),
    "hash-differs": Code(
        _R,
        _R,
        "the Manufacturer Image Hash should be {expected}, and is {found}{mistake}.",
    ),
    "hash-not-given": Code(
        _N, _N, "the entry has no Manufacturer Image Hash to compare with."
    ),
    "not-hexadecimal": Code(
        _N,
        _N,
        "{field} of the entry is {expected}, which is not hexadecimal, so it was not "
        "compared.",
    ),
    "signature-missing": Code(
        _R,
        _R,
        "a certificate was given, and the file has no trailer to verify with it.",
    ),
    "signature-differs": Code(
        _R,
        _R,
        "the signature in the trailer is not one by this certificate over the "
        "Manufacturer Image{mistake}.",
    ),
}


def finding(
    code: str, form: Format | None, offset: int | None = None, **facts: object
) -> Finding:
    """Make a finding; its severity is that of the format (None = not known)."""
    known = CODES[code]
    severity = known.zigbee if form is Format.ZIGBEE else known.gbcs
    text = known.text.format_map(facts)
    return Finding(code, severity, text[0].upper() + text[1:], offset)


def refused(findings: tuple[Finding, ...]) -> bool:
    """Tell whether any finding means that the file cannot be used."""
    return any(one.severity is Severity.REFUSE for one in findings)
