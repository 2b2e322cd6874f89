"""The JSON of statements as they are disclosed, and of proofs (docs/formats/proof.md).

These shapes are promises, as those of ``wire.py`` are.  Octets that are UTF-8 stand as
texts: hashing a text means hashing its UTF-8 octets.
"""

import base64
import re

import msgspec

from firtree.errors import VerificationError
from firtree.ledger.logproof import LogProof, hash_of_base64
from firtree.ledger.mapproofs import MapEnd, MapProof
from firtree.ledger.proofs import Consistency, Inclusion
from firtree.ledger.sections import SALT_OCTETS, SECTIONS, Body
from firtree.statements.disclosure import DisclosedStatement
from firtree.statements.stateproof import ProvenList, ProvenStatement, StateProof

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


class ProvenStatementWire(msgspec.Struct, frozen=True, kw_only=True):
    """A statement, and the hashes, in base64, from its leaf up to the checkpoint."""

    index: int
    leaf: str
    sections: SectionsWire
    inclusion: tuple[str, ...]


class MapEndWire(msgspec.Struct, frozen=True, kw_only=True):
    """The key at which a proof of the state map ends, and its value, in hexadecimal."""

    key: str
    value: str


class ProvenListWire(msgspec.Struct, frozen=True, kw_only=True):
    """A list of the state map and its proof; ``list`` is null where there is none.

    Siblings stand from the root down, in hexadecimal; ``end`` is null where no key
    stands below them.
    """

    kind: str
    name: str
    list: str | None
    siblings: tuple[str, ...]
    end: MapEndWire | None


class StateProofWire(msgspec.Struct, frozen=True, kw_only=True):
    """What shows a state: ``log_proof`` is a c2sp.org/tlog-proof of the last leaf."""

    log_proof: str
    leaf: str
    lists: tuple[ProvenListWire, ...]
    statements: tuple[ProvenStatementWire, ...]


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


def proven_wire(proven: ProvenStatement) -> ProvenStatementWire:
    """Write a statement with its place in the tree."""
    wire = disclosed_wire(proven.statement)
    return ProvenStatementWire(
        index=wire.index,
        leaf=wire.leaf,
        sections=wire.sections,
        inclusion=tuple(map(base64_of, proven.hashes)),
    )


def state_proof_wire(proof: StateProof) -> StateProofWire:
    """Write a state proof."""
    return StateProofWire(
        log_proof=str(proof.log_proof),
        leaf=proof.leaf.decode(),
        lists=tuple(map(_list_wire, proof.lists)),
        statements=tuple(map(proven_wire, proof.statements)),
    )


def _list_wire(proven: ProvenList) -> ProvenListWire:
    siblings, end = proven.proof
    return ProvenListWire(
        kind=proven.kind,
        name=proven.name,
        list=None if proven.octets is None else proven.octets.decode(),
        siblings=tuple(each.hex() for each in siblings),
        end=end and MapEndWire(key=end.key.hex(), value=end.value.hex()),
    )


def read_state_proof(wire: StateProofWire) -> StateProof:
    """Read a state proof; nothing is verified yet.

    Raises:
        VerificationError: a part of it is not of its form.
    """
    return StateProof(
        log_proof=LogProof.parse(wire.log_proof),
        leaf=wire.leaf.encode(),
        lists=tuple(map(_read_list, wire.lists)),
        statements=tuple(
            ProvenStatement(
                read_disclosed(
                    DisclosedWire(index=s.index, leaf=s.leaf, sections=s.sections)
                ),
                tuple(map(hash_of_base64, s.inclusion)),
            )
            for s in wire.statements
        ),
    )


def _read_list(wire: ProvenListWire) -> ProvenList:
    end = wire.end
    return ProvenList(
        kind=wire.kind,
        name=wire.name,
        octets=None if wire.list is None else wire.list.encode(),
        proof=MapProof(
            tuple(map(hash_of, wire.siblings)),
            None if end is None else MapEnd(hash_of(end.key), hash_of(end.value)),
        ),
    )


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
