"""ZigBee sub-elements: the body of OTA files that are not for GB devices.

A sub-element is a tag (16 bits), a length (32 bits) and that many octets, all
little-endian (ZigBee OTA 6.3.3).
"""

from enum import StrEnum
from struct import Struct
from typing import NamedTuple

from firtree.images.octets import Octets

_PREFIX = Struct("<HI")
PREFIX_OCTETS = _PREFIX.size
UPGRADE_IMAGE_TAG = 0x0000
STANDARD_TAGS = range(7)
PRIVATE_TAGS = range(0xF000, 0x10000)
_KNOWN_TAGS = frozenset((*STANDARD_TAGS, *PRIVATE_TAGS))
# Some makers put two more octets between the length and the data of this tag.
LONGER_TAG = 0xF000
LONGER_BY = 2
# Files have a handful; a body of nothing but prefixes would have millions.
MOST_ELEMENTS = 1000


class Element(NamedTuple):
    """One sub-element.

    Attributes:
        tag: what it holds.
        offset: where its tag stands.
        data_offset: where its data begins.
        size: octets of its data.
    """

    tag: int
    offset: int
    data_offset: int
    size: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.data_offset + self.size


class Fault(StrEnum):
    """Why reading stopped before the end of the body."""

    NONE = "none"
    TOO_LONG = "sub-element-too-long"
    CUT = "sub-element-cut"
    TOO_MANY = "sub-elements-too-many"


class Elements(NamedTuple):
    """The sub-elements of a body.

    Attributes:
        elements: those that were whole, in order.
        fault: why there are no more.
        offset: where reading stopped; the end of the body if there is no fault.
        says: for ``TOO_LONG``, the length it says it has.
    """

    elements: tuple[Element, ...]
    fault: Fault
    offset: int
    says: int = 0

    @property
    def whole(self) -> bool:
        """Whether the body is sub-elements with known tags and nothing else.

        Nothing but noughts would be empty sub-elements, and is none.
        """
        return (
            self.fault is Fault.NONE
            and bool(self.elements)
            and self.elements[0].size > 0
            and _KNOWN_TAGS.issuperset([element.tag for element in self.elements])
        )


def is_known(tag: int) -> bool:
    """Tell whether a tag is a standard or a manufacturer's private one."""
    return tag in _KNOWN_TAGS


def read_prefix(octets: Octets, offset: int) -> tuple[int, int]:
    """Read tag and length; the octets must be there."""
    tag, size = _PREFIX.unpack(octets[offset : offset + PREFIX_OCTETS])
    return tag, size


def read_elements(octets: Octets, start: int, end: int) -> Elements:
    """Read the sub-elements between two offsets.

    Cost: one step for each sub-element, at most ``MOST_ELEMENTS``; no data is copied.
    """
    found: list[Element] = []
    place = start
    while place < end:
        if len(found) == MOST_ELEMENTS:
            return Elements(tuple(found), Fault.TOO_MANY, place)
        if end - place < PREFIX_OCTETS:
            return Elements(tuple(found), Fault.CUT, place)
        tag, size = read_prefix(octets, place)
        data = place + PREFIX_OCTETS
        if tag == LONGER_TAG and _is_longer(octets, data + size, end):
            data += LONGER_BY
        if data + size > end:
            return Elements(tuple(found), Fault.TOO_LONG, place, size)
        found.append(Element(tag, place, data, size))
        place = data + size
    return Elements(tuple(found), Fault.NONE, place)


def _is_longer(octets: Octets, after: int, end: int) -> bool:
    """Tell whether a private sub-element has two more octets before its data.

    It has if, read plainly, nothing sensible follows, and with them something does.
    """
    return not _begins_one(octets, after, end) and _begins_one(
        octets, after + LONGER_BY, end
    )


def _begins_one(octets: Octets, place: int, end: int) -> bool:
    if place == end:
        return True
    if end - place < PREFIX_OCTETS:
        return False
    tag, size = read_prefix(octets, place)
    return is_known(tag) and place + PREFIX_OCTETS + size <= end
