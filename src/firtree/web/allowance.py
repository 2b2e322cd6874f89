"""How often one asker may ask what costs much."""

import math
from collections.abc import Callable, Hashable
from datetime import datetime

from firtree.errors import ThrottledError
from firtree.library.kept import Kept
from firtree.text import counted

ASKERS_KEPT = 10_000
_MINUTE_S = 60.0


class Allowance:
    """Counts costly questions, in each process by itself.

    A bucket of ``per_minute`` tokens for each asker, filled again evenly.  Used from
    the event loop alone.

    Args:
        per_minute: how many on average, and at once; 0 = no limit.
        now: the clock.
    """

    def __init__(self, per_minute: int, now: Callable[[], datetime]) -> None:
        self._most = per_minute
        self._now = now
        self._left: Kept[Hashable, tuple[float, datetime]] = Kept(ASKERS_KEPT)

    def spend(self, asker: Hashable) -> None:
        """Take one off what an asker has left.

        Raises:
            ThrottledError: nothing is left; it says how long to wait.
        """
        if not self._most:
            return
        now = self._now()
        left, at = self._left.get(asker) or (float(self._most), now)
        gone_s = max(0.0, (now - at).total_seconds())
        left = min(float(self._most), left + gone_s * self._most / _MINUTE_S)
        if left < 1:
            wait_s = math.ceil((1 - left) * _MINUTE_S / self._most)
            self._left.put(asker, (left, now))
            raise ThrottledError(
                f"at most {self._most} of these questions are answered a minute",
                wait_s=wait_s,
                hint=f"wait {counted(wait_s, 'second')}; ask for many devices or "
                "statements in one question, and for a file again only when its ETag "
                "has changed",
            )
        self._left.put(asker, (left - 1, now))
