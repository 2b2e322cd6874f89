"""The log: leaves appended beside pymerkle, and proofs made from storage.

pymerkle is under the GPL and no part of firtree.  ``FIRTREE_PYMERKLE`` names a folder
that has it (``pip install --target``); without it that peer is left out.
"""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.figures import Figure, Scale, at_least, at_most, by_ratio, by_value
from benchmarks.figures import number as written
from benchmarks.leaves_to_append import numbered
from benchmarks.registers import example
from firtree.access import KEEPER
from firtree.ledger.leaf import Leaf
from firtree.ledger.mapproofs import verify_map_proof
from firtree.ledger.merkle import Frontier, leaf_hash
from firtree.ledger.notes import Checkpoint, Signer
from firtree.ledger.proofs import verify_inclusion
from firtree.ledger.statemap import map_key
from firtree.ledger.tiles import TILE_WIDTH, full_leaf_tiles, higher_tiles
from firtree.library.ports import Batch, End, Head, StatementRow
from firtree.library.proofs import Proofs
from firtree.library.tree import Tree
from firtree.statements.fold import key_of_name
from firtree.storage.schema import upgrade
from firtree.storage.sqlite import SQLiteRegister
from firtree.wiring import DATABASE_FILE

PYMERKLE = "FIRTREE_PYMERKLE"
_TIMES = 5
_SIGNER = Signer("log.example/benchmark", bytes(32))
_NOTHING = (None,) * 5


def run(scale: Scale, cached: Path) -> Iterator[Figure]:
    """Append leaves in turns with the peer, then make proofs from a large register."""
    with TemporaryDirectory(prefix="firtree-bench-") as folder:
        yield from _appending(scale, Path(folder))
    entries = scale.sizes[-1]
    register = SQLiteRegister(example(cached, entries).folder / DATABASE_FILE)
    try:
        yield from _proving(register, entries, times=100 * scale.rounds)
    finally:
        register.close()


