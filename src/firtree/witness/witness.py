"""A witness: cosigns checkpoints of logs that have only grown."""

from collections.abc import Callable
from datetime import datetime

from firtree.ledger.cosignatures import Cosigner
from firtree.ledger.submissions import SUBMISSION_OCTETS_MOST
from firtree.witness.judging import (
    RefusedError,
    check_appended,
    read_request,
    verified_note,
)
from firtree.witness.store import Store

BODY_OCTETS_MOST = SUBMISSION_OCTETS_MOST


class Witness:
    """Cosigns what logs send.  Safe to share between threads.

    Args:
        store: its memory.
        cosigner: its key.
        now: the clock.
    """

    def __init__(
        self, store: Store, cosigner: Cosigner, *, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._cosigner = cosigner
        self._now = now

    def add_checkpoint(self, body: bytes) -> str:
        """Cosign a checkpoint; what is answered is durable already.

        Returns:
            The cosignature: one signature line.

        Raises:
            RefusedError: as c2sp.org/tlog-witness says.
            UnavailableError: the memory cannot be written now; nothing was cosigned.
        """
        submitted = read_request(body)
        checkpoint = submitted.checkpoint
        refused: RefusedError | None = None
        with self._store.writing() as tx:
            note = verified_note(submitted, tx.keys(checkpoint.origin))
            latest = tx.latest(checkpoint.origin)
            at = self._now()
            try:
                check_appended(submitted, latest, note)
            except RefusedError as error:
                if error.contradiction is None or not latest.note:
                    raise
                tx.contradicted(checkpoint.origin, error.contradiction, at)
                refused = error
            else:
                line = self._cosigner.cosign(note.text, at)
                tx.cosigned(checkpoint, note.with_signatures([line]), at)
        if refused is not None:
            raise refused
        return f"{line}\n"

    def checkpoint(self, hashed_origin: str) -> str:
        """Give the checkpoint cosigned last of a log.

        Args:
            hashed_origin: SHA-256 of the log's name, 64 hexadecimal digits in lower
                case.

        Raises:
            RefusedError: 404, this witness has cosigned none.
        """
        note = self._store.note(hashed_origin)
        if not note:
            raise RefusedError(404, "no checkpoint of this log was cosigned here")
        return note
