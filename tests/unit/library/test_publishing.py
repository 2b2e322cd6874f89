"""Publications: what stands on which sheet, their number, and who sees what."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest

from entries import DESK, a_model, an_entry
from firtree.access import CPL_READER, KEEPER, PUBLIC, Principal, Right, scope_of
from firtree.catalogue.entry import Status
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, NotFoundError, VerificationError
from firtree.exchange.files import sheets_of
from firtree.exchange.publication import Digest, whole_digest
from firtree.exchange.workbook import writing
from firtree.exchange.workbook.writing import write_workbook
from firtree.ledger.notes import Signer
from firtree.library import publishing
from firtree.library.ports import Register
from firtree.library.publishing import Publication
from firtree.library.verifying import verify_publication
from firtree.library.views import View
from firtree.parties import Maker, PartyKind
from firtree.statements.types.opening import Opening
from principals import a_principal
from published import a_publication, a_workbook, cells_of, verified, with_cell
from registers import (
    OPENING,
    SIGNER,
    Clock,
    a_recorder,
    an_sqlite_register,
    record,
)

DAY = date(2026, 11, 22)
ALDER = Maker(code="AB01", name="Alder Meters", contact=DESK)
OTHER = a_model(model_identifier="020B")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """Give a register with three days of statements."""
    made = an_sqlite_register(tmp_path / "register.db")
    clock = Clock()
    recorder = a_recorder(made, now=clock)
    record(recorder, OPENING, ALDER, an_entry(1, upgradable_from=()))
    clock.move(86_400)
    record(
        recorder,
        an_entry(2, upgradable_from=(1,)),
        an_entry(3, model=OTHER, status=Status.WITHDRAWN, status_reason="Faulty"),
    )
    clock.move(3 * 86_400)
    record(recorder, an_entry(1, upgradable_from=(), trade_name="One"), an_entry(4))
    yield made
    made.close()


def sheets(publication: Publication) -> dict[str, list[dict[str, Any]]]:
    """Give the rows of each sheet, by the names of its columns."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for sheet, row in publication.rows():
        found[sheet.name].append(dict(zip(sheet.header, row, strict=True)))
    return found


def test_the_number_counts_the_days_with_statements(register: Register) -> None:
    names = {size: a_publication(register, DAY, size=size).facts for size in (3, 5, 7)}

    assert [facts.name for facts in names.values()] == ["1-3", "2-5", "3-7"]
    assert [facts.since for facts in names.values()] == [None, 3, 5]


def test_entries_stand_where_they_belong(register: Register) -> None:
    found = sheets(a_publication(register, DAY))

    assert [row["CPL Entry ID"] for row in found["CPL"]] == [1, 2, 4]
    assert [row["CPL Entry ID"] for row in found["FIR"]] == [1, 2, 4]
    archive = {row["CPL Entry ID"]: row for row in found["Archive"]}
    assert list(archive) == [1, 2, 3]
    assert archive[3]["Left By"] == "removed"
    assert archive[3]["Why"] == "Withdrawn: Faulty"
    assert archive[3]["Firmware Version"] == "00000003"
    assert archive[1]["Left By"] == "superseded"
    assert archive[1]["Superseded By"] == 2
    assert archive[1]["Left On"] == an_entry(2).cpl.published_on
    assert archive[1]["Firmware Version"] is None


def test_changes_are_those_since_the_day_before(register: Register) -> None:
    changed = sheets(a_publication(register, DAY))["Changes"]

    assert [
        (row["CPL Entry ID"], row["Change"], row["Column"], row["Before"], row["After"])
        for row in changed
    ] == [
        (1, "changed", "Trade Name", None, "One"),
        (4, "new", None, None, None),
    ]


