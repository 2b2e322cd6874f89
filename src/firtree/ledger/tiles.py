"""Tiles of the log: rows of 256 hashes (c2sp.org/tlog-tiles)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

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
