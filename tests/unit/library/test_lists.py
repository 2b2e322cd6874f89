"""Lists of manufacturers, models and releases, and the ways of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entries import DESK, a_model, an_entry
from firtree.access import KEEPER, PUBLIC
from firtree.catalogue.entry import Hold, Status
from firtree.devices import DeviceType, ModelKey
from firtree.errors import InvalidInputError, NotFoundError
from firtree.library import lists
from firtree.library.list_ports import ImageKey
from firtree.library.lists import Lists, ModelsWanted
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.ways import Ways
from firtree.parties import Maker, PartyKind
from firtree.storage.memory import MemoryRegister
from principals import a_principal
from registers import OPENING, SIGNER, Clock, a_recorder, record

if TYPE_CHECKING:
    from firtree.library.views import View

GAS = a_model(device_type=DeviceType.GSME, model_identifier="0B01")
CONTROLLER = a_model(device_type=DeviceType.SAPC, model_identifier="0C01")
THEIRS = a_model(manufacturer="CD02")
SHARED = f"{77:064X}"
MODEL = ModelKey("AB01", "010A030B")
MAKER = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02", "EE05"}))
SUPPLIER = a_principal(PartyKind.IMPORT_SUPPLIER, "Larkrise")


class Library:
    """A register in memory, and what lists it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.register = MemoryRegister()
        self.recorder = a_recorder(self.register, now=self.clock)
        self.lookup = Lookup(
            self.register, Models(self.register), SIGNER, now=self.clock
        )
        record(
            self.recorder,
            OPENING,
            Maker(code="AB01", name="Alder", contact=DESK),
            Maker(code="BB00", name="Birch"),
            an_entry(1, upgradable_from=(), trade_name="Copse"),
            an_entry(2, upgradable_from=(1,), trade_name="Grove"),
            an_entry(3, upgradable_from=(2,), trade_name="Copse"),
            an_entry(4, upgradable_from=(3,), hold=Hold()),
            an_entry(5, model=GAS, status=Status.EXPIRED, manufacturer_name=""),
            an_entry(6, model=CONTROLLER, image_hash=SHARED),
            an_entry(7, model=THEIRS, image_hash=SHARED),
            an_entry(8, model=THEIRS, image_hash=SHARED),
        )
        self.clock.move(60)
        self.lists = Lists(self.register)
        self.ways = Ways(self.register)

    @property
    def now(self) -> View:
        """From where one looks."""
        return self.lookup.view()


@pytest.fixture(scope="module")
def library() -> Library:
    """Give a register with two makers, three manufacturers and four models."""
    return Library()


def test_manufacturers_come_with_what_there_is_of_them(library: Library) -> None:
    page = library.lists.manufacturers(KEEPER, library.now)

    assert page.after is None
    told = [
        (
            one.code,
            one.maker.name if one.maker else None,
            one.tally.models,
            one.tally.entries,
        )
        for one in page.items
    ]
    assert told == [
        ("AB01", "Alder", 3, 6),
        ("BB00", "Birch", 0, 0),
        ("CD02", None, 1, 2),
    ]
    assert page.items[0].tally.statuses == {"Active": 5, "Expired": 1}


def test_manufacturers_come_in_pages(library: Library) -> None:
    codes: list[str] = []
    after: str | None = ""
    while after is not None:
        page = library.lists.manufacturers(KEEPER, library.now, after=after, limit=1)
        codes += [one.code for one in page.items]
        after = page.after

    assert codes == ["AB01", "BB00", "CD02"]


def test_a_page_of_manufacturers_ends_where_enough_was_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = Library()
    monkeypatch.setattr(lists, "COUNTED_MOST", 5)

    page = library.lists.manufacturers(KEEPER, library.now)

    assert [one.code for one in page.items] == ["AB01"]
    assert page.after == "AB01"
    rest = library.lists.manufacturers(KEEPER, library.now, after="AB01")
    assert [one.code for one in rest.items] == ["BB00", "CD02"]


def test_a_maker_sees_its_own_manufacturers(library: Library) -> None:
    page = library.lists.manufacturers(MAKER, library.now)

    assert [one.code for one in page.items] == ["CD02"]
    for code in ("AB01", "EE05", "FFFF"):
        with pytest.raises(NotFoundError):
            library.lists.manufacturer(MAKER, code, library.now)
    assert library.lists.manufacturer(KEEPER, "BB00", library.now).tally.entries == 0


def test_models_are_summed_up(library: Library) -> None:
    page = library.lists.models(KEEPER, ModelsWanted(), library.now)

    assert [str(one.key) for one in page.items] == [
        *("AB01 010A030B", "AB01 0B01030B", "AB01 0C01030B", "CD02 010A030B")
    ]
    first, gas, *_ = page.items
    assert first.trade_names == ("Copse", "Grove")
    assert first.manufacturer_name == "Alder Meters"
    assert first.newest is not None
    assert first.newest.id == 3  # entry 4 is on hold
    assert (gas.device_types, gas.manufacturer_name) == ((DeviceType.GSME,), "")
    assert (gas.newest, dict(gas.statuses)) == (None, {"Expired": 1})


