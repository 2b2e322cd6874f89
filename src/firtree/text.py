"""Strict readings of small texts: hexadecimal, base64, numbers, dates, EUI-64.

Python's own converters are kind to bad input (``int("1_0")``, full-width digits,
``bytes.fromhex("00 01")``); a text taken here has one reading and no other.
Every function raises ``ValueError`` whose message says what was expected.
"""

import base64
import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

LONDON = ZoneInfo("Europe/London")
# No meter of this kind is older, and time zones are well-behaved from then on.  A day
# after the last one is a slip, or made to break what reckons with it.
FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2199, 12, 31)
# With this the file of a log's, witness's or party's private key begins.
PRIVATE_KEY = "PRIVATE+KEY"

# Of canonical JSON (docs/formats/log.md): every program reads these the same.
WHOLE_MOST = 2**53
Whole = Annotated[int, msgspec.Meta(ge=0, le=WHOLE_MOST)]

_HEX = frozenset("0123456789abcdefABCDEF")
_LOOK_ALIKE = {"O": "0", "o": "0", "l": "1", "I": "1", "i": "1", "S": "5", "s": "5"}
_DIGITS = re.compile(r"[0-9]{1,18}\Z")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_BRITISH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\Z")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-5][0-9])\Z"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SHOWN = 60
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r"firtree_[A-Za-z0-9_-]{8,}")


def hex_digits(text: str, count: int) -> str:
    """Read exactly ``count`` hexadecimal digits; give them in upper case.

    A letter that is easily taken for a digit is named with its place, counted
    from 1, because that is the commonest slip in submissions.
    """
    if is_hex(text, count):
        return text.upper()
    for place, character in enumerate(text, 1):
        if character not in _HEX:
            digit = _LOOK_ALIKE.get(character)
            meant = f" (the digit {digit} is meant?)" if digit else ""
            raise ValueError(
                f"{count} hexadecimal digits, not {character!r} at place {place}{meant}"
            )
    raise ValueError(f"{count} hexadecimal digits, not {len(text)}")


def is_hex(text: str, count: int) -> bool:
    """Tell whether the text is exactly ``count`` hexadecimal digits."""
    return len(text) == count and _HEX.issuperset(text)


def base64_octets(text: str) -> bytes:
    """Read standard base64 with its padding (RFC 4648, section 4), one spelling only.

    The bits that padding leaves over are zero, so that no two texts give the same
    octets.
    """
    try:
        octets = base64.b64decode(text, validate=True)
    except ValueError:
        octets = b""
    if base64.b64encode(octets).decode() != text:
        raise ValueError("base64 with its padding (RFC 4648, section 4)")
    return octets


def whole_number(text: str, *, least: int = 0, most: int = WHOLE_MOST) -> int:
    """Read a whole number in plain ASCII digits, within bounds."""
    wanted = f"a whole number from {least} to {most}"
    if not _DIGITS.match(text):
        raise ValueError(wanted)
    number = int(text)
    if not least <= number <= most:
        raise ValueError(wanted)
    return number


def plain_text(text: str, *, most: int, least: int = 1) -> str:
    """Read a text of bounded length without control characters."""
    if not least <= len(text) <= most:
        raise ValueError(f"a text of {least} to {most} characters, not {len(text)}")
    if not text.isprintable():
        raise ValueError("a text without control characters")
    return text


def long_text(text: str, *, most: int) -> str:
    """Read a text in which line breaks and tabs are welcome."""
    if len(text) > most:
        raise ValueError(f"a text of at most {most} characters, not {len(text)}")
    if not all(c.isprintable() or c in "\n\t" for c in text):
        raise ValueError("a text without control characters")
    return text


def iso_date(text: str) -> date:
    """Read a date such as ``2026-11-22``."""
    if (match := _ISO.match(text)) is None:
        raise ValueError("a date such as 2026-11-22")
    return _date(int(match[1]), int(match[2]), int(match[3]))


def day_asked_about(text: str) -> date:
    """Read a date for which a register can have been asked."""
    day = iso_date(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"a date from {FIRST_DAY} to {LAST_DAY}")
    return day


def british_date(text: str) -> date:
    """Read a date such as ``22/11/2026`` (day, month, year)."""
    if (match := _BRITISH.match(text)) is None:
        raise ValueError("a date such as 22/11/2026")
    return _date(int(match[3]), int(match[2]), int(match[1]))


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(
            f"a day of the calendar, not day {day} of month {month}"
        ) from None


