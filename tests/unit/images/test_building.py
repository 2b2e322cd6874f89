"""OTA files built: what goes in comes out, and what cannot be is refused."""

from __future__ import annotations

from typing import Any

import pytest

from firtree.devices import DeviceType
from firtree.images.building import Blueprint, blueprint, build, file_name
from otafiles import IMAGE, a_header, raw, signed_file

FACTS = {
    "manufacturer": "A1B3",
    "image_type": "0A02",
    "firmware_version": "24000100",
    "least_hardware": "0101",
    "most_hardware": "0103",
    "text": "Alder ESME",
}


def a_plan(kind: DeviceType = DeviceType.ESME, **changes: Any) -> Blueprint:
    """Make the blueprint of the usual file."""
    return blueprint(kind, **{**FACTS, **changes})


def test_a_meters_file_is_header_image_and_trailer_octet_for_octet() -> None:
    assert build(a_plan(), IMAGE, raw(IMAGE)) == signed_file()


def test_a_ppmids_file_is_header_and_image_octet_for_octet() -> None:
    made = build(a_plan(DeviceType.PPMID), IMAGE)

    assert made == a_header(len(IMAGE)) + IMAGE


def test_versions_may_be_in_lower_case() -> None:
    assert a_plan(firmware_version="acdcacdc").file_version == 0xACDCACDC


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"firmware_version": "2400010"}, "firmware version: expected 8 hexadecimal"),
        ({"firmware_version": "2400O100"}, "the digit 0 is meant"),
        ({"firmware_version": "FFFFFFFF"}, "firmware version: expected one"),
        ({"manufacturer": "ALDER"}, "manufacturer: expected 4 hexadecimal"),
        ({"manufacturer": "FFFF"}, "manufacturer: expected one"),
        ({"image_type": "FFC0"}, "image type: expected 0000 to FFBF"),
        ({"least_hardware": "0104"}, "hardware range: expected the least first"),
        ({"most_hardware": "1"}, "greatest hardware version: expected 4"),
        ({"text": "x" * 33}, r"header string: expected at most 32 .* \(33\)"),
        ({"text": "Z\u00e4hler"}, "header string: expected at most 32 printable"),
    ],
)
def test_a_fact_of_another_form_is_refused_by_name(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        a_plan(**changes)


@pytest.mark.parametrize("kind", [DeviceType.CHF, DeviceType.IHD, DeviceType.CAD])
def test_files_that_are_not_known_are_not_built(kind: DeviceType) -> None:
    with pytest.raises(ValueError, match="device type: expected one of"):
        a_plan(kind)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"", "found an empty file"),
        (signed_file(), "found a whole OTA file"),
        (bytes(10_240_000 - 60 - 66 + 1), "at most 10,240,000 octets"),
    ],
)
def test_an_image_that_will_not_do_is_refused(image: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(a_plan(), image, raw(IMAGE))


def test_the_largest_image_just_fits() -> None:
    image = bytes(10_240_000 - 60 - 66)

    assert len(build(a_plan(), image, raw(IMAGE))) == 10_240_000


@pytest.mark.parametrize(
    ("kind", "signature", "said"),
    [
        (DeviceType.ESME, None, "a signature in the OTA file of ESME"),
        (DeviceType.PPMID, raw(IMAGE), "no signature in the OTA file of PPMID"),
        (DeviceType.ESME, b"short", "a raw signature of 64 octets"),
    ],
)
def test_a_signature_is_there_exactly_where_it_belongs(
    kind: DeviceType, signature: bytes | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        build(a_plan(kind), IMAGE, signature)


def test_the_file_name_is_that_of_zigbee_with_the_hash_as_its_text() -> None:
    assert file_name(a_plan(), bytes(31) + b"\x0a") == (
        f"A1B3-0A02-24000100-{'0' * 62}0a.zigbee"
    )
