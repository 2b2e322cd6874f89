"""The state map in memory, as of any log size, for proofs."""

import threading
from collections.abc import Iterator
from hashlib import sha256

from firtree.collector import collector_at_rest
from firtree.errors import VerificationError
from firtree.ledger.statemap import StateMap, map_key
from firtree.library.kept import Kept
from firtree.library.ports import Reading, Register

# Maps share what they have in common, so a past one costs what has changed since.
PAST_KEPT = 16
_AT_ONCE = 10_000


class StateMaps:
    """Maps of one register.  Safe to share between threads.

    Nothing is in memory until a proof is asked for.

    Args:
        register: where they are loaded from.

    Cost: some 0.7 kB of memory for each list (one for each hardware model and each
    maker: 84 MB for a million entries), and two seconds for the first map; the
    next one costs what has changed, and an earlier one what has changed since.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._lock = threading.Lock()
        self._size = 0
        self._newest = StateMap()
        self._past: Kept[int, StateMap] = Kept(PAST_KEPT)

    def at(self, size: int) -> StateMap:
        """Give the map as of the end of a transaction.

        Raises:
            VerificationError: the lists that are kept do not lead to the state that
                the log names.
        """
        with self._lock:
            if size > self._size:
                self._catch_up()
            if size == self._size:
                return self._newest
            if (known := self._past.get(size)) is None:
                known = self._earlier(size)
                self._past.put(size, known)
            return known

    def _catch_up(self) -> None:
        with self._register.reading() as tx:
            head = tx.head()
            if self._size:
                self._past.put(self._size, self._newest)
            with collector_at_rest():
                self._newest = self._newest.updated(
                    (key, sha256(octets).digest())
                    for key, octets in tx.map_leaves(self._size)
                )
        self._size = head.size
        self._check(head.size, self._newest, head.state)

    def _earlier(self, size: int) -> StateMap:
        """Go back from the newest map to the one of a size."""
        # Opened after the newest was read, so it sees at least as much.
        with self._register.reading() as tx:
            end = tx.end_of_size(size)
            found = self._newest.updated(_as_before(tx, size))
        if end is not None:
            self._check(size, found, end.state)
        return found

    def _check(self, size: int, found: StateMap, state: bytes) -> None:
        if found.root != state:
            self._size, self._newest = 0, StateMap()
            raise VerificationError(
                f"the lists of size {size} do not lead to the state the log names",
                hint="make the tables anew: firtree rebuild",
            )


def _as_before(tx: Reading, size: int) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield what each list was that changed after a size, or that it was not there."""
    names = tx.touched(size)
    for start in range(0, len(names), _AT_ONCE):
        keys = [map_key(*each) for each in names[start : start + _AT_ONCE]]
        before = tx.lists_at(keys, size)
        for key in keys:
            octets = before.get(key)
            yield key, None if octets is None else sha256(octets).digest()
