"""Check that all a register holds follows from its statements, as ``doctor`` does.

What ``doctor`` cannot see, because it uses the code that records, is looked at here:
roots and tiles are worked out again from their definition (RFC 6962, section 2.1), and
the questions that a register answers are asked of a register in memory too.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from firtree.access import KEEPER, Right, scope_of
from firtree.ledger.merkle import EMPTY_ROOT
from firtree.library.keeping.doctor import Examined, examine
from firtree.library.ports import Filter
from firtree.storage.memory import MemoryRegister

if TYPE_CHECKING:
    from collections.abc import Callable

    from firtree.library.ports import Reading, Register
    from firtree.storage.memory_lists import Tables

EVERYTHING = scope_of(KEEPER, Right.READ_ENTRIES)
ALL = 1_000_000
_SIZES_LOOKED_AT = 12


def examined(register: Register) -> Examined:
    """Examine a register as ``firtree doctor`` does."""
    with MemoryRegister().writing() as scratch:
        return examine(KEEPER, register, scratch, lambda *_told: None)


def check_rebuilt(register: Register) -> int:
    """Check that everything a register holds follows from its statements.

    Returns:
        The log size, so that a caller can say how much was checked.

    Raises:
        AssertionError: something does not; the message says what.
    """
    memory = MemoryRegister()
    with memory.writing() as scratch:
        found = examine(KEEPER, register, scratch, lambda *_told: None)
        assert found.is_sound, "\n".join(map(str, found.faults))
        with register.reading() as reading:
            scratch.tables.statements.extend(reading.statements(0, ALL))
    with register.reading() as reading, memory.reading() as expected:
        kept = expected.tables
        if kept.head.size == found.size:  # nobody has recorded more meanwhile
            _check_tree(reading, [row.leaf for row in kept.statements])
            assert _answers(reading, kept) == _answers(expected, kept)
    assert register.size() >= found.size, "size() is below that of the head"
    return found.size


def _check_tree(reading: Reading, leaves: list[bytes]) -> None:
    """Check roots, frontier and tiles by their definition."""
    tree_hash = _tree_hash_of(leaves)
    head = reading.head()
    for end in reading.ends(0):
        assert end.root == tree_hash(0, end.size), f"another root at {end.size}"
    nodes, start = [], 0
    for height in range(head.size.bit_length() - 1, -1, -1):
        if head.size >> height & 1:
            nodes.append(tree_hash(start, start + (1 << height)))
            start += 1 << height
    assert head.frontier.nodes == tuple(nodes), "another frontier"
    level, span = 0, 1
    while count := head.size // span:
        for number in range(-(-count // 256)):
            places = range(number * 256, min(count, number * 256 + 256))
            hashes = (tree_hash(place * span, (place + 1) * span) for place in places)
            expected = b"".join(hashes) if level or len(places) == 256 else b""
            assert reading.tile(level, number) == expected, f"tile {level}/{number}"
        level, span = level + 1, span * 256


def _tree_hash_of(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    """Give what computes MTH(D[start:stop]) (RFC 6962, section 2.1)."""

    @cache
    def tree_hash(start: int, stop: int) -> bytes:
        size = stop - start
        if size == 0:
            return EMPTY_ROOT
        if size == 1:
            return sha256(b"\x00" + leaves[start]).digest()
        middle = start + (1 << (size - 1).bit_length() - 1)
        halves = tree_hash(start, middle) + tree_hash(middle, stop)
        return sha256(b"\x01" + halves).digest()

    return tree_hash


def _answers(reading: Reading, kept: Tables) -> dict[str, Any]:
    """Ask everything that should be the same of two registers."""
    ids, codes = set(kept.entries), set(kept.makers)
    models = {row.key for rows in kept.entries.values() for row in rows}
    found: dict[str, Any] = {
        "rows": reading.entry_rows(ids),
        "lists": reading.map_lists(set(kept.lists)),
        "leaves": sorted(reading.map_leaves(0)),
        "statements": list(reading.statements(0, ALL)),
        "ends": list(reading.ends(0)),
        "indexed": reading.indexed(),
    }
    for size in _some([0, *(end.size for end in kept.ends)]):
        found[f"at {size}"] = {
            "page": reading.page(Filter(), EVERYTHING, size=size, after=0, limit=ALL),
            "entries": reading.entries(ids, size),
            "models": {key: reading.entries_of_model(key, size) for key in models},
            "makers": reading.makers(codes, size),
            "parties": reading.parties(size),
            "counts": dict(reading.counts(size)),
            "touched": sorted(reading.touched(size)),
            "end": reading.end_of_size(size),
            "names": reading.names(size),
        }
    return found


def _some(sizes: list[int]) -> list[int]:
    """Thin a long list out; keep its first and last."""
    step = -(-len(sizes) // _SIZES_LOOKED_AT)
    return sorted({*sizes[::step], sizes[-1]})
