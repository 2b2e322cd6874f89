"""What changed is told completely, in order, and only as far as it may be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import DESK, a_model, an_entry
from firtree.access import KEEPER, Principal
from firtree.catalogue.entry import Entry, Hold, PrivatePart, Status
from firtree.errors import InvalidInputError, NotFoundError
from firtree.library import history as module
from firtree.library.history import History
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.parties import Contact, Maker, PartyKind
from firtree.statements.types.erasure import Erasure
from firtree.statements.types.form import Kind
from firtree.statements.types.opening import Opening
from firtree.storage.memory import MemoryRegister
from principals import a_principal
from registers import ALDER, OPENING, SIGNER, START, Clock, a_recorder, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firtree.statements.types import Subject

HOUR_S = 3600
SUPPLIER = a_principal(PartyKind.GAS_SUPPLIER, "Rowan Energy")
BIRCH_ITSELF = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
PUBLIC = a_principal(PartyKind.PUBLIC, "public")
OF_BIRCH = a_model(manufacturer="CD02")
BIRCH = Maker(code="CD02", name="Birch", contact=DESK)


class Kept(NamedTuple):
    """A register with what asks it, and its log size after each transaction."""

    lookup: Lookup
    history: History
    sizes: list[int]

    def at(self, size: int) -> str:
        """Give the log size after a transaction, counted from 0, as it is asked for."""
        return str(self.sizes[size])


def kept(*transactions: Sequence[Subject]) -> Kept:
    """Record transactions an hour apart, the first at noon."""
    register, clock = MemoryRegister(), Clock()
    recorder, sizes = a_recorder(register, now=clock), []
    for subjects in transactions:
        sizes.append(record(recorder, *subjects).size)
        clock.move(HOUR_S)
    lookup = Lookup(register, Models(register), SIGNER, now=clock)
    return Kept(lookup, History(register, now=clock), sizes)


def entry_kinds(found: module.Changes) -> list[tuple[str, str]]:
    """Give what happened to what."""
    return [(change.name, change.kind) for change in found.changes]


# one entry


def test_the_versions_of_an_entry_come_newest_first_each_beside_the_one_before() -> (
    None
):
    here = kept(
        [OPENING, an_entry(1)],
        [an_entry(2)],
        [an_entry(1, status=Status.WITHDRAWN, status_reason="Recalled")],
        [an_entry(1)],
    )

    found = here.history.of_entry(KEEPER, 1, here.lookup.view())

    assert [past.version.number for past in found.versions] == [4, 3, 1]
    assert [past.until for past in found.versions] == [None, 5, 4]
    assert [past.version.at.hour for past in found.versions] == [15, 14, 12]
    assert [past.version.replaces for past in found.versions] == [3, 1, None]
    assert found.versions[1].differences == (
        ("status", "Status", "Active", "Withdrawn"),
        ("status_reason", "Status Reason", "", "Recalled"),
    )
    assert found.versions[2].differences is None
    assert found.versions[1].entry.cpl.status_reason == "Recalled"
    assert found.below is None


def test_a_history_as_recorded_then_knows_nothing_of_later_versions() -> None:
    here = kept([an_entry(1)], [an_entry(1, trade_name="B")], [an_entry(1)])

    view = here.lookup.view(at=here.at(1))
    found = here.history.of_entry(KEEPER, 1, view)

    assert [(p.version.number, p.until) for p in found.versions] == [
        (1, None),
        (0, 1 + 1),
    ]


def test_pages_of_a_history_say_together_what_one_page_does() -> None:
    here = kept(*([an_entry(1, trade_name=f"N{n}")] for n in range(7)))
    view = here.lookup.view()
    whole = here.history.of_entry(KEEPER, 1, view)

    for limit in (1, 2, 3, 6, 7):
        found, below = [], None
        while True:
            page = here.history.of_entry(KEEPER, 1, view, below=below, limit=limit)
            assert len(page.versions) <= limit
            found += page.versions
            if (below := page.below) is None:
                break
        assert found == whole.versions


@pytest.mark.parametrize("below", [1, 3, 99, 2**60])
def test_a_cursor_that_no_answer_gave_is_refused(below: int) -> None:
    here = kept([an_entry(1)], [an_entry(2)], [an_entry(1, trade_name="B")])

    with pytest.raises(InvalidInputError, match=f"cursor: .* found {below}"):
        here.history.of_entry(KEEPER, 1, here.lookup.view(), below=below)
    with pytest.raises(InvalidInputError, match="cursor: "):
        here.history.of_entry(KEEPER, 1, here.lookup.view("2"), below=2)


@pytest.mark.parametrize(
    ("principal", "entry_id"), [(KEEPER, 9), (BIRCH_ITSELF, 1), (PUBLIC, 1)]
)
def test_an_entry_that_is_not_there_and_one_that_is_not_yours_look_the_same(
    principal: Principal, entry_id: int
) -> None:
    here = kept([an_entry(1)])

    with pytest.raises(NotFoundError):
        here.history.of_entry(principal, entry_id, here.lookup.view())


def test_a_version_says_only_what_the_reader_may_see() -> None:
    secret = msgspec.structs.replace(
        an_entry(1), private=PrivatePart(advisory_reference="SSC-7")
    )
    here = kept([an_entry(1, model=OF_BIRCH)], [an_entry(1)], [secret])
    view = here.lookup.view()

    for_keeper = here.history.of_entry(KEEPER, 1, view).versions
    for_supplier = here.history.of_entry(SUPPLIER, 1, view).versions
    (for_birch,) = here.history.of_entry(BIRCH_ITSELF, 1, view).versions

    assert for_keeper[0].differences == (
        ("advisory_reference", "Advisory Reference", "", "SSC-7"),
    )
    assert for_supplier[0].differences == ()
    assert for_supplier[0].entry.private == PrivatePart()
    assert {past.version.by for past in for_keeper} == {"keeper"}
    assert {past.version.by for past in for_supplier} == {""}
    assert (for_birch.version.number, for_birch.version.by) == (0, "keeper")


def erased(number: int, section: str) -> Erasure:
    return Erasure(statement=number, section=section, reason="asked for")


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("section", ["fir", "people", "private"])
def test_what_was_erased_of_either_version_is_not_compared(
    section: str, number: int
) -> None:
    first = an_entry(1, contact=DESK, hold=Hold(reason="Trial"))
    first = msgspec.structs.replace(first, private=PrivatePart(advisory_reference="A"))
    second = an_entry(
        1,
        trade_name="B",
        hold=Hold(reason="Flaw"),
        contact=Contact(role="Another desk", email="another@alder.example"),
    )
    second = msgspec.structs.replace(
        second, private=PrivatePart(advisory_reference="B")
    )
    held = {"fir": {"hold"}, "people": {"contact"}, "private": {"advisory_reference"}}
    here = kept([first], [second], [erased(number, section)])

    newest = here.history.of_entry(KEEPER, 1, here.lookup.view()).versions[0]
    (change,) = here.history.changes(KEEPER, here.history.span("1")).changes

    assert newest.differences == change.differences
    told = {one.field for one in change.differences}
    every = {"trade_name"}.union(*held.values())
    assert told == every - held[section]


def test_a_contact_of_a_maker_that_was_erased_is_not_compared() -> None:
    renamed = Maker(code="CD02", name="Birch Meters")
    here = kept([BIRCH], [renamed], [BIRCH], [erased(0, "people")])

    (change,) = here.history.changes(KEEPER, here.history.span("1", "2")).changes

    assert change.differences == (("name", "Manufacturer", "Birch", "Birch Meters"),)
    assert here.history.changes(KEEPER, here.history.span("1", "3")).changes == []


# two states


def test_what_became_of_each_thing_is_named_once_in_the_order_it_came_about() -> None:
    withdrawn = an_entry(3, status=Status.WITHDRAWN)
    here = kept(
        [OPENING, ALDER, an_entry(1), an_entry(2), withdrawn],
        [an_entry(1, trade_name="B"), an_entry(2, status=Status.EXPIRED)],
        [an_entry(4), an_entry(3), an_entry(1, trade_name="C"), BIRCH],
        [msgspec.structs.replace(ALDER, name="Alder")],
    )

    span = here.history.span(here.at(0))
    found = here.history.changes(KEEPER, span)

    assert entry_kinds(found) == [
        ("entry/2", Kind.ENTRY_REMOVED),
        ("entry/4", Kind.ENTRY_ADDED),
        ("entry/3", Kind.ENTRY_RESTORED),
        ("entry/1", Kind.ENTRY_CHANGED),
        ("maker/CD02", Kind.MAKER_ADDED),
        ("maker/AB01", Kind.MAKER_CHANGED),
    ]
    assert found.after is None
    changed, maker = found.changes[3], found.changes[5]
    assert changed.differences == (("trade_name", "Trade Name", "", "C"),)
    assert maker.differences == (("name", "Manufacturer", "Alder Meters", "Alder"),)
    assert found.changes[1].differences == ()


def test_what_was_changed_and_changed_back_is_not_told() -> None:
    here = kept([an_entry(1)], [an_entry(1, trade_name="B")], [an_entry(1)])

    assert not here.history.changes(KEEPER, here.history.span("1")).changes
    assert here.history.changes(KEEPER, here.history.span("1", "2")).changes


def test_before_the_register_began_there_was_nothing() -> None:
    here = kept([OPENING, ALDER, an_entry(1)])

    for begin in ("0", "2020-01-01", "2026-11-22T11:59:59Z"):
        span = here.history.span(begin)
        assert span.before.size == 0
        assert entry_kinds(here.history.changes(KEEPER, span)) == [
            ("maker/AB01", Kind.MAKER_ADDED),
            ("entry/1", Kind.ENTRY_ADDED),
        ]


def test_days_and_moments_and_log_sizes_name_the_same_states() -> None:
    here = kept([an_entry(1)], [an_entry(2)], [an_entry(3)])

    by_size = here.history.span("1", "2")
    by_moment = here.history.span("2026-11-22T12:59:59Z", "2026-11-22T13:00:00Z")

    assert (by_size.before.size, by_size.after.size) == (1, 2)
    assert (by_moment.before.size, by_moment.after.size) == (1, 2)
    assert here.history.span("2026-11-21", "2026-11-22").after.size == 3


@pytest.mark.parametrize(
    ("begin", "end", "told"),
    [
        ("", "", "from: expected a date"),
        ("yesterday", "", "from: expected a date"),
        ("1", "x", "to: expected a date"),
        ("4", "", "from: expected a log size from 0 to 3"),
        ("1", "4", "to: expected a log size from 0 to 3"),
        ("2026-11-23", "", "from: expected a past or present moment"),
        ("1", "2027-01-01", "to: expected a past or present moment"),
        ("3", "2", "from: expected what is not later than '2', found '3'"),
        ("2026-11-20", "2026-11-19", "not later than '2026-11-19'"),
    ],
)
def test_states_that_cannot_be_compared_are_refused(
    begin: str, end: str, told: str
) -> None:
    here = kept([an_entry(1)], [an_entry(2)], [an_entry(3)])

    with pytest.raises(InvalidInputError, match=told):
        here.history.span(begin, end)


def test_an_entry_that_passes_to_another_maker_is_gone_for_the_first() -> None:
    here = kept([an_entry(1, model=OF_BIRCH)], [an_entry(1)])

    (gone,) = here.history.changes(BIRCH_ITSELF, here.history.span("1")).changes

    assert (gone.kind, gone.after, gone.by) == (Kind.ENTRY_GONE, None, "")
    with pytest.raises(NotFoundError):
        here.history.changes(PUBLIC, here.history.span("1"))


def test_a_large_comparison_is_made_part_by_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 4)
    monkeypatch.setattr(module, "LOOKED_AT_MOST", 12)
    here = kept(
        [an_entry(n) for n in range(1, 21)],
        [an_entry(n, trade_name="B") for n in range(1, 21, 3)],
        [an_entry(n, trade_name="C") for n in range(1, 21, 2)],
    )
    span, told = here.history.span("0"), []

    whole = list(
        here.history.every_change(KEEPER, span, lambda *known: told.append(known))
    )

    assert [change.name for change in whole].count("entry/1") == 1
    assert len(whole) == 20
    assert [change.number for change in whole] == sorted(c.number for c in whole)
    assert told[-1] == ("comparing", 37, 37)
    for limit in (1, 3, 5, 100):
        found = []
        after: int | None = 0
        while after is not None:
            page = here.history.changes(KEEPER, span, after=after, limit=limit)
            assert len(page.changes) <= limit
            found += page.changes
            after = page.after
        assert found == whole


# statements in order


def test_statements_come_complete_and_in_order() -> None:
    here = kept([OPENING, ALDER], [an_entry(1)], [an_entry(1, trade_name="B"), ALDER])

    found = here.history.statements(KEEPER, 0, 5, limit=100)

    assert [(v.number, v.kind) for v in found.versions] == [
        (0, Kind.REGISTER_OPENED),
        (1, Kind.MAKER_ADDED),
        (2, Kind.ENTRY_ADDED),
        (3, Kind.ENTRY_CHANGED),
        (4, Kind.MAKER_CHANGED),
    ]
    assert found.next == 5
    assert found.versions[2].at == START.replace(hour=13)
    assert isinstance(found.versions[0].subject, Opening)


def test_statements_that_are_not_yours_are_left_out_and_passed_by() -> None:
    here = kept([OPENING, ALDER, BIRCH], [an_entry(1), an_entry(2, model=OF_BIRCH)])

    found = here.history.statements(BIRCH_ITSELF, 1, 5, limit=3)

    assert [version.number for version in found.versions] == [2]
    assert found.next == 4
    assert here.history.statements(BIRCH_ITSELF, 5, 5, limit=3) == ([], 5)
    with pytest.raises(InvalidInputError, match=r"since: .* from 0 to 5, found 6"):
        here.history.statements(KEEPER, 6, 5, limit=3)
    with pytest.raises(NotFoundError):
        here.history.statements(PUBLIC, 0, 5, limit=3)


subjects = st.one_of(
    st.builds(
        an_entry,
        st.integers(1, 4),
        trade_name=st.sampled_from(["", "B"]),
        status=st.sampled_from(Status),
        model=st.sampled_from([a_model(), OF_BIRCH]),
    ),
    st.builds(Maker, code=st.sampled_from(["AB01", "CD02"]), name=st.text(max_size=1)),
)


@given(
    st.lists(st.lists(subjects, min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from([KEEPER, SUPPLIER, BIRCH_ITSELF]),
    st.data(),
)
def test_one_state_and_what_changed_give_the_other_state_for_every_viewer(
    transactions: list[list[Subject]], principal: Principal, data: st.DataObject
) -> None:
    here = kept([OPENING], *transactions)
    sizes = st.sampled_from(here.sizes)
    first, last = sorted((data.draw(sizes), data.draw(sizes)))
    span = here.history.span(str(first), str(last))

    entries = _entries(here, principal, first)
    for change in here.history.changes(principal, span).changes:
        if not change.name.startswith("entry/"):
            continue
        entry_id = int(change.name.removeprefix("entry/"))
        assert entries.get(entry_id) == change.before
        assert change.before != change.after
        if isinstance(change.after, Entry):
            entries[entry_id] = change.after
        else:
            del entries[entry_id]

    assert entries == _entries(here, principal, last)


@given(st.lists(subjects, min_size=1, max_size=8), st.integers(1, 9))
def test_statements_read_in_pages_are_all_of_them(
    recorded: list[Subject], limit: int
) -> None:
    here = kept(recorded)
    found, since, size = [], 0, len(recorded)
    while since < size:
        page = here.history.statements(KEEPER, since, size, limit=limit)
        found += page.versions
        since = page.next

    assert [version.subject for version in found] == recorded


def _entries(here: Kept, principal: Principal, size: int) -> dict[int, Entry]:
    """Give every entry as of a log size, by the other way there is."""
    view = here.lookup.view(at=str(size))
    known = {}
    for entry_id in range(1, 5):
        try:
            known[entry_id] = here.lookup.entry(principal, entry_id, view).entry
        except NotFoundError:
            continue
    return known