@pytest.mark.parametrize("limit", [1, 2, 9])
def test_models_of_a_type_are_all_found(library: Library, limit: int) -> None:
    wanted = ModelsWanted(device_types=frozenset({DeviceType.ESME, DeviceType.SAPC}))
    keys: list[ModelKey] = []
    after: ModelKey | None = ModelKey("", "")
    while after is not None:
        page = library.lists.models(
            KEEPER, wanted, library.now, after=after, limit=limit
        )
        assert len(page.items) <= limit
        keys += [one.key for one in page.items]
        after = page.after

    assert [key.model for key in keys] == ["010A030B", "0C01030B", "010A030B"]


def test_a_page_of_models_ends_where_enough_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = Library()
    monkeypatch.setattr(lists, "MODELS_MOST", 1)
    wanted = ModelsWanted(device_types=frozenset({DeviceType.GSME}))

    page = library.lists.models(KEEPER, wanted, library.now)
    assert (page.items, page.after) == ([], MODEL)
    page = library.lists.models(KEEPER, wanted, library.now, after=page.after)
    assert [one.key.model for one in page.items] == ["0B01030B"]


def test_releases_name_their_entries(library: Library) -> None:
    page = library.lists.releases(KEEPER, library.now, image_hash=SHARED)

    assert [(one.key.manufacturer, one.entries) for one in page.items] == [
        ("AB01", (6,)),
        ("CD02", (7, 8)),
    ]
    own = library.lists.releases(MAKER, library.now)
    assert [one.entries for one in own.items] == [(7, 8)]
    assert library.lists.releases(MAKER, library.now, manufacturer="AB01").items == []
    first = library.lists.releases(KEEPER, library.now, limit=1)
    assert first.after == ImageKey(f"{1:064X}", "AB01")


def test_a_release_with_many_entries_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(lists, "SHARING_MOST", 1)

    page = library.lists.releases(KEEPER, library.now, manufacturer="CD02")

    assert [(one.entries, one.more) for one in page.items] == [((7,), True)]


def test_a_model_knows_its_ways_to_the_newest(library: Library) -> None:
    ways = library.ways.of_model(KEEPER, MODEL, library.now)

    assert list(ways.entries) == [1, 2, 3, 4]
    assert ways.newest is not None
    assert (ways.newest.id, ways.steps) == (3, {1: 2, 2: 1, 3: 0})
    assert ways.longest == (1, 2, 3)


def test_a_model_without_anything_to_install_has_no_ways(library: Library) -> None:
    ways = library.ways.of_model(KEEPER, GAS.key, library.now)

    assert (ways.newest, ways.steps, ways.longest) == (None, {}, ())


def test_a_model_out_of_reach_is_not_there(library: Library) -> None:
    for key in (MODEL, ModelKey("CD02", "FFFF")):
        with pytest.raises(NotFoundError):
            library.ways.of_model(MAKER, key, library.now)


def test_the_way_between_two_entries_has_its_steps(library: Library) -> None:
    found = library.ways.between(SUPPLIER, 1, 3, library.now)

    assert found.way.pathway == (2, 3)
    assert [step.entry for step in found.steps] == [2, 3]
    assert (found.start.id, found.end.id) == (1, 3)


def test_between_two_models_there_is_no_way(library: Library) -> None:
    with pytest.raises(InvalidInputError, match="keeps its hardware model") as caught:
        library.ways.between(KEEPER, 1, 6, library.now)

    (problem,) = caught.value.problems
    assert problem.pointer == "to"
    assert "ESME AB01 010A030B" in problem.expected
    assert "SAPC AB01 0C01030B" in problem.found


@pytest.mark.parametrize(("start", "end"), [(1, 99), (99, 1), (98, 99)])
def test_an_entry_that_is_not_there_has_no_way(
    library: Library, start: int, end: int
) -> None:
    missing = start if start > 9 else end
    with pytest.raises(NotFoundError, match=f"there is no entry {missing}"):
        library.ways.between(KEEPER, start, end, library.now)


def test_a_maker_finds_no_way_between_others_entries(library: Library) -> None:
    with pytest.raises(NotFoundError, match="no entry 1 is among what"):
        library.ways.between(MAKER, 1, 3, library.now)


def test_nothing_is_listed_for_the_public(library: Library) -> None:
    asked = (
        lambda: library.lists.manufacturers(PUBLIC, library.now),
        lambda: library.lists.manufacturer(PUBLIC, "AB01", library.now),
        lambda: library.lists.models(PUBLIC, ModelsWanted(), library.now),
        lambda: library.lists.releases(PUBLIC, library.now),
        lambda: library.ways.of_model(PUBLIC, MODEL, library.now),
        lambda: library.ways.between(PUBLIC, 1, 3, library.now),
    )
    for ask in asked:
        with pytest.raises(NotFoundError):
            ask()
