"""Room for the time of a run, on the disk that TMPDIR names."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile, gettempdir
from typing import BinaryIO

from firtree.errors import UnavailableError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def temporary_file() -> Iterator[BinaryIO]:
    """Give an empty file without a name, which goes at the end of the block.

    Raises:
        UnavailableError: there is no room for what was written in the block.
    """
    with within_room(), TemporaryFile() as file:
        yield file


@contextmanager
def within_room() -> Iterator[None]:
    """Name the folder for temporary files where a block finds no room in it.

    Raises:
        UnavailableError: there is none.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise UnavailableError(
            f"the disk of {gettempdir()}, the folder for temporary files, is full",
            hint="free some space on it, or let TMPDIR name a folder with more room",
        ) from None
