"""Joins the parts of ``firtree backup``: one file, its manifest, both read back."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

import msgspec

from firtree.errors import InvalidInputError, UnavailableError, VerificationError
from firtree.ledger.notes import Checkpoint
from firtree.library.ports import Signing
from firtree.settings import Settings
from firtree.storage.copying import check_file, copy_to_file
from firtree.storage.tables import REVISIONS
from firtree.text import counted, is_utf8, shown
from firtree.wiring import opened
from firtree.wiring.keyfile import sync_folder, write_durably

FORMAT = "firtree/backup/v1"
MANIFEST_SUFFIX = ".manifest.json"
_PIECE = 1 << 20
_MANIFEST_OCTETS_MOST = 1 << 20

Progress = Callable[[str, int, int], None]


class LogFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The log as it was when the backup was made.

    Args:
        origin: its name.
        size: number of statements.
        root: 64 hexadecimal digits.
        checkpoint: of that size, signed.
    """

    origin: str
    size: int
    root: str
    checkpoint: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a backup's file.

    Args:
        format: ``firtree/backup/v1``.
        file: name of the file, in the same folder.
        octets, sha256: of the file.
        made_at: when, UTC.
        schema: revision of the tables.
        log: what it holds.
    """

    format: str
    file: str
    octets: int
    sha256: str
    made_at: str
    schema: str
    log: LogFacts


def back_up(settings: Settings, out: Path, progress: Progress) -> Manifest:
    """Copy a register to a file, while it is in use, and read it back.

    Args:
        settings: which.
        out: a new file, or a folder in which one is made.
        progress: told (what, done, of how many).

    Raises:
        InvalidInputError: there is such a file already.
        UnavailableError: it cannot be written, or the register not be read.
        VerificationError: what was read back is not what was written.
    """
    if not out.is_dir() and out.suffix != ".db":
        raise InvalidInputError(
            f"-o: expected a folder that is there, or a new file's name that ends in "
            f".db, found {shown(str(out))}",
            hint="make the folder first",
        )
    with opened(settings) as parts:
        at = parts.now().astimezone(UTC)
        path = out / f"firtree-{at:%Y%m%dT%H%M%SZ}.db" if out.is_dir() else out
        if path.exists() or manifest_path(path).exists():
            raise InvalidInputError(
                f"there is a file {path} already", hint="choose another name"
            )
        if not is_utf8(path.name):
            raise InvalidInputError(
                f"-o: expected a name in UTF-8, found {shown(path.name)}",
                hint="the manifest beside the file tells it: choose another name",
            )
        beside = path.with_name(f".{path.name[:100]}.{token_hex(4)}.part")
        try:
            # Nobody else may read it: it holds what the register does.
            os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            copy_to_file(parts.register, beside, progress)
            _sync(beside)
            manifest = Manifest(
                format=FORMAT,
                file=path.name,
                octets=beside.stat().st_size,
                sha256=digest_of(beside, progress),
                made_at=f"{at:%Y-%m-%dT%H:%M:%SZ}",
                schema=REVISIONS[-1],
                log=_facts(beside, parts.signer, progress),
            )
            beside.rename(path)
            text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            write_durably(manifest_path(path), text.decode() + "\n")
        except OSError as error:
            raise UnavailableError(
                f"the backup {path} cannot be written: {error.strerror}",
                hint="check the folder, its rights and the room on the disk",
            ) from None
        finally:
            with suppress(OSError):  # such as a folder that is none
                beside.unlink()
    return manifest


def _facts(path: Path, signer: Signing, progress: Progress) -> LogFacts:
    """Read the copy back; sign what it was found to hold."""
    frontier = check_file(path, progress)
    checkpoint = Checkpoint(signer.name, frontier.size, frontier.root)
    return LogFacts(
        origin=signer.name,
        size=frontier.size,
        root=frontier.root.hex(),
        checkpoint=signer.sign(str(checkpoint)),
    )


def manifest_path(path: Path) -> Path:
    """Give where the manifest of a backup's file is."""
    return path.with_name(path.name + MANIFEST_SUFFIX)


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of a backup's file.

    Raises:
        InvalidInputError: there is none, or it is of another form.
    """
    place = manifest_path(path)
    if not path.exists() and not place.exists():
        raise InvalidInputError(f"there is no file {path}", hint="check the name")
    try:
        octets = place.read_bytes()[:_MANIFEST_OCTETS_MOST]
    except OSError as error:
        raise InvalidInputError(
            f"the manifest {place} cannot be read: {error.strerror}",
            hint="a backup is two files: keep them together",
        ) from None
    try:
        manifest = msgspec.json.decode(octets, type=Manifest)
    except msgspec.DecodeError as error:
        raise InvalidInputError(
            f"{place} is no manifest of a backup: {error}",
            hint="put back the manifest that was written with it, or use another "
            "backup",
        ) from None
    if manifest.format != FORMAT:
        raise InvalidInputError(
            f"{place}: expected format {FORMAT}, found {shown(manifest.format)}",
            hint="restore it with the firtree that made it",
        )
    return manifest


def check_digest(path: Path, manifest: Manifest, progress: Progress) -> None:
    """Check that a backup's file is the one its manifest tells of.

    Raises:
        InvalidInputError: there is no such file.
        VerificationError: it is another one, or damaged.
    """
    try:
        octets, digest = path.stat().st_size, digest_of(path, progress)
    except OSError as error:
        raise InvalidInputError(
            f"{path} cannot be read: {error.strerror}", hint="check the name"
        ) from None
    if (octets, digest) != (manifest.octets, manifest.sha256):
        raise VerificationError(
            f"{path} is not the file that was backed up: expected "
            f"{counted(manifest.octets, 'octet')} with SHA-256 {manifest.sha256}, "
            f"found {octets:,} with {digest}",
            hint="use another backup",
        )


def digest_of(path: Path, progress: Progress) -> str:
    """Hash a file; give 64 hexadecimal digits."""
    digest, size, done = sha256(), path.stat().st_size, 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            done += len(piece)
            progress("hashing", done, size)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)
