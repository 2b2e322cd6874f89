"""Strict readings: known answers, and what each refuses."""

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from firtree import text

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_hexadecimal_comes_in_upper_case() -> None:
    assert text.hex_digits("00aBfF", 6) == "00ABFF"
    assert text.hex_digits("", 0) == ""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("0O", r"2 hexadecimal digits, not 'O' at place 2 \(the digit 0 is meant\?\)"),
        ("l0", r"not 'l' at place 1 \(the digit 1 is meant\?\)"),
        ("S0", r"the digit 5 is meant"),
        ("0_", r"not '_' at place 2$"),
        ("\uff10\uff10", "at place 1$"),
        ("000", "2 hexadecimal digits, not 3$"),
        ("", "2 hexadecimal digits, not 0$"),
    ],
)
def test_what_is_not_hexadecimal_is_named_with_its_place(
    given: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        text.hex_digits(given, 2)
    assert not text.is_hex(given, 2)


def test_base64_has_one_spelling() -> None:
    assert text.base64_octets("") == b""
    assert text.base64_octets("+/8=") == b"\xfb\xff"
    for given in ("+/8", "+/9=", "-_8=", "+/8==", "+/8=\n", " +/8=", "+/8=+/8=", "é"):
        with pytest.raises(ValueError, match="base64 with its padding"):
            text.base64_octets(given)


def test_whole_numbers_have_bounds() -> None:
    assert text.whole_number("0") == 0
    assert text.whole_number("7", least=7, most=7) == 7
    assert text.whole_number(str(2**53)) == 2**53
    for given in ("6", "8", "", "-7", "+7", "7.0", "7\n", "0x7", "\u0667"):
        with pytest.raises(ValueError, match=r"^a whole number from 7 to 7$"):
            text.whole_number(given, least=7, most=7)


@pytest.mark.parametrize("given", ["", "abcd", "a\n", "a\r", "a\0", "a\x7f", "\u2028"])
def test_a_plain_text_is_short_and_without_controls(given: str) -> None:
    with pytest.raises(ValueError, match="a text"):
        text.plain_text(given, most=3)


def test_plain_texts_at_their_bounds_are_taken() -> None:
    assert text.plain_text("", most=3, least=0) == ""
    assert text.plain_text("é €", most=3) == "é €"


def test_a_long_text_may_have_lines_and_tabs() -> None:
    assert text.long_text("a\n\tb", most=4) == "a\n\tb"
    with pytest.raises(ValueError, match="at most 3 characters, not 4"):
        text.long_text("abcd", most=3)
    with pytest.raises(ValueError, match="control characters"):
        text.long_text("a\0", most=3)


@pytest.mark.parametrize(
    ("read", "given", "message"),
    [
        (text.iso_date, "2026-11-22 ", "a date such as 2026-11-22"),
        (text.iso_date, "2026-11-22\n", "a date such as 2026-11-22"),
        (text.british_date, "22/11/2026\n", "a date such as 22/11/2026"),
        (text.iso_date, "20261122", "a date such as"),
        (text.iso_date, "2026-W47-7", "a date such as"),
        (text.iso_date, "\uff12026-11-22", "a date such as"),
        (text.iso_date, "2026-02-29", "of the calendar, not day 29 of month 2"),
        (text.iso_date, "0000-01-01", "of the calendar"),
        (text.british_date, "22/11/26", "a date such as 22/11/2026"),
        (text.british_date, "11/22/2026", "of the calendar, not day 11 of month 22"),
        (text.moment, "2026-11-22T12:00:00", "a moment with its zone"),
        (text.moment, "2026-11-22T12:00:00+01", "a moment with its zone"),
        (text.moment, "2026-11-22T12:00:00+01:60", "a moment with its zone"),
        (text.moment, "2026-11-22T12:00:00.1234567Z", "a moment with its zone"),
        (text.moment, "2026-11-22T12:00:00Z\n", "a moment with its zone"),
        (text.moment, "2026-11-22T24:01:00Z", "a moment that exists"),
        (text.moment, "2026-11-22T12:00:60Z", "a moment that exists"),
        (text.moment, "2026-11-22T12:00:00+24:00", "a moment that exists"),
        (text.moment, "0001-01-01T00:00:00+01:00", "a moment that exists"),
    ],
)
def test_what_is_no_day_or_moment_is_refused(
    read: Callable[[str], object], given: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read(given)


def test_days_are_read_in_both_ways_of_writing() -> None:
    assert text.iso_date("2026-11-02") == date(2026, 11, 2)
    assert text.british_date("02/11/2026") == date(2026, 11, 2)
    assert text.british_date("2/1/2026") == date(2026, 1, 2)


@pytest.mark.parametrize(
    "given",
    [
        "2026-11-22T12:00:00Z",
        "2026-11-22t12:00z",
        "2026-11-22 13:30:00.000+01:30",
        "2026-11-22T07:00-05:00",
    ],
)
def test_a_moment_is_read_in_utc(given: str) -> None:
    assert text.moment(given) == NOON
    assert text.moment(given).tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        (date(2026, 1, 5), 0),
        (date(2026, 7, 5), 23),
        (date(2026, 3, 28), 0),
        (date(2026, 3, 29), 23),
        (date(2026, 10, 24), 23),
        (date(2026, 10, 25), 0),
    ],
)
def test_a_london_day_ends_by_summer_time(day: date, hour: int) -> None:
    end = text.end_of_london_day(day)

    after = end + timedelta(microseconds=1)
    assert (after.hour, after.minute, after.microsecond) == (hour, 0, 0)
    assert text.london_day(end) == day
    assert text.london_day(after) == day + timedelta(days=1)


