"""Tiles of the log: rows of 256 hashes (c2sp.org/tlog-tiles)."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from firtree.errors import VerificationError
from firtree.ledger.merkle import TileHash

TILE_WIDTH = 256


class Tile(NamedTuple):
    """Hashes of one tile, from its first one on.

    Attributes:
        level: 0 for leaf hashes, and so on upwards.
        number: place on its level, counted from 0.
        start: place in the tile of the first hash given here.
        hashes: the hashes, in order; up to ``start + len(hashes) == 256``.
    """

    level: int
    number: int
    start: int
    hashes: tuple[bytes, ...]


def full_leaf_tiles(first: int, leaf_hashes: Sequence[bytes]) -> list[Tile]:
    """Give the level-0 tiles that are complete.

    Args:
        first: index of the first leaf given; a multiple of 256.
        leaf_hashes: hashes of that leaf and all after it.
    """
    return [
        Tile(
            0,
            (first + start) // TILE_WIDTH,
            0,
            tuple(leaf_hashes[start : start + TILE_WIDTH]),
        )
        for start in range(0, len(leaf_hashes) - TILE_WIDTH + 1, TILE_WIDTH)
    ]


def higher_tiles(gained: Iterable[TileHash]) -> list[Tile]:
    """Gather the hashes that higher tiles gain, one piece for each tile."""
    pieces: dict[tuple[int, int], Tile] = {}
    for level, on_level, digest in gained:
        number, place = divmod(on_level, TILE_WIDTH)
        piece = pieces.get((level, number), Tile(level, number, place, ()))
        pieces[level, number] = piece._replace(hashes=(*piece.hashes, digest))
    return list(pieces.values())


class TileName(NamedTuple):
    """Which tile, or which entry bundle, at which width.

    Attributes:
        level: 0 to 63; None = an entry bundle.
        number: place on its level, counted from 0.
        width: 256, or 1 to 255 for a partial one.
    """

    level: int | None
    number: int
    width: int = TILE_WIDTH

    @classmethod
    def parse(cls, path: str) -> "TileName":
        """Read a path below the log's address, as :meth:`__str__` writes it.

        Raises:
            ValueError: no tile has this path.
        """
        match = _PATH.match(path)
        if match is None:
            raise ValueError("the path of a tile, such as tile/0/x001/234.p/5")
        level = None if match[1] == "entries" else int(match[1])
        number = int(match[2].replace("x", "").replace("/", ""))
        found = cls(level, number, int(match[3] or TILE_WIDTH))
        if str(found) != path:  # such as x000/001, or a width of 256
            raise ValueError("the path of a tile without needless zeros")
        return found

    def __str__(self) -> str:
        level = "entries" if self.level is None else self.level
        return tile_path(level, self.number, self.width)

    @property
    def sizes(self) -> tuple[int, int]:
        """The least log size whose tree has it, and the size from which none has.

        For a full one the latter is only that at which a wider one would exist.
        """
        span = TILE_WIDTH ** (self.level or 0)
        least = (self.number * TILE_WIDTH + self.width) * span
        return least, least + span


# Six groups of digits are more leaves than 64 bits count.
_PATH = re.compile(
    r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/([1-9][0-9]{0,2}))?\Z"
)


def entry_bundle(leaves: Iterable[bytes]) -> bytes:
    """Join leaves, each after its length in two octets, most significant first."""
    return b"".join(len(leaf).to_bytes(2) + leaf for leaf in leaves)


def split_bundle(octets: bytes) -> list[bytes]:
    """Split an entry bundle into its leaves.

    Raises:
        VerificationError: it ends within a leaf.
    """
    leaves, place = [], 0
    while place < len(octets):
        start = place + 2
        place = start + int.from_bytes(octets[place:start])
        leaves.append(octets[start:place])
    if place != len(octets):
        raise VerificationError("an entry bundle that ends within a leaf")
    return leaves


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """Give the path of a tile below the log's address.

    Args:
        level: the level, or ``entries`` for an entry bundle.
        number: place on its level.
        width: number of hashes, 1 to 256; less than 256 = a partial tile.
    """
    digits = f"{number % 1000:03d}"
    while number := number // 1000:
        digits = f"x{number % 1000:03d}/{digits}"
    partial = f".p/{width}" if width < TILE_WIDTH else ""
    return f"tile/{level}/{digits}{partial}"