class _Log:
    """Appends bare leaves to a log in SQLite, as recording does with whole statements.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.register = SQLiteRegister(path)
        upgrade(self.register.engine)
        self._open: tuple[bytes, ...] = ()
        self._at = datetime(2026, 11, 22, tzinfo=UTC)

    def append(self, leaves: list[bytes]) -> bytes:
        """Append leaves in one durable transaction; give the root."""
        with self.register.writing() as tx:
            head = tx.head()
            hashes = [leaf_hash(leaf) for leaf in leaves]
            frontier, gained = head.frontier.grown(hashes)
            first = head.size - len(self._open)
            known = (*self._open, *hashes)
            self._at += timedelta(microseconds=1)
            rows = [
                StatementRow(number, leaf, "", *_NOTHING, b"", b"")
                for number, leaf in enumerate(leaves, head.size)
            ]
            tx.write(
                Batch(
                    statements=rows,
                    entries=(),
                    makers=(),
                    parties=(),
                    lists=(),
                    replaced=(),
                    tiles=[*full_leaf_tiles(first, known), *higher_tiles(gained)],
                    head=Head(frontier, self._at, bytes(32)),
                )
            )
        self._open = known[len(known) - frontier.size % TILE_WIDTH :]
        return frontier.root


class _Bare:
    """The least that can be done: leaves in a table of their own, and the root.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE leaf (n INTEGER PRIMARY KEY, octets)")
        self._frontier = Frontier()

    def append(self, leaves: list[bytes]) -> bytes:
        """Append leaves in one durable transaction; give the root."""
        first = self._frontier.size
        with self._connection:
            rows = enumerate(leaves, first)
            self._connection.executemany("INSERT INTO leaf VALUES (?, ?)", rows)
        self._frontier, _ = self._frontier.grown(map(leaf_hash, leaves))
        return self._frontier.root

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class _Peer:
    """pymerkle in a process of its own."""

    def __init__(self, folder: str, path: Path) -> None:
        script = Path(__file__).with_name("pymerkle_appender.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script), folder, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: str) -> tuple[float, bytes]:
        """Have something done; give the seconds it took, and the root after it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        took, root = json.loads(self._process.stdout.readline())
        return took, bytes.fromhex(root)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def _appending(scale: Scale, folder: Path) -> Iterator[Figure]:
    """Append the same leaves to both, in commits of the same size."""
    log, bare = _Log(folder / "log.db"), _Bare(folder / "bare.db")
    alone = Frontier()
    where = os.environ.get(PYMERKLE)
    peer = _Peer(where, folder / "peer.db") if where else None
    size = 0
    try:
        for many, rounds in (
            (scale.preloaded, 1),
            (1, 20 * scale.rounds),
            (100, 4 * scale.rounds),
            (scale.batch, scale.rounds),
        ):
            ours: list[float] = []
            theirs: list[float] = []
            least: list[float] = []
            hashed: list[float] = []
            for _ in range(rounds):
                leaves = numbered(size, size + many)
                size += many
                begun = perf_counter()
                root = log.append(leaves)
                ours.append(many / (perf_counter() - begun))
                begun = perf_counter()
                assert bare.append(leaves) == root
                least.append(many / (perf_counter() - begun))
                begun = perf_counter()
                alone, _gained = alone.grown(map(leaf_hash, leaves))
                hashed.append(many / (perf_counter() - begun))
                assert alone.root == root
                if peer is not None:
                    took, other = peer.ask(str(many))
                    theirs.append(many / took)
                    assert other == root
            name = (
                f"leaves appended, {written(many)} in a durable commit, after"
                f" {written(size - many * rounds)}, with the root"
            )
            yield _compared(name, ours, theirs)
            for told, rates in (
                ("inserted bare and hashed, nothing else done", least),
                ("hashed, and kept nowhere", hashed),
            ):
                yield by_value(
                    f"the same leaves {told}, {written(many)} in a commit",
                    median(rates),
                    "/s",
                    peer=("pymerkle with SQLite", median(theirs)) if theirs else None,
                )
        yield from _opening(scale, log, peer, size)
    finally:
        log.register.close()
        bare.close()
        if peer is not None:
            peer.close()


def _compared(name: str, ours: list[float], theirs: list[float]) -> Figure:
    if not theirs:
        return by_value(name, median(ours), "/s")
    peer = ("pymerkle with SQLite", median(theirs))
    return by_ratio(name, median(ours), "/s", at_least(_TIMES), peer=peer)


def _opening(
    scale: Scale, log: _Log, peer: _Peer | None, size: int
) -> Iterator[Figure]:
    """Give the root after opening: one from a row, the other from every leaf."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(scale.rounds):
        log.register.close()
        begun = perf_counter()
        with log.register.reading() as tx:
            root = tx.head().frontier.root
        ours.append(1 / (perf_counter() - begun))
        if peer is not None:
            took, other = peer.ask("open")
            theirs.append(1 / took)
            assert other == root
    name = f"a log of {written(size)} leaves opened, and its root known"
    yield _compared(name, ours, theirs)


def _proving(register: SQLiteRegister, entries: int, *, times: int) -> Iterator[Figure]:
    """Make proofs at the newest size, each verified."""
    size, chance = register.size(), Random(7)  # noqa: S311 - the same ones each time
    tree = Tree(register)
    took: list[float] = []
    for _ in range(times):
        index = chance.randrange(size)
        begun = perf_counter()
        found = tree.inclusion(KEEPER, index, size)
        took.append(perf_counter() - begun)
        verify_inclusion(
            found.leaf_hash, index=index, size=size, proof=found.hashes, root=found.root
        )
    name = f"inclusion proof from storage, {written(size)} leaves"
    yield by_value(name, 1000 * median(took), "ms", at_most(1))
    yield from _state(register, entries, times=times)


def _state(register: SQLiteRegister, entries: int, *, times: int) -> Iterator[Figure]:
    size, chance = register.size(), Random(8)  # noqa: S311 - the same ones each time
    proofs = Proofs(register, _checkpoint)
    with register.reading() as tx:
        names = sorted(name for kind, name in tx.touched(0) if kind == "model")
    first = key_of_name(names[0])
    begun = perf_counter()
    proofs.of_list(KEEPER, first, size)
    yield by_value(
        f"the first state proof, {written(entries)} entries: the map is loaded",
        perf_counter() - begun,
        "s",
    )
    took: list[float] = []
    for name in chance.choices(names, k=times):
        begun = perf_counter()
        proof = proofs.of_list(KEEPER, key_of_name(name), size)
        took.append(perf_counter() - begun)
        [shown] = proof.lists
        assert shown.proof.end is not None
        verify_map_proof(
            shown.proof,
            key=map_key("model", name),
            value=shown.proof.end.value,
            root=Leaf.parse(proof.leaf).state,
        )
    yield by_value(
        f"state proof of a hardware model, {written(entries)} entries, signed",
        1000 * median(took),
        "ms",
        at_most(1),
    )


def _checkpoint(end: End) -> str:
    """Sign a checkpoint with a key that means nothing."""
    return _SIGNER.sign(str(Checkpoint(_SIGNER.name, end.size, end.root)))
