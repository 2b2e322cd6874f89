"""ECDSA P-256 keys and signatures: verified, made, and read from either form."""

from typing import NamedTuple
from warnings import catch_warnings, simplefilter

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from firtree.images.trailer import SIGNATURE_OCTETS, impossible_part, is_der

_HALF = SIGNATURE_OCTETS // 2
_PEM = b"-----BEGIN "
# RFC 6979: the same image and key give the same signature, without chance.
_ALGORITHM = ECDSA(Prehashed(SHA256()), deterministic_signing=True)


class PassphraseError(ValueError):
    """A private key is encrypted, and the passphrase is missing or wrong."""


class Verifier(NamedTuple):
    """A supplier's public key.

    Attributes:
        key: on P-256.
        subject: whom the certificate names; empty = a bare public key.
    """

    key: EllipticCurvePublicKey
    subject: str

    def holds(self, digest: bytes, signature: bytes) -> bool:
        """Tell whether a raw signature is this key's over a SHA-256 digest.

        A question and not a decision: a checker asks it of many digests to name a
        mistake.
        """
        if len(signature) != SIGNATURE_OCTETS or impossible_part(signature):
            return False
        r, s = (
            int.from_bytes(part, "big")
            for part in (signature[:_HALF], signature[_HALF:])
        )
        try:
            self.key.verify(
                encode_dss_signature(r, s), digest, ECDSA(Prehashed(SHA256()))
            )
        except InvalidSignature:
            return False
        return True


class Signer:
    """A supplier's private key; nothing of it is ever shown.

    Args:
        key: on P-256.
    """

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key = key

    @property
    def verifier(self) -> Verifier:
        """The public key that belongs to it."""
        return Verifier(self._key.public_key(), "")

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest: 64 octets, r and then s."""
        r, s = decode_dss_signature(self._key.sign(digest, _ALGORITHM))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


def read_verifier(octets: bytes) -> Verifier:
    """Read a certificate or a public key, PEM or DER.

    Raises:
        ValueError: it is none, or its key is not on P-256.
    """
    wanted = "an X.509 certificate with an ECDSA P-256 key, PEM or DER"
    if b"PRIVATE KEY-----" in octets:
        raise ValueError(f"{wanted}, not a private key")
    try:
        with catch_warnings():
            simplefilter("ignore")  # an odd serial number is not ours to judge
            key, subject = _public(octets)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise ValueError(wanted) from None
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return Verifier(key, subject)
    raise ValueError(f"{wanted}, not {_kind(key)}")


def _public(octets: bytes) -> tuple[object, str]:
    if octets.lstrip().startswith(_PEM):
        if b"-----BEGIN CERTIFICATE-----" not in octets:
            return load_pem_public_key(octets), ""
        certificate = x509.load_pem_x509_certificate(octets)
    else:
        try:
            certificate = x509.load_der_x509_certificate(octets)
        except ValueError:
            return load_der_public_key(octets), ""
    return certificate.public_key(), certificate.subject.rfc4514_string()


def read_signer(octets: bytes, passphrase: bytes | None = None) -> Signer:
    """Read a private key, PEM.

    Raises:
        PassphraseError: it is encrypted, and this is not its passphrase.
        ValueError: it is none, or not on P-256; nothing of it is repeated.
    """
    wanted = "a private key for ECDSA P-256, PEM"
    encrypted = b"ENCRYPTED" in octets
    if encrypted and passphrase is None:
        raise PassphraseError("the passphrase of the key")
    try:
        key = load_pem_private_key(octets, passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if encrypted:
            raise PassphraseError("the passphrase of the key, not another") from None
        raise ValueError(wanted) from None
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return Signer(key)
    raise ValueError(f"{wanted}, not {_kind(key)}")


def _kind(key: object) -> str:
    """Name the kind of a key, without anything of the key itself."""
    if isinstance(key, EllipticCurvePublicKey | EllipticCurvePrivateKey):
        return f"a key on the curve {key.curve.name}"
    return "a key of another kind"


def raw_signature(octets: bytes) -> bytes:
    """Read a signature, raw or DER; give it raw.

    Raises:
        ValueError: it is neither.
    """
    wanted = f"a raw signature of {SIGNATURE_OCTETS} octets (r, then s), or DER"
    if len(octets) == SIGNATURE_OCTETS:
        raw = octets
    elif is_der(octets):
        try:
            parts = decode_dss_signature(octets)
            raw = b"".join(part.to_bytes(_HALF, "big") for part in parts)
        except (ValueError, OverflowError):
            raise ValueError(wanted) from None
    else:
        raise ValueError(f"{wanted}, not {len(octets)} octets of another form")
    if part := impossible_part(raw):
        raise ValueError(f"{wanted}, and {part} between 1 and the order of the curve")
    return raw
