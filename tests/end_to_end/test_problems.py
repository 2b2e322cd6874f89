"""What is told, and what is noted, when the register itself is at fault."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from firtree.access import KEEPER
from firtree.errors import UnavailableError, VerificationError
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.parties import Parties
from firtree.storage.memory import MemoryRegister
from firtree.web import problems
from firtree.web.app import create_app
from registers import SIGNER, Clock, a_recorder

if TYPE_CHECKING:
    from firtree.errors import FirtreeError

PATHS = ("/", "/api/v1/entries")


@pytest.fixture(autouse=True)
def nothing_said_yet() -> None:
    """Forget what was logged once."""
    problems._warn.cache_clear()  # noqa: SLF001 - tests share a process


class _Faulty(MemoryRegister):
    def __init__(self, error: FirtreeError) -> None:
        super().__init__()
        self._error = error

    def size(self) -> int:
        raise self._error from ConnectionError("password=hush")


def ask(error: FirtreeError, path: str, method: str = "GET") -> httpx.Response:
    """Ask a register that answers with an error."""
    register = _Faulty(error)
    lookup = Lookup(register, Models(register), SIGNER, now=Clock())
    app: Any = create_app(
        lookup,
        Parties(register, a_recorder(register), now=Clock()),
        authenticate=lambda _: KEEPER,
        in_threads=False,
        close=lambda: None,
    )

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1"
        ) as client:
            accept = {"accept": "text/html"}
            return await client.request(method, path, headers=accept)

    return asyncio.run(send())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_damage_on_the_server_is_a_fault_of_the_server(
    caplog: pytest.LogCaptureFixture, path: str, method: str
) -> None:
    error = VerificationError("the file is damaged", hint="restore it from a backup")

    answer = ask(error, path, method)

    assert answer.status_code == 500
    assert "damaged" not in answer.text
    assert "backup" not in answer.text
    (noted,) = caplog.records
    assert noted.levelno == logging.ERROR
    assert noted.exc_info is not None
    assert noted.exc_info[1] is error


def test_damage_is_told_as_a_problem_document() -> None:
    found = ask(VerificationError("damaged"), PATHS[1]).json()

    assert found == {
        "title": "A fault in firtree",
        "status": 500,
        "detail": "something went wrong here; it was noted",
        "code": "internal",
    }


@pytest.mark.parametrize("path", PATHS)
def test_who_asks_is_not_told_what_the_operator_is(path: str) -> None:
    error = UnavailableError("out of reach", hint="check FIRTREE_DATABASE")

    answer = ask(error, path)

    assert answer.status_code == 503
    assert "FIRTREE_DATABASE" not in answer.text
    assert "ry again in a moment" in answer.text


def test_what_is_out_of_reach_is_logged_once_and_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for path in PATHS * 2:
        ask(UnavailableError("out of reach", hint="check FIRTREE_DATABASE"), path)
    ask(UnavailableError("the disk is full"), PATHS[0])

    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("WARNING", "unavailable: out of reach (ConnectionError)"),
        ("WARNING", "unavailable: the disk is full (ConnectionError)"),
    ]
    assert "hush" not in caplog.text
