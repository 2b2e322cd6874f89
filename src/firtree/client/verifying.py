"""Verify a mirror from scratch: every file, every statement, every row.

Nothing that the mirror says of itself is relied on, but for whose signatures count.
The order: the checkpoint; the leaves, from which the whole tree is made anew and held
against the checkpoint and every tile; then the register, in :mod:`.verifying_rows`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from firtree.client.blocks import block_root, hashes_of, read_bundle, root_of_blocks
from firtree.errors import FirtreeError, NotFoundError, VerificationError
from firtree.ledger.merkle import HASH_OCTETS, root_of, split_hashes
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
    """

    where: str
    told: str

    def __str__(self) -> str:
        return f"{self.where}: {self.told}"


class Faults:
    """Collects what is wrong, the first thousand in full."""

    def __init__(self) -> None:
        self.listed: list[Fault] = []
        self.count = 0

    def add(self, where: str, told: str) -> None:
        """Take one in."""
        self.count += 1
        if len(self.listed) < FAULTS_LISTED:
            self.listed.append(Fault(where, told))


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


class Leaves:
    """The leaves of a log's files, and the tree that they lead to.

    If the tiles of level 1 lead to the signed root, each block is judged as it comes;
    else all of them together are, at the end.

    Args:
        log: the files.
        size: of the log.
        root: that the tree must have; None = no signed one is known.
        prefix: before the paths of files, in what is wrong: ``log/``.
        faults: grows.
    """

    def __init__(
        self,
        log: StaticLog,
        size: int,
        root: bytes | None,
        *,
        prefix: str,
        faults: Faults,
    ) -> None:
        self._log = log
        self._root = root
        self._prefix = prefix
        self._faults = faults
        self._count, self._width = divmod(size, TILE_WIDTH)
        self._roots = bytearray()
        self._wrong_tiles: list[tuple[int, str]] = []

    def blocks(self) -> Iterator[list[bytes]]:
        """Yield the leaves of each block in order; empty where they are damaged."""
        above = self._level(1, self._count)
        kept = b"".join(above)
        rest, rest_leaves = self._open_block(kept)
        trusted = root_of_blocks(kept, rest) == self._root
        for block in range(self._count):
            right = block_root(kept, block) if trusted else b""
            yield self._block(block, right)
        if self._width:
            yield rest_leaves
        if trusted:
            self._levels_above(kept)
        else:
            self._judge(rest, above)

    def _open_block(self, kept: bytes) -> tuple[list[bytes], list[bytes]]:
        """Give the leaf hashes behind the last full block, and the leaves if right."""
        if not self._width:
            return [], []
        leaves, told = self._leaves(self._count, self._width)
        hashes = hashes_of(leaves)
        tile = list(split_hashes(self._tile(0, self._count, self._width)))
        if leaves and hashes == tile:
            return hashes, leaves
        if tile and root_of_blocks(kept, tile) == self._root:
            told = told or self._differing(self._count, hashes, tile)
            self._blame_bundle(self._count, self._width, told)
            return tile, []
        if told:
            self._blame_bundle(self._count, self._width, told)
        elif tile:
            told = self._differing(self._count, tile, hashes)
            self._blame_tile(self._count, self._width, told)
        return hashes, leaves

    def _block(self, block: int, right: bytes) -> list[bytes]:
        """Read a full block; with its right root, judge it."""
        leaves, told = self._leaves(block, TILE_WIDTH)
        hashes = hashes_of(leaves)
        tile = list(split_hashes(self._tile(0, block, TILE_WIDTH)))
        root = root_of(hashes) if leaves else b""
        if not right:
            self._roots += root or bytes(HASH_OCTETS)
            if told:
                self._blame_bundle(block, TILE_WIDTH, told)
            elif tile and tile != hashes:
                differing = self._differing(block, tile, hashes)
                self._wrong_tiles.append((block, differing))
            return leaves
        tile_is_right = bool(tile) and root_of(tile) == right
        if tile and not tile_is_right:
            differing = self._differing(block, tile, hashes) if root == right else ""
            self._blame_tile(block, TILE_WIDTH, differing)
        if root == right:
            return leaves
        if not told and tile_is_right:
            told = self._differing(block, hashes, tile)
        self._blame_bundle(block, TILE_WIDTH, told)
        return []

    def _leaves(self, block: int, width: int) -> tuple[list[bytes], str]:
        """Read a bundle; give what is wrong with its form, if anything is."""
        try:
            return read_bundle(self._log.bundle(block, width), width=width), ""
        except FirtreeError as error:
            return [], _short(error)

    def _level(self, level: int, count: int) -> list[bytes]:
        """Read the tiles of a level that has so many hashes."""
        return [
            self._tile(level, number, min(TILE_WIDTH, count - number * TILE_WIDTH))
            for number in range(-(-count // TILE_WIDTH))
        ]

    def _tile(self, level: int, number: int, width: int) -> bytes:
        """Read a tile; empty where that cannot be, which is told."""
        path = f"{self._prefix}{tile_path(level, number, width)}"
        try:
            octets = self._log.tile(level, number, width)
        except FirtreeError as error:
            self._faults.add(path, _short(error))
            return b""
        if len(octets) != width * HASH_OCTETS:
            expected = width * HASH_OCTETS
            told = f"it has {len(octets)} octets, expected {expected}"
            self._faults.add(path, told)
            return b""
        return octets

    def _differing(
        self, block: int, hashes: Sequence[bytes], right: Sequence[bytes]
    ) -> str:
        return f"statement {block * TILE_WIDTH + _first_difference(hashes, right)}"

    def _blame_bundle(self, block: int, width: int, told: str) -> None:
        path = tile_path("entries", block, width)
        if told.startswith("statement "):
            told = f"the leaf of {told} is not the one that was signed"
        self._faults.add(
            f"{self._prefix}{path}",
            told or "its leaves are not those that were signed",
        )

    def _blame_tile(self, block: int, width: int, told: str) -> None:
        path = tile_path(0, block, width)
        what = f"its hash of {told}" if told else "one of its hashes"
        self._faults.add(f"{self._prefix}{path}", f"{what} is wrong")

    def _judge(self, rest: list[bytes], above: list[bytes]) -> None:
        """Hold the leaves themselves against the root, and the tiles against them."""
        if self._root not in {None, root_of_blocks(bytes(self._roots), rest)}:
            self._faults.add(
                f"{self._prefix}checkpoint",
                "neither the leaves nor the tiles lead to its root",
            )
        for block, told in self._wrong_tiles:
            self._blame_tile(block, TILE_WIDTH, told)
        self._compare_level(1, bytes(self._roots), above)
        self._levels_above(bytes(self._roots))

    def _levels_above(self, roots: bytes) -> None:
        """Compare the tiles of levels 2 and above with those below."""
        level, hashes = 2, _above(roots)
        while hashes:
            kept = self._level(level, len(hashes) // HASH_OCTETS)
            self._compare_level(level, hashes, kept)
            level, hashes = level + 1, _above(hashes)

    def _compare_level(self, level: int, expected: bytes, kept: list[bytes]) -> None:
        size = TILE_WIDTH * HASH_OCTETS
        for number, octets in enumerate(kept):
            right = expected[number * size : (number + 1) * size]
            if octets and octets != right:
                path = tile_path(level, number, len(right) // HASH_OCTETS)
                at = _first_difference(split_hashes(octets), split_hashes(right))
                self._faults.add(f"{self._prefix}{path}", f"its hash {at} is wrong")


def _above(hashes: bytes) -> bytes:
    """Give the roots of full tiles."""
    size = TILE_WIDTH * HASH_OCTETS
    return b"".join(
        root_of(split_hashes(hashes[start : start + size]))
        for start in range(0, len(hashes) - size + 1, size)
    )


def _first_difference(hashes: Sequence[bytes], others: Sequence[bytes]) -> int:
    pairs = enumerate(zip(hashes, others, strict=False))
    return next((at for at, (one, other) in pairs if one != other), len(others))


def _short(error: FirtreeError) -> str:
    return "it is missing" if isinstance(error, NotFoundError) else str(error)


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
