"""Example registers to measure with, and what is asked about them."""

import os
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from random import Random
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlencode

import httpx
import msgspec

from benchmarks.loads import body_of, request_of
from benchmarks.servers import FIRTREE, environment
from firtree.library.demo import SHOWCASE
from firtree.wiring import DATABASE_FILE

# Of the example's people, one who may read every entry.
_PERSON = "supplier@demo.example"


class Register(NamedTuple):
    """An example register in a folder.

    Attributes:
        folder: of its database and key.
        entries: how many it holds.
        made_rate: entries a second when it was made; None = it was there before.
    """

    folder: Path
    entries: int
    made_rate: float | None


class Key(NamedTuple):
    """A device to ask about; ``entry`` is what the register lists for it."""

    device_type: str
    manufacturer: str
    model: str
    firmware: str
    entry: int


class _Answer(msgspec.Struct):
    """What is checked of an assessment."""

    entry: int
    standing: str


@contextmanager
def cache() -> Iterator[Path]:
    """Give the folder of registers: ``FIRTREE_BENCH_DIR``, or one that goes again."""
    if kept := os.environ.get("FIRTREE_BENCH_DIR"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="firtree-bench-") as folder:
        yield Path(folder)


def example(cached: Path, entries: int) -> Register:
    """Make an example register with ``firtree demo``, unless it is there."""
    folder = cached / f"entries-{entries}"
    if folder.exists():
        return Register(folder, entries, None)
    begun = perf_counter()
    # Under another name until it is whole.
    with tempfile.TemporaryDirectory(dir=cached) as making:
        subprocess.run(
            [FIRTREE, "demo", "--data", making, "--entries", str(entries)],
            check=True,
            stdout=subprocess.DEVNULL,
            env=environment(),
        )
        took = perf_counter() - begun
        folder.mkdir()
        for path in Path(making).iterdir():
            path.rename(folder / path.name)
    return Register(folder, entries, entries / took)


@lru_cache
def token_of(register: Register) -> str:
    """Make a token for one of the register's people, as its keeper would."""
    whose = ["--email", _PERSON, "--name", "bench", "--days", "1"]
    made = subprocess.run(
        [FIRTREE, "token", "new", "--data", str(register.folder), *whose],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
    )
    return made.stdout.strip()


@contextmanager
def database_of(register: Register) -> Iterator[sqlite3.Connection]:
    """Open a register's tables, past firtree, to check its answers."""
    with closing(sqlite3.connect(register.folder / DATABASE_FILE)) as connection:
        yield connection


def random_keys(register: Register, count: int, *, seed: int = 1) -> list[Key]:
    """Choose devices, each entry as likely as another; the same each time."""
    chance = Random(seed)  # noqa: S311 - nothing to be guessed
    with database_of(register) as connection:
        return [
            _key_of(connection, 1 + chance.randrange(register.entries))
            for _ in range(count)
        ]


def showcase_key(register: Register) -> Key:
    """Give the first showcase device, which every register holds."""
    first = SHOWCASE[0]
    with database_of(register) as connection:
        (entry,) = connection.execute(
            "SELECT id FROM entry WHERE until IS NULL "
            "AND manufacturer = ? AND model = ? AND firmware = ?",
            (first.manufacturer, first.model, first.firmware),
        ).fetchone()
        return _key_of(connection, entry)


def _key_of(connection: sqlite3.Connection, entry: int) -> Key:
    row = connection.execute(
        "SELECT device_type, manufacturer, model, firmware, id FROM entry "
        "WHERE id = ? AND until IS NULL",
        (entry,),
    ).fetchone()
    return Key._make(row)


def session_of(port: int) -> str:
    """Sign in to a server of an example register by one click; give the cookie."""
    with httpx.Client(base_url=f"http://localhost:{port}") as client:
        page = client.get("/sign-in")
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
        assert token is not None, page.text
        form = {"csrf": token[1], "email": _PERSON, "next": "/"}
        headers = {"Cookie": _cookies(page), "Sec-Fetch-Site": "same-origin"}
        signed_in = client.post("/sign-in/demo", data=form, headers=headers)
        assert signed_in.status_code == 303, signed_in.text
        return _cookies(signed_in)


def _cookies(answer: httpx.Response) -> str:
    given = answer.headers.get_list("set-cookie")
    return "; ".join(cookie.partition(";")[0] for cookie in given)


def assessment_request(register: Register, key: Key, *, cookie: str = "") -> bytes:
    """Write the request for the assessment of a device.

    Args:
        register: that is asked.
        key: the device.
        cookie: of a session; empty = it carries a token.
    """
    asked = key._asdict()
    del asked["entry"]
    target = "/api/v1/assessment?" + urlencode(asked)
    return request_of(target, "" if cookie else token_of(register), cookie=cookie)


def check_assessments(keys: list[Key], answers: list[bytes]) -> None:
    """Check that each answer is about the entry the register lists for its key."""
    assert answers
    decoder = msgspec.json.Decoder(_Answer)
    for key, answer in zip(keys, answers, strict=False):
        found = decoder.decode(body_of(answer))
        assert found.entry == key.entry, (key, answer)
        assert found.standing, (key, answer)
