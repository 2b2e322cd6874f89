"""ZigBee sub-elements: tag, length and data, and lengths that lie."""

from __future__ import annotations

import pytest

from firtree.images.elements import MOST_ELEMENTS, Element, Fault, read_elements
from otafiles import an_element


def test_sub_elements_are_read_in_order() -> None:
    body = an_element(0, b"image") + an_element(3, b"hash")

    found = read_elements(b"head" + body, 4, 4 + len(body))

    assert found.elements == (Element(0, 4, 10, 5), Element(3, 15, 21, 4))
    assert found.fault is Fault.NONE
    assert found.whole


def test_a_body_of_nothing_is_not_sub_elements() -> None:
    assert not read_elements(b"", 0, 0).whole


@pytest.mark.parametrize("size", [6, 7, 1 << 31, 0xFFFFFFFF])
def test_a_sub_element_longer_than_the_body_is_named(size: int) -> None:
    body = an_element(0, b"image") + an_element(3, b"12345", size=size)

    found = read_elements(body, 0, len(body))

    assert [e.tag for e in found.elements] == [0]
    assert (found.fault, found.offset, found.says) == (Fault.TOO_LONG, 11, size)


@pytest.mark.parametrize("count", range(1, 6))
def test_octets_too_few_for_a_sub_element_are_named(count: int) -> None:
    body = an_element(0, b"image") + bytes(count)

    found = read_elements(body, 0, len(body))

    assert (found.fault, found.offset) == (Fault.CUT, 11)


@pytest.mark.parametrize("behind", [b"", an_element(3, b"hash")])
def test_a_private_tag_may_have_two_more_octets(behind: bytes) -> None:
    body = an_element(0xF000, b"\1\2" + b"secret", size=6) + behind

    found = read_elements(body, 0, len(body))

    assert found.whole
    assert found.elements[0] == Element(0xF000, 0, 8, 6)


def test_a_private_tag_without_them_is_read_plainly() -> None:
    body = an_element(0xF000, b"secret") + an_element(1, b"x")

    assert read_elements(body, 0, len(body)).elements[0] == Element(0xF000, 0, 6, 6)


def test_a_private_tag_is_read_plainly_where_both_would_do() -> None:
    body = an_element(0xF000, b"secret") + an_element(0, b"") * 3

    found = read_elements(body, 0, len(body))

    assert [(e.tag, e.offset) for e in found.elements] == [
        *((0xF000, 0), (0, 12), (0, 18), (0, 24))
    ]


def test_millions_of_empty_sub_elements_are_not_all_read() -> None:
    body = an_element(0, b"") * (MOST_ELEMENTS + 5)

    found = read_elements(body, 0, len(body))

    assert len(found.elements) == MOST_ELEMENTS
    assert found.fault is Fault.TOO_MANY
