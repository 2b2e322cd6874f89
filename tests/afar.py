"""Servers to be asked from afar: real ones, and ones that mean no good."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from commands import FIRTREE, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line of an error, before its hint."""
        *_, line, hint = self.err.splitlines()
        assert line.startswith("firtree: "), self.err
        assert hint.startswith("firtree: hint: "), self.err
        return line.removeprefix("firtree: ")


def environ(**more: str) -> dict[str, str]:
    """Give an environment without settings of ours, and without proxies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FIRTREE_") and not name.lower().endswith("_proxy")
    }
    return {**kept, "COLUMNS": "200", "NO_COLOR": "1", **_tokens, **more}


# The token of the server that runs, if one does.
_tokens: dict[str, str] = {}


def firtree(folder: Path, *arguments: str, **more: str) -> Ran:
    """Run firtree in a folder; whatever it does, it shows no traceback."""
    done = run(*arguments, folder=folder, environ=environ(**more))
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def good(folder: Path, *arguments: str, **more: str) -> str:
    """Run a command that succeeds; give what it wrote."""
    ran = firtree(folder, *arguments, **more)
    assert ran.code == 0, ran.err
    return ran.out


def free_port() -> int:
    """Find a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    folder: Path,
    data: str = "register",
    *,
    email: str = "administrator@demo.example",
) -> Iterator[str]:
    """Serve an example register until the block ends; give its address.

    Commands that are run meanwhile have the token of one of its people.
    """
    port = free_port()
    made = good(folder, "token", "new", "--data", data, "--email", email)
    _tokens["FIRTREE_TOKEN"] = made.strip()
    with subprocess.Popen(
        [FIRTREE, "serve", "--port", str(port), "--data", data],
        cwd=folder,
        env=environ(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stderr is not None
            assert server.stderr.readline().startswith("firtree: http://")
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            _tokens.clear()
            server.send_signal(signal.SIGINT)
            _, err = server.communicate(timeout=20)
    assert "Traceback" not in err, err


def _wait_for(port: int) -> None:
    for _ in range(1200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        threading.Event().wait(0.05)
    raise AssertionError("the server does not answer")


Answering = "Callable[[socket.socket, bytes], None]"


@contextmanager
def hostile(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """Answer every connection in some way of one's own; give the address.

    Args:
        answer: gets the connection, and the request up to the end of its headers.
    """
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    connection.settimeout(5)
                    asked = b""
                    while b"\r\n\r\n" not in asked and (got := connection.recv(4096)):
                        asked += got
                    answer(connection, asked)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            thread.join(timeout=10)


def saying(*pieces: bytes) -> Callable[[socket.socket, bytes], None]:
    """Make an answer of fixed octets, after which the connection ends."""

    def answer(connection: socket.socket, _asked: bytes) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return answer
