"""Properties of the table: any octets give rows or our own error; entries read back."""

from __future__ import annotations

import io
import string
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firtree.access import KEEPER
from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
    Coding,
    CPLPart,
    DateKind,
    DCCLoading,
    Entry,
    FIRPart,
    Hold,
    Loading,
    ReleaseNotes,
    Requirement,
    Status,
    Urgency,
)
from firtree.devices import (
    ESME_VARIANTS,
    DeviceType,
    Generation,
    HardwareModel,
    read_model_part,
)
from firtree.errors import InvalidInputError, Problem
from firtree.exchange.columns import COLUMNS
from firtree.exchange.entries import EntryRow, read_entries
from firtree.exchange.merging import contact_of, merged
from firtree.library.importing import plan_import, record_import
from firtree.parties import Contact
from firtree.storage.memory import MemoryRegister
from registers import a_recorder
from tables import NAMES, REQUIRED, a_csv, a_row, entries_table, read

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2026, 11, 22)
# Characters that mean something to the reader: delimiters, quotation marks, ends of
# lines, signs, look-alikes, digits of other scripts, a mark, what is no character.
AWKWARD = (
    "09aF,;\t\"'\r\n\0 _x+-:/.|=@OlN\u00e9\uff10\u0661\u017f\u200b\ufeff\x1b\x85\u2028"
)
awkward = st.text(alphabet=AWKWARD, max_size=60)
cells = st.sampled_from(
    [
        *("", "N/A", "9001", "9001;9002", "2026-11-22", "22/11/2026", "yes", "no"),
        *("ESME", "IHD", "SMETS1", "limited: a", "refused: b", "hex", "Active"),
        *("F0E1", "0A10", "01", "00010000", "Removed", "1" * 64, "GBCS 4", '"', "\0"),
        *("entries 1; HAN x", "expiry", "Fixes: a | b", "a@b.example", "https://x"),
    ]
)
HEADER = a_csv([NAMES])


def check_read(octets: bytes) -> None:
    """Read octets that may be anything: rows, problems with places, or our error."""
    with suppress(InvalidInputError):
        table = read_entries(io.BytesIO(octets))
        assert table.rows or table.problems
        for row in table.rows:
            assert isinstance(row, EntryRow)
            assert merged(None, row).id == row.id
            contact_of(row, None)
        for problem in table.problems:
            assert isinstance(problem, Problem)
            assert problem.where.startswith("line ")
            assert str(problem).isprintable()
        assert len({row.id for row in table.rows}) == len(table.rows)


@example(b"\xef\xbb\xbf\xef\xbb\xbf" + HEADER)
@example(HEADER + b'"')
@example(HEADER + b"\r")
@example(HEADER.replace(b"\r\n", b"\r\r\n"))
@given(st.binary(max_size=200) | st.binary(max_size=200).map(HEADER.__add__))
def test_any_octets_give_rows_or_our_own_error_and_nothing_else(octets: bytes) -> None:
    check_read(octets)


@given(awkward, awkward)
def test_any_text_gives_rows_or_our_own_error_and_nothing_else(
    before: str, after: str
) -> None:
    check_read(before.encode() + HEADER + after.encode())


@given(st.lists(st.tuples(st.sampled_from(NAMES), cells | awkward), max_size=6))
def test_any_cells_give_rows_or_problems_and_nothing_else(
    changes: list[tuple[str, str]],
) -> None:
    row = {**dict.fromkeys(NAMES, ""), **a_row(), **dict(changes)}

    check_read(a_csv([NAMES, [row[name] for name in NAMES]]))


@given(
    st.sampled_from([c.name for c in COLUMNS]), awkward | st.text(max_size=40) | cells
)
def test_one_bad_cell_is_one_problem_at_its_place(name: str, text: str) -> None:
    row = {**a_row(), name: text.encode(errors="replace").decode()}

    try:
        table = read(a_csv([list(row), list(row.values())]))
    except InvalidInputError:
        return

    assert [one.pointer for one in table.problems] in (
        [],
        [f"2/{name}"],
        # One cell decides the form of others.
        ["2/Model Identifier"],
    )


# Entries as a table can say them.

# An apostrophe in front is a spreadsheet's own mark, which reading takes away.
line = (
    st.text(string.ascii_letters + string.digits + ".,&()'é-", min_size=1)
    .map(lambda text: text[:30])
    .filter(lambda text: not text.startswith("'"))
)
# A hold's reason that is none of these words, which say whether there is one.
name = line.filter(
    lambda text: text.casefold() not in set("yes no y n true false 0 1".split())
)
item = st.text(string.ascii_letters + " ,.", min_size=1, max_size=20).map(
    lambda text: f"x{text}x"
)
days = st.none() | st.dates(date(2010, 1, 1), date(2040, 1, 1))
ids = st.lists(st.integers(1, 2**53), unique=True, max_size=4).map(tuple)
hexadecimal: Callable[[int], st.SearchStrategy[str]] = lambda size: st.text(  # noqa: E731
    "0123456789ABCDEF", min_size=size, max_size=size
)
versions = st.sampled_from(["", "4.1", "1.4.2"])


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give a value or none."""
    return st.none() | values


def texts(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Give a text or an empty one."""
    return st.just("") | values


