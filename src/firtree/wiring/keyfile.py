"""The file of the log's signing key, and durable writing of small files."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TypeVar

from firtree.errors import FirtreeError, InvalidInputError, UnavailableError
from firtree.ledger.notes import Signer
from firtree.settings import Settings

_Key = TypeVar("_Key")

# The register's database in its data folder, where that is SQLite.
DATABASE_FILE = "firtree.db"
KEY_FILE = "log.key"
# It stands beside the key until the first statement is committed: without it,
# checkpoints may have been signed, and the key never begins another log.
NEW_KEY_FILE = "log.key.new"
# The key that will follow, until its rotation is recorded; and the one before, which
# signs beside the new one for a time.
NEXT_KEY_FILE = "log.key.next"
OLD_KEY_FILE = "log.key.old"


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Turn a refusal to write into a sentence of ours."""
    try:
        yield
    except OSError as error:
        full = error.errno == errno.ENOSPC
        raise UnavailableError(
            f"cannot write to {folder}: {error.strerror}",
            hint="free some space on its disk, then run the same again"
            if full
            else "choose another folder, or mend its rights",
        ) from None


def write_key(folder: Path, signer: Signer) -> None:
    """Write the key so that only its owner can ever read it, after its marker."""
    write_durably(folder / NEW_KEY_FILE, "no statement is committed yet\n")
    try:
        write_durably(folder / KEY_FILE, signer.write_secret() + "\n", os.O_EXCL)
    except FileExistsError:  # another process was quicker: the marker is not its own
        remove_durably(folder / NEW_KEY_FILE)
        raise


def next_key(folder: Path, origin: str, seed: bytes) -> Signer:
    """Give the key that is to follow; made and kept before anything names it."""
    path = folder / NEXT_KEY_FILE
    if path.exists():  # an earlier try got as far as this
        return read_log_key(path)
    signer = Signer(origin, seed)
    with writable(folder):
        write_durably(path, signer.write_secret() + "\n", os.O_EXCL)
    return signer


def finish_rotation(folder: Path, old: Signer) -> None:
    """Put the key that follows in its place, after its rotation was recorded.

    A crash at any step leaves either the old key and the next one, or the new one.
    """
    with writable(folder):
        write_durably(folder / OLD_KEY_FILE, old.write_secret() + "\n")
        (folder / NEXT_KEY_FILE).replace(folder / KEY_FILE)
        sync_folder(folder)


def key_is_used(folder: Path) -> None:
    """Note that the key's first statement is committed."""
    if (folder / NEW_KEY_FILE).exists():
        with writable(folder):
            remove_durably(folder / NEW_KEY_FILE)


def write_durably(path: Path, text: str, flags: int = os.O_TRUNC) -> None:
    """Write a small file of mode 0600; it is on the disk on return."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def write_new(path: Path, text: str) -> None:
    """Write a small file of mode 0600 that must not be there yet.

    Raises:
        FileExistsError: it is.
    """
    write_durably(path, text, os.O_EXCL)


def remove_durably(path: Path) -> None:
    """Remove a file, if it is there; it stays away after a crash."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until what a folder lists is on the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def signer_of(settings: Settings) -> Signer:
    """Read the key of a data folder.

    Raises:
        InvalidInputError: there is none, others can read it, or it is damaged.
        UnavailableError: it cannot be read.
    """
    return read_log_key(Path(settings.data) / KEY_FILE, settings.data)


def read_log_key(path: Path, folder: str = "") -> Signer:
    """Read a file with a signing key of a log (see :func:`signer_of`).

    Args:
        path: the file.
        folder: its folder, as the operator named it; empty = as the path says.
    """
    return read_key(path, Signer.read_secret, _absent(path, folder or str(path.parent)))


def _absent(path: Path, folder: str) -> InvalidInputError:
    """Say what is not there: a register, or only its key."""
    if path.with_name(DATABASE_FILE).exists():
        return InvalidInputError(
            f"the signing key {path.name} of the register in {folder} is not there",
            hint=f"put {path.name} back from where it is kept; without it nothing can "
            "be signed, and a new key is a new log (docs/keeping.md)",
        )
    data = f"--data {quote(folder)}"
    return InvalidInputError(
        f"there is no register in {folder}",
        hint=f"make one: firtree init {data}, or an example: firtree demo {data}",
    )


def read_key(path: Path, read: Callable[[str], _Key], absent: FirtreeError) -> _Key:
    """Read a private key from its file.

    Args:
        path: the file.
        read: makes the key of its text; raises ValueError where that is damaged.
        absent: raised where there is no such file.

    Raises:
        InvalidInputError: others can read it, or it is damaged.
        UnavailableError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise absent from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnavailableError(
            f"the signing key {path} cannot be read: {error}",
            hint="check who owns it; its mode is 0600",
        ) from None
    if path.stat().st_mode & 0o077:
        raise InvalidInputError(
            f"the signing key {path} can be read by others",
            hint=f"run: chmod 600 {path}",
        )
    try:
        return read(text)
    except ValueError as error:
        raise InvalidInputError(
            f"{path}: {error}",
            hint="put the key back from where a copy of it is kept",
        ) from None
