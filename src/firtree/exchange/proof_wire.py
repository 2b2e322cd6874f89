"""The JSON of statements as they are disclosed, and of proofs (docs/formats/proof.md).

These shapes are promises, as those of ``wire.py`` are.  Octets that are UTF-8 stand as
texts: hashing a text means hashing its UTF-8 octets.
"""

import re

import msgspec

from firtree.errors import VerificationError
from firtree.ledger.sections import SALT_OCTETS, SECTIONS, Body
from firtree.statements.disclosure import DisclosedStatement

_HEX = re.compile(r"[0-9a-f]{64}\Z")


class SectionWire(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a statement's body.

    ``text`` and ``salt`` are null where it is not disclosed to the asker, or was
    erased; an empty section has an empty text.  ``commitment`` and ``salt`` are 64
    lower-case hexadecimal digits.
    """

    commitment: str
    salt: str | None
    text: str | None


class SectionsWire(msgspec.Struct, frozen=True, kw_only=True):
    """The five sections of a body."""

    head: SectionWire
    core: SectionWire
    fir: SectionWire
    people: SectionWire
    private: SectionWire


class DisclosedWire(msgspec.Struct, frozen=True, kw_only=True):
    """A statement as far as it is disclosed: its number, its leaf, and its sections."""

    index: int
    leaf: str
    sections: SectionsWire


def disclosed_wire(statement: DisclosedStatement) -> DisclosedWire:
    """Write a statement."""
    wires = [
        SectionWire(
            commitment=commitment.hex(),
            salt=None if octets is None else salt.hex(),
            text=None if octets is None else octets.decode(),
        )
        for octets, salt, commitment in zip(
            statement.body.sections,
            _parts(statement.body.salts),
            _parts(statement.body.commitments),
            strict=True,
        )
    ]
    return DisclosedWire(
        index=statement.number,
        leaf=statement.leaf.decode(),
        sections=SectionsWire(**dict(zip(SECTIONS, wires, strict=True))),
    )


def read_disclosed(wire: DisclosedWire) -> DisclosedStatement:
    """Read a statement; nothing is verified yet.

    Raises:
        VerificationError: a hash is not one, or a section has a text without a salt
            or a salt without a text.
    """
    wires = [getattr(wire.sections, name) for name in SECTIONS]
    head, core, fir, people, private = (
        None if one.text is None else one.text.encode() for one in wires
    )
    return DisclosedStatement(
        wire.index,
        wire.leaf.encode(),
        Body(
            (head, core, fir, people, private),
            salts=b"".join(map(_salt, wires)),
            commitments=b"".join(hash_of(one.commitment) for one in wires),
        ),
    )


def hash_of(text: str) -> bytes:
    """Read a hash of 64 lower-case hexadecimal digits.

    Raises:
        VerificationError: it is not one.
    """
    if not _HEX.match(text):
        raise VerificationError("a hash is not of 64 lower-case hexadecimal digits")
    return bytes.fromhex(text)


def _salt(wire: SectionWire) -> bytes:
    if (wire.text is None) != (wire.salt is None):
        raise VerificationError("a section has a text without a salt, or the reverse")
    return bytes(SALT_OCTETS) if wire.salt is None else hash_of(wire.salt)


def _parts(joined: bytes) -> list[bytes]:
    return [
        joined[start : start + SALT_OCTETS]
        for start in range(0, len(joined), SALT_OCTETS)
    ]
