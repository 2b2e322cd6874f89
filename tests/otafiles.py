"""OTA files for tests: made octet by octet, apart from the code that is tested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from struct import pack
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

MAGIC = b"\x1e\xf1\xee\x0b"
# Its end, 66 octets of text, looks like no trailer.
IMAGE = b"".join(b"Alder Meters, part %03d of an image. " % n for n in range(12))
MODEL, VERSION = "0A020101", "24000100"


def a_header(
    body: int,
    *,
    version: int = 0x0100,
    length: int | None = None,
    control: int = 4,
    maker: int = 0xA1B3,
    image_type: int = 0x0A02,
    file_version: int = 0x24000100,
    stack: int = 2,
    text: bytes = b"Alder ESME",
    total: int | None = None,
    parts: bytes | None = None,
    least: int = 0x0101,
    most: int = 0x0103,
) -> bytes:
    """Make a header in front of so many octets."""
    if parts is None:
        parts = pack("<HH", least, most) if control & 4 else b""
    size = 56 + len(parts)
    return (
        pack("<4sHHHHHIH", MAGIC, version, length if length is not None else size,
             control, maker, image_type, file_version, stack)
        + text.ljust(32, b"\0")
        + pack("<I", total if total is not None else size + body)
        + parts
    )  # fmt: skip


@cache
def a_key(number: int = 1) -> ec.EllipticCurvePrivateKey:
    """Give a key on P-256, the same for each number."""
    return ec.derive_private_key(0x5EED0000 + number, ec.SECP256R1())


def der(octets: bytes, number: int = 1) -> bytes:
    """Sign octets, the same each time; DER."""
    return a_key(number).sign(octets, ec.ECDSA(SHA256(), deterministic_signing=True))


def raw(octets: bytes, number: int = 1) -> bytes:
    """Sign octets; r, then s."""
    r, s = decode_dss_signature(der(octets, number))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def a_trailer(signature: bytes, flag: int = 0, length: int = 0x40) -> bytes:
    """Make a trailer."""
    return bytes((flag, length)) + signature


@cache
def signed_file(image: bytes = IMAGE, number: int = 1) -> bytes:
    """Make the OTA file of a meter."""
    return a_header(len(image) + 66) + image + a_trailer(raw(image, number))


def unsigned_file(image: bytes = IMAGE) -> bytes:
    """Make the OTA file of a PPMID."""
    return a_header(len(image)) + image


def an_element(tag: int, data: bytes, *, size: int | None = None) -> bytes:
    """Make a ZigBee sub-element."""
    return pack("<HI", tag, len(data) if size is None else size) + data


def zigbee_file(*elements: bytes, **header: Any) -> bytes:
    """Make a ZigBee file of sub-elements; by default an image and a checksum."""
    found = elements or (an_element(0, b"firmware" * 9), an_element(3, bytes(16)))
    body = b"".join(found)
    return a_header(len(body), **{"control": 0, **header}) + body


@cache
def certificate_pem(number: int = 1) -> bytes:
    """Make a certificate of a key."""
    key = a_key(number)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Supplier {number}")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=3650))
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )


def key_pem(number: int = 1) -> bytes:
    """Write a private key."""
    return a_key(number).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def public_pem(number: int = 1) -> bytes:
    """Write a public key."""
    return (
        a_key(number)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
