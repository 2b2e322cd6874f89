"""Invented makers: names, manufacturer codes, and role mailboxes at ``.example``."""

from datetime import date, timedelta
from functools import lru_cache

from firtree.parties import Contact, Maker

FEWEST, MOST = 5, 3_000
_ENTRIES_PER_MAKER = 100

# 30 × 10 × 10 names.  Plants, birds and places that do not exist.
_STEMS = (
    *("Alder", "Brackwater", "Corvid", "Dunlin", "Eldermoss", "Fernhollow"),
    *("Garganey", "Hollinfell", "Ivymoor", "Jackdaw", "Knotgrass", "Lintwhite"),
    *("Marshwort", "Nettlewick", "Ouzel", "Pipistrelle", "Quillwort", "Redshank"),
    *("Saxifrage", "Teasel", "Umberfield", "Vetchling", "Whinchat", "Yaffle"),
    *("Bogbean", "Candlewick", "Dewpond", "Feverfew", "Gorsemere", "Harebell"),
)
_KINDS = (
    *("Meters", "Metering", "Instruments", "Measurement", "Devices", "Gauges"),
    *("Utility Equipment", "Smart Systems", "Controls", "Electronics"),
)
_BRANCHES = (
    "",
    "Vale",
    "Bridge",
    "Quay",
    "Mill",
    "Hill",
    "Green",
    "Lock",
    "Moor",
    "Gate",
)

# Days since the mailbox was confirmed; None = never.
_CONFIRMED = (12, 40, 3, 75, 160, 28, 61, 19, None, 84, 33, 420)


def how_many(entries: int) -> int:
    """Say how many makers a register of this size has."""
    return min(max(entries // _ENTRIES_PER_MAKER, FEWEST), MOST)


@lru_cache(MOST)
def code(number: int) -> str:
    """Give the manufacturer code of a maker, counted from 0."""
    return f"{0xA000 + (0x1B3 + number * 7919) % 0x5000:04X}"


@lru_cache(MOST)
def name(number: int) -> str:
    """Give the name of a maker, counted from 0; the first 3,000 are different."""
    turn, stem = divmod(number, len(_STEMS))
    branch = _BRANCHES[turn // len(_KINDS) % len(_BRANCHES)]
    kind = _KINDS[(stem + turn) % len(_KINDS)]
    return " ".join(filter(None, (_STEMS[stem], branch, kind)))


@lru_cache(MOST)
def domain(number: int) -> str:
    """Give the domain of a maker's mailboxes."""
    return name(number).lower().replace(" ", "-") + ".example"


def maker(number: int, today: date) -> Maker:
    """Give a maker, counted from 0."""
    days = _CONFIRMED[number % len(_CONFIRMED)]
    return Maker(
        code=code(number),
        name=name(number),
        contact=Contact(
            role="Firmware release desk",
            email=f"firmware@{domain(number)}",
            url=f"https://{domain(number)}/firmware" if number % 4 == 3 else "",
            confirmed_on=None if days is None else today - timedelta(days=days),
        ),
    )
