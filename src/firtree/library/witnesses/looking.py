"""Asks witnesses what they have seen of a log: who went back is found out so."""

import logging
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from firtree.errors import FirtreeError, VerificationError
from firtree.ledger.notes import Checkpoint, Note, Verifier, verify_checkpoint
from firtree.ledger.policy import Policy, Witness
from firtree.ledger.submissions import origin_hash
from firtree.library.witnesses.ports import AT_ONCE_MOST, Reply

_log = logging.getLogger("firtree.witnesses")


class Sighting(NamedTuple):
    """A checkpoint that a witness has cosigned.

    Attributes:
        checkpoint: what the log has signed.
        witness: the witness's name in the policy.
    """

    checkpoint: Checkpoint
    witness: str


def sightings(
    policy: Policy,
    origin: str,
    keys: Collection[Verifier],
    get: Callable[[str], Reply],
) -> list[Sighting]:
    """Ask each witness for the newest checkpoint that it has cosigned of a log.

    A witness is asked at the address that checkpoints are sent to.  One that cannot
    be reached, or has seen nothing, is left out; the program's log says so.

    Args:
        policy: names the witnesses.
        origin: of the log.
        keys: those the log signs or has signed with.
        get: asks for an address, bounded in time and size.
    """
    asked = [witness for witness in policy.witnesses if witness.url]

    def ask(witness: Witness) -> Sighting | None:
        url = f"{witness.url.rstrip('/')}/{origin_hash(origin)}/checkpoint"
        try:
            note = _answered(get(url))
            seen = None if note is None else _seen(note, origin, keys, witness)
        except FirtreeError as error:
            _log.warning("witness %s was not asked: %s", witness.name, error)
            return None
        return None if seen is None else Sighting(seen, witness.name)

    if not asked:
        return []
    with ThreadPoolExecutor(min(len(asked), AT_ONCE_MOST)) as pool:
        return [found for found in pool.map(ask, asked) if found is not None]


def _answered(reply: Reply) -> Note | None:
    """Read what a witness answered; None where it has seen nothing.

    Raises:
        VerificationError: it is no note.
    """
    if reply.status == 404:
        return None
    if reply.status != 200:
        raise VerificationError(f"it answered {reply.status}")
    return Note.parse(reply.body)


def _seen(
    note: Note, origin: str, keys: Collection[Verifier], witness: Witness
) -> Checkpoint:
    """Read a checkpoint that a witness has seen.

    A copy of before a change of the log's key does not know the new one: then the
    witness's own cosignature says that the log has signed it.

    Raises:
        VerificationError: it is no checkpoint of this log.
    """
    known = any(key.has_signed(note) for key in keys)
    if not known and witness.verifier.cosigned_at(note) is not None:
        checkpoint = Checkpoint.parse(note.text)
    else:
        checkpoint = verify_checkpoint(note, keys)
    if checkpoint.origin != origin:
        raise VerificationError("it answered with the checkpoint of another log")
    return checkpoint
