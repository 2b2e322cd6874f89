"""State proofs of a keeper that lies: each lie is found, whatever it is signed with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from entries import MODEL, a_model, an_entry
from firtree.catalogue.answer import Device
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.logproof import LogProof
from firtree.ledger.mapproofs import prove
from firtree.ledger.merkle import leaf_hash, root_of
from firtree.ledger.notes import Checkpoint
from firtree.ledger.policy import Cosigned, Policy, TrustedLog
from firtree.ledger.proofs import inclusion_proof
from firtree.ledger.sections import sealed
from firtree.ledger.statemap import StateMap, map_key
from firtree.statements.disclosure import DisclosedStatement
from firtree.statements.recomputing import assess_shown, entries_shown, maker_shown
from firtree.statements.sayings import May, age
from firtree.statements.statement import Statement, write_sections
from firtree.statements.stateproof import (
    ProvenList,
    ProvenStatement,
    StateProof,
    verify_state_proof,
)
from firtree.statements.types.entry import model_name
from firtree.statements.types.maker import maker_name
from registers import ALDER, SIGNER, START

if TYPE_CHECKING:
    from firtree.ledger.sections import Body
    from firtree.statements.types import Subject

POLICY = Policy(logs=(TrustedLog(SIGNER.verifier),))
MODEL_LIST = ("model", model_name(MODEL.key))
MAKER_LIST = ("party", maker_name("AB01"))
DEVICE = Device(manufacturer="AB01", model=MODEL.duis_model, firmware="00000001")


class Keeper:
    """A keeper that signs whatever it likes.

    Args:
        subjects: of the statements, in order.
        lists: what it says the lists are: (kind, name) to (member, number) pairs.
    """

    def __init__(self, *subjects: Subject, **lists: list[tuple[int, int]]) -> None:
        self.bodies: list[Body] = [
            sealed(write_sections(Statement(subject=s, by="keeper")), bytes(range(160)))
            for s in subjects
        ]
        self.lists = {
            {"model": MODEL_LIST, "maker": MAKER_LIST}[name]: self.listed(items)
            for name, items in lists.items()
        }
        self.state = StateMap().updated(
            (map_key(*names), sha256(octets).digest())
            for names, octets in self.lists.items()
        )
        self.leaves = [
            Leaf(START, body.digest, self.state.root).encode() for body in self.bodies
        ]

    def listed(self, items: list[tuple[int, int]]) -> bytes:
        """Write a list as the map has it."""
        whole = [[m, n, self.bodies[n].digest.hex()] for m, n in items]
        return json.dumps(whole, separators=(",", ":")).encode()

    def note(self) -> str:
        """Sign the checkpoint."""
        root = root_of([leaf_hash(leaf) for leaf in self.leaves])
        return SIGNER.sign(str(Checkpoint(SIGNER.name, len(self.leaves), root)))

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """Prove that a leaf is in the tree."""
        hashes = [leaf_hash(leaf) for leaf in self.leaves]

        def subtree(height: int, place: int) -> bytes:
            return root_of(hashes[place << height : place + 1 << height])

        return inclusion_proof(index, len(hashes), subtree)

    def proof(self, **changes: Any) -> StateProof:
        """Prove all lists, with all statements."""
        values = {
            map_key(*names): sha256(octets).digest()
            for names, octets in self.lists.items()
        }
        last = len(self.leaves) - 1
        whole = StateProof(
            LogProof(last, self.inclusion(last), self.note()),
            self.leaves[-1],
            tuple(
                ProvenList(
                    *names,
                    octets,
                    prove(self.state, map_key(*names), values.__getitem__),
                )
                for names, octets in self.lists.items()
            ),
            tuple(self.statement(n) for n in range(len(self.leaves))),
        )
        return whole._replace(**changes)

    def statement(self, number: int) -> ProvenStatement:
        """Prove a statement."""
        disclosed = DisclosedStatement(number, self.leaves[number], self.bodies[number])
        return ProvenStatement(disclosed, self.inclusion(number))


def refused(proof: StateProof) -> str:
    """See a proof refused, or what is worked out from it; give the reason."""
    with pytest.raises(VerificationError) as caught:
        assess_shown(
            verify_state_proof(proof, POLICY),
            DEVICE,
            day=START.date(),
            asker="",
        )
    return str(caught.value)


def test_an_honest_keeper_is_believed() -> None:
    keeper = Keeper(
        ALDER, an_entry(1), an_entry(2), maker=[(0, 0)], model=[(1, 1), (2, 2)]
    )

    shown = verify_state_proof(keeper.proof(), POLICY)

    assert entries_shown(shown, MODEL.key) == [an_entry(1), an_entry(2)]
    assert maker_shown(shown, "AB01") == ALDER
    assert maker_shown(shown, "CD02") is None
    assert age(shown.cosigned, START).code is May.NOT_WITNESSED


def test_only_what_was_cosigned_lately_is_current() -> None:
    checkpoint = Checkpoint(SIGNER.name, 5, bytes(32))
    for ahead, code in {
        timedelta(hours=-25): May.NOT_CURRENT,
        timedelta(hours=-24): May.CURRENT,
        timedelta(minutes=10): May.CURRENT,
        timedelta(minutes=11): May.NOT_CURRENT,
        datetime.max.replace(tzinfo=UTC) - START: May.NOT_CURRENT,
    }.items():
        told = age(Cosigned(checkpoint, {"w1": START + ahead}, START + ahead), START)
        assert told.code is code
    assert "by this clock is still to come" in told.text


def test_an_older_state_under_the_newest_checkpoint_is_refused() -> None:
    old = Keeper(an_entry(1), an_entry(2), model=[(1, 0)])
    new = Keeper(an_entry(1), an_entry(2), model=[(1, 0), (2, 1)])
    # Both states are in one log; the last leaf names the newer one.
    new.leaves[0] = old.leaves[0]
    earlier = LogProof(0, new.inclusion(0), new.note())

    forged = old.proof(
        log_proof=earlier, leaf=new.leaves[0], statements=(new.statement(0),)
    )

    assert "not of the last one under a checkpoint of size 2" in refused(forged)


def test_a_list_that_names_another_body_than_the_log_is_refused() -> None:
    keeper = Keeper(an_entry(1), an_entry(2), model=[(1, 0), (2, 1)])
    other = Keeper(an_entry(9), an_entry(2), model=[(1, 0), (2, 1)])
    # The log has the one body, the signed list the other.
    other.leaves[0] = Leaf(START, keeper.bodies[0].digest, other.state.root).encode()
    other.bodies[0] = keeper.bodies[0]

    assert "statement 0 is not the one that is listed" in refused(other.proof())


@pytest.mark.parametrize(
    "impostor", [an_entry(7), an_entry(1, model=a_model(hardware_revision="0C"))]
)
def test_another_entry_in_the_place_of_a_listed_one_is_refused(impostor: Any) -> None:
    keeper = Keeper(impostor, an_entry(2), model=[(1, 0), (2, 1)])

    assert "another one is shown in its place" in refused(keeper.proof())


def test_another_maker_in_the_place_of_a_listed_one_is_refused() -> None:
    other = type(ALDER)(code="CD02", name="Birch")
    keeper = Keeper(other, an_entry(1), maker=[(0, 0)], model=[(1, 1)])

    assert "maker CD02 is shown in the place of AB01" in refused(keeper.proof())


def test_an_open_section_that_was_changed_is_refused() -> None:
    keeper = Keeper(an_entry(1), model=[(1, 0)])
    body = keeper.bodies[0]
    head, core, fir, people, private = body.sections
    assert core is not None
    core = core.replace(b"00000001", b"00000002")
    changed = body._replace(sections=(head, core, fir, people, private))
    statement = DisclosedStatement(0, keeper.leaves[0], changed)

    forged = keeper.proof(statements=(ProvenStatement(statement, ()),))

    assert "statement 0: section 'core' does not match" in refused(forged)


def test_a_model_that_is_not_shown_is_not_taken_for_one_without_entries() -> None:
    keeper = Keeper(ALDER, maker=[(0, 0)])

    assert "does not show the entries of AB01" in refused(keeper.proof())


def test_a_list_that_is_none_is_refused() -> None:
    keeper = Keeper(an_entry(1), model=[(1, 0)])
    keeper.lists[MODEL_LIST] = b'{"1":0}'
    keeper.state = StateMap().updated(
        [(map_key(*MODEL_LIST), sha256(b'{"1":0}').digest())]
    )
    keeper.leaves = [Leaf(START, keeper.bodies[0].digest, keeper.state.root).encode()]

    assert "not of the state map's format" in refused(keeper.proof())


def test_another_key_with_the_same_name_is_refused() -> None:
    proof = Keeper(an_entry(1), model=[(1, 0)]).proof()
    other = Policy(logs=(TrustedLog(type(SIGNER)(SIGNER.name, bytes(32)).verifier),))

    with pytest.raises(VerificationError, match="bears no signature"):
        verify_state_proof(proof, other)
