"""The commands about parties, as a person types them."""

from __future__ import annotations

import io
import json
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import pytest

from entries import DESK, an_entry
from firtree import wiring
from firtree.cli.main import main
from firtree.settings import Settings
from firtree.statements.types.erasure import Erasure
from registers import record

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "log.example/parties"
AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wiring.make(Settings(data=str(tmp_path / "var")), origin=ORIGIN)
    good(tmp_path, "admit", "Alder Meters", "--kind", "manufacturer", "--code", HELD)
    good(tmp_path, "admit", "Birch Metering", "--kind", "manufacturer")
    return tmp_path


HELD = "AB01 from 2026-01-01"


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def run(folder: Path, *arguments: str) -> Done:
    """Run a command in a folder, within this process."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    argv = ["firtree", "party", *arguments]
    with (
        chdir(folder),
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "argv", argv),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def good(folder: Path, *arguments: str) -> str:
    done = run(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def read(folder: Path, *arguments: str) -> Any:
    return json.loads(good(folder, *arguments, "--json"))


def refused(folder: Path, *arguments: str) -> str:
    done = run(folder, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr


def test_parties_are_listed_and_shown(folder: Path) -> None:
    assert good(folder, "list").splitlines() == [
        "    1  Alder Meters  (manufacturer)",
        "    2  Birch Metering  (manufacturer)",
    ]
    assert [party["id"] for party in read(folder, "list")] == [1, 2]
    assert HELD in good(folder, "show", "1")
    held = {"code": "AB01", "since": "2026-01-01", "until": None}
    assert read(folder, "show", "1")["codes"] == [held]
    assert "there is no party 9" in refused(folder, "show", "9")


def test_a_dry_run_records_nothing(folder: Path) -> None:
    shown = good(folder, "admit", "Rowan Energy", "--kind", "DCC", "--dry-run")
    assert shown.startswith("would admit: Rowan Energy")
    change = ("change", "1", "--name", "Alder & Sons", "--dry-run")
    assert "Alder & Sons" in good(folder, *change)
    passed = ("succeed", "1", "2", "--reason", "bought", "--dry-run")
    assert good(folder, *passed).startswith("would pass AB01 from party 1 to party 2")

    assert [party["name"] for party in read(folder, "list")] == [
        *("Alder Meters", "Birch Metering")
    ]
    assert [one["subject"] for one in read(folder, "trail", "1")] == ["party/1"]


def test_everything_that_is_wrong_is_named_in_one_run(folder: Path) -> None:
    told = refused(
        folder,
        *("admit", "x" * 101, "--kind", "manufactorer", "--code", "AB01 2026"),
        *("--contact", "Desk"),
    )
    for place in ("name:", "kinds:", "codes, line 1:", "contacts, line 1:"):
        assert f"firtree: {place} expected" in told
    assert "the party is wrong in 4 places; nothing was recorded" in told
    taken = ("admit", "Birch", "--kind", "manufacturer", "--code", HELD, "--dry-run")
    assert "when party 1 holds it" in refused(folder, *taken)


def test_lines_are_removed_as_they_are_shown_and_others_added(folder: Path) -> None:
    ended = f"{HELD} to 2026-06-30"
    good(folder, "change", "1", "--remove-code", HELD, "--add-code", ended)
    assert ended in good(folder, "show", "1")
    assert good(folder, "change", "1").startswith("nothing changes:")
    told = refused(folder, "change", "1", "--remove-code", HELD)
    assert f"its lines are: {ended}" in told


def test_the_only_administrators_are_not_suspended(folder: Path) -> None:
    good(folder, "admit", "Code administrator", "--kind", "administrator")
    lost = run(folder, "suspend", "3", "--reason", "a slip")
    assert lost.returncode == 1
    assert "another administrators' party, not suspended, to undo this" in lost.stderr
    assert "suspended" not in good(folder, "show", "3")


def test_a_suspended_party_is_reinstated(folder: Path) -> None:
    good(folder, "suspend", "2", "--reason", "left the scheme")
    assert good(folder, "list").splitlines()[1].endswith("suspended")
    assert "party 2 is suspended" in refused(folder, "trail", "2")
    told = refused(folder, "suspend", "2", "--reason", " ", "--since", "soon")
    assert "since: expected a date such as 2026-11-22" in told
    good(folder, "reinstate", "2")
    assert read(folder, "show", "2")["suspension"] is None


def test_a_succession_is_recorded_on_both_sides(folder: Path) -> None:
    passed = ("succeed", "1", "2", "--on", "2027-01-01", "--reason", "bought")
    assert read(folder, *passed)["codes"] == ["AB01"]
    assert read(folder, "show", "1")["succeeded_by"] == 2
    for party in ("1", "2"):
        kinds = [one["kind"] for one in read(folder, "trail", party)]
        assert kinds == ["party-changed", "succession-recorded", "party-admitted"]


def test_the_trail_says_what_was_erased_of_which_entry(folder: Path) -> None:
    with wiring.opened(Settings(data=str(folder / "var"))) as parts:
        number = record(parts.recorder, an_entry(1, contact=DESK)).size - 1
        record(parts.recorder, Erasure(statement=number, section="people"))

    (erased, *_) = good(folder, "trail", "1").splitlines()

    assert f"contacts of entry 1 in statement {number}  erased  by the keeper" in erased


def test_keys_are_made_and_signed_apart_from_the_register(folder: Path) -> None:
    key = folder / "alder.key"
    sign = ("key-note", "1", "--origin", ORIGIN, "--key", str(key))
    made = run(folder, *sign, "--new", "alder.example")
    assert made.returncode == 0
    assert key.stat().st_mode & 0o777 == 0o600
    secret = key.read_text(encoding="utf-8")
    (folder / "first.note").write_text(made.stdout, encoding="utf-8")
    (folder / "second.note").write_text(
        good(folder, *sign, "--recipient", AGE), encoding="utf-8"
    )

    assert "register one first" in refused(folder, "key-add", "1", "second.note")
    good(folder, "key-add", "1", "first.note")
    good(folder, "key-add", "1", "second.note")
    keys = read(folder, "show", "1")["keys"]
    assert [one["purpose"] for one in keys] == ["signing", "recipient"]
    assert keys[1]["key"] == AGE
    assert good(folder, "key-add", "1", "second.note").startswith("nothing changes")
    again = refused(folder, *sign, "--new", "alder.example")
    assert "there is a file already" in again
    assert key.read_text(encoding="utf-8") == secret
    assert secret.strip() not in made.stdout + made.stderr + again


def test_a_note_for_somebody_else_is_refused(folder: Path) -> None:
    sign = ("key-note", "2", "--origin", ORIGIN, "--key", "birch.key")
    made = run(folder, *sign, "--new", "birch.example")
    (folder / "birch.note").write_text(made.stdout, encoding="utf-8")

    told = refused(folder, "key-add", "1", "birch.note")
    assert "line 3: expected party/1, found 'party/2'" in told
    assert "expected an age recipient" in refused(folder, *sign, "--recipient", "age1x")
    assert "there is no file" in refused(folder, "key-add", "1", "nothing.note")
