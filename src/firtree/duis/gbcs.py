"""GBCS messages: their header, and what those about firmware say.

A message begins with the grouping header, or with a MAC header around it.  Signature
and MAC are kept apart and not checked: that needs the device's own certificate.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from firtree.duis.cursor import Cursor
from firtree.duis.names import MOST_DEVICE_COUNTER

MOST_OCTETS = 1 << 20

_MAC_OCTETS = 12
_CANCELLED = "99991231235959Z"
_YEAR_2000 = datetime(2000, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """Which way a message goes (GBCS calls it the CRA flag)."""

    COMMAND = "command"
    RESPONSE = "response"
    ALERT = "alert"


_KINDS = {1: Kind.COMMAND, 2: Kind.RESPONSE, 3: Kind.ALERT}


class Message(NamedTuple):
    """A GBCS message, its payload not yet read.

    Attributes:
        code: message code, such as 0x0012 for CS06.
        payload: octets.
        payload_place: of the payload's first octet in the message, for complaints.
        signature: 64 octets; empty = none.
        mac: 12 octets; empty = none.
    """

    kind: Kind
    counter: int
    originator: str
    recipient: str
    code: int
    payload: bytes
    payload_place: int
    signature: bytes
    mac: bytes


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a message says about firmware; a field is empty where it says nothing.

    Attributes:
        about: which of the messages it is; empty = none that is about firmware.
        outcome_code: the number the device gives.
        outcome: what that number stands for.
        image_hash: 64 hexadecimal digits, as the device calculated or was told it.
        alert_code: 4 hexadecimal digits.
        at: the moment the device names, RFC 3339; ``cancelled`` for the date that
            takes an activation back.
        device: EUI-64 of the device it is about, where that is not the sender.
        counter: of the command that is answered.
    """

    kind: Kind
    code: str
    originator: str
    recipient: str
    message_counter: int
    signed: bool = False
    about: str = ""
    outcome_code: int | None = None
    outcome: str = ""
    firmware_version: str = ""
    image_hash: str = ""
    alert_code: str = ""
    at: str = ""
    device: str = ""
    counter: int | None = None


def read_message(octets: bytes) -> Message:
    """Read the header of a message.

    Raises:
        ValueError: these octets are no GBCS message; it says where and why.
    """
    if len(octets) > MOST_OCTETS:
        raise ValueError(f"a GBCS message of at most {MOST_OCTETS} octets")
    whole = Cursor(octets)
    mac = b""
    if octets[:1] == b"\xdd":
        whole.expect(b"\xdd" + bytes(6), "MAC header")
        whole = whole.within(whole.length("length after the MAC header"), "message")
        if whole.end != len(octets):
            raise ValueError(f"octet {whole.end}: expected the end of the message")
        whole.expect(b"\x11" + bytes(4), "security header")
        if whole.left < _MAC_OCTETS:
            raise ValueError(f"octet {whole.end}: expected a MAC of 12 octets")
        mac = octets[whole.end - _MAC_OCTETS : whole.end]
        whole.end -= _MAC_OCTETS
    return _grouped(whole, mac)


def _grouped(cursor: Cursor, mac: bytes) -> Message:
    cursor.expect(b"\xdf\x09", "grouping header")
    flag = cursor.number(1, "message kind")
    if flag not in _KINDS:
        raise ValueError(f"message kind: expected 01, 02 or 03, found {flag:02X}")
    counter = cursor.number(8, "originator counter")
    cursor.expect(b"\x08", "length of the originator")
    originator = eui_text(cursor.take(8, "originator"))
    cursor.expect(b"\x08", "length of the recipient")
    recipient = eui_text(cursor.take(8, "recipient"))
    cursor.take(cursor.length("length of the date and time"), "date and time")
    other = cursor.within(cursor.length("length of other information"), "message code")
    code = other.number(2, "message code")
    size = cursor.length("length of the payload")
    place = cursor.place
    payload = cursor.take(size, "payload")
    signature = b""
    if cursor.left:
        size = cursor.length("length of the signature")
        if size not in {0, 64}:
            raise ValueError(f"length of the signature: expected 0 or 64, found {size}")
        signature = cursor.take(size, "signature")
    cursor.finish("the message")
    return Message(
        _KINDS[flag],
        counter,
        originator,
        recipient,
        code,
        payload,
        place,
        signature,
        mac,
    )


