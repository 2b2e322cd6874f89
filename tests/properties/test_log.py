"""Properties of the log's parts: however they are put together, the same comes out."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.errors import VerificationError
from firtree.ledger.canonical import canonical, not_canonical
from firtree.ledger.leaf import LEAF_OCTETS, Leaf
from firtree.ledger.mapproofs import MapEnd, MapProof, prove, verify_map_proof
from firtree.ledger.merkle import EMPTY_ROOT, Frontier, node_hash
from firtree.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from firtree.ledger.sections import (
    SECTIONS,
    Sections,
    erased,
    sealed,
    verify_body,
)
from firtree.ledger.statemap import StateMap
from firtree.ledger.tiles import full_leaf_tiles, higher_tiles

HASH = st.binary(min_size=32, max_size=32)
COUNTS = st.lists(st.integers(0, 300), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 1 << 53) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
    ),
    max_leaves=9,
)
# Keys that share many first bits meet in deep branches.
KEY = HASH | st.builds(lambda end: bytes(31) + bytes([end]), st.integers(0, 255))


def numbered(size: int) -> list[bytes]:
    """Give hashes that differ."""
    return [sha256(str(n).encode()).digest() for n in range(size)]


def tree_hash(hashes: list[bytes]) -> bytes:
    """Compute MTH(D[n]) as RFC 6962, section 2.1 defines it, over leaf hashes."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node_hash(tree_hash(hashes[:k]), tree_hash(hashes[k:]))


