"""Importing a table: all rows or none, just what changes, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from entries import DESK, an_entry
from firtree.access import KEEPER, PUBLIC
from firtree.catalogue.entry import (
    Certificate,
    CertificateKind,
    DCCLoading,
    Entry,
    Hold,
    Loading,
    PrivatePart,
)
from firtree.devices import Generation
from firtree.errors import ConflictError, InvalidInputError, NotFoundError
from firtree.exchange.entries import Table
from firtree.library.importing import Plan, plan_import, record_import
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Filter, Register
from firtree.parties import Contact, Maker
from firtree.storage.memory import MemoryRegister
from rebuilt import EVERYTHING, check_rebuilt
from registers import a_recorder, an_sqlite_register, record
from tables import a_row, a_table, read

DAY = date(2026, 11, 22)
EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "cpl.csv"
DESK_CELLS = {"Contact_Role": "Firmware desk", "Contact_Email": "fw@maker.example"}
OTHER_CELLS = {"Contact_Role": "Gas desk", "Contact_Email": "gas@maker.example"}


@pytest.fixture(params=["memory", "sqlite"])
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Register]:
    """Give a register that holds nothing; what it holds in the end is rebuilt."""
    made: Register = (
        MemoryRegister()
        if request.param == "memory"
        else an_sqlite_register(tmp_path / "register.db")
    )
    yield made
    check_rebuilt(made)
    made.close()


def a_plan(register: Register, table: Table | bytes) -> Plan:
    """Compare a table with a register."""
    table = read(table) if isinstance(table, bytes) else table
    return plan_import(KEEPER, table, register, day=DAY)


def take_in(register: Register, *rows: dict[str, str]) -> Plan:
    """Import rows; give what it did."""
    plan = a_plan(register, a_table(*rows))
    if plan.changes or plan.makers:
        record_import(KEEPER, plan, a_recorder(register, seed=plan.size))
    return plan


def entries(register: Register) -> dict[int, Entry]:
    """Give the entries a register holds."""
    with register.reading() as tx:
        size = tx.head().size
        page = tx.page(Filter(), EVERYTHING, size=size, after=0, limit=1000)
        return {entry.id: entry for entry in map(entry_of, page)}


def maker(register: Register, code: str = "F0E1") -> Maker:
    """Give a maker."""
    with register.reading() as tx:
        return makers_of(tx.makers([code], tx.head().size))[code]


def changed(plan: Plan) -> dict[int, tuple[str, ...]]:
    """Give the names of changed fields by entry."""
    return {change.entry.id: change.fields for change in plan.changed}


def test_the_example_is_recorded_whole(register: Register) -> None:
    plan = a_plan(register, EXAMPLE.read_bytes())

    record_import(KEEPER, plan, a_recorder(register))

    assert sorted(entries(register)) == [9001, 9002, 9003, 9004, 9005, 9006]
    assert register.size() == 7  # six entries and their maker
    assert maker(register).name == "Fernhill Meters"


def test_a_plan_changes_nothing(register: Register) -> None:
    take_in(register, a_row(1))

    plan = a_plan(register, a_table(a_row(1, Trade_Name="One"), a_row(2)))

    assert [change.entry.id for change in plan.new] == [2]
    assert changed(plan) == {1: ("trade_name",)}
    assert register.size() == 2
    assert list(entries(register)) == [1]


def test_one_bad_cell_refuses_every_row(register: Register) -> None:
    table = read(
        a_table(a_row(1), a_row(2, Status="Removed"), a_row(3, Hold="x" * 201))
    )

    with pytest.raises(InvalidInputError) as caught:
        a_plan(register, table)

    assert str(caught.value) == "2 cells cannot be read; nothing was recorded"
    assert caught.value.hint.startswith("mend them and import the file again; ")
    assert [one.pointer for one in caught.value.problems] == ["3/Status", "4/Hold"]
    assert register.size() == 0


def test_a_single_bad_cell_is_one(register: Register) -> None:
    with pytest.raises(InvalidInputError, match="1 cell cannot be read") as caught:
        a_plan(register, read(a_table(a_row(1, Status="Removed"))))

    assert caught.value.hint.startswith("mend it and import the file again; ")


def test_good_rows_are_recorded_without_the_others_where_that_is_asked(
    register: Register,
) -> None:
    take_in(register, a_row(2), a_row(9))
    table = read(a_table(a_row(1), a_row(2, Status="Removed"), a_row(1), a_row(3)))

    plan = plan_import(KEEPER, table, register, day=DAY, accept_good=True)
    record_import(KEEPER, plan, a_recorder(register))

    assert [change.entry.id for change in plan.changes] == [3]
    assert (plan.left_out, plan.absent) == (3, [9])
    with register.reading() as tx:
        assert sorted(tx.ids(tx.head().size)) == [2, 3, 9]


def test_what_changes_is_told_before_and_after(register: Register) -> None:
    take_in(register, a_row(1, Trade_Name="One", Mandatory_Step="no"))

    plan = a_plan(register, a_table(a_row(1, Trade_Name="", Mandatory_Step="yes")))

    (change,) = plan.changed
    assert change.fields == ("trade_name", "mandatory_step")
    assert [(d.label, d.before, d.after) for d in change.differences] == [
        ("Trade Name", "One", ""),
        ("Mandatory Step", "no", "yes"),
    ]


def test_the_same_table_again_changes_nothing(register: Register) -> None:
    first = a_plan(register, EXAMPLE.read_bytes())
    record_import(KEEPER, first, a_recorder(register))

    again = a_plan(register, EXAMPLE.read_bytes())

    assert (again.changes, again.makers, again.absent) == ([], [], [])
    assert again.unchanged == 6
    assert again.findings == first.findings


def test_one_statement_is_recorded_for_each_changed_row(register: Register) -> None:
    take_in(register, a_row(1, Trade_Name="a"), a_row(2, Trade_Name="b"), a_row(3))
    before = register.size()

    plan = take_in(
        register,
        a_row(1, Trade_Name="A", Status="Withdrawn"),
        a_row(2, Trade_Name="b"),
        a_row(3),
    )

    assert changed(plan) == {1: ("trade_name", "status")}
    assert plan.unchanged == 2
    assert register.size() == before + 1


def test_rows_that_are_absent_later_are_named_and_kept(register: Register) -> None:
    take_in(register, a_row(1), a_row(2), a_row(3))

    plan = take_in(register, a_row(2, Trade_Name="Two"))

    assert plan.absent == [1, 3]
    assert list(entries(register)) == [1, 2, 3]


def test_an_absent_column_leaves_and_an_empty_cell_empties(register: Register) -> None:
    take_in(
        register,
        a_row(
            1,
            Trade_Name="One",
            GBCS_Version="4.1",
            Upgradable_From="N/A",
            CPA_Certificate="C1",
            Status="Expired",
            Mandatory_Step="yes",
        ),
    )

    left = take_in(register, a_row(1))
    after_left = entries(register)[1]
    emptied = take_in(
        register,
        a_row(
            1, Trade_Name="", Upgradable_From="", CPA_Certificate="", Mandatory_Step=""
        ),
    )

    assert left.changes == []
    assert after_left.cpl.gbcs == "4.1"
    after = entries(register)[1]
    assert changed(emptied) == {
        1: ("trade_name", "certificates", "upgradable_from", "mandatory_step")
    }
    assert (after.cpl.trade_name, after.cpl.certificates) == ("", ())
    assert (after.fir.upgradable_from, after.fir.mandatory_step) == (None, False)
    assert (after.cpl.gbcs, after.cpl.status) == ("4.1", "Expired")


def test_an_absent_generation_stays_what_it_was(register: Register) -> None:
    take_in(register, a_row(1, Generation="SMETS1"))

    plan = take_in(register, a_row(1))

    assert plan.changes == []
    assert entries(register)[1].model.generation is Generation.SMETS1


def test_what_has_no_column_stays_while_the_rest_is_the_same(
    register: Register,
) -> None:
    certificate = Certificate(
        kind=CertificateKind.CPA, number="C1", body="NCSC", day=date(2030, 1, 1)
    )
    contact = Contact(role="Firmware desk", email="fw@maker.example", phone="0123")
    recorder = a_recorder(register)
    entry = an_entry(
        1,
        certificates=(certificate,),
        hold=Hold(reason="Clock", since=DAY),
        loading=DCCLoading(state=Loading.REFUSED, reason="no image", on=DAY),
        confirmed_edges=(7,),
        image_size_octets=1000,
        contact=None,
    )
    private = PrivatePart(advisory_reference="ADV-1")
    record(
        recorder,
        Maker(code="AB01", name="Alder", contact=contact),
        Entry(id=1, cpl=entry.cpl, fir=entry.fir, private=private),
    )
    same = a_row(
        1,
        Manufacturer_Code="AB01",
        Model_Identifier="010A",
        Hardware_Version="03",
        Hardware_Revision="0B",
        CPA_Certificate="C1",
        Hold="Clock",
        DCC_Loaded="refused: no image",
        **DESK_CELLS,
    )

    plan = take_in(register, same)
    later = take_in(register, {**same, "Hold": "Clock and relay"})

    assert (plan.changes, plan.makers) == ([], [])
    assert changed(later) == {1: ("hold",)}
    after = entries(register)[1]
    assert after.fir.hold == Hold(reason="Clock and relay")
    assert after.cpl.certificates == (certificate,)
    assert after.private == private


def test_a_cpa_date_without_a_certificate_column_dates_the_one_there(
    register: Register,
) -> None:
    take_in(register, a_row(1, CPA_Certificate="C1", CPA_Date="2027-01-01"))

    take_in(register, a_row(1, CPA_Date="2028-01-01", CPA_Date_Kind="renewal"))

    (certificate,) = entries(register)[1].cpl.certificates
    assert (certificate.number, certificate.day) == ("C1", date(2028, 1, 1))
    assert certificate.date_kind == "renewal"


def test_the_usual_contact_is_the_makers_and_another_one_the_entrys(
    register: Register,
) -> None:
    rows = [
        a_row(1, **DESK_CELLS),
        a_row(2, **OTHER_CELLS),
        a_row(3, **DESK_CELLS),
        a_row(4, Contact_Role="", Contact_Email=""),
    ]

    take_in(register, *rows)
    again = take_in(register, *rows)

    held = entries(register)
    usual = maker(register).contact
    assert usual == Contact(role="Firmware desk", email="fw@maker.example")
    assert {number: entry.contact for number, entry in held.items()} == {
        1: None,
        2: Contact(role="Gas desk", email="gas@maker.example"),
        3: None,
        4: None,
    }
    assert (again.changes, again.makers) == ([], [])


def test_a_known_maker_changes_when_all_its_rows_say_so(register: Register) -> None:
    take_in(register, a_row(1, **DESK_CELLS), a_row(2, **DESK_CELLS))

    plan = take_in(register, a_row(1, **OTHER_CELLS), a_row(2, **OTHER_CELLS))

    assert [one.code for one in plan.makers] == ["F0E1"]
    assert plan.changes == []
    contact = maker(register).contact
    assert contact
    assert contact.role == "Gas desk"


def test_a_known_maker_stays_when_some_rows_are_not_there(register: Register) -> None:
    take_in(register, a_row(1, **DESK_CELLS), a_row(2, **DESK_CELLS))

    plan = take_in(register, a_row(1, **OTHER_CELLS))

    assert plan.makers == []
    assert changed(plan) == {1: ("contact",)}
    assert entries(register)[2].contact is None


def test_an_entrys_own_contact_ends_when_its_cells_are_empty(
    register: Register,
) -> None:
    take_in(register, a_row(1, **DESK_CELLS), a_row(2, **OTHER_CELLS))

    plan = take_in(
        register,
        a_row(1, **DESK_CELLS),
        a_row(2, Contact_Role="", Contact_Email=""),
    )

    assert changed(plan) == {2: ("contact",)}
    assert entries(register)[2].contact is None


def test_a_table_without_contact_columns_leaves_contacts(register: Register) -> None:
    take_in(register, a_row(1, **DESK_CELLS), a_row(2, **OTHER_CELLS))
    other = a_row(3, Manufacturer_Code="F0E2", **OTHER_CELLS)
    take_in(register, other)
    record(a_recorder(register), an_entry(4), Maker(code="AB01", name="Alder"))

    plan = take_in(
        register,
        *(a_row(number) for number in (1, 2)),
        a_row(3, Manufacturer_Code="F0E2"),
        a_row(
            4,
            Manufacturer_Code="AB01",
            Model_Identifier="010A",
            Hardware_Version="03",
            Hardware_Revision="0B",
        ),
    )

    assert (plan.changes, plan.makers) == ([], [])
    assert entries(register)[4].contact == DESK


def test_a_day_of_confirmation_stays_with_its_mailbox(register: Register) -> None:
    confirmed = {**DESK_CELLS, "Contact_Confirmed": "2026-10-01"}
    take_in(register, a_row(1, **confirmed))

    same = take_in(register, a_row(1, **DESK_CELLS))
    other = take_in(register, a_row(1, **OTHER_CELLS))

    assert same.makers == []
    assert [one.contact for one in other.makers] == [
        Contact(role="Gas desk", email="gas@maker.example")
    ]


def test_a_maker_known_by_its_code_gets_the_name_most_rows_give(
    register: Register,
) -> None:
    take_in(register, a_row(1), a_row(2), a_row(3))
    assert maker(register).name == "F0E1"

    rows = [
        a_row(1, Manufacturer="Fern"),
        a_row(2, Manufacturer="Fernhill"),
        a_row(3, Manufacturer="Fernhill"),
    ]
    take_in(register, *rows)

    assert maker(register).name == "Fernhill"
    assert take_in(register, *rows).makers == []


def test_an_entry_whose_maker_is_not_recorded_is_compared_all_the_same(
    register: Register,
) -> None:
    record(a_recorder(register), an_entry(1), an_entry(2))

    plan = take_in(
        register,
        a_row(
            1,
            Manufacturer_Code="AB01",
            Model_Identifier="010A",
            Hardware_Version="03",
            Hardware_Revision="0B",
        ),
    )

    assert plan.changes == []
    assert plan.absent == [2]


def codes(plan: Plan) -> dict[int, set[str]]:
    """Give the codes found by entry."""
    return {
        number: {finding.code for finding in found}
        for number, found in plan.findings.items()
    }


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([a_row(1, Upgradable_From="1")], {1: "predecessor-is-itself"}),
        ([a_row(1, Upgradable_From="77")], {1: "unknown-predecessor"}),
        (
            [a_row(1, Manufacturer_Code="0001"), a_row(2, Upgradable_From="1")],
            {2: "predecessor-of-other-maker"},
        ),
        (
            [a_row(1, Upgradable_From="2"), a_row(2, Upgradable_From="1")],
            {1: "declared-cycle", 2: "declared-cycle"},
        ),
    ],
)
def test_what_breaks_a_check_is_recorded_and_listed(
    register: Register, rows: list[dict[str, str]], expected: dict[int, str]
) -> None:
    plan = take_in(register, *rows)

    assert sorted(entries(register)) == [int(row["CPL Entry ID"]) for row in rows]
    for number, code in expected.items():
        assert code in codes(plan)[number]


def test_findings_look_at_the_register_too(register: Register) -> None:
    take_in(register, a_row(1, Upgradable_From="2"))

    plan = take_in(register, a_row(2, Upgradable_From="1"))

    assert "declared-cycle" in codes(plan)[2]


def test_a_register_that_changed_meanwhile_is_a_conflict(register: Register) -> None:
    plan = a_plan(register, a_table(a_row(1), a_row(2)))
    recorder = a_recorder(register)
    record(recorder, an_entry(9))

    with pytest.raises(ConflictError, match="has changed meanwhile") as caught:
        record_import(KEEPER, plan, recorder)

    assert caught.value.hint == "run the same again: it will be compared anew"
    assert list(entries(register)) == [9]
    assert register.size() == 1


def test_only_who_may_record_may_import(register: Register) -> None:
    with pytest.raises(NotFoundError):
        plan_import(PUBLIC, read(a_table(a_row(1))), register, day=DAY)
    with pytest.raises(NotFoundError):
        record_import(PUBLIC, a_plan(register, a_table(a_row(1))), a_recorder(register))

    assert register.size() == 0


def test_statements_are_in_force_from_the_entrys_own_day(register: Register) -> None:
    take_in(
        register,
        a_row(1, Published_On="2024-01-01"),
        a_row(2, Published_On="2024-01-01", Status_From="2025-02-03"),
        a_row(3),
    )

    with register.reading() as tx:
        heads = [row.head or b"" for row in tx.statements(1, 4)]
    assert b'"2024-01-01"' in heads[0]
    assert b'"2025-02-03"' in heads[1]
    assert b"effective_from" not in heads[2]


def test_progress_is_told_to_its_end(register: Register) -> None:
    told: list[tuple[str, int, int]] = []

    def progress(*args: Any) -> None:
        told.append(args)

    table = read(EXAMPLE.read_bytes())
    plan_import(KEEPER, table, register, day=DAY, progress=progress)

    assert told[-1] == ("checking", 6, 6)


def test_a_filled_column_of_its_own_goes_before_a_shorthand(register: Register) -> None:
    short = {
        "Requires": "GBCS 4.1; HAN Dual Band",
        "Release_Notes": "Mends. | Fixes: drift",
        "DCC_Loaded": "refused: no image",
        "Availability": "limited: Party A",
    }
    own = {
        "Requires_GBCS": "4.2",
        "Notes_Fixes": "",
        "DCC_Loading_Reason": "too big",
        "Limited_To": "Party B",
    }

    take_in(register, a_row(1, **short), a_row(2, **short, **own))

    one, two = entries(register).values()
    assert one.fir.requires
    assert two.fir.requires
    assert (one.fir.requires.least_gbcs, two.fir.requires.least_gbcs) == ("4.1", "4.2")
    assert two.fir.requires.han_variant == "Dual Band"
    assert two.fir.notes == one.fir.notes
    assert (one.fir.loading, two.fir.loading) == (
        DCCLoading(state=Loading.REFUSED, reason="no image"),
        DCCLoading(state=Loading.REFUSED, reason="too big"),
    )
    assert (one.fir.limited_to, two.fir.limited_to) == (("Party A",), ("Party B",))


def test_an_empty_cell_of_an_own_column_empties_that_field_alone(
    register: Register,
) -> None:
    take_in(
        register,
        a_row(1, Requires="GBCS 4.1; CHTS 1.4", Hold="Trial", DCC_Loaded="2026-11-01"),
    )

    take_in(register, a_row(1, Requires_CHTS="", Hold_Since="2026-11-02"))
    now = entries(register)[1].fir
    assert now.requires
    assert (now.requires.least_gbcs, now.requires.least_chts) == ("4.1", "")
    assert now.hold == Hold(reason="Trial", since=date(2026, 11, 2))

    take_in(register, a_row(1, Requires_GBCS="", DCC_Loading="", Notes_Summary=""))
    now = entries(register)[1].fir
    assert (now.requires, now.loading, now.notes) == (None, None, None)


def test_details_belong_to_the_certificates_the_row_names(register: Register) -> None:
    take_in(
        register,
        a_row(
            1,
            CPA_Certificate="A; B",
            CPA_Date="2029-01-31",
            Certificate_Details="CPA B; body: NCSC; date: 2030-01-31\nCPA C; body: x",
        ),
    )

    assert entries(register)[1].cpl.certificates == (
        Certificate(kind=CertificateKind.CPA, number="A", day=date(2029, 1, 31)),
        Certificate(
            kind=CertificateKind.CPA, number="B", body="NCSC", day=date(2030, 1, 31)
        ),
    )


def test_the_makers_own_columns_say_its_name_and_mailbox(register: Register) -> None:
    rows = [
        a_row(
            number,
            Manufacturer="As Published",
            Maker_Name="Fernhill",
            Maker_Contact_Email="fw@maker.example",
            Maker_Contact_Telephone="+44 20 7946 0000",
            Contact_Email=own,
        )
        for number, own in ((1, ""), (2, "own@maker.example"), (3, "fw@maker.example"))
    ]

    take_in(register, *rows)

    mailbox = Contact(email="fw@maker.example", phone="+44 20 7946 0000")
    assert maker(register) == Maker(code="F0E1", name="Fernhill", contact=mailbox)
    assert [entry.contact for entry in entries(register).values()] == [
        None,
        Contact(email="own@maker.example"),
        Contact(email="fw@maker.example"),
    ]


def test_a_change_of_a_private_part_alone_is_recorded(register: Register) -> None:
    take_in(register, a_row(1))

    plan = take_in(register, a_row(1, Advisory_Reference="ADV-1"))

    assert changed(plan) == {1: ("advisory_reference",)}
    assert entries(register)[1].private == PrivatePart(advisory_reference="ADV-1")
