"""A table in a file, asked as a register is: what it says of what was left out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from entries import a_model, an_entry
from firtree.access import KEEPER
from firtree.catalogue.answer import Device
from firtree.client.table import TableSource
from firtree.errors import InvalidInputError, NotFoundError
from firtree.exchange.files import silent
from firtree.exchange.to_wire import assessment_wire, entry_wire
from firtree.library.importing import plan_import, record_import
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.publishing import Publication
from firtree.library.views import View
from firtree.parties import PartyKind
from principals import a_principal
from published import a_workbook
from registers import OPENING, SIGNER, a_recorder, an_sqlite_register, record
from tables import a_row, a_table, read

if TYPE_CHECKING:
    from pathlib import Path

    from firtree.exchange.wire import AssessmentWire

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNREADABLE = a_row(9002, Manufacturer_Image_Hash="not a hash")
NUMBERLESS = a_row("90O3")


def a_source(folder: Path, *rows: dict[str, str]) -> TableSource:
    """Make a table and ask it."""
    path = folder / "cpl.csv"
    path.write_bytes(a_table(*rows))
    return TableSource(path, now=lambda: NOON, progress=silent)


def asked(source: TableSource, entry_id: int, model: str = "0A100102") -> str:
    """Ask about a device on an entry's firmware; give all that people are told."""
    device = Device(manufacturer="F0E1", model=model, firmware=f"{entry_id:08X}")
    return "\n".join(_said(source.assessment(device)))


def _said(answer: AssessmentWire) -> list[str]:
    said = [answer.standing_text, *(one.text for one in answer.reasons)]
    said += [one.text for one in answer.warnings]
    return [*said, *(one.text for one in answer.advice)]


def test_a_row_that_was_left_out_is_not_called_unlisted(tmp_path: Path) -> None:
    source = a_source(tmp_path, a_row(9001), UNREADABLE)

    said = asked(source, 9002)

    assert "The CPL lists" not in said
    assert "Firmware not among the rows that could be read\n" in said
    assert "entries of this model that could be read, none has firmware" in said
    assert "may stand in one that was left out" in said
    assert "1 row could not be read and was left out" in source.provenance.notes
    assert source.provenance.partial


def test_a_model_may_stand_in_a_row_that_was_left_out(tmp_path: Path) -> None:
    said = asked(a_source(tmp_path, a_row(9001), UNREADABLE), 9001, "0B100102")

    assert "Model not among the rows that could be read\n" in said
    assert "No model F0E1 0B100102 is among the rows that could be read." in said


def test_the_newest_may_stand_in_a_row_that_was_left_out(tmp_path: Path) -> None:
    said = asked(a_source(tmp_path, a_row(9001), UNREADABLE), 9001)

    assert said.startswith("Up to date, by the rows that could be read\n")
    assert said.endswith("\nNothing to install, by the rows that could be read.")


def test_a_table_that_was_read_whole_says_what_it_lists(tmp_path: Path) -> None:
    source = a_source(tmp_path, a_row(9001))

    assert "The CPL lists this model, but not with" in asked(source, 9002)
    assert "The CPL lists no model" in asked(source, 9001, "0B100102")
    assert asked(source, 9001).startswith("Up to date\n")
    assert not source.provenance.partial
    with pytest.raises(NotFoundError, match=r"cpl\.csv has no entry 9002$"):
        source.entry(9002)


def test_an_entry_may_stand_in_a_row_whose_number_could_not_be_read(
    tmp_path: Path,
) -> None:
    source = a_source(tmp_path, a_row(9001), UNREADABLE, NUMBERLESS)

    assert source.entry(9001).id == 9001
    with pytest.raises(InvalidInputError, match="row of entry 9002 cannot be used"):
        source.entry(9002)
    with pytest.raises(
        NotFoundError,
        match=r"^no entry 9003 is among the rows of .*cpl\.csv that could be read; "
        "2 rows were left out, and it may be in one of them$",
    ):
        source.entry(9003)


MAILBOX = {"Contact_Role": "Firmware desk", "Contact_Email": "fw@alder.example"}
OTHERS = {"Contact_Role": "Meter desk", "Contact_Email": "meters@alder.example"}
OWN = {"Maker_Contact_Role": "Alder", "Maker_Contact_Email": "all@alder.example"}


@pytest.mark.parametrize(
    "rows",
    [
        (a_row(9001, **MAILBOX), a_row(9002, Upgradable_From="9001", **MAILBOX)),
        (a_row(9001, **MAILBOX), a_row(9002, **OTHERS), a_row(9003, **MAILBOX)),
        (a_row(9001, **MAILBOX, **OWN), a_row(9002, **OWN)),
        (a_row(9001, **MAILBOX), a_row(9002)),
        (a_row(9001), a_row(9002)),
    ],
    ids=["one for all", "its own", "the maker's", "some without", "none"],
)
def test_a_table_names_whom_a_register_that_took_it_in_names(
    tmp_path: Path, rows: tuple[dict[str, str], ...]
) -> None:
    source = a_source(tmp_path, *rows)
    register = an_sqlite_register(tmp_path / "register.db")
    recorder = a_recorder(register, now=lambda: NOON)
    record(recorder, OPENING)
    plan = plan_import(KEEPER, read(a_table(*rows)), register, day=NOON.date())
    record_import(KEEPER, plan, recorder)
    lookup = Lookup(register, Models(register), SIGNER, now=lambda: NOON)
    view = lookup.view("")

    for entry_id in (9001, 9002, 9003, 9004):
        device = Device(
            manufacturer="F0E1", model="0A100102", firmware=f"{entry_id:08X}"
        )
        answer = source.assessment(device)
        held = lookup.assess(KEEPER, device, view)
        assert answer == assessment_wire(device, held, answer.log)
    for row in rows:
        number = int(row["CPL Entry ID"])
        entry = lookup.entry(KEEPER, number, view).entry
        assert source.entry(number) == entry_wire(entry)
    register.close()


def test_a_workbook_of_a_part_claims_nothing_of_the_rest(tmp_path: Path) -> None:
    register = an_sqlite_register(tmp_path / "register.db")
    other = an_entry(9, model=a_model(manufacturer="CD02"))
    record(a_recorder(register), OPENING, an_entry(1), other)
    maker = a_principal(PartyKind.MANUFACTURER, "Alder", frozenset({"AB01"}))
    theirs = Device(manufacturer="CD02", model="010A030B", firmware="00000009")
    said = {}
    for asker in (maker, KEEPER):
        view = View(3, NOON.date(), 3)
        a_workbook(Publication(register, SIGNER, asker, view), tmp_path)
        source = TableSource(tmp_path / "fir.xlsx", now=lambda: NOON, progress=silent)
        said[asker.name] = _said(source.assessment(theirs))[0]
        assert source.provenance.partial == (asker is maker)
        assert any("may see" in one for one in source.provenance.notes) == (
            asker is maker
        )
    register.close()

    assert said == {"Alder": "Model not among what you may see", "keeper": "Up to date"}


def test_an_entry_is_not_there_if_every_row_left_out_is_another(
    tmp_path: Path,
) -> None:
    with pytest.raises(NotFoundError, match="has no entry 9003"):
        a_source(tmp_path, a_row(9001), UNREADABLE).entry(9003)
