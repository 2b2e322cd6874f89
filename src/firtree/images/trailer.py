"""The trailer of a GBCS image: flag octet, length octet, the supplier's signature."""

from typing import NamedTuple

from firtree.images.octets import Octets

SIGNATURE_OCTETS = 64
TRAILER_OCTETS = 2 + SIGNATURE_OCTETS
FLAG = 0x00
LENGTH = 0x40
# The order of P-256 (FIPS 186-5): r and s lie between 1 and one less.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_DER_SEQUENCE = 0x30
_DER_INTEGER = 0x02
_DER_OCTETS = range(8, 73)  # two integers of one octet; two of 33


class Trailer(NamedTuple):
    """A trailer as it stands at the end of a file.

    Attributes:
        offset: where the flag octet stands; the image ends there.
        flag: "force replace", for a hub; 00 otherwise.
        length: what the length octet says.
        signature: the octets behind it.
    """

    offset: int
    flag: int
    length: int
    signature: bytes

    @property
    def well_formed(self) -> bool:
        """Whether the length octet and the signature agree with GBCS."""
        return self.length == LENGTH == len(self.signature)

    @property
    def is_der(self) -> bool:
        """Whether the signature is DER, which it should not be."""
        return len(self.signature) != SIGNATURE_OCTETS and is_der(self.signature)


def trailer_of(signature: bytes) -> bytes:
    """Write a trailer.

    Raises:
        ValueError: the signature is not 64 octets.
    """
    if len(signature) != SIGNATURE_OCTETS:
        raise ValueError(f"a raw signature of {SIGNATURE_OCTETS} octets")
    return bytes((FLAG, LENGTH)) + signature


def trailer_at_end(octets: Octets, start: int, end: int) -> Trailer | None:
    """Read the last 66 octets as a trailer, if their length octet says 40."""
    offset = end - TRAILER_OCTETS
    if offset < start:
        return None
    found = _trailer(octets[offset:end], offset)
    return found if found.length == LENGTH else None


def odd_trailer(octets: Octets, start: int, end: int) -> Trailer | None:
    """Find a trailer that is not as GBCS has it: DER, or a wrong length octet.

    Only what cannot well be chance is taken: a whole DER signature behind two octets
    of which one says its length, or a length octet that is off by one behind a flag
    octet of 00.
    """
    last = octets[max(start, end - 2 - _DER_OCTETS[-1]) : end]
    for size in _DER_OCTETS:
        if size + 2 > len(last):
            break
        found = _trailer(last[-size - 2 :], end - size - 2)
        if found.is_der and found.length in {size, LENGTH}:
            return found
    for size in (SIGNATURE_OCTETS, SIGNATURE_OCTETS + 1, SIGNATURE_OCTETS - 1):
        off_by_one = {LENGTH - 1, LENGTH + 1} if size == SIGNATURE_OCTETS else {size}
        if size + 2 > len(last):
            continue
        found = _trailer(last[-size - 2 :], end - size - 2)
        if found.flag == FLAG and found.length in off_by_one:
            return found
    return None


def is_der(signature: bytes) -> bool:
    """Tell whether octets are exactly one DER signature: SEQUENCE of two INTEGERs."""
    if len(signature) not in _DER_OCTETS or signature[0] != _DER_SEQUENCE:
        return False
    if signature[1] != len(signature) - 2:
        return False
    place = 2
    for _ in range(2):
        if place + 2 > len(signature) or signature[place] != _DER_INTEGER:
            return False
        place += 2 + signature[place + 1]
    return place == len(signature)


def impossible_part(signature: bytes) -> str:
    """Name the number of a raw signature that cannot be one; empty = both can."""
    for name, part in (("r", signature[:32]), ("s", signature[32:64])):
        if not 0 < int.from_bytes(part, "big") < ORDER:
            return name
    return ""


def _trailer(octets: bytes, offset: int) -> Trailer:
    return Trailer(offset, octets[0], octets[1], octets[2:])
