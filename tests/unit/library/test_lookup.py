"""Asking a register: from which moment, and who sees what."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from entries import DESK, MODEL, an_entry
from firtree.access import KEEPER, PUBLIC, Principal
from firtree.catalogue.answer import Device
from firtree.catalogue.entry import PrivatePart, Status
from firtree.errors import InvalidInputError, NotFoundError
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.ports import Filter
from firtree.library.surroundings import SHARING_MOST
from firtree.library.views import effective_day, past_view
from firtree.parties import Maker, PartyKind
from firtree.storage.memory import MemoryRegister
from principals import a_principal
from registers import OPENING, SIGNER, START, Clock, a_recorder, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firtree.catalogue.entry import Entry
    from firtree.library.ports import Reading
    from firtree.library.record import Recorder

HOUR = 3600.0
OTHER = msgspec.structs.replace(MODEL, manufacturer="CD02")
MINE = a_principal(PartyKind.MANUFACTURER, "Alder", frozenset({"AB01"}))
SUPPLIER = a_principal(PartyKind.IMPORT_SUPPLIER, "Supplier")
DEVICE = Device(
    device_type=None, manufacturer="AB01", model="010A030B", firmware="00000001"
)


class Library:
    """A register in memory with its clock and what asks it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.register = MemoryRegister()
        self.recorder: Recorder = a_recorder(self.register, now=self.clock)
        self.lookup = Lookup(
            self.register, Models(self.register), SIGNER, now=self.clock
        )
        record(self.recorder, OPENING)

    def record(self, *subjects: Entry | Maker) -> int:
        """Record something an hour later; give the size."""
        self.clock.move(HOUR)
        return record(self.recorder, *subjects).size


def found_by(lookup: Lookup, principal: Principal, text: str) -> list[int]:
    """Give the ids of what a search finds."""
    page = lookup.finder.search(principal, text, lookup.view())
    return [one.entry.id for one in page.found]


@pytest.fixture
def library() -> Library:
    """Give a register with two makers and three entries, one recorded later."""
    made = Library()
    made.record(
        Maker(code="AB01", name="Alder", contact=DESK),
        Maker(code="CD02", name="Birch", contact=DESK),
        an_entry(1, contact=None),
        an_entry(2, model=OTHER),
    )
    made.record(an_entry(3, upgradable_from=(1,)))
    made.clock.move(HOUR)
    return made


FORMS = [
    ("6", 6, date(2026, 11, 22)),
    ("5", 5, date(2026, 11, 22)),
    ("1", 1, date(2026, 11, 22)),
    ("2026-11-22", 6, date(2026, 11, 22)),
    ("2026-11-22T13:00:00Z", 5, date(2026, 11, 22)),
    ("2026-11-22T12:59:59.999999Z", 1, date(2026, 11, 22)),
    ("2026-11-22T14:00:00+01:00", 5, date(2026, 11, 22)),
    ("2026-11-22t14:00Z", 6, date(2026, 11, 22)),
]


@pytest.mark.parametrize(("at", "size", "day"), FORMS)
def test_a_past_moment_is_a_date_a_moment_or_a_size(
    library: Library, at: str, size: int, day: date
) -> None:
    view = library.lookup.view(at)

    assert (view.size, view.day, view.effective_at) == (size, day, None)
    assert view.as_recorded is not None


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-23", "expected a past or present moment"),
        ("2026-11-22T15:00:01Z", "expected a past or present moment"),
        ("2026-11-21", "the register did not exist yet"),
        ("2026-11-22T11:59:59Z", "the register did not exist yet"),
        ("0", "expected a log size from 1 to 6, found '0'"),
        ("7", "expected a log size from 1 to 6, found '7'"),
        ("9" * 5000, "expected a log size from 1 to 6"),
        ("0" * 20 + "5", "expected a log size from 1 to 6"),
        ("yesterday", "expected a date, a moment with its zone or a log size"),
        ("2026-11-22T12:00:00", "expected a date, a moment with its zone"),
        ("22/11/2026", "expected a date, a moment with its zone"),
        ("2026-02-30", "expected a date, a moment with its zone"),
        ("-1", "expected a date, a moment with its zone"),
        ("\uff15", "expected a date, a moment with its zone"),
    ],
)
def test_any_other_moment_is_refused(library: Library, at: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^at: ") as caught:
        library.lookup.view(at)

    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


def test_the_day_of_a_moment_is_that_of_london() -> None:
    library = Library()
    library.clock.at = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)

    view = past_view(library.register, "2027-06-30T23:15:00Z", library.clock.at)

    assert view.day == date(2027, 7, 1)
    assert library.lookup.today() == date(2027, 7, 1)


def test_a_size_within_a_transaction_is_that_of_the_one_before(
    library: Library,
) -> None:
    assert library.lookup.view("4").size == 1


def test_statuses_are_asked_for_a_day_that_has_come() -> None:
    today = date(2026, 11, 22)

    assert effective_day("", today) is None
    assert effective_day("2026-11-22", today) == today
    for text, said in (
        ("2026-11-23", "expected a day that has come"),
        ("2026-11-22T12:00Z", "expected a date such as 2026-11-22"),
        ("1042", "expected a date such as 2026-11-22"),
    ):
        with pytest.raises(InvalidInputError, match=r"^effective_at: " + said):
            effective_day(text, today)


