"""The rights filter on lists of entries, beside the same lists without it."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from benchmarks.figures import Figure, Scale, at_most, by_ratio, number
from benchmarks.ledgers import Ledger, batches, ledgers
from firtree.access import KEEPER, Principal, Right, scope_of
from firtree.devices import ModelKey
from firtree.library.ports import Filter
from firtree.parties import PartyKind

_PAGE, _USUAL = 1000, 100


class _Asked(NamedTuple):
    """A list as somebody sees it, and the same rows as one sees them who sees all."""

    told: str
    principal: Principal
    wanted: Filter = Filter()


def run(scale: Scale, _cached: Path) -> Iterator[Figure]:
    """Record entries, then list them as several askers see them."""
    for make in ledgers(scale):
        with make() as ledger:
            for batch in batches(scale.searched, scale.batch):
                ledger.parts.recorder.record(batch, KEEPER)
            yield from _measured(scale, ledger)


def _measured(scale: Scale, ledger: Ledger) -> Iterator[Figure]:
    whole = Principal(kinds=_kinds("gas supplier"), name="x")
    for asked in _askers(_models(ledger)):
        for limit in (_PAGE, _USUAL):
            plain: list[float] = []
            within: list[float] = []
            for _ in range(scale.rounds):
                plain.append(_per_entry_us(ledger, whole, asked.wanted, limit))
                within.append(_per_entry_us(ledger, asked.principal, Filter(), limit))
            yield by_ratio(
                f"list of entries, {ledger.database}, {number(scale.searched)} "
                f"entries, pages of {limit}, {asked.told}",
                median(within),
                "µs",
                at_most(1.3),
                peer=("without the filter", median(plain)),
            )


def _models(ledger: Ledger) -> list[ModelKey]:
    everything, first = scope_of(KEEPER, Right.READ_ENTRIES), ModelKey("", "")
    with ledger.parts.register.reading() as tx:
        size = tx.head().size
        return tx.models(everything, "", size=size, after=first, limit=10**6)


def _kinds(word: str) -> frozenset[PartyKind]:
    return frozenset({PartyKind.parse(word)})


def _askers(keys: list[ModelKey]) -> Iterator[_Asked]:
    codes = sorted({key.manufacturer for key in keys})
    yield _Asked(
        "a MAP that may read every maker",
        Principal(kinds=_kinds("MAP"), name="x", viewed_makers=frozenset(codes)),
    )
    half = frozenset(codes[::2])
    singles = [key for key in keys if key.manufacturer not in half][:200]
    yield _Asked(
        "a MOP that may read half of the makers and 200 single models",
        Principal(
            kinds=_kinds("MOP"),
            name="x",
            viewed_makers=half,
            viewed_models=frozenset(singles),
        ),
    )
    yield _Asked(
        "a manufacturer",
        Principal(kinds=_kinds("manufacturer"), name="x", makers=frozenset(codes[:1])),
        Filter(manufacturer=codes[0]),
    )


def _per_entry_us(
    ledger: Ledger, principal: Principal, wanted: Filter, limit: int
) -> float:
    """List all entries in pages; give the microseconds for each entry.

    All of them, because later ones say more and so take longer to read.
    """
    lookup = ledger.parts.lookup
    view, count = lookup.view(), 0
    begun = perf_counter()
    following: int | None = 0
    while following is not None:
        page = lookup.entries(principal, wanted, view, after=following, limit=limit)
        count += len(page.entries)
        following = page.after
    took = perf_counter() - begun
    assert count
    return took * 1e6 / count
