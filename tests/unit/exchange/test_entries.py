"""Cells: every bad one of a file is listed in one run, with what was expected."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
    Coding,
    DateKind,
    DCCLoading,
    Hold,
    Loading,
    Requirement,
    Status,
    Urgency,
)
from firtree.devices import DeviceType, Generation
from firtree.errors import InvalidInputError
from firtree.exchange import cells
from firtree.exchange.columns import COLUMNS, DATE
from firtree.exchange.entries import REQUIRED
from tables import HASH, NAMES, a_row, a_table, read

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "cpl.csv"

# The columns by name; renaming or dropping one breaks files people have.
PUBLISHED = (
    "CPL Entry ID, Device Type, Generation, Manufacturer, Manufacturer Code, Model "
    "Identifier, Hardware Version, Hardware Revision, Trade Name, Firmware Version, "
    "Firmware Version Coding, Firmware Label, SMETS/CHTS Version, GBCS Version, ESME "
    "Variant, Manufacturer Image Hash, Hash Signed By, Hash Signature, CPA "
    "Certificate, CPA Date Kind, CPA Date, ZigBee Certificate, ZigBee Certificate "
    "Date, DLMS Certificate, DLMS Certificate Date, Certificate Details, Status, "
    "Status From, Status Reason, Published On, Release Date, Release Line, "
    "Upgradable From, Confirmed Edges, Rollback From, Rollback Allowed, "
    "Availability, Limited To, Mandatory Step, Activation Order Note, Requires, "
    "Requires Hub Entries, Requires GBCS, Requires CHTS, Requires HAN Variant, "
    "Interrupts Hub Power, Min Hardware, Max Hardware, OTA Manufacturer Code, OTA "
    "Image Type, Image Size, Signed Firmware Valid To, Security Urgency, Change "
    "Class, Metrology Software ID, Release Notes, Notes Summary, Notes Security, "
    "Notes Fixes, Notes Features, Notes Known Issues, Notes IRPs, Notes Reference, "
    "Contact Role, Contact Email, Contact Telephone, Contact Form, Contact "
    "Confirmed, Maker Name, Maker Contact Role, Maker Contact Email, Maker Contact "
    "Telephone, Maker Contact Form, Maker Contact Confirmed, Support Until, SBOM "
    "Reference, SBOM SHA-256, DCC Loaded, DCC Loading, DCC Loading Reason, DCC "
    "Loading On, Hold, Hold Since, Advisory Reference, Mapping Evidence"
).split(", ")


def problem(column: str, cell: str, **others: str) -> str:
    """Read a row with one bad cell; give the one problem it makes."""
    row = {**a_row(9001, **others), column: cell}
    found = read(a_table(row))
    assert found.rows == []
    (only,) = found.problems
    assert only.where == f"line 2, column {column!r}"
    assert only.pointer == f"2/{column}"
    return f"expected {only.expected}, found {only.found}"


def value(column: str, cell: str) -> Any:
    """Read a row with one cell; give what it says."""
    found = read(a_table({**a_row(9001), column: cell}))
    assert found.problems == []
    return found.rows[0].values[column]


def test_the_columns_are_the_published_ones_in_their_order() -> None:
    assert list(NAMES) == PUBLISHED


def test_what_names_a_device_is_required_and_nothing_else() -> None:
    assert REQUIRED == (
        "CPL Entry ID",
        "Device Type",
        "Manufacturer Code",
        "Model Identifier",
        "Hardware Version",
        "Hardware Revision",
        "Firmware Version",
    )


def test_the_example_reads_without_a_problem() -> None:
    with EXAMPLE.open("rb") as file:
        found = read(file.read())

    assert [row.id for row in found.rows] == [9001, 9002, 9003, 9004, 9005, 9006]
    assert found.problems == []
    assert found.ignored == ()


H63, H_O = HASH[:63], HASH[:9] + "O" + HASH[10:]

BAD: list[tuple[str, str, str]] = [
    ("CPL Entry ID", "0", "a CPL Entry ID, a whole number from 1"),
    ("CPL Entry ID", "-1", "a CPL Entry ID, a whole number from 1"),
    ("CPL Entry ID", "1_0", "a CPL Entry ID, a whole number from 1"),
    ("CPL Entry ID", "9001.0", "a CPL Entry ID, a whole number from 1"),
    ("CPL Entry ID", "９００１", "a CPL Entry ID, a whole number from 1"),
    ("CPL Entry ID", "9" * 19, "a CPL Entry ID, a whole number from 1"),
    ("Device Type", "METER", f"one of {', '.join(DeviceType)}"),
    ("Generation", "SMETS3", "SMETS1 or SMETS2+"),
    ("Manufacturer Code", "F0E", "4 hexadecimal digits, not 3"),
    ("Manufacturer Code", "0xF0", "4 hexadecimal digits, not 'x' at place 2"),
    ("Model Identifier", "0A 0", "4 hexadecimal digits, not ' ' at place 3"),
    ("Hardware Version", "1", "2 hexadecimal digits, not 1"),
    ("Hardware Revision", "", "2 hexadecimal digits, not 0"),
    ("Firmware Version", "0001000", "8 hexadecimal digits, not 7"),
    (
        "Firmware Version",
        "0x00010000",
        "8 hexadecimal digits, not 'x' at place 2",
    ),
    ("Firmware Version", "0001 0000", "8 hexadecimal digits, not ' ' at place 5"),
    (
        "Firmware Version",
        "０００１００００",
        "8 hexadecimal digits, not '０' at place 1",
    ),
    ("Firmware Version Coding", "decimal", "one of hex, bcd"),
    ("ESME Variant", "Z", "an ESME variant such as A, BD or ADEF"),
    ("Manufacturer Image Hash", H63, "64 hexadecimal digits, not 63"),
    (
        "Manufacturer Image Hash",
        H_O,
        "64 hexadecimal digits, not 'O' at place 10 (the digit 0 is meant?)",
    ),
    ("Trade Name", "x" * 61, "a text of 1 to 60 characters, not 61"),
    ("Trade Name", "a\x07b", "a text without control characters"),
    (
        "Status",
        "Removed",
        "Active, Expired, Withdrawn or Cancelled ('Removed' does not say which)",
    ),
    ("Status", "Live", "one of Active, Expired, Withdrawn, Cancelled"),
    ("Release Date", "31/02/2026", "a day of the calendar, not day 31 of month 2"),
    ("Release Date", "2026-13-01", "a day of the calendar, not day 1 of month 13"),
    ("Release Date", "11/22/2026", "a day of the calendar, not day 11 of month 22"),
    ("Release Date", "22.11.2026", "a date such as 2026-11-22"),
    ("Release Date", "2026-11-22T00:00", "a date such as 2026-11-22"),
    ("Release Date", "22/11/26", "a date such as 22/11/2026"),
    (
        "Upgradable From",
        "9001 9002",
        "CPL Entry IDs separated by ';' or ',', or N/A",
    ),
    ("Upgradable From", "none", "CPL Entry IDs separated by ';' or ',', or N/A"),
    (
        "Upgradable From",
        "N/A; 9001",
        "CPL Entry IDs separated by ';' or ',', or N/A",
    ),
    ("Rollback From", "N/A", "CPL Entry IDs separated by ';' or ','"),
    (
        "Rollback From",
        ";".join(map(str, range(1, 1002))),
        "at most 1000 CPL Entry IDs",
    ),
    (
        "Availability",
        "maybe",
        f"one of {', '.join(Availability)}",
    ),
    (
        "Availability",
        "available: Party A",
        "names of parties after 'limited:' only",
    ),
    ("Availability", "limited: a\x1bb", "a text without control characters"),
    ("Mandatory Step", "perhaps", "yes or no"),
    (
        "Requires",
        "a newer hub",
        "what the hub needs, such as 'entries 12, 15; GBCS 4.1; CHTS 1.4; HAN",
    ),
    ("Security Urgency", "urgent", "one of none, routine, high"),
    (
        "Change Class",
        "security; colour",
        "one of security, metrology, functional, defect, specification",
    ),
    (
        "Release Notes",
        "a\x00b".replace("\x00", "\x08"),
        "a text without control characters",
    ),
    (
        "Contact Email",
        "desk at maker",
        "an e-mail address such as firmware@maker.example",
    ),
    ("Contact Confirmed", "soon", "a date such as 2026-11-22"),
    ("DCC Loaded", "later", "yes, no, a date, 'refused: reason' or 'removed'"),
    ("DCC Loaded", "2026-02-30", "a day of the calendar, not day 30 of month 2"),
    ("DCC Loaded", "refused: \x1b[2J", "a text without control characters"),
    ("Hold", "x" * 201, "a text of 1 to 200 characters, not 201"),
    ("CPA Certificate", "x" * 201, "a text of 1 to 200 characters, not 201"),
    (
        "ZigBee Certificate",
        ";".join(map(str, range(101))),
        "at most 100 certificates",
    ),
    (
        "Certificate Details",
        "CPA",
        "a line for each certificate, such as 'CPA 17; body",
    ),
    ("Certificate Details", "CPA 1; colour: red", "a line for each certificate"),
    ("Certificate Details", "CPA 1; issued: soon", "a line for each certificate"),
    ("Certificate Details", "CPA 1\ncpa 1", "one line for each certificate"),
    ("Rollback Allowed", "perhaps", "one of yes, no, unknown"),
    ("Limited To", "a; b\x1bc", "a text without control characters"),
    ("Activation Order Note", "x" * 501, "a text of at most 500 characters, not 501"),
    ("Min Hardware", "100", "4 hexadecimal digits, not 3"),
    ("Image Size", "10240001", "a whole number from 1 to 10240000"),
    ("SBOM SHA-256", H63, "64 hexadecimal digits, not 63"),
    ("Contact Form", "http://maker.example", "an address that begins with https://"),
    ("DCC Loading", "later", "one of loaded, refused, removed, not loaded"),
]


@pytest.mark.parametrize(("column", "cell", "expected"), BAD)
def test_a_bad_cell_is_named_with_what_was_expected(
    column: str, cell: str, expected: str
) -> None:
    said = problem(column, cell)

    assert said.startswith(f"expected {expected}")
    assert ", found " in said
    assert len(said) < 300
    assert said.isprintable()


def test_a_required_cell_may_not_be_empty() -> None:
    for name in REQUIRED:
        assert problem(name, "").endswith(", found an empty cell")


def test_every_bad_cell_of_a_file_is_listed_in_one_run() -> None:
    table = a_table(
        a_row(1, Status="Removed", Firmware_Version="1234567", Model_Identifier="O"),
        a_row(2),
        a_row(3, Release_Date="soon", CPA_Date="2026-02-30", Hardware_Version=""),
        a_row(1, Trade_Name="x" * 61),
        a_row("x", Device_Type="?"),
    )

    found = read(table)

    assert [str(one.pointer) for one in found.problems] == [
        "2/Status",
        "2/Model Identifier",
        "2/Firmware Version",
        "4/Release Date",
        "4/CPA Date",
        "4/Hardware Version",
        "5/Trade Name",
        "5/CPL Entry ID",
        "6/CPL Entry ID",
        "6/Device Type",
    ]
    assert [row.id for row in found.rows] == [2]


def test_an_id_that_stands_twice_is_named_with_both_lines() -> None:
    found = read(a_table(a_row(7), a_row(8), a_row("007")))

    (only,) = found.problems
    assert str(only) == (
        "line 4, column 'CPL Entry ID': expected a number that is used once (it "
        "stands in line 2 too), found '007'"
    )


def test_the_date_that_is_odd_is_named_wherever_it_stands() -> None:
    rows = [a_row(n, Release_Date=f"2026-11-{n:02}") for n in range(10, 20)]
    for place in (0, 4, 9):
        odd = [*rows]
        odd[place] = a_row(10 + place, Release_Date="22/11/2026")
        other = "line 3" if place == 0 else "line 2"

        found = read(a_table(*odd))

        (only,) = found.problems
        assert str(only) == (
            f"line {place + 2}, column 'Release Date': expected a date such as "
            f"2026-11-22, as in {other} (one style for the whole file), found "
            "'22/11/2026'"
        )
        assert [bad.id for bad in found.bad] == [10 + place]
        assert {row.id for row in found.rows} == {*range(10, 20)} - {10 + place}
        assert not found.british


def test_a_row_with_an_odd_date_names_what_else_is_wrong_in_it() -> None:
    found = read(
        a_table(
            a_row(1, Release_Date="22/11/2026", Status="Lost"),
            a_row(2, Release_Date="2026-11-22", Status="Lost"),
            a_row(3, Release_Date="2026-11-22"),
        )
    )

    assert [one.pointer for one in found.problems] == [
        "2/Status",
        "2/Release Date",
        "3/Status",
    ]
    assert [len(bad.problems) for bad in found.bad] == [2, 1]


@pytest.mark.parametrize("odd", [cells.ODD_DATES_MOST, cells.ODD_DATES_MOST + 1])
def test_a_file_with_two_styles_of_dates_is_refused_with_both(odd: int) -> None:
    british = [a_row(n, Release_Date="22/11/2026") for n in range(1, odd + 1)]
    rows = [a_row(n, Release_Date="2026-11-22") for n in range(1000, 1200)]

    if odd <= cells.ODD_DATES_MOST:
        found = read(a_table(*british, *rows))
        assert len(found.problems) == len(found.bad) == odd
        return
    with pytest.raises(InvalidInputError) as refused:
        read(a_table(*british, *rows))

    assert str(refused.value) == (
        "expected dates of one style, found two: such as 2026-11-22 in line 103 "
        "(200 cells), and such as 22/11/2026 in line 2 (101 cells)"
    )


def test_all_dates_of_a_file_have_one_style() -> None:
    found = read(
        a_table(
            a_row(1, Release_Date="2026-11-22"),
            a_row(2, Release_Date="22/11/2026", DCC_Loaded="23/11/2026"),
            a_row(3, Release_Date="2026-11-23"),
            a_row(4, Release_Date="2026/11/24", DCC_Loaded="24/11/26"),
        )
    )

    assert [str(one) for one in found.problems] == [
        f"line {line}, column '{column}': expected a date such as 2026-11-22, as in "
        f"line 2 (one style for the whole file), found '{text}'"
        for line, column, text in (
            (3, "Release Date", "22/11/2026"),
            (3, "DCC Loaded", "23/11/2026"),
            (5, "Release Date", "2026/11/24"),
            (5, "DCC Loaded", "24/11/26"),
        )
    ]


def test_british_dates_are_day_month_year() -> None:
    assert value("Release Date", "03/04/2026") == date(2026, 4, 3)


READINGS: list[tuple[str, str, Any]] = [
    ("Device Type", "communications hub", DeviceType.CHF),
    ("Generation", "smets2", Generation.SMETS2),
    ("Firmware Version Coding", "BCD", Coding.BCD),
    ("Manufacturer Image Hash", HASH.lower(), HASH),
    ("Status", "current", Status.ACTIVE),
    ("Status", "WITHDRAWN", Status.WITHDRAWN),
    ("CPA Date Kind", "Renewal", DateKind.RENEWAL),
    ("Upgradable From", "N/A", ()),
    ("Upgradable From", "n/a", ()),
    ("Upgradable From", "", None),
    ("Upgradable From", "12; 15, 13;12;", (12, 15, 13)),
    ("Rollback From", "12", (12,)),
    ("Availability", "On Request", (Availability.ON_REQUEST, ())),
    (
        "Availability",
        "limited: Party A; Party B",
        (Availability.LIMITED, ("Party A", "Party B")),
    ),
    ("Mandatory Step", "Yes", True),
    ("Mandatory Step", "0", False),
    (
        "Requires",
        "entries 12, 15; GBCS 4.1; CHTS v1.4; HAN Dual Band",
        Requirement(
            hub_entries=(12, 15),
            least_gbcs="4.1",
            least_chts="1.4",
            han_variant="Dual Band",
        ),
    ),
    ("Requires", "12", Requirement(hub_entries=(12,))),
    ("Security Urgency", "High", Urgency.HIGH),
    ("Change Class", "defect, security", (ChangeClass.DEFECT, ChangeClass.SECURITY)),
    ("DCC Loaded", "yes", DCCLoading(state=Loading.LOADED)),
    ("DCC Loaded", "no", DCCLoading(state=Loading.NOT_LOADED)),
    (
        "DCC Loaded",
        "2026-11-22",
        DCCLoading(state=Loading.LOADED, on=date(2026, 11, 22)),
    ),
    (
        "DCC Loaded",
        "refused: no image",
        DCCLoading(state=Loading.REFUSED, reason="no image"),
    ),
    ("DCC Loaded", "removed", DCCLoading(state=Loading.REMOVED)),
    ("Hold", "yes", Hold()),
    ("Hold", "no", None),
    ("Hold", "Clock faults seen", Hold(reason="Clock faults seen")),
    ("Hold", "\\yes", Hold(reason="yes")),
    ("CPA Certificate", r"A 1; B\;2; A 1", ("A 1", "B;2")),
    ("Limited To", "Party A, London; Party B", ("Party A, London", "Party B")),
    ("Notes Fixes", "one; two\nthree", ("one", "two", "three")),
    ("Notes Fixes", r"a\nb; c\\; d\e", ("a\nb", "c\\", r"d\e")),
    (
        "Certificate Details",
        "CPA A 1; body: N; date: 2029-01-31\n\nzigbee Z; Date Kind: renewal; scope:",
        (
            Certificate(
                kind=CertificateKind.CPA,
                number="A 1",
                body="N",
                day=date(2029, 1, 31),
            ),
            Certificate(
                kind=CertificateKind.ZIGBEE, number="Z", date_kind=DateKind.RENEWAL
            ),
        ),
    ),
]


@pytest.mark.parametrize(("column", "cell", "expected"), READINGS)
def test_a_cell_is_read(column: str, cell: str, expected: Any) -> None:
    assert value(column, cell) == expected


def test_release_notes_are_read_line_by_line() -> None:
    notes = value(
        "Release Notes",
        "Mends the clock. | Fixes: drift; reset\r\nKnown issues: none\n"
        "IRPs: IRP642; IRP643\nhttps://maker.example/notes",
    )

    assert notes.summary == "Mends the clock."
    assert notes.fixes == ("drift", "reset")
    assert notes.known_issues == ("none",)
    assert notes.irps == ("IRP642", "IRP643")
    assert notes.reference == "https://maker.example/notes"


def test_smets1_names_and_versions_are_text() -> None:
    found = read(
        a_table(
            a_row(
                1,
                Generation="SMETS1",
                Manufacturer_Code="Maker 1",
                Model_Identifier="E470-S1",
                Hardware_Version="",
                Hardware_Revision="",
                Firmware_Version="1.2b",
            )
        )
    )

    assert found.problems == []
    assert found.rows[0].model.duis_model == "E470-S1"
    assert found.rows[0].firmware == "1.2b"


def test_a_device_model_has_at_most_thirty_characters() -> None:
    said = problem(
        "Model Identifier", "x" * 29, Generation="SMETS1", Firmware_Version="1"
    )

    assert said.startswith("expected a DeviceModel of at most 30 characters (DUIS)")


def test_ids_of_other_entries_are_read_whatever_they_name() -> None:
    itself, unknown = a_row(1, Upgradable_From="1"), a_row(2, Upgradable_From="999")

    assert read(a_table(itself, unknown)).problems == []


def test_every_column_has_a_reading_that_is_tried_here() -> None:
    tried = {column for column, *_ in (*BAD, *READINGS)}
    texts = {"Manufacturer", "Firmware Label", "SMETS/CHTS Version", "GBCS Version"}
    texts |= {"ZigBee Certificate", "DLMS Certificate", "Hash Signed By"}
    texts |= {"Status Reason", "Release Line", "Contact Role", "Hash Signature"}
    texts |= {"Requires GBCS", "Requires CHTS", "Requires HAN Variant", "Maker Name"}
    texts |= {"Metrology Software ID", "Notes Summary", "Notes Reference"}
    texts |= {"Contact Telephone", "SBOM Reference", "DCC Loading Reason"}
    texts |= {"Advisory Reference", "Mapping Evidence"}
    alike = {"Confirmed Edges", "Requires Hub Entries", "Interrupts Hub Power"}
    alike |= {"Max Hardware", "OTA Manufacturer Code", "OTA Image Type"}
    alike |= {"Notes Security", "Notes Features", "Notes Known Issues", "Notes IRPs"}
    alike |= {f"Maker Contact {name}" for name in ("Role", "Email", "Telephone")}
    alike |= {"Maker Contact Form"}
    dates = {column.name for column in COLUMNS if column.read == DATE}

    assert tried | texts | alike | dates == {column.name for column in COLUMNS}
