"""Verify the files of a log: leaves, from which the tree is made anew, and tiles.

If the tiles of level 1 lead to the signed root, each block is judged as it comes, and
ranges of blocks can be judged apart from each other; else all of them together are, at
the end.
"""

from collections.abc import Sequence
from typing import NamedTuple

from firtree.client.blocks import hashes_of, read_bundle, root_of_blocks
from firtree.client.verifying import Faults, StaticLog
from firtree.errors import FirtreeError, NotFoundError
from firtree.ledger.merkle import HASH_OCTETS, root_of, split_hashes
from firtree.ledger.tiles import TILE_WIDTH, tile_path

_TILE_OCTETS = TILE_WIDTH * HASH_OCTETS


class _Files:
    """Reads the files of a log, and collects what is wrong with them.

    Args:
        log: the files.
        prefix: before the paths of files, in what is wrong: ``log/``.
        faults: grows.
    """

    def __init__(self, log: StaticLog, prefix: str, faults: Faults) -> None:
        self._log = log
        self._prefix = prefix
        self._faults = faults

    def leaves(self, block: int, width: int) -> tuple[list[bytes], str]:
        """Read a bundle; give what is wrong with its form, if anything is."""
        try:
            return read_bundle(self._log.bundle(block, width), width=width), ""
        except FirtreeError as error:
            return [], _short(error)

    def level(self, level: int, count: int) -> list[bytes]:
        """Read the tiles of a level that has so many hashes."""
        return [
            self.tile(level, number, min(TILE_WIDTH, count - number * TILE_WIDTH))
            for number in range(-(-count // TILE_WIDTH))
        ]

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Read a tile; empty where that cannot be, which is told."""
        path = tile_path(level, number, width)
        try:
            octets = self._log.tile(level, number, width)
        except FirtreeError as error:
            self.blame(path, _short(error))
            return b""
        if len(octets) != width * HASH_OCTETS:
            expected = width * HASH_OCTETS
            self.blame(path, f"it has {len(octets)} octets, expected {expected}")
            return b""
        return octets

    def blame(self, path: str, told: str) -> None:
        """Note that something is wrong with a file."""
        self._faults.add(f"{self._prefix}{path}", told)

    def blame_bundle(self, block: int, width: int, told: str) -> None:
        """Note what is wrong with a bundle; empty = nothing more can be said."""
        if told.startswith("statement "):
            told = f"the leaf of {told} is not the one that was signed"
        path = tile_path("entries", block, width)
        self.blame(path, told or "its leaves are not those that were signed")

    def blame_tile(self, block: int, width: int, told: str) -> None:
        """Note which hash of a tile of level 0 is wrong; empty = it is not known."""
        what = f"its hash of {told}" if told else "one of its hashes"
        self.blame(tile_path(0, block, width), f"{what} is wrong")


class Judged(NamedTuple):
    """What is left to be judged of blocks when all of them are known.

    Attributes:
        roots: of their leaves, where the signed ones are not known.
        wrong_tiles: blocks whose tile of level 0 is another than their leaves give,
            and which hash is.
    """

    roots: bytes
    wrong_tiles: Sequence[tuple[int, str]]


class Outline:
    """The tiles of a log above its leaves, and the open block at its end.

    Args:
        log: the files.
        size: of the log.
        root: that the tree must have; None = no signed one is known.
        prefix: before the paths of files, in what is wrong: ``log/``.
        faults: grows.

    Attributes:
        size: of the log.
        roots: of the full blocks, joined, if they are the signed ones; else empty.
        is_signed: whether they are, and the open block is.
        has_open_leaves: whether the leaves behind the last full block are there, and
            right.
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
        self._files = _Files(log, prefix, faults)
        self._root = root
        self.size = size
        self._count, self._width = divmod(size, TILE_WIDTH)
        self._above = self._files.level(1, self._count)
        kept = b"".join(self._above)
        self.has_open_leaves, self._rest = self._open_block(kept)
        self.is_signed = root_of_blocks(kept, self._rest) == root
        self.roots = kept if self.is_signed else b""

    def finish(self, judged: Sequence[Judged]) -> None:
        """Judge what all blocks together lead to.

        Args:
            judged: what is left of ranges of blocks, in order, from the first on.
        """
        if self.is_signed:
            self._levels_above(self.roots)
            return
        roots = b"".join(one.roots for one in judged)
        if self._root not in {None, root_of_blocks(roots, self._rest)}:
            self._files.blame(
                "checkpoint", "neither the leaves nor the tiles lead to its root"
            )
        for one in judged:
            for block, told in one.wrong_tiles:
                self._files.blame_tile(block, TILE_WIDTH, told)
        self._compare_level(1, roots, self._above)
        self._levels_above(roots)

    def _open_block(self, kept: bytes) -> tuple[bool, list[bytes]]:
        """Tell whether the leaves of the open block are right; give their hashes."""
        if not self._width:
            return False, []
        block, width = self._count, self._width
        leaves, told = self._files.leaves(block, width)
        hashes = hashes_of(leaves)
        tile = list(split_hashes(self._files.tile(0, block, width)))
        if leaves and hashes == tile:
            return True, hashes
        if tile and root_of_blocks(kept, tile) == self._root:
            told = told or _differing(block, hashes, tile)
            self._files.blame_bundle(block, width, told)
            return False, tile
        if told:
            self._files.blame_bundle(block, width, told)
        elif tile:
            self._files.blame_tile(block, width, _differing(block, tile, hashes))
        return bool(leaves), hashes

    def _levels_above(self, roots: bytes) -> None:
        """Compare the tiles of levels 2 and above with those below."""
        level, hashes = 2, roots_of_tiles(roots)
        while hashes:
            kept = self._files.level(level, len(hashes) // HASH_OCTETS)
            self._compare_level(level, hashes, kept)
            level, hashes = level + 1, roots_of_tiles(hashes)

    def _compare_level(self, level: int, expected: bytes, kept: list[bytes]) -> None:
        for number, octets in enumerate(kept):
            right = expected[number * _TILE_OCTETS : (number + 1) * _TILE_OCTETS]
            if octets and octets != right:
                path = tile_path(level, number, len(right) // HASH_OCTETS)
                at = _first_difference(split_hashes(octets), split_hashes(right))
                self._files.blame(path, f"its hash {at} is wrong")


class Blocks:
    """Judges blocks of leaves one by one.

    Args:
        log: the files.
        prefix: before the paths of files, in what is wrong: ``log/``.
        faults: grows.
    """

    def __init__(self, log: StaticLog, prefix: str, faults: Faults) -> None:
        self._files = _Files(log, prefix, faults)
        self._roots = bytearray()
        self._wrong_tiles: list[tuple[int, str]] = []

    def open_leaves(self, block: int, width: int) -> tuple[list[bytes], list[bytes]]:
        """Give the leaves of the open block, which the outline judges; and hashes."""
        leaves, _ = self._files.leaves(block, width)
        return leaves, hashes_of(leaves)

    def leaves(self, block: int, right: bytes) -> tuple[list[bytes], list[bytes]]:
        """Give the leaves of a full block, and their hashes; empty if damaged.

        Args:
            block: its number.
            right: its signed root; empty = none is known.
        """
        leaves, told = self._files.leaves(block, TILE_WIDTH)
        hashes = hashes_of(leaves)
        tile = self._files.tile(0, block, TILE_WIDTH)
        root = root_of(hashes) if leaves else b""
        if root and root == right and tile == b"".join(hashes):
            return leaves, hashes
        kept = split_hashes(tile)
        if not right:
            self._roots += root or bytes(HASH_OCTETS)
            self._keep(block, hashes, kept, told)
        elif root == right:
            self._blame_tile(block, kept, _differing(block, kept, hashes))
        else:
            self._blame_both(block, hashes, kept, right, told)
            return [], []
        return leaves, hashes

    def judged(self) -> Judged:
        """Give what is left to be judged."""
        return Judged(bytes(self._roots), self._wrong_tiles)

    def _keep(
        self, block: int, hashes: Sequence[bytes], tile: Sequence[bytes], told: str
    ) -> None:
        """Keep a tile that differs, for it is not known which is right."""
        if told:
            self._files.blame_bundle(block, TILE_WIDTH, told)
        elif tile and list(tile) != hashes:
            self._wrong_tiles.append((block, _differing(block, tile, hashes)))

    def _blame_tile(self, block: int, tile: Sequence[bytes], told: str) -> None:
        if tile:  # that it is missing has been said
            self._files.blame_tile(block, TILE_WIDTH, told)

    def _blame_both(
        self,
        block: int,
        hashes: Sequence[bytes],
        tile: Sequence[bytes],
        right: bytes,
        told: str,
    ) -> None:
        """Blame leaves that do not lead to the signed root, and a tile that neither."""
        if root_of(tile) != right:
            self._blame_tile(block, tile, "")
        elif not told:
            told = _differing(block, hashes, tile)
        self._files.blame_bundle(block, TILE_WIDTH, told)


def roots_of_tiles(hashes: bytes) -> bytes:
    """Give the roots of full tiles."""
    return b"".join(
        root_of(split_hashes(hashes[start : start + _TILE_OCTETS]))
        for start in range(0, len(hashes) - _TILE_OCTETS + 1, _TILE_OCTETS)
    )


def _differing(block: int, hashes: Sequence[bytes], right: Sequence[bytes]) -> str:
    return f"statement {block * TILE_WIDTH + _first_difference(hashes, right)}"


def _first_difference(hashes: Sequence[bytes], others: Sequence[bytes]) -> int:
    pairs = enumerate(zip(hashes, others, strict=False))
    return next((at for at, (one, other) in pairs if one != other), len(others))


def _short(error: FirtreeError) -> str:
    return "it is missing" if isinstance(error, NotFoundError) else str(error)
