"""The pages about what changed, and the banner of a past state."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from entries import DESK, a_model, an_entry
from firtree.access import KEEPER
from firtree.catalogue.entry import Hold, Status
from firtree.parties import Maker, PartyKind
from firtree.web.pages import diff, history
from principals import a_principal
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALDER = Maker(code="AB01", name="Alder", contact=DESK)
OF_BIRCH = a_model(manufacturer="CD02")
BIRCH_ITSELF = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
SCRIPT = "<script>alert(1)</script>"
WITHDRAWN = an_entry(
    1, status=Status.WITHDRAWN, status_reason="Recalled", trade_name=SCRIPT
)
TODAY = "This is not today’s state."


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a register with an entry that was held, withdrawn and restored."""
    made = Served(tmp_path_factory.mktemp("history") / "register.db")
    made.record(ALDER, an_entry(1), an_entry(2, model=OF_BIRCH))
    made.record(an_entry(1, hold=Hold(reason="Trial")))
    made.record(WITHDRAWN)
    made.record(an_entry(1, release_date=date(2026, 3, 4), upgradable_from=(2,)))
    made.record(an_entry(1, release_date=date(2026, 3, 4), upgradable_from=(2,)))
    made.clock.move(60)
    yield made
    made.close()


def page_of(served: Served, path: str, status: int = 200) -> str:
    """Give a page's source."""
    response = served.get(path, headers={"Accept": "text/html"})
    assert response.status_code == status
    return response.text


def text_of(source: str) -> str:
    """Give what a person reads, blanks made even."""
    bare = re.sub(r"<[^>]*>", " ", source).replace("&#39;", "'")
    return re.sub(r"\s+", " ", bare)


def test_a_history_tells_what_happened_newest_first(served: Served) -> None:
    source = page_of(served, "/entries/1/history")

    tags = re.findall(r'<h2><span class="tag [a-z]+">([^<]*)<', source)
    assert tags == [
        *("Recorded again", "Restored: Current again", "Removed (withdrawn)"),
        *("Put on hold", "Added"),
    ]
    text = text_of(source)
    assert "Statement 5, recorded by the keeper" in text
    assert "Status Removed (withdrawn) Current" in text
    assert "Release Date 2 Jan 2024 4 Mar 2026" in text
    assert '<a class="entry" href="/entries/2">entry 2</a>' in source
    assert SCRIPT not in source


def test_a_history_leads_to_the_entry_as_it_was_then(served: Served) -> None:
    source = page_of(served, "/entries/1/history")
    then = re.findall(r'<a href="(/entries/1\?at=[^"]*)">The entry as', source)
    assert len(then) == 5

    withdrawn = page_of(served, then[2].replace("&amp;", "&"))
    first = page_of(served, then[4])

    assert "Removed (withdrawn)" in text_of(withdrawn)
    assert TODAY in text_of(withdrawn)
    assert "Trial" not in first


def test_an_entry_tells_who_recorded_it_to_those_it_concerns_alone(
    served: Served,
) -> None:
    supplier = a_principal(PartyKind.GAS_SUPPLIER, "Rowan Energy")
    for principal, told in (
        (KEEPER, "By the keeper, as statement 3 on 22 Nov 2026"),
        (BIRCH_ITSELF, "By the keeper, as statement 3 on 22 Nov 2026"),
        (supplier, "Recorded As statement 3 on 22 Nov 2026"),
    ):
        app = served.app_for(principal)
        text = text_of(ask(app, "GET", "/entries/2").text)
        assert told in text, principal
        assert ("keeper" in text) == (principal is not supplier)


def test_a_long_history_goes_on_over_pages(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "VERSIONS_MOST", 2)
    numbers, path = [], "/entries/1/history?at=8"
    while path:
        source = page_of(served, path)
        numbers += re.findall(r"Statement (\d+)", source)
        more = re.search(r'class="button" href="([^"]*)">Earlier', source)
        path = more[1].replace("&amp;", "&") if more else ""
        assert not path or "at=8" in path

    assert numbers == ["7", "6", "5", "4", "2"]


def test_a_history_keeps_to_the_state_it_was_asked_for(served: Served) -> None:
    source = page_of(served, "/entries/1/history?at=6")

    assert "As recorded at log size 6" in text_of(source)
    assert TODAY in text_of(source)
    assert 'href="/entries/1?at=6"' in source
    assert '<a class="today" href="/entries/1/history">' in source
    assert "Restored" not in source


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/entries/9/history", 404),
        ("/entries/9/history?at=5", 404),
        ("/entries/0/history", 404),
        ("/entries/1/history?cursor=3", 422),
        ("/entries/1/history?cursor=x", 422),
        ("/entries/1/history?at=99", 422),
        ("/entries/1/history?effective_at=2026-01-01", 422),
    ],
)
def test_a_history_that_is_not_there_is_said_kindly(
    served: Served, path: str, status: int
) -> None:
    assert "<h1>" in page_of(served, path, status)


def test_a_history_that_is_not_yours_is_not_there(served: Served) -> None:
    app = served.app_for(BIRCH_ITSELF)

    assert ask(app, "GET", "/entries/1/history").status_code == 404
    assert ask(app, "GET", "/entries/2/history").status_code == 200


