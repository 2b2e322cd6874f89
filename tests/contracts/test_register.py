"""Each promise of the port ``Register``, asked of every register there is."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

from entries import a_model, an_entry
from firtree.access import Scope
from firtree.catalogue.entry import Entry, Status
from firtree.catalogue.outline import outline_of, read_outlines
from firtree.devices import DeviceType, ModelKey
from firtree.errors import UnavailableError
from firtree.ledger.merkle import EMPTY_ROOT, Frontier
from firtree.ledger.statemap import map_key
from firtree.ledger.tiles import Tile
from firtree.library.models import entry_of
from firtree.library.ports import Batch, Filter, Head, MapRow
from firtree.parties import Maker
from firtree.statements.fold import EntryRow, MakerRow
from firtree.statements.types.entry import model_name, read_entry
from firtree.statements.types.maker import read_maker
from rebuilt import check_rebuilt
from registers import (
    ALDER,
    OPENING,
    SECOND,
    START,
    Clock,
    a_batch,
    a_recorder,
    a_row,
    record,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firtree.library.ports import Reading, Register, Stored

EVERYTHING = Scope(private=True)
BIRCH = Maker(code="CD02", name="Birch_Metering 100%")
LATEST = 1_000


def ids(stored: Sequence[Stored]) -> list[int]:
    """Read the ids of entries, in the order they came."""
    return [read_entry(each.core).id for each in stored]


class Filled(NamedTuple):
    """A register with five transactions, and the ends of them."""

    register: Register
    ends: list[int]


def an_entry_of_birch(entry_id: int) -> Entry:
    """Make an entry of another maker, of a gas meter."""
    model = a_model(
        device_type=DeviceType.GSME, manufacturer="CD02", model_identifier="0A0B"
    )
    return an_entry(
        entry_id, model=model, firmware="0ABC0001", image_hash="", published_on=None
    )


@pytest.fixture
def filled(register: Register) -> Filled:
    """Record two makers and five entries, one of them three times."""
    clock = Clock()
    recorder = a_recorder(register, now=clock)
    ends = []
    sibling = a_model(hardware_revision="0C")
    withdrawn = an_entry(
        1, status=Status.WITHDRAWN, status_from=date(2026, 11, 23), trade_name="Old"
    )
    for subjects in (
        [OPENING, ALDER],
        [an_entry(2), an_entry(1), an_entry(30, model=sibling)],
        [BIRCH, an_entry_of_birch(12)],
        [withdrawn, an_entry(3, image_hash=an_entry(2).cpl.image_hash)],
        [an_entry(1), Maker(code="CD02", name="Birch")],
    ):
        ends.append(record(recorder, *subjects).size)
        clock.move()
    assert check_rebuilt(register) == ends[-1]
    return Filled(register, ends)


# head, ends, statements, tiles


def test_a_new_register_is_empty(register: Register) -> None:
    with register.reading() as reading:
        assert reading.head() == Head(Frontier(), None, bytes(32))
        assert reading.head().frontier.root == EMPTY_ROOT
        assert reading.end_at(START) is None
        assert reading.end_of_size(LATEST) is None
        assert list(reading.ends(0)) == []
        assert list(reading.statements(0, LATEST)) == []
        assert reading.tile(0, 0) == b""
        assert reading.counts(LATEST) == {}
        assert reading.touched(0) == []
        assert list(reading.map_leaves(0)) == []
        assert reading.page(Filter(), EVERYTHING, size=9, after=0, limit=9) == []
        assert reading.chosen([1], Filter(), EVERYTHING, size=9) == []
        assert reading.indexed() == 0
        assert reading.segments({"id", "entries"}, 0, 9) == []
        assert reading.names(9) == []
    assert register.size() == 0


def test_the_head_is_that_of_the_last_transaction(filled: Filled) -> None:
    with filled.register.reading() as reading:
        head, last = reading.head(), list(reading.ends(0))[-1]
    assert (head.size, head.at, head.state) == (last.size, last.at, last.state)
    assert head.frontier.root == last.root
    assert head.at == START + 4 * SECOND


def test_ends_are_those_above_a_size_in_order(filled: Filled) -> None:
    sizes = filled.ends
    assert sizes == [2, 5, 7, 9, 11]
    with filled.register.reading() as reading:
        for above in range(13):
            found = [end.size for end in reading.ends(above)]
            assert found == [size for size in sizes if size > above]


def test_an_end_by_size_is_the_last_not_above_it(filled: Filled) -> None:
    with filled.register.reading() as reading:
        for size in range(13):
            end = reading.end_of_size(size)
            below = [known for known in filled.ends if known <= size]
            assert (end.size if end else None) == (below[-1] if below else None)


def test_an_end_by_time_is_the_last_not_later(filled: Filled) -> None:
    microsecond = timedelta(microseconds=1)
    with filled.register.reading() as reading:
        for place, size in enumerate(filled.ends):
            at = START + place * SECOND
            for moment in (at, at + microsecond, at + SECOND - microsecond):
                end = reading.end_at(moment)
                assert end is not None
                assert (end.size, end.at) == (size, at)
        assert reading.end_at(START - microsecond) is None


def test_statements_come_in_log_order(filled: Filled) -> None:
    with filled.register.reading() as reading:
        for start, stop in ((0, 11), (3, 7), (0, LATEST), (5, 5), (7, 3), (11, 12)):
            rows = list(reading.statements(start, stop))
            assert [row.number for row in rows] == list(range(start, min(stop, 11)))
        [row] = reading.statements(6, 7)
    assert row.subject == "entry/12"
    sections = (row.core or b"", row.fir, row.people, row.private)
    assert read_entry(*sections).id == 12
    assert len(row.leaf) == 191
    assert len(row.salts) == len(row.commitments) == 160


def test_heads_say_what_statements_are_about(filled: Filled) -> None:
    with filled.register.reading() as reading:
        whole = list(reading.statements(0, LATEST))
        for start, stop in ((0, 11), (3, 7), (0, LATEST), (5, 5), (7, 3), (11, 12)):
            assert reading.heads(start, stop) == [
                (row.number, row.leaf, row.subject, row.head)
                for row in whole[start:stop]
            ]


def test_versions_of_an_entry_come_newest_first(filled: Filled) -> None:
    with filled.register.reading() as reading:
        whole = list(reading.statements(0, LATEST))
        for upto, numbers in (
            (LATEST, [9, 7, 3]),
            (10, [9, 7, 3]),
            (9, [7, 3]),
            (8, [7, 3]),
            (7, [3]),
            (4, [3]),
            (3, []),
            (0, []),
        ):
            assert reading.versions(1, upto, 9) == [whole[n] for n in numbers]
        assert [row.number for row in reading.versions(1, 11, 2)] == [9, 7]
        assert reading.versions(4, LATEST, 9) == []


# entries


def test_entries_of_a_model_come_by_id_as_of_a_size(filled: Filled) -> None:
    key = an_entry(1).model.key
    with filled.register.reading() as reading:
        found = {size: ids(reading.entries_of_model(key, size)) for size in range(12)}
        assert reading.entries_of_model(ModelKey("AB01", "NONE"), 11) == []
        assert reading.entries_of_model(ModelKey("AB0", "1010A030B"), 11) == []
    assert found[2] == []
    assert found[3] == [2]
    assert found[4] == found[8] == [1, 2]
    assert found[9] == found[11] == [1, 2, 3]


def test_outlines_of_a_model_are_those_of_its_entries_as_of_a_size(
    filled: Filled,
) -> None:
    register, key = filled.register, an_entry(1).model.key
    assert register.outlines_of_model(ModelKey("AB01", "NONE"), 11) == {}
    for size in range(12):
        with register.reading() as reading:
            entries = reading.entries_of_model(key, size)
        found = register.outlines_of_model(key, size)
        assert dict(zip(found, read_outlines(found.values()), strict=True)) == {
            stored.number: outline_of(entry_of(stored)) for stored in entries
        }


def test_entries_are_read_by_the_numbers_of_their_statements(filled: Filled) -> None:
    register, key = filled.register, an_entry(1).model.key
    with register.reading() as reading:
        entries = reading.entries_of_model(key, 11)
    numbers = [stored.number for stored in entries]
    assert len(numbers) == 3
    assert sorted(register.entries_numbered(numbers)) == sorted(entries)
    assert register.entries_numbered(numbers[1:2]) == entries[1:2]
    assert register.entries_numbered([]) == []


def test_entries_by_id_come_sorted_without_unknown_ones(filled: Filled) -> None:
    with filled.register.reading() as reading:
        assert ids(reading.entries([30, 1, 99, 2], 11)) == [1, 2, 30]
        assert ids(reading.entries({12, 1}, 6)) == [1]
        assert reading.entries([], 11) == []
        shown = [reading.entries([1], size)[0].number for size in (4, 7, 8, 9, 10, 11)]
    assert shown == [3, 3, 7, 7, 9, 9]


def test_a_stored_entry_has_its_sections(filled: Filled) -> None:
    with filled.register.reading() as reading:
        [number, core, fir, people, private] = reading.entries([2], 11)[0]
    assert number == 2
    assert read_entry(core, fir, people, private) == an_entry(2)
    assert private == b""


def test_entry_rows_are_the_newest(filled: Filled) -> None:
    with filled.register.reading() as reading:
        rows = reading.entry_rows([2, 99, 1])
        assert reading.entry_rows([]) == {}
    assert rows == {
        1: a_row(an_entry(1), 10),
        2: a_row(an_entry(2), 3),
    }


def test_more_ids_may_be_asked_for_than_one_statement_holds(
    register: Register,
) -> None:
    everything = [an_entry(n) for n in range(1, 1202)]
    record(a_recorder(register), *everything)
    wanted = [*range(1201, 0, -1), *range(5000, 5100)]

    keys = [map_key("party", f"maker\n{n:04X}") for n in range(1200)]
    keys.append(map_key("model", model_name(everything[0].model.key)))
    with register.reading() as reading:
        assert ids(reading.entries(wanted, 1201)) == list(range(1, 1202))
        assert reading.entry_rows(wanted).keys() == set(range(1, 1202))
        assert len(reading.map_lists(keys)) == 1
        assert reading.makers([f"{n:04X}" for n in range(1200)], 1201) == []
        assert len(list(reading.statements(0, 5000))) == 1201


def test_siblings_share_manufacturer_and_half_of_the_model(filled: Filled) -> None:
    usual = an_entry(1).model.key
    sibling = a_model(hardware_revision="0C").key
    with filled.register.reading() as reading:
        assert ids(reading.siblings(usual, 11, 9)) == [30]
        assert ids(reading.siblings(usual, 4, 9)) == []
        assert ids(reading.siblings(sibling, 11, 9)) == [1, 2, 3]
        assert len(reading.siblings(sibling, 11, 2)) == 2
        assert ids(reading.siblings(ModelKey("AB01", "010AFFFF"), 11, 9)) == [
            1, 2, 3, 30,
        ]  # fmt: skip
        assert reading.siblings(ModelKey("CD02", "010A030B"), 11, 9) == []
        assert reading.siblings(ModelKey("AB01", "010B030B"), 11, 9) == []


def test_entries_sharing_images_are_found(filled: Filled) -> None:
    two, one = (an_entry(n).cpl.image_hash for n in (2, 1))
    with filled.register.reading() as reading:

        def sharing(hashes: set[str], size: int) -> list[int]:
            return sorted(ids(reading.sharing_images(hashes, size)))

        assert sharing({two}, 11) == [2, 3]
        assert sharing({two, one}, 11) == [1, 2, 3]
        assert sharing({two}, 8) == [2]
        assert sharing({"F" * 64}, 11) == sharing(set(), 11) == []


def test_ids_are_those_of_a_size_in_order(filled: Filled) -> None:
    with filled.register.reading() as reading:
        assert list(reading.ids(11)) == [1, 2, 3, 12, 30]
        assert list(reading.ids(4)) == [1, 2]
        assert list(reading.ids(0)) == []


# pages and searches


def page(
    reading: Reading,
    *,
    scope: Scope = EVERYTHING,
    size: int = 11,
    after: int = 0,
    limit: int = 99,
    wanted: Filter | None = None,
) -> list[int]:
    """Give the ids of a page."""
    found = reading.page(wanted or Filter(), scope, size=size, after=after, limit=limit)
    return ids(found)


def test_pages_follow_each_other_by_id(filled: Filled) -> None:
    with filled.register.reading() as reading:
        assert page(reading) == [1, 2, 3, 12, 30]
        assert page(reading, limit=2) == [1, 2]
        assert page(reading, limit=2, after=2) == [3, 12]
        assert page(reading, limit=2, after=12) == [30]
        assert page(reading, after=30) == []
        assert page(reading, size=5) == [1, 2, 30]
        assert page(reading, size=0) == []


FILTERS = [
    (Filter(device_types=("GSME",)), [12]),
    (Filter(device_types=("GSME", "ESME")), [1, 2, 3, 12, 30]),
    (Filter(device_types=("CHF",)), []),
    (Filter(manufacturer="CD02"), [12]),
    (Filter(manufacturer="CD0"), []),
    (Filter(model="010A030C"), [30]),
    (Filter(firmware="00000003"), [3]),
    (Filter(firmware="0ABC0001", manufacturer="AB01"), []),
    (Filter(image_hash=f"{2:064X}"), [2, 3]),
    (Filter(status="Active"), [2, 3, 12, 30]),
    (Filter(status="Withdrawn"), [1]),
    (Filter(status="Expired"), []),
    (Filter(in_force_on=date(2024, 1, 3)), [1, 2, 12]),
    (Filter(in_force_on=date(2024, 1, 3), status="Active"), [1, 2, 12]),
    (Filter(in_force_on=date(2026, 11, 22), status="Withdrawn"), []),
    (Filter(in_force_on=date(2026, 11, 23), status="Withdrawn"), [1]),
    (Filter(in_force_on=date(2026, 11, 22), status="Active"), [1, 2, 3, 12, 30]),
]


def test_a_filter_keeps_what_it_asks_for(filled: Filled) -> None:
    with filled.register.reading() as reading:
        found = [(f, page(reading, wanted=f, size=9)) for f, _ in FILTERS]
    assert found == FILTERS


def test_a_scope_keeps_pages_within_reach(filled: Filled) -> None:
    with filled.register.reading() as reading:
        for makers, expected in (
            ({"CD02"}, [12]),
            ({"CD02", "AB01"}, [1, 2, 3, 12, 30]),
            ({"EEEE"}, []),
            (set(), []),
        ):
            assert page(reading, scope=Scope(makers=frozenset(makers))) == expected


def test_the_chosen_are_those_that_fit_by_id(filled: Filled) -> None:
    own = Scope(makers=frozenset({"CD02"}))
    active = Filter(status="Active")
    with filled.register.reading() as reading:

        def chosen(wanted: Filter, scope: Scope, size: int) -> list[int]:
            some = [30, 12, 1, 99]
            return ids(reading.chosen(some, wanted, scope, size=size))

        assert chosen(Filter(), EVERYTHING, 11) == [1, 12, 30]
        assert chosen(Filter(), EVERYTHING, 6) == [1, 30]
        assert chosen(active, EVERYTHING, 9) == [12, 30]
        assert chosen(Filter(), own, 11) == [12]
        assert chosen(active, own, 6) == []
        assert reading.chosen([], Filter(), EVERYTHING, size=11) == []


def test_names_are_those_of_a_size(filled: Filled) -> None:
    with filled.register.reading() as reading:
        found = {size: reading.names(size) for size in (1, 2, 9, 11)}
    alder = MakerRow("AB01", 2, "Alder Meters")
    assert found == {
        1: [],
        2: [alder],
        9: [alder, MakerRow("CD02", 6, BIRCH.name)],
        11: [alder, MakerRow("CD02", 11, "Birch")],
    }


def test_the_search_index_is_written_once_there_is_enough_for_it(
    register: Register,
) -> None:
    recorder = a_recorder(register)
    indexed = []
    for first, last in ((1, 255), (256, 256), (257, 300), (301, 560)):
        record(recorder, *(an_entry(n) for n in range(first, last + 1)))
        with register.reading() as reading:
            indexed.append(reading.indexed())
            rows = reading.segments({"entries", "notes", "id"}, 0, 560)
            assert reading.segments(set(), 0, 560) == []
            early = reading.segments({"id"}, 0, 256)
            late = reading.segments({"id"}, 1, 560)
    assert indexed == [0, 256, 256, 560]
    assert [(row.first, row.kind, row.stop) for row in rows] == [
        (0, "entries", 256),
        (0, "id", 256),
        (256, "entries", 560),
        (256, "id", 560),
    ]
    assert [row.first for row in early] == [0]
    assert [row.first for row in late] == [256]
    assert early[0].terms.startswith(b"\n1\n2\n3\n")
    assert check_rebuilt(register) == 560


def test_another_recorder_goes_on_with_the_search_index(register: Register) -> None:
    record(a_recorder(register), *(an_entry(n) for n in range(1, 300)))
    record(a_recorder(register, seed=2), *(an_entry(n) for n in range(300, 600)))
    assert check_rebuilt(register) == 599
    with register.reading() as reading:
        assert reading.indexed() == 599


# makers, counts, state map


def test_makers_come_by_code_as_of_a_size(filled: Filled) -> None:
    with filled.register.reading() as reading:

        def names(codes: set[str], size: int) -> list[str]:
            return [read_maker(m.core).name for m in reading.makers(codes, size)]

        assert names({"CD02", "AB01", "EEEE"}, 11) == ["Alder Meters", "Birch"]
        assert names({"CD02", "AB01"}, 9) == ["Alder Meters", BIRCH.name]
        assert names({"CD02", "AB01"}, 2) == ["Alder Meters"]
        assert names(set(), 11) == []


def test_counts_are_of_each_status_as_of_a_size(filled: Filled) -> None:
    with filled.register.reading() as reading:
        found = [dict(reading.counts(size)) for size in (0, 4, 9, 11)]
    assert found == [
        {},
        {"Active": 2},
        {"Active": 4, "Withdrawn": 1},
        {"Active": 5},
    ]


def test_touched_lists_are_those_that_changed_after_a_size(filled: Filled) -> None:
    usual = ("model", model_name(an_entry(1).model.key))
    birch = ("party", "maker\nCD02")
    with filled.register.reading() as reading:
        everything = reading.touched(0)
        assert len(everything) == len(set(everything)) == 6
        assert ("policy", "register") in everything
        assert sorted(reading.touched(7)) == sorted([usual, birch])
        assert sorted(reading.touched(9)) == sorted([usual, birch])
        assert reading.touched(11) == []


def test_map_lists_are_the_newest_with_their_keys(filled: Filled) -> None:
    name = model_name(an_entry(1).model.key)
    key = map_key("model", name)
    with filled.register.reading() as reading:
        lists = reading.map_lists([key, bytes(32)])
        assert reading.map_lists([]) == {}
        leaves = dict(reading.map_leaves(0))
        changed = dict(reading.map_leaves(9))
        assert dict(reading.map_leaves(11)) == {}
    assert lists.keys() == {("model", name)}
    assert lists["model", name].startswith(b'[[1,9,"')
    assert leaves[key] == lists["model", name]
    assert len(leaves) == 6
    assert changed.keys() == {key, map_key("party", "maker\nCD02")}


def test_a_list_says_since_when_it_holds(filled: Filled) -> None:
    key = map_key("model", model_name(an_entry(1).model.key))

    assert filled.register.list_since(key) == 11
    assert filled.register.list_since(map_key("party", "maker\nAB01")) == 2
    assert filled.register.list_since(bytes(32)) == 0


def test_lists_may_be_asked_for_as_of_any_size(filled: Filled) -> None:
    key = map_key("model", model_name(an_entry(1).model.key))
    birch = map_key("party", "maker\nCD02")
    with filled.register.reading() as reading:
        assert reading.lists_at([], LATEST) == {}
        found = [reading.lists_at([key, birch, bytes(32)], n) for n in range(13)]
        newest = reading.map_lists([key])["model", model_name(an_entry(1).model.key)]
    # The list of a size between two ends is that of the earlier one.
    assert [list(each) == [] for each in found] == [True] * 5 + [False] * 8
    assert [key in each for each in found] == [False] * 5 + [True] * 8
    assert [birch in each for each in found] == [False] * 7 + [True] * 6
    assert found[11][key] == found[12][key] == newest
    assert found[5][key] == found[8][key]
    assert len({each.get(key) for each in found}) == 4


def test_leaves_are_those_of_the_statements(filled: Filled) -> None:
    with filled.register.reading() as reading:
        leaves = [row.leaf for row in reading.statements(0, LATEST)]
        assert len(leaves) == 11
        assert reading.leaves(0, LATEST) == leaves
        assert reading.leaves(3, 5) == leaves[3:5]
        assert reading.leaves(10, 300) == leaves[10:]
        assert reading.leaves(11, 300) == reading.leaves(5, 5) == []


# units of work


def everything_in(reading: Reading) -> tuple[object, ...]:
    """Ask for every row of every table."""
    return (
        reading.head(),
        list(reading.ends(0)),
        list(reading.statements(0, LATEST)),
        sorted(reading.map_leaves(0)),
        reading.entry_rows(range(50)),
        reading.page(Filter(), EVERYTHING, size=LATEST, after=0, limit=LATEST),
        reading.makers(["AB01", "CD02", *(f"{n:04X}" for n in range(50))], LATEST),
        [reading.tile(level, 0) for level in range(3)],
    )


def test_what_is_written_is_read_as_it_was(register: Register) -> None:
    batch = a_batch(0, tiles=[Tile(1, 0, 0, (b"a" * 32,))])
    with register.writing() as tx:
        tx.write(batch)
        inside = everything_in(tx)

    with register.reading() as reading:
        assert list(reading.statements(0, 9)) == batch.statements
        assert reading.head() == batch.head
        assert reading.entry_rows([1]) == {1: batch.entries[0]}
        assert reading.tile(1, 0) == b"a" * 32
        [stored] = reading.entries([1], 1)
        assert stored == (0, b"c", b"", None, b"p")
        assert everything_in(reading) == inside


def test_higher_tiles_gain_hashes_at_their_end(register: Register) -> None:
    pieces = [Tile(1, 0, 0, (b"a" * 32, b"b" * 32)), Tile(1, 0, 2, (b"c" * 32,))]
    for number, piece in enumerate(pieces):
        with register.writing() as tx:
            tx.write(a_batch(number, tiles=[piece]))

    with register.reading() as reading:
        assert reading.tile(1, 0) == b"a" * 32 + b"b" * 32 + b"c" * 32


def test_an_error_undoes_the_whole_unit_of_work(filled: Filled) -> None:
    register = filled.register
    with register.reading() as reading:
        before = everything_in(reading)

    with pytest.raises(ZeroDivisionError), register.writing() as tx:
        piece = Tile(1, 0, 0, (bytes(32),))
        tx.write(a_batch(11, tiles=[piece], entry=an_entry(40)))
        tx.clear_tables()
        assert everything_in(tx) != before
        raise ZeroDivisionError

    with register.reading() as reading:
        assert everything_in(reading) == before
    assert register.size() == 11
    assert check_rebuilt(register) == 11


def test_after_an_error_the_register_can_be_written(filled: Filled) -> None:
    with pytest.raises(ZeroDivisionError), filled.register.writing():
        raise ZeroDivisionError

    record(a_recorder(filled.register), an_entry(1))

    assert check_rebuilt(filled.register) == 12


def test_a_batch_that_does_not_continue_the_log_is_refused(
    register: Register,
) -> None:
    with register.writing() as tx:
        tx.write(a_batch(0))

    with pytest.raises(Exception), register.writing() as tx:  # noqa: B017, PT011
        tx.write(a_batch(0, entry=an_entry(2)))

    with register.reading() as reading:
        assert reading.entry_rows([1, 2]).keys() == {1}
    assert register.size() == 1


def test_the_tables_can_be_cleared_and_written_anew(filled: Filled) -> None:
    register = filled.register
    with register.reading() as reading:
        head, ends = reading.head(), list(reading.ends(0))
        newest = reading.entry_rows(range(50))
        makers = [MakerRow("AB01", 2, "Alder Meters"), MakerRow("CD02", 11, "Birch")]

    with register.writing() as tx:
        tx.clear_tables()
        assert tx.entry_rows(range(50)) == {}
        assert tx.makers(["AB01"], 11) == []
        assert list(tx.map_leaves(0)) == []
        assert tx.head() == head
        tx.write_tables(
            Batch(
                statements=[],
                entries=list(newest.values()),
                makers=makers,
                parties=[],
                lists=[MapRow(bytes(32), 11, "model", "x", b"[]")],
                replaced=frozenset(),
                tiles=[],
                head=head,
            )
        )

    with register.reading() as reading:
        assert reading.entry_rows(range(50)) == newest
        assert ids(reading.entries(range(50), 11)) == [1, 2, 3, 12, 30]
        assert len(reading.makers(["AB01", "CD02"], 11)) == 2
        assert dict(reading.map_leaves(0)) == {bytes(32): b"[]"}
        assert list(reading.ends(0)) == ends
        assert reading.head() == head


def test_a_reading_sees_one_state_while_a_writer_commits(register: Register) -> None:
    recorder = a_recorder(register)
    record(recorder, an_entry(1))

    with register.reading() as reading:
        before = everything_in(reading)
        writer = threading.Thread(target=record, args=(recorder, an_entry(2)))
        writer.start()
        writer.join(10)
        assert register.size() == 2
        assert everything_in(reading) == before
    with register.reading() as reading:
        assert reading.head().size == 2


def test_a_reading_may_begin_while_a_writer_is_at_work(register: Register) -> None:
    with register.writing() as tx:
        tx.write(a_batch(0))
        with register.reading() as reading:
            assert reading.head().size == 0
        assert register.size() == 0
    assert register.size() == 1


def test_a_writer_that_waited_too_long_is_told_so(register: Register) -> None:
    errors: list[BaseException] = []

    def write() -> None:
        try:
            with register.writing():
                errors.append(AssertionError("two writers at once"))
        except UnavailableError as error:
            errors.append(error)

    with register.writing():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(10)

    [error] = errors
    assert isinstance(error, UnavailableError)
    assert "is writing to the register" in str(error)
    assert error.hint == "try again"


def test_threads_never_write_the_same_number(register: Register) -> None:
    recorders = [a_recorder(register, seed=seed) for seed in (1, 2)]
    errors: list[BaseException] = []

    def write(place: int) -> None:
        try:
            for turn in range(10):
                record(recorders[place % 2], an_entry(place * 10 + turn + 1))
        except Exception as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=write, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    # Waiting too long is no fault; 0.3 s may pass on a slow disk.
    assert all(isinstance(error, UnavailableError) for error in errors)
    assert check_rebuilt(register) >= 10


def test_the_size_follows_commits(register: Register) -> None:
    recorder = a_recorder(register)
    for size in range(1, 6):
        record(recorder, an_entry(size))
        assert register.size() == size


def test_a_row_of_an_entry_has_its_key() -> None:
    row: EntryRow = a_row(an_entry(1), 1)

    assert row.key == an_entry(1).model.key
