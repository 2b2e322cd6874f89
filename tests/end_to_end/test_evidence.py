"""The evidence pack: what it holds, and that it can be checked without firtree."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from commands import run
from entries import DESK, an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.entry import PrivatePart, ReleaseNotes
from firtree.parties import Maker
from firtree.settings import Settings
from firtree.statements.statement import Statement

MARKUP = "<script>alert('é')</script>"


class Made(NamedTuple):
    """A register's folder, and an unpacked pack about entry 2."""

    folder: Path
    pack: Path


def firtree(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run the command; give what it said."""
    done = run(*arguments, folder=folder)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Make a register with a changed entry, and a pack of its newest state."""
    folder = tmp_path_factory.mktemp("evidence")
    settings = Settings(data=str(folder / "var"))
    wiring.make(settings, origin="log.example/evidence")
    secret = replace(
        an_entry(2, upgradable_from=(1,), notes=ReleaseNotes(summary=MARKUP)),
        private=PrivatePart(mapping_evidence="a secret letter"),
    )
    maker = Maker(code="AB01", name="Alder & Daughters", contact=DESK)
    with wiring.opened(settings) as parts:
        for subjects in ((maker, an_entry(1)), (secret, an_entry(1, trade_name="New"))):
            statements = [Statement(subject=one, by="keeper") for one in subjects]
            parts.recorder.record(statements, KEEPER)
    firtree(folder, "evidence", "2", "-o", "2.zip")
    return Made(folder, unpacked(folder / "2.zip", folder / "pack"))


def unpacked(pack: Path, folder: Path) -> Path:
    """Unpack a pack."""
    with zipfile.ZipFile(pack) as file:
        file.extractall(folder)
    return folder


def check(pack: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the pack's own script, with Python's standard library alone."""
    python = shutil.which("python3") or sys.executable
    return subprocess.run(
        [python, "-I", "-S", "check.py", *arguments],
        cwd=pack,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_pack_is_checked_without_firtree(made: Made) -> None:
    key = firtree(made.folder, "log", "key").strip()

    with_key, without = check(made.pack, key), check(made.pack)

    for done in (with_key, without):
        assert done.returncode == 0, done.stdout + done.stderr
        assert "right: the log signed it" in done.stdout
        assert "right: every listed statement is in this pack" in done.stdout
        assert "What the log commits to are the statements:" in done.stdout
        assert "It does not commit to the answers in\nproof.json" in done.stdout
    assert "compare it with the keeper's publication" in without.stdout
    assert "WRONG: the checkpoint" in check(made.pack, "x" + key).stderr
    other = re.sub(r"\+[0-9a-f]{8}\+", "+00000000+", key)
    assert "WRONG: the log signed it" in check(made.pack, other).stderr


def commands_of(page: str) -> list[str]:
    """Read the commands that the page tells its readers to run."""
    found = re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)
    entities = (("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
    for entity, character in entities:
        found = [one.replace(entity, character) for one in found]
    return [
        one for one in found if one.startswith(("sha256sum", "python3", "openssl", "("))
    ]


def test_what_the_page_says_to_run_gives_what_the_page_says(made: Made) -> None:
    page = (made.pack / "evidence.html").read_text(encoding="utf-8")
    outcomes = []
    for command in commands_of(page):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=made.pack,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        outcomes.append(done.stdout)
    shown = re.findall(r"<code>([0-9a-f]{64})</code>", page)

    sums, everything, signature, leaf, section = outcomes
    assert set(sums.split()[1::2]) == {"OK"}
    assert "What the log commits to are the statements:" in everything
    assert "Signature Verified Successfully" in signature
    assert [leaf.split()[0], section.split()[-1]] == shown


def test_the_page_says_what_was_said_and_what_is_not_shown(made: Made) -> None:
    page = (made.pack / "evidence.html").read_text(encoding="utf-8")

    assert "What the firmware register said of entry 2 of the Central Products" in page
    assert "Alder &amp; Daughters" in page
    assert "are 1, 2: the complete list as of this checkpoint" in page
    assert "All this is as the keeper says; it is not witnessed." in page
    assert "That what was recorded is true." in page
    assert "(who recorded a statement, private parts)" in page
    assert "<script" not in page
    assert "&lt;script&gt;alert" in page


def test_what_is_secret_is_in_no_file_unless_it_is_asked_for(made: Made) -> None:
    firtree(made.folder, "evidence", "2", "--private", "-o", "private.zip")
    private = unpacked(made.folder / "private.zip", made.folder / "private")

    def holds(pack: Path, text: bytes) -> bool:
        return any(text in path.read_bytes() for path in pack.rglob("*.*"))

    assert not holds(made.pack, b"a secret letter")
    assert holds(private, b"a secret letter")
    assert holds(private, b'"by":"keeper"')
    for pack in (made.pack, private):
        assert not holds(pack, b"PRIVATE+KEY")
        assert check(pack).returncode == 0


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("statements/3/core.json", b"00000002", b"00000003"),
        ("statements/3/fir.json", b"alert", b"alarm"),
        ("proof.json", b"00000002", b"00000003"),
        ("proof.json", b'"index": 3', b'"index": 2'),
        ("proof.json", b"[[1,4,", b"[[1,2,"),
        ("proof.json", b"log.example/evidence\\n5", b"log.example/evidence\\n6"),
        ("proof.json", b'"kind": "party"', b'"kind": "model"'),
        ("entries.json", b"00000002", b"00000003"),
        ("evidence.html", b"00000002", b"00000003"),
    ],
)
def test_a_changed_pack_is_found_out(
    made: Made, tmp_path: Path, path: str, old: bytes, new: bytes
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(made.pack, pack)
    octets = (pack / path).read_bytes()
    assert old in octets
    (pack / path).write_bytes(octets.replace(old, new))

    done = check(pack)

    assert done.returncode == 1
    assert "What the log commits to" not in done.stdout
    assert done.stderr.startswith("WRONG: ")
    assert done.stderr.count("\n") == 1
    if path.endswith(("html", "entries.json")):
        assert f"differs from SHA256SUMS: '{path}'" in done.stderr
    sums = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=pack, capture_output=True, check=False
    )
    assert sums.returncode == 1


def sealed(pack: Path) -> None:
    """Write the fingerprints anew, of all that is there."""
    lines = [
        f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(pack)}\n"
        for path in sorted(pack.rglob("*"))
        if path.is_file() and path.name != "SHA256SUMS"
    ]
    (pack / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "octets", "said"),
    [
        ("statements/1/people.json", b"forged", "not as in proof.json"),
        ("statements/1/private.json", b"forged", "not of proof.json"),
        ("statements/99/core.json", b"{}", "not of proof.json"),
        ("statements/core.json", b"{}", "not of proof.json"),
        ("statements/1/more.json", b"", "not of proof.json"),
        ("statements/3/core.salt", b"00\n", "not as in proof.json"),
        ("statements/3/leaf.json", b"{}", "not as in proof.json"),
        ("statements/3/core.json", None, "files are missing"),
        ("statements/3/core.salt", None, "files are missing"),
        ("statements/3/leaf.json", None, "files are missing"),
    ],
)
def test_files_of_statements_are_those_of_the_proof(
    made: Made, tmp_path: Path, path: str, octets: bytes | None, said: str
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(made.pack, pack)
    (pack / path).parent.mkdir(exist_ok=True)
    if octets is None:
        (pack / path).unlink()
    else:
        (pack / path).write_bytes(octets)

    before = check(pack)
    sealed(pack)
    after = check(pack)

    for done in (before, after):
        assert done.returncode == 1
        assert done.stderr == f"WRONG: {said}: '{path}'\n"


def test_a_file_of_an_empty_section_may_be_there_if_it_is_empty(
    made: Made, tmp_path: Path
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(made.pack, pack)
    (pack / "statements" / "1" / "people.json").touch()
    sealed(pack)

    assert check(pack).returncode == 0


def test_a_file_that_no_fingerprint_names_is_found_out(
    made: Made, tmp_path: Path
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(made.pack, pack)
    (pack / "letter\x1b.txt").write_text("x")
    (pack / "more").symlink_to("statements", target_is_directory=True)

    done = check(pack)

    assert done.returncode == 1
    assert "not named in SHA256SUMS" in done.stderr
    assert done.stderr.endswith("'letter\\x1b.txt', 'more'\n")


@pytest.mark.parametrize(
    ("path", "key", "said"),
    [
        ("checkpoint.txt", "log.example", "WRONG: VERIFIER-KEY: expected name+8"),
        ("checkpoint.txt", "log.example+1+!", "WRONG: VERIFIER-KEY: expected name+8"),
        ("log-key.txt", "", "WRONG: log-key.txt: expected name+8 hexadecimal"),
        ("proof.json", "", "WRONG: the pack is damaged or not whole: FileNotFound"),
        ("SHA256SUMS", "", "WRONG: not named in SHA256SUMS (unpack the pack anew"),
    ],
)
def test_what_cannot_be_checked_is_told_in_one_line(
    made: Made, tmp_path: Path, path: str, key: str, said: str
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(made.pack, pack)
    (pack / path).unlink()

    done = check(pack, *filter(None, [key]))

    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_a_pack_is_the_same_whenever_it_is_made(made: Made) -> None:
    firtree(made.folder, "evidence", "2", "-o", "again.zip")
    firtree(made.folder, "evidence", "2", "--at", "5", "-o", "five.zip")

    whole = (made.folder / "2.zip").read_bytes()
    assert (made.folder / "again.zip").read_bytes() == whole
    assert (made.folder / "five.zip").read_bytes() == whole


@pytest.mark.parametrize(("at", "ids"), [("3", [1]), ("5", [1, 2])])
def test_a_model_is_packed_as_of_any_day(made: Made, at: str, ids: list[int]) -> None:
    name = f"model-{at}"
    firtree(
        *(made.folder, "evidence", "AB01/010A030B"),
        *("--at", at, "-o", f"{name}.zip"),
    )
    pack = unpacked(made.folder / f"{name}.zip", made.folder / name)

    assert check(pack).returncode == 0
    found = json.loads((pack / "entries.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in found] == ids
    page = (pack / "evidence.html").read_text(encoding="utf-8")
    assert "said of hardware model AB01 010A030B on" in page


def test_a_model_without_entries_is_evidence_too(made: Made) -> None:
    firtree(made.folder, "evidence", "FFFF/00000000", "-o", "none.zip")
    pack = unpacked(made.folder / "none.zip", made.folder / "none")

    done = check(pack)
    assert done.returncode == 0, done.stderr
    assert "right: there is no model FFFF 00000000" in done.stdout
    page = (pack / "evidence.html").read_text(encoding="utf-8")
    assert "It listed no entry of hardware model FFFF 00000000." in page
    assert len(commands_of(page)) == 3
    assert "there is no entry 77" in firtree(
        *(made.folder, "evidence", "77", "-o", "x.zip"), code=1
    )
    assert not (made.folder / "x.zip").exists()