def moment(text: str) -> datetime:
    """Read a moment with its zone (RFC 3339), such as ``2026-11-22T12:00:00Z``."""
    if not _MOMENT.match(text):
        raise ValueError("a moment with its zone, such as 2026-11-22T12:00:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a moment that exists, such as 2026-11-22T12:00:00Z") from None


def end_of_london_day(day: date) -> datetime:
    """Give the last microsecond of a day in London, in UTC."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    midnight = datetime.combine(day + timedelta(days=1), time(), LONDON)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def in_london(at: datetime) -> datetime:
    """Give a moment as clocks in London show it.

    Where they would show the year before the first, it is the beginning of that.
    """
    try:
        return at.astimezone(LONDON)
    except OverflowError:
        return datetime.min.replace(tzinfo=LONDON)


def london_day(at: datetime) -> date:
    """Give the day it is in London at a moment."""
    utc = at.astimezone(UTC)
    if utc.year < 1900:  # local time before 1847 was not whole hours from UTC
        return in_london(utc).date()
    return _london_day(utc.date(), utc.hour)


@lru_cache(maxsize=1024)
def _london_day(day: date, hour: int) -> date:
    """Give the day in London of an hour in UTC; days there change on the hour."""
    return datetime.combine(day, time(hour), UTC).astimezone(LONDON).date()


def eui64(text: str) -> str:
    """Read an EUI-64, with or without dashes or colons: ``00-DB-12-34-56-78-90-A0``.

    Returns:
        Sixteen upper-case hexadecimal digits in pairs joined by dashes, as in DUIS.
    """
    bare = text
    for mark in "-:":
        if text.count(mark) == 7 and all(len(p) == 2 for p in text.split(mark)):
            bare = text.replace(mark, "")
    digits = hex_digits(bare, 16)
    return "-".join(digits[n : n + 2] for n in range(0, 16, 2))


def shown(text: str) -> str:
    """Quote a text for an error message, cut to a readable length.

    A token, which is a secret, is told by its beginning alone, and of a text with a
    private key nothing is.
    """
    if PRIVATE_KEY in text:
        return "a private key, which belongs to nobody else and is not shown"
    text = _TOKEN.sub("firtree_…", text)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def is_utf8(text: str) -> bool:
    """Tell whether a text can be written as UTF-8; a name of a file need not be."""
    return _SURROGATE.search(text) is None


def in_utf8(text: str) -> str:
    """Give a text that can be written as UTF-8: U+FFFD for octets that are none."""
    return _SURROGATE.sub("\ufffd", text)


def begun(digits: str, most: int | None) -> str:
    """Give the beginning of a hash, by which it is found again; None = all of it.

    Broken over the lines of a table it could not be looked for.
    """
    return digits if most is None or len(digits) <= most else digits[:most] + "…"


def microseconds(moment: datetime) -> int:
    """Give a moment as microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(since_1970: int) -> datetime:
    """Give the moment of microseconds since 1970 in UTC.

    Raises:
        OverflowError: it is before the year 1 or after 9999.
    """
    return _EPOCH + since_1970 * _MICROSECOND


def counted(value: float, one: str, many: str = "") -> str:
    """Write a number with its noun: ``1 entry``, ``1,042 entries``, ``1.5 hours``.

    Args:
        value: how many.
        one: the noun, with what depends on the number.
        many: the same for any other number; empty = with an s.
    """
    number = f"{value:,}" if isinstance(value, int) else f"{value:,g}"
    return f"{number} {one if value == 1 else many or one + 's'}"


def shown_apart(first: str, second: str) -> tuple[str, str]:
    """Quote two texts as ``shown`` does, cut about where they first differ."""
    if PRIVATE_KEY in first or PRIVATE_KEY in second:
        return shown(first), shown(second)  # a part of a key is not known for one
    texts = [_TOKEN.sub("firtree_…", text) for text in (first, second)]
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))
    begin = max(0, sum(1 for _ in alike) - _SHOWN // 2)
    if max(map(len, texts)) <= _SHOWN:
        begin = 0
    before = "…" if begin else ""
    one, other = (shown(before + text[begin:]) for text in texts)
    return one, other
