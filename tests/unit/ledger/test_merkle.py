"""The frontier: what it refuses, and that tiles continue across calls."""

from __future__ import annotations

import pytest

from firtree.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash
from firtree.ledger.tiles import full_leaf_tiles, higher_tiles, tile_path

HASHES = [leaf_hash(str(n).encode()) for n in range(600)]


def test_an_empty_frontier_has_the_root_of_nothing() -> None:
    assert Frontier().root == EMPTY_ROOT
    assert Frontier().grown([]) == (Frontier(), [])


def test_a_frontier_does_not_change_when_it_grows() -> None:
    three, _ = Frontier().grown(HASHES[:3])
    four, _ = three.grown(HASHES[3:4])

    assert three == Frontier(3, (node_hash(HASHES[0], HASHES[1]), HASHES[2]))
    assert (four.size, len(four.nodes)) == (4, 1)


@pytest.mark.parametrize("octets", [b"", bytes(31), bytes(33), bytes(96)])
def test_nodes_that_do_not_fit_a_size_are_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="2 nodes for a tree of 3"):
        Frontier.parse(3, octets)


def test_pieces_of_a_higher_tile_say_where_they_start() -> None:
    frontier, gained = Frontier().grown(HASHES[:300])
    [first] = higher_tiles(gained)
    _, gained = frontier.grown(HASHES[300:])
    [second] = higher_tiles(gained)

    assert (first.level, first.number, first.start, len(first.hashes)) == (1, 0, 0, 1)
    assert (second.level, second.number, second.start) == (1, 0, 1)


def test_a_leaf_tile_is_given_when_it_is_full() -> None:
    assert full_leaf_tiles(512, HASHES[:255]) == []
    [tile] = full_leaf_tiles(512, HASHES[:256])
    assert (tile.level, tile.number, tile.hashes) == (0, 2, tuple(HASHES[:256]))


def test_a_full_tile_of_another_tree_has_no_partial_path() -> None:
    assert tile_path(0, 0, 255).endswith(".p/255")
    assert tile_path(0, 0) == tile_path(0, 0, 256) == "tile/0/000"
