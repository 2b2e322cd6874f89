"""What every page shares: compiled templates, and dates and links for people."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from firtree.catalogue.entry import Entry, Status
from firtree.catalogue.search import Field
from firtree.devices import DeviceType, ModelKey
from firtree.library.noted import detail_told
from firtree.library.views import View, recorder_shown, size_note
from firtree.text import counted, in_london, iso_date
from firtree.web import chrome

HTML = "text/html"  # Litestar adds the character set
TEXT_MOST = 40
UNSEEN = "not among what you may see"
NOT_TODAY = "This is not today’s state."

_WEB = Path(__file__).resolve().parents[1]
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_NAMED = re.compile(
    r"\b(?:[Ee]ntry (?P<entry>[0-9]{1,15})|(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}))\b"
)

# How the types are written out where their letters are explained.
DEVICE_TYPES = {
    DeviceType.ESME: "Electricity meter (electricity smart metering equipment)",
    DeviceType.GSME: "Gas meter (gas smart metering equipment)",
    DeviceType.CHF: "Communications Hub Function",
    DeviceType.GPF: "Gas Proxy Function, the hub's part for the gas meter",
    DeviceType.PPMID: "Prepayment meter interface device",
    DeviceType.HCALCS: "HAN Connected Auxiliary Load Control Switch",
    DeviceType.IHD: "In-home display",
    DeviceType.CAD: "Consumer Access Device",
    DeviceType.SAPC: "Standalone Auxiliary Proportional Controller",
}
# What people call the fields a search finds by.
FIELDS = {
    Field.ID: "CPL Entry ID",
    Field.FIRMWARE: "Firmware version",
    Field.FIRMWARE_LABEL: "Label",
    Field.MODEL: "Model",
    Field.TRADE_NAME: "Trade name",
    Field.MANUFACTURER: "Manufacturer code",
    Field.MANUFACTURER_NAME: "Maker’s name",
    Field.IMAGE_HASH: "Hash",
    Field.NOTES: "Notes",
}
ABBREVIATIONS = {
    "BCD": "binary-coded decimal",
    "CHTS": "Communications Hub Technical Specifications",
    "CPA": "Commercial Product Assurance",
    "CPL": "Central Products List",
    "DCC": "Data Communications Company",
    "DLMS": "Device Language Message Specification",
    "DUIS": "DCC User Interface Specification",
    "FIR": "Firmware Information Repository",
    "GBCS": "Great Britain Companion Specification",
    "HAN": "Home Area Network",
    "OTA": "over the air",
    "SBOM": "Software Bill of Materials",
    "SHA": "Secure Hash Algorithm",
    "SMETS": "Smart Metering Equipment Technical Specifications",
    **{kind.value: name for kind, name in DEVICE_TYPES.items()},
}


class Place(NamedTuple):
    """The state and the day a page was asked for; links on the page keep to them.

    Attributes:
        at: as recorded then; empty = now.
        effective_at: as in force on this day; empty = as recorded.
    """

    at: str = ""
    effective_at: str = ""

    def link(self, path: str, **given: str) -> str:
        """Give the address of another page as seen from here."""
        values = {**given, "at": self.at, "effective_at": self.effective_at}
        return address(path, **values)

    def search(self, text: str) -> str:
        """Give the address of a search; a search knows no day in force."""
        return address("/", q=text, at=self.at)

    def manufacturer(self, code: str) -> str:
        """Give the address of a manufacturer's page."""
        if _fits_path(code):
            return self.link(f"/manufacturers/{quote(code)}")
        return self.link("/manufacturers", code=code)

    def model(self, key: ModelKey) -> str:
        """Give the address of a hardware model's page."""
        if all(map(_fits_path, key)):
            return self.link(f"/models/{quote(key.manufacturer)}/{quote(key.model)}")
        return self.link("/models", manufacturer=key.manufacturer, model=key.model)

    @property
    def changes(self) -> str:
        """Give the address where this state is compared with another."""
        return address("/diff", to=self.at)

    @property
    def past(self) -> bool:
        """Whether anything but the present was asked for."""
        return bool(self.at or self.effective_at)


NOW = Place()


def _fits_path(text: str) -> bool:
    """Tell whether a name can be one part of a path: no slash, not only dots."""
    return "/" not in text and bool(text.strip("."))


def address(path: str, **given: str) -> str:
    """Join a path and its parameters; empty ones are left out."""
    values = {name: value for name, value in given.items() if value}
    return f"{path}?{urlencode(values)}" if values else path


class Piece(NamedTuple):
    """Part of a sentence: plain, naming an entry, or naming a day."""

    text: str
    entry: int | None = None


