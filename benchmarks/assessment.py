"""Assessments over HTTP, beside Datasette and beside a constant answer.

The three servers run at once, one worker each, and are asked in turns; every answer
is checked when the clock has been stopped.
"""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from benchmarks.figures import Figure, Scale, at_least, by_ratio, by_value, number
from benchmarks.loads import Load, ask, body_of, request_of, run_load
from benchmarks.registers import (
    Key,
    Register,
    assessment_request,
    check_assessments,
    database_of,
    example,
    random_keys,
    session_of,
    token_of,
)
from benchmarks.servers import (
    Server,
    apart,
    firtree_serving,
    free_port,
    serving,
    trivial_serving,
)

_COLUMNS = (
    "id, manufacturer, model, device_type, firmware, status, image_hash, "
    "published_on, status_from"
)


def run(scale: Scale, cached: Path) -> Iterator[Figure]:
    """Measure assessments of many different devices."""
    register = example(cached, scale.entries)
    keys = random_keys(register, scale.requests)
    asked = [assessment_request(register, key) for key in keys]
    token = token_of(register)
    rows = [request_of(_rows_target(key)) for key in keys]
    with (
        datasette_serving(register) as peer,
        firtree_serving(register.folder) as ours,
        apart(),
    ):
        check_same_ids(peer, ours, keys, token)
        cookie = session_of(ours.port)
        signed_in = [assessment_request(register, key, cookie=cookie) for key in keys]
        warm = run_load(ours.port, asked, seconds=scale.round_s)
        run_load(peer.port, rows, seconds=scale.round_s)
        octets = int(median(len(body_of(answer)) for answer in warm.answers))
        with (
            constant_serving(register, octets) as limit,
            trivial_serving(octets) as nil,
        ):
            same = [request_of("/constant", token)] * len(keys)
            run_load(limit.port, same, seconds=scale.round_s)
            beside: list[Load] = []
            firtree: list[Load] = []
            by_session: list[Load] = []
            constant: list[Load] = []
            generator: list[Load] = []
            for _ in range(scale.rounds):
                for server, requests, rounds in (
                    (peer, rows, beside),
                    (ours, asked, firtree),
                    (ours, signed_in, by_session),
                    (limit, same, constant),
                    (nil, same, generator),
                ):
                    load = run_load(server.port, requests, seconds=scale.round_s)
                    rounds.append(load)
    for load in (*firtree, *by_session):
        check_assessments(keys, load.answers)
    for load in beside:
        _check_rows(keys, load.answers)
    for load in constant:
        assert all(len(body_of(answer)) == octets for answer in load.answers)
    rate = _rate(firtree)
    name = f"assessment, {number(scale.entries)} entries, {number(octets)} octets"
    yield by_ratio(
        f"{name}, beside a look-up",
        rate,
        "/s",
        at_least(10),
        peer=("Datasette", _rate(beside)),
    )
    yield by_ratio(
        f"{name}, by a session and not by a token, beside a look-up",
        _rate(by_session),
        "/s",
        at_least(10),
        peer=("Datasette", _rate(beside)),
    )
    yield by_ratio(
        f"{name}, beside a constant",
        rate,
        "/s",
        at_least(0.35),
        peer=("the same server, a constant", _rate(constant)),
    )
    yield by_value(
        "load generator, by the constant's rate",
        _rate(generator) / _rate(constant),
        "×",
        at_least(2),
    )


def _rate(rounds: list[Load]) -> float:
    return median(load.rate for load in rounds)


@contextmanager
def datasette_serving(register: Register) -> Iterator[Server]:
    """Serve the same rows by Datasette, from a file with an index for the question."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "db.db")
        with (
            database_of(register) as source,
            closing(sqlite3.connect(path)) as made,
            made,
        ):
            made.execute(f"CREATE TABLE entry ({_COLUMNS}, PRIMARY KEY (id))")
            made.execute("CREATE INDEX entry_model ON entry (manufacturer, model)")
            marks = ", ".join("?" * len(_COLUMNS.split(",")))
            made.executemany(
                f"INSERT INTO entry VALUES ({marks})",  # noqa: S608 - our own columns
                source.execute(
                    f"SELECT {_COLUMNS} FROM entry WHERE until IS NULL"  # noqa: S608
                ),
            )
        port = free_port()
        command = [sys.executable, "-m", "datasette", "serve"]
        # Not --immutable, which promises that the rows never change: ours may.
        command += [str(path), "--port", str(port)]
        with serving(command, port, ready="/-/versions.json") as server:
            yield server


@contextmanager
def constant_serving(register: Register, octets: int) -> Iterator[Server]:
    """Serve a register with a constant beside it."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.constant", str(octets), "serve"]
    command += ["--data", str(register.folder), "--port", str(port)]
    with serving(command, port, ready="/health/ready") as server:
        yield server


def _rows_target(key: Key) -> str:
    asked = {"manufacturer": key.manufacturer, "model": key.model, "_shape": "array"}
    return "/db/entry.json?" + urlencode(asked)


def check_same_ids(peer: Server, ours: Server, keys: list[Key], token: str) -> None:
    """Check that both know the same entries of each model."""
    models = {(key.manufacturer, key.model): key for key in keys}
    for key in models.values():
        rows = json.loads(ask(peer.port, _rows_target(key)))
        asked = {"manufacturer": key.manufacturer, "model": key.model, "limit": 1000}
        target = "/api/v1/entries?" + urlencode(asked)
        page = json.loads(ask(ours.port, target, token))
        assert _ids(rows) == _ids(page["entries"]), key


def _check_rows(keys: list[Key], answers: list[bytes]) -> None:
    assert answers
    for key, answer in zip(keys, answers, strict=False):
        assert key.entry in _ids(json.loads(body_of(answer))), (key, answer)


def _ids(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(row["id"] for row in rows)
