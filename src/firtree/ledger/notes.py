"""Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint)."""

import base64
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firtree.errors import VerificationError
from firtree.ledger.keys import (
    ED25519,
    is_key_name,
    key_id,
    read_secret_key,
    read_vkey,
    verify_ed25519,
    write_secret_key,
    write_vkey,
)
from firtree.ledger.merkle import HASH_OCTETS
from firtree.text import base64_octets, shown

# The specification asks for at least 16 signatures; one may take nearly 5 kB.
SIGNATURES_MOST = 100
NOTE_OCTETS_MOST = 1 << 20
# Sizes are kept in 64 bits with a sign, here and in the databases of others.
SIZE_MOST = 2**63 - 1

_ORIGIN = re.compile(r"[!-*,-~]{1,120}\Z")
# Ten thousand digits would be an error of another kind.
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH = "—"


def tree_size(text: str) -> int:
    """Read the size of a tree: decimal digits, no leading zero, below 2^63.

    Raises:
        ValueError: another text.
    """
    if not _SIZE.match(text) or int(text) > SIZE_MOST:
        raise ValueError("a tree size in decimal digits, below 2^63")
    return int(text)


def check_origin(origin: str) -> None:
    """Check the name of a log: visible ASCII without blanks and plus signs.

    Raises:
        ValueError: it is not such a name.
    """
    if not _ORIGIN.match(origin):
        raise ValueError(
            "a log's name has 1 to 120 visible ASCII characters, no blank, no plus"
        )


def check_schemeless(name: str) -> None:
    """Check that a name that is given here is no address with its scheme.

    Names of keys and logs should be URLs without one (c2sp.org/signed-note,
    c2sp.org/tlog-checkpoint); others may have chosen otherwise.

    Raises:
        ValueError: it begins with a scheme.
    """
    scheme, found, rest = name.partition("://")
    if found:
        raise ValueError(f"a name has no {scheme}:// before it; leave it at {rest}")


class Signature(NamedTuple):
    """A signature line of a note.

    Attributes:
        name: of the key.
        key_id: 4 octets.
        octets: the signature, of at least one octet.
    """

    name: str
    key_id: bytes
    octets: bytes

    def __str__(self) -> str:
        """Write the line, without its line feed."""
        encoded = base64.b64encode(self.key_id + self.octets).decode()
        return f"{_DASH} {self.name} {encoded}"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Read a line without its line feed.

        Raises:
            VerificationError: not a signature line.
        """
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != _DASH or not is_key_name(parts[1]):
            raise VerificationError("not a signed note: malformed signature line")
        try:
            octets = base64_octets(parts[2])
        except ValueError:
            octets = b""
        if len(octets) < 5:
            raise VerificationError("not a signed note: malformed signature")
        return cls(parts[1], octets[:4], octets[4:])


class Note(NamedTuple):
    """A text with the signatures below it; nothing of it is verified yet.

    Attributes:
        text: what is signed, with its last line feed.
        signatures: at least one.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """Write the note."""
        return f"{self.text}\n" + "".join(f"{line}\n" for line in self.signatures)

    @classmethod
    def parse(cls, note: str | bytes) -> "Note":
        """Split a note into its text and its signatures, within bounds.

        Raises:
            VerificationError: not a signed note, or larger than is read.
        """
        text, blank, lines = _characters(note).rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise VerificationError("not a signed note: no signature lines at its end")
        if lines.count("\n") > SIGNATURES_MOST:
            raise VerificationError(
                f"not read: a note with more than {SIGNATURES_MOST} signatures"
            )
        signatures = map(Signature.parse, lines[:-1].split("\n"))
        return cls(text + "\n", tuple(signatures))

    def with_signatures(self, more: Iterable[Signature]) -> "Note":
        """Add signatures below the others; those it bears already are left out."""
        return self._replace(signatures=tuple(dict.fromkeys((*self.signatures, *more))))

    def signatures_of(self, name: str, own_id: bytes) -> list[bytes]:
        """Give what a key has signed, as its signature lines say."""
        return [
            s.octets for s in self.signatures if (s.name, s.key_id) == (name, own_id)
        ]


