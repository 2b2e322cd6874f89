"""GBCS messages, responses and keys of DUIS, built octet by octet for tests."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

SR = "http://www.dccinterface.co.uk/ServiceUserGateway"
USER = "90-B3-D5-1F-30-AA-00-01"
METER = "00-DB-12-34-56-78-9A-B0"
OTHER_METER = "00-DB-12-34-56-78-9A-B1"
HUB = "00-DB-12-34-56-78-9A-C0"
IMAGE_HASH = "5A" * 32
VERSION = "01060002"
REQUEST_ID = f"{USER}:{METER}:41"

COMMAND, RESPONSE, ALERT = 1, 2, 3


def der(tag: int, content: bytes) -> bytes:
    """Write one ASN.1 value."""
    return bytes([tag]) + length(len(content)) + content


def length(count: int) -> bytes:
    """Write a length as DER does."""
    if count < 0x80:
        return bytes([count])
    octets = count.to_bytes((count.bit_length() + 7) // 8)
    return bytes([0x80 + len(octets)]) + octets


def integer(value: int) -> bytes:
    """Write an INTEGER that is not negative."""
    return der(2, value.to_bytes(value.bit_length() // 8 + 1))


def time(text: str) -> bytes:
    """Write a GeneralizedTime."""
    return der(0x18, text.encode())


def eui(text: str) -> bytes:
    """Give the octets of an EUI-64."""
    return bytes.fromhex(text.replace("-", ""))


def message(
    code: int,
    kind: int,
    payload: bytes,
    signature: bytes | None = b"",
    *,
    mac: bool = False,
    supplement: bytes = b"",
    originator: str = METER,
    recipient: str = USER,
) -> bytes:
    """Write a GBCS message; ``signature`` None = it ends with its payload."""
    other = code.to_bytes(2) + supplement
    grouped = (
        b"\xdf\x09"
        + bytes([kind])
        + (77).to_bytes(8)
        + b"\x08"
        + eui(originator)
        + b"\x08"
        + eui(recipient)
        + b"\x00"
        + length(len(other))
        + other
        + length(len(payload))
        + payload
    )
    if signature is not None:
        grouped += length(len(signature)) + signature
    if not mac:
        return grouped
    protected = b"\x11" + bytes(4) + grouped + b"\xaa" * 12
    return b"\xdd" + bytes(6) + length(len(protected)) + protected


SIGNED = b"\x77" * 64
_VERSION = bytes.fromhex(VERSION)
_HASH = bytes.fromhex(IMAGE_HASH)
_OUTCOME = der(0x30, integer(0) + der(4, _VERSION))

# Every message about firmware that is read, by a name for tests.
MESSAGES: dict[str, bytes] = {
    "CS06 command": message(
        0x0012,
        COMMAND,
        der(0x30, der(4, _HASH) + integer(41) + time("20300115090000Z")),
        SIGNED,
        mac=True,
        originator=USER,
        recipient=METER,
    ),
    "CS06 pre-command": message(
        0x0012,
        COMMAND,
        der(0x30, der(4, _HASH) + integer(41)),
        None,
        originator=USER,
        recipient=METER,
    ),
    "CS06 outcome": message(0x0012, RESPONSE, _OUTCOME, SIGNED),
    "CS06 accepted": message(0x0012, RESPONSE, b"\x05\x00", SIGNED),
    "future-dated": message(
        0x00CA,
        ALERT,
        der(
            0x30,
            integer(0x8F66) + time("20300115090000Z") + integer(41) + _OUTCOME,
        ),
        SIGNED,
    ),
    "receipt ESME": message(
        0x00CE,
        ALERT,
        b"\x0f"
        + bytes.fromhex("200007D0 00020312 8F72")
        + b"\x09\x0c"
        + bytes.fromhex("07EA 0B 16 FF 0C 1E 00 00 8000 FF")
        + b"\x09\x20"
        + _HASH,
        SIGNED,
    ),
    "receipt GSME": message(
        0x00CF,
        ALERT,
        b"\x01\x09\x01\x8f\x1c" + (0).to_bytes(4) + b"\x09\x20" + _HASH,
        SIGNED,
    ),
    "transfer": message(
        0x0128,
        ALERT,
        der(
            0x30,
            integer(0x8F89)
            + time("20261122120000Z")
            + der(4, eui(METER))
            + der(4, _VERSION)
            + integer(2),
        ),
        SIGNED,
        originator=HUB,
    ),
    "CS08 version": message(
        0x0129,
        RESPONSE,
        der(0x30, der(4, _VERSION) + integer(0)),
        mac=True,
        supplement=bytes(16),
    ),
    "CS09 activation": message(
        0x012B,
        ALERT,
        der(
            0x30,
            integer(0x8F8B) + time("20261122120000Z") + der(4, _VERSION) + integer(1),
        ),
        SIGNED,
    ),
    "ECS52 version": message(
        0x0059,
        RESPONSE,
        b"\xda"
        + bytes.fromhex("20000001 0000 01 0904")
        + _VERSION
        + bytes.fromhex("010100"),
        mac=True,
    ),
    "GCS38 version": message(
        0x0084,
        RESPONSE,
        bytes.fromhex("0109 01 01 0702 000C 08 00 01 0602 00 41 04") + _VERSION,
        mac=True,
    ),
}


def response(body: str, *, code: str = "I0", version: str = "5.4") -> bytes:
    """Write a response with this in its body."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<sr:Response xmlns:sr="{SR}" schemaVersion="{version}"><sr:Header>'
        f"<sr:RequestID>{REQUEST_ID}</sr:RequestID>"
        f"<sr:ResponseCode>{code}</sr:ResponseCode>"
        "<sr:ResponseDateTime>2026-11-22T12:00:00.000Z</sr:ResponseDateTime>"
        f"</sr:Header><sr:Body>{body}</sr:Body></sr:Response>"
    ).encode()


