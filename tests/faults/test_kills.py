"""Servers and publishers are killed at any moment; nothing that was told is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from pathlib import Path

import httpx
import pytest

import plain_http
from children import child_environment
from commands import FIRTREE
from firtree import wiring
from firtree.access import KEEPER
from firtree.ledger.notes import Checkpoint
from firtree.settings import Settings
from firtree.wiring.checkup import checkup
from firtree.wiring.keyfile import signer_of

CHILD = Path(__file__).with_name("publishing_child.py")
# Examining a register takes as long as it is large, so it begins anew now and then.
KILLS_OF_ONE = 20


class Run:
    """Servers and publishers on one register, and all that they told.

    Args:
        settings: of the register.
        servers: how many serve it.
        publishers: how many record.
    """

    def __init__(self, settings: Settings, *, servers: int, publishers: int) -> None:
        self.settings = settings
        self.told: dict[int, str] = {}
        self.served = 0
        self._verifier = signer_of(settings).verifier
        self._counts = (servers, publishers)

    def turn(self, chance: random.Random) -> None:
        """Start everybody, kill everybody at some moment, and take in what was told."""
        servers, publishers = self._counts
        environ = child_environment() | {"FIRTREE_DATABASE": self.settings.database}
        ports = [free_port() for _ in range(servers)]
        serving = [self._start(environ, port) for port in ports]
        if chance.random() < 0.5:  # else they are killed while they start
            for port in ports:
                _wait_for(port)
        recording = [
            subprocess.Popen(
                [sys.executable, str(CHILD), self.settings.data],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,  # what is read ahead with a line would be lost to the rest
                env=environ,
            )
            for _ in range(publishers)
        ]
        stop = threading.Event()
        watch = threading.Thread(target=self._watch, args=(ports, stop))
        watch.start()
        first = [_line(child) for child in recording]
        time.sleep(chance.uniform(0, 0.3))
        for server in serving:
            os.killpg(server.pid, signal.SIGKILL)  # and the workers it has started
        for child in recording:
            child.kill()
        stop.set()
        watch.join()
        for child, line in zip(recording, first, strict=True):
            said, errors = child.communicate(timeout=30)
            assert line.endswith(b"\n"), errors.decode()
            for each in (line, *said.splitlines(keepends=True)):
                if each.endswith(b"\n"):
                    size, root = each.decode().split()
                    self._take(int(size), root)
        for server in serving:
            server.wait(30)

    def _start(self, environ: dict[str, str], port: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [FIRTREE, "serve", "--data", self.settings.data, "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environ,
            start_new_session=True,
        )

    def _watch(self, ports: list[int], stop: threading.Event) -> None:
        """Ask the servers for checkpoints until they are gone."""
        while not stop.is_set():
            for port in ports:
                try:
                    got = plain_http.get(f"http://127.0.0.1:{port}/log/checkpoint")
                except httpx.TransportError:
                    continue
                if got.status_code == 200:
                    said = Checkpoint.parse(self._verifier.verify(got.text))
                    self._take(said.size, b64encode(said.root).decode())
                    self.served += 1
            stop.wait(0.02)

    def _take(self, size: int, root: str) -> None:
        """Take in a checkpoint; no other of the same size was ever told."""
        assert self.told.setdefault(size, root) == root, f"two roots at {size}"

    def check(self) -> None:
        """Check that all that was told is there, and that the register is sound."""
        found = checkup(self.settings, lambda *_told: None)
        assert found.faults == ()
        # The roots kept are those that the leaves lead to, so what was told under
        # them is consistent with one log.
        with wiring.opened(self.settings) as parts:
            with parts.register.reading() as tx:
                kept = {end.size: b64encode(end.root).decode() for end in tx.ends(0)}
            assert parts.lookup.log(KEEPER).size == max(kept)
        assert self.told.items() <= kept.items()


def _line(child: subprocess.Popen[bytes]) -> bytes:
    assert child.stdout is not None
    return child.stdout.readline()


def _wait_for(port: int) -> None:
    """Wait until a server answers."""
    for _ in range(600):
        try:
            plain_http.get(f"http://127.0.0.1:{port}/health/live")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def database(request: pytest.FixtureRequest) -> str:
    """Give the database of the registers: none of its own, or PostgreSQL's."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """Make a register."""
    made = Settings(data=str(tmp_path / "var"), database=database, lock_wait_s=20)
    wiring.make(made)
    return made


@pytest.mark.parametrize(("kills", "servers"), [(2, 1)])
def test_what_was_told_before_a_kill_is_there_and_consistent(
    settings: Settings, kills: int, servers: int
) -> None:
    run = Run(settings, servers=servers, publishers=2)
    chance = random.Random(kills)  # noqa: S311 - the same moments each time

    for _ in range(kills):
        run.turn(chance)
        run.check()

    assert len(run.told) >= 2 * kills


def test_two_servers_and_their_publishers_never_fork(settings: Settings) -> None:
    run = Run(settings, servers=2, publishers=3)

    run.turn(random.Random(7))  # noqa: S311 - the same moments each time

    run.check()


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_two_hundred_kills_lose_nothing(settings: Settings, part: int) -> None:
    run = Run(settings, servers=1 + part % 2, publishers=2)
    chance = random.Random(part)  # noqa: S311 - the same moments each time

    for _ in range(KILLS_OF_ONE):
        run.turn(chance)
        run.check()

    assert len(run.told) >= 2 * KILLS_OF_ONE
    assert run.served > 0


def test_a_copied_folder_is_not_served_beside_the_original(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "var"))
    wiring.make(settings)
    environ = child_environment()
    serve = [str(FIRTREE), "serve", "--port", str(free_port()), "--data"]
    with subprocess.Popen(
        [*serve, settings.data], stderr=subprocess.PIPE, env=environ
    ) as original:
        assert original.stderr is not None
        assert original.stderr.readline().startswith(b"firtree: http://")
        shutil.copytree(settings.data, tmp_path / "copy")
        serve[3] = str(free_port())
        copy = subprocess.run(
            [*serve, str(tmp_path / "copy")],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environ,
        )
        original.terminate()

    assert copy.returncode == 1
    assert "this is a copy: the fence file" in copy.stderr
