"""Verify a mirror from scratch: every file, every statement, every row.

Nothing that the mirror says of itself is relied on, but for whose signatures count.
The order: the checkpoint; the leaves, from which the whole tree is made anew and held
against the checkpoint and every tile (:mod:`.verifying_files`), and with them the
statements and rows of the register (:mod:`.verifying_rows`), both by ranges of blocks;
then what needs all of them: the state map (:mod:`.verifying_lists`) and the counts
(:mod:`.verifying_register`).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from firtree.errors import VerificationError
from firtree.ledger.notes import Checkpoint, Note
from firtree.ledger.policy import Policy
from firtree.ledger.tiles import TILE_WIDTH, tile_path

Progress = Callable[[str, int, int], None]
FAULTS_LISTED = 1000


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes:
        where: file, or file and statement or row.
        told: what is wrong, in plain words.
        at: log size from which on it is so, where faults are put in order by that.
    """

    where: str
    told: str
    at: int = 0

    def __str__(self) -> str:
        return f"{self.where}: {self.told}"


class Faults:
    """Collects what is wrong, the first thousand in full."""

    def __init__(self) -> None:
        self.listed: list[Fault] = []
        self.count = 0

    def add(self, where: str, told: str, at: int = 0) -> None:
        """Take one in."""
        self.count += 1
        if len(self.listed) < FAULTS_LISTED:
            self.listed.append(Fault(where, told, at))

    def up_to(self, size: int) -> "Faults":
        """Give those of the listed that are so up to a log size, in that order."""
        found = Faults()
        for fault in sorted(self.listed, key=lambda fault: fault.at):
            if fault.at <= size:
                found.add(*fault)
        return found

    def join(self, others: "Faults") -> None:
        """Take in what was collected elsewhere."""
        self.count += others.count
        self.listed += others.listed[: FAULTS_LISTED - len(self.listed)]


class StaticLog(Protocol):
    """A log as files, by the paths of c2sp.org/tlog-tiles."""

    def checkpoint(self) -> bytes:
        """Give the checkpoint; empty where there is none."""

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give the hashes of a tile."""

    def bundle(self, number: int, width: int) -> bytes:
        """Give an entry bundle."""


class Signed(NamedTuple):
    """What the checkpoint of a log says, and who vouches for it.

    Attributes:
        checkpoint: None = it is not there, or not signed as the policy asks.
        times: when witnesses of the policy cosigned it, by name.
        quorum: name of the policy's quorum; ``none`` = it asks for no witness.
    """

    checkpoint: Checkpoint | None
    times: Mapping[str, datetime]
    quorum: str


def verify_signed(log: StaticLog, policy: Policy, name: str, faults: Faults) -> Signed:
    """Check the checkpoint of a log.

    Args:
        log: the log.
        policy: whose signatures count.
        name: of the checkpoint's file, for what is wrong.
        faults: grows.
    """
    octets = log.checkpoint()
    if not octets:
        faults.add(name, "it is missing")
        return Signed(None, {}, policy.quorum)
    try:
        found = policy.verify(Note.parse(octets))
    except VerificationError as error:
        faults.add(name, str(error))
        return Signed(None, {}, policy.quorum)
    return Signed(found.checkpoint, found.times, policy.quorum)


def tile_paths(size: int) -> Iterator[str]:
    """Yield the path of every tile and bundle that a log of a size has.

    Partial ones of smaller sizes may be there too, where no full one is.
    """
    hashes, level = size, 0
    while hashes:
        for number in range(-(-hashes // TILE_WIDTH)):
            width = min(TILE_WIDTH, hashes - number * TILE_WIDTH)
            yield tile_path(level, number, width)
            if level == 0:
                yield tile_path("entries", number, width)
        hashes, level = hashes // TILE_WIDTH, level + 1
