"""Properties of publications: read back the same, verified, every edit named."""

from __future__ import annotations

import io
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import anything
from firtree.access import KEEPER
from firtree.catalogue.entry import Entry
from firtree.exchange.entries import read_entries
from firtree.library.importing import plan_import, record_import
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Filter, Register
from firtree.parties import Maker
from firtree.storage.memory import MemoryRegister
from published import a_publication, a_workbook, cells_of, verified, with_cell
from rebuilt import EVERYTHING
from registers import OPENING, a_recorder, record

DAY = date(2026, 11, 22)
SHEETS = ("CPL", "FIR", "Archive", "Answers", "Changes", "About")

Held = tuple[list[Entry], dict[str, Maker]]
a_few = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def a_register(held: Held) -> Register:
    """Record entries and makers."""
    register = MemoryRegister()
    entries, makers = held
    record(a_recorder(register), OPENING, *makers.values(), *entries)
    return register


def workbook_of(register: Register) -> bytes:
    """Write a register as a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        return a_workbook(a_publication(register, DAY), Path(folder))


def held_by(register: Register) -> Held:
    """Give the entries a register holds, and their makers."""
    with register.reading() as tx:
        size = tx.head().size
        page = tx.page(Filter(), EVERYTHING, size=size, after=0, limit=1000)
        entries = [entry_of(row) for row in page]
        codes = {entry.model.key.manufacturer for entry in entries}
        return entries, makers_of(tx.makers(codes, size))


@a_few
@given(anything.registers())
def test_a_workbook_taken_into_an_empty_register_gives_the_same(held: Held) -> None:
    octets = workbook_of(a_register(held))

    table = read_entries(io.BytesIO(octets))
    other = MemoryRegister()
    plan = plan_import(KEEPER, table, other, day=DAY)
    record_import(KEEPER, plan, a_recorder(other))

    assert table.problems == []
    assert held_by(other) == held


@a_few
@given(anything.registers(most=2), st.data())
def test_a_workbook_is_intact_until_a_cell_is_changed(
    held: Held, data: st.DataObject
) -> None:
    register = a_register(held)
    octets = workbook_of(register)
    sheet, cell = data.draw(st.sampled_from(cells_of(octets)))

    edited = with_cell(octets, sheet, cell, "changed by hand")
    verdict = verified(register, edited)

    assert verified(register, octets).intact
    assert [(one.sheet, one.cell) for one in verdict.differences] == [
        (SHEETS[sheet - 1], cell)
    ]
    assert verdict.differences[0].found == "changed by hand"


@a_few
@given(anything.registers())
def test_the_same_state_gives_the_same_workbook(held: Held) -> None:
    register = a_register(held)

    assert workbook_of(register) == workbook_of(register)