def read_report(octets: bytes) -> Report:
    """Read a message, and what it says about firmware.

    Raises:
        ValueError: it is no GBCS message, or one about firmware that is damaged.
    """
    message = read_message(octets)
    report = Report(
        kind=message.kind,
        code=f"{message.code:04X}",
        originator=message.originator,
        recipient=message.recipient,
        message_counter=message.counter,
        signed=bool(message.signature),
    )
    reader = _READERS.get((message.code, message.kind))
    if reader is None:
        return report
    end = message.payload_place + len(message.payload)
    cursor = Cursor(octets, message.payload_place, end)
    about, read = reader
    said = read(cursor)
    cursor.finish("the payload")
    return msgspec.structs.replace(report, about=about, **said)


def eui_text(octets: bytes) -> str:
    """Write an EUI-64 as DUIS does."""
    return octets.hex("-").upper()


_ACTIVATION = ("Success", "No Image Held", "Hash Mismatch", "Activation Failure")
_TRANSFER = ("Success", "Image Discarded", "Hardware Mismatch", "Transfer Failure")
_PPMID = ("Success", "Failure")

_Said = dict[str, object]


def _outcome(
    cursor: Cursor, names: tuple[str, ...], what: str = "outcome"
) -> tuple[int, str]:
    code = cursor.integer(what, most=0xFFFF)
    return code, names[code] if code < len(names) else ""


def _version(cursor: Cursor) -> str:
    return cursor.octet_string(4, "firmware version").hex().upper()


def _moment(cursor: Cursor) -> str:
    text = cursor.time("time")
    if text == _CANCELLED:
        return "cancelled"
    try:
        found = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"time: expected one that exists, found {text}") from None
    return _written(found)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else ""


def _alert(cursor: Cursor) -> str:
    return f"{cursor.integer('alert code', most=0xFFFF):04X}"


def _activate_command(cursor: Cursor) -> _Said:
    inside = cursor.sequence("CS06 command")
    image_hash = inside.octet_string(32, "image hash").hex().upper()
    counter = inside.integer("originator counter", most=MOST_DEVICE_COUNTER)
    at = _moment(inside) if inside.left else ""
    inside.finish("the CS06 command")
    return {"image_hash": image_hash, "counter": counter, "at": at}


def _executed(cursor: Cursor) -> _Said:
    inside = cursor.sequence("execution outcome")
    code, name = _outcome(inside, _ACTIVATION)
    version = _version(inside)
    inside.finish("the execution outcome")
    return {"outcome_code": code, "outcome": name, "firmware_version": version}


def _activate_response(cursor: Cursor) -> _Said:
    if cursor.left != 2:
        return _executed(cursor)
    cursor.expect(b"\x05\x00", "CS06 response")
    return {"outcome": "Accepted for later"}


def _activate_alert(cursor: Cursor) -> _Said:
    inside = cursor.sequence("future-dated alert")
    alert, at = _alert(inside), _moment(inside)
    counter = inside.integer("originator counter", most=MOST_DEVICE_COUNTER)
    said = _executed(inside)
    inside.finish("the future-dated alert")
    return {**said, "alert_code": alert, "at": at, "counter": counter}


def _hub_transfer(cursor: Cursor) -> _Said:
    inside = cursor.sequence("transfer alert")
    alert, at = _alert(inside), _moment(inside)
    device = eui_text(inside.octet_string(8, "device"))
    version = _version(inside)
    code, name = _outcome(inside, _TRANSFER)
    inside.finish("the transfer alert")
    return {
        "alert_code": alert,
        "at": at,
        "device": device,
        "firmware_version": version,
        "outcome_code": code,
        "outcome": name,
    }


def _ppmid_response(cursor: Cursor) -> _Said:
    inside = cursor.sequence("CS08 response")
    version = _version(inside)
    code, name = _outcome(inside, _PPMID)
    inside.finish("the CS08 response")
    return {"firmware_version": version, "outcome_code": code, "outcome": name}


