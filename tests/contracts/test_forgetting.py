"""What was erased is given from no memory of a process that goes on running."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from entries import an_entry
from firtree.access import KEEPER
from firtree.catalogue.entry import PrivatePart, ReleaseNotes
from firtree.library.quality import Quality, Wanted
from firtree.library.views import View
from firtree.parties import Contact, Maker
from firtree.statements.types.erasure import Erasure
from parties import a_party
from rebuilt import check_rebuilt
from registers import a_recorder, record
from served import Served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from firtree.library.ports import Reading, Register
    from firtree.library.record import Recorder
    from registers import SQLRegister

SMITH = Contact(role="Jo Smith", email="jo.smith@maker.example")
NAMING = {
    "contact": SMITH,
    "notes": ReleaseNotes(summary="zebra crossing fixed"),
    "support_until": date(2017, 3, 29),  # before its release: the checks find it
}
OKAPI = PrivatePart(advisory_reference="okapi")
ERASED = ("smith", "zebra", "2017-03-29", "29 mar 2017", "okapi")
# Number of the statement, and what is erased of it: of a party, a maker, an entry
# whose segment of the search index is written, and one that no segment covers yet.
PARTY, MAKER, ENTRY, NEW = 1, 2, 8, 303
SECTIONS = [
    *((PARTY, "people"), (MAKER, "people")),
    *((ENTRY, name) for name in ("fir", "people", "private")),
    *((NEW, name) for name in ("fir", "people", "private")),
]
SIZE = 304
_DEVICE = "manufacturer=AB01&model=010A030B&firmware=00000006"
_NOW_OR_THEN = [
    *("/entries/6", "/entries/6/history", "/entries/301", "/entries/301/history"),
    *("/?q=crossing", "/findings", "/manufacturers/AB01"),
    *("/models/AB01/010A030B", f"/assessment?{_DEVICE}"),
    *("/pathway?from=6&to=301", "/export/fir.csv", "/export/answers.csv"),
    *("/api/v1/entries?limit=1000", "/api/v1/entries?q=crossing"),
    *("/api/v1/entries/6", "/api/v1/entries/6/history"),
    *("/api/v1/manufacturers", "/api/v1/models", "/api/v1/findings"),
    *("/api/v1/pathway?from=6&to=301", f"/api/v1/assessment?{_DEVICE}"),
    *(f"/api/v1/statements/{number}" for number in (PARTY, MAKER, ENTRY, NEW)),
]
URLS = [
    *_NOW_OR_THEN,
    *(f"{url}{'&' if '?' in url else '?'}at={SIZE}" for url in _NOW_OR_THEN),
    *(f"/diff?from=0&to={SIZE}", f"/api/v1/diff?from=0&to={SIZE}&limit=1000"),
    *("/api/v1/changes?limit=1000", "/api/v1/statements?start=0"),
    *("/api/v1/parties", "/api/v1/parties/1", "/api/v1/trail"),
]


def _erase(recorder: Recorder) -> None:
    for number, section in SECTIONS:
        record(recorder, Erasure(statement=number, section=section, reason="asked"))


def _filled(served: Served) -> Served:
    """Record what is to be erased, and statements around it."""
    served.record(a_party(1, contacts=(SMITH,)))
    served.record(Maker(code="AB01", name="Alder", contact=SMITH))
    entries = [an_entry(number) for number in range(1, 301)]
    naming = an_entry(6, **NAMING)
    entries[5] = msgspec.structs.replace(naming, private=OKAPI)
    served.record(*entries)
    newest = an_entry(301, upgradable_from=(6,), **NAMING)
    assert served.record(msgspec.structs.replace(newest, private=OKAPI)) == SIZE
    return served


def _told(served: Served) -> dict[str, str]:
    """Ask everything, and give what is told, by what was asked."""
    told = {"parties": repr(served.parties.every(KEEPER)).lower()}
    for url in URLS:
        answer = served.get(url)
        assert answer.status_code == 200, url
        told[url] = answer.text.lower()
    return told


def _erased_in(told: dict[str, str]) -> set[tuple[str, str]]:
    return {(url, one) for url, text in told.items() for one in ERASED if one in text}


def test_nothing_is_told_of_what_this_process_erased(
    register: Register, tmp_path: Path
) -> None:
    served = _filled(Served(tmp_path, register))
    before = _erased_in(_told(served))
    assert {one for _, one in before} == set(ERASED)

    _erase(served.recorder)

    assert _erased_in(_told(served)) == set()
    assert check_rebuilt(register) == SIZE + len(SECTIONS)


def test_nothing_is_told_of_what_another_process_erased(
    database: Callable[..., SQLRegister], tmp_path: Path
) -> None:
    served = _filled(Served(tmp_path, database()))
    assert len({url for url, _ in _erased_in(_told(served))}) > len(URLS) / 2
    other = database()

    _erase(a_recorder(other, now=served.clock, seed=2))
    with other.reading() as tx:
        size = tx.head().size
    while served.register.size() < size:  # PostgreSQL's is told within 0.25 s
        time.sleep(0.01)

    assert _erased_in(_told(served)) == set()


def test_a_change_of_a_party_does_not_record_again_what_was_erased_of_it(
    register: Register, tmp_path: Path
) -> None:
    served = _filled(Served(tmp_path, register))
    assert served.parties.one(KEEPER, 1).party.contacts == (SMITH,)
    record(
        served.recorder, Erasure(statement=PARTY, section="people", reason="asked for")
    )

    changed = served.parties.change(
        KEEPER, 1, lambda party: msgspec.structs.replace(party, name="Rowan")
    )

    assert changed is not None
    with register.reading() as tx:
        (row,) = tx.statements(changed.size - 1, changed.size)
    assert (row.subject, row.people) == ("party/1", b"")
    assert served.parties.one(KEEPER, 1).party.name == "Rowan"


@pytest.fixture
def erased_once_looked_at(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Served]:
    """Have all be erased while the next that asks looks at the state before."""
    served = _filled(Served(tmp_path, register))
    opened = register.reading

    @contextmanager
    def reading() -> Iterator[Reading]:
        with opened() as tx:
            assert tx.head().size == SIZE  # what it reads is of this state
            monkeypatch.undo()
            _erase(served.recorder)
            served.lookup.view()  # another thread is told of it meanwhile
            yield tx

    def begun() -> Served:
        monkeypatch.setattr(register, "reading", reading)
        return served

    return begun


@pytest.mark.parametrize("word", ["zebra", "crossing"])
def test_a_search_that_began_before_an_erasure_leaves_nothing_of_it(
    erased_once_looked_at: Callable[[], Served], word: str
) -> None:
    served = erased_once_looked_at()
    finder, view = served.lookup.finder, View(SIZE, served.lookup.today(), SIZE)
    assert [one.entry.id for one in finder.search(KEEPER, word, view).found] == [301, 6]

    for at in ("", str(SIZE)):
        assert finder.search(KEEPER, word, served.lookup.view(at)).found == []


def test_counting_that_began_before_an_erasure_leaves_nothing_of_it(
    erased_once_looked_at: Callable[[], Served],
) -> None:
    served = erased_once_looked_at()
    quality = Quality(served.register)
    served.lookup.when_erased(quality.forget)
    view = View(SIZE, served.lookup.today(), SIZE)

    def ended() -> int:
        totals = (quality.totals(KEEPER, view) or [])[0]
        return totals.codes.get("support-ended", 0)

    assert [ended(), ended()] == [2, 0]


def test_what_was_counted_before_an_erasure_is_counted_anew(
    register: Register, tmp_path: Path
) -> None:
    served = _filled(Served(tmp_path, register))
    quality = Quality(register)
    served.lookup.when_erased(quality.forget)

    def ended() -> list[int]:
        view = served.lookup.view(str(SIZE))
        totals = (quality.totals(KEEPER, view) or [])[0]
        page = quality.page(KEEPER, Wanted(code="support-ended"), view)
        return [totals.codes.get("support-ended", 0), len(page.found)]

    assert ended() == [2, 2]
    _erase(served.recorder)
    assert ended() == [0, 0]
