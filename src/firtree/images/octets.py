"""The octets of an image file, in memory or read from the disk where they are wanted.

To hold a whole file takes a fifth of the time that hashing it takes: memory is found,
filled and read back, page by page.  So readers ask for the few octets they look at, and
a hash goes through the file in pieces that fit the processor's caches.
"""

from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hashlib import _Hash

_PIECE = 1 << 18


class Octets(Protocol):
    """Octets of a known number; ``bytes`` are some."""

    def __len__(self) -> int:
        """Give their number."""

    def __getitem__(self, span: slice, /) -> bytes:
        """Give those of a span, as a slice of ``bytes`` does."""


def hash_of(octets: Octets, start: int, end: int) -> "_Hash":
    """Give the SHA-256 of a span, which ``hash_on`` can go on with."""
    return hash_on(sha256(), octets, start, end)


def hash_on(running: "_Hash", octets: Octets, start: int, end: int) -> "_Hash":
    """Let a hash go on over a span."""
    if isinstance(octets, bytes):
        running.update(memoryview(octets)[start:end])
        return running
    for place in range(start, end, _PIECE):
        running.update(octets[place : min(place + _PIECE, end)])
    return running
