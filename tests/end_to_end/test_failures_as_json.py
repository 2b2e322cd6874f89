"""With --json, a command that fails tells a program why, on standard output too."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from commands import FIRTREE, run
from duis_messages import answer
from firtree.cli.main import firtree, main

if TYPE_CHECKING:
    from collections.abc import Iterator

# There is no register in the folder, no mirror, no file but these, and no server.
POLICY = "policy"
NOBODY = "http://127.0.0.1:9"
ORIGINATOR = ("--originator", "90-B3-D5-1F-30-01-00-00", "--counter", "1")
SENDING = (*ORIGINATOR, "--devices", "none", "--out", "out")
WATCHING = ("watch", NOBODY, "--policy", POLICY, "--state", "seen")
# Arguments of every command that knows --json, and the verdict it gives.
FAILING = {
    "init": (("init", "--origin", "https://no.example/name"), ""),
    "demo": (("demo", "--data", "/proc/none"), ""),
    "invite": (("invite", "--party", "1"), ""),
    "people": (("people",), ""),
    "token list": (("token", "list"), ""),
    "token new": (("token", "new", "--email", "a@b.example"), ""),
    "token revoke": (("token", "revoke", "0011223344556677"), ""),
    "access-log": (("access-log",), ""),
    "import": (("import", "none.csv"), "recorded"),
    "export": (("export", "-o", "fir.xlsx"), ""),
    "verify": (("verify", "none.xlsx"), "intact"),
    "lookup": (
        ("lookup", "--manufacturer", "A1", "--model", "B2", "--firmware", "01"),
        "",
    ),
    "history": (("history", "1"), ""),
    "diff": (("diff", "--from", "1"), ""),
    "findings": (("findings",), ""),
    "search": (("search", "alder"), ""),
    "party list": (("party", "list"), ""),
    "party show": (("party", "show", "1"), ""),
    "party trail": (("party", "trail", "1"), ""),
    "party admit": (("party", "admit", "Acme", "--kind", "ssc"), ""),
    "party change": (("party", "change", "1", "--name", "Acme"), ""),
    "party suspend": (("party", "suspend", "1", "--reason", "it left"), ""),
    "party reinstate": (("party", "reinstate", "1"), ""),
    "party succeed": (("party", "succeed", "1", "2", "--reason", "sold"), ""),
    "party key-add": (("party", "key-add", "1", "none"), ""),
    "image check": (("image", "check", "none.ota"), "holds"),
    "image build": (
        ("image", "build", "none.bin", "--entry", "1", "--to-sign", "new"),
        "",
    ),
    "duis update": (("duis", "update", "none.ota", *SENDING), ""),
    "duis activate": (("duis", "activate", "--hash", "00", *SENDING), ""),
    "duis read-version": (("duis", "read-version", *SENDING), ""),
    "duis read": (("duis", "read", "none.xml", "-o", "new.txt"), ""),
    "duis verify": (("duis", "verify", "none.xml", "--certificate", "none"), ""),
    "duis sign": (
        ("duis", "sign", "a", "--key", "k", "--certificate", "c", "--out", "o"),
        "",
    ),
    "log key": (("log", "key"), ""),
    "log prove": (("log", "prove", "1", "-o", "1.proof"), ""),
    "log check": (("log", "check", "none.proof", "--policy", POLICY), "holds"),
    "log fence": (("log", "fence"), ""),
    "log rotate-key": (("log", "rotate-key"), ""),
    "log mirror": (("log", "mirror", NOBODY, "mirror", "--policy", POLICY), ""),
    "log verify": (("log", "verify", "none"), "sound"),
    "evidence": (("evidence", "1", "-o", "1.zip"), ""),
    "witness init": (("witness", "init", "--name", "https://w.example"), ""),
    "witness key": (("witness", "key"), ""),
    "witness trust": (("witness", "trust", "none"), ""),
    "witness distrust": (("witness", "distrust", "none"), ""),
    "witness logs": (("witness", "logs"), ""),
    "witness status": (("witness", "status"), ""),
    "watch": (WATCHING, ""),
    "doctor": (("doctor",), "sound"),
    "backup": (("backup", "-o", "backup.db"), ""),
    "restore": (("restore", "none.db", "--new-origin"), ""),
    "personal-data find": (("personal-data", "find", "ada"), ""),
    "erase": (("erase", "1", "people", "--reason", "asked for", "--yes"), ""),
    "rebuild": (("rebuild",), ""),
}
# More ways in which the commands of a reader fail.
OTHERS = {
    "no access log to check": (("access-log", "--verify"), "sound"),
    "no such policy": (("log", "check", "p", "--policy", "none"), "holds"),
    "a policy that is a folder": (("log", "check", "p", "--policy", "."), "holds"),
    "a policy that is none": (("log", "check", "p", "--policy", "text"), "holds"),
    "a proof that is none": (("log", "check", "text", "--policy", POLICY), "holds"),
    "a server that is not there": (
        ("log", "verify", NOBODY, "--policy", POLICY),
        "sound",
    ),
    "no key for a server": (("log", "verify", NOBODY), "sound"),
    "a key that is none": (("log", "mirror", NOBODY, "new", "--key", "x"), ""),
    "a mirror without a policy": (("log", "mirror", NOBODY, "new"), ""),
    "a folder that is no mirror": (
        ("log", "mirror", NOBODY, ".", "--policy", POLICY),
        "",
    ),
    "no address": (("log", "mirror", "fir.example", "new", "--policy", POLICY), ""),
    "watching without a policy": ((*WATCHING[:3], "none", *WATCHING[4:]), ""),
    "watching what is no thing": ((*WATCHING, "--entry", "none"), ""),
    "watching from no file": ((*WATCHING, "--things", "none"), ""),
    "watching with no token": ((*WATCHING, "--token-file", "none"), ""),
    "asking nobody": ((*FAILING["lookup"][0], "--from", NOBODY), ""),
    "asking no mirror": ((*FAILING["lookup"][0], "--from", "none"), ""),
    "no mirror to write": (("export", "--from", "none", "-o", "fir.csv"), ""),
    "no mirror to compare": (("verify", "text", "--from", "none"), "intact"),
    "no mirror to check with": (
        ("image", "check", "text", "--entry", "1", "--from", "none"),
        "holds",
    ),
}
KEY = "log.example/register+00b5be46+AXESHL0RfNVtHXbLHj5FRhCGmFYUmhlJjUpMzVZYf4Dt"


def with_json(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Name the commands that know ``--json``."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from with_json(command, (*before, name))
        elif any(option.name == "as_json" for option in command.params):
            yield " ".join((*before, name))


def test_every_command_with_json_is_tried() -> None:
    assert list(with_json(firtree)) == list(FAILING)


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [*FAILING.values(), *OTHERS.values()],
    ids=[*FAILING, *OTHERS],
)
def test_a_failure_is_told_to_programs_as_to_people(
    arguments: tuple[str, ...],
    verdict: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / POLICY).write_text(f"log {KEY}\nquorum none\n", encoding="utf-8")
    (tmp_path / "text").write_text("nothing", encoding="utf-8")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["firtree", *arguments, "--json"])

    with pytest.raises(SystemExit) as ended:
        main()

    written = capsys.readouterr()
    told = json.loads(written.out)
    members = [verdict] if verdict else []
    assert list(told) == [*members, "error", "code", "hint", "problems"]
    assert ended.value.code == (75 if told["code"] == "unavailable" else 1)
    assert f"firtree: {told['error']}\n" in written.err
    assert not verdict or told[verdict] is False


def test_what_was_written_before_a_failure_is_one_document(tmp_path: Path) -> None:
    done = run("duis", "read", "none.xml", "--json", folder=tmp_path)

    assert done.returncode == 1
    assert list(json.loads(done.stdout)) == ["responses", "problems"]


@pytest.mark.parametrize(
    "command", [("image", "check"), ("duis", "read"), ("log", "verify")]
)
def test_a_name_that_is_not_utf8_is_told_to_programs(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    done = run(*command, "n\udcffne", "--json", folder=tmp_path)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert r"n\udcffne" in done.stderr
    assert json.loads(done.stdout)


def test_responses_in_files_that_are_not_named_in_utf8_are_read(tmp_path: Path) -> None:
    for name in ("\udcff.xml", "bad\udcff.xml"):
        (tmp_path / name).write_bytes(b"<x/>" if "bad" in name else answer("", "11.2"))
    names = sorted(path.name for path in tmp_path.iterdir())

    done = run("duis", "read", *names, "--json", folder=tmp_path)

    told = json.loads(done.stdout)
    assert [one["file"] for one in told["responses"]] == ["\ufffd.xml"]
    assert [one["file"] for one in told["problems"]] == ["bad\ufffd.xml"]


def test_a_folder_that_is_not_named_in_utf8_is_told_to_people(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with out.open("wb") as written:
        subprocess.run(
            [FIRTREE, "init", "--data", "r\udcff"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
            stdout=written,
            check=True,
        )

    assert b"its signing key is r\xff/log.key" in out.read_bytes()
