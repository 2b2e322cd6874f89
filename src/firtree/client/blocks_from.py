"""Ask a log for roots of blocks and for leaves, and check what can be checked alone."""

from firtree.client.blocks import block_root, check_block, hashes_of, read_bundle
from firtree.client.joining import wrong
from firtree.client.log_server import LogSource
from firtree.errors import VerificationError
from firtree.ledger.merkle import HASH_OCTETS
from firtree.ledger.tiles import TILE_WIDTH


def roots_from(source: LogSource, count: int, first: int = 0) -> bytes:
    """Ask for the roots of full blocks, from a tile of level 1 on.

    Nothing but their number is checked: what they lead to is for who knows the rest.

    Args:
        source: the log.
        count: of the blocks, from the first of the log on.
        first: number of the tile.

    Raises:
        VerificationError: there are more or fewer.
    """
    roots = bytearray()
    for number in range(first, -(-count // TILE_WIDTH)):
        width = min(TILE_WIDTH, count - number * TILE_WIDTH)
        tile = source.tile(1, number, width)
        if len(tile) != width * HASH_OCTETS:
            raise wrong(source, f"tile 1/{number:03d}", "it has another length")
        roots += tile
    return bytes(roots)


def bundle_from(source: LogSource, number: int, width: int) -> list[bytes]:
    """Ask for the leaves of an entry bundle.

    Raises:
        VerificationError: it is not of its form, or of another width.
    """
    try:
        return read_bundle(source.bundle(number, width), width=width)
    except VerificationError as error:
        raise wrong(source, f"entry bundle {number}", str(error)) from None


def block_from(source: LogSource, block: int, roots: bytes) -> list[bytes]:
    """Ask for the leaves of a full block, and check that they lead to its root.

    Args:
        source: the log.
        block: number of it.
        roots: those of all full blocks, joined.

    Raises:
        VerificationError: they do not.
    """
    leaves = bundle_from(source, block, TILE_WIDTH)
    try:
        check_block(hashes_of(leaves), block_root(roots, block))
    except VerificationError as error:
        raise wrong(source, f"entry bundle {block}", str(error)) from None
    return leaves
