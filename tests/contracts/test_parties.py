"""Parties in a register, and the statements that concern them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec

from entries import a_model, an_entry
from firtree.ledger.statemap import map_key
from firtree.library.ports import Concerned
from firtree.parties import Contact, Maker
from firtree.parties.party import Succession
from firtree.statements.statement import read_statement
from firtree.statements.types.access_log import AccessLogHead
from firtree.statements.types.erasure import Erasure
from firtree.statements.types.party import read_party
from parties import a_party
from rebuilt import check_rebuilt
from registers import ALDER, OPENING, Clock, a_recorder, record

if TYPE_CHECKING:
    from firtree.library.ports import Reading, Register

DAY = date(2026, 11, 28)
BIRCH = a_model(manufacturer="CD02")


def names(reading: Reading, size: int) -> list[str]:
    return [read_party(stored.core).name for stored in reading.parties(size)]


def test_parties_have_versions(register: Register) -> None:
    recorder = a_recorder(register, now=(clock := Clock()))
    first = record(recorder, OPENING, a_party(2), a_party(1, name="Alder Meters")).size
    clock.move()
    second = record(recorder, a_party(2, name="Rowan Energy"), a_party(30)).size

    with register.reading() as reading:
        assert names(reading, 1) == []
        assert names(reading, first) == ["Alder Meters", "Party 2"]
        assert names(reading, second) == ["Alder Meters", "Rowan Energy", "Party 30"]
        replaced = [
            read_statement((r.head, r.core, r.fir, r.people, r.private)).replaces
            for r in reading.statements(0, second)
        ]
    assert replaced == [None, None, None, 1, None]
    assert check_rebuilt(register) == second


def test_an_entry_and_a_party_may_have_one_number(register: Register) -> None:
    recorder = a_recorder(register, now=(clock := Clock()))
    record(recorder, OPENING, an_entry(7), a_party(7))
    clock.move()
    size = record(recorder, an_entry(7, trade_name="Twig"), a_party(8)).size
    clock.move()
    size = record(recorder, a_party(7, name="Rowan Energy"), an_entry(8)).size

    with register.reading() as reading:
        assert names(reading, size) == ["Rowan Energy", "Party 8"]
        assert len(reading.entries([7, 8], size)) == 2
    assert check_rebuilt(register) == size


def test_what_has_no_table_is_in_map_and_log(register: Register) -> None:
    recorder = a_recorder(register, now=(clock := Clock()))
    head = AccessLogHead(day=DAY, number=1, digest="00" * 32)
    given = Succession(giver=1, taker=2, on=DAY, reason="merged", codes=("AB01",))
    record(recorder, OPENING, head, given)
    clock.move()
    later = msgspec.structs.replace(head, number=2)
    size = record(recorder, later, given, given).size

    lists = [("policy", "access-log"), ("party", "succession\n1\n2")]
    with register.reading() as reading:
        found = reading.map_lists([map_key(*one) for one in lists])
        rows = list(reading.statements(0, size))
    newest = {
        names: msgspec.json.decode(octets)[0][1] for names, octets in found.items()
    }
    assert newest == {lists[0]: 3, lists[1]: 5}
    assert [
        read_statement((r.head, r.core, r.fir, r.people, r.private)).replaces
        for r in rows
    ] == [None, None, None, 1, 2, 4]
    assert check_rebuilt(register) == size


def test_statements_that_concern_somebody_come_newest_first(
    register: Register,
) -> None:
    recorder = a_recorder(register, now=(clock := Clock()))
    record(recorder, OPENING, ALDER, an_entry(1), an_entry(2, model=BIRCH), a_party(7))
    clock.move()
    size = record(recorder, an_entry(1, trade_name="Twig"), a_party(8), a_party(7)).size

    with register.reading() as reading:

        def concerning(codes: set[str], party: int, below: int = size) -> list[int]:
            return reading.concerning(Concerned(frozenset(codes), party), below, 99)

        assert concerning({"AB01"}, 7) == [7, 5, 4, 2, 1]
        assert concerning({"AB01"}, 7, 5) == [4, 2, 1]
        assert concerning({"CD02"}, 0) == [3]
        assert concerning({"AB01", "CD02"}, 0) == [5, 3, 2, 1]
        assert concerning(set(), 8) == [6]
        assert concerning(set(), 0) == []
        some = reading.concerning(Concerned(frozenset({"AB01"}), 7), size, 2)
        assert some == [7, 5]


def test_an_erasure_concerns_whom_the_erased_statement_does(
    register: Register,
) -> None:
    recorder = a_recorder(register, now=(clock := Clock()))
    desk = Contact(role="Desk", email="desk@maker.example")
    named = Maker(code="CD02", name="Birch", contact=desk)
    first, second = an_entry(1, contact=desk), an_entry(2, model=BIRCH)
    record(recorder, OPENING, first, named, second)
    clock.move()
    for number in (1, 2):
        erasure = Erasure(statement=number, section="people")
        record(recorder, erasure)
    size = record(recorder, an_entry(1)).size

    with register.reading() as reading:
        for code, numbers in (("AB01", [6, 4, 1]), ("CD02", [5, 3, 2]), ("EF03", [])):
            about = Concerned(frozenset({code}), 0)
            assert reading.concerning(about, size, 9) == numbers
            assert reading.concerning(about, 5, 1) == [n for n in numbers if n < 5][:1]


def test_an_entry_that_changes_hands_concerns_both_makers(register: Register) -> None:
    recorder = a_recorder(register, now=(clock := Clock()))
    record(recorder, OPENING, an_entry(1))
    clock.move()
    size = record(recorder, an_entry(1, model=BIRCH)).size

    with register.reading() as reading:
        for code, number in (("AB01", 1), ("CD02", 2)):
            about = Concerned(frozenset({code}), 0)
            assert reading.concerning(about, size, 9) == [number]
