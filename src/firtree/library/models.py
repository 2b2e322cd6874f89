"""Hardware models in memory: loaded on demand, dropped when a statement touches them.

Never the whole register: a least-recently-used store of bounded size, keyed by model.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator

from firtree.catalogue.entry import Entry
from firtree.catalogue.outline import read_outlines
from firtree.catalogue.record import ModelRecord
from firtree.devices import ModelKey
from firtree.library.kept import Kept
from firtree.library.ports import Reading, Register, Stored
from firtree.parties import Maker
from firtree.statements.fold import code_of_name, key_of_name
from firtree.statements.types.entry import read_entry
from firtree.statements.types.erasure import is_erasure
from firtree.statements.types.maker import read_maker

MODELS_KEPT = 8192
MAKERS_KEPT = 16_384
# With more changed lists than this since the last look, everything is dropped.
_TOUCHED_MOST = 10_000


class Models:
    """Hardware models and makers as of any log size.  Safe to share between threads.

    Args:
        register: where they are loaded from.
        most: how many models are kept, about 15 kB each.
    """

    def __init__(self, register: Register, *, most: int = MODELS_KEPT) -> None:
        self._register = register
        self._forget: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._size = 0
        # How often something was erased: what was loaded before is not kept after.
        self._erasures = 0
        self._newest: Kept[ModelKey, ModelRecord] = Kept(most)
        self._past: Kept[tuple[ModelKey, int], ModelRecord] = Kept(most // 8)
        self._makers: Kept[str, Maker] = Kept(MAKERS_KEPT)

    def when_erased(self, forget: Callable[[], None]) -> None:
        """Have somebody told when a section was erased, to forget what it knows.

        Args:
            forget: called before anything is answered of a state with the erasure,
                maybe in another thread; waits for nobody.
        """
        self._forget.append(forget)

    def newest_size(self) -> int:
        """Give the committed log size, having dropped what changed up to it."""
        size = self._register.size()
        self.catch_up(size)
        return size

    def catch_up(self, size: int) -> None:
        """Drop what changed up to a committed log size."""
        if size != self._size:
            with self._register.reading() as tx, self._lock:
                if size > self._size:
                    self._drop(tx)
                    self._size = size

    def _drop(self, tx: Reading) -> None:
        if not self._size:  # nothing is kept yet, but others may have been asked
            self._drop_the_past()
            return
        touched = tx.touched(self._size)
        is_erased = any(is_erasure(*names) for names in touched)
        if is_erased or len(touched) > _TOUCHED_MOST:
            self._newest.clear()
            self._makers.clear()
            if is_erased:
                self._drop_the_past()
            return
        for kind, name in touched:
            if kind == "model":
                self._newest.drop(key_of_name(name))
            elif code := code_of_name(kind, name):
                self._makers.drop(code)

    def _drop_the_past(self) -> None:
        """Drop what is kept of the past: after an erasure it is not what it was."""
        self._past.clear()
        self._erasures += 1
        for forget in self._forget:
            forget()

    def model(self, key: ModelKey, size: int) -> ModelRecord:
        """Give a model's entries as of a log size; empty where there are none."""
        with self._lock:
            newest, erasures = size == self._size, self._erasures
            kept = self._newest.get(key) if newest else self._past.get((key, size))
        if kept is not None:
            return kept
        found = self._loaded(key, size)
        with self._lock:
            # Somebody may have moved on meanwhile: then this is not the newest.
            if newest and size == self._size:
                self._newest.put(key, found)
            elif not newest and erasures == self._erasures:
                self._past.put((key, size), found)
        return found

    def _loaded(self, key: ModelKey, size: int) -> ModelRecord:
        found = self._register.outlines_of_model(key, size)
        outlines = read_outlines(found.values())
        numbers = {outline.id: n for n, outline in zip(found, outlines, strict=True)}

        def read(ids: Collection[int]) -> Iterator[Entry]:
            wanted = [numbers[entry_id] for entry_id in ids]
            return map(entry_of, self._register.entries_numbered(wanted))

        return ModelRecord(key, outlines, read)

    def maker(self, code: str, size: int) -> Maker | None:
        """Give a maker as of a log size; None where it is not known."""
        with self._lock:
            newest = size == self._size
            found = self._makers.get(code) if newest else None
        if found is not None:
            return found
        with self._register.reading() as tx:
            makers = makers_of(tx.makers([code], size))
        found = makers.get(code)
        with self._lock:
            if found is not None and newest and size == self._size:
                self._makers.put(code, found)
        return found


def entry_of(stored: Stored) -> Entry:
    """Read a stored entry."""
    return read_entry(stored.core, stored.fir, stored.people, stored.private)


def makers_of(stored: Iterable[Stored]) -> dict[str, Maker]:
    """Read stored makers, by code."""
    makers = (read_maker(found.core, people=found.people) for found in stored)
    return {maker.code: maker for maker in makers}
