"""Proofs about the log's tree (RFC 9162, sections 2.1.3 and 2.1.4; as in RFC 6962).

An inclusion proof shows that a leaf stands in the tree of a root, a consistency proof
that a tree begins with all the leaves of an earlier one.  Both are made of hashes of
full subtrees, and those come from tiles.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from firtree.errors import VerificationError
from firtree.ledger.merkle import (
    EMPTY_ROOT,
    HASH_OCTETS,
    TILE_HEIGHT,
    Frontier,
    node_hash,
    split_hashes,
)
from firtree.ledger.tiles import TILE_WIDTH

Subtrees = Callable[[int, int], bytes]
"""Gives the hash of the full subtree of a height (0 = a leaf) at a place, counted from
0, on that height: of the leaves from ``place << height`` up to the next one's."""

Tiles = Callable[[int, int], bytes]
"""Gives the hashes of a tile, joined, by its level and number: all of it, or as much as
there is."""


_UNKNOWN = Frontier()
# With the hashes made of them 40 kB each; a log of a million leaves has 62.
_TILES_KEPT = 128


class Inclusion(NamedTuple):
    """That a leaf is in the tree of a size.

    Attributes:
        leaf_index: place of the leaf, counted from 0.
        size: number of leaves of the tree.
        leaf_hash, root: 32 octets each.
        hashes: from the leaf's sibling up to the root's child.
    """

    leaf_index: int
    size: int
    leaf_hash: bytes
    root: bytes
    hashes: tuple[bytes, ...]


class Consistency(NamedTuple):
    """That the tree of one size continues that of another.

    Attributes:
        old, new: numbers of leaves.
        old_root, new_root: 32 octets each.
        hashes: as RFC 9162, section 2.1.4.1, orders them.
    """

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    hashes: tuple[bytes, ...]


def subtrees_of(tiles: Tiles, frontier: Frontier = _UNKNOWN) -> Subtrees:
    """Give hashes of full subtrees from tiles; each tile is asked for once.

    The function given raises VerificationError where a tile lacks a hash it needs.

    Args:
        tiles: the tiles.
        frontier: right edge of the tree, where it is known: proofs under its size then
            need no open tile.
    """
    kept: dict[tuple[int, int], _Rows] = {}
    known = dict(_edge(frontier))

    def subtree(height: int, place: int) -> bytes:
        if (found := known.get((height, place))) is not None:
            return found
        level, within = divmod(height, TILE_HEIGHT)
        number, start = divmod(place << within, TILE_WIDTH)
        rows = kept.get((level, number))
        if rows is None:
            octets = tiles(level, number)
            # Many proofs lead through the same few tiles above the leaves' own.
            rows = _rows_kept(octets) if level else _rows(octets)
            kept[level, number] = rows
        if start >> within >= len(rows[within]):
            raise VerificationError(
                f"tile {number} of level {level} lacks hashes: it has"
                f" {len(rows[0])}, {start + (1 << within)} are needed"
            )
        return rows[within][start >> within]

    return subtree


def _edge(frontier: Frontier) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield the subtrees of a frontier: height, place on it, and hash."""
    start = 0
    for node in frontier.nodes:
        height = (frontier.size - start).bit_length() - 1
        yield (height, start >> height), node
        start += 1 << height


_Rows = tuple[Sequence[bytes], ...]


def _rows(octets: bytes) -> _Rows:
    """Give the hashes of a tile, and all that are made of them, row above row."""
    rows: list[Sequence[bytes]] = [split_hashes(octets)]
    for _ in range(TILE_HEIGHT - 1):
        rows.append(_row_above(rows[-1]))
    return tuple(rows)


_rows_kept = lru_cache(maxsize=_TILES_KEPT)(_rows)


def _row_above(row: Sequence[bytes]) -> list[bytes]:
    """Hash neighbours together; the last one may have none."""
    return [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(row[::2], row[1::2], strict=False)
    ]


def tree_hash(size: int, subtree: Subtrees) -> bytes:
    """Give the root of the tree of the first leaves.

    Args:
        size: how many leaves, 0 or more.
        subtree: hashes of the full subtrees it is made of.
    """
    return _hash(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtrees) -> tuple[bytes, ...]:
    """Prove that a leaf is in a tree (RFC 9162, section 2.1.3.1).

    Args:
        index: place of the leaf, counted from 0.
        size: number of leaves of the tree.
        subtree: hashes of full subtrees of at most this tree.

    Returns:
        Hashes of 32 octets, from the leaf's sibling up to the root's child.

    Raises:
        ValueError: the leaf is outside the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is outside a tree of {size}")
    start, stop, proof = 0, size, []
    while stop - start > 1:
        middle = _middle(start, stop)
        if index < middle:
            proof.append(_hash(middle, stop, subtree))
            stop = middle
        else:
            proof.append(_hash(start, middle, subtree))
            start = middle
    return tuple(reversed(proof))


