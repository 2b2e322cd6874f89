"""A state proof: what the register holds of something as of a checkpoint, complete.

Checked in this order: the checkpoint by the reader's policy; the last leaf is in its
tree; that leaf's state root; the lists of the state map under that root; the
statements, each in the tree and open as far as it is disclosed.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec

from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.logproof import LogProof
from firtree.ledger.mapproofs import MapProof, verify_map_proof
from firtree.ledger.merkle import leaf_hash
from firtree.ledger.notes import Checkpoint, Note
from firtree.ledger.policy import Cosigned, Policy
from firtree.ledger.proofs import verify_inclusion
from firtree.ledger.statemap import map_key
from firtree.statements.disclosure import DisclosedStatement, verify_disclosed
from firtree.statements.fold import Names
from firtree.text import Whole, shown


class ProvenList(NamedTuple):
    """What the state map holds under a name.

    Attributes:
        kind, name: which list.
        octets: the list, canonical JSON; None = there is none.
        proof: of it, or of its absence.
    """

    kind: str
    name: str
    octets: bytes | None
    proof: MapProof


class ProvenStatement(NamedTuple):
    """A statement with the hashes that show that it is in the checkpoint's tree."""

    statement: DisclosedStatement
    hashes: tuple[bytes, ...]


class StateProof(NamedTuple):
    """What shows a state; nothing is verified yet.

    Attributes:
        log_proof: of the last leaf of the checkpoint's tree.
        leaf: that leaf, 191 octets.
        lists: of the state map.
        statements: those the lists name, as far as they are shown.
    """

    log_proof: LogProof
    leaf: bytes
    lists: tuple[ProvenList, ...]
    statements: tuple[ProvenStatement, ...]


class Item(NamedTuple):
    """An item of a list: the newest statement about a member.

    Attributes:
        member: such as a CPL Entry ID; 0 where the list has one member only.
        number: of the statement, counted from 0.
        body: hash of its body, 64 hexadecimal digits.
    """

    member: int
    number: int
    body: str


class Recorded(NamedTuple):
    """A statement that was recorded: what it says, and when it was."""

    at: datetime
    statement: DisclosedStatement


class Shown(NamedTuple):
    """What a state proof shows.

    Attributes:
        cosigned: the checkpoint, and when witnesses cosigned it.
        last_at: when the last statement under it was recorded.
        lists: by kind and name; None = it is shown that there is none.
        statements: by number.
    """

    cosigned: Cosigned
    last_at: datetime
    lists: Mapping[Names, tuple[Item, ...] | None]
    statements: Mapping[int, Recorded]

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint as of which it is shown."""
        return self.cosigned.checkpoint

    def open_under(self, kind: str, name: str) -> dict[int, Recorded]:
        """Give the newest statements of a list that are at hand, by member."""
        items = self.lists.get((kind, name)) or ()
        return {
            item.member: self.statements[item.number]
            for item in items
            if item.number in self.statements
        }


def verify_state_proof(proof: StateProof, policy: Policy) -> Shown:
    """Check a state proof, and give what it shows.

    Args:
        proof: from wherever.
        policy: whom the reader trusts; it must come from elsewhere.

    Raises:
        VerificationError: with the first thing that is wrong.
    """
    cosigned = policy.verify(Note.parse(proof.log_proof.note))
    checkpoint, index = cosigned.checkpoint, proof.log_proof.leaf_index
    if index != checkpoint.size - 1:
        raise VerificationError(
            f"the proof is of leaf {index}, not of the last one under a checkpoint of"
            f" size {checkpoint.size}"
        )
    _check_in_tree(proof.leaf, index, proof.log_proof.hashes, checkpoint)
    last = Leaf.parse(proof.leaf)
    lists = {(one.kind, one.name): _items(one, last.state) for one in proof.lists}
    statements: dict[int, Recorded] = {}
    for one in proof.statements:
        statements[one.statement.number] = _recorded(one, checkpoint)
    _check_listed(lists, statements)
    return Shown(cosigned, last.at, lists, statements)


def verify_recorded(
    proven: ProvenStatement, note: str, policy: Policy
) -> tuple[Recorded, Cosigned]:
    """Check that one statement was recorded.

    Args:
        proven: the statement.
        note: the checkpoint.
        policy: whom the reader trusts.

    Raises:
        VerificationError: with the first thing that is wrong.
    """
    cosigned = policy.verify(Note.parse(note))
    return _recorded(proven, cosigned.checkpoint), cosigned


def _recorded(proven: ProvenStatement, checkpoint: Checkpoint) -> Recorded:
    statement = proven.statement
    try:
        leaf = verify_disclosed(statement)
        _check_in_tree(statement.leaf, statement.number, proven.hashes, checkpoint)
    except VerificationError as error:
        raise VerificationError(f"statement {statement.number}: {error}") from None
    return Recorded(leaf.at, statement)


def _check_in_tree(
    leaf: bytes, index: int, hashes: tuple[bytes, ...], checkpoint: Checkpoint
) -> None:
    verify_inclusion(
        leaf_hash(leaf),
        index=index,
        size=checkpoint.size,
        proof=hashes,
        root=checkpoint.root,
    )


_LIST = msgspec.json.Decoder(list[tuple[Whole, Whole, str]])


def _items(proven: ProvenList, state: bytes) -> tuple[Item, ...] | None:
    """Check a list against the state root; give its items."""
    octets = proven.octets
    value = None if octets is None else sha256(octets).digest()
    key = map_key(proven.kind, proven.name)
    try:
        verify_map_proof(proven.proof, key=key, value=value, root=state)
    except VerificationError as error:
        name = shown(proven.name.replace("\n", "/"))
        raise VerificationError(
            f"the list of {proven.kind} {name} is not the one that the log commits to: "
            f"{error}"
        ) from None
    if octets is None:
        return None
    return read_list(octets)


def read_list(octets: bytes) -> tuple[Item, ...]:
    """Read a list of the state map.

    Raises:
        VerificationError: it is not one.
    """
    try:
        return tuple(Item._make(item) for item in _LIST.decode(octets))
    except (msgspec.DecodeError, TypeError):  # SQLite keeps any kind of value
        raise VerificationError("a list is not of the state map's format") from None


def _check_listed(
    lists: Mapping[Names, tuple[Item, ...] | None], statements: Mapping[int, Recorded]
) -> None:
    """Check that a listed number is the statement of the listed body."""
    for items in lists.values():
        for item in items or ():
            known = statements.get(item.number)
            if known is None:
                continue
            if known.statement.body.digest.hex() != item.body:
                raise VerificationError(
                    f"statement {item.number} is not the one that is listed"
                )