def test_a_comparison_shows_what_became_of_each_thing(served: Served) -> None:
    source = page_of(served, "/diff?from=5&to=6")

    text = text_of(source)
    assert "From log size 5 to log size 6: 1 statement was recorded." in text
    assert "Removed (withdrawn) Entry 1" in text
    assert 'href="/entries/1?at=6"' in source
    assert 'href="/entries/1/history?at=6"' in source
    assert 'href="/api/v1/diff?from=5&amp;to=6"' in source
    assert SCRIPT not in source


def test_a_comparison_since_the_beginning_lists_everything(served: Served) -> None:
    text = text_of(page_of(served, "/diff?from=0"))

    assert "From the beginning, before anything was recorded to now" in text
    assert "3 changes" in text
    assert "Maker added Alder AB01" in text


def test_a_comparison_of_days_names_the_days(served: Served) -> None:
    text = text_of(page_of(served, "/diff?from=2026-11-21&to=2026-11-22"))

    assert "to the end of 22 Nov 2026 (log size 8)" in text


def test_two_states_that_are_the_same_are_said_to_be(served: Served) -> None:
    assert "Nothing changed" in text_of(page_of(served, "/diff?from=7&to=8"))
    assert "Nothing changed" in text_of(page_of(served, "/diff?from=8"))


def test_a_long_comparison_goes_on_over_pages_of_the_same_two_states(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diff, "CHANGES_MOST", 1)
    found, path = [], "/diff?from=0"
    while path:
        source = page_of(served, path)
        found += re.findall(r"<h3><span[^>]*>([^<]*)<", source)
        more = re.search(r'class="button" href="([^"]*)">Go on', source)
        path = more[1].replace("&amp;", "&") if more else ""
        assert not path or "to=8" in path

    assert found == ["Maker added", "Added", "Added"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("from=x", "Expected a date"),
        ("from=5&to=x", "Expected a date"),
        ("from=6&to=5", "Expected what is not later than"),
        ("from=2027-01-01", "past or present"),
        ("from=" + "1" * 41, "at most 40 characters"),
    ],
)
def test_a_comparison_that_cannot_be_made_gives_the_form_back(
    served: Served, query: str, told: str
) -> None:
    source = page_of(served, f"/diff?{query}", 422)

    assert told in text_of(source)
    assert 'role="alert"' in source
    assert 'aria-invalid="true"' in source


def test_the_form_offers_usual_spans(served: Served) -> None:
    source = page_of(served, "/diff")

    assert 'href="/diff?from=2026-11-15"' in source
    assert 'href="/diff?from=0"' in source


PAST = (
    "/?at=5",
    "/?q=AB01&at=5",
    "/entries/1?at=5",
    "/entries/9?at=5",
    "/entries/1/history?at=5",
    "/assessment?manufacturer=AB01&model=010A030B&firmware=00000001&at=5",
)


@pytest.mark.parametrize("path", PAST)
def test_a_past_state_cannot_be_taken_for_todays(served: Served, path: str) -> None:
    response = served.get(path, headers={"Accept": "text/html"})

    banner = re.search(
        r'<div class="past" role="status">.*?</main>', response.text, re.DOTALL
    )
    assert banner is not None
    assert "As recorded at log size 5" in banner[0]
    assert TODAY in text_of(banner[0])
    today = re.search(r'class="today" href="([^"]*)"', response.text)
    assert today is not None
    assert today[1].replace("&amp;", "&") == path.replace("at=5", "").rstrip("?&")
    assert 'href="/diff?to=5"' in response.text


def test_a_size_within_a_transaction_says_which_state_is_shown(tmp_path: Path) -> None:
    served = Served(tmp_path / "r.db")
    served.record(an_entry(1))
    before = served.register.size()
    served.record(an_entry(2), an_entry(3))
    inside = f"log size {before + 1} lies inside a transaction; this is the state of"

    entry = text_of(page_of(served, f"/entries/1?at={before + 1}"))
    compared = text_of(page_of(served, f"/diff?from=0&to={before + 1}"))
    served.close()

    assert f"As recorded at log size {before} (22 Nov" in entry
    assert f"{inside} size {before}, at the end of the one before." in entry
    assert f"to log size {before} ({inside} size {before}" in compared


def test_a_past_state_that_still_holds_is_said_to(served: Served) -> None:
    text = text_of(page_of(served, "/entries/1?at=8"))

    assert "As recorded at log size 8" in text
    assert TODAY not in text
    assert "Nothing was recorded after that" in text


def test_a_day_that_is_put_back_to_is_announced(served: Served) -> None:
    text = text_of(page_of(served, "/entries/1?effective_at=2026-10-01"))

    assert "As in force on 1 Oct 2026. Reconstructed" in text
    assert TODAY in text


def test_an_entry_leads_to_its_history_in_the_same_state(served: Served) -> None:
    assert 'href="/entries/1/history?at=5"' in page_of(served, "/entries/1?at=5")
    assert 'href="/entries/1/history"' in page_of(served, "/entries/1")
