"""A file that is written whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME_CHARACTERS = 100  # so that the longer name beside it is one too


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a name beside a path to write to, and put it in that place at the end.

    What is at the path is replaced, and only by a file that is whole and on the disk.

    Raises:
        OSError: the file cannot be written; what was at the path is still there.
    """
    part = path.with_name(f".{path.name[:_NAME_CHARACTERS]}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
