"""The OTA header: each field at its place, each optional part, and back."""

from __future__ import annotations

from typing import Any

import pytest

from firtree.images.header import (
    HeaderCutError,
    OTAHeader,
    length_of,
    read_header,
    write_header,
)
from otafiles import a_header

GB = OTAHeader(
    header_version=0x0100,
    length=60,
    field_control=4,
    manufacturer_code=0x121D,
    image_type=0x0084,
    file_version=0xACDCACDC,
    stack_version=2,
    text=b"text".ljust(32, b"\0"),
    total_size=295,
    least_hardware=0x1111,
    most_hardware=0x1211,
)
# As the published sample has it, octet by octet.
GB_OCTETS = bytes.fromhex(
    "1ef1ee0b 0001 3c00 0400 1d12 8400 dcacdcac 0200"
    f"{b'text'.ljust(32, bytes(1)).hex()} 27010000 1111 1112"
)


def test_each_field_stands_where_the_format_has_it() -> None:
    assert read_header(GB_OCTETS) == GB
    assert write_header(GB) == GB_OCTETS


def test_the_duis_names_are_those_of_the_fields() -> None:
    assert (GB.manufacturer, GB.firmware_version) == ("121D", "ACDCACDC")
    assert GB.model == "00841111-00841211"
    assert GB._replace(most_hardware=0x1111).model == "00841111"
    assert GB._replace(least_hardware=None, most_hardware=None).model == "0084"


def test_all_optional_parts_are_read_in_their_order() -> None:
    parts = b"\x02" + bytes(range(8)) + b"\x01\x02\x03\x04"

    header = read_header(a_header(0, control=7, parts=parts))

    assert header.credential_version == 2
    assert header.destination == bytes(range(8))
    assert (header.least_hardware, header.most_hardware) == (0x0201, 0x0403)
    assert header.length == length_of(7) == 69
    assert header.hardware_at == 65
    assert write_header(header) == a_header(0, control=7, parts=parts)


@pytest.mark.parametrize(
    ("control", "octets"), [(0, 56), (1, 57), (2, 64), (3, 65), (4, 60), (7, 69)]
)
def test_a_header_has_the_octets_of_its_parts(control: int, octets: int) -> None:
    assert length_of(control) == octets


def test_a_header_is_read_at_any_offset() -> None:
    found = read_header(b"in front" + GB_OCTETS + b"behind", 8)

    assert found == GB._replace(offset=8)


@pytest.mark.parametrize("size", range(1, 60))
def test_a_header_that_is_cut_says_how_long_it_is(size: int) -> None:
    with pytest.raises(HeaderCutError) as caught:
        read_header(GB_OCTETS[:size])

    assert caught.value.needed == (60 if size >= 56 else 56)


@pytest.mark.parametrize("size", range(1, 60))
def test_a_header_behind_something_may_be_cut_too(size: int) -> None:
    with pytest.raises(HeaderCutError):
        read_header(b"in front" + GB_OCTETS[:size], 8)


@pytest.mark.parametrize("octets", [b"", b"\x1f\xf1\xee\x0b", b"\x1e\xf1\xee\x0c" * 20])
def test_without_the_magic_there_is_no_header(octets: bytes) -> None:
    with pytest.raises(ValueError, match="1E F1 EE 0B"):
        read_header(octets)


@pytest.mark.parametrize(
    "changes",
    [
        {"manufacturer_code": 0x10000},
        {"file_version": -1},
        {"total_size": 1 << 32},
        {"most_hardware": 0x10000},
        {"text": b"short"},
        {"field_control": 0},
        {"field_control": 5},
        {"least_hardware": None},
        {"field_control": 5, "credential_version": 256},
        {"field_control": 6, "destination": b"short"},
    ],
)
def test_a_header_that_cannot_be_written_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"bits|octets|field control"):
        write_header(GB._replace(**changes))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"Alder".ljust(32, b"\0"), "Alder"),
        (b"Alder".ljust(32, b"\xff"), "Alder"),
        (b"A\xe9\n".ljust(32, b"\0"), "A\\xe9\n"),
        (bytes(32), ""),
    ],
)
def test_the_header_string_is_shown_without_its_padding(
    text: bytes, shown: str
) -> None:
    assert GB._replace(text=text).shown_text == shown
