"""What sending checkpoints needs of the outside: a notebook, and a way to witnesses.

Adapters of ``WitnessBook``: ``storage/duties.py`` (SQLite and PostgreSQL) and
``storage/duties_memory.py``; ``tests/contracts/test_duties.py`` holds them to these
words.  These are desk tables: ordinary rows, never part of the register.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

# Witnesses that are asked at the same time.
AT_ONCE_MOST = 16


class WitnessState(NamedTuple):
    """How far a witness has come, as far as this register knows.

    Attributes:
        vkey: its verifier key.
        size: log size it has cosigned last; 0 = none.
        cosigned_at: when it last cosigned; None = never.
        error: what went wrong last; empty = nothing since it last cosigned.
        failures: how often in a row.
        next_at: before then nothing is sent to it; None = at once.
    """

    vkey: str
    size: int = 0
    cosigned_at: datetime | None = None
    error: str = ""
    failures: int = 0
    next_at: datetime | None = None


class StoredSignature(NamedTuple):
    """A signature line of a checkpoint that a witness has cosigned.

    It is the cosignature, which was verified when it came, or a line of the log's own
    that the checkpoint was sent with: after the log's key was rotated, those who know
    the old one alone can still read what was cosigned before.

    Attributes:
        size: log size of the checkpoint.
        vkey: the witness's verifier key; of a line of the log's own no more than name
            and key id, ``NAME+8 hex``.
        line: the signature line.
    """

    size: int
    vkey: str
    line: str


class WitnessBook(Protocol):
    """Where the states and cosignatures of witnesses are kept.

    Each call is one transaction of its own.  Safe to share between threads.
    """

    def states(self) -> list[WitnessState]:
        """Give the state of each witness that was ever written to, by its key."""

    def signatures(self) -> list[StoredSignature]:
        """Give the signature lines that are kept, by size, then key."""

    def cosigned(self, state: WitnessState, lines: Sequence[StoredSignature]) -> None:
        """Put a witness's state, and lines in place of those of their size and key."""

    def failed(self, state: WitnessState) -> None:
        """Put a witness's state."""

    def forget_below(self, size: int) -> None:
        """Remove the signature lines of smaller sizes."""


class Reply(NamedTuple):
    """What a witness answered.

    Attributes:
        status: of HTTP.
        media_type: without parameters, in lower case.
        body: at most as much as was asked for.
    """

    status: int
    media_type: str
    body: bytes


class Post(Protocol):
    """A way to send something to witnesses."""

    def __call__(self, url: str, body: bytes, *, most: int) -> Reply:
        """Send a body; redirects are not followed.

        Bounded in time, however the other side behaves.  Safe to be called from
        several threads at once.

        Args:
            url: where to.
            body: as octets.
            most: octets of the answer that are read at most.

        Raises:
            UnavailableError: there was no whole answer in time.
            VerificationError: the answer is larger than that.
        """


class Leases(Protocol):
    """Which of several processes does the background work.

    Each call is one transaction of its own.  Safe to share between threads.
    """

    def take(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """Take a lease, or prolong one's own.

        Returns:
            Whether the holder has it; False = another has it and it has not run out.
        """

    def give_back(self, name: str, holder: str) -> None:
        """Let another take a lease at once; does nothing where it is not one's own."""


def by_vkey(states: Sequence[WitnessState]) -> dict[str, WitnessState]:
    """Give the states by the witnesses' keys."""
    return {state.vkey: state for state in states}
