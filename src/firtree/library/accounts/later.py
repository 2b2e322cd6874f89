"""Writes what no request need wait for: when somebody was last seen, token use.

A second of it is lost if the process is killed; nothing of it decides anything.  Where
it is not known whether a commit was done, the access log's row that it would have ended
with tells: its hash follows from all rows before.
"""

import logging
import threading
from collections.abc import Callable, Hashable, Mapping
from datetime import timedelta
from typing import NamedTuple

from firtree.errors import DoubtfulError, UnavailableError
from firtree.library.accounts.ports import Accounts, AccountsWriting, Noted

GATHERED_S = 1.0
WAITING_MOST = 10_000
_log = logging.getLogger("firtree.accounts")

Write = Callable[[AccountsWriting], object]


class _Doubted(NamedTuple):
    """Writes of which it is not known whether they were done.

    Attributes:
        writes: by their keys.
        end: the row they ended with; None = they noted nothing, and may be done twice.
    """

    writes: Mapping[Hashable, Write] = {}
    end: Noted | None = None

    def left(self, tx: AccountsWriting) -> Mapping[Hashable, Write]:
        """Give what is still to be written."""
        if self.end is None:
            return self.writes
        # No two rows have one moment.
        after = self.end.at + timedelta(microseconds=1)
        found = tx.noted(before=after, party=0, limit=1)
        return {} if [row.hash for row in found] == [self.end.hash] else self.writes


class Later:
    """Gathers writes, and makes them together in a thread.

    Args:
        accounts: where they go.
        threaded: False = they are made when ``flush`` is called.
    """

    def __init__(self, accounts: Accounts, *, threaded: bool = True) -> None:
        self._accounts = accounts
        self._waiting: dict[Hashable, Write] = {}
        self._doubted = _Doubted()
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="later")
        if threaded:
            self._thread.start()

    def add(self, key: Hashable, write: Write) -> None:
        """Have something written soon; of two with one key, the later one."""
        with self._lock:
            kept = len(self._waiting) + len(self._doubted.writes)
            if key in self._waiting or kept < WAITING_MOST:
                self._waiting[key] = write
        self._some.set()

    def flush(self) -> None:
        """Write what waits, in one transaction.

        Raises:
            UnavailableError: it cannot be written now; it goes on waiting.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting and not self._doubted.writes:
            return
        done = _Doubted()
        try:
            with self._accounts.writing() as tx:
                done = _written(tx, {**self._doubted.left(tx), **waiting})
        except DoubtfulError:
            self._doubted = done
            raise
        except UnavailableError:
            with self._lock:
                self._waiting = {**waiting, **self._waiting}
            raise
        self._doubted = _Doubted()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self._closed.set()
        self._some.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._flush_calmly()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._some.wait()
            self._some.clear()
            self._closed.wait(GATHERED_S)
            self._flush_calmly()

    def _flush_calmly(self) -> None:
        try:
            self.flush()
        except UnavailableError as error:
            _log.warning("notes of use wait: %s", error)
        except Exception:  # the worker loop: one bad note must not end it
            _log.exception("notes of use are lost")


def _written(tx: AccountsWriting, writes: Mapping[Hashable, Write]) -> _Doubted:
    """Write, and give what is to be looked for if the commit leaves it in doubt."""
    begun = tx.last_noted()
    for write in writes.values():
        write(tx)
    end = tx.last_noted()
    return _Doubted(writes, end if end != begun else None)
