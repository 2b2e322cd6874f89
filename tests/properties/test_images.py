"""Properties of OTA files: any octets give a report, and what is built reads back."""

from __future__ import annotations

from hashlib import sha256
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firtree.cli.files import file_octets
from firtree.devices import DeviceType
from firtree.exchange.image_wire import check_wire
from firtree.images.building import blueprint, build
from firtree.images.checker import WITH_TRAILER, Asked, check
from firtree.images.elements import Fault, read_elements
from firtree.images.facts import Facts
from firtree.images.header import OTAHeader, length_of, read_header, write_header
from firtree.images.octets import hash_of
from firtree.images.signatures import read_signer, read_verifier
from firtree.images.trailer import is_der
from otafiles import (
    IMAGE,
    MAGIC,
    a_header,
    a_trailer,
    an_element,
    certificate_pem,
    der,
    key_pem,
    signed_file,
    unsigned_file,
    zigbee_file,
)
from sound_reports import check_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = read_verifier(certificate_pem())
SIGNER = read_signer(key_pem())
KINDS = [None, DeviceType.ESME, DeviceType.PPMID, DeviceType.CHF]
FILES = [signed_file(), unsigned_file(), zigbee_file(), b"NGIS" + signed_file()]

u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
kinds = st.sampled_from(KINDS)
# Octets that mean something to the readers.
pieces = st.sampled_from(
    [
        *(MAGIC, MAGIC[::-1], b"NGIS", b"\x00\x40", b"\x01\x40", b"\x00\x41"),
        *(bytes(64), b"\xff" * 4, an_element(0, b"x"), an_element(0xF000, b"y")),
        *(an_element(0, b"", size=99), a_trailer(b"\1" * 64), der(IMAGE)),
        *(a_header(0), a_header(66), a_header(9, control=0), a_header(1, length=56)),
        *(signed_file(), IMAGE),
    ]
)
octets_of_a_kind = (
    st.lists(pieces | st.binary(max_size=12), max_size=6).map(b"".join)
    | st.binary(max_size=300)
    | st.binary(max_size=120).map(lambda body: a_header(len(body)) + body)
    | st.binary(max_size=120).map(lambda body: a_header(len(body), control=0) + body)
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Give a good file with some octets changed, left out or put in."""
    octets = bytearray(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(octets) - 1, 0)))
        match draw(st.sampled_from(["change", "cut", "insert", "end"])):
            case "change" if octets:
                octets[place] = draw(st.integers(0, 255))
            case "cut":
                del octets[place : place + draw(st.integers(1, 70))]
            case "insert":
                octets[place:place] = draw(pieces)
            case _:
                del octets[place:]
    return bytes(octets)


@example(b"", None)
@example(MAGIC, None)
@example(MAGIC * 40, DeviceType.ESME)
@example(a_header(0)[:58], None)
@given(octets_of_a_kind | damaged(), kinds)
def test_any_octets_give_a_sound_report(octets: bytes, kind: DeviceType | None) -> None:
    check_report(octets, kind, KEY)


@given(octets_of_a_kind | damaged(), kinds, st.sampled_from(["", "a hash"]))
def test_a_file_is_told_the_same_from_the_disk_as_from_memory(
    octets: bytes, kind: DeviceType | None, asked: str
) -> None:
    facts = Facts(image_hash=sha256(octets).hexdigest() if asked else "")
    with NamedTemporaryFile() as file:
        file.write(octets)
        file.flush()
        with file_octets(file.name, most=len(octets), what="a file") as held:
            found = check(held, Asked(kind, facts, KEY))

    assert check_wire("", found) == check_wire(
        "", check(octets, Asked(kind, facts, KEY))
    )


@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("pieces_of_it", [0, 1, 2])
def test_a_hash_of_pieces_is_the_hash_of_the_whole(
    tmp_path: Path, pieces_of_it: int, more: int
) -> None:
    octets = bytes(range(251)) * 3133
    octets = octets[: pieces_of_it * (1 << 18) + 2 + more]
    (tmp_path / "file").write_bytes(octets)

    with file_octets(str(tmp_path / "file"), most=1 << 20, what="a file") as held:
        assert hash_of(held, 1, len(held)).digest() == sha256(octets[1:]).digest()
        assert held[:] == octets


@st.composite
def headers(draw: st.DrawFn) -> OTAHeader:
    """Give any header that can be written."""
    control = draw(st.integers(0, 7)) | draw(st.sampled_from([0, 8, 0x8000]))
    return OTAHeader(
        header_version=draw(u16),
        length=length_of(control),
        field_control=control,
        manufacturer_code=draw(u16),
        image_type=draw(u16),
        file_version=draw(u32),
        stack_version=draw(u16),
        text=draw(st.binary(min_size=32, max_size=32)),
        total_size=draw(u32),
        credential_version=draw(st.integers(0, 255)) if control & 1 else None,
        destination=(draw(st.binary(min_size=8, max_size=8)) if control & 2 else None),
        least_hardware=draw(u16) if control & 4 else None,
        most_hardware=draw(u16) if control & 4 else None,
    )


@given(headers(), st.binary(max_size=9), st.binary(max_size=9))
def test_a_header_that_is_written_reads_back_the_same(
    header: OTAHeader, before: bytes, after: bytes
) -> None:
    written = write_header(header)

    assert len(written) == header.parts_length
    found = read_header(before + written + after, len(before))
    assert found == header._replace(offset=len(before))


@given(
    st.lists(st.tuples(st.integers(0, 6), st.binary(max_size=20)), max_size=8),
    st.binary(max_size=8),
)
def test_sub_elements_that_are_written_read_back_the_same(
    written: list[tuple[int, bytes]], before: bytes
) -> None:
    body = before + b"".join(an_element(tag, data) for tag, data in written)

    found = read_elements(body, len(before), len(body))

    assert found.fault is Fault.NONE
    assert found.offset == len(body)
    assert [(e.tag, body[e.data_offset : e.end]) for e in found.elements] == written


def hexadecimal(count: int, most: int | None = None) -> st.SearchStrategy[str]:
    """Give hexadecimal digits."""
    numbers = st.integers(0, 16**count - 2 if most is None else most)
    cases: list[Callable[[str], str]] = [str.upper, str.lower]
    return st.builds(
        lambda number, case: case(f"{number:0{count}x}"),
        numbers,
        st.sampled_from(cases),
    )


@given(
    kind=st.sampled_from(sorted([*WITH_TRAILER, DeviceType.PPMID])),
    image=st.binary(min_size=1, max_size=300) | pieces.filter(lambda p: p[:4] != MAGIC),
    manufacturer=hexadecimal(4),
    image_type=hexadecimal(4, most=0xFFBF),
    version=hexadecimal(8),
    ends=st.lists(hexadecimal(4), min_size=2, max_size=2).map(
        lambda found: sorted(found, key=str.upper)
    ),
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=32),
)
def test_reading_back_what_was_built_gives_the_same_facts(
    *,
    kind: DeviceType,
    image: bytes,
    manufacturer: str,
    image_type: str,
    version: str,
    ends: list[str],
    text: str,
) -> None:
    plan = blueprint(
        kind,
        manufacturer=manufacturer,
        image_type=image_type,
        firmware_version=version,
        least_hardware=ends[0],
        most_hardware=ends[1],
        text=text,
    )
    digest = sha256(image).digest()
    signature = SIGNER.sign(digest) if plan.has_trailer else None
    facts = Facts(
        device_type=kind,
        manufacturer=manufacturer,
        model_identifier=image_type,
        firmware_version=version,
        least_hardware=ends[0],
        most_hardware=ends[1],
        image_hash=digest.hex(),
        image_size=len(image),
    )

    made = build(plan, image, signature)
    report = check(made, Asked(kind, facts, KEY if plan.has_trailer else None))

    noted = {"sub-elements-in-gb-image"}  # an image may happen to look like them
    assert {one.code for one in report.findings} <= noted
    assert all(one.matches for one in report.comparisons)
    assert report.header is not None
    assert report.reading is not None
    assert report.header.text.rstrip(b"\0").decode() == text.rstrip("\0")
    start, end = report.reading.image.span
    assert made[start:end] == image
    assert report.verified is (True if plan.has_trailer else None)


@given(st.binary(max_size=80))
def test_octets_are_der_only_if_a_strict_reader_says_so(octets: bytes) -> None:
    assert is_der(der(octets))
    if is_der(octets):
        assert octets[0] == 0x30
        assert octets[1] + 2 == len(octets)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("octets", FILES)
def test_each_octet_changed_gives_a_sound_report(
    octets: bytes, kind: DeviceType | None
) -> None:
    for place in range(len(octets)):
        for other in (0x00, octets[place] ^ 0x01):
            check_report(octets[:place] + bytes((other,)) + octets[place + 1 :], kind)