def _characters(note: str | bytes) -> str:
    """Check the size and the characters of a note.

    Raises:
        VerificationError: too large, not UTF-8, or with control characters.
    """
    try:
        octets = note.encode() if isinstance(note, str) else note
        if len(octets) > NOTE_OCTETS_MOST:
            raise VerificationError(f"not read: a note above {NOTE_OCTETS_MOST} octets")
        text = octets.decode()
    except UnicodeError:
        raise VerificationError("not a signed note: it is not UTF-8") from None
    if _CONTROL.search(text):
        raise VerificationError("not a signed note: it holds control characters")
    return text


class Verifier(NamedTuple):
    """A public key of a log, with its name."""

    name: str
    public: bytes

    def __str__(self) -> str:
        """Write the verifier key: ``name+hash+base64(01 ‖ key)``."""
        return write_vkey(self.name, self.public)

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read a verifier key of type 01, Ed25519.

        Raises:
            ValueError: not such a key.
        """
        return cls(*read_vkey(text))

    @property
    def key_id(self) -> bytes:
        """The 4 octets by which a signature line names this key."""
        return key_id(self.name, self.public)

    def verify(self, note: str | bytes) -> str:
        """Check that this key has signed a note.

        Returns:
            The note's text, with its last line feed.

        Raises:
            VerificationError: no signature of this key, or a wrong one.
        """
        return verify_note(Note.parse(note), [self])

    def has_signed(self, note: Note) -> bool:
        """Tell whether a note bears a signature of this key.

        Raises:
            VerificationError: it bears a wrong one.
        """
        found = note.signatures_of(self.name, self.key_id)
        for signature in found:
            verify_ed25519(self.name, self.public, signature, note.text.encode())
        return bool(found)


def verify_note(note: Note, keys: Collection[Verifier]) -> str:
    """Check that at least one of some keys has signed a note.

    Signatures of unknown keys are passed over.

    Args:
        note: the note.
        keys: those that are trusted, such as the old and the new key of a log.

    Returns:
        The note's text, with its last line feed.

    Raises:
        VerificationError: none of the keys has signed it, or the signature of one of
            them is wrong.
    """
    # Every known key is looked at: one wrong signature spoils the note.
    if not [key for key in keys if key.has_signed(note)]:
        names = ", ".join(sorted({key.name for key in keys})) or "any known key"
        raise VerificationError(f"the note bears no signature of {names}")
    return note.text


def verify_checkpoint(note: Note, keys: Collection[Verifier]) -> "Checkpoint":
    """Check that a log has signed a checkpoint, with at least one of its keys.

    Args:
        note: the note.
        keys: those that are trusted, of any logs; only keys with the name of the
            checkpoint's origin count.

    Raises:
        VerificationError: not a checkpoint, none of its log's keys has signed it, or
            the signature of one of them is wrong.
    """
    checkpoint = Checkpoint.parse(note.text)
    own = [key for key in keys if key.name == checkpoint.origin]
    if not own:
        raise VerificationError(
            f"no key is known of the log {shown(checkpoint.origin)}"
        )
    verify_note(note, own)
    return checkpoint


class Signer:
    """A private key of a log, with its name; signs notes.

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

    def signature(self, text: str) -> Signature:
        """Sign a text that ends with a line feed."""
        octets = self._key.sign(text.encode())
        return Signature(self.name, self.verifier.key_id, octets)

    def sign(self, text: str) -> str:
        """Sign a text that ends with a line feed; give the whole note."""
        return str(Note(text, (self.signature(text),)))

    def write_secret(self) -> str:
        """Write the key for its file: ``PRIVATE+KEY+name+hash+base64(01 ‖ seed)``."""
        return write_secret_key(self.name, self.verifier.key_id, ED25519, self._seed)

    @classmethod
    def read_secret(cls, text: str) -> "Signer":
        """Read what :meth:`write_secret` wrote; errors never repeat the text.

        Raises:
            ValueError: not such a key.
        """
        secret = read_secret_key(text, ED25519)
        signer = cls(secret.name, secret.seed)
        if signer.verifier.key_id.hex() != secret.key_id:
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
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise VerificationError("not a checkpoint: name, size and root are missing")
        origin, size_text, root_text, *_ = lines
        try:
            size, root = tree_size(size_text), base64_octets(root_text)
        except ValueError as error:
            raise VerificationError(f"not a checkpoint: expected {error}") from None
        if len(root) != HASH_OCTETS:
            raise VerificationError("not a checkpoint: a root has 32 octets")
        return cls(origin, size, root)
