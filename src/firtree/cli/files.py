"""Files that commands read and write: plain ones, of bounded size, whole or not."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from firtree.errors import InvalidInputError, UnavailableError

_PIECE = 65_536


def read_octets(name: str, *, most: int, what: str) -> bytes:
    """Read a whole file of bounded size.

    Args:
        name: of the file; a pipe or device is refused without waiting for it.
        most: octets.
        what: kind of file that is wanted, for the message: ``an OTA file``.

    Raises:
        InvalidInputError: there is none, it is no plain file, or it is too large.
        UnavailableError: it cannot be read.
    """
    with _opened(name, most=most, what=what) as (descriptor, found):
        # As many as there are: room for more would cost as much as hashing them.
        octets = os.read(descriptor, found.st_size)
        while len(octets) <= most and (more := os.read(descriptor, _PIECE)):
            octets += more
    if len(octets) > most:
        raise _too_large(name, len(octets), most=most, what=what)
    return octets


class FileOctets:
    """Implements ``firtree.images.octets.Octets`` on a file that stays open.

    Args:
        name: of the file, for messages.
        descriptor: of the file.
        size: of the file, octets.
    """

    def __init__(self, name: str, descriptor: int, size: int) -> None:
        self._name = name
        self._descriptor = descriptor
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, span: slice, /) -> bytes:
        """Read a span.

        Raises:
            OSError: it cannot be read.
            UnavailableError: the file is shorter by now.
        """
        start, end, _ = span.indices(self._size)
        octets = os.pread(self._descriptor, max(end - start, 0), start)
        if len(octets) < end - start:
            raise _written_to(self._name)
        return octets


@contextmanager
def file_octets(name: str, *, most: int, what: str) -> Iterator[FileOctets]:
    """Open a file of bounded size, whose octets are read where they are wanted.

    Args:
        name: of the file; a pipe or device is refused without waiting for it.
        most: octets.
        what: kind of file that is wanted, for the message: ``an OTA file``.

    Raises:
        InvalidInputError: there is none, it is no plain file, or it is too large.
        UnavailableError: it cannot be read, or was written to meanwhile.
    """
    with _opened(name, most=most, what=what) as (descriptor, found):
        yield FileOctets(name, descriptor, found.st_size)
        now = os.fstat(descriptor)
        if (now.st_size, now.st_mtime_ns) != (found.st_size, found.st_mtime_ns):
            raise _written_to(name)


@contextmanager
def _opened(name: str, *, most: int, what: str) -> Iterator[tuple[int, os.stat_result]]:
    """Open a plain file; give its descriptor and what the system says of it."""
    try:
        # Without O_NONBLOCK, opening a pipe waits until somebody writes to it.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise InvalidInputError(
            f"there is no file {name}", hint="check the name"
        ) from None
    except ValueError:  # a name with a null character
        raise InvalidInputError(
            f"there is no file {name!r}", hint="check the name"
        ) from None
    except OSError as error:
        raise _unreadable(name, error) from None
    try:
        found = os.fstat(descriptor)
        _check_plain(name, found, most=most, what=what)
        yield descriptor, found
    except OSError as error:
        raise _unreadable(name, error) from None
    finally:
        os.close(descriptor)


def _check_plain(name: str, found: os.stat_result, *, most: int, what: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        kind = "a folder"
    elif not stat.S_ISREG(found.st_mode):
        kind = "a pipe or a device"
    elif found.st_size > most:
        raise _too_large(name, found.st_size, most=most, what=what)
    else:
        return
    raise InvalidInputError(
        f"{name}: expected {what}, found {kind}", hint="name a plain file"
    )


def _too_large(name: str, size: int, *, most: int, what: str) -> InvalidInputError:
    return InvalidInputError(
        f"{name}: expected {what} of at most {most:,} octets, found {size:,}",
        hint="check that it is the right file",
    )


def _unreadable(name: str, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"{name} cannot be read: {error.strerror}", hint="check the rights of the file"
    )


def _written_to(name: str) -> UnavailableError:
    return UnavailableError(
        f"{name} was written to while it was read",
        hint="run the command again when it is complete",
    )


def can_be_read_by_others(name: str) -> bool:
    """Tell whether anybody but the owner may read a file."""
    return bool(Path(name).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def check_new(name: str | Path, *, overwrite: bool) -> None:
    """Check that there is no file of a name yet, before work is done for it.

    Args:
        name: of the file that is to be written.
        overwrite: whether one that is there may be replaced.

    Raises:
        InvalidInputError: there is one, and it may not.
    """
    if not overwrite and Path(name).exists():
        raise _there_already(name)


def _there_already(name: str | Path) -> InvalidInputError:
    return InvalidInputError(
        f"there is a file {name} already",
        hint="choose another name, or add --overwrite",
    )


def write_new(name: str, octets: bytes, *, overwrite: bool = False) -> None:
    """Write a file whole or not at all; it is on the disk on return.

    Raises:
        InvalidInputError: there is a file of this name, and it may not be replaced.
        UnavailableError: it cannot be written.
    """
    path = Path(name)
    try:
        _write(path, octets, overwrite=overwrite)
    except FileExistsError:
        raise _there_already(name) from None
    except OSError as error:
        raise UnavailableError(
            f"{name} cannot be written: {error.strerror}",
            hint="check the folder, its rights and the room on the disk",
        ) from None


def _write(path: Path, octets: bytes, *, overwrite: bool) -> None:
    if path.exists() and (not overwrite or not path.is_file()):
        raise FileExistsError
    beside = path.with_name(f".{path.name[:100]}.{token_hex(4)}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            beside.replace(path)
        else:
            path.hardlink_to(beside)  # fails if there is one by now
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
