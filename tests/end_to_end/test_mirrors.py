"""Mirrors over a real network: made, asked, served again, killed, and verified."""

from __future__ import annotations

import fcntl
import http.server
import json
import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import openpyxl
import pytest

import plain_http
from afar import environ, firtree, free_port, good, serving
from commands import FIRTREE
from firtree.client.mirror_state import read_state, write_state
from firtree.exchange.proof_wire import DisclosedWire, read_disclosed
from firtree.exchange.reach import ReachWire
from firtree.settings import Settings
from firtree.statements.disclosure import verify_disclosed
from firtree.wiring.keyfile import signer_of
from mirrored import flip, told, verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

import msgspec

DEVICE = ("--manufacturer", "A1B3", "--model", "0A02010A", "--firmware", "24000100")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an example register, the key of its log, and a mirror."""
    folder = tmp_path_factory.mktemp("mirrors")
    good(folder, "demo", "--data", "register", "--entries", "700")
    with serving(folder) as address:
        out = good(folder, "log", "mirror", address, "mirror", "--key", key_of(folder))
    assert "the state map follows from the statements" in out
    return folder


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    """Give the address of the register while it is served."""
    with serving(place) as served:
        yield served


def key_of(folder: Path) -> str:
    """Give the verifier key of a register's log."""
    return str(signer_of(Settings(data=str(folder / "register"))).verifier)


def test_a_mirror_answers_as_the_register_does_without_it(place: Path) -> None:
    lookup = ("lookup", *DEVICE, "--json")
    register = json.loads(good(place, *lookup, "--data", "register"))
    mirror = json.loads(good(place, *lookup, "--from", "mirror"))
    shown = good(place, "lookup", *DEVICE, "--from", "mirror")

    source = mirror.pop("source")
    assert mirror == register
    assert source["kind"] == "mirror"
    assert source["age_s"] >= 0
    assert not source["partial"]
    assert "asked: mirror mirror" in shown
    assert f"{register['log']['size']} statements, as of " in shown


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_mirror_gives_out_what_the_register_does(form: str, place: Path) -> None:
    export = ("export", "--format", form, "--overwrite", "-o")
    good(place, *export, f"own.{form}", "--data", "register")
    good(place, *export, f"mirrored.{form}", "--from", "mirror")

    assert (place / f"own.{form}").read_bytes() == (
        place / f"mirrored.{form}"
    ).read_bytes()


def test_a_workbook_of_a_mirror_is_as_it_was_published(place: Path) -> None:
    good(place, "export", "-o", "mirrored.xlsx", "--overwrite", "--from", "mirror")

    good(place, "verify", "mirrored.xlsx", "--data", "register")


def test_a_workbook_is_verified_with_a_mirror_and_without_the_register(
    place: Path, tmp_path: Path
) -> None:
    shutil.copytree(place / "mirror", tmp_path / "mirror")
    published = ("--from", "register", "--effective-at", "2026-01-01")
    out = str(tmp_path / "fir.xlsx")
    good(place, "export", "-o", out, "--private", *published)
    asked = ("verify", "fir.xlsx", "--from", "mirror")
    told = good(tmp_path, *asked)
    report = json.loads(good(tmp_path, *asked, "--json"))
    book = openpyxl.load_workbook(out)
    book["CPL"]["A5"] = 7
    book.save(tmp_path / "fir.xlsx")
    changed = firtree(tmp_path, *asked)
    afar = firtree(tmp_path, "verify", "fir.xlsx", "--from", "https://fir.example")

    assert "every cell is as it was published\nasked: mirror mirror\n" in told
    assert report["intact"]
    assert report["source"]["kind"] == "mirror"
    assert changed.code == afar.code == 1
    assert "sheet 'CPL', cell A5: expected " in changed.out
    assert "found the server https://fir.example" in afar.line
    assert "firtree log mirror https://fir.example DIR" in afar.err


def test_a_mirror_is_asked_about_the_past(place: Path) -> None:
    asked = ("lookup", *DEVICE, "--at", "100", "--json")
    mirror = json.loads(good(place, *asked, "--from", "mirror"))

    del mirror["source"]
    assert mirror == json.loads(good(place, *asked, "--data", "register"))


def test_a_mirror_is_verified_and_one_octet_is_named(
    place: Path, tmp_path: Path
) -> None:
    out = good(place, "log", "verify", "mirror")
    shutil.copytree(place / "mirror", tmp_path / "mirror")
    flip(tmp_path / "mirror" / "log" / "tile" / "entries" / "001", 193 * 9 + 50)
    wrong = firtree(tmp_path, "log", "verify", "mirror")
    as_json = json.loads(firtree(tmp_path, "log", "verify", "mirror", "--json").out)

    assert "tables and state map follow from the statements" in out
    assert "the policy asks for no witness" in out
    assert wrong.code == 1
    assert "log/tile/entries/001: the leaf of statement 265" in wrong.line
    assert not as_json["sound"]
    assert as_json["faults"][0]["where"] == "log/tile/entries/001"


