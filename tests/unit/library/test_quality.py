"""Data quality: findings of recorded entries, by page, in total, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entries import DESK, a_model, an_entry
from firtree.access import KEEPER, PUBLIC, Principal
from firtree.catalogue.checks import CODES, Finding, Severity
from firtree.catalogue.entry import PrivatePart, Requirement, Status
from firtree.devices import DeviceType
from firtree.errors import NotFoundError
from firtree.library import quality
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.quality import Quality, Totals, Wanted
from firtree.parties import Maker, PartyKind
from firtree.storage.memory import MemoryRegister
from principals import a_principal
from registers import ALDER, OPENING, SIGNER, Clock, a_recorder, record

if TYPE_CHECKING:
    from firtree.library.views import View

BIRCH = Maker(code="CD02", name="Birch", contact=DESK)
THEIRS = a_model(manufacturer="CD02")
HUB = a_model(device_type=DeviceType.CHF, model_identifier="0C0B")
SHARED = f"{77:064X}"
MAKER = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
ENTRIES = (
    an_entry(1, upgradable_from=(), gbcs="4.1", image_hash=SHARED),
    an_entry(2, upgradable_from=(1, 99), image_hash=SHARED, contact=None),
    an_entry(3, upgradable_from=(5,), requires=Requirement(hub_entries=(6, 98))),
    an_entry(4, upgradable_from=(3,), firmware="00000003"),
    an_entry(5, model=THEIRS, image_hash=SHARED, upgradable_from=(4,)),
    an_entry(6, model=HUB, status=Status.EXPIRED, upgradable_from=(6,)),
    an_entry(7, model=THEIRS, upgradable_from=(8,), contact=None),
    an_entry(8, model=THEIRS, upgradable_from=(7,)),
)


class Library:
    """A register in memory, and what asks it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.register = MemoryRegister()
        self.recorder = a_recorder(self.register, now=self.clock)
        self.lookup = Lookup(
            self.register, Models(self.register), SIGNER, now=self.clock
        )
        record(self.recorder, OPENING, ALDER, BIRCH, *ENTRIES)
        self.clock.move(60)
        self.quality = Quality(self.register)

    @property
    def now(self) -> View:
        """From where one looks."""
        return self.lookup.view()

    def shown(self) -> dict[int, tuple[Finding, ...]]:
        """Give what each entry's own page says of it."""
        found = {
            entry.id: self.lookup.entry(KEEPER, entry.id, self.now).findings
            for entry in ENTRIES
        }
        return {entry_id: those for entry_id, those in found.items() if those}

    def totals(self, principal: Principal = KEEPER) -> list[Totals]:
        """Give the totals of a register that can be counted."""
        found = self.quality.totals(principal, self.now)
        assert found is not None
        return found

    def paged(
        self, wanted: Wanted, limit: int, principal: Principal = KEEPER
    ) -> dict[int, tuple[Finding, ...]]:
        """Give everything, page by page."""
        found: dict[int, tuple[Finding, ...]] = {}
        after: int | None = 0
        while after is not None:
            page = self.quality.page(
                principal, wanted, self.now, after=after, limit=limit
            )
            assert page.after is None or page.after > after
            ids = [one.entry.id for one in page.found]
            assert len(ids) <= limit
            assert ids == sorted(ids)
            assert all(number > after for number in ids)
            found.update((one.entry.id, one.findings) for one in page.found)
            after = page.after
        return found


@pytest.fixture(scope="module")
def library() -> Library:
    """Give a register with something wrong in most entries; it is only read."""
    return Library()


@pytest.fixture
def uncounted(monkeypatch: pytest.MonkeyPatch) -> Library:
    """Give the same register, which is too large to count."""
    monkeypatch.setattr(quality, "COUNTED_MOST", 1)
    return Library()


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_a_page_says_what_the_entries_own_pages_say(
    library: Library, limit: int
) -> None:
    expected = library.shown()

    assert len(expected) > 5
    assert library.paged(Wanted(), limit) == expected


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_what_cannot_be_counted_is_found_all_the_same(
    uncounted: Library, limit: int
) -> None:
    assert uncounted.quality.totals(KEEPER, uncounted.now) is None
    assert uncounted.paged(Wanted(), limit) == uncounted.shown()
    theirs = uncounted.paged(Wanted(manufacturer="CD02"), limit)
    assert sorted(theirs) == [5, 7, 8]


