"""Every register finds the same entries in the same order, by the rules written down.

What has to be found is worked out by brute force in ``tests/searched.py``.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entries import a_model, an_entry
from firtree.access import KEEPER, TABLE, Principal, Right, Scope, scope_of
from firtree.catalogue.entry import PrivatePart, ReleaseNotes, Status
from firtree.devices import DeviceType, Generation, HardwareModel
from firtree.errors import InvalidInputError, NotFoundError
from firtree.library.ports import Filter
from firtree.library.search import Finder
from firtree.library.views import View
from firtree.parties import Maker, PartyKind
from firtree.storage.memory import MemoryRegister
from principals import a_principal
from rebuilt import check_rebuilt
from registers import OPENING, Clock, a_recorder, record
from searched import expected, known_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firtree.catalogue.entry import Entry
    from firtree.library.ports import Register

TODAY = date(2026, 11, 22)
LABELS = ["04.2400.10", "1.0.0", "v1-0/A", "", "Ünïcode ½ß", "100% _\\'\"*", "1. 0. 0"]
TRADE_NAMES = ["Elect Copse", "elect-copse 2", "", "Hub (Grove)", "ＷＩＤＥ İstanbul"]
NOTES = [
    None,
    ReleaseNotes(summary="Maintenance release.", fixes=("The clock keeps time.",)),
    ReleaseNotes(
        security=("Keys are renewed; see IRP605.",),
        known_issues=("Re-joining takes 10 minutes.",),
        irps=("IRP642", "CRP-7"),
    ),
    ReleaseNotes(features=("Clocks: größer und schneller", "a b c")),
]
MAKERS = [
    Maker(code="AB01", name="Alder Meters"),
    Maker(code="CD02", name="Birch_Metering 100%"),
    Maker(code="0A0B", name="Ash 24"),
]


def an_odd_entry(chance: random.Random, entry_id: int) -> Entry:
    """Make an entry with values that are hard to tell apart."""
    model: HardwareModel = a_model(
        manufacturer=chance.choice(["AB01", "CD02", "0A0B", "EE00"]),
        model_identifier=chance.choice(["010A", "0A01", "2400"]),
        device_type=chance.choice([DeviceType.ESME, DeviceType.GSME]),
    )
    firmware = chance.choice(["00010000", "24000100", "010A0B0C", f"{entry_id:08X}"])
    if entry_id % 7 == 0:
        model = HardwareModel(
            device_type=DeviceType.ESME,
            generation=Generation.SMETS1,
            manufacturer=chance.choice(["cd02", "Ash  Co", "ı"]),
            model_identifier="Mk 2/b",
        )
        firmware = chance.choice(["1.0-a", "24.0", "ﬁ ½"])
    status = chance.choice([Status.ACTIVE, Status.ACTIVE, Status.WITHDRAWN])
    return an_entry(
        entry_id,
        model=model,
        firmware=firmware,
        firmware_label=chance.choice(LABELS),
        trade_name=chance.choice(TRADE_NAMES),
        manufacturer_name=chance.choice(["Alder Meters", "Ash", "", "ALDER"]),
        image_hash=chance.choice(["", f"{chance.getrandbits(256):064X}", "AB" * 32]),
        notes=chance.choice(NOTES),
        status=status,
        status_from=chance.choice([None, TODAY, TODAY - timedelta(days=400)]),
        published_on=chance.choice([None, TODAY, date(2024, 5, 6)]),
    )


class Searched(NamedTuple):
    """A register with a few hundred entries, and the sizes of its transactions."""

    register: Register
    ends: list[int]


def fill(register: Register) -> Searched:
    """Record entries, amend some, in transactions with segments and without."""
    chance = random.Random(5)  # noqa: S311 - the same each time
    clock = Clock()
    recorder = a_recorder(register, now=clock)
    ends: list[int] = []
    for ids in (
        range(1, 40),
        range(40, 330),
        [chance.randrange(1, 330) for _ in range(60)],
        [chance.randrange(1, 330) for _ in range(300)],
        [5, 300, 4000, 24000, 2400],
    ):
        subjects = [an_odd_entry(chance, n) for n in dict.fromkeys(ids)]
        if not ends:
            record(recorder, OPENING, *MAKERS)
        ends.append(record(recorder, *subjects).size)
        clock.move()
    renamed = Maker(code="CD02", name="Birch")
    ends.append(record(recorder, renamed, an_odd_entry(chance, 12)).size)
    return Searched(register, ends)


@pytest.fixture
def searched(register: Register) -> Searched:
    """Fill a register."""
    return fill(register)


def view_of(size: int, effective_at: date | None = None) -> View:
    """Look at a size."""
    return View(size, TODAY, size, effective_at=effective_at)


def search(
    finder: Finder,
    text: str,
    view: View,
    principal: Principal = KEEPER,
    **more: Filter,
) -> list[int]:
    """Give the ids of all that is found, page by page."""
    ids: list[int] = []
    after: int | None = 0
    while after is not None:
        page = finder.search(principal, text, view, after=after, limit=70, **more)
        assert len(page.found) == 70 or page.after is None
        ids += [one.entry.id for one in page.found]
        after = page.after
    return ids


QUESTIONS = [
    *("abab", "ABABABAB", "aba", "00010000", "2400", "24.0", "24", "0024", "5", "12"),
    *("010a", "ab01", "ab0", "alder", "ALDER METERS", "meters alder", "ash", "ash co"),
    *("birch", "birch_metering", "100%", "%", "_", "%%", "\\'", "*", '"', "AND", "OR"),
    *(
        "04.2400.10",
        "04240010",
        "04-2400/10",
        "1.0.0",
        "100",
        "1.0",
        "v10a",
        "½",
        "1⁄2",
    ),
    *("elect copse", "electcopse", "copse elect", "wide", "istanbul", "i̇stanbul"),
    *("clock", "clocks", "keep clock", "re-joining", "rejoining", "irp64", "crp7", "7"),
    *("grösser", "GRÖSSER", "a", "b c", "maintenance 24", "alder 24 clock", "İ", "ß"),
    *("mk 2", "mk2b", "ﬁ", "fi", "ı", "I", "zebra", " ", "", "\n", "elect  copse 2"),
]


def test_a_search_finds_what_brute_force_finds_in_the_same_order(
    searched: Searched,
) -> None:
    finder = Finder(searched.register)
    scope = scope_of(KEEPER, Right.READ_ENTRIES)
    views = [view_of(size) for size in (searched.ends[0], 301, *searched.ends[-2:])]
    views += [view_of(searched.ends[-1], date(2025, 6, 1))]
    with searched.register.reading() as reading:
        found = {
            (text, view): (search(finder, text, view), expected(known, text))
            for view in views
            for known in [known_to(reading, scope, view)]
            for text in QUESTIONS
        }
    assert {key: pair for key, pair in found.items() if pair[0] != pair[1]} == {}
    assert sum(1 for ours, _ in found.values() if ours) > len(found) // 2


def test_a_register_with_a_search_index_is_rebuilt_the_same(
    searched: Searched,
) -> None:
    assert check_rebuilt(searched.register) == searched.ends[-1]


FILTERS = [
    Filter(device_types=("GSME",)),
    Filter(status="Withdrawn"),
    Filter(manufacturer="CD02"),
    Filter(manufacturer="I"),
    Filter(model="010A030B", firmware="00010000"),
    Filter(image_hash="AB" * 32),
    Filter(status="Active", in_force_on=date(2025, 6, 1)),
]


def test_a_search_keeps_to_filters_and_to_the_makers_within_reach(
    searched: Searched,
) -> None:
    finder, size = Finder(searched.register), searched.ends[-1]
    maker = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02", "0A0B"}))
    nobody = a_principal(PartyKind.MANUFACTURER, "None")
    with searched.register.reading() as reading:
        for principal in (KEEPER, maker, nobody):
            scope = scope_of(principal, Right.READ_ENTRIES)
            for wanted in FILTERS:
                view = view_of(size, wanted.in_force_on)
                known = known_to(reading, scope, view, wanted)
                for text in ("ab", "24", "clock", "birch", "alder", "5", "abab"):
                    ours = search(finder, text, view, principal, wanted=wanted)
                    assert ours == expected(known, text)
    assert search(finder, "24", view_of(size), nobody) == []
    assert search(finder, "alder", view_of(size), maker)


def test_what_is_private_is_never_searched(register: Register) -> None:
    hidden = PrivatePart(advisory_reference="ADV-7788", mapping_evidence="mapped")
    entry = msgspec.structs.replace(an_entry(1), private=hidden)
    size = record(a_recorder(register), entry).size
    finder = Finder(register)
    for text in ("ADV-7788", "7788", "mapped", "firmware@maker.example", "desk"):
        assert search(finder, text, view_of(size)) == []
    assert search(finder, "00000001", view_of(size)) == [1]


def test_notes_are_searched_only_for_those_who_may_see_them(
    searched: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = Scope(fir=False, people=False)
    monkeypatch.setitem(TABLE, PartyKind.MAP, {Right.READ_ENTRIES: blind})
    reader = a_principal(PartyKind.MAP, "reader")
    finder = Finder(searched.register)
    for size in searched.ends:
        view = view_of(size)
        assert search(finder, "clock", view)
        assert search(finder, "clock", view, reader) == []
        with searched.register.reading() as reading:
            known = known_to(reading, blind, view)
        for text in ("clock", "irp605", "7", "alder", "alder clock", "24"):
            assert search(finder, text, view, reader) == expected(known, text)
    page = finder.search(reader, "alder", view)
    assert all(one.entry.fir.notes is None for one in page.found)


def test_who_may_not_read_entries_cannot_search(searched: Searched) -> None:
    anybody = a_principal(PartyKind.PUBLIC, "public")
    with pytest.raises(NotFoundError):
        Finder(searched.register).search(anybody, "alder", view_of(9))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a" * 201, "q: expected a text of at most 200 characters"),
        ("a b c d e f g h i j k", "q: expected at most 10 different words"),
    ],
)
def test_a_search_of_too_much_is_refused(
    register: Register, text: str, said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        Finder(register).search(KEEPER, text, view_of(0))
    assert Finder(register).search(KEEPER, "a " * 100, view_of(0)).found == []


def test_pages_of_a_search_follow_each_other(searched: Searched) -> None:
    finder, view = Finder(searched.register), view_of(searched.ends[-1])
    whole = search(finder, "0", view) + search(finder, "00", view)
    found: Sequence[int] = [
        one.entry.id for one in finder.search(KEEPER, "00", view, limit=1000).found
    ]
    assert whole == found
    assert len(set(found)) == len(found) > 100
    assert finder.search(KEEPER, "00", view, after=10**17).found == []


@pytest.fixture(scope="module")
def remembered() -> Searched:
    """Fill a register in memory, once."""
    return fill(MemoryRegister())


ODD = st.text("abABıİßſﬁ½ 0124.-/_%\\'\"*()é\u0301\n\t\x85\u2028", max_size=8)


@pytest.mark.parametrize("examples", [100, pytest.param(2000, marks=pytest.mark.long)])
def test_any_text_may_be_searched_for(remembered: Searched, examples: int) -> None:
    finder, view = Finder(remembered.register), view_of(remembered.ends[-1])
    scope = scope_of(KEEPER, Right.READ_ENTRIES)
    with remembered.register.reading() as reading:
        known = known_to(reading, scope, view)

    @settings(max_examples=examples)
    @given(text=ODD | st.text(max_size=12))
    def check(text: str) -> None:
        assert search(finder, text, view) == expected(known, text)

    check()
