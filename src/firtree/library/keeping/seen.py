"""No silent fork: a log is compared with what has been seen of it elsewhere.

A register whose database went back, or was copied, is sound in itself; only what is
kept outside of it can tell.  Two kinds of things do: the fence, which this machine
writes whenever a checkpoint is signed, and others who have seen checkpoints, such as
witnesses and mirrors.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from firtree.errors import VerificationError
from firtree.library.ports import Head, Reading, Register
from firtree.text import counted


class Seen(NamedTuple):
    """A checkpoint of this log that was signed at some time.

    Attributes:
        size: log size.
        root: 32 octets.
        by: who has seen it, as a sentence names it: ``the fence file PATH``.
    """

    size: int
    root: bytes
    by: str


class Fence(Protocol):
    """Remembers, outside the database, what was signed.  Safe between threads."""

    def check(self, tx: Reading, head: Head) -> None:
        """Compare the register with what was signed, before something is written.

        Raises:
            VerificationError: it went back, or is another log.
            InvalidInputError: the fence is not that of this register, or absent.
        """

    def note(self, size: int, root: bytes) -> None:
        """Remember that a checkpoint is about to be signed, whatever kills us then.

        Raises:
            UnavailableError: it cannot be written; nothing may be signed.
        """


class NoFence:
    """Implements ``Fence`` where nothing is remembered: in tests, and in memory."""

    def check(self, tx: Reading, head: Head) -> None:
        """Find nothing wrong."""

    def note(self, size: int, root: bytes) -> None:
        """Remember nothing."""


def check_seen(register: Register, seen: Iterable[Seen]) -> None:
    """Check that a register continues all that has been seen of it.

    Args:
        register: which; it is read after the others have told, because it may grow
            meanwhile.
        seen: by the fence, and by onlookers.

    Raises:
        VerificationError: it went back, or is another log.
    """
    known = list(seen)
    with register.reading() as tx:
        head = tx.head()
        for each in known:
            check_not_behind(tx, head, each)


def check_not_behind(tx: Reading, head: Head, seen: Seen) -> None:
    """Check that a log continues what has been seen of it.

    Args:
        tx: one state of the register.
        head: of that state.
        seen: a checkpoint of the same log.

    Raises:
        VerificationError: the log is shorter, or had another root at that size.
    """
    if seen.size > head.size:
        raise VerificationError(
            "the register went back: its log has "
            f"{counted(head.size, 'statement')}, but {seen.by} has seen one of "
            f"{seen.size}, signed",
            hint="never write to it: bring it up to date from a mirror, or begin a new "
            "log that names the old one (firtree restore --help)",
        )
    if seen.size == 0:
        return
    if seen.size == head.size:
        root: bytes | None = head.frontier.root
    else:
        end = tx.end_of_size(seen.size)
        root = end.root if end is not None and end.size == seen.size else None
    if root != seen.root:
        raise VerificationError(
            f"the register's log is not the one that was signed: at size {seen.size}, "
            f"{seen.by} has seen the root {seen.root.hex()}",
            hint="never write to it; keep the database and that checkpoint as "
            "evidence, and see docs/keeping.md",
        )
