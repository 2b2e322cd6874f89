"""Background work, done by the one process that holds a lease.

Each duty may be done twice without harm: a process that is stopped for a while may
still do one after another has taken the lease.  A duty that fails is noted and done
again later; it never stops the others.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from firtree.errors import FirtreeError
from firtree.library.witnesses.ports import Leases

LEASE = "duties"
# A process that ends without giving the lease back is followed after so long.
LEASE_LASTS = timedelta(seconds=30)
PROLONGED_AFTER = timedelta(seconds=10)
# How long one waits for the lease, and after a duty that failed.
TRY_AGAIN_AFTER = timedelta(seconds=5)
LEAST_WAIT = timedelta(milliseconds=50)

_log = logging.getLogger("firtree.duties")


class Duty(NamedTuple):
    """A piece of background work.

    Attributes:
        name: for the log of the program.
        every: how long after its end it is done again.
        work: does what is to be done now, in seconds rather than minutes; doing it
            twice does no harm.
    """

    name: str
    every: timedelta
    work: Callable[[], object]


class Duties:
    """Does duties as long as it holds the lease.  For one thread.

    Args:
        duties: what is to be done.
        leases: where the lease is kept.
        holder: names this process; no other has this name.
        now: the clock.
    """

    def __init__(
        self,
        duties: Sequence[Duty],
        leases: Leases,
        *,
        holder: str,
        now: Callable[[], datetime],
    ) -> None:
        self._leases = leases
        self._holder = holder
        self._now = now
        self._taken_at: datetime | None = None
        self._due = {duty: now() for duty in duties}

    def turn(self) -> timedelta:
        """Do what is due, if this process holds the lease.

        Returns:
            How long to wait until the next turn.
        """
        for duty, due in self._due.items():
            if self._now() < due:
                continue
            if not self._holds():
                return TRY_AGAIN_AFTER
            done = _done(duty)
            self._due[duty] = self._now() + (duty.every if done else TRY_AGAIN_AFTER)
        if not self._due or not self._holds():
            return TRY_AGAIN_AFTER
        return max(min(self._due.values()) - self._now(), LEAST_WAIT)

    def stop(self) -> None:
        """Give the lease back, so that another process goes on at once."""
        if self._taken_at is not None:
            self._taken_at = None
            try:
                self._leases.give_back(LEASE, self._holder)
            except FirtreeError as error:
                _log.warning("the lease was not given back: %s", error)

    def _holds(self) -> bool:
        """Take or prolong the lease, where it is time for that."""
        now, taken_at = self._now(), self._taken_at
        if taken_at is not None and taken_at <= now < taken_at + PROLONGED_AFTER:
            return True
        try:
            until = now + LEASE_LASTS
            held = self._leases.take(LEASE, self._holder, now=now, until=until)
        except FirtreeError as error:
            _log.warning("the lease cannot be taken now: %s", error)
            held = False
        self._taken_at = now if held else None
        return held


def _done(duty: Duty) -> bool:
    try:
        duty.work()
    except FirtreeError as error:
        _log.warning("%s: %s", duty.name, error)
    except Exception:  # noqa: BLE001 - the loop of all duties goes on, whatever it is
        _log.exception("fault in %s", duty.name)
    else:
        return True
    return False