def test_the_last_day_of_the_calendar_ends_too() -> None:
    assert text.end_of_london_day(date.max) == datetime.max.replace(tzinfo=UTC)


@hypothesis.given(st.datetimes(timezones=st.just(UTC)))
@hypothesis.example(datetime.min.replace(tzinfo=UTC))
@hypothesis.example(datetime(1, 1, 1, 0, 1, 15, tzinfo=UTC))
@hypothesis.example(datetime.max.replace(tzinfo=UTC))
def test_every_moment_has_a_day_and_a_time_in_london(at: datetime) -> None:
    there = text.in_london(at)

    assert there.date() == text.london_day(at)
    assert abs(there.replace(tzinfo=UTC) - at) <= timedelta(hours=2)
    assert there == at or (there.year, there.month, there.day) == (1, 1, 1)
    assert text.end_of_london_day(there.date()) >= at


@pytest.mark.parametrize(
    "given",
    ["00DB1234567890A0", "00-db-12-34-56-78-90-a0", "00:DB:12:34:56:78:90:A0"],
)
def test_an_eui_64_has_one_way_out(given: str) -> None:
    assert text.eui64(given) == "00-DB-12-34-56-78-90-A0"


@pytest.mark.parametrize(
    "given",
    [
        "00-DB-12-34-56-78-90-A",
        "00-DB-12-34:56-78-90-A0",
        "00DB-1234-5678-90A0",
        "00DB12-34-56-78-90-A0--",
        "00DB1234567890A00",
        "",
    ],
)
def test_another_grouping_is_no_eui_64(given: str) -> None:
    with pytest.raises(ValueError, match="16 hexadecimal digits"):
        text.eui64(given)


@hypothesis.given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
@hypothesis.example("a" * 300, "x", "y" * 100)
@hypothesis.example("a" * 60, "", "b")
@hypothesis.example("a" * 200, "", "b" * 200)
def test_two_texts_are_cut_so_that_their_difference_is_seen(
    same: str, one: str, other: str
) -> None:
    shown = text.shown_apart(same + one, same + other)

    assert (shown[0] == shown[1]) == (one == other)
    assert all(len(ast.literal_eval(told)) <= 62 for told in shown)
    if max(len(same + one), len(same + other)) <= 60:
        assert shown == (text.shown(same + one), text.shown(same + other))


def test_what_is_counted_agrees_with_its_number() -> None:
    assert text.counted(1, "passkey") == "1 passkey"
    assert text.counted(0, "passkey") == "0 passkeys"
    assert text.counted(1042, "entry", "entries") == "1,042 entries"
    assert text.counted(1.0, "hour") == "1 hour"
    assert text.counted(1.5, "hour") == "1.5 hours"
    assert text.counted(10_240_000, "octet") == "10,240,000 octets"


def test_what_is_shown_is_quoted_and_cut() -> None:
    assert text.shown("a\0") == r"'a\x00'"
    assert text.shown("x firtree_3GGnabc-_0") == "'x firtree_…'"
    assert text.shown("a" * 60) == f"'{'a' * 60}'"
    assert text.shown("a" * 61) == f"'{'a' * 60}…'"


def test_of_a_private_key_nothing_is_shown() -> None:
    key = "PRIVATE+KEY+w.example+6a7b70f9+BAdkCQa2"

    for told in (text.shown(f"x {key}"), *text.shown_apart(key, key + "x")):
        assert told == "a private key, which belongs to nobody else and is not shown"
    assert text.shown_apart("w.example+6", key)[0] == "'w.example+6'"
