"""The page about the API: it names every URL, and its examples are real."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from firtree.access import KEEPER
from firtree.errors import (
    DoubtfulError,
    NotAllowedError,
    NotSignedInError,
    ThrottledError,
    UnavailableError,
)
from firtree.exchange.entries import read_entries
from firtree.library.history import LOOKED_AT_MOST
from firtree.library.importing import plan_import, record_import
from firtree.library.lists import SHARING_MOST
from firtree.library.quality import COUNTED_MOST, ENTRIES_MOST
from firtree.web.api.assessments import DEVICES_MOST
from firtree.web.api.changes import WAIT_MOST
from firtree.web.api.lists import LIMIT_MOST as LISTED_MOST
from firtree.web.api.parameters import LIMIT_MOST
from firtree.web.app import BODY_OCTETS, URLS
from firtree.web.growth import WAITING_MOST
from firtree.web.problems import problem_of
from served import Served, ask

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```\n(curl [^`]*)```\n\n```(json)?\n(.*?)```", re.DOTALL)
ERRORS = (
    *(UnavailableError("x"), ValueError("x"), NotSignedInError("x")),
    *(NotAllowedError("x"), ThrottledError("x", wait_s=1), DoubtfulError("x")),
)
EXAMPLES = [(shlex.split(curl), answer) for curl, _, answer in BLOCK.findall(PAGE)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give the register of the examples."""
    made = Served(tmp_path_factory.mktemp("page") / "register.db")
    with (DOCS / "examples" / "cpl.csv").open("rb") as file:
        table = read_entries(file)
    plan = plan_import(KEEPER, table, made.register, day=made.lookup.today())
    made.clock.move(60)
    record_import(KEEPER, plan, made.recorder)
    yield made
    made.close()


def test_the_page_names_every_url_for_programs() -> None:
    for url in URLS:
        if url.path.startswith(("/api", "/log", "/health")):
            if url.path.startswith("/log/tile/"):  # two rows of a table say more
                assert "`/log/tile/<L>/<N>`" in PAGE
                assert "`/log/tile/entries/<N>`" in PAGE
                continue
            if url.path.startswith("/log/proof/"):
                assert f"`{url.path}?" in PAGE
                continue
            assert f"`{url.method} {url.path.replace(':int', '')}`" in PAGE
    assert "`/openapi.json`" in PAGE


def check_part(told: Any, real: Any, where: str) -> None:
    """Check that what the page shows is a part of what is answered."""
    if isinstance(told, dict):
        for key, value in told.items():
            if key not in {"checkpoint", "at"}:
                assert key in real, where
                check_part(value, real[key], f"{where}/{key}")
    elif isinstance(told, list):
        assert len(told) <= len(real), where
        for number, (one, other) in enumerate(zip(told, real, strict=False)):
            check_part(one, other, f"{where}/{number}")
    elif isinstance(told, str) and "…" in told:
        # Salts and hashes of the example are of another day.
        assert isinstance(real, str), where
    elif not where.endswith("/summary"):
        assert told == real, where


@pytest.mark.parametrize(("curl", "answer"), EXAMPLES, ids=[e[0][1] for e in EXAMPLES])
def test_every_example_is_answered_as_the_page_says(
    served: Served, curl: list[str], answer: str
) -> None:
    headers, body = {}, None
    for option, value in zip(curl[2::2], curl[3::2], strict=True):
        if option == "-H":
            headers = dict([value.split(": ", 1)])
        else:
            assert option == "-d"
            body = value
    method = "GET" if body is None else "POST"

    response = ask(served.app, method, curl[1], headers=headers, content=body)

    assert response.status_code == 200
    kind = response.headers["content-type"]
    if kind == "application/json":
        check_part(json.loads(answer), response.json(), "")
    elif kind == "application/x-ndjson":
        told, real = answer.splitlines()[-1], response.text.splitlines()[-1]
        check_part(json.loads(told), json.loads(real), "")
    else:
        assert response.text.splitlines()[1] == answer.splitlines()[1] == "8"


def test_the_page_shows_an_example_for_every_url_that_answers_with_facts() -> None:
    assert len(EXAMPLES) == 18


def test_the_example_of_an_error_is_real(served: Served) -> None:
    (told,) = re.findall(r"problem\+json`\):\n\n```json\n(.*?)```", PAGE, re.DOTALL)

    assert served.get("/api/v1/entries?limit=x").json() == json.loads(told)


def test_the_page_names_the_bounds() -> None:
    assert f"up to {DEVICES_MOST:,} devices" in PAGE
    assert f"1 to {LIMIT_MOST}" in PAGE
    assert f"in {BODY_OCTETS >> 20} MiB" in PAGE
    assert f"looks at {LOOKED_AT_MOST:,} statements at most" in PAGE
    assert f"up to {WAIT_MOST}: the answer" in PAGE
    assert f"more than {WAITING_MOST:,} are waiting" in PAGE
    assert f"at most so many, 1 to {LISTED_MOST};" in PAGE
    assert f"at most so many entries, 1 to {ENTRIES_MOST};" in PAGE
    assert f"Above {COUNTED_MOST:,} entries" in PAGE
    assert f"names the first {SHARING_MOST}" in PAGE


def test_the_page_lists_the_codes_of_errors(served: Served) -> None:
    answers = [
        served.get("/api/v1/entries/1"),
        served.get("/nowhere"),
        served.post("/api/v1/entries"),
        served.get("/api/v1/entries?limit=x"),
        served.get("/", headers={"Host": "evil.example"}),
        *(
            served.post(
                "/api/v1/assessments", content=body, headers={"content-type": t}
            )
            for body, t in (
                (
                    '{"devices":[{"manufacturer":"a","model":"b","firmware":"c"}]}',
                    "x/y",
                ),
                ("{", "application/json"),
                (" " * (BODY_OCTETS + 1), "application/json"),
            )
        ),
    ]
    found = {(one.status_code, one.json()["code"]) for one in answers}
    found |= {(problem.status, problem.code) for problem in map(problem_of, ERRORS)}

    listed = {
        (int(status), code)
        for status, codes in re.findall(
            r"^\| (\d{3}) \| ([^|]*) \|", PAGE, re.MULTILINE
        )
        for code in re.findall(r"`(.*?)`", codes)
    }
    assert found == listed
