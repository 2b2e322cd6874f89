"""Cosignatures of witnesses: Ed25519, with their time (c2sp.org/tlog-cosignature).

A witness signs ``cosignature/v1 LF time <seconds> LF`` and the whole text of a
checkpoint.  The signature in the note is 8 octets of the time, most significant first,
and 64 of Ed25519.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firtree.errors import VerificationError
from firtree.ledger.keys import (
    is_key_name,
    key_id,
    read_secret_key,
    read_vkey,
    verify_ed25519,
    write_secret_key,
    write_vkey,
)
from firtree.ledger.notes import Note, Signature

COSIGNATURE_V1 = b"\x04"
TIME_OCTETS = 8
SIGNATURE_OCTETS = 64
SECONDS_MOST = 2**63 - 1
# Python's calendar ends here; a time above it is told as this one.
_LAST_SECOND = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


def cosigned_message(text: str, seconds: int) -> bytes:
    """Give the octets that a witness signs.

    Args:
        text: of the checkpoint, further lines included.
        seconds: since 1970 in UTC.
    """
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


class CosignatureVerifier(NamedTuple):
    """The public key of a witness, with its name."""

    name: str
    public: bytes

    def __str__(self) -> str:
        """Write the verifier key: ``name+hash+base64(04 ‖ key)``."""
        return write_vkey(self.name, self.public, COSIGNATURE_V1)

    @classmethod
    def parse(cls, text: str) -> "CosignatureVerifier":
        """Read a verifier key of type 04.

        Raises:
            ValueError: not such a key.
        """
        return cls(*read_vkey(text, COSIGNATURE_V1))

    @property
    def key_id(self) -> bytes:
        """The 4 octets by which a signature line names this key."""
        return key_id(self.name, self.public, COSIGNATURE_V1)

    def cosigned_at(self, note: Note) -> datetime | None:
        """Give the latest time at which this witness has cosigned a checkpoint.

        Returns:
            The time, in whole seconds; None where it has not.

        Raises:
            VerificationError: it bears a wrong cosignature of this witness.
        """
        found = note.signatures_of(self.name, self.key_id)
        return max((self._time(note.text, octets) for octets in found), default=None)

    def _time(self, text: str, octets: bytes) -> datetime:
        seconds = int.from_bytes(octets[:TIME_OCTETS])
        if len(octets) != TIME_OCTETS + SIGNATURE_OCTETS or seconds > SECONDS_MOST:
            raise VerificationError(f"malformed cosignature of {self.name}")
        message = cosigned_message(text, seconds)
        verify_ed25519(self.name, self.public, octets[TIME_OCTETS:], message)
        return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC)


class Cosigner:
    """The private key of a witness, with its name; cosigns checkpoints.

    Args:
        name: of the witness: no blank, no plus sign.
        seed: 32 secret octets, of this witness alone: what is signed does not say
            who signed it.

    Raises:
        ValueError: no witness may have this name.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        if not is_key_name(name):
            raise ValueError("a witness's name is not empty, has no blank and no plus")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        public = self._key.public_key().public_bytes_raw()
        self.verifier = CosignatureVerifier(name, public)

    @property
    def name(self) -> str:
        """The name of the witness."""
        return self.verifier.name

    def __repr__(self) -> str:
        return f"Cosigner({self.name!r})"

    def cosign(self, text: str, at: datetime) -> Signature:
        """Cosign the text of a checkpoint.

        Args:
            text: with its last line feed.
            at: the time; its fraction of a second is left out.
        """
        seconds = int(at.timestamp())
        signature = self._key.sign(cosigned_message(text, seconds))
        octets = seconds.to_bytes(TIME_OCTETS) + signature
        return Signature(self.name, self.verifier.key_id, octets)

    def write_secret(self) -> str:
        """Write the key for its file: ``PRIVATE+KEY+name+hash+base64(04 ‖ seed)``."""
        own_id = self.verifier.key_id
        return write_secret_key(self.name, own_id, COSIGNATURE_V1, self._seed)

    @classmethod
    def read_secret(cls, text: str) -> "Cosigner":
        """Read what :meth:`write_secret` wrote; errors never repeat the text.

        Raises:
            ValueError: not such a key.
        """
        secret = read_secret_key(text, COSIGNATURE_V1)
        cosigner = cls(secret.name, secret.seed)
        if cosigner.verifier.key_id.hex() != secret.key_id:
            raise ValueError("the signing key's file is damaged: its hash differs")
        return cosigner
