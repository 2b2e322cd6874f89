"""Octets read from left to right, each with a name and a place in every complaint."""

import re
from typing import Self

from firtree.text import counted

_TIME = re.compile(rb"[0-9]{14}Z")


class Cursor:
    """What is left of some octets.

    Every method raises ``ValueError`` with the octet's place, counted from 0.
    """

    def __init__(self, octets: bytes, place: int = 0, end: int | None = None) -> None:
        self._octets = octets
        self.place = place
        self.end = len(octets) if end is None else end

    @property
    def left(self) -> int:
        """Count the octets not yet read."""
        return self.end - self.place

    def take(self, count: int, what: str) -> bytes:
        """Read so many octets."""
        if count > self.left:
            wanted = counted(count, "octet")
            raise ValueError(
                f"{what} at octet {self.place}: expected {wanted}, found {self.left}"
            )
        self.place += count
        return self._octets[self.place - count : self.place]

    def expect(self, wanted: bytes, what: str) -> None:
        """Read octets that are fixed."""
        found = self.take(len(wanted), what)
        if found != wanted:
            raise ValueError(
                f"{what} at octet {self.place - len(wanted)}: expected "
                f"{wanted.hex().upper()}, found {found.hex().upper()}"
            )

    def number(self, count: int, what: str) -> int:
        """Read an unsigned number, the octet of most weight first."""
        return int.from_bytes(self.take(count, what))

    def length(self, what: str) -> int:
        """Read a length as DER writes it, in its shortest form."""
        place = self.place
        first = self.number(1, what)
        if first < 0x80:
            return first
        size = first - 0x80
        if not 1 <= size <= 3:
            raise ValueError(
                f"{what} at octet {place}: expected a length, found {first:02X}"
            )
        found = self.number(size, what)
        if found < 0x80 or found < 1 << 8 * (size - 1):
            raise ValueError(
                f"{what} at octet {place}: expected the shortest form of {found}"
            )
        return found

    def within(self, count: int, what: str) -> Self:
        """Step over so many octets, and give a cursor of those alone."""
        place = self.place
        self.take(count, what)
        return type(self)(self._octets, place, self.place)

    def finish(self, what: str) -> None:
        """Check that nothing is left."""
        if self.left:
            raise ValueError(
                f"octet {self.place}: expected the end of {what}, "
                f"found {counted(self.left, 'more octet')}"
            )

    # What follows reads ASN.1 DER.

    def sequence(self, what: str) -> Self:
        """Read the beginning of a SEQUENCE; give a cursor of its content."""
        self.expect(b"\x30", what)
        return self.within(self.length(what), what)

    def integer(self, what: str, *, most: int) -> int:
        """Read an INTEGER from 0 to a bound."""
        self.expect(b"\x02", what)
        place = self.place
        octets = self.take(self.length(what), what)
        found = int.from_bytes(octets, signed=True)
        if not octets or not 0 <= found <= most:
            raise ValueError(
                f"{what} at octet {place}: expected a number from 0 to {most}, "
                f"found {octets[:9].hex().upper() or 'none'}"
            )
        return found

    def octet_string(self, count: int, what: str) -> bytes:
        """Read an OCTET STRING of a fixed length."""
        self.expect(bytes([0x04, count]), what)
        return self.take(count, what)

    def time(self, what: str) -> str:
        """Read a GeneralizedTime in UTC, to the second: ``20300115090000Z``."""
        self.expect(b"\x18\x0f", what)
        place = self.place
        found = self.take(15, what)
        if not _TIME.fullmatch(found):
            raise ValueError(
                f"{what} at octet {place}: expected a time such as "
                f"20300115090000Z, found {found!r}"
            )
        return found.decode()
