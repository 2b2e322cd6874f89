"""Sends new checkpoints to witnesses, and keeps the cosignatures they answer with.

Rules:
    - Only the newest checkpoint is sent, signed after its commit like any other.
    - Nothing of the database is held while a witness is waited for.
    - What a witness answers is verified before anything is kept of it; what the log
      signed is kept with it, since a rotation of its key may follow.
    - All are sent to at once.  A witness that fails is left alone for twice as long
      each time, so that the others seldom wait for it, and never for long.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple

from firtree.errors import ConflictError, FirtreeError, VerificationError
from firtree.ledger.notes import Checkpoint, Note, Signature
from firtree.ledger.policy import CLOCKS_APART_MOST, Policy, Witness
from firtree.ledger.proofs import consistency_proof
from firtree.ledger.submissions import (
    ADD_CHECKPOINT,
    ANSWER_OCTETS_MOST,
    SIZE_MEDIA_TYPE,
    Submission,
    read_cosignatures,
    read_size,
)
from firtree.library.ports import Head, Register, Signing
from firtree.library.tree import subtrees_in
from firtree.library.witnesses.ports import (
    AT_ONCE_MOST,
    Post,
    Reply,
    StoredSignature,
    WitnessBook,
    WitnessState,
    by_vkey,
)
from firtree.library.witnesses.serving import served_size
from firtree.text import shown

LOOKED_AT_EVERY = timedelta(seconds=1)
COSIGNED_AGAIN_AFTER = timedelta(hours=1)
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
# A cosignature bears the witness's time; one of another day would mislead readers.
# Sizes that too few have cosigned; older ones will not be cosigned any more.
SIZES_KEPT_MOST = 100

# No key of the log is trusted, or none of those has signed (c2sp.org/tlog-witness).
_TRUSTS_NOT = frozenset({403, 404})

_log = logging.getLogger("firtree.witnesses")


class _Received(NamedTuple):
    """A cosignature that was verified, its time, and the note it was given for."""

    line: Signature
    at: datetime
    note: Note


class Sender:
    """Sends the checkpoints of one register.  For one thread at a time.

    Args:
        register: whose log it is.
        signer: the log's key.
        policy: names the witnesses; those without an address are not sent to.
        book: keeps what they answered.
        post: reaches them.
        now: the clock.
    """

    def __init__(
        self,
        register: Register,
        signer: Signing,
        policy: Policy,
        book: WitnessBook,
        post: Post,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._register = register
        self._signer = signer
        self._policy = policy
        self._book = book
        self._post = post
        self._now = now

    def send(self) -> None:
        """Send the newest checkpoint to each witness that lacks it, or is due again.

        Takes as long as the slowest of them; what goes wrong with one is kept in its
        state.
        """
        size, now = self._register.size(), self._now()
        states = by_vkey(self._book.states())
        due = [
            (witness, state)
            for witness in self._policy.witnesses
            for state in [states.get(str(witness.verifier)) or _unknown(witness)]
            if witness.url and _is_due(state, size, now)
        ]
        if not due:
            return
        with self._register.reading() as tx:
            head = tx.head()
        with ThreadPoolExecutor(min(len(due), AT_ONCE_MOST)) as pool:
            sent = [pool.submit(self._send_one, *each, head) for each in due]
        for each in sent:
            each.result()  # a fault in one comes out when all have had their turn
        self._forget(head.size)

    def _send_one(self, witness: Witness, state: WitnessState, head: Head) -> None:
        """Send to one witness; keep its cosignature, or what went wrong."""
        try:
            received = self._cosigned(witness, state, head)
        except FirtreeError as error:
            if not state.failures:
                _log.warning("witness %s: %s", witness.name, error)
            failures = state.failures + 1
            self._book.failed(
                state._replace(
                    error=str(error),
                    failures=failures,
                    next_at=self._now() + waiting_after(failures),
                )
            )
            return
        if state.failures:
            _log.warning("witness %s cosigns again", witness.name)
        self._book.cosigned(
            WitnessState(state.vkey, head.size, received.at),
            _kept(received, head.size, state.vkey),
        )

    def _cosigned(self, witness: Witness, state: WitnessState, head: Head) -> _Received:
        """Get a cosignature of a head.

        Raises:
            FirtreeError: there is none.
        """
        text = str(Checkpoint(self._signer.name, head.size, head.frontier.root))
        note = Note.parse(self._signer.sign(text))
        old = state.size if state.size <= head.size else 0
        reply = self._submitted(witness, old, head, note)
        if reply.status == 409 and reply.media_type == SIZE_MEDIA_TYPE:
            # The witness knows best how far it has come.
            told = read_size(reply.body)
            if told > head.size:
                raise ConflictError(
                    f"it has cosigned size {told}, and this log has {head.size}: this "
                    "register may be an old copy",
                    hint="stop it, and compare it with the newest backup",
                )
            reply = self._submitted(witness, told, head, note)
        if reply.status != 200:
            first_line = reply.body.partition(b"\n")[0].decode(errors="replace")
            why = f"it answered {reply.status}: {shown(first_line)}"
            if reply.status in _TRUSTS_NOT:
                why += "; it may not trust the log's key, which firtree log key shows"
            raise VerificationError(why)
        return self._verified(witness, note, reply.body)

    def _submitted(self, witness: Witness, old: int, head: Head, note: Note) -> Reply:
        with self._register.reading() as tx:
            proof = consistency_proof(old, head.size, subtrees_in(tx))
        url = f"{witness.url.rstrip('/')}/{ADD_CHECKPOINT}"
        body = Submission(old, proof, note).encode()
        return self._post(url, body, most=ANSWER_OCTETS_MOST)

    def _verified(self, witness: Witness, note: Note, body: bytes) -> _Received:
        """Find the witness's own cosignature in an answer.

        Raises:
            VerificationError: there is none, it is wrong, or its time is.
        """
        found = [
            _Received(line, at, note)
            for line in read_cosignatures(body)
            for at in [witness.verifier.cosigned_at(note._replace(signatures=(line,)))]
            if at is not None
        ]
        if not found:
            raise VerificationError("it answered without its own cosignature")
        received = max(found, key=lambda each: each.at)
        if abs(received.at - self._now()) > CLOCKS_APART_MOST:
            raise VerificationError(
                f"its clock and this one differ: it says {received.at:%Y-%m-%d %H:%M}"
            )
        return received

    def _forget(self, newest: int) -> None:
        """Remove the cosignatures that will not be served any more."""
        stored = self._book.signatures()
        sizes = sorted({one.size for one in stored}, reverse=True)[:SIZES_KEPT_MOST]
        if not sizes:
            return
        keep_from = max(served_size(self._policy, stored, newest) or 0, sizes[-1])
        if any(one.size < keep_from for one in stored):
            self._book.forget_below(min(keep_from, sizes[0]))


def waiting_after(failures: int) -> timedelta:
    """Say how long a witness is left alone after so many failures in a row."""
    return min(FIRST_WAIT * (1 << min(failures - 1, 16)), LONGEST_WAIT)


def _kept(received: _Received, size: int, vkey: str) -> list[StoredSignature]:
    """Give the lines to be kept: the log's own, and the witness's."""
    own = [
        StoredSignature(size, f"{line.name}+{line.key_id.hex()}", str(line))
        for line in received.note.signatures
    ]
    return [*own, StoredSignature(size, vkey, str(received.line))]


def _unknown(witness: Witness) -> WitnessState:
    return WitnessState(str(witness.verifier))


def _is_due(state: WitnessState, size: int, now: datetime) -> bool:
    if state.next_at is not None and now < state.next_at:
        return False
    if state.size != size or state.cosigned_at is None:
        return True
    return now - state.cosigned_at >= COSIGNED_AGAIN_AFTER