def test_a_maker_that_changes_is_a_change(register: Register) -> None:
    clock = Clock()
    clock.move(9 * 86_400)
    recorder = a_recorder(register, now=clock, seed=2)
    record(recorder, Maker(code="AB01", name="Alder & Sons", contact=DESK))

    (row,) = sheets(a_publication(register, DAY))["Changes"]

    assert row["CPL Entry ID"] is None
    assert (row["Column"], row["Before"], row["After"]) == (
        "Maker Name",
        "Alder Meters",
        "Alder & Sons",
    )


def test_the_first_publication_has_no_changes(register: Register) -> None:
    assert sheets(a_publication(register, DAY, size=3))["Changes"] == []


def test_who_may_not_read_entries_gets_no_publication(register: Register) -> None:
    with pytest.raises(NotFoundError):
        Publication(register, SIGNER, PUBLIC, View(7, DAY, 7))


def test_a_maker_is_given_its_own_entries(register: Register) -> None:
    other = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))

    found = sheets(Publication(register, SIGNER, other, View(7, DAY, 7)))

    assert not any(found.values())


MANUFACTURER = a_principal(PartyKind.MANUFACTURER, "Alder", frozenset({"AB01"}))
VIEWER = msgspec.structs.replace(
    a_principal(PartyKind.MOP, "Rowan"),
    viewed_models=frozenset({ModelKey(OTHER.manufacturer, OTHER.duis_model)}),
)
SUPPLIER = a_principal(PartyKind.GAS_SUPPLIER, "Elm Energy")


def about(octets: bytes) -> dict[Any, Any]:
    """Give the labels of the sheet *About*, with what stands beside them."""
    rows = openpyxl.load_workbook(io.BytesIO(octets))["About"].iter_rows(max_row=20)
    return {row[0].value: row[1].value for row in rows}


@pytest.mark.parametrize("asker", [MANUFACTURER, VIEWER, CPL_READER])
def test_a_workbook_of_a_part_says_that_there_may_be_more(
    register: Register, tmp_path: Path, asker: Principal
) -> None:
    publication = Publication(register, SIGNER, asker, View(7, DAY, 7))
    octets = a_workbook(publication, tmp_path)

    told = about(octets)
    assert publication.facts.partial
    assert told["Holds"] == (
        "what whoever asked for it may see of the register; there may be more"
    )
    for how in ("To Check It", "To Make It Again"):
        assert " --from MIRROR" in told[how]
        assert "with a mirror of the same party" in told[how]


@pytest.mark.parametrize("asker", [SUPPLIER, KEEPER])
def test_a_full_readers_workbook_says_nothing_of_a_part(
    register: Register, tmp_path: Path, asker: Principal
) -> None:
    publication = Publication(register, SIGNER, asker, View(7, DAY, 7))
    octets = a_workbook(publication, tmp_path)

    assert not publication.facts.partial
    assert "Holds" not in about(octets)
    assert about(octets)["To Check It"] == "firtree verify FILE.xlsx"
    assert not any("may see" in str(said) for said in about(octets).values())


def test_a_workbook_of_a_part_is_verified_by_a_mirror_of_the_same_part(
    register: Register, tmp_path: Path
) -> None:
    of_a_part = Publication(register, SIGNER, MANUFACTURER, View(7, DAY, 7))
    octets = a_workbook(of_a_part, tmp_path)
    reach = scope_of(MANUFACTURER, Right.READ_ENTRIES)

    assert verified(register, octets, reach=reach).intact


def test_a_workbook_of_a_part_is_told_apart_from_one_that_was_changed(
    register: Register, tmp_path: Path
) -> None:
    of_a_part = Publication(register, SIGNER, VIEWER, View(7, DAY, 7))
    whole = a_workbook(a_publication(register, DAY), tmp_path)

    assert verified(register, a_workbook(of_a_part, tmp_path)).of_a_part
    (changed,) = verified(register, with_cell(whole, 1, "A2", "7")).differences
    assert (changed.expected, changed.found) == ("the number 1", "7")
    assert not verified(register, whole).of_a_part


