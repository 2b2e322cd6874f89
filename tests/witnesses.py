"""Logs that grow for tests, what they send to witnesses, and witnesses to send to."""

from __future__ import annotations

from hashlib import sha256

from firtree.ledger.cosignatures import Cosigner
from firtree.ledger.merkle import leaf_hash, root_of
from firtree.ledger.notes import Checkpoint, Note, Signer
from firtree.ledger.proofs import consistency_proof
from firtree.ledger.submissions import Submission

ORIGIN = "log.example/firtree-4c1f0a"
LEAVES = 600


def seed(name: str) -> bytes:
    """Give the secret of a test's key."""
    return sha256(name.encode()).digest()


def a_cosigner(name: str) -> Cosigner:
    """Make a witness's key."""
    return Cosigner(f"{name}.example", seed(name))


class History:
    """A log's leaves; two of other names share none of their trees.

    Args:
        name: of the history.
        signer: of its checkpoints.
    """

    def __init__(self, name: str = "true", signer: Signer | None = None) -> None:
        self.signer = signer or Signer(ORIGIN, seed("log"))
        self._hashes = [leaf_hash(f"{name} {n}".encode()) for n in range(LEAVES)]

    def root(self, size: int) -> bytes:
        """Give the root of the first leaves."""
        return root_of(self._hashes[:size])

    def checkpoint(self, size: int) -> Checkpoint:
        """Give what the checkpoint of a size says."""
        return Checkpoint(self.signer.name, size, self.root(size))

    def note(self, size: int, *, more: str = "") -> Note:
        """Sign the checkpoint of a size, with further lines."""
        return Note.parse(self.signer.sign(f"{self.checkpoint(size)}{more}"))

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """Prove that the tree of a size continues that of another."""

        def subtree(height: int, place: int) -> bytes:
            return root_of(self._hashes[place << height : (place + 1) << height])

        return consistency_proof(old, new, subtree)

    def submission(self, old: int, new: int) -> Submission:
        """Give what is sent to a witness that has cosigned a size."""
        return Submission(old, self.proof(old, new), self.note(new))

    def body(self, old: int, new: int) -> bytes:
        """Write it."""
        return self.submission(old, new).encode()
