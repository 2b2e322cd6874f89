"""The tiles of a mirror that are not full yet, and those above the leaves."""

from firtree.client.log_files import LogFiles
from firtree.errors import FirtreeError
from firtree.ledger.merkle import HASH_OCTETS, leaf_hash
from firtree.ledger.tiles import TILE_WIDTH, entry_bundle
from firtree.library.ports import Reading, Register


def write_open_tiles(register: Register, files: LogFiles, size: int) -> None:
    """Write the open entry bundle, its tile, and the tiles of every level above.

    Args:
        register: holds the leaves and the hashes of full subtrees.
        files: of the mirror; what is there already is left alone.
        size: of the log.
    """
    with register.reading() as tx:
        _write_open_bundle(tx, files, size)
        level, hashes = 1, size // TILE_WIDTH
        while hashes:
            for number in range(-(-hashes // TILE_WIDTH)):
                width = min(TILE_WIDTH, hashes - number * TILE_WIDTH)
                octets = tx.tile(level, number)[: width * HASH_OCTETS]
                if not _is_there(files, level, number, octets):
                    files.write_tile(level, number, octets, width)
            level, hashes = level + 1, hashes // TILE_WIDTH


def _write_open_bundle(tx: Reading, files: LogFiles, size: int) -> None:
    block, width = divmod(size, TILE_WIDTH)
    if width:
        leaves = tx.leaves(block * TILE_WIDTH, size)
        files.write_tile("entries", block, entry_bundle(leaves), width)
        files.write_tile(0, block, b"".join(map(leaf_hash, leaves)), width)


def _is_there(files: LogFiles, level: int, number: int, octets: bytes) -> bool:
    try:
        return files.tile(level, number, len(octets) // HASH_OCTETS) == octets
    except FirtreeError:
        return False
