"""Logs to be mirrored without a network, and mirrors of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER, Principal, Right, scope_of
from firtree.client.log_files import LogFiles
from firtree.client.mirror import Mirror, Mirrored, refresh
from firtree.client.mirror_state import MirrorState, is_mirror, read_state
from firtree.errors import NotFoundError
from firtree.exchange.files import silent
from firtree.exchange.reach import reach_wire
from firtree.ledger.notes import Checkpoint, Note
from firtree.ledger.policy import Policy, TrustedLog
from firtree.ledger.tiles import TileName
from firtree.library.disclosing import disclosed_statements
from firtree.library.tree import Tree
from firtree.settings import Settings
from firtree.wiring import mirrors
from firtree.wiring.mirror_folder import LOG_FOLDER
from registers import ALDER, OPENING, SIGNER, Clock, a_recorder, an_sqlite_register
from registers import record as record_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firtree.client.verdict import Verdict
    from firtree.exchange.reach import ReachWire
    from firtree.statements.disclosure import DisclosedStatement
    from firtree.statements.types import Subject

POLICY = Policy(logs=(TrustedLog(SIGNER.verifier),)).encode().decode()


class LocalLog:
    """Implements ``LogSource`` on a register at hand, as one principal meets it."""

    place = "https://log.example"

    def __init__(
        self, path: Path, *, principal: Principal = KEEPER, seed: int = 1
    ) -> None:
        is_new = not path.exists()
        self.clock = Clock()
        self.register = an_sqlite_register(path)
        self.recorder = a_recorder(self.register, now=self.clock, seed=seed)
        self.principal = principal
        self.signers = [SIGNER]
        if is_new:
            self.record(OPENING)
            self.record(ALDER)
        with self.register.reading() as tx:
            self.clock.at = max(self.clock.at, tx.head().at or self.clock.at)

    def record(self, *subjects: Subject) -> int:
        """Record something a minute later; give the size."""
        self.clock.move(60)
        return record_in(self.recorder, *subjects).size

    def fill(self, count: int, first: int = 1) -> int:
        """Record so many entries, some of them in one transaction."""
        made = [an_entry(number) for number in range(first, first + count)]
        for start in range(0, count, 7):
            self.record(*made[start : start + 7])
        return self.register.size()

    @property
    def asker(self) -> str:
        """Implements ``LogSource``."""
        return self.principal.name

    @property
    def reach(self) -> ReachWire | None:
        """Implements ``LogSource``."""
        try:
            return reach_wire(scope_of(self.principal, Right.READ_ENTRIES))
        except NotFoundError:
            return None

    def checkpoint(self) -> bytes:
        """Implements ``LogSource``."""
        with self.register.reading() as tx:
            head = tx.head()
        text = str(Checkpoint(SIGNER.name, head.size, head.frontier.root))
        signatures = tuple(signer.signature(text) for signer in self.signers)
        return str(Note(text, signatures)).encode()

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Implements ``LogSource``."""
        return Tree(self.register).tile(KEEPER, TileName(level, number, width))

    def bundle(self, number: int, width: int) -> bytes:
        """Implements ``LogSource``."""
        return Tree(self.register).tile(KEEPER, TileName(None, number, width))

    def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
        """Implements ``LogSource``."""
        yield from disclosed_statements(self.principal, self.register, start, stop)


def mirror(folder: Path, source: LocalLog, *, policy: str = POLICY) -> Mirrored:
    """Make a mirror, or bring one up to date."""
    state = MirrorState(source=source.place, policy=policy)
    if is_mirror(folder):
        state = read_state(folder)
    register_folder = folder / state.register
    register_folder.mkdir(parents=True, exist_ok=True)
    register = an_sqlite_register(register_folder / wiring.DATABASE_FILE)
    try:
        opened = Mirror(folder, LogFiles(folder / LOG_FOLDER), register)
        return refresh(opened, source, state, now=source.clock, progress=silent)
    finally:
        register.close()


def verify(folder: Path, policy: Policy | None = None) -> Verdict:
    """Verify a mirror."""
    return mirrors.verify(Settings(), str(folder), policy, progress=silent)


def told(verdict: Verdict) -> list[str]:
    """Give what is wrong, line by line."""
    return [str(fault) for fault in verdict.faults]


def flip(path: Path, place: int) -> None:
    """Change one bit of a file."""
    octets = bytearray(path.read_bytes())
    octets[place % len(octets)] ^= 1
    path.write_bytes(octets)
