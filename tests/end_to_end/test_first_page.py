"""The first page: it offers each party what that party may see, and no more."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from firtree.access import KEEPER, Principal
from firtree.devices import ModelKey
from firtree.library.demo import SHOWCASE, invent
from firtree.parties import PartyKind
from firtree.text import london_day
from principals import a_principal
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODES = {one.manufacturer for one in SHOWCASE}
# The second of its maker's two, so that the first of all is another's.
SINGLE = ModelKey(SHOWCASE[4].manufacturer, SHOWCASE[4].model)
VIEWER = a_principal(PartyKind.MAP, "map", party=8, viewed_models=frozenset({SINGLE}))


def maker(code: str) -> Principal:
    """Give a manufacturer that holds one code."""
    return a_principal(PartyKind.MANUFACTURER, "maker", frozenset({code}), party=2)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give an example register."""
    made = Served(tmp_path_factory.mktemp("first") / "register.db")
    made.record(*invent(60, seed=1, today=london_day(made.clock())))
    yield made
    made.close()


def tried(served: Served, principal: Principal) -> list[str]:
    """Give the addresses of the meters that somebody's first page offers to try."""
    page = ask(served.app_for(principal), "GET", "/")
    assert page.status_code == 200
    found = re.search(r'<ul class="examples">(.*?)</ul>', page.text, re.DOTALL)
    assert (found is not None) == ("examples-heading" in page.text)
    return re.findall(r'href="([^"]+)"', unescape(found[1])) if found else []


@pytest.mark.parametrize(
    "principal",
    [KEEPER, *map(maker, sorted(CODES)), VIEWER],
    ids=lambda one: f"{one.name} {'/'.join(one.makers)}",
)
def test_only_meters_within_reach_are_offered_to_try(
    example: Served, principal: Principal
) -> None:
    app = example.app_for(principal)
    addresses = tried(example, principal)

    for address in addresses:
        answer = ask(app, "GET", address)
        assert answer.status_code == 200
        assert "not among what you may see" not in answer.text, address
    assert len(addresses) == len(
        [
            one
            for one in SHOWCASE
            if principal == KEEPER
            or one.manufacturer in principal.makers
            or (one.manufacturer, one.model) in principal.viewed_models
        ]
    )


def test_one_meter_is_not_called_several(example: Served) -> None:
    page = ask(example.app_for(VIEWER), "GET", "/").text

    assert "Try this one</h2>" in page
    assert "one of these" not in page


def test_where_none_is_within_reach_none_is_offered(example: Served) -> None:
    assert tried(example, maker("0000")) == []


def test_a_register_that_is_no_example_offers_none(tmp_path: Path) -> None:
    served = Served(tmp_path / "register.db")

    assert tried(served, KEEPER) == []
    assert tried(served, maker(SHOWCASE[0].manufacturer)) == []
    served.close()
