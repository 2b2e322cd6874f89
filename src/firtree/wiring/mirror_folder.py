"""The folder of a mirror: where its files and its register are, and how they open."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from firtree.client.log_files import LogFiles, writable
from firtree.client.mirror import Mirror
from firtree.client.mirror_state import (
    REGISTER_FOLDERS,
    MirrorState,
    RegisterFolder,
    read_state,
)
from firtree.errors import FirtreeError, InvalidInputError
from firtree.storage import schema
from firtree.storage.sqlite import SQLiteRegister
from firtree.wiring import DATABASE_FILE

LOG_FOLDER = "log"


def register_folder(folder: Path) -> RegisterFolder:
    """Name the folder of a mirror's register, also where its state is damaged."""
    with suppress(FirtreeError):
        return read_state(folder).register
    first, second = REGISTER_FOLDERS
    is_second = (folder / second).is_dir() and not (folder / first).exists()
    return second if is_second else first


@contextmanager
def opened_files(
    folder: Path, state: MirrorState, *, make: bool = False
) -> Iterator[Mirror]:
    """Open a mirror; ``make``: where there is none, an empty one.

    Raises:
        FirtreeError: its register cannot be used.
    """
    with opened_register(folder / state.register, folder, make=make) as register:
        yield Mirror(folder, LogFiles(folder / LOG_FOLDER), register)


@contextmanager
def opened_register(
    kept: Path, folder: Path, *, make: bool
) -> Iterator[SQLiteRegister]:
    """Open a register of a mirror, in its own folder; ``make``: or an empty one.

    Raises:
        FirtreeError: it cannot be used.
    """
    if make:
        with writable(kept):
            # Sections may be confidential, so this one is for its owner alone.
            kept.mkdir(mode=0o700, exist_ok=True)
    register = SQLiteRegister(kept / DATABASE_FILE)
    try:
        if make:
            with register.translated():
                schema.upgrade(register.engine)
        register.check_there()
        _check_current(register, folder)
        yield register
    finally:
        register.close()


def _check_current(register: SQLiteRegister, folder: Path) -> None:
    """Check that a mirror's register has today's schema.

    Raises:
        InvalidInputError: another firtree made it.
    """
    try:
        with register.translated():
            schema.check_current(register.engine)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"the mirror in {folder} was made by another firtree: {error}",
            hint=f"bring it up to date: firtree log mirror URL {folder}",
        ) from None
