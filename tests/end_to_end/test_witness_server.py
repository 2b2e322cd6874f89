"""A real witness on loopback: its commands, two at once, killed and started again."""

from __future__ import annotations

import json
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

import plain_http
from firtree.ledger.cosignatures import CosignatureVerifier
from firtree.ledger.notes import Checkpoint, Note, Signer
from firtree.ledger.submissions import origin_hash, read_cosignatures
from firtree.wiring.witness import make_witness, open_witness
from running import Server, firtree, in_process
from witnesses import ORIGIN, History, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TRUE, FALSE = History(), History("false")
START = datetime(2026, 11, 22, 12, tzinfo=UTC)
VKEY = str(TRUE.signer.verifier)
CHECKPOINT = f"/{origin_hash(ORIGIN)}/checkpoint"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a witness that trusts a log."""
    folder = tmp_path / "witness"
    make_witness(folder, "w.example/w1")
    with open_witness(folder).store.writing() as tx:
        tx.trust(TRUE.signer.verifier)
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    """Serve it."""
    server = Server("witness", "serve", "--dir", folder, health="/health")
    with server:
        yield server


def test_a_log_is_cosigned_over_http(server: Server, folder: Path) -> None:
    verifier = open_witness(folder).cosigner.verifier
    with plain_http.client(base_url=server.url) as http:
        for old, new in ((0, 7), (7, 300), (300, 300)):
            answer = http.post("/add-checkpoint", content=TRUE.body(old, new))
            assert answer.status_code == 200
            lines = read_cosignatures(answer.content)
            assert verifier.cosigned_at(TRUE.note(new).with_signatures(lines))
            assert http.get(CHECKPOINT).text.endswith(answer.text)
        conflict = http.post("/add-checkpoint", content=TRUE.body(7, 300))
        forked = http.post("/add-checkpoint", content=FALSE.body(300, 300))

    assert (conflict.status_code, conflict.text) == (409, "300\n")
    assert conflict.headers["content-type"] == "text/x.tlog.size"
    assert forked.status_code == 422
    told = json.loads(firtree("witness", "logs", "--dir", folder, "--json"))
    assert told["logs"][0]["origin"] == ORIGIN
    assert told["logs"][0]["size"] == 300
    assert told["contradictions"][0]["note"] == str(FALSE.note(300))
    shown = firtree("witness", "logs", "--dir", folder)
    assert f"{ORIGIN}: 1 key, size 300" in shown
    assert told["contradictions"][0]["proves_a_fork"] is True
    assert "FORK: 1 contradicting checkpoint, of which 1 with another tree" in shown


def test_a_refusal_that_proves_no_fork_is_not_called_one(folder: Path) -> None:
    store = open_witness(folder).store
    with store.writing() as tx:
        tx.cosigned(TRUE.checkpoint(7), TRUE.note(7), START)
        tx.contradicted(ORIGIN, FALSE.note(9), START)

    told = json.loads(firtree("witness", "logs", "--dir", folder, "--json"))
    shown = firtree("witness", "logs", "--dir", folder)

    assert [one["proves_a_fork"] for one in told["contradictions"]] == [False]
    assert "1 checkpoint not shown to continue the one before: no proof" in shown
    assert "FORK" not in shown


def test_requests_at_once_to_two_processes_never_roll_a_log_back(
    server: Server, folder: Path
) -> None:
    with Server("witness", "serve", "--dir", folder, health="/health") as second:
        urls = [server.url, second.url]
        clients = [plain_http.client(base_url=url, timeout=30) for url in urls]

        def sent(number: int) -> tuple[int, str]:
            body = TRUE.body(size, size + 1 + number)
            answer = clients[number % 2].post("/add-checkpoint", content=body)
            return answer.status_code, answer.text

        size = 0
        with ThreadPoolExecutor(8) as pool:
            for _ in range(5):
                answers = list(pool.map(sent, range(8)))
                (winner,) = [n for n, answer in enumerate(answers) if answer[0] == 200]
                size += 1 + winner
                refused = {answer for answer in answers if answer[0] != 200}
                assert refused == {(409, f"{size}\n")}
                for client in clients:
                    text = Note.parse(client.get(CHECKPOINT).text).text
                    assert Checkpoint.parse(text) == TRUE.checkpoint(size)
        for client in clients:
            client.close()


def test_a_killed_witness_remembers_all_it_cosigned(server: Server) -> None:
    size = 0
    for _ in range(2):
        for more in (1, 20):
            body = TRUE.body(size, size + more)
            assert plain_http.post(
                f"{server.url}/add-checkpoint", content=body
            ).is_success
            size += more
        server.kill()
        server.start()
        text = Note.parse(plain_http.get(server.url + CHECKPOINT).text).text
        assert Checkpoint.parse(text) == TRUE.checkpoint(size)


def test_a_log_is_trusted_while_it_serves(server: Server, folder: Path) -> None:
    new = History(signer=Signer(ORIGIN, seed("next")))
    url = f"{server.url}/add-checkpoint"
    assert plain_http.post(url, content=new.body(0, 7)).status_code == 403

    policy = folder / "p"
    policy.write_text(f"log {new.signer.verifier}\nquorum none\n", encoding="utf-8")
    told = firtree("witness", "trust", "--dir", folder, "--policy", policy, VKEY)
    assert told.splitlines() == [
        f"{ORIGIN}: was trusted already",
        f"{ORIGIN}: trusted",
    ]
    assert plain_http.post(url, content=new.body(0, 7)).status_code == 200
    firtree("witness", "distrust", "--dir", folder, str(new.signer.verifier))
    assert plain_http.post(url, content=new.body(7, 9)).status_code == 403


def test_a_witness_is_made_and_shows_its_key(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "witness"
    made = json.loads(
        firtree("witness", "init", "--dir", folder, "--name", "w.example/w1", "--json")
    )

    key = firtree("witness", "key", "--dir", folder).strip()
    shown = json.loads(firtree("witness", "key", "--dir", folder, "--json"))
    assert shown == {"name": "w.example/w1", "verifier_key": key}
    for command, told in (
        ("trust", {"trusted": [{"verifier_key": VKEY, "new": True}]}),
        ("distrust", {"verifier_key": VKEY, "was_trusted": True}),
        ("distrust", {"verifier_key": VKEY, "was_trusted": False}),
    ):
        said = firtree("witness", command, "--dir", folder, VKEY, "--json")
        assert json.loads(said) == told
    assert made == {"dir": str(folder), "name": "w.example/w1", "verifier_key": key}
    assert CosignatureVerifier.parse(key).name == "w.example/w1"
    assert stat.S_IMODE((folder / "witness.key").stat().st_mode) == 0o600


@pytest.fixture
def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Give what runs a command that has to be refused, and gives what it told."""
    command = in_process(monkeypatch, capsys)

    def refused(*args: str | Path) -> str:
        ran = command("witness", *args)
        assert ran.code == 1
        return ran.err

    return refused


