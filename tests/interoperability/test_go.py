"""Go's own packages for such logs read ours over HTTP: an independent reading.

Skipped where Go or its package golang.org/x/mod is absent; Debian has both
(golang-go, golang-golang-x-mod-dev).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import plain_http
from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.wiring.rotation import rotate_key
from running import wait_for
from witnessed import SIZE, House

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRTREE = Path(sys.executable).with_name("firtree")
SOURCES = Path("/usr/share/gocode")
# Log sizes at the ends of transactions: around a full tile, and with a partial one.
ENDS = (1, 2, 255, 256, 257, 600)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give what builds a Go program of this folder, without a network."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed (Debian: golang-go)")
    if not (SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip(
            "Go's package sumdb is not installed (Debian: golang-golang-x-mod-dev)"
        )
    folder = tmp_path_factory.mktemp("go")
    environ = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(SOURCES),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        # Where a C compiler is, Go takes its library as it came, compiled.
        "CGO_ENABLED": "1" if shutil.which("gcc") else "0",
    }

    def build(name: str) -> Path:
        source = Path(__file__).with_name(f"{name}.go")
        command = ["go", "build", "-o", str(folder / name), str(source)]
        subprocess.run(command, env=environ, check=True, timeout=300)
        return folder / name

    return build


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a register; give the address of its log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(FIRTREE), "serve", "--data", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    plain_http.get(f"{address}/health/ready").raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.1)
            yield f"{address}/log"
        finally:
            server.terminate()


def recorded(folder: Path) -> str:
    """Make a register of 600 statements; give its verifier key."""
    settings = Settings(data=str(folder))
    wiring.make(settings, origin="log.example/interoperability")
    with wiring.opened(settings) as parts:
        for start, end in pairwise(ENDS):
            statements = [
                Statement(subject=an_entry(number), by="keeper")
                for number in range(start, end)
            ]
            parts.recorder.record(statements, KEEPER)
        return str(parts.signer.verifier)


def test_go_reads_and_verifies_the_log_over_http(
    built: Callable[[str], Path], tmp_path: Path
) -> None:
    read_log = built("read_log")
    key = recorded(tmp_path / "var")
    other = key[:-4] + ("AAAA" if key[-4:] != "AAAA" else "BBBB")
    sizes = [str(end) for end in ENDS]

    with served(tmp_path / "var") as log:
        read = subprocess.run(
            [read_log, log, key, *sizes],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        refused = subprocess.run(
            [read_log, log, other], capture_output=True, text=True, check=False
        )

    assert read.returncode == 0, read.stderr
    assert read.stdout == "600 leaves and 6 earlier sizes verified\n"
    assert refused.returncode == 1
    assert refused.stderr.startswith(("verifier key", "checkpoint"))


def test_go_opens_a_checkpoint_of_two_keys_and_two_witnesses(
    built: Callable[[str], Path], tmp_path: Path
) -> None:
    program = built("open_checkpoint")
    with ExitStack() as stack:
        house = House(tmp_path, stack)
        old = str(house.log)
        new = str(rotate_key(house.settings, both_for_days=30).new)
        house.start(*house.witnesses.values(), house.server)
        wait_for(lambda: house.serves(SIZE + 1))
        witnesses = [str(key) for key in house.keys.values()]
        log = f"{house.server.url}/log"

        def opened(*keys: str) -> list[str]:
            done = subprocess.run(
                [program, log, *keys], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            return done.stdout.splitlines()

        every = opened(new, old, *witnesses)
        assert every.pop() == "0 others"
        assert every[:2] == [named(new), named(old)]
        assert sorted(every[2:]) == sorted(map(named, witnesses))
        for key in (new, old, *witnesses):
            assert opened(key) == [named(key), "3 others"]


def named(key: str) -> str:
    """Give name and hash of a verifier key."""
    return "+".join(key.split("+")[:2])