def test_what_is_recorded_later_leaves_past_answers_as_they_were(
    library: Library,
) -> None:
    view = library.lookup.view("5")
    before = library.lookup.assess(KEEPER, DEVICE, view)

    library.record(an_entry(4, upgradable_from=(1, 3)))
    library.record(an_entry(1, status=Status.WITHDRAWN, contact=None))

    now = library.lookup.assess(KEEPER, DEVICE, library.lookup.view())
    assert library.lookup.assess(KEEPER, DEVICE, library.lookup.view("5")) == before
    assert before.target == 1
    assert now.target == 4


def test_a_maker_sees_its_own_codes_and_no_others(library: Library) -> None:
    lookup, view = library.lookup, library.lookup.view()

    page = lookup.entries(MINE, Filter(), view)

    assert [entry.id for entry in page.entries] == [1, 3]
    assert found_by(lookup, MINE, "2") == []
    assert found_by(lookup, MINE, "3") == [3]
    assert lookup.counts(MINE, view) == {}
    assert lookup.entry(MINE, 1, view).entry.id == 1
    with pytest.raises(NotFoundError, match="no entry 2"):
        lookup.entry(MINE, 2, view)
    other = msgspec.structs.replace(DEVICE, manufacturer="CD02", firmware="00000002")
    assert lookup.assess(KEEPER, other, view).standing == "current"
    unseen = lookup.assess(MINE, other, view)
    assert (unseen.standing, unseen.contact) == ("unknown-model", None)


def test_a_page_ends_where_the_seen_entries_end(library: Library) -> None:
    lookup, view = library.lookup, library.lookup.view()

    first = lookup.entries(MINE, Filter(), view, limit=1)
    second = lookup.entries(MINE, Filter(), view, after=first.after or 0, limit=1)

    assert ([e.id for e in first.entries], first.after) == ([1], 1)
    assert ([e.id for e in second.entries], second.after) == ([3], None)


def test_private_parts_are_for_those_the_table_names(library: Library) -> None:
    private = PrivatePart(advisory_reference="ADV-1")
    library.record(msgspec.structs.replace(an_entry(5), private=private))
    lookup, view = library.lookup, library.lookup.view()
    ssc = a_principal(PartyKind.SSC, "SSC")

    assert lookup.entry(ssc, 5, view).entry.private == private
    for reader in (SUPPLIER, MINE):
        assert lookup.entry(reader, 5, view).entry.private == PrivatePart()
        (*_, last) = lookup.entries(reader, Filter(), view).entries
        assert last.private == PrivatePart()


def test_who_has_no_right_finds_nothing(library: Library) -> None:
    lookup, view = library.lookup, library.lookup.view()

    for ask in (
        lambda: lookup.assess(PUBLIC, DEVICE, view),
        lambda: lookup.assess_many(PUBLIC, [DEVICE], view),
        lambda: lookup.entry(PUBLIC, 1, view),
        lambda: lookup.entries(PUBLIC, Filter(), view),
        lambda: lookup.finder.search(PUBLIC, "1", view),
        lambda: lookup.counts(PUBLIC, view),
    ):
        with pytest.raises(NotFoundError, match="nothing here that you may see"):
            ask()
    assert lookup.log(PUBLIC).size == 6


def test_an_empty_search_finds_nothing(library: Library) -> None:
    assert found_by(library.lookup, KEEPER, "  ") == []


def test_the_checkpoint_is_signed_once_for_each_size(library: Library) -> None:
    first = library.lookup.log(KEEPER)

    library.record(an_entry(4))

    second = library.lookup.log(KEEPER)
    assert (first.size, second.size) == (6, 7)
    assert SIGNER.verifier.verify(second.checkpoint).split("\n")[1] == "7"
    assert START + timedelta(hours=4) == library.clock.at


def test_two_states_that_are_counted_at_once_are_told_apart(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, old, new = (
        library.register.reading,
        library.lookup.view("5"),
        library.lookup.view(),
    )

    @contextmanager
    def reading() -> Iterator[Reading]:
        with opened() as tx:
            yield tx
        monkeypatch.undo()
        # Another thread asks about another state meanwhile.
        assert library.lookup.counts(KEEPER, new) == {"Active": 3}

    monkeypatch.setattr(library.register, "reading", reading)

    assert library.lookup.counts(KEEPER, old) == {"Active": 2}
    assert library.lookup.counts(KEEPER, old) == {"Active": 2}


@pytest.mark.parametrize("own", [SHARING_MOST, SHARING_MOST + 1, SHARING_MOST + 2])
@pytest.mark.parametrize("number", [9, 5000])
def test_a_release_that_is_cut_says_so(library: Library, own: int, number: int) -> None:
    shared = "AB" * 32
    ids = [*range(10, own + 9), number]
    entries = [an_entry(number, image_hash=shared) for number in ids]
    library.record(*entries, an_entry(4, image_hash=shared, model=OTHER))

    found = library.lookup.entry(KEEPER, number, library.lookup.view()).release

    assert found is not None
    assert number in found.entries
    assert found.more == (len(found.entries) < own)
    assert len(found.entries) == min(own, SHARING_MOST + (number == 5000))