def test_a_key_that_others_can_read_is_refused(
    folder: Path, refused: Callable[..., str]
) -> None:
    (folder / "witness.key").chmod(0o640)

    assert "can be read by others" in refused("key", "--dir", folder)


def test_a_witness_is_made_once(folder: Path, refused: Callable[..., str]) -> None:
    before = (folder / "witness.key").read_bytes()

    told = refused("init", "--dir", folder, "--name", "w.example/w2")

    assert "there is a witness already" in told
    assert (folder / "witness.key").read_bytes() == before


def test_a_new_key_does_not_take_over_the_memory_of_another(
    folder: Path, refused: Callable[..., str]
) -> None:
    (folder / "witness.key").unlink()

    told = refused("init", "--dir", folder, "--name", "w.example/w2")

    assert "is the memory of a witness, and its key is not beside it" in told
    assert "put that witness's witness.key back" in told
    assert not (folder / "witness.key").exists()


def test_a_witness_without_its_memory_does_not_start(
    folder: Path, refused: Callable[..., str]
) -> None:
    (folder / "witness.db").unlink()

    assert "witness.db, is not there" in refused("serve", "--dir", folder)
    assert not (folder / "witness.db").exists()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["init", "--name", "w 1"], "has no blank and no plus; found 'w 1'"),
        (["init", "--name", "https://w.example/1"], "leave it at w.example/1; found"),
        (["key"], "there is no witness in"),
        (["logs"], "there is no witness in"),
        (["serve"], "there is no witness in"),
        (["trust", VKEY], "there is no witness in"),
        (["trust", "a+b"], "VKEY: expected a verifier key"),
        (["trust"], "no log to trust was given"),
        (["distrust", "x"], "VKEY: expected a verifier key"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    tmp_path: Path, refused: Callable[..., str], args: list[str], told: str
) -> None:
    assert told in refused(*args, "--dir", tmp_path / "none")


def test_a_port_in_use_and_a_foreign_address_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = in_process(monkeypatch, capsys)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for options, code, told in (
            (["--port", str(taken.getsockname()[1])], 75, "is in use"),
            (["--address", "192.0.2.1"], 1, "cannot listen on 192.0.2.1"),
        ):
            ran = command("witness", "serve", "--dir", folder, *options)
            assert (ran.code, told in ran.err) == (code, True)
