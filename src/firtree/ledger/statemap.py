"""The state map: one root that says "these are all" (``docs/formats/log.md``).

A sparse Merkle map over SHA-256 keys.  A subtree that holds one key is that key's
leaf, one that holds none is empty (32 zero octets), and any other is
``SHA-256(01 ‖ left ‖ right)`` at each of its bits, first bit first.  Nodes are
immutable tuples, so that an old map stays usable when a new one is made from it.
"""

from collections.abc import Iterable
from hashlib import sha256

EMPTY = bytes(32)
KEY_BITS = 256

# A leaf is (hash, key as a number); a branch is (hash, left, right).  A change is a
# leaf to be put, or one without a hash to be taken away.
_Leaf = tuple[bytes, int]
_Change = tuple[bytes | None, int]
_Branch = tuple[bytes, "_Node", "_Node"]
_Node = _Leaf | _Branch | None


def map_key(kind: str, name: str) -> bytes:
    """Give the key of a thing.

    Args:
        kind: ``model``, ``party``, ``deposit`` or ``policy``.
        name: as ``docs/formats/log.md`` says for the kind.
    """
    return sha256(f"firtree/map/v1\n{kind}\n{name}".encode()).digest()


def leaf_of(key: bytes, value: bytes) -> bytes:
    """Hash a leaf of the map: SHA-256(00 ‖ key ‖ value)."""
    return sha256(b"\x00" + key + value).digest()


class StateMap:
    """An immutable map; :meth:`updated` makes a new one that shares most nodes.

    Cost: about 250 octets of memory for each key.
    """

    __slots__ = ("_root",)

    def __init__(self, _root: _Node = None) -> None:
        self._root = _root

    @property
    def root(self) -> bytes:
        """The map's root, 32 octets."""
        return self._root[0] if self._root else EMPTY

    def updated(self, changes: Iterable[tuple[bytes, bytes | None]]) -> "StateMap":
        """Put values under keys, all at once.

        Args:
            changes: (key, SHA-256 of the list), 32 octets each; the last one wins
                where a key stands twice.  None in place of a value takes the key away:
                that leads back to an earlier map.

        Cost: O(changes × log size) hashes; shared upper nodes are hashed once.
        """
        latest = dict(changes)
        items: list[_Change] = [
            (None if value is None else leaf_of(key, value), int.from_bytes(key))
            for key, value in sorted(latest.items())
        ]
        return StateMap(_put(self._root, 0, items) if items else self._root)

    def path(self, key: bytes) -> tuple[tuple[bytes, ...], bytes | None]:
        """Give the way from the root to where a key stands, or would stand.

        Args:
            key: 32 octets.

        Returns:
            The siblings along it, from the root's child down, and the one key that
            stands at its end; None = no key does.
        """
        bits, node = int.from_bytes(key), self._root
        siblings: list[bytes] = []
        while node is not None and len(node) == 3:
            _, left, right = node
            if bits >> (KEY_BITS - 1 - len(siblings)) & 1:
                left, right = right, left
            siblings.append(right[0] if right else EMPTY)
            node = left
        end = None if node is None else node[1].to_bytes(KEY_BITS // 8)
        return tuple(siblings), end


def _put(node: _Node, depth: int, items: list[_Change]) -> _Node:
    """Apply changes, sorted by key and sharing ``depth`` first bits, below a node."""
    if not items:
        return node
    if node is None or len(node) == 2:
        known = items if node is None else _with(items, node)
        if len(known) == 1:
            digest, key = known[0]
            return None if digest is None else (digest, key)
        items, left, right = known, None, None
    else:
        _, left, right = node
    place = KEY_BITS - 1 - depth
    split = _first_with_bit(items, place)
    left = _put(left, depth + 1, items[:split])
    right = _put(right, depth + 1, items[split:])
    # What is left of a branch may be one leaf, or nothing.
    if (left is None or right is None) and len(alone := left or right or ()) != 3:
        return alone or None
    joined = (left[0] if left else EMPTY) + (right[0] if right else EMPTY)
    return (sha256(b"\x01" + joined).digest(), left, right)


def _with(items: list[_Change], leaf: _Leaf) -> list[_Change]:
    """Add a leaf to sorted changes, unless they change it."""
    if any(item[1] == leaf[1] for item in items):
        return items
    return sorted([*items, leaf], key=lambda item: item[1])


def _first_with_bit(items: list[_Change], place: int) -> int:
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle][1] >> place & 1:
            high = middle
        else:
            low = middle + 1
    return low
