"""Service Requests: the elements of the schema in its order, and what is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree

from duis_messages import IMAGE_HASH, METER, OTHER_METER, SR, USER, VERSION, ota_file
from firtree.devices import DeviceType
from firtree.duis.names import ACCESS_CONTROL_BROKER, MOST_COUNTER, MOST_DEVICES
from firtree.duis.ota import read_facts
from firtree.duis.requests import (
    CANCELLED,
    Sender,
    activation_octets,
    update_octets,
    version_reading_octets,
)
from firtree.errors import InvalidInputError

SENDER = Sender(USER, 41)
NOON = datetime(2030, 1, 15, 12, tzinfo=UTC)


def elements(octets: bytes) -> list[tuple[str, str]]:
    """Give the elements of a request in their order: path and text."""
    root = etree.fromstring(octets)
    tree = root.getroottree()
    return [
        (
            "/".join(
                etree.QName(step).localname
                for step in [*reversed(list(element.iterancestors())), element]
            ),
            (element.text or "").strip(),
        )
        for element in tree.iter()
        if etree.QName(element).namespace == SR
    ]


def updating(*, ppmid: bool = False) -> bytes:
    return b"".join(
        update_octets(
            SENDER,
            ota_file(signed=not ppmid),
            firmware_version=VERSION,
            devices=[METER, OTHER_METER.lower().replace("-", "")],
            ppmid=ppmid,
        )
    )


@pytest.mark.parametrize(
    ("ppmid", "service", "name"),
    [(False, "11.1", "UpdateFirmware"), (True, "11.4", "UpdatePPMIDFirmware")],
)
def test_an_update_has_the_elements_of_the_schema_in_their_order(
    ppmid: bool,  # noqa: FBT001 - a parameter of the test
    service: str,
    name: str,
) -> None:
    octets = updating(ppmid=ppmid)

    assert elements(octets) == [
        ("Request", ""),
        ("Request/Header", ""),
        ("Request/Header/RequestID", f"{USER}:{ACCESS_CONTROL_BROKER}:41"),
        ("Request/Header/CommandVariant", "8"),
        ("Request/Header/ServiceReference", service),
        ("Request/Header/ServiceReferenceVariant", service),
        ("Request/Body", ""),
        (f"Request/Body/{name}", ""),
        (
            f"Request/Body/{name}/FirmwareImage",
            base64.b64encode(ota_file(signed=not ppmid)).decode(),
        ),
        (f"Request/Body/{name}/FirmwareVersion", VERSION),
        (f"Request/Body/{name}/DeviceIDList", f"{METER},{OTHER_METER}"),
    ]
    assert etree.fromstring(octets).get("schemaVersion") == "5.4"


def test_an_activation_names_hash_and_time() -> None:
    octets = activation_octets(SENDER, METER, image_hash=IMAGE_HASH.lower(), at=NOON)

    assert elements(octets)[2:] == [
        ("Request/Header/RequestID", f"{USER}:{METER}:41"),
        ("Request/Header/CommandVariant", "4"),
        ("Request/Header/ServiceReference", "11.3"),
        ("Request/Header/ServiceReferenceVariant", "11.3"),
        ("Request/Body", ""),
        ("Request/Body/ActivateFirmware", ""),
        (
            "Request/Body/ActivateFirmware/ExecutionDateTime",
            "2030-01-15T12:00:00.00Z",
        ),
        ("Request/Body/ActivateFirmware/FirmwareHash", IMAGE_HASH),
    ]


def test_an_activation_at_once_has_no_time() -> None:
    found = dict(elements(activation_octets(SENDER, METER, image_hash=IMAGE_HASH)))

    assert "Request/Body/ActivateFirmware/ExecutionDateTime" not in found


def test_a_cancellation_has_the_date_that_dcc_knows() -> None:
    octets = activation_octets(SENDER, METER, image_hash=IMAGE_HASH, at=CANCELLED)

    assert b">3000-12-31T00:00:00.00Z<" in octets


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    summer = NOON.astimezone(timezone(timedelta(hours=1)))

    octets = version_reading_octets(SENDER, METER, at=summer)

    assert b">2030-01-15T12:00:00.00Z<" in octets


def test_a_version_reading_is_an_empty_element() -> None:
    assert elements(version_reading_octets(SENDER, METER))[2:] == [
        ("Request/Header/RequestID", f"{USER}:{METER}:41"),
        ("Request/Header/CommandVariant", "1"),
        ("Request/Header/ServiceReference", "11.2"),
        ("Request/Header/ServiceReferenceVariant", "11.2"),
        ("Request/Body", ""),
        ("Request/Body/ReadFirmwareVersion", ""),
    ]


def test_fifty_thousand_devices_fill_the_list_to_its_last_character() -> None:
    devices = [f"{number:016X}" for number in range(MOST_DEVICES)]
    pieces = update_octets(SENDER, b"x", firmware_version=VERSION, devices=devices)

    listed = dict(elements(b"".join(pieces)))[
        "Request/Body/UpdateFirmware/DeviceIDList"
    ]

    assert len(listed) == 1_199_999
    assert len(set(listed.split(","))) == MOST_DEVICES


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"devices": []}, "expected 1 to 50000 devices in a request, found 0"),
        ({"devices": [METER, METER.lower()]}, "each device once"),
        ({"devices": ["00-DB"]}, "device: expected 16 hexadecimal digits"),
        ({"firmware_version": "106002"}, "firmware version: expected 8 hexadecimal"),
        ({"image": b""}, "expected an image of 1 to 10240000 octets, found 0"),
        ({"image": bytes(10_240_001)}, "found 10240001"),
        (
            {"devices": [f"{number:016X}" for number in range(MOST_DEVICES + 1)]},
            "found 50001",
        ),
    ],
)
def test_what_does_not_fit_the_schema_is_refused_before_a_piece_is_written(
    changes: dict[str, object], complaint: str
) -> None:
    asked: dict[str, object] = {
        "image": b"x",
        "firmware_version": VERSION,
        "devices": [METER],
    }

    with pytest.raises(InvalidInputError, match=complaint):
        update_octets(SENDER, **{**asked, **changes})  # type: ignore[arg-type]


def test_counters_have_the_bounds_of_where_they_go() -> None:
    most = Sender(USER, MOST_COUNTER)

    assert list(update_octets(most, b"x", firmware_version=VERSION, devices=[METER]))
    with pytest.raises(InvalidInputError, match="originator counter from 0 to"):
        activation_octets(most, METER, image_hash=IMAGE_HASH)
    with pytest.raises(InvalidInputError, match="originator counter from 0 to"):
        version_reading_octets(Sender(USER, -1), METER)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2030, 1, 15, 12),  # noqa: DTZ001 - the fault that is meant
        NOON + timedelta(microseconds=1),
        CANCELLED + timedelta(seconds=1),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(at: datetime) -> None:
    with pytest.raises(InvalidInputError, match="expected an execution time"):
        activation_octets(SENDER, METER, image_hash=IMAGE_HASH, at=at)


def test_an_ota_file_says_its_version_and_its_maker() -> None:
    facts = read_facts(ota_file(), DeviceType.ESME)

    assert (facts.manufacturer, facts.firmware_version) == ("A1B3", VERSION)
    assert facts.notes == ()


@pytest.mark.parametrize(
    ("ota", "device_type", "complaint"),
    [
        (b"", DeviceType.ESME, "xpected an OTA file"),
        (b"image", DeviceType.ESME, "xpected an OTA file"),
        (ota_file()[:-1], DeviceType.GSME, "226"),
        (ota_file() + b"\0", DeviceType.HCALCS, "1 octet"),
        (ota_file(signed=False), DeviceType.ESME, "ends with a trailer"),
        (ota_file(), DeviceType.PPMID, "ends like one with a trailer"),
        (ota_file()[:60], DeviceType.PPMID, "226"),
    ],
)
def test_an_ota_file_that_its_checks_refuse_goes_into_no_request(
    ota: bytes, device_type: DeviceType, complaint: str
) -> None:
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        read_facts(ota, device_type)

    assert "firtree image check" in caught.value.hint


def test_what_is_only_odd_about_an_ota_file_is_noted() -> None:
    large = ota_file(image=b"image" * 160_000)

    (note,) = read_facts(large, DeviceType.ESME).notes

    assert "800,000" in note or "800000" in note
