"""Merkle tree hashes of the log (RFC 6962, section 2.1), grown leaf by leaf."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

EMPTY_ROOT = sha256(b"").digest()
HASH_OCTETS = 32
TILE_HEIGHT = 8


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf: SHA-256(00 ‖ leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees: SHA-256(01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


class TileHash(NamedTuple):
    """The hash of a full subtree of height 8, 16, … : an entry of a higher tile.

    Attributes:
        level: of the tile it belongs to, 1 or more (c2sp.org/tlog-tiles).
        place: place on that level, counted from 0.
        digest: 32 octets.
    """

    level: int
    place: int
    digest: bytes


class Frontier(NamedTuple):
    """The right edge of a tree: all that is needed to grow it and to know its root.

    Attributes:
        size: number of leaves.
        nodes: hashes of the full subtrees the tree is made of, largest first; one
            per bit set in ``size``.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The Merkle tree hash, 32 octets."""
        if not self.nodes:
            return EMPTY_ROOT
        *larger, root = self.nodes
        for node in reversed(larger):
            root = node_hash(node, root)
        return root

    def grown(self, leaf_hashes: Iterable[bytes]) -> tuple["Frontier", list[TileHash]]:
        """Append leaves.

        Returns:
            The new frontier, and the hashes that tiles of level 1 and above gain, in
            order.
        """
        size, nodes = self.size, list(self.nodes)
        gained = []
        for digest in leaf_hashes:
            node, height, rest = digest, 0, size
            while rest & 1:
                node = sha256(b"\x01" + nodes.pop() + node).digest()
                height, rest = height + 1, rest >> 1
                if height % TILE_HEIGHT == 0:
                    gained.append(TileHash(height // TILE_HEIGHT, rest, node))
            nodes.append(node)
            size += 1
        return Frontier(size, tuple(nodes)), gained

    def ends_with(self, leaf_hashes: Sequence[bytes]) -> bool:
        """Tell whether these are the last leaves of the tree.

        Args:
            leaf_hashes: of all leaves after the last full tile; 0 to 255.
        """
        rest = self.size % (1 << TILE_HEIGHT)
        nodes = self.nodes[len(self.nodes) - rest.bit_count() :]
        return Frontier().grown(leaf_hashes)[0] == Frontier(rest, nodes)

    def encode(self) -> bytes:
        """Join the nodes to octets, 32 for each."""
        return b"".join(self.nodes)

    @classmethod
    def parse(cls, size: int, octets: bytes) -> "Frontier":
        """Split octets into nodes.

        Raises:
            ValueError: the count of nodes does not fit the size.
        """
        if len(octets) != HASH_OCTETS * size.bit_count():
            raise ValueError(f"{size.bit_count()} nodes for a tree of {size}")
        return cls(size, split_hashes(octets))


def split_hashes(octets: bytes) -> tuple[bytes, ...]:
    """Split joined hashes."""
    return tuple(
        octets[start : start + HASH_OCTETS]
        for start in range(0, len(octets), HASH_OCTETS)
    )


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Give the Merkle tree hash over leaf hashes."""
    nodes = list(leaf_hashes)
    while len(nodes) > 1:
        # The last of an odd number stands for itself on the level above.
        rest = nodes[len(nodes) & ~1 :]
        pairs = zip(nodes[::2], nodes[1::2], strict=False)
        nodes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        nodes += rest
    return nodes[0] if nodes else EMPTY_ROOT
