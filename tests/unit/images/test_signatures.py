"""Keys and signatures of suppliers: read strictly, and never shown."""

from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from firtree.images.signatures import (
    PassphraseError,
    raw_signature,
    read_signer,
    read_verifier,
)
from otafiles import IMAGE, a_key, certificate_pem, der, key_pem, public_pem, raw

DIGEST = sha256(IMAGE).digest()
DER = x509.load_pem_x509_certificate(certificate_pem()).public_bytes(Encoding.DER)
ENCRYPTED = a_key().private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a passphrase")
)
TRADITIONAL = a_key().private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
)
P384 = ec.derive_private_key(5, ec.SECP384R1())
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))


def spki(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    """Write a public key."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "octets",
    [
        certificate_pem(),
        public_pem(),
        DER,
    ],
)
def test_a_certificate_or_a_public_key_verifies(octets: bytes) -> None:
    verifier = read_verifier(octets)

    assert verifier.holds(DIGEST, raw(IMAGE))
    assert not verifier.holds(DIGEST, raw(IMAGE, 2))
    assert not verifier.holds(sha256(b"").digest(), raw(IMAGE))


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, raw(IMAGE)[:-1]])
def test_what_is_no_signature_does_not_hold(signature: bytes) -> None:
    assert not read_verifier(public_pem()).holds(DIGEST, signature)


def test_the_subject_of_a_certificate_is_known() -> None:
    assert read_verifier(certificate_pem()).subject == "CN=Supplier 1"
    assert read_verifier(public_pem()).subject == ""


@pytest.mark.parametrize("octets", [key_pem(), TRADITIONAL])
def test_a_key_signs_the_same_each_time_and_its_public_key_verifies(
    octets: bytes,
) -> None:
    signer = read_signer(octets)

    assert signer.sign(DIGEST) == signer.sign(DIGEST) == raw(IMAGE)
    assert signer.verifier.holds(DIGEST, signer.sign(DIGEST))


def test_an_encrypted_key_needs_its_passphrase() -> None:
    assert read_signer(ENCRYPTED, b"a passphrase").sign(DIGEST) == raw(IMAGE)
    for passphrase in (None, b"", b"another"):
        with pytest.raises(PassphraseError, match="passphrase"):
            read_signer(ENCRYPTED, passphrase)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "PEM"),
        (key_pem()[:90], "PEM"),
        (certificate_pem(), "PEM"),
        (
            P384.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "not a key on the curve secp384r1",
        ),
        (
            ED25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "not a key of another kind",
        ),
    ],
)
def test_what_is_no_key_on_the_curve_is_refused(octets: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        read_signer(octets)

    assert key_pem()[40:60].decode() not in str(caught.value)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "an X.509 certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "X.509"),
        (key_pem(), "not a private key"),
        # Version 29 of X.509 is yet to come.
        (DER.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x1c"), "X.509"),
        (spki(P384.public_key()), "not a key on the curve secp384r1"),
        (spki(ED25519.public_key()), "not a key of another kind"),
        (
            rsa.generate_private_key(65537, 2048)
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "not a key of another kind",
        ),
    ],
)
def test_what_is_no_certificate_on_the_curve_is_refused(
    octets: bytes, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        read_verifier(octets)


def test_a_signer_does_not_show_its_key() -> None:
    signer = read_signer(key_pem())
    secret = a_key().private_numbers().private_value

    for shown in (repr(signer), str(signer), repr(vars(signer))):
        assert str(secret) not in shown
        assert f"{secret:x}" not in shown.lower()


def test_a_signature_is_taken_raw_or_in_der() -> None:
    assert raw_signature(raw(IMAGE)) == raw_signature(der(IMAGE)) == raw(IMAGE)


@pytest.mark.parametrize(
    "octets",
    [
        *(b"", bytes(64), b"\xff" * 64, raw(IMAGE)[:-1], raw(IMAGE) + b"\n"),
        *(der(IMAGE)[:-1], der(IMAGE) + b"\0", b"\x30\x06\x02\x01\x00\x02\x01\x01"),
        bytes.fromhex("3046022101") + bytes(32) + b"\x02\x21\x01" + bytes(32),
    ],
)
def test_what_is_neither_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="a raw signature of 64 octets"):
        raw_signature(octets)
