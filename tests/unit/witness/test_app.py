"""The witness's addresses: statuses, media types, and bounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from firtree.ledger.submissions import (
    SUBMISSION_OCTETS_MOST,
    origin_hash,
    read_cosignatures,
)
from firtree.witness import app as app_module
from firtree.witness.app import WitnessApp
from firtree.witness.store import Store
from firtree.witness.witness import Witness
from registers import START, Clock
from witnesses import ORIGIN, History, a_cosigner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

COSIGNER = a_cosigner("w1")
TRUE = History()
TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Make the memory of a witness that trusts a log."""
    store = Store(tmp_path / "witness.db")
    store.make()
    with store.writing() as tx:
        tx.trust(TRUE.signer.verifier)
    return store


@pytest.fixture
def app(store: Store) -> WitnessApp:
    """Make the application."""
    return WitnessApp(Witness(store, COSIGNER, now=Clock()), body_wait_s=0.2)


def ask(app: WitnessApp, method: str, path: str, content: Any = b"") -> httpx.Response:
    """Ask one thing."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://w.example"
        ) as client:
            return await client.request(method, path, content=content)

    return asyncio.run(asked())


def test_a_checkpoint_is_cosigned_and_told(app: WitnessApp) -> None:
    path = f"/{origin_hash(ORIGIN)}/checkpoint"
    assert ask(app, "GET", path).status_code == 404

    answer = ask(app, "POST", "/add-checkpoint", TRUE.body(0, 7))
    told = ask(app, "GET", path)
    head = ask(app, "HEAD", path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, TEXT)
    note = TRUE.note(7).with_signatures(read_cosignatures(answer.content))
    assert COSIGNER.verifier.cosigned_at(note) == START
    assert (told.status_code, told.text) == (200, str(note))
    assert told.headers["content-type"] == TEXT
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(told.content))


def test_a_conflict_tells_the_size_in_its_media_type(app: WitnessApp) -> None:
    ask(app, "POST", "/add-checkpoint", TRUE.body(0, 7))

    answer = ask(app, "POST", "/add-checkpoint", TRUE.body(0, 9))

    assert (answer.status_code, answer.text) == (409, "7\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", f"/{origin_hash(ORIGIN).upper()}/checkpoint", 404),
        ("GET", f"/{origin_hash(ORIGIN)[:-1]}/checkpoint", 404),
        ("GET", f"/{origin_hash(ORIGIN)}/checkpoint/", 404),
        ("POST", "/sign-subtree", 404),
        ("GET", "/add-checkpoint", 405),
        ("PUT", "/add-checkpoint", 405),
        ("POST", f"/{origin_hash(ORIGIN)}/checkpoint", 405),
        ("POST", "/health", 405),
        ("GET", "/health", 200),
        ("POST", "/add-checkpoint", 400),
    ],
)
def test_every_answer_is_a_line_of_text(
    app: WitnessApp, method: str, path: str, status: int
) -> None:
    answer = ask(app, method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, TEXT)
    assert answer.text.count("\n") == 1
    assert ("allow" in answer.headers) == (status == 405)


def test_a_body_that_is_too_large_is_refused(app: WitnessApp) -> None:
    answer = ask(app, "POST", "/add-checkpoint", b"x" * (SUBMISSION_OCTETS_MOST + 1))

    assert answer.status_code == 413


def test_a_body_that_does_not_come_is_given_up(app: WitnessApp) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"old 0\n"
        await asyncio.sleep(2)
        yield b"\n"

    async def asked() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        chunks = slowly()

        async def receive() -> dict[str, Any]:
            body = await anext(chunks)
            return {"type": "http.request", "body": body, "more_body": True}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/add-checkpoint"}
        await app(scope, receive, send)
        return sent

    start, body = asyncio.run(asked())
    assert (start["status"], body["body"]) == (408, b"the body took too long\n")


def test_a_body_that_is_cut_short_is_refused(app: WitnessApp) -> None:
    async def asked() -> Any:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/add-checkpoint"}
        await app(scope, receive, send)
        return sent[0]["status"]

    assert asyncio.run(asked()) == 400


def test_too_many_at_once_are_asked_to_come_back(
    app: WitnessApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "AT_ONCE_MOST", 0)

    assert ask(app, "GET", "/health").status_code == 503


def test_what_is_wrong_inside_is_not_told(
    app: WitnessApp, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "witness.db").rename(tmp_path / "elsewhere.db")

    answer = ask(app, "POST", "/add-checkpoint", TRUE.body(0, 7))

    assert answer.status_code == 503
    assert answer.text == "this witness cannot work now; try again\n"
    assert "is not there" in caplog.text


def test_a_fault_is_noted_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    broken = WitnessApp(None)  # type: ignore[arg-type]

    answer = ask(broken, "POST", "/add-checkpoint", TRUE.body(0, 7))

    assert (answer.status_code, "Traceback" in answer.text) == (500, False)
    assert "fault in POST " in caplog.text