def test_more_models_than_are_kept_give_the_same(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sheets(a_publication(register, DAY))
    monkeypatch.setattr(publishing, "_KEPT_MOST", 0)
    monkeypatch.setattr(publishing, "_AT_ONCE", 2)
    monkeypatch.setattr(publishing, "_MODELS_AT_ONCE", 1)

    assert sheets(a_publication(register, DAY)) == kept
    assert [row[0] for row in a_publication(register, DAY).answers()] == [
        row["Key"] for row in kept["Answers"]
    ]


def test_another_program_reads_the_workbook_and_its_locks(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)

    book = openpyxl.load_workbook(io.BytesIO(octets))

    names = ["CPL", "FIR", "Archive", "Answers", "Changes", "About"]
    assert book.sheetnames == names
    for name in names:
        sheet = book[name]
        assert sheet.protection.sheet
        assert not sheet.protection.autoFilter  # in the file: false = allowed
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f"
            assert cell.protection.locked
    cpl = book["CPL"]
    assert cpl.freeze_panes == "B2"
    assert cpl.auto_filter.ref
    header = [cell.value for cell in cpl[1]]
    published = cpl.cell(2, header.index("Published On") + 1)
    assert published.is_date
    firmware = cpl.cell(2, header.index("Firmware Version") + 1)
    assert (firmware.value, firmware.number_format) == ("00000001", "@")


def test_the_digest_on_the_sheet_is_that_of_the_cells(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(octets))
    told = {row[0].value: row[1].value for row in book["About"].iter_rows(max_row=13)}

    digests = []
    for name in book.sheetnames[:-1]:
        header, *rows = (
            [v.date() if hasattr(v, "date") else v for v in row]
            for row in book[name].iter_rows(values_only=True)
        )
        digest = Digest([str(name) for name in header])
        for row in rows:
            digest.add(row)
        digests.append((name, digest.hexdigest()))

    assert told["Digest"] == whole_digest(told["Made With"], digests)
    assert told["Publication"] == "3-7"


def test_nothing_is_left_beside_a_workbook(register: Register, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    a_workbook(a_publication(register, DAY), folder)

    assert [path.name for path in folder.iterdir()] == ["fir.xlsx"]


def test_too_many_rows_are_refused_in_one_sentence(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "ROWS_MOST", 3)

    with pytest.raises(InvalidInputError, match="more than 3 rows") as caught:
        a_workbook(a_publication(register, DAY), tmp_path)

    assert caught.value.hint == "export as csv or parquet instead"


def test_a_cell_that_no_workbook_holds_is_named(
    register: Register, tmp_path: Path
) -> None:
    publication = a_publication(register, DAY)
    sheet = publication.sheets.cpl
    row = [None, "x" * 32_768, *[None] * (len(sheet.fields) - 2)]

    with pytest.raises(InvalidInputError, match="32,767 characters") as caught:
        write_workbook(
            tmp_path / "fir.xlsx", publication.facts, publication.sheets, [(sheet, row)]
        )

    assert str(caught.value).startswith("sheet 'CPL', row 2, column 'Device Type'")


def test_a_text_that_looks_like_markup_brings_no_cells_along(tmp_path: Path) -> None:
    formula = '<r></t></is></c><c r="C9"><f>1+1</f></c><c><is><t></r>'
    made = an_sqlite_register(tmp_path / "register.db")
    record(a_recorder(made), OPENING, ALDER, an_entry(1, trade_name=formula))

    octets = a_workbook(a_publication(made, DAY), tmp_path)

    cpl = openpyxl.load_workbook(io.BytesIO(octets))["CPL"]
    cells = [cell for row in cpl.iter_rows() for cell in row]
    assert formula in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert cpl["C9"].value is None
    assert verified(made, octets).intact
    made.close()


def test_a_workbook_of_a_past_state_is_intact(
    register: Register, tmp_path: Path
) -> None:
    before = a_workbook(a_publication(register, DAY, size=5), tmp_path)

    verdict = verified(register, before)

    assert verdict.intact
    assert verdict.facts.name == "2-5"


def test_a_workbook_whose_day_was_changed_is_named_by_that_cell(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)
    other_terms = "size=7 day=2026-12-24 effective_at=- private=yes"

    verdict = verified(register, with_cell(octets, 6, "B9", other_terms))

    assert [(one.sheet, one.cell) for one in verdict.differences] == [("About", "B9")]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_workbook_of_a_day_that_no_register_was_asked_about_is_refused(
    register: Register, tmp_path: Path, day: str
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)
    for cell, terms in (
        ("B5", f"size={register.size()} day={day} effective_at=- private=yes"),
        ("B6", f"size={register.size()} day={DAY} effective_at={day} private=yes"),
    ):
        changed = with_cell(with_cell(octets, 6, "B9", terms), 6, cell, day)
        with pytest.raises(VerificationError, match="does not say of which state"):
            verified(register, changed)


def test_a_checkpoint_that_is_not_signed_is_named(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)
    forged = Signer(SIGNER.name, bytes(32)).sign(f"{SIGNER.name}\n7\n{'A' * 43}=\n")

    verdict = verified(register, with_cell(octets, 6, "B10", forged.strip()))

    assert [one.cell for one in verdict.differences] == ["B10"]


def test_a_workbook_of_another_register_is_refused(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)
    other = an_sqlite_register(tmp_path / "other.db")
    stranger = Signer("log.example/other", bytes(32))
    key = str(stranger.verifier)
    record(a_recorder(other), Opening(origin=stranger.name, verifier_key=key))

    with pytest.raises(VerificationError, match="is of the register"):
        verify_publication(
            KEEPER,
            sheets_in(octets),
            other,
            stranger,
            progress=lambda _what, _done, _all: None,
        )
    other.close()


def sheets_in(octets: bytes) -> Any:
    """Open a workbook."""
    return sheets_of(io.BytesIO(octets), {})


def test_a_state_the_register_does_not_have_is_refused(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)
    younger = an_sqlite_register(tmp_path / "younger.db")
    record(a_recorder(younger), OPENING)

    with pytest.raises(VerificationError, match="does not say of which state"):
        verified(younger, octets)
    younger.close()


def test_a_missing_and_an_added_sheet_are_named(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b'name="Archive"', b'name="Attic"'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)

    verdict = verified(register, out.getvalue())

    assert [(one.sheet, one.expected, one.found) for one in verdict.differences] == [
        ("Attic", "no such sheet", "a sheet of that name"),
        ("Archive", "a sheet of that name", "no such sheet"),
    ]


def test_what_is_no_publication_is_refused(register: Register) -> None:
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)

    with pytest.raises(InvalidInputError, match="no sheet 'About'"):
        verified(register, out.getvalue())


def test_a_copy_saved_by_another_program_is_still_intact(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY), tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(octets))
    book["CPL"].column_dimensions["A"].width = 40
    out = io.BytesIO()
    book.save(out)

    assert verified(register, out.getvalue()).intact
    book["CPL"].cell(4, 2).value = "=1+1"
    book["CPL"].cell(900, 3).value = "far below"
    out = io.BytesIO()
    book.save(out)
    found = verified(register, out.getvalue()).differences
    assert [(one.cell, one.expected) for one in found] == [
        ("B4", "ESME"),
        ("C900", "an empty cell"),
    ]
    assert found[0].found.startswith("formula")


def test_every_cell_of_a_small_workbook_is_found(
    register: Register, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(register, DAY, size=3), tmp_path)

    assert {sheet for sheet, _ in cells_of(octets)} == {1, 2, 3, 4, 5, 6}


def test_the_day_decides_what_an_answer_warns_of(register: Register) -> None:
    now = sheets(a_publication(register, DAY))["Answers"]
    later = sheets(a_publication(register, DAY + timedelta(days=400)))["Answers"]

    assert now != later
