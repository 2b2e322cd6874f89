"""Servers in processes of their own, on this machine, ended when a test ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import httpx
import pytest

import commands
import plain_http
from commands import FIRTREE, Done
from firtree.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Mapping

STARTING_S = 40.0
STOPPING_S = 15.0


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def firtree(*args: str | Path, environ: Mapping[str, str] | None = None) -> str:
    """Run a command that has to succeed; give what it writes."""
    done = run(*args, environ=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run(*args: str | Path, environ: Mapping[str, str] | None = None) -> Done:
    """Run a command, whatever comes of it."""
    return commands.run(*args, environ={**os.environ, **(environ or {})})


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


Command = Callable[..., Ran]


def in_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Give what runs a command as ``firtree`` does, but without a new process."""

    def ran(*args: str | Path) -> Ran:
        monkeypatch.setattr("sys.argv", ["firtree", *map(str, args)])
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        assert isinstance(code, int)
        return Ran(code, out, err)

    return ran


class Server:
    """A command that serves, in a process group of its own.

    Args:
        args: of ``firtree``, without the port.
        health: path that answers 200 once it serves.
        port: to listen on; 0 = a free one.
        environ: further variables.
    """

    def __init__(
        self,
        *args: str | Path,
        health: str,
        port: int = 0,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [FIRTREE, *args, "--port", str(self.port)]
        self._health = self.url + health
        self._environ = {**os.environ, **(environ or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            self._command, env=self._environ, start_new_session=True
        )
        patience = time.monotonic() + STARTING_S
        while time.monotonic() < patience:
            assert self._process.poll() is None, "it ended at once"
            with suppress(httpx.TransportError):
                if plain_http.get(self._health, timeout=5).status_code == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"{self._health} does not answer")

    def stop(self) -> None:
        """Ask it to end, and wait for it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(STOPPING_S)
        self._process = None

    @property
    def pids(self) -> list[int]:
        """Give the processes it consists of, as Linux tells: itself, then its workers.

        Skips the test where there is no ``/proc`` that tells.
        """
        assert self._process is not None
        pid = self._process.pid
        try:
            told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            pytest.skip("this system does not tell the children of a process")
        return [pid, *map(int, told.split())]

    def kill(self) -> None:
        """Kill it and its workers, without a warning."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOPPING_S)
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_args: object) -> None:
        self.stop()


def wait_for(true: object, *, seconds: float = 20.0) -> None:
    """Wait until a question is answered with yes."""
    assert callable(true)
    patience = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < patience, "it did not come true"
        time.sleep(0.05)
