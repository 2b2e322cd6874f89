"""Waits for the log to grow, for askers who want to know as soon as it does."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from firtree.errors import ThrottledError, UnavailableError

WAITING_MOST = 1000
# A program needs one, and several programs may ask with one token.
WAITING_EACH = 20
CHECK_EVERY_S = 0.25
_PAUSE_S = 5


class Growth:
    """Lets askers wait for the log; none of them holds a thread or a connection.

    Args:
        size: gives the committed log size, at a cost of microseconds.
        most: how many may wait at once.
        each: how many questions of one asker.
    """

    def __init__(
        self,
        size: Callable[[], int],
        *,
        most: int = WAITING_MOST,
        each: int = WAITING_EACH,
    ) -> None:
        self._size = size
        self._most = most
        self._each = each
        self._waiting: Counter[Hashable] = Counter()

    async def beyond(self, since: int, seconds: float, asker: Hashable) -> None:
        """Wait until the log is larger than a size, or the time is over.

        Args:
            since: that log size.
            seconds: how long to wait at most.
            asker: who waits.

        Raises:
            ThrottledError: too many questions of the asker wait already.
            UnavailableError: too many of all wait, or the register cannot be asked.
        """
        if self._size() > since or seconds <= 0:
            return
        with self._place(asker):
            try:
                async with asyncio.timeout(seconds):
                    while self._size() <= since:  # noqa: ASYNC110 - others write
                        await asyncio.sleep(CHECK_EVERY_S)
            except TimeoutError:
                return

    @contextmanager
    def _place(self, asker: Hashable) -> Iterator[None]:
        """Hold one of the places of those who wait."""
        hint = "ask without wait, every few seconds"
        if self._waiting[asker] >= self._each:
            raise ThrottledError(
                f"{self._each} of your questions are waiting for the log to grow",
                wait_s=_PAUSE_S,
                hint=f"one is enough to follow it; or {hint}",
            )
        if self._waiting.total() >= self._most:
            raise UnavailableError(
                "too many are waiting for the log to grow", hint=hint
            )
        self._waiting[asker] += 1
        try:
            yield
        finally:
            self._waiting -= Counter({asker: 1})  # and forgets who waits no more
