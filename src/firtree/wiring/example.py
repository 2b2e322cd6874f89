"""The example register, made whole or made anew."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firtree.errors import InvalidInputError, UnavailableError
from firtree.settings import Settings
from firtree.wiring import (
    DATABASE_FILE,
    already_there,
    exists,
    is_there,
    opened,
    opening_of,
)
from firtree.wiring.fence import fence_path
from firtree.wiring.keyfile import (
    KEY_FILE,
    NEW_KEY_FILE,
    remove_durably,
    signer_of,
    sync_folder,
    writable,
    write_durably,
)

# It stands beside an example register until all of it is recorded.
FILLING_FILE = "demo.new"


@contextmanager
def filling(settings: Settings) -> Iterator[bool]:
    """Mark the example register as unfinished until the block ends well.

    Yields:
        Whether an unfinished one was removed first.

    Raises:
        InvalidInputError: there is a register that is not an unfinished example.
        UnavailableError: another process makes one, or the folder cannot be written.
    """
    folder = Path(settings.data)
    unfinished = is_unfinished(settings)
    if is_begun(settings) and not unfinished:
        raise already_there(settings)
    with writable(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / FILLING_FILE).open("a", encoding="utf-8")
        sync_folder(folder)
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnavailableError(
                f"another process is making an example register in {folder}",
                hint="wait until it has ended",
            ) from None
        if unfinished:
            _remove_example(settings)
        yield unfinished
        with writable(folder):
            remove_durably(folder / FILLING_FILE)


def is_begun(settings: Settings) -> bool:
    """Tell whether the key of the data folder has signed, as far as one can see."""
    return exists(settings) and not (Path(settings.data) / NEW_KEY_FILE).exists()


def is_unfinished(settings: Settings) -> bool:
    """Tell whether there is an example register that was not filled to its end.

    One that holds real data is none, whatever else the folder holds.

    Raises:
        FirtreeError: there is a register, but it cannot be opened.
    """
    if not is_begun(settings):
        return False
    marker = Path(settings.data) / FILLING_FILE
    if marker.exists() and not is_there(settings):  # removed as far as the key?
        return marker.read_text(encoding="utf-8") == signer_of(settings).name
    with opened(settings) as parts:
        opening = opening_of(parts.register)
        marked = marker.exists() or parts.register.size() == 1
    return opening is not None and opening.demo and marked


def _remove_example(settings: Settings) -> None:
    """Remove an unfinished example register, the key last."""
    folder = Path(settings.data)
    if settings.database:
        raise InvalidInputError(
            f"the example register in {settings.database_shown} is not finished",
            hint=f"make an empty database, remove {folder / KEY_FILE}, then try again",
        )
    with writable(folder):
        # If this is interrupted too, the marker tells whose key is left.
        write_durably(folder / FILLING_FILE, signer_of(settings).name)
        for suffix in ("", "-wal", "-shm"):
            (folder / (DATABASE_FILE + suffix)).unlink(missing_ok=True)
        fence_path(settings).unlink(missing_ok=True)
        remove_durably(folder / KEY_FILE)
