"""What a file should hold, as an entry or a person says it, and how it compares."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from firtree.devices import DeviceType
from firtree.firmware import HASH_DIGITS, VERSION_DIGITS, misreadings
from firtree.images.findings import Finding, Format, finding
from firtree.images.header import (
    FILE_VERSION_AT,
    IMAGE_TYPE_AT,
    MANUFACTURER_AT,
    OTAHeader,
)
from firtree.images.mistakes import Mistake
from firtree.text import is_hex


class Facts(NamedTuple):
    """What a file should hold; what is blank or None is not asked.

    Attributes:
        device_type: what it is for.
        manufacturer: DUIS DeviceManufacturer, any case.
        model_identifier: first half of DUIS DeviceModel.
        hardware: second half; the hardware range must hold it.
        firmware_version: DUIS FirmwareVersion.
        image_hash: 64 hexadecimal digits, any case.
        least_hardware, most_hardware: the ends of the hardware range.
        ota_manufacturer_code, ota_image_type: of the header, where they are told apart.
        image_size: octets of the Manufacturer Image, or of the whole OTA file.
        is_entry: whether they are an entry's, so that a missing hash is told.
    """

    device_type: DeviceType | None = None
    manufacturer: str = ""
    model_identifier: str = ""
    hardware: str = ""
    firmware_version: str = ""
    image_hash: str = ""
    least_hardware: str = ""
    most_hardware: str = ""
    ota_manufacturer_code: str = ""
    ota_image_type: str = ""
    image_size: int | None = None
    is_entry: bool = False

    @property
    def image_digest(self) -> bytes:
        """The hash as octets; empty = none is asked, or it is not hexadecimal."""
        if not is_hex(self.image_hash, HASH_DIGITS):
            return b""
        return bytes.fromhex(self.image_hash)


NO_FACTS = Facts()


class Comparison(NamedTuple):
    """One thing that was asked.

    Attributes:
        field: its name: ``manufacturer``, ``image_hash`` …
        expected: as asked.
        found: in the file.
        matches: whether they agree.
        mistake: code of the mistake that explains the difference; empty = none does.
    """

    field: str
    expected: str
    found: str
    matches: bool
    mistake: str = ""


class _Outcome(NamedTuple):
    """A comparison, and what is found wrong with it; either may be left out."""

    comparison: Comparison | None
    finding: Finding | None = None


def compare(
    facts: Facts,
    header: OTAHeader,
    *,
    device_type: DeviceType | None,
    size: int,
    digest: bytes,
    mistake: Callable[[bytes], Mistake | None],
    form: Format,
) -> tuple[tuple[Comparison, ...], tuple[Finding, ...]]:
    """Compare a file with what was asked of it, field by field.

    Args:
        facts: what was asked.
        header: what the file says.
        device_type: what the asker says the file is for.
        size: octets of the Manufacturer Image.
        digest: its SHA-256.
        mistake: names how an expected hash may have come about.
        form: of the file.
    """
    outcomes = [
        *_kinds(facts, device_type, form),
        *_header_fields(facts, header, form),
        *_hardware(facts, header, form),
        *_size(facts, header, size, form),
        *_hash(facts, digest, mistake, form),
    ]
    return (
        tuple(o.comparison for o in outcomes if o.comparison is not None),
        tuple(o.finding for o in outcomes if o.finding is not None),
    )


def _kinds(facts: Facts, said: DeviceType | None, form: Format) -> Iterator[_Outcome]:
    if facts.device_type is None or said is None:
        return
    matches = facts.device_type.family == said.family
    compared = Comparison("device_type", facts.device_type, said, matches)
    wrong = None
    if not matches:
        wrong = finding(
            "device-type-differs", form, expected=facts.device_type, found=said
        )
    yield _Outcome(compared, wrong)


class _Digits(NamedTuple):
    """Hexadecimal digits of the header that are compared: as asked, and as found."""

    field: str
    expected: str
    found: str
    code: str
    at: int


def _header_fields(facts: Facts, header: OTAHeader, form: Format) -> Iterator[_Outcome]:
    """Compare the fields that stand in the header as they are."""
    maker, model = header.manufacturer, header.model_identifier
    version = header.firmware_version
    for field, expected, found, code, at in (
        ("manufacturer", facts.manufacturer, maker, "manufacturer", MANUFACTURER_AT),
        (
            *("ota_manufacturer_code", facts.ota_manufacturer_code),
            *(maker, "manufacturer", MANUFACTURER_AT),
        ),
        ("model", facts.model_identifier, model, "model", IMAGE_TYPE_AT),
        ("ota_image_type", facts.ota_image_type, model, "image-type", IMAGE_TYPE_AT),
        (
            *("firmware_version", facts.firmware_version),
            *(version, "firmware-version", FILE_VERSION_AT),
        ),
    ):
        if expected:
            place = header.offset + at
            yield _digits(
                _Digits(field, expected, found, f"{code}-differs", place), form
            )


def _digits(asked: _Digits, form: Format) -> _Outcome:
    """Compare hexadecimal digits; what are none is told and not compared."""
    field, given, found, code, at = asked
    if not is_hex(given, len(found)):
        wrong = finding("not-hexadecimal", form, field=field, expected=given)
        return _Outcome(None, wrong)
    expected = given.upper()
    if expected == found:
        return _Outcome(Comparison(field, expected, found, matches=True))
    slip, why = "", ""
    if len(found) == VERSION_DIGITS:
        slip = next((why for other, why in misreadings(given) if other == found), "")
        why = f" ({slip})" if slip else ""
    wrong = finding(code, form, at, expected=expected, found=found, mistake=why)
    mistake = slip.replace(" ", "-")
    return _Outcome(
        Comparison(field, expected, found, matches=False, mistake=mistake), wrong
    )


def _hardware(facts: Facts, header: OTAHeader, form: Format) -> Iterator[_Outcome]:
    """Compare the hardware of the model, and the range an entry gives."""
    place = header.offset + header.hardware_at
    least, most = header.hardware or ("", "")
    there = f"{least} to {most}" if least else "any"
    if facts.hardware:
        expected = facts.hardware.upper()
        matches = not least or least <= expected <= most
        wrong = None
        if not matches:
            wrong = finding(
                "hardware-not-in-range", form, place, expected=expected, found=there
            )
        yield _Outcome(Comparison("hardware", expected, there, matches), wrong)
    for which, field, asked, found, more in (
        ("least", "min_hardware", facts.least_hardware, least, 0),
        ("greatest", "max_hardware", facts.most_hardware, most, 2),
    ):
        if not asked:
            continue
        expected, matches = asked.upper(), asked.upper() == found
        wrong = None
        if not matches:
            wrong = finding(
                *("hardware-range-differs", form, place + more),
                which=which,
                expected=expected,
                found=found or "none",
            )
        yield _Outcome(Comparison(field, expected, found, matches), wrong)


def _size(
    facts: Facts, header: OTAHeader, size: int, form: Format
) -> Iterator[_Outcome]:
    if facts.image_size is None:
        return
    matches = facts.image_size in {size, header.total_size}
    wrong = None
    if not matches:
        wrong = finding(
            "image-size-differs", form, expected=facts.image_size, found=size
        )
    found = facts.image_size if matches else size
    yield _Outcome(
        Comparison("image_size", str(facts.image_size), str(found), matches), wrong
    )


def _hash(
    facts: Facts,
    digest: bytes,
    mistake: Callable[[bytes], Mistake | None],
    form: Format,
) -> Iterator[_Outcome]:
    if not facts.image_hash:
        if facts.is_entry:
            yield _Outcome(None, finding("hash-not-given", form))
        return
    found, expected = digest.hex(), facts.image_hash.lower()
    if found == expected:
        yield _Outcome(Comparison("image_hash", expected, found, matches=True))
        return
    made = mistake(facts.image_digest) if facts.image_digest else None
    why = f": what was given is {made.text}" if made else ""
    yield _Outcome(
        Comparison(
            *("image_hash", expected, found),
            matches=False,
            mistake=made.code if made else "",
        ),
        finding("hash-differs", form, expected=expected, found=found, mistake=why),
    )
