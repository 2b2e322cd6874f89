"""Invents a register of any size: the showcase first, then entry by entry."""

from collections.abc import Iterator
from datetime import date
from random import Random

from firtree.catalogue.entry import Entry
from firtree.library.demo import makers, showcase
from firtree.library.demo.entries import Entries
from firtree.library.demo.plan import Plan
from firtree.parties import Maker

EARLIEST = date(2026, 1, 1)
MOST = 100_000_000  # or model identifiers would need a fifth digit


def invent(entries: int, *, seed: int, today: date) -> Iterator[Maker | Entry]:
    """Invent a register: the same for the same arguments, on any machine.

    The ids are 1 to ``entries``.  The showcase has the first ids whatever its dates;
    after it, ids grow with the day of publication.

    Args:
        entries: how many entries, 100 million at most; makers come on top.
        seed: of everything left to chance.
        today: the last day of the invented history, 2026 or later.

    Yields:
        Each maker before its first entry.

    Raises:
        ValueError: such a number of entries, or such a day, is not possible.

    Cost: time per entry; memory for makers and at most 65,536 hardware models.
    """
    if not 0 <= entries <= MOST:
        raise ValueError(f"a number of entries from 0 to {MOST:,}")
    if today < EARLIEST:
        raise ValueError(f"a day from {EARLIEST} on")
    return _with_makers(entries, seed, today)


def _with_makers(entries: int, seed: int, today: date) -> Iterator[Maker | Entry]:
    introduced: set[int] = set()
    for number, entry in _numbered(entries, seed, today):
        if number not in introduced:
            introduced.add(number)
            yield makers.maker(number, today)
        yield entry


def _numbered(entries: int, seed: int, today: date) -> Iterator[tuple[int, Entry]]:
    """Yield (number of the maker, entry)."""
    fixed = showcase.entries(today)[:entries]
    yield from fixed
    if len(fixed) == entries:
        return
    chance = Random(seed)  # noqa: S311 - repeatable invention, nothing to be guessed
    plan = Plan(len(fixed) + 1, entries, today, chance)
    made = Entries(
        plan,
        seed=seed,
        chance=chance,
        today=today,
        maker_count=makers.how_many(entries),
    )
    for place in plan.places():
        yield made.maker_of(place), made.entry(place)
