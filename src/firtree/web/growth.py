"""Waits for the log to grow, for askers who want to know as soon as it does."""

import asyncio
from collections.abc import Callable

from firtree.errors import UnavailableError

WAITING_MOST = 1000
CHECK_EVERY_S = 0.25


class Growth:
    """Lets askers wait for the log; none of them holds a thread or a connection.

    Args:
        size: gives the committed log size, at a cost of microseconds.
        most: how many may wait at once.
    """

    def __init__(self, size: Callable[[], int], *, most: int = WAITING_MOST) -> None:
        self._size = size
        self._most = most
        self._waiting = 0

    async def beyond(self, since: int, seconds: float) -> None:
        """Wait until the log is larger than a size, or the time is over.

        Args:
            since: that log size.
            seconds: how long to wait at most.

        Raises:
            UnavailableError: too many wait already, or the register cannot be asked.
        """
        if self._size() > since or seconds <= 0:
            return
        if self._waiting >= self._most:
            raise UnavailableError(
                "too many are waiting for the log to grow",
                hint="ask without wait, every few seconds",
            )
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                while self._size() <= since:  # noqa: ASYNC110 - other processes write
                    await asyncio.sleep(CHECK_EVERY_S)
        except TimeoutError:
            return
        finally:
            self._waiting -= 1
