"""A server as a process: what is left of it, and whom it takes itself for."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from firtree import wiring
from firtree.cli.serving import TrueAlarms
from firtree.settings import Settings
from running import Server, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "other.example"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make a register."""
    made = str(tmp_path_factory.mktemp("serving") / "data")
    wiring.make(Settings(data=made))
    return made


def a_server(data: str, *options: str, port: int = 0) -> Server:
    return Server(
        *("serve", "--data", data, *options), health="/health/ready", port=port
    )


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, even if nobody has asked how."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return told.rpartition(")")[2].split()[0] == "Z"


def test_workers_end_when_their_parent_was_killed(data: str) -> None:
    server = a_server(data, "--workers", "2")
    server.start()
    parent, *workers = server.pids
    assert len(workers) == 2

    os.kill(parent, signal.SIGKILL)

    wait_for(lambda: all(map(is_gone, workers)), seconds=10)
    server.stop()
    with a_server(data, port=server.port) as again:
        assert len(again.pids) == 2


def test_a_worker_that_has_to_be_killed_is_told_in_a_line_of_json(
    data: str, capfd: pytest.CaptureFixture[str]
) -> None:
    server = a_server(data)
    server.start()
    os.kill(server.pids[1], signal.SIGSTOP)

    server.stop()

    first, last = capfd.readouterr().err.splitlines()
    assert first.startswith("firtree: http://localhost:")
    told = json.loads(last)
    assert told["level"] == "warning"
    assert told["message"].startswith("Killing worker-1")


def test_a_worker_that_cannot_start_again_is_told_in_a_line_of_json(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    wiring.make(Settings(data=str(data)))
    server = a_server(str(data))
    server.start()
    parent, worker = server.pids
    (data / wiring.DATABASE_FILE).rename(tmp_path / "gone")

    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: is_gone(parent), seconds=30)
    server.stop()

    first, *lines = capfd.readouterr().err.splitlines()
    assert first.startswith("firtree: http://localhost:")
    told = [json.loads(line) for line in lines]
    why = [one["message"] for one in told if one["logger"] == "firtree.cli.serving"]
    assert why
    for one in why:
        assert one.startswith("a worker cannot start: there is no register")
        assert "restore it from a backup" in one


@pytest.mark.parametrize("ended", [True, False])
def test_no_worker_is_said_to_be_killed_that_has_ended(*, ended: bool) -> None:
    goes_on = multiprocessing.get_context("fork").Event()
    worker = multiprocessing.get_context("fork").Process(target=goes_on.wait)
    worker.start()
    if ended:
        goes_on.set()
        assert worker.pid is not None
        os.waitpid(worker.pid, 0)  # as another thread: here the outcome is not known
        assert worker.is_alive()
    killing = "Killing worker-1 after it refused to gracefully stop"
    record = logging.makeLogRecord({"msg": killing})

    told = TrueAlarms().filter(record)

    goes_on.set()
    worker.join()
    assert told is not ended


def test_of_the_server_everything_else_is_told() -> None:
    record = logging.makeLogRecord({"msg": "Unexpected exit from worker-1"})
    assert TrueAlarms().filter(record)


@pytest.fixture(scope="module")
def port(data: str) -> Iterator[int]:
    """Serve the register; give the port."""
    with a_server(data) as server:
        yield server.port


def asked(port: int, *lines: str) -> tuple[int, str]:
    """Send the head of a request as it is written; give the status and the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        sent = "\r\n".join((*lines, "Connection: close", "", ""))
        connection.sendall(sent.encode())
        answer = b""
        while octets := connection.recv(1 << 16):
            answer += octets
    return int(answer.split(b" ", 2)[1]), answer.decode("latin-1")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET http://{other}/log/checkpoint HTTP/1.1", 200),
        ("GET http://{other}:1/sign-in HTTP/1.1", 200),
        ("GET http://{other}/account HTTP/1.1", 303),
        ("GET http://user@{other}/log/checkpoint HTTP/1.1", 200),
        ("GET http://{other} HTTP/1.1", 303),
        ("GET {other}:80 HTTP/1.1", 303),
        ("GET //{other}/log/checkpoint HTTP/1.1", 404),
        ("CONNECT {other}:80 HTTP/1.1", 405),
        ("OPTIONS * HTTP/1.1", 404),
    ],
)
def test_a_host_in_the_request_line_counts_for_nothing(
    port: int, line: str, status: int
) -> None:
    host = f"Host: 127.0.0.1:{port}"

    found, answer = asked(port, line.format(other=OTHER), host, "Accept: text/html")

    assert found == status
    assert OTHER not in answer
    # It does not stand in for the right one, either.
    own = line.format(other=f"127.0.0.1:{port}")
    assert asked(port, own, f"Host: {OTHER}")[0] in {400, 421}


def test_without_a_host_field_the_one_of_the_request_line_is_taken(port: int) -> None:
    path = "/log/checkpoint"
    for version in ("HTTP/1.0", "HTTP/1.1"):
        assert asked(port, f"GET http://{OTHER}{path} {version}")[0] == 421
        own = f"GET http://127.0.0.1:{port}{path} {version}"
        assert asked(port, own)[0] == 200
        assert asked(port, f"GET {path} {version}")[0] in {400, 421}
