"""The disk fills up under a server: people are told, and nothing is lost."""

from __future__ import annotations

import os
import re
import resource
import secrets
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import psycopg
import pytest

import plain_http
from running import Server, firtree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADMINISTRATOR = "administrator@demo.example"
PARTS = ("codes", "mandates", "appointments", "viewings", "contacts")
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
# More than fits what a database has set aside for rows to come.
TRIES = 40


class House(NamedTuple):
    """An example register that is served, and how its disk is filled and emptied.

    Attributes:
        data: its folder.
        environ: settings, as variables.
        full: leaves no room to its servers while it is entered.
    """

    data: Path
    environ: dict[str, str]
    full: Callable[[Server], AbstractContextManager[None]]

    def command(self, *args: str) -> str:
        """Run a command on it that has to succeed."""
        return firtree(*args, "--data", self.data, environ=self.environ)

    def server(self) -> Server:
        """Make a server of it."""
        return Server(
            *("serve", "--data", self.data),
            health="/health/ready",
            environ=self.environ,
        )


class Administrator:
    """Somebody who admits parties, by the pages."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._csrf = ""
        self._opened("/sign-in")
        came_in = self._post("/sign-in/demo", email=ADMINISTRATOR, next="/")
        assert came_in.status_code == 303, came_in.text

    def _opened(self, path: str) -> str:
        page = self._http.get(path)
        assert page.status_code == 200, page.text
        if found := CSRF.search(page.text):
            self._csrf = found[1]
        return page.text

    def _post(self, path: str, accept: str = "", **fields: str) -> httpx.Response:
        headers = {"Accept": accept} if accept else {}
        sent = {**fields, "csrf": self._csrf}
        return self._http.post(path, data=sent, headers=headers)

    def parties(self) -> str:
        """Give the page of all parties."""
        return self._opened("/parties")

    def admit(self, name: str, accept: str = "") -> httpx.Response:
        """Admit a party, with so many mailboxes that it takes some room."""
        boxes = [f"{secrets.token_hex(40)}; x@birch.example" for _ in range(300)]
        parts = dict.fromkeys(PARTS, "") | {"contacts": "\n".join(boxes)}
        self.parties()
        return self._post("/parties", accept, name=name, kinds="MAP", **parts)


@contextmanager
def signed_in(base: str) -> Iterator[Administrator]:
    """Sign in to an example register."""
    headers = {"Accept": "text/html", "Origin": base}
    with plain_http.client(base_url=base, headers=headers, timeout=30) as http:
        yield Administrator(http)


@contextmanager
def ballast(disk: Path) -> Iterator[None]:
    """Fill a disk to its last octet."""
    weight = disk / "ballast"
    with suppress(OSError), weight.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        weight.unlink()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def small_house(
    request: pytest.FixtureRequest, tmp_path: Path, small_disk: Callable[[int], Path]
) -> Iterator[House]:
    """Make an example register on a small disk of its own."""
    disk = small_disk(40)
    if request.param == "sqlite":
        house = House(disk / "var", {}, lambda _server: ballast(disk))
        house.command("demo", "--entries", "60")
        yield house
        return
    with database_on(disk, request.getfixturevalue("postgres_server")) as url:
        environ = {"FIRTREE_DATABASE": url}
        house = House(tmp_path / "var", environ, lambda _server: ballast(disk))
        house.command("demo", "--entries", "60")
        yield house


@contextmanager
def database_on(disk: Path, server: str) -> Iterator[str]:
    """Make a database whose tables are on a disk; give its URL."""
    place = disk / "tables"
    place.mkdir(mode=0o700)
    owner = Path(server.partition("host=")[2].replace("%2F", "/")).stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    dsn = server.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
        admin.execute(b"CREATE DATABASE small TABLESPACE small")
        try:
            yield server.replace("/postgres?", "/small?")
        finally:
            admin.execute(b"DROP DATABASE small WITH (FORCE)")
            admin.execute(b"DROP TABLESPACE small")


def test_a_full_disk_is_told_over_http_and_nothing_is_lost(small_house: House) -> None:
    with small_house.server() as server, signed_in(server.url) as administrator:
        admitted = ["Birch 0"]
        assert administrator.admit("Birch 0").status_code == 303
        with small_house.full(server):
            for number in range(1, TRIES):
                answer = administrator.admit(f"Birch {number}")
                if answer.status_code != 303:
                    break
                admitted.append(f"Birch {number}")
            program = administrator.admit("Willow", accept="application/json")
            # What was there can be read all the while.
            assert admitted == re.findall(r"Birch \d+", administrator.parties())
            assert plain_http.get(f"{server.url}/health/ready").status_code == 200

        assert answer.status_code == program.status_code == 503
        assert "disk is full; nothing was recorded" in answer.text
        assert "Try again in a moment" in answer.text
        problem = program.json()
        assert problem["code"] == "unavailable"
        assert problem["detail"].endswith("disk is full; nothing was recorded")
        assert problem["hint"] == "try again in a moment"

        assert administrator.admit("Willow").status_code == 303
        page = administrator.parties()
        assert admitted == re.findall(r"Birch \d+", page)
        assert page.count("Willow") == 1
        small_house.command("doctor")


@contextmanager
def no_growth(server: Server) -> Iterator[None]:
    """Let the processes of a server write no file beyond its first octets."""
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in server.pids}
    try:
        for pid, (_, hard) in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, hard))
        yield
    finally:
        for pid, limit in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)


def test_a_commit_of_doubtful_outcome_is_told_so_over_http(tmp_path: Path) -> None:
    house = House(tmp_path / "var", {}, no_growth)
    house.command("demo", "--entries", "60")
    with house.server() as server, signed_in(server.url) as administrator:
        with house.full(server):
            answer = administrator.admit("Birch", accept="application/json")
            assert "Birch" not in administrator.parties()

        assert answer.status_code == 503
        problem = answer.json()
        assert problem["code"] == "doubtful"
        assert problem["detail"] == "it is not known whether this was recorded"
        assert problem["hint"] == "look whether it is there before you send it again"

        assert administrator.admit("Birch").status_code == 303
        assert administrator.parties().count("Birch") == 1
        house.command("doctor")
