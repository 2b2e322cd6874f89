"""Secrets that are shown once and kept as a hash: sessions, links, tokens.

Each has 256 random bits, so that SHA-256 is enough to keep it by.  A token is written
``firtree_``, 43 characters for the bits, 6 for a CRC-32 of all before; so programs that
look for leaked secrets can know one for certain (docs/accounts.md).
"""

import re
import zlib
from collections.abc import Callable
from hashlib import sha256

OCTETS = 32
TOKEN_PREFIX = "firtree_"  # noqa: S105 - what every token begins with
TOKEN = re.compile(r"firtree_[0-9A-Za-z]{49}\Z")
_SECRET = re.compile(r"[0-9A-Za-z]{43}\Z")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BITS_WIDTH = 43
_CHECK_WIDTH = 6

Entropy = Callable[[int], bytes]


def new_secret(entropy: Entropy) -> str:
    """Make the secret of a session, link or device: 43 letters and digits."""
    return _base62(int.from_bytes(entropy(OCTETS)), _BITS_WIDTH)


def new_token(entropy: Entropy) -> str:
    """Make the text of a token: 57 characters."""
    bare = TOKEN_PREFIX + new_secret(entropy)
    return bare + _check(bare)


def is_secret(text: str) -> bool:
    """Tell whether a text could be a secret of ours; saves looking for it."""
    return _SECRET.match(text) is not None


def is_token(text: str) -> bool:
    """Tell whether a text is a token, by its form and checksum alone."""
    if TOKEN.match(text) is None:
        return False
    return _check(text[:-_CHECK_WIDTH]) == text[-_CHECK_WIDTH:]


def key_of(secret: str) -> bytes:
    """Give what a secret is kept by: its SHA-256."""
    return sha256(secret.encode()).digest()


def short(key: bytes) -> str:
    """Give a name for a kept secret, by which its owner can choose it."""
    return key[:8].hex()


def _check(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECK_WIDTH)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
