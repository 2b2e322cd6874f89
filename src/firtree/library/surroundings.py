"""What the submission checks compare recorded entries with, for one entry or many."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from firtree.access import Scope
from firtree.catalogue.checks import Neighbours, Surroundings
from firtree.catalogue.entry import Entry
from firtree.catalogue.releases import Release, release_of
from firtree.devices import ModelKey
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Filter, Reading
from firtree.library.views import View, seen
from firtree.parties import Maker

# How many entries of a maker with the same image a finding is worked out from.
SHARING_MOST = 200
HASHES_KEPT = 10_000


class Surrounded(NamedTuple):
    """An entry, and what is around it."""

    entry: Entry
    around: Surroundings


class Around:
    """Gathers the surroundings of entries from one state of the register.

    What may be asked for again, makers and who shares an image, is kept; the entries
    of one model at a time are in memory.

    Args:
        tx: the state.
        view: from where one looks; it says the day.
    """

    def __init__(self, tx: Reading, view: View) -> None:
        self._tx = tx
        self._view = view
        self._makers: dict[str, Maker | None] = {}
        self._sharers: dict[str, dict[str, list[int]]] = {}

    def of(self, entries: Iterable[Entry]) -> Iterator[Surrounded]:
        """Yield entries with what is around them, model by model.

        Args:
            entries: some hundreds, as they are recorded at the view's size, any order.

        Cost: loads the entries of each model once.
        """
        models: dict[ModelKey, list[Entry]] = defaultdict(list)
        for entry in entries:
            models[entry.model.key].append(entry)
        self._look_for_sharers(entry for asked in models.values() for entry in asked)
        for key, asked in models.items():
            stored = self._tx.entries_of_model(key, self._view.size)
            model = Neighbours(map(entry_of, stored))
            yield from self._of_model([model.by_id[e.id] for e in asked], model)

    def of_model(self, key: ModelKey) -> Iterator[Surrounded]:
        """Yield all entries of a model, by id, with what is around them."""
        stored = self._tx.entries_of_model(key, self._view.size)
        model = Neighbours(map(entry_of, stored))
        self._look_for_sharers(model)
        yield from self._of_model(model, model)

    def _of_model(
        self, asked: Iterable[Entry], model: Neighbours
    ) -> Iterator[Surrounded]:
        wanted = {number for entry in asked for number in _named(entry)}
        elsewhere = self._entries(wanted - set(model.by_id))
        known = {**elsewhere, **{n: model.by_id[n] for n in wanted & set(model.by_id)}}
        sharing = {
            entry.id: self._sharing(entry) for entry in asked if entry.cpl.image_hash
        }
        ids = {number for found in sharing.values() for number in found}
        others = {**self._entries(ids - set(model.by_id)), **model.by_id}
        for entry in asked:
            yield Surrounded(
                entry,
                Surroundings(
                    day=self._view.day,
                    same_model=model,
                    named={n: known[n] for n in _named(entry) if n in known},
                    same_hash=tuple(others[n] for n in sharing.get(entry.id, ())),
                    maker=self._maker(entry.model.key.manufacturer),
                ),
            )

    def _entries(self, ids: Iterable[int]) -> dict[int, Entry]:
        found = self._tx.entries(list(ids), self._view.size)
        return {entry.id: entry for entry in map(entry_of, found)}

    def _maker(self, code: str) -> Maker | None:
        if code not in self._makers:
            found = makers_of(self._tx.makers([code], self._view.size))
            self._makers[code] = found.get(code)
        return self._makers[code]

    def _look_for_sharers(self, entries: Iterable[Entry]) -> None:
        """Learn who has each image: the first of each maker, by id."""
        hashes = {entry.cpl.image_hash for entry in entries} - {""}
        new = hashes - set(self._sharers)
        if len(self._sharers) > HASHES_KEPT:
            self._sharers.clear()
            new = hashes
        self._sharers.update((image_hash, {}) for image_hash in new)
        for found in self._tx.sharers(new, self._view.size):
            own = self._sharers[found.image_hash].setdefault(found.manufacturer, [])
            if len(own) < SHARING_MOST:
                own.append(found.id)

    def _sharing(self, entry: Entry) -> list[int]:
        """Give some entries with the same image: of its maker, and one of another.

        A hash that thousands of entries share, such as one of zeros, would otherwise
        cost as many comparisons for each of them.
        """
        makers = self._sharers[entry.cpl.image_hash]
        own = entry.model.key.manufacturer
        found = list(makers.get(own, ()))
        found.extend(next((ids[:1] for code, ids in makers.items() if code != own), []))
        return [number for number in found if number != entry.id]


def surroundings_of(tx: Reading, entry: Entry, view: View) -> Surroundings:
    """Gather what the submission checks compare an entry with."""
    around = Around(tx, view)
    return next(found.around for found in around.of([entry]))


def release_within(
    tx: Reading, entry: Entry, around: Surroundings, scope: Scope, view: View
) -> Release | None:
    """Give the release of an entry, as far as it is within a scope.

    Cost: one question more where an image is shared by so many that some may be left
    out.
    """
    code, sharing = entry.model.key.manufacturer, around.same_hash
    found = release_of(entry, seen(sharing, scope, view))
    own = 1 + sum(other.model.key.manufacturer == code for other in sharing)
    if found is None or own < SHARING_MOST:
        return found
    wanted = Filter(manufacturer=code, image_hash=entry.cpl.image_hash)
    listed = len(found.entries)
    rows = tx.page(wanted, scope, size=view.size, after=0, limit=listed + 1)
    return found._replace(more=len(rows) > listed)


def _named(entry: Entry) -> set[int]:
    """Give the ids an entry names."""
    hubs = entry.fir.requires.hub_entries if entry.fir.requires else ()
    return {*(entry.fir.upgradable_from or ()), *entry.fir.rollback_from, *hubs}
