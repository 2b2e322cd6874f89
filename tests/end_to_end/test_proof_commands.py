"""firtree log key, policy, prove and check."""

from __future__ import annotations

import json
import sys
import time
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import timedelta
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from entries import DESK, a_model, an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.entry import Availability, Status
from firtree.cli import main as commands
from firtree.exchange import proof_file
from firtree.ledger.cosignatures import Cosigner
from firtree.ledger.notes import Note, Signer
from firtree.ledger.policy import Policy, TrustedLog, Witness
from firtree.parties import Maker
from firtree.settings import Settings
from firtree.statements.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from firtree.statements.types import Subject


COSIGNER = Cosigner("witness.example/w", bytes(range(32)))
OTHER_LOG = Signer("log.example/other", bytes(32)).verifier
OTHER_KEY = Signer("log.example/proofs", bytes(32)).verifier
OTHER = a_model(model_identifier="0B0B")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a register with two models; an entry of the first was withdrawn later."""
    made = tmp_path_factory.mktemp("proofs")
    settings = Settings(data=str(made / "var"))
    wiring.make(settings, origin="log.example/proofs")
    limited = an_entry(
        3,
        upgradable_from=(2,),
        availability=Availability.LIMITED,
        limited_to=("Ash Energy",),
    )
    with wiring.opened(settings) as parts:
        transactions: list[list[Subject]] = [
            [
                Maker(code="AB01", name="Alder", contact=DESK),
                an_entry(1, upgradable_from=()),
                an_entry(2, upgradable_from=(1,)),
            ],
            [limited, an_entry(9, model=OTHER)],
            [an_entry(1, status=Status.WITHDRAWN, upgradable_from=())],
        ]
        for subjects in transactions:
            statements = [Statement(subject=one, by="keeper") for one in subjects]
            parts.recorder.record(statements, KEEPER)
    firtree(made, "log", "policy", out="policy")
    return made


def main(arguments: Sequence[str]) -> None:
    """Run the command with arguments, in this process."""
    before = sys.argv
    sys.argv = ["firtree", *arguments]
    try:
        commands.main()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.argv = before


class Done(NamedTuple):
    """What a command said."""

    stdout: str
    stderr: str


def firtree(folder: Path, *arguments: str, code: int = 0, out: str = "") -> Done:
    """Run a command in a folder; perhaps write what it says to a file there."""
    said, told = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    with chdir(folder), redirect_stdout(said), redirect_stderr(told):
        ended = 0
        try:
            main(arguments)
        except SystemExit as end:
            ended = int(end.code or 0)
    done = Done(*(each.buffer.getvalue().decode() for each in (said, told)))
    assert ended == code, done
    if out:
        (folder / out).write_text(done.stdout, encoding="utf-8")
    return done


def prove(folder: Path, subject: str, *more: str) -> str:
    """Write a proof; give the name of its file."""
    name = f"{subject.replace('/', '-')}{len(list(folder.glob('*.proof')))}.proof"
    firtree(folder, "log", "prove", subject, "-o", name, *more)
    return name


def check(folder: Path, name: str, *, code: int = 0, policy: str = "policy") -> Any:
    """Check a proof; give the report."""
    done = firtree(
        folder, "log", "check", name, "--policy", policy, "--json", code=code
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("subject", "said"),
    [("1", "entry 1 at log size "), ("AB01/010A030B", "hardware model AB01/010A")],
)
def test_what_was_proven_is_named(
    folder: Path, tmp_path: Path, subject: str, said: str
) -> None:
    made = str(tmp_path / "made")
    for command in (("log", "prove"), ("evidence",)):
        done = firtree(folder, *command, subject, "-o", made, "--overwrite")
        assert f"{made}: {said}" in done.stdout


def test_the_key_is_that_of_the_policy(folder: Path) -> None:
    key = firtree(folder, "log", "key").stdout.strip()
    policy = Policy.parse((folder / "policy").read_bytes())

    assert key.startswith("log.example/proofs+")
    assert [str(log.verifier) for log in policy.logs] == [key]
    assert policy.quorum == "none"
    told = json.loads(firtree(folder, "log", "key", "--json").stdout)
    assert told == {
        "origin": "log.example/proofs",
        "verifier_key": key,
        "also_signing": [],
    }


def test_a_policy_takes_witnesses_over_and_names_the_address(folder: Path) -> None:
    verifier = COSIGNER.verifier
    others = Policy(witnesses=(Witness("w", verifier),), quorum="w")
    (folder / "witnesses").write_bytes(others.encode())

    firtree(
        *(folder, "log", "policy", "--witnesses", "witnesses"),
        *("--url", "https://fir.example/log"),
        out="witnessed",
    )

    policy = Policy.parse((folder / "witnessed").read_bytes())
    assert policy.logs[0].url == "https://fir.example/log"
    assert (policy.witnesses, policy.quorum) == (others.witnesses, "w")
    refused = firtree(folder, "log", "policy", "--url", "a b", code=1).stderr
    assert "--url: expected an address without blanks" in refused


@pytest.mark.parametrize("subject", ["1", "2", "3", "9", "AB01/010A030B"])
def test_what_is_proven_is_checked(folder: Path, subject: str) -> None:
    report = check(folder, prove(folder, subject))

    assert report["holds"] is True
    assert report["differences"] == []
    assert report["entries"] == ([9] if subject == "9" else [1, 2, 3])
    codes = [one["code"] for one in report["may_say"]]
    recorded = 2 if subject == "9" else 4
    assert codes == ["recorded"] * recorded + ["complete"] * 2 + ["not-witnessed"]
    assert report["checkpoint"] == {"origin": "log.example/proofs", "size": 7}


def test_the_check_says_in_words_what_may_be_said(folder: Path) -> None:
    name = prove(folder, "AB01/010A030B")

    said = firtree(folder, "log", "check", name, "--policy", "policy").stdout

    assert "Entry 1 was recorded, as number 6 of the log, at 20" in said
    assert (
        "The entries of hardware model AB01 010A030B are 1, 2, 3: the complete" in said
    )
    assert "All this is as the keeper says; it is not witnessed." in said
    assert "The answers for 3 versions in the file: as the rules say" in said


def test_the_check_prints_the_answers_and_for_whom_they_are(folder: Path) -> None:
    name = prove(folder, "2", "--asker", "Ash Energy")

    said = firtree(folder, "log", "check", name, "--policy", "policy").stdout

    assert "asked by 'Ash Energy'; worked out here anew." in said
    assert "Update available: install entry 3" in said


def test_a_second_answer_for_one_version_is_refused(folder: Path) -> None:
    name = prove(folder, "1")
    wire = json.loads((folder / name).read_text(encoding="utf-8"))
    false = {**wire["answers"][0], "standing": "current", "pathway": []}
    for answers in ([false, *wire["answers"]], [*wire["answers"], false]):
        (folder / name).write_text(json.dumps({**wire, "answers": answers}))
        report = check(folder, name, code=1)
        assert report["holds"] is False
        assert "two answers for firmware" in report["error"]


def test_many_answers_for_one_version_are_refused_at_once(folder: Path) -> None:
    name = prove(folder, "1")
    wire = json.loads((folder / name).read_text(encoding="utf-8"))
    many = [{"device": {"firmware": f"{n:08X}"}} for n in range(1000, 101_000)]
    wire["answers"] = [*wire["answers"], *many, many[-1]]
    (folder / name).write_text(json.dumps(wire))
    begun = time.process_time()

    assert "two answers for firmware '00018A87'" in check(folder, name, code=1)["error"]
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    "day", ["9999-12-31", "2200-01-01", "1999-12-31", "0001-01-01"]
)
def test_a_day_that_no_register_was_asked_about_is_refused(
    folder: Path, day: str
) -> None:
    name = prove(folder, "1")
    wire = json.loads((folder / name).read_text(encoding="utf-8"))
    wire["question"]["day"] = day
    (folder / name).write_text(json.dumps(wire))

    told = check(folder, name, code=1)["error"]

    assert f"its question is of the day {day}, expected one from 2000-01-01" in told


def test_a_proof_of_too_many_entries_is_not_worked_through(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = prove(folder, "1")
    monkeypatch.setattr(proof_file, "ENTRIES_MOST", 2)

    told = check(folder, name, code=1)["error"]

    assert "hardware model AB01 010A030B has 3 entries, above 2" in told


@pytest.mark.parametrize("subject", ["1", "AB01/010A030B"])
def test_what_is_too_much_to_be_checked_is_not_proven(
    folder: Path, monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    monkeypatch.setattr(proof_file, "ENTRIES_MOST", 2)

    told = firtree(folder, "log", "prove", subject, "-o", "big.proof", code=1).stderr

    assert "not proven: hardware model AB01 010A030B has 3 entries, above 2" in told
    assert not (folder / "big.proof").exists()
    monkeypatch.setattr(proof_file, "ENTRIES_MOST", 3)
    assert check(folder, prove(folder, subject))["holds"]


def test_a_section_that_was_taken_out_of_a_proof_is_told(folder: Path) -> None:
    name = prove(folder, "9")
    wire = json.loads((folder / name).read_text(encoding="utf-8"))
    for one in wire["proof"]["statements"]:
        one["sections"]["fir"] |= {"salt": None, "text": None}
    (folder / name).write_text(json.dumps(wire))

    report = check(folder, name, code=1)

    told = [one["text"] for one in report["may_say"] if one["code"] == "not-open"]
    assert len(told) == len(wire["proof"]["statements"])
    assert "FIR information is not open here, and counts as erased" in told[0]
    assert {one["field"] for one in report["differences"]} >= {"warnings"}


def test_a_maker_that_is_left_out_of_a_proof_is_told(folder: Path) -> None:
    name = prove(folder, "9")
    wire = json.loads((folder / name).read_text(encoding="utf-8"))
    lists = wire["proof"]["lists"]
    wire["proof"]["lists"] = [one for one in lists if one["kind"] == "model"]
    (folder / name).write_text(json.dumps(wire))

    report = check(folder, name)

    (told,) = [one["text"] for one in report["may_say"] if one["code"] == "not-open"]
    assert told.startswith("What is recorded of maker AB01 is not in this file")


def test_a_past_state_is_proven(folder: Path) -> None:
    report = check(folder, prove(folder, "1", "--at", "4"))

    assert report["entries"] == [1, 2]
    assert report["checkpoint"]["size"] == 4


def test_a_model_without_entries_is_proven_to_have_none(folder: Path) -> None:
    report = check(folder, prove(folder, "FFFF/00000000"))

    assert [one["code"] for one in report["may_say"]] == [
        "none",
        "none",
        "not-witnessed",
    ]
    assert report["entries"] == []


def test_what_is_limited_depends_on_who_asks(folder: Path) -> None:
    everybody = json.loads((folder / prove(folder, "2")).read_text(encoding="utf-8"))
    name = prove(folder, "2", "--asker", "Ash Energy")
    ash = json.loads((folder / name).read_text(encoding="utf-8"))

    assert everybody["answers"][0]["target"] == 2
    assert ash["answers"][0]["target"] == 3
    assert check(folder, name)["holds"] is True


def test_private_parts_and_who_recorded_are_opened_on_request_only(
    folder: Path,
) -> None:
    plain = json.loads((folder / prove(folder, "2")).read_text(encoding="utf-8"))
    name = prove(folder, "2", "--private")
    private = json.loads((folder / name).read_text(encoding="utf-8"))

    for found, opened in ((plain, False), (private, True)):
        for statement in found["proof"]["statements"]:
            for section in ("head", "private"):
                text = statement["sections"][section]["text"]
                assert (text is not None) == opened
    assert check(folder, name)["holds"] is True


def test_an_older_statement_is_not_passed_off_as_the_newest(folder: Path) -> None:
    new = json.loads((folder / prove(folder, "1")).read_text(encoding="utf-8"))
    old = json.loads(
        (folder / prove(folder, "1", "--at", "4")).read_text(encoding="utf-8")
    )

    def refused(found: dict[str, Any]) -> str:
        (folder / "forged").write_text(json.dumps(found), encoding="utf-8")
        report = check(folder, "forged", code=1)
        assert report["holds"] is False
        return str(report.get("error") or report["differences"])

    shown = new["proof"]
    older = {**shown, "lists": old["proof"]["lists"]}
    assert "does not lead to this root" in refused({**new, "proof": older})
    fewer = {**shown, "statements": shown["statements"][:-1]}
    assert "listed, but not shown" in refused({**new, "proof": fewer})
    assert "being there" in refused({**new, "answers": []})
    twice = [*new["answers"], {**new["answers"][0], "device": {"firmware": "77"}}]
    assert "being there" in refused({**new, "answers": twice})
    wrong = [{**new["answers"][0], "standing": "current"}]
    assert "standing" in refused({**new, "answers": wrong})
    other_day = {**new["question"], "day": "2039-01-01"}
    assert "warnings" in refused({**new, "question": other_day})
    question = {**new["question"], "entry": 9}
    assert "entry 9 is not among those" in refused({**new, "question": question})
    elsewhere = {**new["question"], "model": "0B0B030B"}
    assert "does not show the entries" in refused({**new, "question": elsewhere})
    assert "firtree/proof/v1" in refused({**new, "format": "firtree/proof/v2"})
    assert "not a file of a proof" in refused({"format": "firtree/proof/v1"})
    # A proof of the past holds, and says as of which checkpoint.
    assert old["proof"]["log_proof"].count("\n4\n") == 1


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("quorum none\n", "the policy is for no log, and this is of the log"),
        (
            f"log {OTHER_LOG}\nquorum none\n",
            "is for 'log.example/other', and this is of",
        ),
        (f"log {OTHER_KEY}\nquorum none\n", f"signed this: it trusts {OTHER_KEY}"),
    ],
    ids=["no log", "another log", "another key"],
)
def test_a_policy_that_does_not_fit_is_told_to_be_the_wrong_one(
    folder: Path, policy: str, told: str
) -> None:
    name = prove(folder, "1")
    (folder / "wrong").write_text(policy, encoding="utf-8")

    report = check(folder, name, policy="wrong", code=1)
    said = firtree(folder, "log", "check", name, "--policy", "wrong", code=1).stderr

    assert report["holds"] is False
    assert told in report["error"]
    assert f"{name} cannot be checked with wrong: the policy " in said
    assert "keeper" in said
    assert "evidence" not in said
    assert "proves nothing" not in said


def test_what_is_forged_is_told_to_be_kept_as_evidence(folder: Path) -> None:
    name = prove(folder, "1")
    found = json.loads((folder / name).read_text(encoding="utf-8"))
    found["proof"]["lists"] = []
    (folder / "forged").write_text(json.dumps(found), encoding="utf-8")

    said = firtree(folder, "log", "check", "forged", "--policy", "policy", code=1)
    assert "forged proves nothing" in said.stderr
    assert "keep it as evidence" in said.stderr
    (folder / "text").write_text("nothing", encoding="utf-8")
    said = firtree(folder, "log", "check", "forged", "--policy", "text", code=1)
    assert "firtree: text: " in said.stderr


def test_a_list_that_leaves_an_entry_out_is_told_in_words(folder: Path) -> None:
    found = json.loads((folder / prove(folder, "1")).read_text(encoding="utf-8"))
    (model,) = (one for one in found["proof"]["lists"] if one["kind"] == "model")
    fewer = json.loads(model["list"])[:-1]
    model["list"] = json.dumps(fewer, separators=(",", ":"))
    (folder / "forged").write_text(json.dumps(found), encoding="utf-8")

    said = firtree(folder, "log", "check", "forged", "--policy", "policy", code=1)
    name = model["name"].replace("\n", "/")
    assert (
        f"the list of model '{name}' is not the one that the log commits to: the map "
        "holds another value under this key"
    ) in said.stderr


def cosigned(folder: Path, name: str, at: datetime) -> str:
    """Have a witness cosign the checkpoint of a proof; give the name of a new file."""
    found = json.loads((folder / name).read_text(encoding="utf-8"))
    above, _, text = found["proof"]["log_proof"].partition("\n\n")
    note = Note.parse(text)
    note = note.with_signatures([COSIGNER.cosign(note.text, at)])
    found["proof"]["log_proof"] = f"{above}\n\n{note}"
    (folder / f"cosigned-{name}").write_text(json.dumps(found), encoding="utf-8")
    return f"cosigned-{name}"


def test_what_witnesses_saw_lately_is_current(folder: Path) -> None:
    name = prove(folder, "1")
    key = Policy.parse((folder / "policy").read_bytes()).logs[0].verifier
    policy = Policy((TrustedLog(key),), (Witness("w", COSIGNER.verifier),), (), "w")
    (folder / "quorum").write_bytes(policy.encode())

    lately = check(folder, cosigned(folder, name, wiring.clock()), policy="quorum")
    assert lately["may_say"][-1]["code"] == "current"
    assert "cosigned by w" in lately["may_say"][-1]["text"]
    then = wiring.clock() - timedelta(hours=25)
    long_ago = check(folder, cosigned(folder, name, then), policy="quorum")
    assert long_ago["may_say"][-1]["code"] == "not-current"
    unseen = check(folder, name, policy="quorum", code=1)
    assert "the quorum" in unseen["error"]


def test_both_keys_are_trusted_while_a_log_changes_its_key(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "var"))
    wiring.make(settings, origin="log.example/rotated")
    with wiring.opened(settings) as parts:
        statement = Statement(subject=an_entry(1), by="keeper")
        parts.recorder.record([statement], KEEPER)
    firtree(tmp_path, "log", "policy", out="old")
    firtree(tmp_path, "log", "rotate-key", "--both-for", "30")
    firtree(tmp_path, "log", "policy", out="both")

    keys = json.loads(firtree(tmp_path, "log", "key", "--json").stdout)
    old, both = (
        [str(log.verifier) for log in Policy.parse((tmp_path / name).read_bytes()).logs]
        for name in ("old", "both")
    )
    assert both == [keys["verifier_key"], *keys["also_signing"]]
    assert keys["also_signing"] == old
    name = prove(tmp_path, "1")
    for trusted in ("old", "both"):
        assert check(tmp_path, name, policy=trusted)["holds"] is True
    firtree(tmp_path, "evidence", "1", "-o", "1.zip")
    assert (tmp_path / "1.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("prove", "77", "-o", "x"), "there is no entry 77"),
        (("prove", "AB01", "-o", "x"), "expected a CPL Entry ID or"),
        (("prove", "AB01/", "-o", "x"), "expected a CPL Entry ID or"),
        (("prove", "A/B/C", "-o", "x"), "expected a CPL Entry ID or"),
        (("prove", "0", "-o", "x"), "expected a CPL Entry ID or"),
        (("prove", "9" * 40, "-o", "x"), "expected a CPL Entry ID or"),
        (("prove", "1", "-o", "policy"), "there is a file policy already"),
        (("prove", "1", "--at", "99", "-o", "x"), "expected a log size from 1 to 7"),
        (("check", "nothing", "--policy", "policy"), "there is no file nothing"),
        (("check", "policy", "--policy", "nothing"), "there is no file nothing"),
        (("check", "policy", "--policy", "policy"), "not a file of a proof"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    folder: Path, arguments: tuple[str, ...], reason: str
) -> None:
    told = firtree(folder, "log", *arguments, code=1).stderr

    assert reason in told.splitlines()[0]
    assert not (folder / "x").exists()
