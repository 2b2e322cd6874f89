"""Properties of every parser: nothing it forbids, no error but ValueError, one form."""

import re
import string
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firtree import text
from firtree.devices import (
    ESME_VARIANTS,
    DeviceType,
    Generation,
    HardwareModel,
    ModelKey,
    esme_variant,
    read_model_part,
)
from firtree.firmware import firmware_version, image_hash, misreadings, version_key
from firtree.parties import Contact, contact_role, email_address, looks_personal

# Characters that mean something to a reader, so that most examples come near an edge:
# look-alikes, blanks, signs, digits of other scripts, a long s, a surrogate.
AWKWARD = (
    "09aAfFgOlS _x+-.:/@TZ,'\"<\r\n\t\0\x7f\xa0é"
    "\uff10\uff11\u0661\u017f\u0131\u200b\ud800"
)
awkward = st.text(alphabet=AWKWARD, max_size=24)
any_text = awkward | st.text(max_size=24)
UPPER_HEX = set("0123456789ABCDEF")


def mutated(good: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Give good texts, and such with one character put in, over or left out."""

    def spoil(value: str, place: int, character: str, much: int) -> str:
        place %= len(value) + 1
        return value[:place] + character + value[place + much :]

    return good | st.builds(
        spoil,
        good,
        st.integers(0, 80),
        st.sampled_from(["", *AWKWARD]),
        st.integers(0, 1),
    )


def hex_text(size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=string.hexdigits, min_size=size, max_size=size)


READERS: dict[str, Callable[[str], Any]] = {
    "hex_digits": lambda t: text.hex_digits(t, 8),
    "whole_number": lambda t: text.whole_number(t, most=10**6),
    "plain_text": lambda t: text.plain_text(t, most=9),
    "long_text": lambda t: text.long_text(t, most=9),
    "iso_date": text.iso_date,
    "day_asked_about": text.day_asked_about,
    "british_date": text.british_date,
    "moment": text.moment,
    "eui64": text.eui64,
    "device type": DeviceType.parse,
    "generation": Generation.parse,
    "variant": esme_variant,
    "model part": lambda t: read_model_part(t, size=4, free=False),
    "free model part": lambda t: read_model_part(t, size=4, free=True),
    "firmware": lambda t: firmware_version(t, Generation.SMETS2),
    "SMETS1 firmware": lambda t: firmware_version(t, Generation.SMETS1),
    "hash": image_hash,
    "e-mail": email_address,
    "role": contact_role,
}
GOOD = st.one_of(
    hex_text(4),
    hex_text(8),
    hex_text(64),
    st.dates().map(str),
    st.dates().map(lambda day: f"{day.day}/{day.month}/{day.year:04}"),
    st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    st.sampled_from(
        ["00-DB-12-34-56-78-90-A0", "a@b.cd", "SMETS2+", "Communications Hub"]
    ),
    st.sampled_from(sorted(ESME_VARIANTS)),
)


@pytest.mark.parametrize("name", READERS)
def test_a_reader_gives_a_value_or_a_value_error(name: str) -> None:
    @given(any_text | mutated(GOOD))
    def read(given_text: str) -> None:
        with suppress(ValueError):
            READERS[name](given_text)

    read()


@example("00  2012")
@example("\uff10002012F")
@example("0x02012F")
@example("0002_12F")
@given(mutated(hex_text(8)) | awkward)
def test_hexadecimal_is_taken_exactly_where_it_is_hexadecimal(given_text: str) -> None:
    good = re.fullmatch("[0-9A-Fa-f]{8}", given_text) is not None

    assert text.is_hex(given_text, 8) is good
    readers: list[Callable[[str], str]] = [
        lambda t: text.hex_digits(t, 8),
        lambda t: firmware_version(t, Generation.SMETS2),
        lambda t: read_model_part(t, size=8, free=False),
    ]
    for read in readers:
        if good:
            assert read(given_text) == given_text.upper()
            assert set(read(given_text)) <= UPPER_HEX
        else:
            with pytest.raises(ValueError, match="8 hexadecimal digits"):
                read(given_text)


@given(mutated(hex_text(64)))
def test_a_hash_is_32_octets(given_text: str) -> None:
    try:
        found = image_hash(given_text)
    except ValueError:
        assert re.fullmatch("[0-9A-Fa-f]{64}", given_text) is None
        return

    assert bytes.fromhex(found).hex().upper() == given_text.upper() == found


@example("1_0")
@example("\u0661")
@example("+1")
@example(" 1")
@given(mutated(st.integers(0, 2000).map(str)) | awkward)
def test_a_whole_number_is_ascii_digits_within_bounds(given_text: str) -> None:
    good = re.fullmatch("[0-9]{1,18}", given_text) and 5 <= int(given_text) <= 1000

    if good:
        assert text.whole_number(given_text, least=5, most=1000) == int(given_text)
    else:
        with pytest.raises(ValueError, match="from 5 to 1000"):
            text.whole_number(given_text, least=5, most=1000)


def control(character: str) -> bool:
    return ord(character) < 32 or 127 <= ord(character) < 160


@given(any_text)
def test_no_text_with_control_characters_is_taken(given_text: str) -> None:
    with suppress(ValueError):
        found = text.plain_text(given_text, most=9)
        assert found == given_text
        assert 1 <= len(found) <= 9
        assert not any(map(control, found))
    with suppress(ValueError):
        found = text.long_text(given_text, most=9)
        assert found == given_text
        assert not any(control(c) for c in found if c not in "\n\t")


@given(st.text(alphabet=string.printable[:95] + "é€中", min_size=1, max_size=9))
def test_ordinary_texts_are_taken(given_text: str) -> None:
    assert text.plain_text(given_text, most=9) == given_text
    assert text.long_text(given_text + "\n", most=10) == given_text + "\n"
    assert firmware_version(given_text[:8], Generation.SMETS1) == given_text[:8]


@given(st.dates())
def test_a_date_survives_both_ways_of_writing(day: date) -> None:
    assert text.iso_date(day.isoformat()) == day
    british = f"{day.day:02}/{day.month:02}/{day.year:04}"
    assert text.british_date(british) == day


@given(mutated(st.dates().map(str)) | awkward)
def test_a_date_has_one_spelling(given_text: str) -> None:
    with suppress(ValueError):
        assert text.iso_date(given_text).isoformat() == given_text
    with suppress(ValueError):
        day = text.british_date(given_text)
        parts = [int(part) for part in given_text.split("/")]
        assert parts == [day.day, day.month, day.year]
        assert set(given_text) <= set("0123456789/")


@given(st.datetimes(timezones=st.timezones()), st.sampled_from("T t"))
def test_a_moment_is_what_was_written(at: datetime, mark: str) -> None:
    written = at.isoformat().replace("T", mark)
    offset = at.utcoffset()
    if offset is None or offset.seconds % 60:
        return  # RFC 3339 has no seconds in an offset

    try:
        found = text.moment(written)
    except ValueError:
        assert at.year in {1, 9999}  # UTC would be outside of the calendar
        return
    assert found == at.astimezone(UTC)  # zones apart never compare equal in a fold
    assert found.tzinfo is UTC


MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:[0-5]\d)",
    re.ASCII,
)


@given(mutated(st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)) | awkward)
def test_a_moment_always_has_its_zone(given_text: str) -> None:
    with suppress(ValueError):
        found = text.moment(given_text)
        assert MOMENT.fullmatch(given_text)
        assert found.utcoffset() == timedelta()


@given(st.dates(max_value=date(9999, 12, 30)))
def test_a_london_day_ends_where_the_next_begins(day: date) -> None:
    end = text.end_of_london_day(day)

    assert text.london_day(end) == day
    following = text.london_day(end + timedelta(microseconds=1))
    assert following == day + timedelta(days=1)


@given(st.binary(min_size=8, max_size=8), st.sampled_from(["", "-", ":"]))
def test_an_eui_64_survives_every_way_of_writing(octets: bytes, mark: str) -> None:
    written = octets.hex(mark) if mark else octets.hex()

    assert text.eui64(written) == octets.hex("-").upper()
    assert text.eui64(text.eui64(written)) == text.eui64(written)


@given(mutated(st.binary(min_size=8, max_size=8).map(lambda b: b.hex("-"))))
def test_an_eui_64_is_eight_octets_with_one_mark(given_text: str) -> None:
    pair = "[0-9A-Fa-f]{2}"
    good = re.fullmatch(
        f"({pair}){{8}}|{pair}(-{pair}){{7}}|{pair}(:{pair}){{7}}", given_text
    )

    try:
        found = text.eui64(given_text)
    except ValueError:
        assert good is None
        return
    assert good
    assert re.fullmatch("[0-9A-F]{2}(-[0-9A-F]{2}){7}", found)


@given(mutated(st.sampled_from([*DeviceType, "Comms Hub", "communications hub"])))
def test_a_device_type_is_one_of_the_list(given_text: str) -> None:
    with suppress(ValueError):
        kind = DeviceType.parse(given_text)
        assert given_text.isascii()
        hub = "CHF" if "HUB" in given_text.upper() else ""
        assert kind.value == (hub or given_text.upper().strip())


@given(mutated(st.sampled_from(["SMETS1", "smets 2", "Smets2+"])))
def test_a_generation_is_one_of_two(given_text: str) -> None:
    with suppress(ValueError):
        found = Generation.parse(given_text)
        written = "".join(given_text.split()).upper()
        assert given_text.isascii()
        assert written in {found.value, found.value.rstrip("+")}


@given(mutated(st.sampled_from(sorted(ESME_VARIANTS))))
def test_a_variant_is_one_of_25(given_text: str) -> None:
    with suppress(ValueError):
        assert esme_variant(given_text) == given_text.upper()
        assert given_text.upper() in ESME_VARIANTS
        assert given_text.isascii()


@given(any_text, any_text)
def test_a_key_is_the_same_however_it_was_typed(one: str, two: str) -> None:
    key = ModelKey.of(one, two)

    assert ModelKey.of(*key) == key
    assert ModelKey.of(f" {one}", f"{two}\n") == key
    assert version_key(version_key(one)) == version_key(one)
    if one.isascii():
        assert ModelKey.of(one.swapcase(), two) == key


parts = mutated(hex_text(4)) | mutated(hex_text(2)) | awkward


@given(
    st.sampled_from(DeviceType),
    st.sampled_from(Generation),
    st.tuples(parts, parts, parts, parts),
)
def test_a_hardware_model_is_hexadecimal_unless_it_may_be_free(
    kind: DeviceType, generation: Generation, names: tuple[str, str, str, str]
) -> None:
    free = generation is Generation.SMETS1 or kind in {DeviceType.IHD, DeviceType.CAD}
    try:
        model = HardwareModel(
            device_type=kind,
            generation=generation,
            manufacturer=names[0],
            model_identifier=names[1],
            hardware_version=names[2],
            hardware_revision=names[3],
        )
    except ValueError:
        return

    assert len(model.duis_model) <= 30
    assert not any(map(control, model.manufacturer + model.duis_model))
    if not free:
        assert [len(name) for name in names] == [4, 4, 2, 2]
        assert set("".join(names).upper()) <= UPPER_HEX
        assert model.hardware == "".join(names[2:]).upper()
    assert model.hardware == "" or re.fullmatch("[0-9A-F]{4}", model.hardware)


@given(any_text | mutated(hex_text(8)))
def test_a_misreading_is_a_version_with_a_reason(given_text: str) -> None:
    for meant, slip in misreadings(given_text):
        assert re.fullmatch("[0-9A-F]{8}", meant)
        assert slip


@given(st.binary(min_size=4, max_size=4))
def test_each_way_of_writing_a_version_leads_back_to_it(octets: bytes) -> None:
    version = octets.hex().upper()
    written = [
        octets[::-1].hex(),
        octets.hex("."),
        ".".join(f"{octet:x}" for octet in octets),
        ".".join(str(octet) for octet in octets),
        str(int.from_bytes(octets)),
        f"0x{version}",
        *([version.lstrip("0") or "0"] if version.startswith("0") else []),
    ]

    for read in written:
        assert version in {meant for meant, _ in misreadings(read)}


@given(st.lists(st.integers(0, 99), min_size=4, max_size=4), st.integers(0, 3))
def test_one_octet_in_another_coding_leads_back(octets: list[int], place: int) -> None:
    version = "".join(f"{octet:02}" for octet in octets)
    slipped = [f"{octet:02}" for octet in octets]
    slipped[place] = f"{octets[place]:02X}"
    whole = "".join(f"{octet:02X}" for octet in octets)

    for read in ("".join(slipped), whole):
        if read != version:
            assert version in {meant for meant, _ in misreadings(read)}


@given(mutated(st.emails() | st.just("firmware@maker.example")) | awkward)
def test_an_address_has_one_mailbox_and_one_domain(given_text: str) -> None:
    with suppress(ValueError):
        found = email_address(given_text)
        assert found == given_text
        local, mark, domain = found.partition("@")
        assert local
        assert mark
        assert "." in domain
        assert all(
            label and not label.startswith("-") and not label.endswith("-")
            for label in domain.split(".")
        )
        assert domain.isascii()
        assert not set(found) & set(" ,;<>\"'")
        assert not any(map(control, found))
        assert len(found) <= 254


@given(any_text, any_text)
def test_whether_a_contact_seems_personal_can_always_be_told(
    role: str, email: str
) -> None:
    assert looks_personal(Contact(role=role, email=email)) in {True, False}


@given(st.text(max_size=200))
def test_what_is_shown_is_short_and_printable(given_text: str) -> None:
    found = text.shown(given_text)

    assert found.isprintable()
    assert len(text.shown("a" * len(given_text))) <= 63
