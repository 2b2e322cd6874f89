"""Proofs of the state map: known answers, a naive map, and what is refused."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from firtree.errors import VerificationError
from firtree.ledger.mapproofs import MapEnd, MapProof, prove, verify_map_proof
from firtree.ledger.statemap import EMPTY, StateMap, map_key

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors/log/log.json").read_text(encoding="utf-8")
)["map"]
PAIRS = [
    (map_key(kind, name), sha256(listed.encode()).digest())
    for kind, name, listed in VECTORS["entries"]
]
KEY, VALUE = PAIRS[0]
OTHER = sha256(b"another list").digest()


def known_proof(known: dict[str, Any]) -> tuple[MapProof, bytes, bytes | None]:
    """Read a proof of the vectors, with the key and the value it is about."""
    end = known["end"]
    proof = MapProof(
        tuple(bytes.fromhex(each) for each in known["siblings"]),
        MapEnd(*map(bytes.fromhex, (end["key"], end["value"]))) if end else None,
    )
    value = bytes.fromhex(known["value"]) if known["value"] else None
    return proof, bytes.fromhex(known["key"]), value


def test_proofs_of_the_map_are_known() -> None:
    absent = 0
    for known in VECTORS["proofs"]:
        pairs = dict(PAIRS[: known["size"]])
        state = StateMap().updated(pairs.items())
        proof, key, value = known_proof(known)

        assert key == map_key(known["kind"], known["name"])
        assert prove(state, key, pairs.__getitem__) == proof
        verify_map_proof(proof, key=key, value=value, root=state.root)
        absent += value is None
    assert 0 < absent < len(VECTORS["proofs"])


def test_proofs_of_keys_that_share_many_bits_are_known() -> None:
    for deep in VECTORS["deep"]:
        pairs = {bytes.fromhex(k): bytes.fromhex(v) for k, v in deep["pairs"]}
        state = StateMap().updated(pairs.items())
        for known in deep["proofs"]:
            proof, key, value = known_proof(known)
            assert prove(state, key, pairs.__getitem__) == proof
            verify_map_proof(proof, key=key, value=value, root=state.root)


def the_map(size: int = 100) -> tuple[StateMap, dict[bytes, bytes]]:
    """Give a map of the vectors' first entries."""
    pairs = dict(PAIRS[:size])
    return StateMap().updated(pairs.items()), pairs


def refuse(proof: MapProof, key: bytes, value: bytes | None, root: bytes) -> str:
    """See a proof refused; give the reason."""
    with pytest.raises(VerificationError) as caught:
        verify_map_proof(proof, key=key, value=value, root=root)
    return str(caught.value)


def absent_beside_a_neighbour(
    state: StateMap, pairs: dict[bytes, bytes]
) -> tuple[bytes, MapProof]:
    """Give an absent key whose proof ends at a neighbour, and the proof."""
    for number in range(1000):
        key = map_key("model", f"FFFF\n{number:08X}")
        proof = prove(state, key, pairs.__getitem__)
        if proof.end is not None:
            return key, proof
    raise AssertionError("no absent key has a neighbour")


def test_a_list_without_its_newest_entry_is_refused() -> None:
    newest, older = '[[1,0,"aa"],[2,1,"bb"]]', '[[1,0,"aa"]]'
    pairs = dict(PAIRS[:50]) | {KEY: sha256(newest.encode()).digest()}
    state = StateMap().updated(pairs.items())
    proof = prove(state, KEY, pairs.__getitem__)
    shorter = sha256(older.encode()).digest()

    assert "another value" in refuse(proof, KEY, shorter, state.root)
    forged = MapProof(proof.siblings, MapEnd(KEY, shorter))
    assert "does not lead" in refuse(forged, KEY, shorter, state.root)


def test_a_key_has_no_second_value() -> None:
    state, pairs = the_map()
    proof = prove(state, KEY, pairs.__getitem__)

    verify_map_proof(proof, key=KEY, value=VALUE, root=state.root)
    for depth in range(len(proof.siblings) + 1):
        forged = MapProof(proof.siblings[:depth], MapEnd(KEY, OTHER))
        assert "does not lead" in refuse(forged, KEY, OTHER, state.root)


