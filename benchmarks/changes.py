"""The feed of changes, streamed whole, beside Datasette streaming ready-made lines.

Both servers run at once, one worker each, and are asked in turns; every line is
checked when the clock has been stopped.  Datasette has the same lines as texts in a
table, so it reads and sends what firtree reads, filters by rights and writes.
"""

import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import MappingProxyType

import msgspec

from benchmarks.figures import Figure, Scale, at_least, by_value, number
from benchmarks.registers import Register, database_of, example, token_of
from benchmarks.servers import (
    Server,
    apart,
    firtree_serving,
    free_port,
    memory_of,
    serving,
)

_LEAST = 20_000
_FEED = "/api/v1/changes?format=ndjson"
_ROWS = "/db/feed.csv?_stream=on&_size=max&_col=line"
_PIECE = 1 << 20
_PATIENCE_S = 120


class _Line(msgspec.Struct):
    """What is checked of a line; the last one has no statement."""

    statement: int | None = None
    subject: str | None = None
    next: int | None = None


def run(scale: Scale, cached: Path) -> Iterator[Figure]:
    """Stream every statement of a register, from first to last."""
    register = example(cached, scale.sizes[1])
    shown = {"Authorization": f"Bearer {token_of(register)}"}
    with firtree_serving(register.folder) as ours:
        lines = _streamed(ours, _FEED, shown)[1].splitlines()
        subjects = _subjects(register)
        _check(lines, subjects)
        with datasette_serving(lines) as peer, apart():
            rates: list[float] = []
            beside: list[float] = []
            for _ in range(scale.rounds):
                seconds, octets = _streamed(ours, _FEED, shown)
                _check(octets.splitlines(), subjects)
                rates.append(len(subjects) / seconds)
                seconds, octets = _streamed(peer, _ROWS)
                assert octets.count(b"\n") == len(lines) + 1
                beside.append(len(lines) / seconds)
        weight = memory_of(ours.pid).rss
    name = f"changes, {number(len(subjects))} statements streamed"
    size = sum(map(len, lines)) / len(lines)
    yield by_value(
        f"{name}, {number(size)} octets each",
        median(rates),
        "/s",
        at_least(_LEAST),
        peer=("Datasette, lines ready made", median(beside)),
    )
    yield by_value(f"{name}, RSS of the server after it", weight, "MB")


def _streamed(
    server: Server, target: str, headers: Mapping[str, str] = MappingProxyType({})
) -> tuple[float, bytes]:
    """Read an answer to its end; give the seconds it took, and its body."""
    with closing(HTTPConnection("127.0.0.1", server.port, _PATIENCE_S)) as connection:
        begun = perf_counter()
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        pieces = list(iter(lambda: response.read(_PIECE), b""))
        return perf_counter() - begun, b"".join(pieces)


def _subjects(register: Register) -> list[str]:
    """Give the subjects of all statements, past firtree."""
    with database_of(register) as connection:
        found = connection.execute("SELECT subject FROM statement ORDER BY leaf_index")
        return [subject for (subject,) in found]


def _check(lines: Sequence[bytes], subjects: Sequence[str]) -> None:
    decoder = msgspec.json.Decoder(_Line)
    *found, last = map(decoder.decode, lines)
    given = [(line.statement, line.subject) for line in found]
    assert given == sorted(set(given), key=lambda one: one[0] or 0)
    # Statements about other parties are not a supplier's to see.
    hidden = set(enumerate(subjects)) - set(given)
    assert all(subject.startswith("party/") for _, subject in hidden)
    assert set(given) <= set(enumerate(subjects))
    assert last.next == len(subjects)


@contextmanager
def datasette_serving(lines: Sequence[bytes]) -> Iterator[Server]:
    """Serve the same lines by Datasette, from a table that holds them as texts."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "db.db")
        with closing(sqlite3.connect(path)) as made, made:
            made.execute("CREATE TABLE feed (number INTEGER PRIMARY KEY, line TEXT)")
            made.executemany(
                "INSERT INTO feed VALUES (?, ?)",
                ((place, line.decode()) for place, line in enumerate(lines)),
            )
        port = free_port()
        command = [sys.executable, "-m", "datasette", "serve", str(path)]
        command += ["--port", str(port), "--setting", "max_csv_mb", "0"]
        with serving(command, port, ready="/-/versions.json") as server:
            yield server
