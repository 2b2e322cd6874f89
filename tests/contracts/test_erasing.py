"""A section is erased in every register, and all that was made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entries import an_entry
from firtree.access import KEEPER, PUBLIC
from firtree.catalogue.entry import ReleaseNotes
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, NotFoundError
from firtree.ledger.leaf import Leaf
from firtree.ledger.sections import Body, verify_body
from firtree.library.keeping.erasing import erasures_since, plan_erasure
from firtree.library.keeping.personal import find_personal_data
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.rebuild import rebuild
from firtree.parties import Contact, Maker
from firtree.statements.statement import Statement
from firtree.statements.types.erasure import Erasure
from rebuilt import check_rebuilt, examined
from registers import ALDER, OPENING, SIGNER, Clock, a_recorder, record

if TYPE_CHECKING:
    from firtree.library.ports import Register, StatementRow
    from firtree.library.record import Recorder

SMITH = Contact(role="Jo Smith", email="jo.smith@maker.example")
NOTES = ReleaseNotes(summary="zebra crossing fixed")


def quiet(*_told: object) -> None:
    """Tell nothing."""


@pytest.fixture
def recorder(register: Register) -> Recorder:
    """Fill a register: entry 5 of statement 6 names a person and has notes."""
    made = a_recorder(register)
    record(made, OPENING, Maker(code="AB01", name="Alder", contact=SMITH))
    entries = [an_entry(n) for n in range(1, 301)]
    entries[4] = an_entry(5, contact=SMITH, notes=NOTES)
    record(made, *entries)
    return made


def erase(recorder: Recorder, number: int, section: str, reason: str = "why") -> int:
    erasure = Erasure(statement=number, section=section, reason=reason)
    return recorder.record([Statement(subject=erasure, by="keeper")], KEEPER).size


def row(register: Register, number: int) -> StatementRow:
    with register.reading() as tx:
        (found,) = tx.statements(number, number + 1)
    return found


def test_octets_and_salt_are_gone_and_the_leaf_stays_valid(
    register: Register, recorder: Recorder
) -> None:
    before = row(register, 6)
    assert b"Smith" in (before.people or b"")

    erase(recorder, 6, "people")

    after = row(register, 6)
    assert after.people is None
    assert after.salts[96:128] == bytes(32) != before.salts[96:128]
    assert (after.leaf, after.commitments) == (before.leaf, before.commitments)
    assert after.sections[:3] == before.sections[:3]
    body = Body(after.sections, after.salts, after.commitments)
    verify_body(body, Leaf.parse(after.leaf).body)
    assert check_rebuilt(register) == 303


@pytest.mark.parametrize("section", ["fir", "people"])
@pytest.mark.parametrize("many", [0, 100, 300])
def test_all_that_follows_is_as_if_it_had_never_been_there(
    register: Register, recorder: Recorder, section: str, many: int
) -> None:
    for number in range(0, many, 100):
        # Some statements more are in no segment yet, or come to be in one.
        record(recorder, *(an_entry(n) for n in range(number + 1, number + 101)))
    last = 301 + many
    number = 6 if many != 100 else last - 5
    with register.reading() as tx:
        before = tx.entry_rows([5])[5]

    erase(recorder, number, section)

    assert examined(register).faults == ()
    with register.reading() as tx:
        after = tx.entry_rows([5])[5]
    if not many:
        assert (after.outline != before.outline) == (section == "fir")
    rebuild(KEEPER, register, quiet)
    assert check_rebuilt(register) == last + 2


def test_what_was_erased_is_no_longer_found(
    register: Register, recorder: Recorder
) -> None:
    lookup = Lookup(register, Models(register), SIGNER, now=Clock())

    def found(text: str) -> list[int]:
        view = lookup.view("")
        page = lookup.finder.search(KEEPER, text, view, limit=9)
        return [one.entry.id for one in page.found]

    assert found("zebra") == [5]
    assert lookup.entry(KEEPER, 5, lookup.view("")).entry.contact == SMITH
    everywhere = find_personal_data(KEEPER, register, "ZEBRA", quiet)
    assert {one.table for one in everywhere} >= {"statement", "segment"}

    erase(recorder, 6, "fir")
    erase(recorder, 6, "people")

    assert found("zebra") == []
    assert lookup.entry(KEEPER, 5, lookup.view("")).entry.contact is None
    assert find_personal_data(KEEPER, register, "zebra", quiet) == []


def test_each_occurrence_of_a_person_is_listed(
    register: Register, recorder: Recorder
) -> None:
    record(recorder, an_entry(5, contact=None))

    found = find_personal_data(KEEPER, register, "JO.SMITH@maker", quiet)

    assert [(o.row["leaf_index"], o.column, o.subject) for o in found] == [
        (1, "people", "maker/AB01"),
        (6, "people", "entry/5"),
    ]
    assert "Jo Smith" in found[0].around
    assert find_personal_data(KEEPER, register, "nobody at all", quiet) == []
    with pytest.raises(InvalidInputError, match="3 characters or more"):
        find_personal_data(KEEPER, register, " a ", quiet)
    with pytest.raises(NotFoundError):
        find_personal_data(PUBLIC, register, "smith", quiet)


def test_a_plan_says_what_would_be_destroyed(
    register: Register, recorder: Recorder
) -> None:
    plan = plan_erasure(KEEPER, register, 6, "people")
    record(recorder, an_entry(5))

    assert (plan.subject, plan.is_newest) == ("entry/5", True)
    assert plan.octets == len(row(register, 6).people or b"")
    assert plan.salt == row(register, 6).salts[96:128]
    assert not plan_erasure(KEEPER, register, 6, "people").is_newest
    assert plan_erasure(KEEPER, register, 1, "people").is_newest
    record(recorder, ALDER)
    assert not plan_erasure(KEEPER, register, 1, "people").is_newest
    with pytest.raises(NotFoundError):
        plan_erasure(PUBLIC, register, 6, "people")


@pytest.mark.parametrize(
    ("number", "section", "told"),
    [
        (6, "core", "expected fir, people, private, found 'core'"),
        (6, "head", "expected fir, people, private"),
        (6, "private", "section private of statement 6 is empty"),
        (0, "people", "section people of statement 0 is empty"),
        (999, "people", "there is no statement 999"),
        (-1, "people", "there is no statement -1"),
    ],
)
def test_what_cannot_be_erased_is_refused(
    register: Register, recorder: Recorder, number: int, section: str, told: str
) -> None:
    with pytest.raises((InvalidInputError, NotFoundError)) as planned:
        plan_erasure(KEEPER, register, number, section)
    with pytest.raises((InvalidInputError, NotFoundError)):
        erase(recorder, number, section)

    assert told in str(planned.value)
    assert check_rebuilt(register) == 302


def test_an_erasure_is_recorded_once_and_alone(
    register: Register, recorder: Recorder
) -> None:
    erase(recorder, 6, "people")

    with pytest.raises(InvalidInputError, match="was erased already"):
        erase(recorder, 6, "people")
    with pytest.raises(InvalidInputError, match="a transaction of its own"):
        record(recorder, Erasure(statement=6, section="fir"), an_entry(1))
    assert check_rebuilt(register) == 303
    with register.reading() as tx:
        assert [erasures_since(tx, size) for size in (0, 302, 303)] == [1, 1, 0]


def test_why_is_for_those_who_may_read_private_parts(
    register: Register, recorder: Recorder
) -> None:
    erase(recorder, 6, "people", reason="Jo Smith asked for it")

    kept = row(register, 302)
    assert kept.core == b'{"section":"people","statement":6}'
    assert b"Smith" in (kept.private or b"")
    # A reason that names somebody can be erased as well.
    erase(recorder, 302, "private", reason="it named somebody")
    assert find_personal_data(KEEPER, register, "asked for it", quiet) == []
    assert check_rebuilt(register) == 304


def test_what_was_loaded_while_it_was_erased_is_not_kept(
    register: Register, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, key = Models(register), an_entry(5).model.key
    models.newest_size()
    load = register.outlines_of_model

    def loaded(wanted: ModelKey, size: int) -> dict[int, bytes]:
        found = load(wanted, size)
        monkeypatch.undo()
        erase(recorder, 6, "fir")
        models.newest_size()  # another thread is told of it meanwhile
        return found

    record(recorder, an_entry(5))
    models.newest_size()
    monkeypatch.setattr(register, "outlines_of_model", loaded)
    models.model(key, 302)

    assert models.model(key, 302).outlines == Models(register).model(key, 302).outlines
