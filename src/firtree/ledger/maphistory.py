"""Every root that the state map has had, worked out key by key.

For this no map need be held: what the leaf of a key was, and since when, follows from
its list alone; what a subtree was follows from its halves.  So parts of the map can be
worked out one by one, each from the keys that begin with its bits.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from heapq import merge
from itertools import groupby
from operator import itemgetter
from struct import Struct
from typing import NamedTuple

from firtree.ledger.statemap import EMPTY

NEVER = 1 << 63
_PAIR = Struct(">Q32s")


# A key, and the hashes of its leaf by the log size from which on it was that.
KeyHistory = tuple[bytes, Mapping[int, bytes]]


class History(NamedTuple):
    """What a subtree of the map has been.

    Attributes:
        hashes: its hash by the log size from which it was that, ascending; before the
            first one it was empty.
        joint: log size from which it has held two keys or more, so that it is a node
            at its own depth; ``NEVER`` = it is empty or the leaf of one key.
    """

    hashes: Mapping[int, bytes]
    joint: int = NEVER


class Part(NamedTuple):
    """A history in little room.

    Attributes:
        octets: size (8 octets) and hash (32) of each change, in order.
        joint: as of :class:`History`.
    """

    octets: bytes
    joint: int


def history_of(leaves: Sequence[KeyHistory], depth: int = 0) -> History:
    """Give the history of a subtree.

    Args:
        leaves: its keys, sorted, each with the hashes of its leaf by log size,
            ascending.  No key is ever taken away.
        depth: how many first bits the keys share.

    Cost: O(changes x log keys) hashes.
    """
    if len(leaves) < 2:
        return History(leaves[0][1] if leaves else {})
    octet, bit = divmod(depth, 8)
    split = bisect_left(leaves, 1, key=lambda leaf: leaf[0][octet] >> (7 - bit) & 1)
    return _joined(
        history_of(leaves[:split], depth + 1), history_of(leaves[split:], depth + 1)
    )


def part_of(history: History) -> Part:
    """Write a history in little room."""
    octets = b"".join(_PAIR.pack(*change) for change in history.hashes.items())
    return Part(octets, history.joint)


def roots_of(parts: Sequence[Part]) -> Iterator[tuple[int, bytes]]:
    """Yield the roots of a map: (log size from which on it was that, root).

    Args:
        parts: subtrees of one depth, all of them, in the order of their keys.
    """
    count = len(parts)
    hashes, joint = [EMPTY] * (2 * count), [False] * (2 * count)
    changes = merge(*(_placed(part, count + place) for place, part in enumerate(parts)))
    for size, changed in groupby(changes, key=itemgetter(0)):
        above = set()
        for _, place, digest in changed:
            hashes[place], joint[place] = digest, size >= parts[place - count].joint
            above.add(place // 2)
        while above := above - {0}:
            for place in above:
                left, right = hashes[2 * place], hashes[2 * place + 1]
                joint[place] = (
                    joint[2 * place]
                    or joint[2 * place + 1]
                    or EMPTY not in {left, right}
                )
                hashes[place] = _above(left, right, is_joint=joint[place])
            above = {place // 2 for place in above}
        yield size, hashes[1]


def _placed(part: Part, place: int) -> Iterator[tuple[int, int, bytes]]:
    for size, digest in _PAIR.iter_unpack(part.octets):
        yield size, place, digest


def _joined(left: History, right: History) -> History:
    firsts = [next(iter(half.hashes), NEVER) for half in (left, right)]
    joint = sorted([*firsts, left.joint, right.joint])[1]
    made: dict[int, bytes] = {}
    before = after = EMPTY
    for size in sorted({*left.hashes, *right.hashes}):
        before = left.hashes.get(size, before)
        after = right.hashes.get(size, after)
        made[size] = _above(before, after, is_joint=size >= joint)
    return History(made, joint)


def _above(left: bytes, right: bytes, *, is_joint: bool) -> bytes:
    """Give the hash above two; the one key of a subtree stands for it."""
    if is_joint:
        return sha256(b"\x01" + left + right).digest()
    return right if left == EMPTY else left