def consistency_proof(old: int, new: int, subtree: Subtrees) -> tuple[bytes, ...]:
    """Prove that a tree continues an earlier one (RFC 9162, section 2.1.4.1).

    Args:
        old: number of leaves of the earlier tree; from 0 or to itself the proof is
            empty (c2sp.org/tlog-witness).
        new: number of leaves of the later tree.
        subtree: hashes of full subtrees of at most the later tree.

    Raises:
        ValueError: the earlier tree is larger than the later one.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    if old == 0:
        return ()
    start, stop, proof = 0, new, []
    while stop != old:
        middle = _middle(start, stop)
        if old <= middle:
            proof.append(_hash(middle, stop, subtree))
            stop = middle
        else:
            proof.append(_hash(start, middle, subtree))
            start = middle
    # On the left edge what remains is the earlier tree, whose root is known.
    if start:
        proof.append(_hash(start, stop, subtree))
    return tuple(reversed(proof))


def _middle(start: int, stop: int) -> int:
    """Split leaves at the largest power of two smaller than their number."""
    return start + (1 << (stop - start - 1).bit_length() - 1)


def _hash(start: int, stop: int, subtree: Subtrees) -> bytes:
    """Hash the leaves of a subtree of the RFC's recursion, full or ragged."""
    nodes = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        nodes.append(subtree(height, start >> height))
        start += 1 << height
    root = nodes.pop()
    while nodes:
        root = node_hash(nodes.pop(), root)
    return root


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is in the tree of a root (RFC 9162, section 2.1.3.2).

    Args:
        leaf: leaf hash, 32 octets.
        index: place of the leaf, counted from 0.
        size: number of leaves under ``root``.
        proof: hashes from the leaf's sibling upwards, 32 octets each.
        root: root hash, 32 octets.

    Raises:
        VerificationError: the leaf is outside the tree, or the proof has not exactly
            the hashes it takes, or does not lead to ``root``.
    """
    if not 0 <= index < size:
        raise VerificationError(f"leaf {index} is outside a tree of {size}")
    _check_hashes(leaf, root, *proof)
    # fn and sn: the leaf's and the last leaf's place on the height being climbed.
    fn, sn, node = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise VerificationError(f"the proof is too long for a tree of {size}")
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            fn, sn = _past_missing_siblings(fn, sn)
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise VerificationError(f"the proof is too short for a tree of {size}")
    if node != root:
        raise VerificationError(f"leaf {index} is not in the tree of this root")


def verify_consistency(
    *, old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that a tree continues an earlier one (RFC 9162, section 2.1.4.2).

    Args:
        old: number of leaves of the earlier tree.
        new: number of leaves of the later tree.
        proof: as :func:`consistency_proof` gives it.
        old_root: root of the earlier tree, 32 octets.
        new_root: root of the later tree, 32 octets.

    Raises:
        VerificationError: the sizes go back, or the proof has not exactly the hashes
            it takes, or does not lead to both roots.
    """
    if not 0 <= old <= new:
        raise VerificationError(f"a tree of {new} does not continue one of {old}")
    _check_hashes(old_root, new_root, *proof)
    if (old == 0 and old_root != EMPTY_ROOT) or (new == 0 and new_root != EMPTY_ROOT):
        raise VerificationError("a tree without leaves has another root")
    if old in {0, new}:
        if proof:
            raise VerificationError(f"from {old} to {new} the proof has to be empty")
        if old == new and old_root != new_root:
            raise VerificationError(f"two trees of {new} with different roots")
        return
    found = _both_roots(old, new, proof, old_root)
    if found != (old_root, new_root):
        raise VerificationError(f"the tree of {new} does not continue that of {old}")


def _both_roots(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes]:
    """Give the roots of the earlier and the later tree that a proof leads to."""
    hashes = list(proof)
    # An earlier tree that is one full subtree is where the climb starts.
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise VerificationError(f"from {old} to {new} the proof must not be empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    earlier = later = hashes[0]
    for _, sibling in pairwise(hashes):
        if sn == 0:
            raise VerificationError(f"the proof is too long from {old} to {new}")
        if fn & 1 or fn == sn:
            earlier = node_hash(sibling, earlier)
            later = node_hash(sibling, later)
            fn, sn = _past_missing_siblings(fn, sn)
        else:
            later = node_hash(later, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise VerificationError(f"the proof is too short from {old} to {new}")
    return earlier, later


def _past_missing_siblings(fn: int, sn: int) -> tuple[int, int]:
    """Climb past the heights at which the last node has no sibling."""
    while not fn & 1 and fn:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _check_hashes(*hashes: bytes) -> None:
    for each in hashes:
        if len(each) != HASH_OCTETS:
            raise VerificationError(f"a hash has {HASH_OCTETS} octets, not {len(each)}")
