"""Originator counters, drawn from a file: no number is given out twice.

The file holds, for each originator, the next number that may be given out.  The order
of work is what makes that hold through a crash: lock, read, write the number *behind*
those drawn to a new file, sync it, put it in place of the old one, sync the folder;
only then are the numbers used.  A crash may lose numbers and never repeats one.

The first number is never below the time in milliseconds since 1970, so that a lost
file, or one put back from an old backup, does not begin again where others were used.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from firtree.duis.names import MOST_COUNTER
from firtree.errors import InvalidInputError, UnavailableError
from firtree.text import eui64

_MOST_OCTETS = 1 << 20
_FORMAT = 1


class _Counters(msgspec.Struct, forbid_unknown_fields=True):
    """The file: the next number of each originator, by EUI-64."""

    format: int
    next: dict[str, int]


def draw(path: Path, originator: str, count: int, *, least: int = 0) -> int:
    """Take numbers that no other draw gives; safe between processes.

    Args:
        path: of the file; made if it is not there.
        originator: EUI-64, whose numbers they are.
        count: how many; they follow each other.
        least: the first is not below this: milliseconds since 1970.

    Returns:
        The first of them.

    Raises:
        InvalidInputError: the file is damaged, or the numbers are used up; the file
            stays as it is.
        UnavailableError: the file cannot be read or written.
    """
    whose = eui64(originator)
    path = path.resolve()  # a link stays a link
    with _locked(path):
        counters = _read(path)
        first = max(counters.next.get(whose, 0), least)
        if count < 1 or first + count > MOST_COUNTER:
            raise InvalidInputError(
                f"expected numbers up to {MOST_COUNTER}, found {count} from {first}"
            )
        counters.next[whose] = first + count
        _write(path, counters)
    return first


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a counters file; it is a file of its own, never replaced."""
    try:
        lock = os.open(
            path.with_name(path.name + ".lock"),
            os.O_RDWR | os.O_CREAT | os.O_CLOEXEC,
            0o600,
        )
    except OSError as error:
        raise _unavailable(path, error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _read(path: Path) -> _Counters:
    try:
        if path.exists() and not path.is_file():
            raise InvalidInputError(f"{path}: expected a file of counters")
        octets = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise _unavailable(path, error) from None
    if not octets and not path.exists():
        return _Counters(_FORMAT, {})
    try:
        found = read_counters(octets)
    except ValueError as error:
        raise InvalidInputError(
            f"{path}: expected a file of counters, {error}",
            hint="put back a copy of it, or name a new file: "
            "that begins with the time, above all numbers drawn before",
        ) from None
    return _Counters(_FORMAT, found)


def read_counters(octets: bytes) -> dict[str, int]:
    """Read a file of counters: the next number of each originator.

    Raises:
        ValueError: it is damaged; the message says how.
    """
    if len(octets) > _MOST_OCTETS:
        raise ValueError(f"found {len(octets)} octets")
    try:
        found = msgspec.json.decode(octets, type=_Counters)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"found: {error}") from None
    if found.format != _FORMAT:
        raise ValueError(f"found format {found.format}")
    for whose, number in found.next.items():
        if eui64(whose) != whose:
            raise ValueError(f"found {whose} for {eui64(whose)}")
        if not 0 <= number <= MOST_COUNTER:
            raise ValueError(f"found the number {number}")
    return found.next


def _write(path: Path, counters: _Counters) -> None:
    new = path.with_name(path.name + ".new")
    octets = msgspec.json.format(msgspec.json.encode(counters, order="sorted")) + b"\n"
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _unavailable(path, error) from None


def _unavailable(path: Path, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"the counters {path} cannot be drawn from: {error.strerror}",
        hint="check the folder and its rights; no number was used",
    )
