"""Proofs of the state map: what stands under a key, or that nothing does.

A proof is the siblings from the root down, and an end: nothing, or a key with its
value (``docs/formats/log.md``, State map).  A root has one end for each key, so it
proves one value, or absence, and never both.
"""

from collections.abc import Callable
from typing import NamedTuple

from firtree.errors import VerificationError
from firtree.ledger.merkle import HASH_OCTETS, node_hash
from firtree.ledger.statemap import EMPTY, KEY_BITS, StateMap, leaf_of


class MapEnd(NamedTuple):
    """The one key below the place where a proof ends: key and value, 32 octets each."""

    key: bytes
    value: bytes


class MapProof(NamedTuple):
    """What shows the value of a key, or its absence.

    Attributes:
        siblings: hashes from the root's child down, at most 256.
        end: the key that stands alone below them, with its value; None = none does.
    """

    siblings: tuple[bytes, ...]
    end: MapEnd | None


def prove(state: StateMap, key: bytes, value_of: Callable[[bytes], bytes]) -> MapProof:
    """Prove what a map holds under a key.

    Args:
        state: the map.
        key: 32 octets.
        value_of: gives the value of a key that is in the map: of ``key``, or where
            that is absent perhaps of a neighbour.
    """
    siblings, end = state.path(key)
    if end is None:
        return MapProof(siblings, None)
    return MapProof(siblings, MapEnd(end, value_of(end)))


def verify_map_proof(
    proof: MapProof, *, key: bytes, value: bytes | None, root: bytes
) -> None:
    """Check that the map of a root holds a value under a key, or nothing.

    Args:
        proof: as :func:`prove` gives it.
        key: what is asked for, 32 octets.
        value: SHA-256 of the list that is claimed, 32 octets; None = it is claimed
            that the key is absent.
        root: the map's root, 32 octets.

    Raises:
        VerificationError: the proof is not of the form a map leads to, ends at
            another place than the key's, does not lead to ``root``, or shows another
            value.
    """
    _check_form(proof, key, root)
    siblings, end = proof
    if end is not None and _shared_bits(end.key, key) < len(siblings):
        raise VerificationError("the proof ends at a key from another place of the map")
    node = EMPTY if end is None else leaf_of(*end)
    bits = int.from_bytes(key)
    for depth in range(len(siblings) - 1, -1, -1):
        is_right = bits >> (KEY_BITS - 1 - depth) & 1
        pair = (siblings[depth], node) if is_right else (node, siblings[depth])
        node = node_hash(*pair)
    if node != root:
        raise VerificationError("the proof does not lead to this root of the map")
    found = end.value if end is not None and end.key == key else None
    if found != value:
        raise VerificationError(_other_value(found, value))


def _other_value(found: bytes | None, value: bytes | None) -> str:
    if found is None:
        return "the map holds nothing under this key"
    if value is None:
        return "the map holds something under this key"
    return "the map holds another value under this key"


def _check_form(proof: MapProof, key: bytes, root: bytes) -> None:
    for each in (key, root, *proof.siblings, *(proof.end or ())):
        if len(each) != HASH_OCTETS:
            raise VerificationError(f"a hash has {HASH_OCTETS} octets, not {len(each)}")
    if len(proof.siblings) > KEY_BITS:
        raise VerificationError(f"a map has {KEY_BITS} levels, not more")
    # A subtree of one key is that key's leaf, so the last sibling holds some key.
    if proof.siblings and proof.siblings[-1] == EMPTY:
        raise VerificationError("the proof goes deeper than the map")


def _shared_bits(one: bytes, other: bytes) -> int:
    return KEY_BITS - (int.from_bytes(one) ^ int.from_bytes(other)).bit_length()
