"""The roots of the state map, worked out key by key, are those of the map itself."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from firtree.ledger.maphistory import NEVER, Part, history_of, part_of, roots_of
from firtree.ledger.statemap import EMPTY, StateMap, leaf_of

# Keys that share many first bits, and keys that do not.
keys = st.one_of(
    st.sampled_from([bytes(31) + bytes([n]) for n in range(4)]),
    st.sampled_from([bytes([n]) + bytes(31) for n in range(0, 256, 17)]),
    st.sampled_from([sha256(bytes([n])).digest() for n in range(12)]),
)
transactions = st.lists(
    st.tuples(
        st.integers(1, 9), st.dictionaries(keys, st.binary(min_size=32, max_size=32))
    ),
    max_size=12,
)


@given(transactions, st.integers(0, 5))
def test_every_root_is_that_of_the_map_at_its_size(
    made: list[tuple[int, dict[bytes, bytes]]], bits: int
) -> None:
    state, size = StateMap(), 0
    expected: dict[int, bytes] = {}
    leaves: dict[bytes, dict[int, bytes]] = {}
    for grown, changes in made:
        size += grown
        state = state.updated(changes.items())
        if changes:
            expected[size] = state.root
        for key, value in changes.items():
            leaves.setdefault(key, {})[size] = leaf_of(key, value)

    parts = [
        part_of(
            history_of(
                [
                    (key, leaves[key])
                    for key in sorted(leaves)
                    if key[0] >> (8 - bits) == part
                ],
                bits,
            )
        )
        for part in range(1 << bits)
    ]

    assert dict(roots_of(parts)) == expected


def test_a_map_without_keys_has_no_history() -> None:
    empty = part_of(history_of([]))

    assert empty == Part(b"", NEVER)
    assert list(roots_of([empty, empty])) == []
    assert StateMap().root == EMPTY