def _ppmid_alert(cursor: Cursor) -> _Said:
    inside = cursor.sequence("CS09 alert")
    alert, at, version = _alert(inside), _moment(inside), _version(inside)
    code, name = _outcome(inside, _PPMID)
    inside.finish("the CS09 alert")
    return {
        "alert_code": alert,
        "at": at,
        "firmware_version": version,
        "outcome_code": code,
        "outcome": name,
    }


def _receipt(alert: int, at: str, cursor: Cursor) -> _Said:
    cursor.expect(b"\x09\x20", "image hash")
    return {
        "alert_code": f"{alert:04X}",
        "at": at,
        "image_hash": cursor.take(32, "image hash").hex().upper(),
        "outcome": {0x8F72: "Verified", 0x8F1C: "Verification failed"}.get(alert, ""),
    }


def _esme_receipt(cursor: Cursor) -> _Said:
    cursor.expect(b"\x0f", "DLMS data notification")
    cursor.take(4, "invoke id")
    cursor.expect(b"\x00\x02\x03\x12", "DLMS data notification")
    alert = cursor.number(2, "alert code")
    cursor.expect(b"\x09\x0c", "time")
    return _receipt(alert, _dlms_moment(cursor.take(12, "time")), cursor)


def _dlms_moment(octets: bytes) -> str:
    """Read a DLMS date-time; what is not a whole moment in UTC is left out."""
    year = int.from_bytes(octets[:2])
    month, day = octets[2], octets[3]
    hour, minute, second = octets[5:8]
    try:
        found = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return ""
    return _written(found)


def _gsme_receipt(cursor: Cursor) -> _Said:
    cursor.expect(b"\x01\x09\x01", "GBZ profile")
    alert = cursor.number(2, "alert code")
    seconds = cursor.number(4, "time")
    return _receipt(alert, _written(_YEAR_2000 + timedelta(seconds=seconds)), cursor)


def _dlms_version(cursor: Cursor) -> _Said:
    cursor.expect(b"\xda", "DLMS access response")
    cursor.take(4, "invoke id")
    cursor.expect(b"\x00\x00\x01", "DLMS access response")
    version = ""
    if cursor.number(1, "type of the data"):
        cursor.place -= 1
        cursor.expect(b"\x09\x04", "firmware version")
        version = cursor.take(4, "firmware version").hex().upper()
    cursor.expect(b"\x01\x01", "DLMS result")
    code = cursor.number(1, "DLMS result")
    return {"firmware_version": version, "outcome_code": code}


def _zcl_version(cursor: Cursor) -> _Said:
    cursor.expect(b"\x01\x09\x01\x01\x07\x02", "GBZ component")
    inside = cursor.within(cursor.number(2, "length of the component"), "ZCL frame")
    inside.take(2, "ZCL header")
    inside.expect(b"\x01\x06\x02", "ZCL read attributes response")
    code = inside.number(1, "ZCL status")
    version = ""
    if code == 0:
        inside.expect(b"\x41\x04", "firmware version")
        version = inside.take(4, "firmware version").hex().upper()
    inside.finish("the ZCL frame")
    return {"firmware_version": version, "outcome_code": code}


_READERS: dict[tuple[int, Kind], tuple[str, Callable[[Cursor], _Said]]] = {
    (0x0012, Kind.COMMAND): ("CS06 Activate Firmware", _activate_command),
    (0x0012, Kind.RESPONSE): ("CS06 Activate Firmware", _activate_response),
    (0x00CA, Kind.ALERT): ("Future-dated activation", _activate_alert),
    (0x00CE, Kind.ALERT): ("Firmware Distribution Receipt, ESME", _esme_receipt),
    (0x00CF, Kind.ALERT): ("Firmware Distribution Receipt, GSME", _gsme_receipt),
    (0x0128, Kind.ALERT): ("CCS08 Firmware Transfer", _hub_transfer),
    (0x0129, Kind.RESPONSE): ("CS08 Read Firmware Version", _ppmid_response),
    (0x012B, Kind.ALERT): ("CS09 PPMID Activation", _ppmid_alert),
    (0x0059, Kind.RESPONSE): ("ECS52 Read Firmware Version", _dlms_version),
    (0x0084, Kind.RESPONSE): ("GCS38 Read Firmware Version", _zcl_version),
}