def test_everything_comes_by_manufacturer_model_and_id(library: Library) -> None:
    told: list[tuple[str, int, int]] = []
    found = list(
        library.quality.each(KEEPER, Wanted(), library.now, lambda *of: told.append(of))
    )

    assert {one.entry.id: one.findings for one in found} == library.shown()
    keys = [(one.entry.model.key, one.entry.id) for one in found]
    assert keys == sorted(keys)
    assert told[-1] == ("checking", 8, 8)
    assert [one.maker_name for one in found][-1] == "Birch"


@pytest.mark.parametrize("code", CODES)
def test_findings_are_chosen_by_code(library: Library, code: str) -> None:
    expected = {
        entry_id: those
        for entry_id, found in library.shown().items()
        if (those := tuple(one for one in found if one.code == code))
    }

    assert library.paged(Wanted(code=code), 2) == expected


@pytest.mark.parametrize("severity", Severity)
def test_findings_are_chosen_by_severity(library: Library, severity: Severity) -> None:
    found = library.paged(Wanted(severity=severity), 2)

    assert found
    assert {one.severity for those in found.values() for one in those} == {severity}


def test_totals_count_what_the_pages_say(library: Library) -> None:
    alder, birch = library.totals()
    shown = library.shown()

    assert (alder.manufacturer, alder.name, alder.entries) == ("AB01", ALDER.name, 5)
    assert (birch.manufacturer, birch.name, birch.entries) == ("CD02", "Birch", 3)
    every = [one.code for found in shown.values() for one in found]
    assert {
        code: alder.codes.get(code, 0) + birch.codes.get(code, 0) for code in CODES
    } == {code: every.count(code) for code in CODES}
    grave = [
        number
        for number, found in shown.items()
        if any(one.severity is not Severity.NOTE for one in found)
    ]
    assert alder.to_mend + birch.to_mend == len(grave)
    assert alder.noted + birch.noted == len(shown) - len(grave)
    assert sum(alder.severities.values()) == sum(alder.codes.values())


def test_a_maker_is_told_of_its_own_entries_only(library: Library) -> None:
    found = library.paged(Wanted(), 2, MAKER)

    assert sorted(found) == [5, 7, 8]
    assert "hash-of-other-maker" in {one.code for one in found[5]}
    assert "AB01" not in str(found[5])
    assert library.paged(Wanted(manufacturer="AB01"), 2, MAKER) == {}
    (own,) = library.totals(MAKER)
    assert own.manufacturer == "CD02"
    assert library.quality.totals(MAKER, library.now, "AB01") == []
    assert (
        list(library.quality.each(MAKER, Wanted(manufacturer="AB01"), library.now))
        == []
    )


def test_without_the_right_there_is_nothing(library: Library) -> None:
    with pytest.raises(NotFoundError):
        library.quality.totals(PUBLIC, library.now)
    with pytest.raises(NotFoundError):
        library.quality.page(PUBLIC, Wanted(), library.now)
    with pytest.raises(NotFoundError):
        list(library.quality.each(PUBLIC, Wanted(), library.now))


def test_private_parts_stay_private() -> None:
    library = Library()
    private = PrivatePart(advisory_reference="SSC-1")
    entry = an_entry(9, model=THEIRS, firmware="00000007")
    record(library.recorder, type(entry)(id=9, cpl=entry.cpl, private=private))

    page = library.quality.page(MAKER, Wanted(), library.now, after=8)
    assert [one.entry.private for one in page.found] == [PrivatePart()]


def test_a_mended_entry_has_no_finding_any_more() -> None:
    library = Library()
    before = library.now
    assert 2 in library.paged(Wanted(code="unknown-predecessor"), 9)
    library.clock.move(60)
    record(library.recorder, an_entry(2, upgradable_from=(1,), image_hash=SHARED))

    assert 2 not in library.paged(Wanted(code="unknown-predecessor"), 9)
    then = library.quality.page(KEEPER, Wanted(code="unknown-predecessor"), before)
    assert 2 in [one.entry.id for one in then.found]


def test_totals_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    runs: list[str] = []
    counted = quality._counted  # noqa: SLF001 - counts how often it runs

    def counting(*given: object) -> object:
        runs.append(str(given[1]))
        return counted(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(quality, "_counted", counting)
    for _ in range(3):
        library.quality.totals(KEEPER, library.now)
    assert runs == ["AB01", "CD02"]

    monkeypatch.setattr(quality, "_KEPT_ENTRIES", 4)
    for _ in range(2):
        library.quality.totals(KEEPER, library.now)
    assert len(library.quality._kept) <= 1  # noqa: SLF001 - what is remembered