def map_hash(pairs: dict[bytes, bytes], depth: int = 0) -> bytes:
    """Compute the root of a map as its format defines it."""
    if not pairs:
        return bytes(32)
    if len(pairs) == 1:
        [(key, value)] = pairs.items()
        return sha256(b"\x00" + key + value).digest()
    halves: list[dict[bytes, bytes]] = [{}, {}]
    for key, value in pairs.items():
        halves[key[depth // 8] >> (7 - depth % 8) & 1][key] = value
    return node_hash(*(map_hash(half, depth + 1) for half in halves))


@given(COUNTS)
def test_a_tree_has_one_root_however_it_grew(counts: list[int]) -> None:
    hashes = numbered(sum(counts))
    frontier = Frontier()
    for count in counts:
        frontier, _ = frontier.grown(hashes[frontier.size : frontier.size + count])

    assert frontier.root == tree_hash(hashes)
    assert frontier == Frontier().grown(hashes)[0]
    assert Frontier.parse(frontier.size, frontier.encode()) == frontier
    assert len(frontier.nodes) == frontier.size.bit_count()


@given(COUNTS, st.data())
def test_a_tree_ends_with_its_last_leaves_and_no_others(
    counts: list[int], data: st.DataObject
) -> None:
    hashes = numbered(sum(counts))
    frontier = Frontier().grown(hashes)[0]
    last = hashes[len(hashes) - len(hashes) % 256 :]

    assert frontier.ends_with(last)
    assert not frontier.ends_with([*last, bytes(32)])
    if last:
        assert not frontier.ends_with(last[1:])
        place = data.draw(st.integers(0, len(last) - 1))
        assert not frontier.ends_with([*last[:place], bytes(32), *last[place + 1 :]])


@given(COUNTS)
def test_tiles_join_to_the_same_rows_however_the_tree_grew(counts: list[int]) -> None:
    hashes = numbered(sum(counts))
    frontier, kept = Frontier(), b""
    for count in counts:
        added = hashes[frontier.size : frontier.size + count]
        frontier, gained = frontier.grown(added)
        for piece in higher_tiles(gained):
            assert (piece.level, piece.number) == (1, 0)
            assert piece.start * 32 == len(kept)
            kept += b"".join(piece.hashes)

    rows = [hashes[n : n + 256] for n in range(0, len(hashes) - 255, 256)]
    assert kept == b"".join(tree_hash(row) for row in rows)
    assert [list(tile.hashes) for tile in full_leaf_tiles(0, hashes)] == rows


@given(st.dictionaries(KEY, HASH, max_size=40), st.integers(1, 5))
def test_a_map_has_one_root_however_it_was_filled(
    pairs: dict[bytes, bytes], pieces: int
) -> None:
    items = list(pairs.items())
    state = StateMap()
    for first in range(pieces):
        state = state.updated(items[first::pieces])

    assert state.root == map_hash(pairs)


@given(st.dictionaries(KEY, HASH, max_size=30), st.dictionaries(KEY, HASH, max_size=30))
def test_an_old_map_stays_as_it_was(
    before: dict[bytes, bytes], more: dict[bytes, bytes]
) -> None:
    old = StateMap().updated(before.items())
    changed = {key: sha256(value).digest() for key, value in before.items()}
    new = old.updated(more.items()).updated(changed.items())

    assert old.root == map_hash(before)
    assert new.root == map_hash(before | more | changed)
    assert old.updated(more.items()).root == map_hash(before | more)


@given(
    st.dictionaries(KEY, HASH, max_size=30),
    st.dictionaries(KEY, HASH | st.none(), max_size=30),
)
def test_a_later_map_leads_back_to_an_earlier_one(
    before: dict[bytes, bytes], more: dict[bytes, bytes | None]
) -> None:
    old = StateMap().updated(before.items())
    after = {k: v for k, v in (before | more).items() if v is not None}
    new = old.updated(more.items())
    back = {key: before.get(key) for key in more}

    assert new.root == map_hash(after)
    again = new.updated(back.items())
    assert again.root == old.root
    # Also of the same shape: it proves what a map that was built anew proves.
    for key in (*before, *more):
        assert again.path(key) == old.path(key)
        assert new.path(key) == StateMap().updated(after.items()).path(key)
    assert old.updated((key, None) for key in before).root == bytes(32)


NEAR = st.dictionaries(
    st.integers(0, 7).map(lambda end: bytes(31) + bytes([end])), HASH, max_size=8
)


@given(NEAR, NEAR)
def test_keys_may_be_changed_and_added_at_once(
    before: dict[bytes, bytes], more: dict[bytes, bytes]
) -> None:
    state = StateMap().updated(before.items()).updated(more.items())

    assert state.root == map_hash(before | more)


@given(st.dictionaries(KEY, HASH, max_size=40), KEY, HASH)
def test_a_map_proves_what_it_holds_and_nothing_else(
    pairs: dict[bytes, bytes], key: bytes, other: bytes
) -> None:
    state = StateMap().updated(pairs.items())
    for asked in (*pairs, key):
        proof = prove(state, asked, pairs.__getitem__)
        value = pairs.get(asked)
        verify_map_proof(proof, key=asked, value=value, root=map_hash(pairs))
        for claim in {other, None} - {value}:
            with pytest.raises(VerificationError):
                verify_map_proof(proof, key=asked, value=claim, root=state.root)


@given(
    st.dictionaries(KEY, HASH, max_size=12),
    st.lists(HASH | st.just(bytes(32)), max_size=8),
    st.none() | st.builds(MapEnd, KEY, HASH),
    KEY,
)
def test_no_invented_proof_leads_to_a_map(
    pairs: dict[bytes, bytes], siblings: list[bytes], end: MapEnd | None, key: bytes
) -> None:
    state = StateMap().updated(pairs.items())
    invented = MapProof(tuple(siblings), end)
    honest = prove(state, key, pairs.__getitem__)
    if invented == honest:
        return
    for claim in {pairs.get(key), end.value if end else None, None}:
        with pytest.raises(VerificationError):
            verify_map_proof(invented, key=key, value=claim, root=state.root)


@given(st.integers(1, 700), st.data())
def test_leaves_are_proven_and_trees_continue(size: int, data: st.DataObject) -> None:
    hashes = numbered(size)
    other = data.draw(st.integers(0, size - 1))

    def subtree(height: int, place: int) -> bytes:
        return tree_hash(hashes[place << height : place + 1 << height])

    root = tree_hash(hashes)
    inclusion = inclusion_proof(other, size, subtree)
    consistency = consistency_proof(other, size, subtree)

    verify_inclusion(hashes[other], index=other, size=size, proof=inclusion, root=root)
    verify_consistency(
        old=other,
        new=size,
        proof=consistency,
        old_root=tree_hash(hashes[:other]),
        new_root=root,
    )


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001
    HASH,
    HASH,
)
def test_a_leaf_is_read_as_it_was_written(
    at: datetime, body: bytes, state: bytes
) -> None:
    leaf = Leaf(at.replace(tzinfo=UTC), body, state)

    octets = leaf.encode()

    assert len(octets) == LEAF_OCTETS
    assert Leaf.parse(octets) == leaf


@given(JSON)
def test_canonical_json_is_what_another_program_makes_of_it(value: object) -> None:
    made = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert canonical(value) == made.encode()
    assert not_canonical(made.encode()) == ""


@given(JSON, JSON, st.text(max_size=3))
def test_a_key_that_stands_twice_is_not_canonical(
    first: object, second: object, key: str
) -> None:
    name, one, other = canonical(key), canonical(first), canonical(second)

    assert not_canonical(b"{" + name + b":" + one + b"}") == ""
    assert not_canonical(b"{%b:%b,%b:%b}" % (name, one, name, other))


@given(st.binary(max_size=20) | st.text(alphabet='{}[]":,\\u0aé1.e- ').map(str.encode))
def test_any_octets_are_canonical_or_told_not_to_be(octets: bytes) -> None:
    if not not_canonical(octets):
        assert canonical(json.loads(octets)) == octets


@given(
    st.tuples(*[st.one_of(st.just(b""), JSON.map(canonical))] * 5),
    st.binary(min_size=160, max_size=160),
    st.sets(st.sampled_from(SECTIONS)),
)
def test_a_body_verifies_whatever_is_erased(
    sections: tuple[bytes, ...], salts: bytes, names: set[str]
) -> None:
    body = sealed(Sections(*sections), salts)
    after = body
    for name in names:
        after = erased(after, name)

    verify_body(after, body.digest)
    assert [s is None for s in after.sections] == [name in names for name in SECTIONS]
    assert body.commitments == b"".join(
        hmac.digest(
            salts[n * 32 : n * 32 + 32],
            b"firtree/v1/" + name.encode() + b"\n" + octets,
            "sha256",
        )
        for n, (name, octets) in enumerate(zip(SECTIONS, sections, strict=True))
    )
