"""Joins the parts of ``firtree doctor``: register, scratch database, files, key."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from firtree.access import KEEPER
from firtree.client.scratch import scratch_folder
from firtree.errors import FirtreeError, VerificationError
from firtree.library.keeping.doctor import Examined, examine
from firtree.library.keeping.faults import Fault
from firtree.library.keeping.seen import check_seen
from firtree.settings import Settings
from firtree.storage import schema
from firtree.storage.sqlite import SQLiteRegister
from firtree.wiring import (
    DATABASE_FILE,
    AnyRegister,
    fence_of,
    opened_register,
)
from firtree.wiring.keyfile import KEY_FILE, signer_of
from firtree.wiring.signing import signing_of

_OTHERS = 0o007


class Checkup(NamedTuple):
    """What ``firtree doctor`` found.

    Attributes:
        origin: name of the log; empty = not known.
        examined: what the register's own contents came to.
        around: what is wrong with files, key and settings.
    """

    origin: str
    examined: Examined
    around: tuple[Fault, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong, as far as it is listed."""
        return (*self.around, *self.examined.faults)

    @property
    def found(self) -> int:
        """How many things are wrong."""
        return len(self.around) + self.examined.found


def checkup(settings: Settings, progress: Callable[[str, int, int], None]) -> Checkup:
    """Check a register and what is around it; nothing is changed.

    Raises:
        InvalidInputError: there is none, or it is of another schema.
        UnavailableError: it cannot be read, or there is no room for a scratch copy.
    """
    with opened_register(settings) as register:
        progress("checking the database", 0, 1)
        around = [Fault("database", {}, told) for told in register.ailments()]
        origin, told = "", _head(register)
        if not told:
            origin, told = _key_and_fence(settings, register)
        around += told
        around += [Fault("files", {}, told) for told in _open_files(settings)]
        with scratch_folder() as folder:
            scratch = SQLiteRegister(folder / "scratch.db")
            try:
                with scratch.translated():
                    schema.upgrade(scratch.engine)
                with scratch.writing() as target:
                    examined = examine(KEEPER, register, target, progress)
            finally:
                scratch.close()
    return Checkup(origin, examined, tuple(around))


def _head(register: AnyRegister) -> list[Fault]:
    """Check that the head can be read, without which nothing else can be asked."""
    try:
        with register.reading() as tx:
            tx.head()
    except VerificationError as error:
        told = str(error).removeprefix("the database is damaged, ")
        return [Fault("database", {}, f"{told}; key and fence were not checked")]
    return []


def _key_and_fence(
    settings: Settings, register: AnyRegister
) -> tuple[str, list[Fault]]:
    """Check key and fence; give the name of the log, empty where it is not known."""
    origin, part = "", "signing key"
    try:
        signer = signer_of(settings)
        origin = signer.name
        signer = signing_of(settings, register).signer
        part = "fence"
        check_seen(register, [fence_of(settings, register, signer).seen()])
    except FirtreeError as error:
        return origin, [Fault(part, {}, str(error))]
    return origin, []


def _open_files(settings: Settings) -> Iterator[str]:
    """Name files of the data folder that strangers on this machine can get at."""
    folder = Path(settings.data)
    if not folder.stat().st_mode & _OTHERS:
        return  # nobody else gets into it
    for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal", KEY_FILE):
        path = folder / name
        if path.exists() and path.stat().st_mode & _OTHERS:
            yield f"{path} can be read or written by any user: chmod 600 {path}"
