"""Where each invented entry stands: which product, hardware and version has which id.

All of it is arithmetic, so an entry can name the ids of others, earlier or later, and
nothing needs to be remembered, however large the register.

The years are cut into rounds.  In every round each product gets one entry; products
come in couples of one maker, submitted together, and each round has its own order of
couples.  The rounds of a product are split between successive hardware revisions.
"""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from math import gcd, sqrt
from random import Random
from typing import NamedTuple

ROUNDS = 16
# How a product's rounds are split between hardware revisions: 8 each on average.
_SPLITS = ((8, 8), (5, 11), (16,), (3, 6, 7), (10, 6), (4, 12), (7, 9), (9, 7))

# The CPL went live a few days before.
FIRST_DAY = date(2016, 11, 1)


class Place(NamedTuple):
    """Where an entry stands.

    Attributes:
        entry: CPL Entry ID.
        couple: number of the couple of products.
        side: 0 or 1, which of the two.
        turn: number of the round.
        hardware: number of the hardware revision, from 0.
        version: number of the firmware version on that hardware, from 0.
        versions: how many versions that hardware gets.
    """

    entry: int
    couple: int
    side: int
    turn: int
    hardware: int
    version: int
    versions: int


_Stage = tuple[int, int, int]


def _stages(split: tuple[int, ...]) -> tuple[_Stage, ...]:
    """Give (hardware, version, versions) for each round."""
    return tuple(
        chain.from_iterable(
            ((hardware, version, versions) for version in range(versions))
            for hardware, versions in enumerate(split)
        )
    )


_STAGES = tuple(_stages(split) for split in _SPLITS)


class Plan:
    """The places of the entries with the ids ``first`` to ``last``.

    Args:
        first, last: ids, both included.
        today: day of the last publication.
        chance: where the order within rounds comes from.
    """

    def __init__(self, first: int, last: int, today: date, chance: Random) -> None:
        self.last = last
        self._first = first
        per_couple = 2 * ROUNDS
        self.couples = max(1, -(-(last - first + 1) // per_couple))
        self._strides = [self._stride(chance) for _ in range(ROUNDS)]
        self._start = FIRST_DAY.toordinal()
        self._days = today.toordinal() - self._start

    def _stride(self, chance: Random) -> tuple[int, int, int]:
        """Give (factor, its inverse, offset) of an order of couples."""
        factor = chance.randrange(self.couples) or 1
        while gcd(factor, self.couples) != 1:
            factor = factor % self.couples + 1
        return factor, pow(factor, -1, self.couples), chance.randrange(self.couples)

    def entry_of(self, couple: int, side: int, turn: int) -> int:
        """Give the id of a product's entry in a round; it may be above ``last``."""
        factor, _, offset = self._strides[turn]
        position = (factor * couple + offset) % self.couples
        return self._first + 2 * (turn * self.couples + position) + side

    def places(self) -> Iterator[Place]:
        """Yield every place in the order of ids."""
        entry = self._first
        for turn, (_, inverse, offset) in enumerate(self._strides):
            for position in range(self.couples):
                couple = inverse * (position - offset) % self.couples
                stage = _STAGES[couple % len(_STAGES)][turn]
                for side in (0, 1):
                    if entry > self.last:
                        return
                    yield Place(entry, couple, side, turn, *stage)
                    entry += 1

    def published(self, entry: int) -> int:
        """Give the day of publication, Monday to Friday, as an ordinal.

        Later ids are never published earlier.
        """
        done = (entry - self._first) / max(1, self.last - self._first)
        # Three quarters of a power by square roots, which are the same everywhere:
        # each year sees more entries than the one before.
        day = self._start + int(self._days * sqrt(done) * sqrt(sqrt(done)))
        return day - max(0, (day - 1) % 7 - 4)
