"""Joins the parts of ``firtree restore --continue-from``: the same log goes on.

A backup and a full mirror make a whole log: statements up to the backup from it, with
what was erased since left out, and those after it from the mirror.  Every leaf stays as
it is, and the key is the log's own.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from firtree.errors import InvalidInputError, VerificationError
from firtree.ledger.merkle import Frontier
from firtree.ledger.notes import Checkpoint, Note, Signer, verify_checkpoint
from firtree.ledger.sections import Body, erased
from firtree.library.keeping.keys import keys_of_log
from firtree.library.keeping.refilling import refill
from firtree.library.keeping.seen import check_not_behind
from firtree.library.ports import Reading, StatementRow
from firtree.settings import Settings
from firtree.statements.statement import read_statement
from firtree.statements.types.erasure import ERASABLE, Erasure
from firtree.storage.copying import copy_desk, reading_file
from firtree.storage.sql import SQLReading
from firtree.text import counted
from firtree.wiring import (
    DATABASE_FILE,
    AnyRegister,
    already_there,
    check_usable,
    fence_of,
    make_tables,
    register_of,
)
from firtree.wiring.backup import Manifest
from firtree.wiring.fence import FenceFile
from firtree.wiring.keyfile import KEY_FILE, signer_of
from firtree.wiring.mirror_folder import register_folder
from firtree.wiring.restoring import Progress, Restored, check_backup

_NOTE_OCTETS_MOST = 1 << 20


class _Mirror(NamedTuple):
    """A mirror that is being read, and its checkpoint, verified."""

    reading: SQLReading
    checkpoint: Checkpoint


def restore_continued(
    path: Path,
    settings: Settings,
    mirror: Path,
    *,
    progress: Progress,
    dry_run: bool = False,
) -> Restored:
    """Restore a backup and go on with its log, caught up from a mirror.

    Args:
        path: the backup's file.
        settings: where to; a folder with the log's own key, and no register.
        mirror: folder of a mirror that holds every section of what came after.
        progress: told (what, done, of how many).
        dry_run: check the backup and the mirror's checkpoint, and change nothing.

    Raises:
        InvalidInputError: there is a register already, the key is another one's, or
            there is no mirror.
        VerificationError: backup or mirror are damaged, of different logs, or the
            mirror lacks what is needed, or is older than what was signed.
    """
    signer = _own_signer(settings)
    manifest = check_backup(path, progress)
    with reading_file(path) as backup, _opened(mirror) as kept:
        _check_one_log(manifest, kept)
        if signer.verifier != keys_of_log(kept.reading).current:
            raise InvalidInputError(
                f"the key in {settings.data} is not the one that signs for "
                f"{manifest.log.origin} now",
                hint="put the log's newest log.key into the data folder",
            )
        if dry_run:
            return Restored(manifest, signer.name, None)
        register = register_of(settings)
        try:
            check_usable(register)
            make_tables(register)
            if register.size():
                raise already_there(settings)
            fence = fence_of(settings, register, signer)
            frontier = _filled(register, backup, kept, fence, progress)
            fence.make(frontier.size, frontier.root)
        finally:
            register.close()
    return Restored(manifest, signer.name, frontier)


def _own_signer(settings: Settings) -> Signer:
    """Read the key with which the log is to go on.

    Raises:
        InvalidInputError: it is not in the folder, or cannot be used.
        UnavailableError: it cannot be read.
    """
    folder = Path(settings.data)
    if not (folder / KEY_FILE).exists():
        raise InvalidInputError(
            f"the same log goes on with its own key, and {folder} has no {KEY_FILE}",
            hint=f"put {KEY_FILE} there from where it is kept (mode 0600); without it "
            "begin a new log: --new-origin",
        )
    return signer_of(settings)


@contextmanager
def _opened(folder: Path) -> Iterator[_Mirror]:
    """Read a mirror without changing it, and verify its checkpoint."""
    database = folder / register_folder(folder) / DATABASE_FILE
    try:
        note = (folder / "log" / "checkpoint").read_bytes()[:_NOTE_OCTETS_MOST]
    except OSError as error:
        raise InvalidInputError(
            f"there is no mirror in {folder}: {error.strerror}",
            hint="firtree log mirror makes one",
        ) from None
    unmoved = database.with_name(DATABASE_FILE + "-wal")
    if unmoved.exists() and unmoved.stat().st_size:
        raise InvalidInputError(
            f"the mirror in {folder} is in use, or its last run was cut off",
            hint="run firtree log mirror once more, then try again",
        )
    with reading_file(database) as reading:
        keys = keys_of_log(reading)
        checkpoint = verify_checkpoint(Note.parse(note), keys.all)
        yield _Mirror(reading, checkpoint)


def _check_one_log(manifest: Manifest, mirror: _Mirror) -> None:
    """Check that a backup is an earlier state of what a mirror holds."""
    said, log = mirror.checkpoint, manifest.log
    if said.origin != log.origin or said.size < log.size:
        raise VerificationError(
            f"the mirror is of {said.origin} at {counted(said.size, 'statement')}, the "
            f"backup of {log.origin} at {log.size}",
            hint="use a mirror of the same log that is at least as new",
        )
    end = mirror.reading.end_of_size(log.size)
    if end is None or (end.size, end.root.hex()) != (log.size, log.root):
        raise VerificationError(
            "backup and mirror are two logs of one name: at "
            f"{counted(log.size, 'statement')} the backup has the root {log.root}",
            hint="keep both as evidence, and see docs/keeping.md",
        )


def _filled(
    register: AnyRegister,
    backup: SQLReading,
    mirror: _Mirror,
    fence: FenceFile,
    progress: Progress,
) -> Frontier:
    """Fill the register in one transaction; what was signed bounds it from below."""
    size = mirror.checkpoint.size
    with register.writing() as target:
        copy_desk(backup, target)
        frontier = refill(
            target,
            _rows(backup, mirror.reading, size),
            lambda done: progress("recording again", done, size),
        )
        if (frontier.size, frontier.root) != (size, mirror.checkpoint.root):
            raise VerificationError(
                "backup and mirror together lead to another root than the mirror's "
                "checkpoint"
            )
        if (seen := fence.seen_elsewhere()) is not None:
            check_not_behind(target, target.head(), seen)
    return frontier


def _rows(backup: Reading, mirror: Reading, size: int) -> Iterator[StatementRow]:
    """Yield all statements, whole but for what was erased."""
    first = backup.head().size
    gone = _erasures(mirror, size)
    for row in backup.statements(0, first):
        sections = gone.get(row.number, ())
        yield _without(row, sections) if sections else row
    for row in mirror.statements(first, size):
        told = gone.get(row.number, set())
        names = ("head", "core", *ERASABLE)
        for name, octets in zip(names, row.sections, strict=True):
            if octets is None and name not in told:
                raise VerificationError(
                    f"the mirror does not hold section {name} of statement "
                    f"{row.number}",
                    hint="use a mirror made with a token that may read everything, or "
                    "begin a new log (--new-origin)",
                )
        yield row


def _erasures(mirror: Reading, size: int) -> dict[int, set[str]]:
    """Give the sections that were erased, by statement."""
    gone: dict[int, set[str]] = {}
    for row in mirror.statements(0, size):
        if row.subject.startswith("erasure/"):
            subject = read_statement((row.head, row.core, b"", b"", b"")).subject
            if isinstance(subject, Erasure):
                gone.setdefault(subject.statement, set()).add(subject.section)
    return gone


def _without(row: StatementRow, sections: Iterable[str]) -> StatementRow:
    """Give a statement without sections that were erased since."""
    body = Body(row.sections, row.salts, row.commitments)
    for name in sections:
        body = erased(body, name)
    return StatementRow(
        row.number, row.leaf, row.subject, *body.sections, body.salts, body.commitments
    )
