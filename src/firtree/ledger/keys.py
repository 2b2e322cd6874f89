"""Keys of logs and witnesses, as text: verifier keys and private keys.

The forms are those of c2sp.org/signed-note and of Go's package for it.
"""

import base64
import re
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from firtree.errors import VerificationError
from firtree.text import PRIVATE_KEY, base64_octets

ED25519 = b"\x01"
KEY_OCTETS = 32
SEED_OCTETS = 32

_KEY_ID = re.compile(r"[0-9a-f]{8}\Z")
_PRIVATE = f"{PRIVATE_KEY}+"


def is_key_name(name: str) -> bool:
    """Tell whether a key may have this name: no blank of Unicode, no plus sign."""
    return bool(name) and not any(c <= " " or c == "+" or c.isspace() for c in name)


def key_id(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    """Give the 4 octets by which a signature line names its key.

    Args:
        name: of the key.
        public: 32 octets.
        kind: the octet of the signature type.
    """
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def write_vkey(name: str, public: bytes, kind: bytes = ED25519) -> str:
    """Write a verifier key: ``name+hash+base64(type ‖ key)``."""
    encoded = base64.b64encode(kind + public).decode()
    return f"{name}+{key_id(name, public, kind).hex()}+{encoded}"


def read_vkey(text: str, kind: bytes = ED25519) -> tuple[str, bytes]:
    """Read a verifier key of one signature type.

    Returns:
        Its name, and the key: 32 octets.

    Raises:
        ValueError: not such a key.
    """
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]) or not _KEY_ID.match(parts[1]):
        raise ValueError("a verifier key: name+8 hexadecimal digits+base64")
    name, wanted, encoded = parts
    octets = base64_octets(encoded)
    if octets[:1] != kind:
        raise ValueError(
            f"a key of signature type {kind.hex()}, not {octets[:1].hex() or 'none'}"
        )
    if len(octets) != 1 + KEY_OCTETS:
        raise ValueError(f"a key of {KEY_OCTETS} octets, not {len(octets) - 1}")
    try:
        own_id = key_id(name, octets[1:], kind).hex()
    except UnicodeEncodeError:
        raise ValueError("a verifier key whose name is UTF-8") from None
    if own_id != wanted:
        raise ValueError(f"a verifier key whose hash is {own_id}, not {wanted}")
    return name, octets[1:]


def verify_ed25519(name: str, public: bytes, signature: bytes, message: bytes) -> None:
    """Check an Ed25519 signature (RFC 8032) of a key that has a name.

    Raises:
        VerificationError: the key did not make it.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise VerificationError(f"wrong signature of {name}") from None


class SecretKey(NamedTuple):
    """What a private key's file says.

    Attributes:
        name: of the key.
        key_id: 8 hexadecimal digits, not checked yet.
        seed: 32 secret octets.
    """

    name: str
    key_id: str
    seed: bytes

    def __repr__(self) -> str:
        return f"SecretKey({self.name!r})"


def write_secret_key(name: str, own_id: bytes, kind: bytes, seed: bytes) -> str:
    """Write a private key: ``PRIVATE+KEY+name+hash+base64(type ‖ seed)``."""
    encoded = base64.b64encode(kind + seed).decode()
    return f"{_PRIVATE}{name}+{own_id.hex()}+{encoded}"


def read_secret_key(text: str, kind: bytes) -> SecretKey:
    """Read a private key; errors never repeat the text.

    Raises:
        ValueError: not such a key.
    """
    parts = text.strip().removeprefix(_PRIVATE).split("+", 2)
    if not text.startswith(_PRIVATE) or len(parts) != 3:
        raise ValueError("not the file of a signing key")
    try:
        octets = base64.b64decode(parts[2], validate=True)
    except ValueError:
        raise ValueError("the signing key's file is damaged") from None
    if octets[:1] != kind or len(octets) != 1 + SEED_OCTETS:
        raise ValueError(f"the signing key is not an Ed25519 key of type {kind.hex()}")
    return SecretKey(parts[0], parts[1], octets[1:])
