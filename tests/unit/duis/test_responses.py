"""Responses and alerts: what they say, and what is refused, however it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from duis_messages import (
    HUB,
    IMAGE_HASH,
    MESSAGES,
    METER,
    OTHER_METER,
    REQUEST_ID,
    SR,
    VERSION,
    alert,
    answer,
    device,
    inventory,
    payload,
    response,
)
from firtree.duis.answers import InventoryDevice, Response, known_of
from firtree.duis.responses import read_response
from firtree.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTITIES = b'<!DOCTYPE x [<!ENTITY a "b">]>'


def read(octets: bytes) -> Response:
    """Read a response that lists no devices."""
    (found,) = read_response([octets])
    assert isinstance(found, Response)
    return found


def test_an_acknowledgement_gives_its_code_and_its_request() -> None:
    found = read(answer("", "11.2", code="E65"))

    assert (found.code, found.code_text) == ("E65", "")
    assert (found.service, found.content) == ("11.2", "")
    assert (found.request_id, found.at) == (REQUEST_ID, "2026-11-22T12:00:00.000Z")
    assert (found.schema_version, found.signed) == ("5.4", False)


@pytest.mark.parametrize("kind", ["", "PPMID"])
def test_the_five_lists_of_a_warning_are_kept_apart(kind: str) -> None:
    names = (
        "InvalidDeviceIDList",
        "NotCommissionedDeviceIDList",
        "NotApplicableFirmwareDeviceIDList",
        "OtherRequestInProgressList",
        "InvalidGBCSVersionList",
    )
    lists = "".join(
        f"<sr:{name}>{METER.lower()},00-00-00-00-00-00-00-0{number}</sr:{name}>"
        for number, name in enumerate(names)
    )
    element = f"DSPUpdate{kind}FirmwareWarning"

    found = read(answer(f"<sr:{element}>{lists}</sr:{element}>", code="W110101"))

    assert found.warnings is not None
    assert list(msgspec.structs.asdict(found.warnings).values()) == [
        (METER, f"00-00-00-00-00-00-00-0{number}") for number in range(5)
    ]
    assert found.content == element


def test_a_warning_without_lists_is_one_still() -> None:
    found = read(answer("<sr:DSPUpdateFirmwareWarning/>", code="W110101"))

    assert found.warnings is not None
    assert not any(msgspec.structs.asdict(found.warnings).values())


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("I0", "done"),
        ("E110101", "error of Service Request 11.1"),
        ("W110401", "warning of Service Request 11.4"),
        ("N61", "not delivered to the Communications Hub"),
        ("E11", ""),
        ("E65", ""),
        ("N18", ""),
    ],
)
def test_of_a_code_is_said_what_is_known_and_no_more(code: str, text: str) -> None:
    assert known_of(code) == text


def test_an_inventory_gives_its_devices_one_by_one() -> None:
    *devices, last = read_response([inventory(3)])

    assert isinstance(last, Response)
    assert (last.inventory_devices, last.content) == (3, "DSPInventory")
    assert devices[1] == InventoryDevice(
        device_id="00-DB-12-34-00-00-00-01",
        device_type="ESME",
        manufacturer="A1B3",
        model="0A01010A",
        firmware_version=VERSION,
        firmware_version_status="Active",
        cpl_status="Active",
        device_status="Commissioned",
        smets_chts_version="SMETS V4.2",
        as_of="2026-11-22T12:00:00.000Z",
    )


def test_names_that_are_not_hexadecimal_are_taken_as_they_are() -> None:
    listed = device().replace("A1B3", "MFG 1").replace("0A01010A", "9001")
    octets = answer(f"<sr:DSPInventory>{listed}</sr:DSPInventory>", "8.2")

    found, _ = read_response([octets])

    assert isinstance(found, InventoryDevice)
    assert (found.manufacturer, found.model) == ("MFG 1", "9001")


def test_where_a_device_is_and_whom_it_serves_is_left_out() -> None:
    found, _ = read_response([inventory(1)])

    kept = msgspec.json.encode(found).decode()
    assert not any(
        text in kept for text in ("1012345678901", "100012345678", "AA1 1AA")
    )


def test_a_device_is_handed_on_before_the_rest_arrives() -> None:
    octets = inventory(5)
    third = octets.index(b"</sr:Device>") + len("</sr:Device>")

    def pieces() -> Iterator[bytes]:
        yield octets[:third]
        raise AssertionError("the rest was asked for")

    found = next(read_response(pieces()))

    assert isinstance(found, InventoryDevice)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_gbcs_message_is_read_wherever_it_stands(name: str) -> None:
    inside = payload(MESSAGES[name])
    future = (
        "<sr:FutureDatedDeviceAlertMessage><sr:FutureDatedAlertCode>8f66"
        f"</sr:FutureDatedAlertCode>{inside}<sr:InstructionNumber>1"
        "</sr:InstructionNumber></sr:FutureDatedDeviceAlertMessage>"
    )
    shapes = [
        answer(inside, "11.3"),
        answer(
            f"<sr:PreCommand><sr:GBCSVersion>4.3</sr:GBCSVersion>{inside}"
            "</sr:PreCommand>",
            "11.3",
        ),
        answer(future, "11.3"),
        response(
            "<sr:DeviceAlertMessage><sr:AlertCode>8f72</sr:AlertCode>"
            f"{inside}</sr:DeviceAlertMessage>"
        ),
    ]

    found = [read(octets) for octets in shapes]

    assert len({msgspec.json.encode(one.message) for one in found}) == 1
    assert found[0].message is not None
    assert found[0].message.about
    assert [one.device_alert_code for one in found] == ["", "", "8F66", "8F72"]


def test_base64_may_be_broken_over_lines() -> None:
    broken = payload(MESSAGES["CS06 outcome"]).replace("AA", "A\r\n A&#13;\n")

    found = read(answer(broken, "11.3"))

    assert found.message is not None
    assert found.message.firmware_version == VERSION


UPDATE_ID = f"<sr:UpdateFirmwareRequestID>{REQUEST_ID}</sr:UpdateFirmwareRequestID>"
VERSION_SAID = f"<sr:FirmwareVersion>{VERSION}</sr:FirmwareVersion>"
ALERTS = {
    "FirmwareDistributionFailure": (
        f"{UPDATE_ID}<sr:MeterIDs>{METER},{OTHER_METER}</sr:MeterIDs>",
        {"request_id": REQUEST_ID, "devices": (METER, OTHER_METER)},
    ),
    "FirmwareUpgradeRequested": (
        (
            f"<sr:DeviceType>ESME</sr:DeviceType>{VERSION_SAID}"
            f"<sr:DeviceList>{METER}</sr:DeviceList>"
        ),
        {"device_type": "ESME", "firmware_version": VERSION, "devices": (METER,)},
    ),
    "CSPFirmwareDeliveryStatus": (
        (
            f"{UPDATE_ID}<sr:CommsHubDeviceID>{HUB}</sr:CommsHubDeviceID>"
            f"<sr:TargetDeviceID>{METER}</sr:TargetDeviceID>{VERSION_SAID}"
            "<sr:TimeStamp>2026-11-22T12:00:00Z</sr:TimeStamp>"
            "<sr:CommsHubTransferStatus>Failure</sr:CommsHubTransferStatus>"
        ),
        {
            "request_id": REQUEST_ID,
            "hub": HUB,
            "devices": (METER,),
            "firmware_version": VERSION,
            "at": "2026-11-22T12:00:00Z",
            "outcome": "Failure",
        },
    ),
    "CommsHubAlert": (
        (
            f"<sr:CommsHubDeviceID>{HUB}</sr:CommsHubDeviceID>"
            "<sr:AlertCode>8F89</sr:AlertCode>"
            f"<sr:FirmwareTransferAlert><sr:OtherDeviceID>{METER}</sr:OtherDeviceID>"
            f"{VERSION_SAID}<sr:TransferResponseCode>HardwareVersionMismatch"
            "</sr:TransferResponseCode></sr:FirmwareTransferAlert>"
        ),
        {
            "hub": HUB,
            "device_alert_code": "8F89",
            "devices": (METER,),
            "firmware_version": VERSION,
            "outcome": "HardwareVersionMismatch",
        },
    ),
    "CommsHubFirmwareActivation": (
        f"<sr:DeviceID>{HUB}</sr:DeviceID>{VERSION_SAID}",
        {"devices": (HUB,), "firmware_version": VERSION},
    ),
    "PPMIDAlert": (
        (
            f"<sr:DeviceID>{METER}</sr:DeviceID>"
            "<sr:DeviceAlertCode>8F8B</sr:DeviceAlertCode>"
            "<sr:Timestamp>2026-11-22T12:00:00Z</sr:Timestamp>"
            f"<sr:PPMIDFirmwareUpgradeAlert>{VERSION_SAID}<sr:ActivateImageResultCode>"
            "ActivationFailure</sr:ActivateImageResultCode>"
            "</sr:PPMIDFirmwareUpgradeAlert>"
        ),
        {
            "devices": (METER,),
            "device_alert_code": "8F8B",
            "at": "2026-11-22T12:00:00Z",
            "firmware_version": VERSION,
            "outcome": "ActivationFailure",
        },
    ),
    "FirmwareVersionMismatch": (
        (
            f"<sr:DeviceID>{METER}</sr:DeviceID><sr:DeviceType>GSME</sr:DeviceType>"
            "<sr:FirmwareVersionSMI>01050000</sr:FirmwareVersionSMI>"
            f"<sr:FirmwareVersionDevice>{VERSION}</sr:FirmwareVersionDevice>"
        ),
        {
            "devices": (METER,),
            "device_type": "GSME",
            "inventory_version": "01050000",
            "firmware_version": VERSION,
        },
    ),
    "SMETS1CHFirmwareNotification": (
        (
            f"<sr:DeviceID>{HUB}</sr:DeviceID>{VERSION_SAID}"
            "<sr:FirmwareVersionUpdateStatus>UpdateRequested"
            "</sr:FirmwareVersionUpdateStatus>"
        ),
        {"devices": (HUB,), "firmware_version": VERSION, "outcome": "UpdateRequested"},
    ),
}


@pytest.mark.parametrize("kind", ALERTS)
def test_what_an_alert_says_of_firmware_is_read(kind: str) -> None:
    content, expected = ALERTS[kind]

    found = read(alert("N60", f"<sr:{kind}>{content}</sr:{kind}>")).alert

    assert found is not None
    said = {k: v for k, v in msgspec.structs.asdict(found).items() if v}
    assert said == {"code": "N60", "kind": kind, **expected}


def test_of_an_alert_about_something_else_the_kind_is_told() -> None:
    content = "<sr:PowerOutageEvent><sr:MPxN>1</sr:MPxN></sr:PowerOutageEvent>"

    found = read(alert("AD1", content)).alert

    assert found is not None
    assert msgspec.structs.asdict(found) == {
        **msgspec.structs.asdict(msgspec.structs.replace(found, code="AD1")),
        "kind": "PowerOutageEvent",
        "request_id": "",
    }


def test_a_receipt_gives_the_hash_that_the_device_worked_out() -> None:
    octets = response(
        "<sr:DeviceAlertMessage><sr:AlertCode>8F72</sr:AlertCode>"
        f"{payload(MESSAGES['receipt ESME'])}</sr:DeviceAlertMessage>"
    )

    found = read(octets)

    assert found.message is not None
    assert (found.device_alert_code, found.message.image_hash) == ("8F72", IMAGE_HASH)


GOOD = answer("", "11.2")


def spoilt(old: str, new: str, octets: bytes = GOOD) -> bytes:
    assert old.encode() in octets
    return octets.replace(old.encode(), new.encode(), 1)


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        (b"", "expected well-formed XML"),
        (b"response", "expected well-formed XML"),
        (GOOD[:-1], "line 1, column .*: expected well-formed XML"),
        (GOOD + b"<x/>", "expected well-formed XML"),
        (ENTITIES + GOOD, "expected plain XML in UTF-8, found a DOCTYPE"),
        (ENTITIES.lower() + GOOD, "found a DOCTYPE"),
        (GOOD.decode().encode("utf-16"), "found a NUL octet"),
        (spoilt("I0", "&unknown;"), "expected well-formed XML"),
        (spoilt(SR, SR + "2"), "expected the element Response of"),
        (GOOD.replace(b"Response", b"Request"), "expected the element Response"),
        (spoilt('schemaVersion="5.4"', ""), "schemaVersion: expected such as 5.4"),
        (spoilt(">I0<", "> <"), "ResponseCode: expected a code such as I0 or E65"),
        (spoilt(">I0<", ">=1+1<"), "expected a code such as I0"),
        (spoilt("2026-11-22T", "22/11/2026 "), "ResponseDateTime: expected a moment"),
        (spoilt(":41<", ":041<"), "RequestID: expected two EUI-64s and a counter"),
        (spoilt(":41<", ":18446744073709551616<"), "RequestID: expected two EUI-64s"),
        (spoilt("00-DB", "00-DG"), "RequestID: expected an EUI-64 of 16 hexadecimal"),
        (spoilt(">11.2<", ">eleven<"), "ServiceReference: expected a service"),
        (spoilt("<sr:Body>", "<sr:Body/><sr:Body>"), "Body: expected one element"),
        (spoilt("<sr:Header>", "<sr:Head>"), "expected Header, Body and Signature"),
        (spoilt("<sr:RequestID>", "<sr:RequestID><x/>"), "found an element in it"),
        (response(""), "Body: expected a message or an alert, found nothing"),
        (response("<sr:A/><sr:B/>"), "Body: expected one element, found 'B' as well"),
        (alert("N60", ""), "DCCAlert: expected an element, found nothing"),
        (answer("<sr:GBCSPayload>?</sr:GBCSPayload>"), "expected base64"),
        (answer(payload(b"\xdf\x09")), "found damage: message kind at octet 2"),
        (answer(payload(b"") + payload(b"")), "ResponseMessage: expected one element"),
        (
            answer("<sr:DSPInventory><sr:Device/></sr:DSPInventory>", "8.2"),
            "device 1: expected a DeviceID, found none",
        ),
        (
            answer(
                "<sr:DSPInventory>"
                + device(more="<sr:DeviceID>x</sr:DeviceID>")
                + "</sr:DSPInventory>",
                "8.2",
            ),
            "expected one DeviceID, found two",
        ),
        (
            answer(
                "<sr:DSPUpdateFirmwareWarning><sr:InvalidDeviceIDList>"
                f"{METER},,{METER}</sr:InvalidDeviceIDList>"
                "</sr:DSPUpdateFirmwareWarning>"
            ),
            "InvalidDeviceIDList: expected an EUI-64",
        ),
        (
            answer(
                "<sr:DSPInventory>"
                + device(more=f"<sr:S1SP>{'x' * 10_001}</sr:S1SP>")
                + "</sr:DSPInventory>",
                "8.2",
            ),
            "expected a shorter text",
        ),
        (
            answer(
                f"<sr:DSPInventory>{device(more='<x/>' * 100)}</sr:DSPInventory>", "8.2"
            ),
            "expected at most 100 elements",
        ),
        (
            response(f"<sr:A>{'<x/>' * 100_001}</sr:A>"),
            "expected at most 100000 elements besides devices",
        ),
        (
            response("<sr:A>" * 50 + "</sr:A>" * 50),
            "expected elements at most 40 deep",
        ),
    ],
)
def test_what_is_no_response_is_refused_in_one_sentence(
    octets: bytes, complaint: str
) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        list(read_response([octets]))


def test_elements_of_another_namespace_say_nothing() -> None:
    foreign = '<x:ResponseCode xmlns:x="urn:x">E1</x:ResponseCode>'

    found = read(spoilt("<sr:ResponseCode>", f"{foreign}<sr:ResponseCode>"))

    assert found.code == "I0"


def test_a_comment_does_not_cut_a_value() -> None:
    found = read(spoilt(">I0<", ">E<!-- I0 -->65<"))

    assert found.code == "E65"


def test_a_document_type_is_found_where_two_pieces_meet() -> None:
    octets = ENTITIES + GOOD
    for place in range(len(ENTITIES)):
        with pytest.raises(InvalidInputError, match="found a DOCTYPE"):
            list(read_response([octets[:place], octets[place:]]))


def test_what_a_device_holds_does_not_count_against_what_follows() -> None:
    listed = device(more=f"<sr:S1SP>{'x' * 9_900}</sr:S1SP>").replace("SMETS V4.2", "")
    octets = answer(f"<sr:DSPInventory>{listed}</sr:DSPInventory>", "8.2")
    start, end = octets.index(b"<sr:Header>"), octets.index(b"<sr:Body>")
    header = octets[start:end]
    turned = octets.replace(header, b"").replace(b"</sr:Body>", b"</sr:Body>" + header)

    _, last = read_response([turned])

    assert isinstance(last, Response)
    assert last.request_id == REQUEST_ID