def tuples(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Give some different values."""
    return st.lists(values, unique=True, max_size=3).map(tuple)


modern = st.builds(
    HardwareModel,
    device_type=st.sampled_from(DeviceType),
    generation=st.just(Generation.SMETS2),
    manufacturer=hexadecimal(4),
    model_identifier=hexadecimal(4),
    hardware_version=hexadecimal(2),
    hardware_revision=hexadecimal(2),
)


def as_read(text: str, size: int) -> str:
    """Give a free text as it is read: what looks hexadecimal is upper case."""
    return read_model_part(text, size=size, free=True)


legacy = st.builds(
    HardwareModel,
    device_type=st.sampled_from(DeviceType),
    generation=st.just(Generation.SMETS1),
    manufacturer=line.map(str.upper),
    model_identifier=line.map(lambda text: as_read(text[:10], 4)),
    hardware_version=texts(line.map(lambda text: as_read(text[:4], 2))),
    hardware_revision=texts(line.map(lambda text: as_read(text[:4], 2))),
)
notes = st.builds(
    ReleaseNotes,
    summary=item,
    **dict.fromkeys(("security", "fixes", "features"), tuples(item)),
    **dict.fromkeys(("known_issues", "irps"), tuples(item)),
    reference=st.sampled_from(["", "on request", "https://maker.example/notes"]),
)
requirements = st.builds(
    Requirement,
    hub_entries=ids,
    least_gbcs=versions,
    least_chts=versions,
    han_variant=texts(item),
).filter(lambda requirement: not requirement.empty)
loadings = st.builds(DCCLoading, state=st.just(Loading.LOADED), on=days) | st.builds(
    DCCLoading, state=st.sampled_from(["refused", "removed"]), reason=texts(name)
)
contacts = st.builds(
    Contact,
    role=name,
    email=st.just("desk@maker.example"),
    confirmed_on=days,
)


@st.composite
def certificates(draw: st.DrawFn) -> tuple[Certificate, ...]:
    """Give certificates in the order of their columns; those of CPA share a date."""
    found = []
    day = draw(days)
    date_kind = draw(maybe(st.sampled_from(DateKind)))
    for kind in CertificateKind:
        for number in draw(tuples(name)):
            dated = {"day": day, "date_kind": date_kind} if kind == "CPA" else {}
            found.append(Certificate(kind=kind, number=number, **dated))
    return tuple(found)


@st.composite
def entries(draw: st.DrawFn, entry_id: int) -> Entry:
    """Give an entry that a table can say in full."""
    model = draw(modern | legacy)
    free = model.generation is Generation.SMETS1
    availability = draw(maybe(st.sampled_from(Availability)))
    limited = availability is Availability.LIMITED
    cpl = CPLPart(
        model=model,
        firmware=draw(line.map(lambda text: text[:8]) if free else hexadecimal(8)),
        manufacturer_name=draw(texts(name)),
        trade_name=draw(texts(name)),
        esme_variant=draw(texts(st.sampled_from(sorted(ESME_VARIANTS)))),
        firmware_coding=draw(maybe(st.sampled_from(Coding))),
        firmware_label=draw(texts(name)),
        smets_chts=draw(texts(name.map(lambda text: text[:20]))),
        gbcs=draw(texts(name.map(lambda text: text[:10]))),
        image_hash=draw(texts(hexadecimal(64))),
        certificates=draw(certificates()),
        status=draw(st.sampled_from(Status)),
        status_from=draw(days),
        status_reason=draw(texts(name)),
        published_on=draw(days),
    )
    fir = FIRPart(
        release_date=draw(days),
        release_line=draw(texts(name)),
        upgradable_from=draw(maybe(ids.filter(bool) | st.just(()))),
        rollback_from=draw(ids),
        availability=availability,
        limited_to=draw(tuples(name.map(lambda t: t.replace(",", "")).filter(bool)))
        if limited
        else (),
        mandatory_step=draw(st.booleans()),
        requires=draw(maybe(requirements)),
        security_urgency=draw(maybe(st.sampled_from(Urgency))),
        change_classes=draw(tuples(st.sampled_from(ChangeClass))),
        notes=draw(maybe(notes)),
        support_until=draw(days),
        hold=draw(maybe(st.builds(Hold, reason=texts(name)))),
        loading=draw(maybe(loadings)),
    )
    return Entry(id=entry_id, cpl=cpl, fir=fir, contact=draw(contacts))


@settings(max_examples=60)
@given(st.data(), st.integers(1, 3))
def test_entries_written_as_a_table_read_back_the_same(
    data: st.DataObject, count: int
) -> None:
    before = [data.draw(entries(number)) for number in range(1, count + 1)]

    table = read(entries_table(before, {}))

    assert table.problems == []
    assert table.ignored == ()
    after = [
        msgspec.structs.replace(merged(None, row), contact=contact_of(row, None))
        for row in table.rows
    ]
    assert after == before


@settings(max_examples=25)
@given(st.data(), st.integers(1, 4))
def test_the_same_table_again_changes_nothing(data: st.DataObject, count: int) -> None:
    table = read(
        entries_table([data.draw(entries(n)) for n in range(1, count + 1)], {})
    )
    register = MemoryRegister()
    first = plan_import(KEEPER, table, register, day=DAY)
    record_import(KEEPER, first, a_recorder(register))

    again = plan_import(KEEPER, table, register, day=DAY)

    assert len(first.new) == count
    assert (again.changes, again.makers, again.absent) == ([], [], [])
    assert again.unchanged == count


def test_the_columns_that_must_be_there_are_enough() -> None:
    assert set(REQUIRED) < set(NAMES)
    assert read(a_csv([REQUIRED, [a_row()[name] for name in REQUIRED]])).rows
