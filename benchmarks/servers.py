"""Starts servers on a core of their own, and weighs them; Linux only.

A server gets the first core and the load generator the last, so that neither takes
the other's time.  On a machine of one core they share it.
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple

from benchmarks import TOP

FIRTREE = str(Path(sys.executable).with_name("firtree"))
_CORES = sorted(os.sched_getaffinity(0))
_START_S = 30.0
_STOP_S = 15.0


class Memory(NamedTuple):
    """Memory of processes, MB (10⁶ octets).

    Attributes:
        rss: resident; what processes share counts once for each.
        pss: resident; what processes share counts once.
    """

    rss: float
    pss: float


class Server(NamedTuple):
    """A server that runs.

    Attributes:
        pid: of its first process.
        port: it listens on, at 127.0.0.1.
        ready_s: from its start to its first answer.
    """

    pid: int
    port: int
    ready_s: float


def environment() -> dict[str, str]:
    """Give the environment of processes: no settings of firtree but our own."""
    return {n: v for n, v in os.environ.items() if not n.startswith("FIRTREE_")}


def free_port() -> int:
    """Find a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def apart() -> Iterator[None]:
    """Run the load generator on a core that servers do not use."""
    os.sched_setaffinity(0, {_CORES[-1]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, _CORES)


@contextmanager
def serving(
    command: Sequence[str], port: int, *, ready: str, pinned: bool = True
) -> Iterator[Server]:
    """Start a server, wait until it answers 200, and end it on leaving.

    Args:
        command: that starts it.
        port: it will listen on.
        ready: path of a page that is there once it serves.
        pinned: whether it gets the servers' core.

    Raises:
        RuntimeError: it does not answer; what it wrote is in the message.
    """
    with tempfile.TemporaryFile() as output:
        before = os.sched_getaffinity(0)
        if pinned:  # a child begins on the cores of its parent
            os.sched_setaffinity(0, {_CORES[0]})
        begun = perf_counter()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=TOP,
                env=environment(),
            )
        finally:
            os.sched_setaffinity(0, before)
        try:
            while not _answers(port, ready):
                if process.poll() is not None or perf_counter() > begun + _START_S:
                    output.seek(0)
                    said = output.read().decode(errors="replace")
                    raise RuntimeError(f"{' '.join(command)} does not serve: {said}")
                sleep(0.002)
            yield Server(process.pid, port, perf_counter() - begun)
        finally:
            _stop(process)


@contextmanager
def firtree_serving(data: Path, *, pinned: bool = True) -> Iterator[Server]:
    """Serve a register as its operator would, by one worker."""
    port = free_port()
    command = [FIRTREE, "serve", "--data", str(data), "--port", str(port)]
    with serving(command, port, ready="/health/ready", pinned=pinned) as server:
        yield server


@contextmanager
def trivial_serving(octets: int) -> Iterator[Server]:
    """Serve a constant of that size by next to no code."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.trivial", str(port), str(octets)]
    with serving(command, port, ready="/") as server:
        yield server


def _answers(port: int, path: str) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as asked:
        lines = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "", "")
        asked.sendall("\r\n".join(lines).encode())
        return asked.recv(100).startswith(b"HTTP/1.1 200")
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process we started, and what it started; by force if it lingers."""
    family = tree(process.pid)
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        process.wait()


def tree(pid: int) -> list[int]:
    """Give a process and all that it started."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name, in brackets, may hold spaces and brackets itself.
            rest = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(rest[1])
    found = [pid]
    for parent in found:
        found.extend(child for child, of in parents.items() if of == parent)
    return found


def memory_of(pid: int) -> Memory:
    """Weigh a process and all that it started."""
    rss = pss = 0
    for member in tree(pid):
        rollup = Path(f"/proc/{member}/smaps_rollup").read_text(encoding="utf-8")
        sizes = {
            line.partition(":")[0]: int(line.split()[1])
            for line in rollup.splitlines()[1:]
        }
        rss += sizes["Rss"]
        pss += sizes["Pss"]
    return Memory(rss * 1024 / 1e6, pss * 1024 / 1e6)
