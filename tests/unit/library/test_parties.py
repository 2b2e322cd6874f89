"""Parties are admitted, changed, suspended and succeeded; each sees its own trail."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest

from entries import a_model, an_entry
from firtree.access import KEEPER, Principal
from firtree.errors import ConflictError, InvalidInputError, NotFoundError
from firtree.library.parties import Parties
from firtree.library.trail import Trail
from firtree.parties import PartyKind
from firtree.parties.party import KeyPurpose, Suspension
from firtree.statements.party_keys import write_key_note
from firtree.storage.memory import MemoryRegister
from parties import a_party, holding
from principals import a_principal
from rebuilt import check_rebuilt
from registers import ALDER, OPENING, SIGNER, Clock, a_recorder, record

if TYPE_CHECKING:
    from firtree.library.record import Recorder
    from firtree.parties.party import Party

ADMIN = a_principal(PartyKind.ADMINISTRATOR, "Code Administrator", party=1)
TODAY = date(2026, 11, 22)
GONE = Suspension(since=TODAY, reason="left the scheme")


class Desk(NamedTuple):
    """A register with three parties: 1 administrator, 2 maker, 3 supplier."""

    register: MemoryRegister
    recorder: Recorder
    parties: Parties
    trail: Trail
    clock: Clock


@pytest.fixture
def desk() -> Desk:
    register, clock = MemoryRegister(), Clock()
    recorder = a_recorder(register, now=clock)
    record(recorder, OPENING)
    parties = Parties(register, recorder, now=clock)
    made = Desk(register, recorder, parties, Trail(register, parties), clock)
    for party in (
        a_party(1, PartyKind.ADMINISTRATOR, name="Code Administrator"),
        a_party(1, PartyKind.MANUFACTURER, name="Alder Meters", codes=holding("AB01")),
        a_party(1, PartyKind.GAS_SUPPLIER, name="Rowan Energy"),
    ):
        parties.admit(KEEPER, party)
    return made


def principal(desk: Desk, party: int) -> Principal:
    found = desk.parties.principal(party, 0, TODAY)
    assert found is not None
    return found


def renamed(name: str) -> Any:
    def change(party: Party) -> Party:
        return msgspec.structs.replace(party, name=name)

    return change


def test_parties_are_numbered_in_the_order_of_their_admission(desk: Desk) -> None:
    found = desk.parties.every(KEEPER)

    assert [view.party.id for view in found] == [1, 2, 3]
    assert desk.parties.party_name(2) == "Alder Meters"
    assert desk.parties.party_name(9) == ""
    assert check_rebuilt(desk.register) == 4


def test_a_party_that_breaks_rules_is_refused_and_nothing_recorded(desk: Desk) -> None:
    wrong = a_party(9, name="Alder Meters", codes=holding("AB01"))

    with pytest.raises(InvalidInputError) as caught:
        desk.parties.admit(ADMIN, wrong)

    assert len(caught.value.problems) == 3
    assert desk.register.size() == 4


def test_only_administrators_and_the_keeper_decide(desk: Desk) -> None:
    for who in (principal(desk, 2), principal(desk, 3)):
        decisions: list[tuple[Any, ...]] = [
            (desk.parties.admit, a_party(9, name="New")),
            (desk.parties.change, who.party, renamed("New")),
            (desk.parties.suspend, who.party, GONE),
            (desk.parties.succeed, 3, 2, TODAY, "x"),
            (desk.parties.handover, 3, 2, TODAY, "x"),
            (desk.parties.register_key, who.party, "", ""),
        ]
        for decide, *asked in decisions:
            with pytest.raises(NotFoundError):
                decide(who, *asked)
    assert desk.register.size() == 4


def test_a_party_sees_itself_and_an_administrator_all(desk: Desk) -> None:
    maker = principal(desk, 2)

    assert [view.party.id for view in desk.parties.every(maker)] == [2]
    assert desk.parties.one(maker, 2).party.name == "Alder Meters"
    assert len(desk.parties.every(principal(desk, 1))) == 3
    missing = []
    for party in (3, 99):
        with pytest.raises(NotFoundError) as caught:
            desk.parties.one(maker, party)
        missing.append(str(caught.value).replace(str(party), "N"))
    assert len(set(missing)) == 1


def test_a_change_is_recorded_once(desk: Desk) -> None:
    assert desk.parties.change(ADMIN, 2, renamed("Alder & Sons")) is not None
    assert desk.parties.change(ADMIN, 2, renamed("Alder & Sons")) is None
    assert desk.parties.party_name(2) == "Alder & Sons"
    assert desk.register.size() == 5


def test_a_change_keeps_the_id(desk: Desk) -> None:
    desk.parties.change(ADMIN, 2, lambda party: msgspec.structs.replace(party, id=9))

    assert desk.register.size() == 4


def test_a_change_of_what_has_changed_meanwhile_is_refused(desk: Desk) -> None:
    seen = desk.parties.one(ADMIN, 2).number
    desk.parties.change(ADMIN, 2, renamed("Alder & Sons"), seen=seen)

    with pytest.raises(ConflictError, match="party 2 has changed since you looked"):
        desk.parties.change(ADMIN, 2, renamed("Alder & Co"), seen=seen)
    assert desk.parties.party_name(2) == "Alder & Sons"


def test_a_register_that_grows_meanwhile_is_looked_at_again(desk: Desk) -> None:
    grown: list[object] = []

    def change(party: Party) -> Party:
        if len(grown) < 3:
            grown.append(record(desk.recorder, an_entry(len(grown) + 1)))
        return msgspec.structs.replace(party, name="Alder & Sons")

    assert desk.parties.change(ADMIN, 2, change) is not None
    assert desk.parties.party_name(2) == "Alder & Sons"


def test_a_register_that_never_stands_still_is_a_conflict(desk: Desk) -> None:
    def change(party: Party) -> Party:
        record(desk.recorder, an_entry(desk.register.size()))
        return msgspec.structs.replace(party, name="Alder & Sons")

    with pytest.raises(ConflictError):
        desk.parties.change(ADMIN, 2, change)
    assert desk.parties.party_name(2) == "Alder Meters"


def test_a_suspended_party_has_no_principal_until_it_is_reinstated(desk: Desk) -> None:
    desk.parties.suspend(ADMIN, 3, GONE)
    assert desk.parties.principal(3, 0, TODAY) is None
    assert desk.parties.choices(3, TODAY) == []
    assert desk.parties.one(ADMIN, 3).suspended

    desk.parties.suspend(ADMIN, 3, None)
    assert desk.parties.principal(3, 0, TODAY) is not None


def test_an_administrator_does_not_suspend_its_own_party(desk: Desk) -> None:
    with pytest.raises(InvalidInputError, match="party 1 is your own"):
        desk.parties.suspend(ADMIN, 1, GONE)


def test_somebody_is_left_who_can_undo_what_is_decided(desk: Desk) -> None:
    def admitted(party: Party) -> Party:
        return msgspec.structs.replace(party, kinds=(PartyKind.DCC,))

    size = desk.register.size()
    with pytest.raises(InvalidInputError) as suspended:
        desk.parties.suspend(KEEPER, 1, GONE)
    with pytest.raises(InvalidInputError) as changed:
        desk.parties.change(ADMIN, 1, admitted)
    for refused, where in ((suspended, "suspension"), (changed, "kinds")):
        (problem,) = refused.value.problems
        assert problem.where == where
        assert problem.expected.startswith("another administrators' party, not susp")
    assert desk.register.size() == size
    other = a_party(9, PartyKind.ADMINISTRATOR, name="Other administrators")
    number, _ = desk.parties.admit(ADMIN, other)
    desk.parties.suspend(KEEPER, 1, GONE)
    assert desk.parties.one(KEEPER, 1).suspended
    with pytest.raises(InvalidInputError):
        desk.parties.suspend(KEEPER, number, GONE)
    desk.parties.suspend(KEEPER, 1, None)
    desk.parties.suspend(KEEPER, number, GONE)


def test_what_is_not_there_is_neither_changed_nor_succeeded(desk: Desk) -> None:
    gone = r"^there is no party 9$"
    with pytest.raises(NotFoundError, match=gone):
        desk.parties.change(ADMIN, 9, renamed("x"))
    for giver, taker in ((9, 2), (2, 9)):
        with pytest.raises(NotFoundError, match=gone):
            desk.parties.succeed(ADMIN, giver, taker, TODAY, "x")


def test_a_succession_moves_the_codes_in_one_transaction(desk: Desk) -> None:
    taker, _ = desk.parties.admit(
        ADMIN, a_party(9, PartyKind.MANUFACTURER, name="Birch Metering")
    )
    on = TODAY + timedelta(days=3)

    shown = desk.parties.handover(ADMIN, 2, taker, on, "bought")
    size = desk.register.size()
    recorded = desk.parties.succeed(ADMIN, 2, taker, on, "bought")

    assert shown.succession.codes == ("AB01",)
    assert recorded.size == size + 3
    with desk.register.reading() as tx:
        ends = [end.size for end in tx.ends(size)]
    assert ends == [size + 3]
    for day, holder in ((on - timedelta(days=1), 2), (on, taker)):
        for party in (2, taker):
            found = desk.parties.principal(party, 0, day)
            assert found is not None
            assert ("AB01" in found.makers) is (party == holder)
    check_rebuilt(desk.register)


def test_a_succession_that_breaks_a_rule_is_refused(desk: Desk) -> None:
    size = desk.register.size()

    with pytest.raises(InvalidInputError, match="the succession is wrong") as caught:
        desk.parties.succeed(ADMIN, 2, 3, TODAY, "bought")
    assert [problem.pointer for problem in caught.value.problems] == ["codes"]
    with pytest.raises(InvalidInputError, match="a party other than"):
        desk.parties.succeed(ADMIN, 2, 2, TODAY, "bought")
    assert desk.register.size() == size


def test_a_key_is_registered_by_a_note_that_its_party_signed(desk: Desk) -> None:
    key = str(SIGNER.verifier)
    note = write_key_note(SIGNER.name, 2, KeyPurpose.SIGNING, key, SIGNER)

    assert desk.parties.register_key(ADMIN, 2, note, SIGNER.name) is not None
    assert desk.parties.register_key(ADMIN, 2, note, SIGNER.name) is None
    assert [one.key for one in desk.parties.one(ADMIN, 2).party.keys] == [key]
    with pytest.raises(InvalidInputError, match="line 3: expected party/3"):
        desk.parties.register_key(ADMIN, 3, note, SIGNER.name)


def test_the_trail_of_a_party_is_what_concerns_it_newest_first(desk: Desk) -> None:
    record(
        desk.recorder,
        ALDER,
        an_entry(1),
        an_entry(2, model=a_model(manufacturer="CD02")),
    )
    desk.parties.suspend(ADMIN, 3, GONE)

    def trail(party: int) -> list[tuple[int, str, str]]:
        page = desk.trail.page(principal(desk, party))
        return [(v.number, v.kind.value, v.by) for v in page.versions]

    assert trail(2) == [
        (5, "entry-added", "keeper"),
        (4, "maker-added", "keeper"),
        (2, "party-admitted", "keeper"),
    ]
    assert [number for number, _, _ in trail(1)] == list(range(7, -1, -1))
    assert trail(1)[0] == (7, "party-changed", "Code Administrator")


def test_both_sides_of_a_succession_find_it_in_their_trails(desk: Desk) -> None:
    taker, _ = desk.parties.admit(
        ADMIN, a_party(9, PartyKind.MANUFACTURER, name="Birch Metering")
    )
    desk.parties.succeed(ADMIN, 2, taker, TODAY, "bought")

    for party in (2, taker):
        kinds = {v.kind.value for v in desk.trail.page(principal(desk, party)).versions}
        assert "succession-recorded" in kinds
    other = desk.trail.page(principal(desk, 3)).versions
    assert [v.kind.value for v in other] == ["party-admitted"]


def test_a_trail_is_read_page_by_page(desk: Desk) -> None:
    record(desk.recorder, ALDER, *(an_entry(n) for n in range(1, 8)))
    for who in (principal(desk, 1), principal(desk, 2)):
        whole = desk.trail.page(who)
        found, below = [], None
        while True:
            page = desk.trail.page(who, below=below, limit=2)
            found += page.versions
            if (below := page.below) is None:
                break
        assert found == whole.versions
        assert whole.below is None


def test_nobody_without_a_party_has_a_trail(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        desk.trail.page(a_principal(PartyKind.PUBLIC, "public"))
