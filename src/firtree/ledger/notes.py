"""Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint)."""

import base64
import re
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from firtree.errors import VerificationError

ED25519 = b"\x01"
SEED_OCTETS = 32

_ORIGIN = re.compile(r"[!-*,-~]{1,120}\Z")
# Ten thousand digits would be an error of another kind.
_SIZE = re.compile(r"(0|[1-9][0-9]{0,19})\Z")
_PRIVATE = "PRIVATE+KEY+"


def check_origin(origin: str) -> None:
    """Check the name of a log: visible ASCII without blanks and plus signs.

    Raises:
        ValueError: it is not such a name.
    """
    if not _ORIGIN.match(origin):
        raise ValueError(
            "a log's name has 1 to 120 visible ASCII characters, no blank, no plus"
        )


def key_id(name: str, public: bytes) -> bytes:
    """Give the 4 octets by which a signature line names its key."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


class Verifier(NamedTuple):
    """A public key with its name."""

    name: str
    public: bytes

    def __str__(self) -> str:
        """Write the verifier key: ``name+hash+base64(01 ‖ key)``."""
        encoded = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{key_id(self.name, self.public).hex()}+{encoded}"

    def verify(self, note: str) -> str:
        """Check that this key has signed a note.

        Returns:
            The note's text, with its last line feed.

        Raises:
            VerificationError: no signature of this key, or a wrong one.
        """
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise VerificationError("not a signed note: no signature lines at its end")
        text += "\n"
        for line in lines.splitlines():
            name, signature = _signature(line)
            if name == self.name and signature[:4] == key_id(name, self.public):
                self._check(text, signature[4:])
                return text
        raise VerificationError(f"the note bears no signature of {self.name}")

    def _check(self, text: str, signature: bytes) -> None:
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(signature, text.encode())
        except InvalidSignature:
            raise VerificationError(f"wrong signature of {self.name}") from None


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise VerificationError("not a signed note: malformed signature line")
    try:
        return parts[1], base64.b64decode(parts[2], validate=True)
    except ValueError:
        raise VerificationError("not a signed note: malformed signature") from None


class Signer:
    """A private key with its name; signs notes.

    Signatures are deterministic (RFC 8032), so that signing the same text twice
    gives the same octets.

    Args:
        name: the origin of the log.
        seed: 32 secret octets.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        check_origin(name)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        """The origin of the log."""
        return self.verifier.name

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    def sign(self, text: str) -> str:
        """Sign a text that ends with a line feed; give the whole note."""
        signature = self._key.sign(text.encode())
        own_id = key_id(self.name, self.verifier.public)
        encoded = base64.b64encode(own_id + signature).decode()
        return f"{text}\n— {self.name} {encoded}\n"

    def write_secret(self) -> str:
        """Write the key for its file: ``PRIVATE+KEY+name+hash+base64(01 ‖ seed)``."""
        own_id = key_id(self.name, self.verifier.public).hex()
        encoded = base64.b64encode(ED25519 + self._seed).decode()
        return f"{_PRIVATE}{self.name}+{own_id}+{encoded}"

    @classmethod
    def read_secret(cls, text: str) -> "Signer":
        """Read what :meth:`write_secret` wrote; errors never repeat the text.

        Raises:
            ValueError: not such a key.
        """
        parts = text.strip().removeprefix(_PRIVATE).split("+", 2)
        if not text.startswith(_PRIVATE) or len(parts) != 3:
            raise ValueError("not the file of a log's signing key")
        try:
            octets = base64.b64decode(parts[2], validate=True)
        except ValueError:
            raise ValueError("the signing key's file is damaged") from None
        if octets[:1] != ED25519 or len(octets) != 1 + SEED_OCTETS:
            raise ValueError("the signing key is not an Ed25519 key")
        signer = cls(parts[0], octets[1:])
        if key_id(signer.name, signer.verifier.public).hex() != parts[1]:
            raise ValueError("the signing key's file is damaged: its hash differs")
        return signer


class Checkpoint(NamedTuple):
    """What a checkpoint says: that the log of a name has a root at a size."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """Write the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a checkpoint; further lines are tolerated and ignored.

        Raises:
            VerificationError: not a checkpoint.
        """
        lines = text.split("\n")
        if len(lines) < 4 or not _SIZE.match(lines[1]):
            raise VerificationError("not a checkpoint: name, size and root are missing")
        try:
            root = base64.b64decode(lines[2], validate=True)
        except ValueError:
            raise VerificationError("not a checkpoint: malformed root") from None
        if len(root) != 32:
            raise VerificationError("not a checkpoint: a root has 32 octets")
        return cls(lines[0], int(lines[1]), root)
