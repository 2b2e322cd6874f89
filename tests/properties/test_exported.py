"""Properties of what is written: read back it is the same, whatever it holds."""

from __future__ import annotations

import csv
import io
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

import anything
from firtree.access import KEEPER, Scope
from firtree.catalogue.entry import Entry
from firtree.exchange.columns import COLUMNS
from firtree.exchange.formulas import harmless, meant
from firtree.exchange.publication import fields_for
from firtree.exchange.rows import values_of
from firtree.exchange.streams import csv_octets
from firtree.library.importing import plan_import, record_import
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Filter
from firtree.parties import Maker
from firtree.storage.memory import MemoryRegister
from rebuilt import EVERYTHING
from registers import a_recorder
from tables import read

DAY = date(2026, 11, 22)
STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d")
FIELDS = fields_for(Scope(private=True))

Held = tuple[list[Entry], dict[str, Maker]]


def written(held: Held) -> bytes:
    """Write a register as CSV."""
    entries, makers = held
    rows = (values_of(e, makers[e.model.key.manufacturer]) for e in entries)
    return b"".join(csv_octets(FIELDS, rows))


def taken_in(octets: bytes) -> Held:
    """Give what an empty register holds once it has taken a table in."""
    register = MemoryRegister()
    table = read(octets)
    assert table.problems == []
    assert table.ignored == ()
    plan = plan_import(KEEPER, table, register, day=DAY)
    record_import(KEEPER, plan, a_recorder(register))
    with register.reading() as tx:
        size = tx.head().size
        page = tx.page(Filter(), EVERYTHING, size=size, after=0, limit=1000)
        entries = [entry_of(row) for row in page]
        codes = {entry.model.key.manufacturer for entry in entries}
        return entries, makers_of(tx.makers(codes, size))


@settings(max_examples=80)
@given(anything.registers())
def test_a_register_written_as_csv_and_taken_in_again_is_the_same(held: Held) -> None:
    assert taken_in(written(held)) == held


@settings(max_examples=25)
@given(anything.registers())
def test_the_same_register_is_written_the_same(held: Held) -> None:
    assert written(taken_in(written(held))) == written(held)


@given(anything.registers(most=1))
def test_no_cell_begins_as_a_formula_does(held: Held) -> None:
    rows = csv.reader(io.StringIO(written(held).decode(), newline=""))

    assert not [cell for row in rows for cell in row if cell.startswith(STARTS)]


@example("'=1")
@example("''=1")
@example("'text")
@given(st.text("'=+-@\t\r a\uff1d", max_size=8))
def test_what_is_made_harmless_reads_back(text: str) -> None:
    assert meant(harmless(text)) == text
    assert not harmless(text).startswith(STARTS)


def test_every_column_but_a_shorthand_is_written() -> None:
    shorthands = {column.name for column in COLUMNS if column.shorthand}

    assert shorthands == {"Requires", "Release Notes", "DCC Loaded"}
    assert {column.name for column in COLUMNS} - shorthands == {
        field.name for field in FIELDS
    }
