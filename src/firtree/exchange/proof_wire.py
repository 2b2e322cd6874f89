"""The JSON of statements as they are disclosed, and of proofs (docs/formats/proof.md).

These shapes are promises, as those of ``wire.py`` are.  Octets that are UTF-8 stand as
texts: hashing a text means hashing its UTF-8 octets.
"""

import base64
import re

import msgspec

from firtree.errors import VerificationError
from firtree.ledger.proofs import Consistency, Inclusion
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


class InclusionWire(msgspec.Struct, frozen=True, kw_only=True):
    """That a leaf is in the tree of a log size; hashes are in base64.

    ``hashes`` stand as c2sp.org/tlog-proof has them, the leaf's sibling first.
    """

    index: int
    size: int
    leaf_hash: str
    root: str
    hashes: tuple[str, ...]


class ConsistencyWire(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"old": "from", "new": "to", "old_root": "from_root", "new_root": "to_root"},
):
    """That the log of one size continues that of another; hashes are in base64."""

    old: int
    new: int
    old_root: str
    new_root: str
    hashes: tuple[str, ...]


def inclusion_wire(found: Inclusion) -> InclusionWire:
    """Write a proof of inclusion."""
    return InclusionWire(
        index=found.leaf_index,
        size=found.size,
        leaf_hash=base64_of(found.leaf_hash),
        root=base64_of(found.root),
        hashes=tuple(map(base64_of, found.hashes)),
    )


def consistency_wire(found: Consistency) -> ConsistencyWire:
    """Write a proof of consistency."""
    return ConsistencyWire(
        old=found.old,
        new=found.new,
        old_root=base64_of(found.old_root),
        new_root=base64_of(found.new_root),
        hashes=tuple(map(base64_of, found.hashes)),
    )


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


def base64_of(octets: bytes) -> str:
    """Write octets in base64, as C2SP's formats do."""
    return base64.b64encode(octets).decode()


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
