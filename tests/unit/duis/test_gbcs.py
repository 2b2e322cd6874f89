"""GBCS messages about firmware, read from octets built by the byte table."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from duis_messages import (
    ALERT,
    COMMAND,
    IMAGE_HASH,
    MESSAGES,
    METER,
    RESPONSE,
    SIGNED,
    USER,
    VERSION,
    der,
    integer,
    message,
    time,
)
from firtree.duis.gbcs import Kind, read_message, read_report

EXPECTED: dict[str, dict[str, Any]] = {
    "CS06 command": {
        "image_hash": IMAGE_HASH,
        "counter": 41,
        "at": "2030-01-15T09:00:00Z",
    },
    "CS06 pre-command": {"image_hash": IMAGE_HASH, "counter": 41},
    "CS06 outcome": {
        "outcome_code": 0,
        "outcome": "Success",
        "firmware_version": VERSION,
    },
    "CS06 accepted": {"outcome": "Accepted for later"},
    "future-dated": {
        "outcome_code": 0,
        "outcome": "Success",
        "firmware_version": VERSION,
        "alert_code": "8F66",
        "at": "2030-01-15T09:00:00Z",
        "counter": 41,
    },
    "receipt ESME": {
        "image_hash": IMAGE_HASH,
        "alert_code": "8F72",
        "outcome": "Verified",
        "at": "2026-11-22T12:30:00Z",
    },
    "receipt GSME": {
        "image_hash": IMAGE_HASH,
        "alert_code": "8F1C",
        "outcome": "Verification failed",
        "at": "2000-01-01T00:00:00Z",
    },
    "transfer": {
        "outcome_code": 2,
        "outcome": "Hardware Mismatch",
        "firmware_version": VERSION,
        "alert_code": "8F89",
        "at": "2026-11-22T12:00:00Z",
        "device": METER,
    },
    "CS08 version": {
        "outcome_code": 0,
        "outcome": "Success",
        "firmware_version": VERSION,
    },
    "CS09 activation": {
        "outcome_code": 1,
        "outcome": "Failure",
        "firmware_version": VERSION,
        "alert_code": "8F8B",
        "at": "2026-11-22T12:00:00Z",
    },
    "ECS52 version": {"outcome_code": 0, "firmware_version": VERSION},
    "GCS38 version": {"outcome_code": 0, "firmware_version": VERSION},
}
HEADER = {"kind", "code", "originator", "recipient", "message_counter", "signed"}


@pytest.mark.parametrize("name", MESSAGES)
def test_what_a_message_says_of_firmware_is_read(name: str) -> None:
    report = msgspec.structs.asdict(read_report(MESSAGES[name]))

    said = {
        field: value
        for field, value in report.items()
        if value not in {"", None} and field not in {*HEADER, "about"}
    }
    assert said == EXPECTED[name]
    assert report["about"]


def test_the_header_says_who_whom_and_which() -> None:
    found = read_message(MESSAGES["CS06 outcome"])

    assert (found.kind, found.code, found.counter) == (Kind.RESPONSE, 0x0012, 77)
    assert (found.originator, found.recipient) == (METER, USER)
    assert (found.signature, found.mac) == (SIGNED, b"")


def test_a_mac_is_kept_apart() -> None:
    found = read_message(MESSAGES["ECS52 version"])

    assert (found.signature, found.mac) == (b"", b"\xaa" * 12)


def test_a_message_about_something_else_gives_its_header_alone() -> None:
    report = read_report(message(0x0020, RESPONSE, b"anything", SIGNED))

    assert (report.code, report.about, report.signed) == ("0020", "", True)


@pytest.mark.parametrize(
    ("code", "text"),
    [(1, "No Image Held"), (2, "Hash Mismatch"), (3, "Activation Failure"), (9, "")],
)
def test_only_known_outcomes_have_a_text(code: int, text: str) -> None:
    outcome = der(0x30, integer(code) + der(4, bytes(4)))

    report = read_report(message(0x0012, RESPONSE, outcome, SIGNED))

    assert (report.outcome_code, report.outcome) == (code, text)


def test_a_cancellation_is_told_as_one() -> None:
    command = der(0x30, der(4, bytes(32)) + integer(1) + time("99991231235959Z"))

    assert read_report(message(0x0012, COMMAND, command)).at == "cancelled"


def test_a_version_that_could_not_be_read_gives_the_code() -> None:
    refused = bytes.fromhex("DA 20000001 0000 01 00 01 01 01")
    unsupported = bytes.fromhex("0109 01 01 0702 0006 08 00 01 0602 C0")

    esme = read_report(message(0x0059, RESPONSE, refused))
    gsme = read_report(message(0x0084, RESPONSE, unsupported))

    assert (esme.firmware_version, esme.outcome_code) == ("", 1)
    assert (gsme.firmware_version, gsme.outcome_code) == ("", 0xC0)


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        (b"", "grouping header at octet 0: expected 2 octets, found 0"),
        (b"\xdf\x09\x04", "message kind: expected 01, 02 or 03, found 04"),
        (b"\x00" * 60, "grouping header at octet 0: expected DF09, found 0000"),
        (b"\xdd" + bytes(6) + b"\x80", "expected a length, found 80"),
        (b"\xdd" + bytes(6) + b"\x81\x05", "expected the shortest form of 5"),
        (b"\xdd" + bytes(6) + b"\x05\x11" + bytes(4), "expected a MAC of 12 octets"),
        (MESSAGES["CS06 command"] + b"\0", "expected the end of the message"),
        (MESSAGES["CS06 outcome"] + b"\0", "found 1 more octet"),
        (message(0x0012, RESPONSE, b"", b"\1" * 63), "expected 0 or 64, found 63"),
        (
            message(0x0012, COMMAND, der(0x30, der(4, bytes(31)))),
            "image hash at octet 36: expected 0420, found 041F",
        ),
        (
            message(0x0129, RESPONSE, der(0x30, der(4, bytes(4)) + b"\2\1\xff")),
            "expected a number from 0 to 65535, found FF",
        ),
        (
            message(
                0x0012,
                COMMAND,
                der(0x30, der(4, bytes(32)) + integer(1) + time("20301315090000Z")),
            ),
            "time: expected one that exists",
        ),
        (
            message(
                0x0012,
                COMMAND,
                der(0x30, der(4, bytes(32)) + integer(1) + time("2030-01-1509:00")),
            ),
            "expected a time such as 20300115090000Z",
        ),
        (
            message(0x0012, RESPONSE, MESSAGES["CS06 outcome"][31:42] + b"\0"),
            "expected",
        ),
        (message(0x00CF, ALERT, bytes(9)), "GBZ profile"),
        (b"\xdf" * ((1 << 20) + 1), "at most 1048576 octets"),
    ],
)
def test_damage_is_named_with_its_place(octets: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_report(octets)


_AT = integer(0x8F8A) + time("20261122120000Z")
_NUMBER = der(4, bytes(4)) + integer(0)
_OUTCOME = der(0x30, integer(0) + der(4, bytes(4)))


@pytest.mark.parametrize(
    ("code", "kind", "sequence", "where"),
    [
        (
            0x0012,
            COMMAND,
            der(4, bytes(32)) + integer(1) + time("20300115090000Z"),
            "CS06 command",
        ),
        (0x0012, RESPONSE, integer(0) + der(4, bytes(4)), "execution outcome"),
        (0x00CA, ALERT, _AT + integer(1) + _OUTCOME, "future-dated alert"),
        (0x0128, ALERT, _AT + der(4, bytes(8)) + _NUMBER, "transfer alert"),
        (0x0129, RESPONSE, _NUMBER, "CS08 response"),
        (0x012B, ALERT, _AT + _NUMBER, "CS09 alert"),
    ],
)
def test_nothing_may_stand_behind_what_is_read(
    code: int, kind: int, sequence: bytes, where: str
) -> None:
    read_report(message(code, kind, der(0x30, sequence)))

    with pytest.raises(ValueError, match=f"expected the end of the {where}, found 3"):
        read_report(message(code, kind, der(0x30, sequence + integer(0))))
    with pytest.raises(ValueError, match="expected the end of the payload, found 1"):
        read_report(message(code, kind, der(0x30, sequence) + b"\0"))
