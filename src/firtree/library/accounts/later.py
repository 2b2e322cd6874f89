"""Writes what no request need wait for: when somebody was last seen, token use.

A second of it is lost if the process is killed; nothing of it decides anything.
"""

import logging
import threading
from collections.abc import Callable, Hashable

from firtree.errors import UnavailableError
from firtree.library.accounts.ports import Accounts, AccountsWriting

GATHERED_S = 1.0
WAITING_MOST = 10_000
_log = logging.getLogger("firtree.accounts")

Write = Callable[[AccountsWriting], object]


class Later:
    """Gathers writes, and makes them together in a thread.

    Args:
        accounts: where they go.
        threaded: False = they are made when ``flush`` is called.
    """

    def __init__(self, accounts: Accounts, *, threaded: bool = True) -> None:
        self._accounts = accounts
        self._waiting: dict[Hashable, Write] = {}
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="later")
        if threaded:
            self._thread.start()

    def add(self, key: Hashable, write: Write) -> None:
        """Have something written soon; of two with one key, the later one."""
        with self._lock:
            if key in self._waiting or len(self._waiting) < WAITING_MOST:
                self._waiting[key] = write
        self._some.set()

    def flush(self) -> None:
        """Write what waits, in one transaction.

        Raises:
            UnavailableError: it cannot be written now; it goes on waiting.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            with self._accounts.writing() as tx:
                for write in waiting.values():
                    write(tx)
        except UnavailableError:
            with self._lock:
                self._waiting = {**waiting, **self._waiting}
            raise

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
