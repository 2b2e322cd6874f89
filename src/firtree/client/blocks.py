"""The tree of a log in blocks of 256 leaves, so that each is checked as it comes.

Tiles of level 1 (c2sp.org/tlog-tiles) hold the root of each full block.  Once these,
with the leaves behind the last full block, lead to the root of a signed checkpoint,
every block can be checked alone, and whatever is wrong is named by its block.
"""

from collections.abc import Iterable, Sequence

from firtree.errors import VerificationError
from firtree.ledger.leaf import LEAF_OCTETS
from firtree.ledger.merkle import (
    HASH_OCTETS,
    Frontier,
    leaf_hash,
    root_of,
    split_hashes,
)
from firtree.ledger.tiles import TILE_WIDTH, split_bundle


def root_of_blocks(roots: bytes, rest: Sequence[bytes]) -> bytes:
    """Give the root of a tree.

    Args:
        roots: of its full blocks, joined.
        rest: leaf hashes behind the last full block, at most 255.
    """
    blocks, _ = Frontier().grown(split_hashes(roots))
    whole = Frontier(blocks.size * TILE_WIDTH, blocks.nodes)
    return whole.grown(rest)[0].root


def read_bundle(octets: bytes, *, width: int) -> list[bytes]:
    """Read an entry bundle of leaves of this log's format.

    Args:
        octets: of the bundle; what stands behind the leaves asked for is passed over,
            for a wider bundle may stand in for a partial one.
        width: number of leaves that it must hold.

    Raises:
        VerificationError: it holds something else.
    """
    leaves = split_bundle(octets)[:width]
    if len(leaves) < width:
        raise VerificationError(f"it has {len(leaves)} leaves, expected {width}")
    for place, leaf in enumerate(leaves):
        if len(leaf) != LEAF_OCTETS:
            raise VerificationError(
                f"its leaf {place} has {len(leaf)} octets, expected {LEAF_OCTETS}"
            )
    return leaves


def hashes_of(leaves: Iterable[bytes]) -> list[bytes]:
    """Hash leaves."""
    return [leaf_hash(leaf) for leaf in leaves]


def check_block(hashes: Sequence[bytes], root: bytes) -> None:
    """Check the leaf hashes of a full block.

    Raises:
        VerificationError: they lead to another root.
    """
    if root_of(hashes) != root:
        raise VerificationError("its leaves are not those of the signed tree")


def block_root(roots: bytes, block: int) -> bytes:
    """Give the root of a full block."""
    return roots[block * HASH_OCTETS : (block + 1) * HASH_OCTETS]
