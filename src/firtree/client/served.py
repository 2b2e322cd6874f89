"""Compare the tiles that a server serves with those that its leaves lead to."""

from firtree.client.log_files import LogFiles
from firtree.client.log_server import LogSource
from firtree.client.verdict import Verdict
from firtree.client.verifying import Faults, Progress, tile_paths
from firtree.errors import NotFoundError
from firtree.ledger.tiles import TileName


def compare_served(
    found: Verdict, source: LogSource, files: LogFiles, progress: Progress
) -> Verdict:
    """Add to a verdict which tiles of a server are not as they should be.

    Args:
        found: the verdict on a mirror that was just made of it.
        source: the server.
        files: of that mirror.
        progress: told (what, done, of how many).

    Raises:
        UnavailableError: the server cannot be asked.
    """
    checkpoint = found.signed.checkpoint
    if checkpoint is None:
        return found
    faults = Faults()
    paths = list(tile_paths(checkpoint.size))
    for done, path in enumerate(paths, 1):
        name = TileName.parse(path)
        if name.level is not None and not _is_alike(source, files, name):
            faults.add(f"{source.place}/log/{path}", "it is not what the leaves give")
        progress("tiles", done, len(paths))
    return found._replace(
        faults=(*found.faults, *faults.listed), found=found.found + faults.count
    )


def _is_alike(source: LogSource, files: LogFiles, name: TileName) -> bool:
    level, number, width = name
    if level is None:
        return True
    try:
        return source.tile(level, number, width) == files.tile(level, number, width)
    except NotFoundError:
        return False
