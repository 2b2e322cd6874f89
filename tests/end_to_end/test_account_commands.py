"""The commands for people, as the keeper runs them on its own machine."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from accounts import PASSWORD, a_client
from commands import run
from firtree.library.accounts.accepting import Accepting, accept
from firtree.library.accounts.access_log import Event
from firtree.library.accounts.doorkeeper import Doorkeeper
from firtree.library.accounts.later import Later
from firtree.settings import Settings
from firtree.wiring import opened
from firtree.wiring.accounts import gate_of, keep_access_log

MAIL = "root@admin.example"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the folder of a new register whose first administrator has come in."""
    folder = str(tmp_path_factory.mktemp("made") / "data")
    made = json.loads(good("init", "--data", folder, "--json"))
    assert made["party"] == 1
    assert made["link"].startswith("http://localhost:8000/invitation/")
    settings = Settings(data=folder)
    with opened(settings) as parts:
        given = Accepting(MAIL, "Root", PASSWORD)
        code = made["link"].rpartition("/")[2]
        accept(gate_of(parts, settings), code, given, a_client())
        assert parts.register.size() == 2
    return folder


def good(*arguments: str) -> str:
    """Run a command that must succeed; give what it printed."""
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(*arguments: str, code: int = 1) -> str:
    """Run a command that must fail without a traceback; give what it said."""
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def shown(*arguments: str) -> Any:
    """Run a command with --json; give what it printed."""
    return json.loads(good(*arguments, "--json"))


def test_a_link_is_made_listed_and_told_for_programs(data: str) -> None:
    link = good("invite", "--data", data, "--party", "1").strip()
    assert re.fullmatch(r"http://localhost:8000/invitation/\w{43}", link)
    said = run("invite", "--data", data, "--party", "1").stderr
    assert "FIRTREE_ADDRESS=http://localhost:PORT writes it so" in said
    elsewhere = {**os.environ, "FIRTREE_ADDRESS": "http://localhost:8711"}
    there = run("invite", "--data", data, "--party", "1", environ=elsewhere)
    assert there.stdout.startswith("http://localhost:8711/invitation/")
    assert "FIRTREE_ADDRESS" not in there.stderr
    made = shown("invite", "--data", data, "--party", "1", "--email", "x@y.example")
    assert (made["kind"], made["until"][-1]) == ("join", "Z")
    back = shown("invite", "--data", data, "--recover", "--email", MAIL)
    assert back["kind"] == "recover"

    people = shown("people", "--data", data)
    assert [one["kind"] for one in people["links"]].count("join") == 4
    assert "x@y.example" in good("people", "--data", data)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("invite", "--party", "99"), 1, "no party 99"),
        (("invite", "--party", "1", "--email", "none"), 1, "e-mail: expected"),
        (("invite", "--party", "1", "--email", MAIL), 1, "of this party already"),
        (("invite",), 2, "give --party"),
        (("invite", "--recover"), 2, "give --party"),
        (("invite", "--recover", "--email", "no@body.example"), 1, "no person"),
        (("token", "new", "--email", "no@body.example"), 1, "no person"),
        (("token", "new", "--email", MAIL, "--days", "367"), 2, "367"),
        (
            ("token", "new", "--email", MAIL, "--right", "record statements"),
            2,
            "'record statements' is not one of 'read entries', ",
        ),
        (("token", "new", "--email", MAIL, "--party", "9"), 1, "not of party 9"),
        (("token", "revoke", "0" * 16), 1, "no such token"),
        (("people", "--disable", "no@body.example"), 1, "no person"),
        (("people", "--disable", MAIL, "--enable", MAIL), 1, "one change at a time"),
    ],
)
def test_a_slip_is_told_in_one_sentence(
    data: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    verbs = 2 if arguments[0] == "token" else 1
    command = (*arguments[:verbs], "--data", data, *arguments[verbs:])

    told = refused(*command, code=code)

    assert said in told
    assert len(set(told.splitlines())) == len(told.splitlines())


def test_a_token_is_printed_once_listed_and_revoked(data: str) -> None:
    made = shown("token", "new", "--data", data, "--email", MAIL, "--name", "nightly")
    text = made["token"]
    assert re.fullmatch(r"firtree_\w{49}", text)
    listed = good("token", "list", "--data", data)
    assert "nightly" in listed
    assert text not in listed
    (row,) = [
        t for t in shown("token", "list", "--data", data) if t["name"] == "nightly"
    ]
    assert (row["email"], row["rights"]) == (MAIL, ["read entries"])
    assert _comes_in(data, text)

    noted = shown("access-log", "--data", data, "--last", "1")[0]
    assert (noted["event"], noted["person"], noted["party"]) == (Event.TOKEN_MADE, 0, 0)
    assert (noted["about"], noted["detail"]) == (1, f"{row['named']} for person 1")
    told = good("access-log", "--data", data, "--last", "1")
    named = f"token {row['named']} for person 1"
    assert f"{Event.TOKEN_MADE}  the keeper, about party 1  –  {named}" in told

    assert good("token", "revoke", "--data", data, row["named"]) == "revoked nightly\n"
    good(*("token", "new", "--data", data, "--email", row["email"], "--name", "again"))
    (other,) = (
        t for t in shown("token", "list", "--data", data) if t["name"] == "again"
    )
    revoked = shown("token", "revoke", "--data", data, other["named"])
    assert (revoked["named"], revoked["revoked"]) == (other["named"], True)

    assert not _comes_in(data, text)


def _comes_in(data: str, token: str) -> bool:
    settings = Settings(data=data)
    with opened(settings) as parts:
        gate = gate_of(parts, settings)
        keeper = Doorkeeper(gate, Later(gate.accounts, threaded=False))
        return keeper.by_token(token, "") is not None


def test_an_account_is_disabled_and_enabled(data: str) -> None:
    good("people", "--data", data, "--disable", MAIL)
    (root,) = shown("people", "--data", data)["people"]
    assert root["disabled_at"]
    good("people", "--data", data, "--enable", MAIL)
    (root,) = shown("people", "--data", data, "--sign-out", MAIL)["people"]
    assert root["disabled_at"] is None
    assert f"person {root['id']}: {MAIL}" in good("people", "--data", data)
    assert root["parties"] == [{"id": 1, "name": "Code administrator"}]


def test_the_access_log_is_shown_and_checked_against_recorded_heads(data: str) -> None:
    settings = Settings(data=data)
    with opened(settings) as parts:
        keep_access_log(parts, settings)
        keep_access_log(parts, settings)
    rows = shown("access-log", "--data", data, "--last", "3")
    assert [row["number"] for row in rows] == sorted(row["number"] for row in rows)
    assert Event.INVITED in good("access-log", "--data", data)
    assert "held against 1 recorded head" in good(
        "access-log", "--data", data, "--verify"
    )
    told = shown("access-log", "--data", data, "--verify")
    assert told == {"sound": True, "rows": rows[-1]["number"], "recorded_heads": 1}

    with opened(settings) as parts:
        accounts = gate_of(parts, settings).accounts
        with accounts.writing() as tx:
            row = next(tx.all_noted())
            tx.put(row._replace(person=99))
    said = refused("access-log", "--data", data, "--verify")
    assert "row 1 of the access log was changed" in said


def test_the_first_party_has_a_name_of_ones_own(tmp_path: Path) -> None:
    folder = str(tmp_path / "data")
    wrong = refused("init", "--data", folder, "--administrator", " x")
    assert "--administrator: expected a name" in wrong
    assert not Path(folder).exists()
    good("init", "--data", folder, "--administrator", "Beech Administration")

    assert "Beech Administration" in good("people", "--data", folder)
