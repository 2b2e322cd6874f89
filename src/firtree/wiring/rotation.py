"""Joins the parts of ``firtree log rotate-key``, whole at any moment.

The order: the next key is in its file; the rotation, signed by both, is recorded and
durable; the old key is kept beside; the next key takes its place.  Where this stops in
between, each start finds the key that the log names, and finishes the rest.
"""

import secrets
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import NamedTuple

from firtree.access import KEEPER
from firtree.ledger.keys import SEED_OCTETS
from firtree.ledger.notes import Verifier
from firtree.library.keeping.keys import rotate
from firtree.settings import Settings
from firtree.storage.duties import SQLDuties
from firtree.wiring import Parts, opened
from firtree.wiring.keyfile import finish_rotation, next_key, signer_of


class Rotated(NamedTuple):
    """What a rotation gave, or would give.

    Attributes:
        old: the key before.
        new: the one that signs from now on; None = it was not made.
        both_until: last day, UTC, on which both sign.
        witnesses: names of those that cosign the log, and know the old key.
        checkpoint: the newest, signed by both; empty = nothing was done.
    """

    old: Verifier
    new: Verifier | None
    both_until: date | None
    witnesses: tuple[str, ...]
    checkpoint: str


def rotate_key(
    settings: Settings, *, both_for_days: int, dry_run: bool = False
) -> Rotated:
    """Give a log a new key.

    Args:
        settings: which register.
        both_for_days: how long the old key signs too; 0 = not at all.
        dry_run: change nothing.

    Raises:
        ConflictError: the key was rotated meanwhile.
        UnavailableError: the register or the folder cannot be written.
    """
    folder = Path(settings.data)
    with opened(settings) as parts:
        old = signer_of(settings)
        today = parts.now().astimezone(UTC).date()
        until = today + timedelta(days=both_for_days) if both_for_days else None
        told = _witnesses(parts)
        if dry_run:
            return Rotated(old.verifier, None, until, told, "")
        new = next_key(folder, old.name, secrets.token_bytes(SEED_OCTETS))
        rotate(KEEPER, parts.recorder, parts.register, old, new, both_until=until)
        finish_rotation(folder, old)
    with opened(settings) as parts:
        checkpoint = parts.lookup.log(KEEPER).checkpoint
    return Rotated(old.verifier, new.verifier, until, told, checkpoint)


def _witnesses(parts: Parts) -> tuple[str, ...]:
    """Give the names of the witnesses whose cosignatures are kept."""
    kept = SQLDuties(parts.register).signatures()
    names = {one.vkey.partition("+")[0] for one in kept}
    return tuple(sorted(names - {parts.signer.name}))
