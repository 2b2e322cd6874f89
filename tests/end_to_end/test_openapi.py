"""The OpenAPI document: valid, complete, and kept by the application."""

from __future__ import annotations

import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from entries import DESK, an_entry
from firtree.parties import Maker, PartyKind
from firtree.web.app import URLS, Url
from principals import a_principal
from served import HOST, Served

if TYPE_CHECKING:
    from collections.abc import Iterator


def documented_path(url: Url) -> str:
    """Write a URL's path as the document has it, without types."""
    return re.sub(r":\w+\}", "}", url.path)


DOCUMENTED = sorted(map(documented_path, filter(lambda u: u.documented, URLS)))
EXAMPLES = [20, pytest.param(100, marks=pytest.mark.long)]
EXAMPLES_OF_EACH = 2
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Give a register with a few entries."""
    with tempfile.TemporaryDirectory() as folder:
        made = Served(Path(folder) / "register.db")
        made.record(
            Maker(code="AB01", name="Alder", contact=DESK),
            an_entry(1, upgradable_from=()),
            an_entry(2, upgradable_from=(1,)),
        )
        made.clock.move(60)
        yield made
        made.close()


@pytest.fixture(scope="module")
def document(served: Served) -> Any:
    """Give the document, as what makes cases from it has read it."""
    return schemathesis.openapi.from_dict(served.get("/openapi.json").json())


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(
    "url", [url for url in URLS if url.documented], ids=lambda url: url.path
)
def test_every_answer_is_as_documented(
    served: Served, document: Any, url: Url, mode: GenerationMode, examples: int
) -> None:
    operation = document[documented_path(url)][url.method]

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate(app=served.app, base_url=HOST, checks=CHECKS)

    with suppress(Unsatisfiable):  # a URL without parameters has no wrong ones
        check()


@pytest.mark.parametrize("kind", [kind for kind in PartyKind if kind != "keeper"])
def test_every_answer_is_as_documented_whoever_asks(
    served: Served, document: Any, kind: PartyKind
) -> None:
    codes = frozenset({"AB01"})
    public = kind in {PartyKind.PUBLIC, PartyKind.CPL_READER}
    who = a_principal(kind, "x", codes, party=0 if public else 7, viewed_makers=codes)
    app = served.app_for(who)
    for url in URLS:
        if not url.documented:
            continue
        operation = document[documented_path(url)][url.method]

        @settings(
            max_examples=EXAMPLES_OF_EACH,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def check(case: Any) -> None:
            case.call_and_validate(app=app, base_url=HOST, checks=CHECKS)

        check()


def test_every_url_for_programs_is_documented(served: Served) -> None:
    response = served.get("/openapi.json")

    assert response.headers["content-type"] == "application/vnd.oai.openapi+json"
    found = response.json()
    assert found["openapi"].startswith("3.1")
    assert sorted(found["paths"]) == DOCUMENTED
    for methods in found["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert "200" in operation["responses"]
            assert "421" in operation["responses"]
