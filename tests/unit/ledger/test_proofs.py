"""Proofs of the tree: known answers, every small size, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from firtree.errors import VerificationError
from firtree.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash
from firtree.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    subtrees_of,
    tree_hash,
    verify_consistency,
    verify_inclusion,
)
from firtree.ledger.tiles import full_leaf_tiles, higher_tiles

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors/log/log.json").read_text(encoding="utf-8")
)["rfc6962"]
SMALL = [leaf_hash(bytes.fromhex(entry)) for entry in VECTORS["small"]["entries"]]
LARGE = [leaf_hash(f"leaf {n}".encode()) for n in range(65_537)]
Subtrees = Callable[[int, int], bytes]


# The definitions of RFC 6962, section 2.1, word for word: slow, and another path.


@cache
def mth(start: int, stop: int) -> bytes:
    """Compute MTH(D[start:stop])."""
    if start == stop:
        return EMPTY_ROOT
    if stop - start == 1:
        return LARGE[start]
    k = largest_power_below(stop - start)
    return node_hash(mth(start, start + k), mth(start + k, stop))


def largest_power_below(n: int) -> int:
    """Give the largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def path(m: int, start: int, stop: int) -> list[bytes]:
    """Compute PATH(m, D[start:stop])."""
    n = stop - start
    if n == 1:
        return []
    k = largest_power_below(n)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, stop)]
    return [*path(m - k, start + k, stop), mth(start, start + k)]


def subproof(m: int, start: int, stop: int, *, known: bool) -> list[bytes]:
    """Compute SUBPROOF(m, D[start:stop], known)."""
    n = stop - start
    if m == n:
        return [] if known else [mth(start, stop)]
    k = largest_power_below(n)
    if m <= k:
        left = subproof(m, start, start + k, known=known)
        return [*left, mth(start + k, stop)]
    right = subproof(m - k, start + k, stop, known=False)
    return [*right, mth(start, start + k)]


