"""key-rotated: the log's key gives way to a new one, and both have signed that."""

from datetime import date

import msgspec

from firtree.access import Scope
from firtree.errors import VerificationError
from firtree.ledger.canonical import canonical
from firtree.ledger.notes import Note, Signer, Verifier
from firtree.statements.types.form import Form, Kind, Parts, StatementType, decoded

_FORMAT = "firtree/key-rotation/v1"
# The kind and name of the list of the state map that tells the newest rotation.
LISTED = ("policy", "log-key")


class KeyRotation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rotation of the key that signs the log's checkpoints.

    Args:
        origin: name of the log.
        old_key, new_key: verifier keys (c2sp.org/signed-note).
        both_until: last day, in UTC, on which checkpoints bear both signatures;
            None = the new one alone from the start.
        signed: a signed note with the same facts, by both keys.
    """

    origin: str
    old_key: str
    new_key: str
    both_until: date | None = None
    signed: str = ""

    @property
    def text(self) -> str:
        """What both keys sign."""
        until = self.both_until.isoformat() if self.both_until else "-"
        facts = (_FORMAT, self.origin, self.old_key, self.new_key, until)
        return "".join(f"{line}\n" for line in facts)


def rotation(old: Signer, new: Signer, both_until: date | None) -> KeyRotation:
    """Make the rotation from one key to another, signed by both."""
    bare = KeyRotation(
        origin=old.name,
        old_key=str(old.verifier),
        new_key=str(new.verifier),
        both_until=both_until,
    )
    lines = (old.signature(bare.text), new.signature(bare.text))
    return msgspec.structs.replace(bare, signed=str(Note(bare.text, lines)))


def verify_rotation(rotated: KeyRotation) -> tuple[Verifier, Verifier]:
    """Check that both keys have signed a rotation.

    Returns:
        The old and the new key.

    Raises:
        VerificationError: one of them has not, or has signed something else.
    """
    try:
        keys = Verifier.parse(rotated.old_key), Verifier.parse(rotated.new_key)
    except ValueError as error:
        raise VerificationError(
            f"a rotation with a key that is none: {error}"
        ) from None
    note = Note.parse(rotated.signed)
    if note.text != rotated.text or {key.name for key in keys} != {rotated.origin}:
        raise VerificationError("the rotation's signatures are of something else")
    if keys[0] == keys[1] or not all(key.has_signed(note) for key in keys):
        raise VerificationError("a rotation that is not signed by both keys")
    return keys


_CORE = msgspec.json.Decoder(KeyRotation)


def _read(core: bytes, *_others: bytes | None) -> KeyRotation:
    return decoded(_CORE, core, "core")


def _told(_rotation: KeyRotation, scope: Scope) -> bool:
    return scope.private


FORM = Form(
    statement_type=StatementType.KEY_ROTATED,
    subject=KeyRotation,
    name=lambda _: "log-key",
    listed=lambda _: LISTED,
    kinds=(Kind.KEY_ROTATED, Kind.KEY_ROTATED),
    write=lambda one: Parts(canonical(one)),
    read=_read,
    reaches=lambda _rotation, _scope: True,
    heads=_told,
)