def answer(content: str, service: str = "11.1", *, code: str = "I0") -> bytes:
    """Write a response message of a service with this content."""
    return response(
        f"<sr:ResponseMessage><sr:ServiceReference>{service}</sr:ServiceReference>"
        f"<sr:ServiceReferenceVariant>{service}</sr:ServiceReferenceVariant>"
        f"{content}</sr:ResponseMessage>",
        code=code,
    )


def payload(octets: bytes) -> str:
    """Write the element of a GBCS message."""
    return f"<sr:GBCSPayload>{base64.b64encode(octets).decode()}</sr:GBCSPayload>"


def alert(code: str, content: str) -> bytes:
    """Write an alert of DCC's."""
    return response(
        f"<sr:DCCAlertMessage><sr:DCCAlertCode>{code}</sr:DCCAlertCode>"
        f"<sr:DCCAlert>{content}</sr:DCCAlert></sr:DCCAlertMessage>",
        code="I0",
    )


def device(number: int = 0, *, more: str = "") -> str:
    """Write a device of an inventory."""
    eui_text = number.to_bytes(4).hex("-").upper()
    return (
        f"<sr:Device><sr:DeviceID>00-DB-12-34-{eui_text}</sr:DeviceID>"
        "<sr:DeviceType>ESME</sr:DeviceType>"
        "<sr:DeviceStatus>Commissioned</sr:DeviceStatus>"
        "<sr:DeviceManufacturer>A1B3</sr:DeviceManufacturer>"
        "<sr:DeviceModel>0A01010A</sr:DeviceModel>"
        "<sr:SMETSCHTSVersion>SMETS V4.2</sr:SMETSCHTSVersion>"
        f"<sr:DeviceFirmwareVersion>{VERSION}</sr:DeviceFirmwareVersion>"
        "<sr:DeviceFirmwareVersionStatus>Active</sr:DeviceFirmwareVersionStatus>"
        "<sr:CPLStatus>Active</sr:CPLStatus>"
        "<sr:ImportMPxN>1012345678901</sr:ImportMPxN>"
        "<sr:UPRN>100012345678</sr:UPRN><sr:PropertyFilter>"
        "<sr:PostCode>AA1 1AA</sr:PostCode>"
        "<sr:AddressIdentifier>1</sr:AddressIdentifier></sr:PropertyFilter>"
        f"{more}</sr:Device>"
    )


def inventory(count: int) -> bytes:
    """Write an inventory."""
    devices = "".join(device(number) for number in range(count))
    return answer(f"<sr:DSPInventory>{devices}</sr:DSPInventory>", "8.2")


def ota_file(
    *, version: str = VERSION, image: bytes = b"image" * 20, signed: bool = True
) -> bytes:
    """Write an OTA file; its signature, if any, is not a real one."""
    body = image + (b"\x00\x40" + SIGNED if signed else b"")
    numbers = (0x0100, 60, 4, 0xA1B3, 0x0A01)
    return (
        b"\x1e\xf1\xee\x0b"
        + b"".join(number.to_bytes(2, "little") for number in numbers)
        + int(version, 16).to_bytes(4, "little")
        + (2).to_bytes(2, "little")
        + b"an invented image".ljust(32, b"\0")
        + (60 + len(body)).to_bytes(4, "little")
        + bytes.fromhex("0101 0A01")
        + body
    )


def key_and_certificate(
    number: int = 4711, *, issuer: str = "CN=I1,OU=07"
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Make a key, and a certificate that somebody else's key signs."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string("CN=an invented user,OU=02"))
        .issuer_name(x509.Name.from_rfc4514_string(issuer))
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    )
    return key, certificate