def test_a_present_key_is_not_shown_to_be_absent() -> None:
    state, pairs = the_map()
    proof = prove(state, KEY, pairs.__getitem__)

    assert "holds something" in refuse(proof, KEY, None, state.root)
    nothing = MapProof(proof.siblings, None)
    assert "does not lead" in refuse(nothing, KEY, None, state.root)


def test_a_neighbour_is_not_passed_off_as_absence() -> None:
    state, pairs = the_map()
    for neighbour in list(pairs)[1:]:
        proof = prove(state, neighbour, pairs.__getitem__)
        # The neighbour's own proof, told to be what stands in the key's place.
        assert "another place" in refuse(proof, KEY, None, state.root)
        own = prove(state, KEY, pairs.__getitem__)
        forged = MapProof(own.siblings, proof.end)
        reason = refuse(forged, KEY, None, state.root)
        assert "another place" in reason or "does not lead" in reason


def test_an_absent_key_is_not_shown_to_be_present() -> None:
    state, pairs = the_map()
    key, proof = absent_beside_a_neighbour(state, pairs)
    assert proof.end is not None

    verify_map_proof(proof, key=key, value=None, root=state.root)
    claimed = proof.end.value
    assert "holds nothing" in refuse(proof, key, claimed, state.root)
    forged = MapProof(proof.siblings, MapEnd(key, claimed))
    assert "does not lead" in refuse(forged, key, claimed, state.root)


def test_a_proof_of_another_depth_is_refused() -> None:
    state, pairs = the_map()
    proof = prove(state, KEY, pairs.__getitem__)
    siblings, end = proof

    assert "does not lead" in refuse(
        MapProof(siblings[:-1], end), KEY, VALUE, state.root
    )
    assert "does not lead" in refuse(
        MapProof(siblings[1:], end), KEY, VALUE, state.root
    )
    longer = MapProof((*siblings, OTHER), end)
    assert "does not lead" in refuse(longer, KEY, VALUE, state.root)


@pytest.mark.parametrize("more", [1, 5])
def test_trailing_siblings_are_refused(more: int) -> None:
    state, pairs = the_map()
    siblings, end = prove(state, KEY, pairs.__getitem__)
    trailing = MapProof((*siblings, *[EMPTY] * more), end)

    assert "deeper than the map" in refuse(trailing, KEY, VALUE, state.root)
    # Also where somebody made a root that fits them: no map has it.
    bit = int.from_bytes(KEY) >> 255 & 1
    node = sha256(b"\x00" + KEY + VALUE).digest()
    pair = EMPTY + node if bit else node + EMPTY
    root = sha256(b"\x01" + pair).digest()
    lone = MapProof((EMPTY,), MapEnd(KEY, VALUE))
    assert "deeper than the map" in refuse(lone, KEY, VALUE, root)


def test_more_siblings_than_bits_are_refused() -> None:
    too_deep = MapProof((OTHER,) * 257, MapEnd(KEY, VALUE))

    assert "256 levels" in refuse(too_deep, KEY, VALUE, OTHER)


def test_hashes_of_another_length_are_refused() -> None:
    state, pairs = the_map()
    proof = prove(state, KEY, pairs.__getitem__)
    first, *rest = proof.siblings

    for bad in (
        MapProof((first[:31], *rest), proof.end),
        MapProof(proof.siblings, MapEnd(KEY + b"\0", VALUE)),
        MapProof(proof.siblings, MapEnd(KEY, VALUE[:31])),
    ):
        assert "a hash has 32 octets" in refuse(bad, KEY, VALUE, state.root)
    assert "a hash has" in refuse(proof, KEY[:31], VALUE, state.root)
    assert "a hash has" in refuse(proof, KEY, VALUE, state.root + b"\0")


def test_the_empty_map_proves_absence_only() -> None:
    nothing: dict[bytes, bytes] = {}
    proof = prove(StateMap(), KEY, nothing.__getitem__)

    assert proof == MapProof((), None)
    verify_map_proof(proof, key=KEY, value=None, root=EMPTY)
    assert "holds nothing" in refuse(proof, KEY, VALUE, EMPTY)
