"""A proof that a leaf was logged, as text (c2sp.org/tlog-proof)."""

import base64
import re
from typing import NamedTuple

from firtree.errors import VerificationError
from firtree.ledger.merkle import HASH_OCTETS
from firtree.ledger.notes import NOTE_OCTETS_MOST
from firtree.text import base64_octets

_FIRST = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})\Z")
# A tree of more leaves than 64 bits count.
_HASHES_MOST = 64


class LogProof(NamedTuple):
    """That the tree of a checkpoint has a leaf at an index; nothing is verified yet.

    Attributes:
        leaf_index: place of the leaf, counted from 0.
        hashes: from the leaf's sibling up to the root's child, 32 octets each.
        note: the checkpoint, a signed note, as it was.
    """

    leaf_index: int
    hashes: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        """Write the proof's text."""
        hashes = "".join(f"{base64.b64encode(h).decode()}\n" for h in self.hashes)
        return f"{_FIRST}\nindex {self.leaf_index}\n{hashes}\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> "LogProof":
        """Read a proof strictly; a line of extra data is passed over.

        Raises:
            VerificationError: not such a proof, or larger than is read.
        """
        if len(text) > NOTE_OCTETS_MOST:
            raise VerificationError("not read: a proof that is too large")
        above, blank, note = text.partition("\n\n")
        first, *lines = above.split("\n")
        if first != _FIRST or not blank:
            raise VerificationError(f"not a proof of the form {_FIRST}")
        if lines and lines[0].startswith("extra "):
            lines = lines[1:]
        match = _INDEX.match(lines[0]) if lines else None
        if match is None:
            raise VerificationError("a proof without the index of a leaf")
        if len(lines) > 1 + _HASHES_MOST:
            raise VerificationError(f"a proof of more than {_HASHES_MOST} hashes")
        return cls(int(match[1]), tuple(map(hash_of_base64, lines[1:])), note)


def hash_of_base64(text: str) -> bytes:
    """Read a hash in base64.

    Raises:
        VerificationError: it is not one.
    """
    try:
        octets = base64_octets(text)
    except ValueError:
        octets = b""
    if len(octets) != HASH_OCTETS:
        raise VerificationError(f"a hash is not of {HASH_OCTETS} octets in base64")
    return octets
