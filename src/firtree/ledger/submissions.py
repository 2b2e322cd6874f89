"""What is sent to a witness, and what it answers (c2sp.org/tlog-witness)."""

import base64
from hashlib import sha256
from typing import NamedTuple

from firtree.errors import InvalidInputError, VerificationError
from firtree.ledger.merkle import HASH_OCTETS
from firtree.ledger.notes import NOTE_OCTETS_MOST, Note, Signature, tree_size
from firtree.text import base64_octets

ADD_CHECKPOINT = "add-checkpoint"
SIZE_MEDIA_TYPE = "text/x.tlog.size"
PROOF_HASHES_MOST = 63
# A note, and before it the old size and 63 lines of 45 octets.
SUBMISSION_OCTETS_MOST = NOTE_OCTETS_MOST + 4096
# Some cosignatures; one of ML-DSA-44 takes 3.3 kB.
ANSWER_OCTETS_MOST = 64 << 10


class Submission(NamedTuple):
    """The body of ``add-checkpoint``.

    Attributes:
        old: size of the checkpoint the witness has cosigned last; 0 = none.
        proof: that the new tree continues that one, 32 octets for each hash; empty
            from 0 and to the same size.
        note: the new checkpoint, signed by its log.
    """

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def encode(self) -> bytes:
        """Write the body."""
        hashes = "".join(base64.b64encode(each).decode() + "\n" for each in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note}".encode()

    @classmethod
    def parse(cls, body: bytes) -> "Submission":
        """Read a body, within bounds.

        Raises:
            InvalidInputError: another form, or larger than is read.
        """
        if len(body) > SUBMISSION_OCTETS_MOST:
            raise InvalidInputError(f"a body above {SUBMISSION_OCTETS_MOST} octets")
        head, blank, note = body.partition(b"\n\n")
        first, *rest = head.decode(errors="replace").split("\n")
        if not blank or not first.startswith("old "):
            raise InvalidInputError(
                "expected 'old', a size, hashes, an empty line and a checkpoint"
            )
        if len(rest) > PROOF_HASHES_MOST:
            raise InvalidInputError(f"a proof of more than {PROOF_HASHES_MOST} hashes")
        try:
            old = tree_size(first.removeprefix("old "))
            return cls(old, tuple(map(_hash, rest)), Note.parse(note))
        except ValueError as error:
            raise InvalidInputError(f"expected {error}") from None
        except VerificationError as error:
            raise InvalidInputError(str(error)) from None


def _hash(line: str) -> bytes:
    octets = base64_octets(line)
    if len(octets) != HASH_OCTETS:
        raise ValueError(f"a hash of {HASH_OCTETS} octets, not {len(octets)}")
    return octets


def read_cosignatures(body: bytes) -> tuple[Signature, ...]:
    """Read the signature lines that a witness answers with; none is verified.

    Raises:
        VerificationError: another form, or larger than is read.
    """
    if len(body) > ANSWER_OCTETS_MOST:
        raise VerificationError(f"an answer above {ANSWER_OCTETS_MOST} octets")
    note = Note.parse(b"\n\n" + body)
    if note.text != "\n":
        raise VerificationError("expected signature lines and nothing else")
    return note.signatures


def read_size(body: bytes) -> int:
    """Read the size that a witness answers with where another one was expected.

    Raises:
        VerificationError: another form.
    """
    size, line_feed, rest = body[:32].decode(errors="replace").partition("\n")
    if not line_feed or rest:
        raise VerificationError("expected a tree size and a line feed")
    try:
        return tree_size(size)
    except ValueError as error:
        raise VerificationError(f"expected {error}") from None


def origin_hash(origin: str) -> str:
    """Give the name under which a witness tells what it holds of a log."""
    return sha256(origin.encode()).hexdigest()