@cache
def tiled(size: int) -> Subtrees:
    """Give hashes of subtrees from the tiles that a log of this size has."""
    hashes = LARGE[:size]
    tiles = {
        (t.level, t.number): b"".join(t.hashes) for t in full_leaf_tiles(0, hashes)
    }
    tiles[0, size // 256] = b"".join(hashes[size - size % 256 :])
    _, gained = Frontier().grown(hashes)
    for piece in higher_tiles(gained):
        tiles[piece.level, piece.number] = b"".join(piece.hashes)
    return subtrees_of(lambda level, number: tiles.get((level, number), b""))


def check_inclusion(index: int, size: int) -> None:
    """Compare one inclusion proof with its definition, and verify it."""
    proof = inclusion_proof(index, size, tiled(size))

    assert list(proof) == path(index, 0, size)
    verify_inclusion(
        LARGE[index], index=index, size=size, proof=proof, root=mth(0, size)
    )


def check_consistency(old: int, new: int) -> None:
    """Compare one consistency proof with its definition, and verify it."""
    proof = consistency_proof(old, new, tiled(new))

    assert list(proof) == (subproof(old, 0, new, known=True) if old else [])
    verify_consistency(
        old=old, new=new, proof=proof, old_root=mth(0, old), new_root=mth(0, new)
    )


@pytest.mark.parametrize(("name", "hashes"), [("small", SMALL), ("large", LARGE)])
def test_proofs_are_known(name: str, hashes: list[bytes]) -> None:
    for known in VECTORS[name]["inclusion"]:
        index, size = known["index"], known["size"]
        frontier, _ = Frontier().grown(hashes[:size])
        proof = [bytes.fromhex(each) for each in known["proof"]]
        if name == "large":
            assert list(inclusion_proof(index, size, tiled(size))) == proof
        verify_inclusion(
            hashes[index], index=index, size=size, proof=proof, root=frontier.root
        )
    for known in VECTORS[name]["consistency"]:
        old, new = known["old"], known["size"]
        roots = [Frontier().grown(hashes[:size])[0].root for size in (old, new)]
        proof = [bytes.fromhex(each) for each in known["proof"]]
        if name == "large":
            assert list(consistency_proof(old, new, tiled(new))) == proof
        verify_consistency(
            old=old, new=new, proof=proof, old_root=roots[0], new_root=roots[1]
        )


def test_every_size_up_to_300_has_its_root_and_proofs() -> None:
    for size in range(301):
        subtree = tiled(size)
        assert tree_hash(size, subtree) == mth(0, size)
        for index in {0, 1, size // 3, size // 2, size - 2, size - 1}:
            if 0 <= index < size:
                check_inclusion(index, size)
                check_consistency(index, size)
        check_consistency(size, size)


def test_all_pairs_of_small_trees_have_proofs() -> None:
    for size in range(1, 41):
        for other in range(size):
            check_inclusion(other, size)
            check_consistency(other, size)


@pytest.mark.parametrize("size", [255, 256, 257, 65_535, 65_536, 65_537])
def test_sizes_around_full_tiles_have_proofs(size: int) -> None:
    near = {0, 1, 254, 255, 256, 257, 511, 512, 65_279, 65_280, 65_535, size // 2}
    for other in sorted({*near, size - 2, size - 1}):
        if other < size:
            check_inclusion(other, size)
            check_consistency(other, size)
    assert tree_hash(size, tiled(size)) == mth(0, size)


def test_each_tile_is_asked_for_once() -> None:
    asked: list[tuple[int, int]] = []

    def tile(level: int, number: int) -> bytes:
        asked.append((level, number))
        hashes = LARGE[number * 256 : number * 256 + 256]
        if level:
            hashes = [mth(n * 256, n * 256 + 256) for n in range(256)]
        return b"".join(hashes)

    proof = inclusion_proof(12_345, 65_536, subtrees_of(tile))

    assert list(proof) == path(12_345, 0, 65_536)
    assert sorted(asked) == [(0, 48), (1, 0)]


@pytest.mark.parametrize("size", [*range(1, 20), 255, 256, 257, 600, 1000])
def test_a_known_frontier_gives_the_same_proofs_without_open_tiles(size: int) -> None:
    frontier, _ = Frontier().grown(LARGE[:size])
    asked: list[tuple[int, int]] = []

    def tile(level: int, number: int) -> bytes:
        asked.append((level, number))
        last = min(number * 256 + 256, size >> 8 * level)
        span = 256**level
        return b"".join(
            mth(n * span, n * span + span) for n in range(number * 256, last)
        )

    subtree = subtrees_of(tile, frontier)
    assert tree_hash(size, subtree) == mth(0, size)
    assert asked == []
    for index in {0, size // 2, size - 1}:
        assert list(inclusion_proof(index, size, subtree)) == path(index, 0, size)
    for old in {1, size // 2, size - 1} - {0}:
        proof = consistency_proof(old, size, subtree)
        assert list(proof) == subproof(old, 0, size, known=True)


def test_a_tile_that_lacks_hashes_is_named() -> None:
    subtree = subtrees_of(lambda _level, _number: b"".join(LARGE[:7]))

    assert subtree(0, 6) == LARGE[6]
    with pytest.raises(VerificationError, match="tile 0 of level 0 lacks hashes"):
        subtree(0, 7)
    with pytest.raises(VerificationError, match="it has 7, 8 are needed"):
        subtree(2, 1)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (6, 5)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="outside a tree"):
        inclusion_proof(index, size, tiled(5))
    with pytest.raises(VerificationError, match="outside a tree"):
        verify_inclusion(LARGE[0], index=index, size=size, proof=[], root=mth(0, 5))


@pytest.mark.parametrize(("old", "new"), [(5, 4), (-1, 4), (1, 0)])
def test_a_log_does_not_go_back(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not continue"):
        consistency_proof(old, new, tiled(5))
    with pytest.raises(VerificationError, match="does not continue"):
        verify_consistency(
            old=old, new=new, proof=[], old_root=mth(0, 5), new_root=mth(0, 4)
        )


def forged(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Spoil a proof in every way that keeps it a list of hashes, and some others."""
    zeros = bytes(32)
    spoilt = [(*proof, zeros), (zeros, *proof), (*proof, *proof[-1:])]
    for place, each in enumerate(proof):
        changed = bytes([each[0] ^ 1]) + each[1:]
        spoilt += [
            (*proof[:place], changed, *proof[place + 1 :]),
            proof[:place] + proof[place + 1 :],
            (*proof[:place], each[:31], *proof[place + 1 :]),
            (*proof[:place], each + b"\0", *proof[place + 1 :]),
        ]
    spoilt.append(tuple(reversed(proof)))
    return [each for each in spoilt if each != proof]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_a_forged_inclusion_proof_is_refused(size: int) -> None:
    root = mth(0, size)
    for index in range(size):
        proof = inclusion_proof(index, size, tiled(size))
        for bad in forged(proof):
            with pytest.raises(VerificationError):
                verify_inclusion(
                    LARGE[index], index=index, size=size, proof=bad, root=root
                )
        for other in range(size):
            if other != index:
                with pytest.raises(VerificationError):
                    verify_inclusion(
                        LARGE[index], index=other, size=size, proof=proof, root=root
                    )
        with pytest.raises(VerificationError, match="not in the tree"):
            verify_inclusion(
                LARGE[size], index=index, size=size, proof=proof, root=root
            )
        with pytest.raises(VerificationError, match="a hash has 32 octets"):
            verify_inclusion(
                LARGE[index], index=index, size=size, proof=proof, root=root[:31]
            )


@pytest.mark.parametrize("new", [1, 2, 3, 7, 8, 13])
def test_a_forged_consistency_proof_is_refused(new: int) -> None:
    for old in range(new + 1):
        proof = consistency_proof(old, new, tiled(new))
        roots = {"old_root": mth(0, old), "new_root": mth(0, new)}
        for bad in forged(proof):
            with pytest.raises(VerificationError):
                verify_consistency(old=old, new=new, proof=bad, **roots)
        for name in roots if old else ["old_root"]:
            with pytest.raises(VerificationError):
                verify_consistency(
                    old=old, new=new, proof=proof, **(roots | {name: LARGE[20]})
                )
        for other in {1, old - 1, old + 1} - {old, 0}:
            if 0 < other <= new:
                with pytest.raises(VerificationError):
                    verify_consistency(old=other, new=new, proof=proof, **roots)


def test_a_proof_that_climbs_past_the_root_is_refused() -> None:
    extra, root = LARGE[9], mth(0, 3)
    above = node_hash(extra, root)
    inclusion = (*inclusion_proof(1, 3, tiled(3)), extra)
    consistency = (*consistency_proof(2, 3, tiled(3)), extra)

    with pytest.raises(VerificationError, match="too long for a tree of 3"):
        verify_inclusion(LARGE[1], index=1, size=3, proof=inclusion, root=above)
    with pytest.raises(VerificationError, match="too long from 2 to 3"):
        verify_consistency(
            old=2, new=3, proof=consistency, old_root=mth(0, 2), new_root=above
        )


def test_the_empty_tree_has_one_root() -> None:
    verify_consistency(old=0, new=0, proof=[], old_root=EMPTY_ROOT, new_root=EMPTY_ROOT)
    with pytest.raises(VerificationError, match="without leaves"):
        verify_consistency(
            old=0, new=0, proof=[], old_root=EMPTY_ROOT, new_root=LARGE[0]
        )
    with pytest.raises(VerificationError, match="too short"):
        verify_consistency(
            old=1, new=2, proof=[], old_root=LARGE[0], new_root=mth(0, 2)
        )
    with pytest.raises(VerificationError, match="must not be empty"):
        verify_consistency(
            old=3, new=4, proof=[], old_root=mth(0, 3), new_root=mth(0, 4)
        )