def pieces(text: str) -> Iterator[Piece]:
    """Cut a sentence where it names entries or days, so that a page can link them."""
    end = 0
    for match in _NAMED.finditer(text):
        yield Piece(text[end : match.start()])
        if match["entry"]:
            yield Piece(match[0], int(match["entry"]))
        else:
            yield Piece(_day_text(match["day"]))
        end = match.end()
    yield Piece(text[end:])


def _day_text(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def day(value: date) -> str:
    """Write a day as people do: 22 Nov 2026."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """Write a moment as a clock in London shows it: 22 Nov 2026, 15:40."""
    there = in_london(value)
    return f"{day(there)}, {there:%H:%M}"


def number(value: int) -> str:
    """Write a number with its thousands apart."""
    return f"{value:,}"


def sentence(text: str) -> str:
    """Begin with a capital, end with a full stop."""
    text = text.strip()
    if not text:
        return ""
    ended = text if text[-1] in ".?!" else text + "."
    return ended[0].upper() + ended[1:]


def status(entry: Entry) -> str:
    """Give the word shown for a status, with the reason of a removal."""
    if entry.cpl.status is Status.ACTIVE:
        return "Current"
    return f"Removed ({entry.cpl.status.value.lower()})"


def manufacturer_name(name: str | None) -> str:
    """Give the name of a manufacturer, or say that there is none."""
    return name or "not named"


def mailto(email: str, subject: str) -> str:
    """Give the address that begins a letter."""
    return f"mailto:{quote(email, safe='@')}?subject={quote(subject)}"


def is_web(text: str) -> bool:
    """Tell whether a text is an address of the web that may be linked."""
    return text.startswith("https://") and text.isprintable() and " " not in text


def is_day(text: str) -> bool:
    """Tell whether a text is a day as the API takes it."""
    try:
        return bool(iso_date(text))
    except ValueError:
        return False


def past_words(view: View, place: Place) -> tuple[str, ...]:
    """Say of what state and day a page speaks; empty for the present."""
    words = []
    if view.as_recorded is not None:
        later = (
            NOT_TODAY
            if view.size < view.newest
            else "Nothing was recorded after that; days are counted as of then."
        )
        words.append(f"As recorded {_when(view.as_recorded, view, place)}. {later}")
    if view.effective_at is not None:
        words.append(
            f"As in force on {day(view.effective_at)}. "
            f"Reconstructed from imported dates, not proven. {NOT_TODAY}"
        )
    return tuple(words)


def _when(asked: datetime, view: View, place: Place) -> str:
    """Say which state was asked for, in the manner it was asked for."""
    if place.at.isdigit():
        inside = size_note(place.at, view.size)
        told = f"at log size {view.size:,} ({moment(asked)} in London)"
        return f"{told}: {inside}" if inside else told
    if "T" in place.at.upper():
        return f"on {moment(asked)} in London (log size {view.size:,})"
    return f"on {day(in_london(asked))} (log size {view.size:,})"


_environment = Environment(
    loader=FileSystemLoader(_WEB / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_environment.filters |= {
    "counted": counted,
    "day": day,
    "detail": detail_told,
    "moment": moment,
    "name": manufacturer_name,
    "number": number,
    "pieces": pieces,
    "recorder": recorder_shown,
    "sentence": sentence,
    "status": status,
}
_environment.tests |= {"a_day": is_day, "web_address": is_web}
_environment.globals |= {
    "ABBREVIATIONS": ABBREVIATIONS,
    "DEVICE_TYPES": DEVICE_TYPES,
    "FIELDS": FIELDS,
    "mailto": mailto,
}


def _digest(folder: str) -> str:
    files = sorted(path for path in (_WEB / folder).iterdir() if path.is_file())
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]


# Names this version of the pages, so that an ETag or a kept style sheet of another
# version is never taken for one of this.
STAMP = _digest("templates") + _digest("static")
_environment.globals["STAMP"] = STAMP


def render(name: str, **facts: object) -> bytes:
    """Fill in a template; it is compiled at its first use, and kept.

    Every template knows ``partial``, whether there may be more than who asks may see
    of what the page is about, unless the page knows better; and the word for what is
    blank.
    """
    around = chrome.current()
    scope = around.scope
    known = {
        "partial": not scope.sees_all,
        "unstated": unstated(fir=scope.fir),
        "chrome": around,
    }
    return _environment.get_template(name).render(known | facts).encode()


def unstated(*, fir: bool) -> str:
    """Give the word for what an entry does not say.

    Args:
        fir: whether FIR information may be seen, so that it is known not to be said.
    """
    return "not stated" if fir else UNSEEN


def stamp() -> str:
    """Name this version of the pages and the session they are for, for an ETag."""
    return f"{STAMP} {chrome.current().stamp}"
