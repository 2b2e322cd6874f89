"""Decides what a witness answers to ``add-checkpoint``; pure.

The order of the checks: the form (400), a known log (404), its signature (403), the
old size against the new one (400) and against what was cosigned last (409), and that
the tree was only appended to (422).
"""

from collections.abc import Collection
from typing import NamedTuple

from firtree.errors import InvalidInputError, VerificationError
from firtree.ledger.merkle import EMPTY_ROOT
from firtree.ledger.notes import Checkpoint, Note, Verifier, verify_checkpoint
from firtree.ledger.proofs import verify_consistency
from firtree.ledger.submissions import SIZE_MEDIA_TYPE, Submission

TEXT = "text/plain; charset=utf-8"


class Latest(NamedTuple):
    """What the witness has cosigned last of a log.

    Attributes:
        size, root: of the tree; of the empty tree where it has cosigned nothing.
        note: the checkpoint as it is told; empty where there is none.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""


class RefusedError(Exception):
    """A request is refused.

    Attributes:
        status: of HTTP.
        body: with its line feed.
        media_type: of the body.
        contradiction: the checkpoint, where the log has signed it and it does not
            continue the one before; None = nothing to be kept.
    """

    def __init__(
        self,
        status: int,
        told: str,
        media_type: str = TEXT,
        *,
        contradiction: Note | None = None,
    ) -> None:
        super().__init__(told)
        self.status = status
        self.body = told + "\n"
        self.media_type = media_type
        self.contradiction = contradiction


class Submitted(NamedTuple):
    """A request of the right form.

    Attributes:
        submission: what was sent.
        checkpoint: what its note says; not verified yet.
    """

    submission: Submission
    checkpoint: Checkpoint


def read_request(body: bytes) -> Submitted:
    """Read the body of ``add-checkpoint``.

    Raises:
        RefusedError: 400, it has another form.
    """
    try:
        submission = Submission.parse(body)
        return Submitted(submission, Checkpoint.parse(submission.note.text))
    except (InvalidInputError, VerificationError) as error:
        raise RefusedError(400, str(error)) from None


def verified_note(submitted: Submitted, keys: Collection[Verifier]) -> Note:
    """Give the checkpoint with the signatures of its log alone.

    Args:
        submitted: the request.
        keys: those of the checkpoint's log that are trusted.

    Raises:
        RefusedError: 404, no key is known; 403, none of them has signed, or the
            signature of one is wrong.
    """
    if not keys:
        raise RefusedError(404, "this log is not known here")
    note = submitted.submission.note
    try:
        verify_checkpoint(note, keys)
    except VerificationError as error:
        raise RefusedError(403, str(error)) from None
    own = {(key.name, key.key_id) for key in keys}
    known = tuple(s for s in note.signatures if (s.name, s.key_id) in own)
    return note._replace(signatures=tuple(dict.fromkeys(known)))


def check_appended(submitted: Submitted, latest: Latest, note: Note) -> None:
    """Check that the log has only grown since the witness cosigned it last.

    Args:
        submitted: the request.
        latest: what was cosigned last.
        note: the checkpoint with the log's good signatures.

    Raises:
        RefusedError: 400, the sizes go back; 409, another size was cosigned last;
            422, the tree does not continue that one.
    """
    (old, proof, _), checkpoint = submitted
    if old > checkpoint.size:
        raise RefusedError(400, f"old {old} is above the size {checkpoint.size}")
    if old != latest.size:
        raise RefusedError(409, str(latest.size), SIZE_MEDIA_TYPE)
    try:
        verify_consistency(
            old=old,
            new=checkpoint.size,
            proof=proof,
            old_root=latest.root,
            new_root=checkpoint.root,
        )
    except VerificationError as error:
        raise RefusedError(422, str(error), contradiction=note) from None
