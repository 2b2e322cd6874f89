"""Answers kept in memory are never given at another state, day, or to another asker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entries import DESK, an_entry
from firtree.access import KEEPER, PUBLIC, Principal
from firtree.parties import Maker, PartyKind
from firtree.web.app import create_app
from principals import a_principal
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar.types import ASGIApp

URL = "/api/v1/assessment?manufacturer=AB01&model=010A030B&firmware=00000001"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "register.db")
    made.record(Maker(code="AB01", name="Alder", contact=DESK), an_entry(1))
    made.clock.move(60)
    yield made
    made.close()


class Asker:
    """Somebody else each time, to one application with one memory."""

    def __init__(self, served: Served) -> None:
        self.principal: Principal = KEEPER
        self.app: ASGIApp = create_app(
            served.lookup,
            served.parties,
            authenticate=lambda _scope: self.principal,
            in_threads=False,
            close=lambda: None,
        )


def test_the_same_question_has_the_same_octets(served: Served) -> None:
    first, second = served.get(URL), served.get(URL)

    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    assert set(first.headers) == set(second.headers)
    held = {"If-None-Match": first.headers["etag"]}
    assert served.get(URL, headers=held).status_code == 304


def test_a_new_statement_is_in_the_very_next_answer(served: Served) -> None:
    assert served.get(URL).json()["standing"] == "current"

    served.record(an_entry(2, upgradable_from=(1,)))

    answer = served.get(URL).json()
    assert answer["standing"] == "behind"
    assert answer["pathway"] == [2]


def test_the_next_day_is_asked_anew(served: Served) -> None:
    before = served.get(URL)
    assert not any(w["code"] == "contact-stale" for w in before.json()["warnings"])

    served.clock.move(120 * 24 * 3600)

    after = served.get(URL)
    assert any(w["code"] == "contact-stale" for w in after.json()["warnings"])
    assert before.headers["etag"] != after.headers["etag"]


def test_what_was_answered_to_one_is_not_answered_to_another(served: Served) -> None:
    asker = Asker(served)
    assert ask(asker.app, "GET", URL).json()["standing"] == "current"

    asker.principal = PUBLIC
    assert ask(asker.app, "GET", URL).status_code == 401

    asker.principal = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
    assert ask(asker.app, "GET", URL).json()["standing"] == "unknown-model"

    asker.principal = KEEPER
    assert ask(asker.app, "GET", URL).json()["standing"] == "current"


def test_a_question_that_was_refused_is_refused_again(served: Served) -> None:
    wrong = URL + "&colour=1"

    assert served.get(wrong).status_code == 422
    assert served.get(wrong).status_code == 422
