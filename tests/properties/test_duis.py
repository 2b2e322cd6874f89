"""Properties of the DUIS readers and writers: any octets, cut and changed ones."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from duis_messages import (
    IMAGE_HASH,
    MESSAGES,
    METER,
    SR,
    USER,
    answer,
    inventory,
    key_and_certificate,
    ota_file,
    payload,
)
from firtree.devices import DeviceType
from firtree.duis.answers import InventoryDevice, Response
from firtree.duis.counters import draw, read_counters
from firtree.duis.device_lists import read_device_list
from firtree.duis.gbcs import Report, read_report
from firtree.duis.ota import read_facts
from firtree.duis.requests import (
    CANCELLED,
    Sender,
    activation_octets,
    update_octets,
    version_reading_octets,
)
from firtree.duis.responses import read_response
from firtree.duis.signature import sign, verify
from firtree.duis.xml import read_tree
from firtree.errors import InvalidInputError, VerificationError
from firtree.text import eui64

KEY, CERTIFICATE = key_and_certificate()
SIGNED = sign(
    activation_octets(Sender(USER, 41), METER, image_hash=IMAGE_HASH), KEY, CERTIFICATE
)
RESPONSES = [
    inventory(2),
    answer("", "11.2", code="E65"),
    answer(payload(MESSAGES["CS06 outcome"]), "11.3"),
]
# Octets that mean something in XML, in DER, or in neither.
AWKWARD = [b"<", b">", b"&", b'"', b"/", b"\0", b"\xff", b"\x80", b"A", b" ", b"0"]


def mutated(good: list[bytes]) -> st.SearchStrategy[bytes]:
    """Give good octets with a few put in, over or left out."""

    def spoil(octets: bytes, spots: list[tuple[float, bytes, int]]) -> bytes:
        for where, new, much in spots:
            place = int(where * len(octets))
            octets = octets[:place] + new + octets[place + much :]
        return octets

    new = st.sampled_from(AWKWARD) | st.binary(max_size=4)
    spot = st.tuples(st.floats(0, 1), new, st.integers(0, 3))
    return st.builds(spoil, st.sampled_from(good), st.lists(spot, max_size=4))


@given(st.binary(max_size=200) | mutated(list(MESSAGES.values())))
def test_any_octets_give_a_report_or_a_value_error(octets: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(read_report(octets), Report)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_that_is_cut_is_refused(name: str) -> None:
    octets = MESSAGES[name]
    # Without its signature a message is a pre-command: that place may be cut at.
    unsigned = {len(octets) - 65, len(octets) - 1}
    for end in range(len(octets)):
        if octets[:1] == b"\xdf" and end in unsigned and name != "CS06 pre-command":
            continue
        with pytest.raises(ValueError, match="expected"):
            read_report(octets[:end])


@given(st.binary(max_size=200) | mutated(RESPONSES))
@example(b'<?xml version="1.0" encoding="UTF-7"?><x/>')
@example(b"\xef\xbb\xbf<x/>")
def test_any_octets_give_a_response_or_one_sentence(octets: bytes) -> None:
    with suppress(InvalidInputError):
        *devices, last = read_response([octets])
        assert isinstance(last, Response)
        assert all(isinstance(device, InventoryDevice) for device in devices)


@pytest.mark.parametrize("octets", RESPONSES)
def test_a_response_that_is_cut_is_refused(octets: bytes) -> None:
    for end in range(len(octets)):
        with pytest.raises(InvalidInputError) as caught:
            list(read_response([octets[:end]]))
        assert "\n" not in str(caught.value)


@given(st.sampled_from(RESPONSES), st.lists(st.floats(0, 1), max_size=8))
def test_it_does_not_matter_in_which_pieces_a_response_arrives(
    octets: bytes, cuts: list[float]
) -> None:
    places = sorted(int(cut * len(octets)) for cut in cuts)
    pieces = [
        octets[start:end]
        for start, end in zip([0, *places], [*places, len(octets)], strict=True)
    ]

    assert list(read_response(pieces)) == list(read_response([octets]))


euis = st.binary(min_size=8, max_size=8).map(lambda octets: octets.hex("-").upper())
moments = st.integers(-30_000_000_000, 32_000_000_000).map(
    lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
senders = st.builds(Sender, euis, st.integers(0, 2**63 - 1), euis)


@given(senders, st.binary(min_size=1, max_size=500), euis, st.lists(euis, unique=True))
def test_what_is_written_into_an_update_is_read_back(
    sender: Sender, image: bytes, version: str, more: list[str]
) -> None:
    devices = [*more, METER] if METER not in more else more
    digits = version.replace("-", "")[:8]
    pieces = update_octets(sender, image, firmware_version=digits, devices=devices)

    root = etree.fromstring(b"".join(pieces))

    def text(name: str) -> str:
        found: str = root.findtext(f".//{{{SR}}}{name}")
        return found

    assert base64.b64decode(text("FirmwareImage"), validate=True) == image
    assert text("FirmwareVersion") == digits
    assert text("DeviceIDList").split(",") == devices
    assert text("RequestID") == f"{sender.originator}:{sender.broker}:{sender.counter}"


@given(senders, euis, st.none() | moments | st.just(CANCELLED))
def test_the_moment_of_a_request_is_read_back(
    sender: Sender, device: str, at: datetime | None
) -> None:
    for octets in (
        activation_octets(sender, device, image_hash=IMAGE_HASH, at=at),
        version_reading_octets(sender, device, at=at),
    ):
        found = etree.fromstring(octets).findtext(f".//{{{SR}}}ExecutionDateTime")
        written = None if found is None else datetime.fromisoformat(found)
        assert written == at


@settings(deadline=None)
@given(senders, euis, st.none() | moments)
def test_every_request_that_is_signed_verifies(
    sender: Sender, device: str, at: datetime | None
) -> None:
    verify(
        sign(version_reading_octets(sender, device, at=at), KEY, CERTIFICATE),
        CERTIFICATE,
    )


def meaning(octets: bytes) -> bytes:
    """Give what a signature covers: the canonical form without it."""
    root = read_tree(octets)
    for signature in root.findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
        root.remove(signature)
    canonical: bytes = etree.tostring(root, method="c14n", with_comments=False)
    return canonical


MEANT = meaning(SIGNED)


def check_refused_or_unchanged(octets: bytes) -> None:
    with suppress(InvalidInputError, VerificationError):
        verify(octets, CERTIFICATE)
        assert meaning(octets) == MEANT


@settings(deadline=None)
@given(mutated([SIGNED]))
def test_whatever_verifies_says_what_was_signed(octets: bytes) -> None:
    check_refused_or_unchanged(octets)


def test_every_octet_of_a_signed_message_counts() -> None:
    for place in range(len(SIGNED)):
        for new in (b"", b"0", b"\xff", b"<"):
            check_refused_or_unchanged(SIGNED[:place] + new + SIGNED[place + 1 :])


def test_a_signed_message_that_is_cut_is_refused() -> None:
    for end in range(len(SIGNED)):
        with pytest.raises(InvalidInputError):
            verify(SIGNED[:end], CERTIFICATE)


spellings = st.sampled_from(
    [str, str.lower, lambda text: text.replace("-", ""), lambda t: t.replace("-", ":")]
)


@given(st.lists(st.tuples(euis, spellings), unique_by=lambda pair: pair[0], min_size=1))
def test_a_list_of_devices_is_read_however_they_are_written(
    listed: list[tuple[str, object]],
) -> None:
    lines = [str(spell(text)).encode() for text, spell in listed]  # type: ignore[operator]

    assert read_device_list(lines) == [text for text, _ in listed]


@given(st.binary(max_size=300))
def test_any_octets_give_devices_or_problems_with_lines(octets: bytes) -> None:
    with suppress(InvalidInputError):
        for device in read_device_list(octets.splitlines()):
            assert eui64(device) == device


@given(
    st.binary(max_size=100) | mutated([b'{"format":1,"next":{"%b":5}}' % USER.encode()])
)
def test_any_octets_give_counters_or_a_value_error(octets: bytes) -> None:
    with suppress(ValueError):
        for who, number in read_counters(octets).items():
            assert eui64(who) == who
            assert number >= 0


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 300)), max_size=12))
def test_no_number_is_drawn_twice(draws: list[tuple[int, int]]) -> None:
    seen: list[int] = []
    with TemporaryDirectory() as folder:
        for count, least in draws:
            first = draw(Path(folder, "counters"), USER, count, least=least)
            assert first >= least
            seen += range(first, first + count)

    assert seen == sorted(set(seen))


@given(
    st.binary(max_size=100) | mutated([ota_file(), ota_file(signed=False)]),
    st.sampled_from([DeviceType.ESME, DeviceType.PPMID]),
)
def test_any_octets_give_facts_of_an_image_or_one_sentence(
    octets: bytes, device_type: DeviceType
) -> None:
    with suppress(InvalidInputError):
        assert len(read_facts(octets, device_type).firmware_version) == 8
