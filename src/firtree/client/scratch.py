"""Folders for the time of a run; what a killed run has left goes with the next one.

A folder is locked (flock) by the process that made it, and the system gives up the lock
when that ends, however it ends.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "firtree-scratch-"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder of one's own, which goes at the end of the block."""
    _remove_left()
    # It takes its name only once it is locked, so that no other run takes it for left.
    folder = Path(tempfile.mkdtemp(prefix="firtree-new-"))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without locks: nobody can take it
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        named = folder.name.replace("firtree-new-", PREFIX)
        folder = folder.rename(folder.with_name(named))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_left() -> None:
    """Remove folders of ours whose lock nobody holds."""
    for folder in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with suppress(OSError):
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            descriptor = os.open(folder, flags)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
