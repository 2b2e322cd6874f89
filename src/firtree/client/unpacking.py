"""Unpacks what a server sent packed, in pieces of bounded size.

What httpx unpacks by itself it unpacks whole, piece by piece of what came, and as often
as the server says: a kilobyte that is packed twice becomes a gigabyte of memory before
anybody can look at its size.
"""

import zlib
from collections.abc import Iterator

# What may be sent to us; RFC 9110, section 8.4.1.
ENCODING = "gzip"
PIECE_OCTETS = 65_536
_GZIP = 16 + zlib.MAX_WBITS  # with head and checksum of RFC 1952, and no other form


def unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack one gzip member.

    Args:
        pieces: as they came.

    Yields:
        Pieces of at most ``PIECE_OCTETS``; an empty one where a piece that came gives
        nothing yet, so that the caller sees that time goes by.

    Raises:
        ValueError: it is no gzip, is cut short, or goes on after its end.
    """
    member, begun = zlib.decompressobj(_GZIP), False
    for packed in filter(None, pieces):
        begun = True
        yield from _of_piece(member, packed)
    if begun and not member.eof:
        raise ValueError("cut short")


def _of_piece(member: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """Unpack what follows of a member; what is not unpacked yet waits its turn."""
    while packed:
        if member.eof:
            raise ValueError("more after the end")
        try:
            yield member.decompress(packed, PIECE_OCTETS)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        packed = member.unused_data or member.unconsumed_tail