def test_a_served_log_is_verified_with_the_keepers_key(
    place: Path, address: str
) -> None:
    out = good(place, "log", "verify", address, "--key", key_of(place))
    without = firtree(place, "log", "verify", address)

    assert "statements against their leaves" in out
    assert without.code == 1
    assert "--policy FILE or --key VKEY" in without.err


def test_a_served_log_is_verified_without_a_token_as_far_as_it_is_public(
    place: Path, address: str
) -> None:
    given = ("log", "verify", address, "--key", key_of(place))
    out = good(place, *given, FIRTREE_TOKEN="")
    wrong = firtree(place, *given, FIRTREE_TOKEN=f"firtree_{'0' * 49}")

    size = re.findall(r"(\d+) statements$", out, re.MULTILINE)[0]
    assert f"checked: {size} leaves" in out
    assert "sections, not disclosed or erased" in out
    assert "checked: tables and state map follow" not in out
    assert wrong.code == 1
    assert "token" in wrong.err


def test_a_mirror_needs_a_key_from_elsewhere_the_first_time(
    place: Path, address: str, tmp_path: Path
) -> None:
    ran = firtree(tmp_path, "log", "mirror", address, "new")
    odd = firtree(tmp_path, "log", "mirror", address, "new", "--key", "x+1+y")
    full = firtree(place, "log", "mirror", address, "register", "--key", key_of(place))

    assert ran.code == odd.code == full.code == 1
    assert "no key to check the log with" in ran.line
    assert odd.line.startswith("--key: expected ")
    assert "register is no mirror, and it is not empty" in full.line


@pytest.mark.parametrize("there", [False, True], ids=["new folder", "empty folder"])
def test_a_first_run_that_took_nothing_in_leaves_nothing(
    place: Path, address: str, tmp_path: Path, *, there: bool
) -> None:
    folder = tmp_path / "mirror"
    if there:
        folder.mkdir()
    key, none = key_of(place), f"http://127.0.0.1:{free_port()}"
    for server, given, code in (
        (none, (), 1),
        (none, ("--key", key), 75),
        (address, ("--key", key.replace("local/", "other/")), 1),
        (address, ("--key", key), 1),  # it wants a token
    ):
        ran = firtree(
            tmp_path, "log", "mirror", server, "mirror", *given, FIRTREE_TOKEN=""
        )
        assert ran.code == code, ran.err
        assert folder.exists() == there, given
        assert not there or not list(folder.iterdir()), given
        assert "goes on" not in ran.err
    good(tmp_path, "log", "mirror", address, "mirror", "--key", key)


