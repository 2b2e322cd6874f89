"""Properties of outlines: what is written is read again, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import a_model, an_entry
from firtree.catalogue.entry import Availability, Entry, Hold, Status
from firtree.catalogue.outline import outline_of, read_outlines, write_outline
from firtree.devices import DeviceType
from firtree.errors import VerificationError

IDS = st.lists(st.integers(1, 2**40), max_size=4, unique=True).map(tuple)
HEX = st.sampled_from(["", "030B", "FFFF"])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Give an entry whose outline says something in every field."""
    return an_entry(
        draw(st.integers(1, 100_000)),
        model=a_model(device_type=draw(st.sampled_from(DeviceType))),
        firmware=draw(st.sampled_from(["0002012F", "FFFFFFFF"])),
        image_hash=draw(st.sampled_from(["", "A1" * 32])),
        status=draw(st.sampled_from(Status)),
        published_on=draw(st.none() | st.dates()),
        release_date=draw(st.none() | st.dates()),
        release_line=draw(st.text(max_size=9)),
        upgradable_from=draw(st.none() | IDS),
        confirmed_edges=draw(IDS),
        rollback_from=draw(IDS),
        availability=draw(st.none() | st.sampled_from(Availability)),
        limited_to=draw(st.lists(st.text(max_size=9), max_size=2).map(tuple)),
        mandatory_step=draw(st.booleans()),
        hold=draw(st.none() | st.just(Hold(reason="a fault"))),
        min_hardware=draw(HEX),
        max_hardware=draw(HEX),
    )


@given(entries())
def test_an_outline_is_read_as_it_was_written(entry: Entry) -> None:
    assert read_outlines([write_outline(entry)]) == [outline_of(entry)]


@given(entries())
def test_an_outline_agrees_with_its_entry(entry: Entry) -> None:
    outline = outline_of(entry)

    assert (outline.id, outline.active, outline.order, outline.line) == (
        entry.id,
        entry.active,
        entry.order,
        entry.line,
    )
    assert outline.firmware == entry.firmware_key
    assert outline.held is (entry.fir.hold is not None)
    assert outline.has_image is bool(entry.cpl.image_hash)


@given(st.binary(max_size=40))
def test_other_octets_are_no_outline(octets: bytes) -> None:
    with pytest.raises(VerificationError, match="outline cannot be read"):
        read_outlines([octets])
