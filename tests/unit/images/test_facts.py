"""A file compared with an entry: field by field, each difference at its place."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from entries import a_model, an_entry
from firtree.catalogue.entry import Entry
from firtree.devices import DeviceType, Generation
from firtree.exchange.to_wire import entry_wire
from firtree.images.checker import Asked, Report, check
from firtree.library.images import facts_of
from otafiles import IMAGE, a_header, a_trailer, raw, signed_file, unsigned_file

HASH = sha256(IMAGE).hexdigest().upper()
MODEL = a_model(
    manufacturer="A1B3",
    model_identifier="0A02",
    hardware_version="01",
    hardware_revision="02",
)


def the_entry(**changes: Any) -> Entry:
    """Give the entry of the file."""
    fields: dict[str, Any] = {
        "model": MODEL,
        "firmware": "24000100",
        "image_hash": HASH,
        "min_hardware": "0101",
        "max_hardware": "0103",
        "ota_manufacturer_code": "A1B3",
        "ota_image_type": "0A02",
        "image_size_octets": len(IMAGE),
        "published_on": date(2026, 1, 1),
    }
    return an_entry(1042, **{**fields, **changes})


def compared(
    entry: Entry, octets: bytes = b"", kind: DeviceType | None = None
) -> Report:
    """Check the file of a meter against an entry."""
    return check(octets or signed_file(), Asked(kind, facts_of(entry_wire(entry))))


def test_the_file_of_an_entry_agrees_in_every_field() -> None:
    report = compared(the_entry(), kind=DeviceType.ESME)

    assert report.holds
    assert report.findings == ()
    assert [one.field for one in report.comparisons] == [
        *("device_type", "manufacturer", "ota_manufacturer_code", "model"),
        *("ota_image_type", "firmware_version", "hardware"),
        *("min_hardware", "max_hardware", "image_size", "image_hash"),
    ]


def test_the_device_type_of_the_entry_settles_how_the_file_ends() -> None:
    report = compared(the_entry())

    assert report.device_type is DeviceType.ESME
    assert report.other is None


@pytest.mark.parametrize(
    ("revision", "holds"), [("00", False), ("01", True), ("03", True), ("04", False)]
)
def test_the_ends_of_the_hardware_range_belong_to_it(
    revision: str, *, holds: bool
) -> None:
    model = msgspec.structs.replace(MODEL, hardware_revision=revision)

    assert compared(the_entry(model=model)).holds is holds


def test_the_size_may_be_that_of_the_whole_file() -> None:
    assert compared(the_entry(image_size_octets=len(signed_file()))).holds


@pytest.mark.parametrize(
    ("changes", "field", "code", "offset"),
    [
        (
            {"model": msgspec.structs.replace(MODEL, manufacturer="A1B4")},
            *("manufacturer", "manufacturer-differs", 10),
        ),
        (
            {"ota_manufacturer_code": "A1B4"},
            *("ota_manufacturer_code", "manufacturer-differs", 10),
        ),
        (
            {"model": msgspec.structs.replace(MODEL, model_identifier="0A03")},
            *("model", "model-differs", 12),
        ),
        ({"ota_image_type": "0A03"}, "ota_image_type", "image-type-differs", 12),
        ({"firmware": "24000101"}, "firmware_version", "firmware-version-differs", 14),
        (
            {"model": msgspec.structs.replace(MODEL, hardware_revision="04")},
            *("hardware", "hardware-not-in-range", 56),
        ),
        ({"min_hardware": "0102"}, "min_hardware", "hardware-range-differs", 56),
        ({"max_hardware": "0102"}, "max_hardware", "hardware-range-differs", 58),
        ({"image_size_octets": 5}, "image_size", "image-size-differs", None),
        ({"image_hash": "A" * 64}, "image_hash", "hash-differs", None),
    ],
)
def test_each_field_that_differs_is_one_refusal_at_its_place(
    changes: dict[str, Any], field: str, code: str, offset: int | None
) -> None:
    report = compared(the_entry(**changes))

    assert [one.field for one in report.comparisons if not one.matches] == [field]
    assert [(one.code, one.offset) for one in report.findings] == [(code, offset)]
    assert not report.holds


def test_another_device_type_than_the_entrys_is_refused() -> None:
    report = compared(the_entry(), kind=DeviceType.GSME)

    assert [one.code for one in report.findings] == ["device-type-differs"]


def test_device_types_of_one_family_agree() -> None:
    assert compared(the_entry(), kind=DeviceType.SAPC).holds


def test_a_version_with_its_octets_reversed_is_named() -> None:
    report = compared(the_entry(firmware="00010024"))

    assert report.comparisons[4].mistake == "octets-reversed"
    assert report.findings[0].text == (
        "FirmwareVersion should be 00010024, and the file version in the header is "
        "24000100 (octets reversed)."
    )


def test_what_an_entry_does_not_say_is_not_asked() -> None:
    blank = dict.fromkeys(
        ("min_hardware", "max_hardware", "ota_manufacturer_code", "ota_image_type"), ""
    )

    report = compared(the_entry(**blank, image_hash="", image_size_octets=None))

    assert report.holds
    assert [one.code for one in report.findings] == ["hash-not-given"]


def test_text_that_is_not_hexadecimal_is_told_and_not_compared() -> None:
    model = msgspec.structs.replace(
        MODEL, generation=Generation.SMETS1, manufacturer="MFG1"
    )

    report = compared(the_entry(model=model, firmware="V1.0"))

    assert report.holds
    assert [one.code for one in report.findings] == ["not-hexadecimal"] * 2


def test_an_entry_of_a_ppmid_wants_no_trailer() -> None:
    model = msgspec.structs.replace(MODEL, device_type=DeviceType.PPMID)

    assert compared(the_entry(model=model), unsigned_file()).holds


def test_a_header_without_hardware_versions_is_for_any_hardware() -> None:
    octets = a_header(len(IMAGE) + 66, control=0) + IMAGE + a_trailer(raw(IMAGE))

    report = compared(the_entry(min_hardware="", max_hardware=""), octets)

    assert [one.code for one in report.findings] == ["field-control-differs"]
