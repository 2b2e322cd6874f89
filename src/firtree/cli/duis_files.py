"""Files that the ``duis`` commands read and write."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from firtree.errors import (
    ConflictError,
    FirtreeError,
    InvalidInputError,
    UnavailableError,
)

PIECE = 1 << 16


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open a file for reading; what is wrong inside the block is told with its name.

    Raises:
        InvalidInputError: there is no such file, or it is a folder or a device.
        UnavailableError: it cannot be read.
    """
    try:
        # A FIFO that nobody writes to must not keep us waiting.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise InvalidInputError(
            f"there is no file {name}", hint="check the name"
        ) from None
    except OSError as error:
        raise UnavailableError(f"{name} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidInputError(
            f"{name}: expected a file, found a folder or a device",
            hint="save it as a file and name that",
        )
    with os.fdopen(descriptor, "rb") as file, _named(name):
        yield file


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{name}: {error}", hint=error.hint, problems=error.problems
        ) from None
    except FirtreeError as error:
        raise type(error)(f"{name}: {error}", hint=error.hint) from None
    except OSError as error:
        raise UnavailableError(f"{name} cannot be read: {error.strerror}") from None


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the octets of a file."""
    while piece := file.read(PIECE):
        yield piece


def read_bounded(name: str, most: int) -> bytes:
    """Read a whole file of at most so many octets.

    Raises:
        InvalidInputError: it is larger, or no file.
        UnavailableError: it cannot be read.
    """
    with opened(name) as file:
        octets = file.read(most + 1)
        if len(octets) > most:
            raise InvalidInputError(
                f"expected at most {most} octets, found more",
                hint="check that this is the file you mean",
            )
    return octets


class Output(NamedTuple):
    """A file to be written: its name in the folder, and what makes its octets."""

    name: str
    octets: Callable[[], Iterable[bytes]]


def write_all(
    folder: Path, outputs: Iterable[Output], progress: Callable[[int], None]
) -> list[int]:
    """Write files into a folder, all or none; nothing that is there is touched.

    Each is written under another name first, so that no half of one is ever seen.

    Args:
        folder: made if it is not there.
        outputs: what to write, in order.
        progress: told how many are written.

    Returns:
        How many octets each has.

    Raises:
        ConflictError: a file of that name is there already.
        UnavailableError: the folder cannot be written to.
    """
    made: list[Path] = []
    sizes: list[int] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for output in outputs:
            path = folder / output.name
            reserve(path)
            made.append(path)
            sizes.append(_write(path, output.octets()))
            progress(len(made))
        os.sync()  # once for all of them: syncing 50,000 files takes minutes
    except BaseException as error:
        for path in made:
            with suppress(OSError):
                path.unlink()
        if isinstance(error, OSError):
            raise UnavailableError(
                f"cannot write to {folder}: {error.strerror}; nothing was written",
                hint="choose another folder, or mend its rights",
            ) from None
        raise
    return sizes


def reserve(path: Path) -> None:
    """Take a name for a new file, so that no other process can.

    Raises:
        ConflictError: there is such a file already.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    except FileExistsError:
        raise ConflictError(
            f"{path} is there already; nothing was written",
            hint="name another folder or file, or take that one away",
        ) from None


def _write(path: Path, pieces: Iterable[bytes]) -> int:
    new = path.with_name(f".{path.name}.new")
    size = 0
    try:
        with new.open("wb") as file:
            for piece in pieces:
                size += file.write(piece)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return size
