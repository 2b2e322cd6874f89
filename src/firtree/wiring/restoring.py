"""Joins the parts of ``firtree restore``: a register from a backup, and no silent fork.

A backup is older than the register it was made of.  To go on with its key would sign
sizes that were signed before, with other roots.  So a restored register is a new log,
with a key of its own, whose first statement names the old one.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from firtree.access import KEEPER
from firtree.errors import InvalidInputError, VerificationError
from firtree.ledger.keys import SEED_OCTETS
from firtree.ledger.merkle import Frontier
from firtree.ledger.notes import Checkpoint, Note, Signer, verify_checkpoint
from firtree.library.keeping.keys import keys_of_log
from firtree.library.keeping.refilling import begin_anew
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.statements.types.opening import Opening
from firtree.storage.copying import (
    OF_WITNESSES,
    check_file,
    copy_desk,
    reading_file,
)
from firtree.storage.sql import SQLReading
from firtree.text import counted
from firtree.wiring import (
    already_there,
    check_usable,
    checked_origin,
    clock,
    exists,
    fence_of,
    make_tables,
    opening_in,
    register_of,
)
from firtree.wiring.backup import Manifest, check_digest, read_manifest
from firtree.wiring.keyfile import (
    NEW_KEY_FILE,
    key_is_used,
    signer_of,
    writable,
    write_key,
)

Progress = Callable[[str, int, int], None]


class Restored(NamedTuple):
    """What a restore gave, or would give.

    Attributes:
        manifest: of the backup.
        origin: name of the log from now on; empty = not chosen yet.
        frontier: of its tree; None = nothing was restored.
    """

    manifest: Manifest
    origin: str
    frontier: Frontier | None


def check_backup(path: Path, progress: Progress) -> Manifest:
    """Check a backup: file, manifest, tree and checkpoint.

    Raises:
        InvalidInputError: it is no backup, or of another schema.
        VerificationError: it is damaged, or not what its manifest says.
    """
    manifest = read_manifest(path)
    check_digest(path, manifest, progress)
    frontier = check_file(path, progress)
    with reading_file(path) as source:
        keys = keys_of_log(source)
    if keys.current.name != manifest.log.origin:
        raise VerificationError(
            f"the manifest tells of {manifest.log.origin}, the file of "
            f"{keys.current.name}"
        )
    said = verify_checkpoint(Note.parse(manifest.log.checkpoint), keys.all)
    if said != Checkpoint(keys.current.name, frontier.size, frontier.root):
        raise VerificationError(
            f"the manifest's checkpoint is of {counted(said.size, 'statement')} with "
            f"root {said.root.hex()}, the file holds {frontier.size} with "
            f"{frontier.root.hex()}",
            hint="file and manifest are not of one backup: use another one",
        )
    return manifest


def restore_as_new(
    path: Path,
    settings: Settings,
    *,
    origin: str,
    progress: Progress,
    dry_run: bool = False,
) -> Restored:
    """Begin a new log, with a new key, from a backup of another one.

    Args:
        path: the backup's file.
        settings: where to; a folder without a register.
        origin: name of the new log; empty = one with a random suffix.
        progress: told (what, done, of how many).
        dry_run: check everything, and change nothing.

    Raises:
        InvalidInputError: there is a register or a key already, or it is no backup.
        VerificationError: the backup is damaged.
        UnavailableError: the folder or the database cannot be written.
    """
    name = checked_origin(origin, demo=False)
    folder = Path(settings.data)
    unused = (folder / NEW_KEY_FILE).exists()  # an earlier try got as far as the key
    if exists(settings) and not unused:
        raise InvalidInputError(
            f"{folder} holds the key of {signer_of(settings).name}, which may have "
            "signed more than the backup knows",
            hint="restore into another --data folder",
        )
    manifest = check_backup(path, progress)
    if name == manifest.log.origin:
        raise InvalidInputError(
            f"--origin: expected another name than that of the old log, found {name}",
            hint="leave it out for one with a random suffix",
        )
    if dry_run:
        return Restored(manifest, origin, None)
    with writable(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    signer = signer_of(settings) if unused else None
    if signer is None:
        signer = Signer(name, secrets.token_bytes(SEED_OCTETS))
        with writable(folder):
            write_key(folder, signer)
    with reading_file(path) as source:
        frontier = _filled(source, settings, signer, manifest, progress)
    return Restored(manifest, signer.name, frontier)


def _filled(
    source: SQLReading,
    settings: Settings,
    signer: Signer,
    manifest: Manifest,
    progress: Progress,
) -> Frontier:
    """Fill the new register in one transaction, then make its fence."""
    old = opening_in(source)
    opening = Opening(
        origin=signer.name,
        verifier_key=str(signer.verifier),
        demo=old is not None and old.demo,
        continues=manifest.log.checkpoint,
    )
    size = manifest.log.size
    register = register_of(settings)
    try:
        check_usable(register)
        make_tables(register)
        if register.size():
            raise already_there(settings)
        with register.writing() as target:
            copy_desk(source, target, left_out=OF_WITNESSES)
            frontier = begin_anew(
                target,
                source.statements(0, size),
                Statement(subject=opening, by=KEEPER.name),
                now=clock,
                entropy=secrets.token_bytes,
                progress=lambda done: progress("recording anew", done, size),
            )
        fence_of(settings, register, signer).make(frontier.size, frontier.root)
        key_is_used(Path(settings.data))
    finally:
        register.close()
    return frontier