def test_a_first_run_that_breaks_off_says_that_the_next_one_goes_on(
    place: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mirror"
    shutil.copytree(place / "mirror", folder)
    state = read_state(folder)
    pending = (folder / "log" / "checkpoint").read_text()
    (folder / "log" / "checkpoint").unlink()
    write_state(folder, msgspec.structs.replace(state, size=0, pending=pending))

    none = f"http://127.0.0.1:{free_port()}"
    ran = firtree(tmp_path, "log", "mirror", none, "mirror")

    assert ran.code == 75
    assert "mirror keeps what was taken in and verified; the same command" in ran.err
    assert (folder / "register").exists()


def test_a_mirror_is_brought_up_to_date_and_remembers_its_key(
    place: Path, address: str, tmp_path: Path
) -> None:
    shutil.copytree(place / "mirror", tmp_path / "mirror")

    found = json.loads(good(tmp_path, "log", "mirror", address, "mirror", "--json"))

    assert found["new"] == 0
    assert found["replayed"]
    assert found["hidden"] == 0


def test_two_runs_at_once_on_one_folder_are_refused(
    place: Path, address: str, tmp_path: Path
) -> None:
    shutil.copytree(place / "mirror", tmp_path / "mirror")
    with (tmp_path / "mirror" / "mirror.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = firtree(tmp_path, "log", "mirror", address, "mirror")

    assert ran.code == 75
    assert "another run is at work on the mirror in mirror" in ran.line


def killed_and_continued(place: Path, address: str, folder: Path, kills: int) -> None:
    """Kill runs at random moments; the mirror is always what it was, and goes on."""
    chance = random.Random(20261128)  # noqa: S311 - the same moments every time
    command = [str(FIRTREE), "log", "mirror", address, "mirror", "--key", key_of(place)]
    for _ in range(kills):
        with subprocess.Popen(
            command, cwd=folder, env=environ(), stdout=-3, stderr=-3
        ) as run:
            time.sleep(chance.uniform(0.4, 2.5))
            run.send_signal(signal.SIGKILL)
        checkpoint = folder / "mirror" / "log" / "checkpoint"
        if checkpoint.exists():
            assert told(verify(folder / "mirror")) == []
            shutil.rmtree(folder / "mirror")
    good(folder, *command[1:])
    assert told(verify(folder / "mirror")) == []
    assert not list((folder / "mirror").rglob("*.part"))


def test_a_mirror_that_was_killed_goes_on_where_it_stopped(
    place: Path, address: str, tmp_path: Path
) -> None:
    killed_and_continued(place, address, tmp_path, 4)


@pytest.mark.long
def test_a_mirror_that_was_killed_often_goes_on_where_it_stopped(
    place: Path, address: str, tmp_path: Path
) -> None:
    killed_and_continued(place, address, tmp_path, 60)


@contextmanager
def static(folder: Path) -> Iterator[str]:
    """Serve a folder as static files."""
    handler = partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(timeout=10)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_any_web_server_serves_a_mirror_as_a_log(place: Path, tmp_path: Path) -> None:
    public = tmp_path / "public"
    shutil.copytree(place / "mirror" / "log", public / "log")

    with static(public) as served:
        out = good(tmp_path, "log", "mirror", served, "leaves", "--key", key_of(place))
        verified = good(tmp_path, "log", "verify", served, "--key", key_of(place))

    for path in (place / "mirror" / "log").rglob("*"):
        copy = tmp_path / "leaves" / "log" / path.relative_to(place / "mirror" / "log")
        assert path.is_dir() or copy.read_bytes() == path.read_bytes()
    assert "not wholly disclosed to you" in out
    assert "statements against their leaves" in verified


def test_a_tile_that_is_served_wrong_is_named(place: Path, tmp_path: Path) -> None:
    public = tmp_path / "public"
    shutil.copytree(place / "mirror" / "log", public / "log")
    flip(public / "log" / "tile" / "0" / "001", 40)

    with static(public) as served:
        ran = firtree(tmp_path, "log", "verify", served, "--key", key_of(place))

    assert ran.code == 1
    assert "/log/tile/0/001: it is not what the leaves give" in ran.line


def test_statements_are_handed_out_in_bulk(address: str, place: Path) -> None:
    url = f"{address}/api/v1/statements"
    bearer = {"Authorization": f"Bearer {environ()['FIRTREE_TOKEN']}"}
    answer = plain_http.get(url, params={"start": 5, "limit": 300}, headers=bearer)
    *lines, last = answer.text.splitlines()
    found = [
        read_disclosed(msgspec.json.decode(line, type=DisclosedWire)) for line in lines
    ]

    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["cache-control"] == "no-store"
    assert [one.number for one in found] == list(range(5, 305))
    for one in found:
        verify_disclosed(one)
    end = json.loads(last)
    assert end["next"] == 305
    # A mirror remembers as whom it was made.
    state = read_state(place / "mirror")
    assert end["asker"] == state.asker != ""
    assert msgspec.convert(end["reach"], ReachWire) == state.reach
    assert end["log"]["checkpoint"]
    size = end["log"]["size"]
    beyond = plain_http.get(
        url, params={"start": size - 1, "limit": 10}, headers=bearer
    )
    assert json.loads(beyond.text.splitlines()[-1])["next"] == size
    assert plain_http.head(url, params={"start": 0}, headers=bearer).text == ""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "start: expected a value, found nothing"),
        ("start=99999", "start: expected a number from 0 to "),
        ("start=-1", "start: "),
        ("start=0&limit=10001", "limit: "),
        ("start=0&x=1", "expected one of limit, start"),
    ],
)
def test_what_cannot_be_handed_out_is_refused(
    query: str, said: str, address: str
) -> None:
    bearer = {"Authorization": f"Bearer {environ()['FIRTREE_TOKEN']}"}
    answer = plain_http.get(f"{address}/api/v1/statements?{query}", headers=bearer)

    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_an_unfinished_mirror_is_not_asked(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "mirror", tmp_path / "mirror")
    (tmp_path / "mirror" / "log" / "checkpoint").unlink()

    ran = firtree(tmp_path, "lookup", *DEVICE, "--from", "mirror")

    assert ran.code == 1
    assert "the mirror in mirror is not finished" in ran.line
    assert "run: firtree log mirror" in ran.err


def test_a_folder_that_cannot_be_written_is_told(
    place: Path, address: str, tmp_path: Path
) -> None:
    if os.geteuid() == 0:
        (tmp_path / "file").write_text("x")
        folder = "file/mirror"
    else:
        tmp_path.chmod(0o500)
        folder = "mirror"

    ran = firtree(place, "log", "mirror", address, str(tmp_path / folder), "--key", "k")
    told_of = firtree(
        place, "log", "mirror", address, str(tmp_path / folder), "--key", key_of(place)
    )

    assert ran.code == 1
    assert told_of.code == 75
    assert "cannot be written" in told_of.line
