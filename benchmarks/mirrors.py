"""How long it takes to verify a mirror from scratch, and in how much memory."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple

from benchmarks.figures import Figure, Scale, at_most, by_value
from benchmarks.registers import Register, example
from benchmarks.servers import FIRTREE, Memory, environment, memory_of
from firtree.access import KEEPER
from firtree.client.log_files import LogFiles
from firtree.client.mirror import Mirror, refresh
from firtree.client.mirror_state import REGISTER_FOLDERS, MirrorState
from firtree.exchange.files import silent
from firtree.exchange.reach import ReachWire
from firtree.ledger.notes import Checkpoint, Signer
from firtree.ledger.policy import Policy, TrustedLog
from firtree.ledger.tiles import TileName
from firtree.library.disclosing import disclosed_statements
from firtree.library.tree import Tree
from firtree.settings import Settings
from firtree.statements.disclosure import DisclosedStatement
from firtree.storage.schema import upgrade
from firtree.storage.sqlite import SQLiteRegister
from firtree.wiring import DATABASE_FILE, clock
from firtree.wiring.keyfile import signer_of
from firtree.wiring.mirror_folder import LOG_FOLDER

_MOST_S = 60
_MOST_MB = 300
_LOOK_S = 0.2
_PIECE = 1 << 20


class _Log(NamedTuple):
    """Implements ``LogSource`` on a register at hand: mirrored without a network."""

    register: SQLiteRegister
    signer: Signer
    place: str = "https://log.example"
    asker: str = ""
    reach: ReachWire | None = None

    def checkpoint(self) -> bytes:
        """Implements ``LogSource``."""
        with self.register.reading() as tx:
            head = tx.head()
        text = Checkpoint(self.signer.name, head.size, head.frontier.root)
        return self.signer.sign(str(text)).encode()

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Implements ``LogSource``."""
        return Tree(self.register).tile(KEEPER, TileName(level, number, width))

    def bundle(self, number: int, width: int) -> bytes:
        """Implements ``LogSource``."""
        return Tree(self.register).tile(KEEPER, TileName(None, number, width))

    def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
        """Implements ``LogSource``."""
        yield from disclosed_statements(KEEPER, self.register, start, stop)


def run(scale: Scale, folder: Path) -> Iterator[Figure]:
    """Verify mirrors of the register of each size."""
    for entries in scale.sizes:
        register = example(folder, entries)
        mirror = folder / f"mirror-{entries}"
        if not mirror.exists():
            _make(register, mirror)
        yield from _verified(mirror, entries)


def _make(source: Register, folder: Path) -> None:
    """Mirror a register, under another name until the mirror is whole."""
    making = folder.with_name(f"{folder.name}.new")
    (making / REGISTER_FOLDERS[0]).mkdir(parents=True, exist_ok=True)
    signer = signer_of(Settings(data=str(source.folder)))
    register = SQLiteRegister(source.folder / DATABASE_FILE)
    kept = SQLiteRegister(making / REGISTER_FOLDERS[0] / DATABASE_FILE)
    upgrade(kept.engine)
    policy = Policy(logs=(TrustedLog(signer.verifier),)).encode().decode()
    log = _Log(register, signer)
    state = MirrorState(source=log.place, policy=policy)
    opened = Mirror(making, LogFiles(making / LOG_FOLDER), kept)
    refresh(opened, log, state, now=clock, progress=silent)
    for one in (register, kept):
        one.close()
    making.rename(folder)


def _verified(mirror: Path, entries: int) -> Iterator[Figure]:
    begun = perf_counter()
    command = [FIRTREE, "log", "verify", str(mirror)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env=environment()
    ) as process:
        most = Memory(0, 0)
        ended = 0
        while not ended:
            with suppress(OSError, KeyError):  # one of its processes has just ended
                most = Memory(*map(max, most, memory_of(process.pid)))
            sleep(_LOOK_S)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
    took = perf_counter() - begun
    assert process.returncode == 0
    peer = ("reading and hashing its octets", _hashing_s(mirror))
    name = f"verify a mirror of {entries:,} entries"
    yield by_value(f"{name}, time", took, "s", at_most(_MOST_S), peer=peer)
    yield by_value(f"{name}, processor time", used.ru_utime + used.ru_stime, "s", None)
    yield by_value(f"{name}, RSS of all its processes", most.rss, "MB", None)
    yield by_value(f"{name}, PSS", most.pss, "MB", at_most(_MOST_MB))


def _hashing_s(mirror: Path) -> float:
    begun = perf_counter()
    for path in sorted(mirror.rglob("*")):
        if path.is_file():
            digest = sha256()
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
    return perf_counter() - begun
