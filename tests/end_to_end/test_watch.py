"""``firtree watch`` against real servers: quiet, a change, a fork, a lost server."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

import plain_http
from comers import a_reader, of_a_party
from entries import an_entry
from firtree import wiring
from firtree.access import Right
from firtree.ledger.notes import Checkpoint, Note
from firtree.ledger.policy import Policy, TrustedLog
from firtree.parties import PartyKind
from firtree.parties.party import Party
from firtree.settings import Settings
from firtree.wiring import fencing
from firtree.wiring.watching import THINGS_FILE
from registers import ALDER, record
from running import Command, Ran, Server, in_process, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

READY = "/health/ready"
SIZE = 6


class Reader:
    """A register that is served, and somebody who watches it."""

    def __init__(self, folder: Path, command: Command) -> None:
        self._command = command
        self.data = folder / "data"
        wiring.make(Settings(data=str(self.data)))
        self.policy = folder / "policy"
        with wiring.opened(Settings(data=str(self.data))) as parts:
            log = TrustedLog(parts.signer.verifier)
            record(parts.recorder, ALDER, an_entry(1), an_entry(2))
            token = a_reader(parts, Settings(data=str(self.data)))
        self.token = folder / "token"
        self.token.write_text(f"{token}\n", encoding="utf-8")
        self.policy.write_bytes(Policy((log,)).encode())
        self.state = folder / "watch"
        self.server = Server("serve", "--data", self.data, health=READY)

    def record(self, data: Path, trade_name: str) -> None:
        """Record a new version of entry 1."""
        with wiring.opened(Settings(data=str(data))) as parts:
            record(parts.recorder, an_entry(1, trade_name=trade_name))

    def size(self) -> int:
        """Give the size that is served."""
        note = plain_http.get(f"{self.server.url}/log/checkpoint").content
        return Checkpoint.parse(Note.parse(note).text).size

    def watch(self, *args: str | Path) -> Ran:
        """Watch once."""
        return self._command(
            *("watch", self.server.url, "--policy", self.policy),
            *("--state", self.state, "--token-file", self.token, *args),
        )


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Give what runs a command without a new process."""
    return in_process(monkeypatch, capsys)


@pytest.fixture
def reader(tmp_path: Path, command: Command) -> Iterator[Reader]:
    """Serve a register with two entries."""
    reader = Reader(tmp_path, command)
    with reader.server:
        # The access log, which holds the token's making, gets its head first.
        wait_for(lambda: reader.size() == SIZE)
        yield reader


def test_a_change_and_a_fork_are_told_and_nothing_else(
    reader: Reader, tmp_path: Path
) -> None:
    own = ("--entry", "1", "--maker", "AB01")
    for _ in range(2):
        quiet = reader.watch(*own)
        assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    copy = tmp_path / "copy"
    shutil.copytree(reader.data, copy)
    fencing.accept(Settings(data=str(copy)))

    reader.record(reader.data, "New")
    told = reader.watch(*own)
    assert told.code == 1
    assert "firtree: changed: entry 1 was changed by statement 6 (it was 2)" in (
        told.err
    )
    assert reader.watch(*own).code == 0

    # The keeper shows a copy with another history to this reader.
    reader.server.stop()
    reader.record(copy, "Another")
    with Server("serve", "--data", copy, health=READY, port=reader.server.port):
        told = reader.watch(*own)
        as_json = json.loads(reader.watch(*own, "--json").out)
    assert told.code == 1
    assert "WRONG: the log has two histories: two checkpoints of size 7" in told.err
    assert "Traceback" not in told.err
    assert as_json["wrong"]
    assert as_json["first_time"] is False
    kept, found, wrong = map(Path, as_json["evidence"])
    notes = [Note.parse(path.read_bytes()) for path in (kept, found)]
    trusted = Policy.parse(reader.policy.read_bytes())
    both = [trusted.verify(note).checkpoint for note in notes]
    assert [each.size for each in both] == [7, 7]
    assert both[0].root != both[1].root
    assert "two histories" in wrong.read_text(encoding="utf-8")

    # What was kept stays: the true history is still the one that is relied on.
    with Server("serve", "--data", reader.data, health=READY, port=reader.server.port):
        assert reader.watch(*own).code == 0


def test_an_erasure_is_news_and_a_section_that_is_gone_is_an_alarm(
    reader: Reader, command: Command
) -> None:
    own = ("--entry", "1", "--entry", "2")
    assert reader.watch(*own).code == 0
    # What an older firtree had kept is filled in at the next run.
    things = reader.state / THINGS_FILE
    kept = msgspec.json.decode(things.read_bytes())
    older = {name: [item[:3] for item in items] for name, items in kept.items()}
    things.write_bytes(msgspec.json.encode(older))
    assert reader.watch(*own).code == 0
    assert msgspec.json.decode(things.read_bytes()) == kept

    erased = command(
        *("erase", "2", "people", "--reason", "asked for by the person", "--yes"),
        *("--data", reader.data),
    )
    assert erased.code == 0, erased.err
    told = reader.watch(*own)
    assert told.code == 1
    assert told.err.startswith(
        "firtree: changed: contacts of entry 1 (section 'people' of statement 2): "
        "erased by statement 6 on 20"
    )
    assert "asked for by the person" not in told.err  # it is private
    assert reader.watch(*own).code == 0
    assert not (reader.state / "evidence").exists()

    # The keeper takes a section away behind the log's back.
    with closing(sqlite3.connect(reader.data / "firtree.db")) as database:
        database.execute(
            "UPDATE statement SET fir = NULL, salts = CAST(substr(salts, 1, 64) ||"
            " zeroblob(32) || substr(salts, 97) AS BLOB) WHERE leaf_index = 3"
        )
        database.commit()
    for _ in range(2):
        told = reader.watch(*own, "--json")
        report = json.loads(told.out)
        assert told.code == 1
        [wrong] = report["wrong"]
        assert wrong.startswith("FIR information of entry 2 (section 'fir' of statem")
        assert "although no statement says that it was erased" in wrong
    notes = sorted(Path(name).name.split("-")[1] for name in report["evidence"])
    assert notes == ["found.note", "kept.note", "wrong.txt"]


def test_ones_own_party_is_watched_with_a_token_that_may_read_it(
    reader: Reader,
) -> None:
    refused = reader.watch("--party", "8")
    assert refused.code == 1
    assert "does not let this reader in" in refused.err
    assert "a token that may read entries, and parties" in refused.err
    settings = Settings(data=str(reader.data))
    ours = Party(id=8, name="Rowan Energy", kinds=(PartyKind.IMPORT_SUPPLIER,))
    with wiring.opened(settings) as parts:
        token = of_a_party(parts, settings, ours, Right.READ_PARTIES)
    reader.token.write_text(token, encoding="ascii")
    own = ("--party", "8", "--entry", "1")
    assert reader.watch(*own).code == 0

    with wiring.opened(settings) as parts:
        record(parts.recorder, msgspec.structs.replace(ours, name="Rowan Power"))

    told = reader.watch(*own)
    assert told.code == 1
    assert "firtree: changed: party 8 was changed by statement " in told.err
    assert reader.watch(*own).code == 0


def test_a_mirror_is_no_folder_of_watch(reader: Reader, command: Command) -> None:
    mirror = reader.state.with_name("mirror")
    made = command(
        *("log", "mirror", reader.server.url, mirror, "--policy", reader.policy),
        *("--token-file", reader.token),
    )
    assert made.code == 0, made.err
    before = sorted(mirror.iterdir())

    refused = command(
        *("watch", reader.server.url, "--policy", reader.policy, "--state", mirror)
    )

    assert refused.code == 1
    assert f"found a mirror in {mirror}" in refused.err
    assert sorted(mirror.iterdir()) == before


def test_a_server_that_is_gone_is_asked_again_later(reader: Reader) -> None:
    things = reader.state.with_name("things")
    things.write_text("# ours\nentry 2\n", encoding="utf-8")
    assert reader.watch("--things", things).code == 0
    reader.server.kill()

    told = reader.watch("--things", things)

    assert told.code == 75
    assert f"firtree: {reader.server.url}: it cannot be reached" in told.err
    assert not (reader.state / "evidence").exists()


def test_what_is_wrong_with_the_question_is_told(
    reader: Reader, command: Command
) -> None:
    empty = reader.policy.with_name("empty")
    empty.write_text("quorum none\n", encoding="utf-8")
    no_token = reader.policy.with_name("no-token")
    no_token.write_text("two\nlines", encoding="utf-8")
    for args, told in (
        (["--entry", "x"], "--entry: expected entry <id>"),
        (["--things", reader.policy], "line 1: expected entry <id>"),
        (["--policy", empty], "names no log"),
        (["--token-file", no_token], "expected a token"),
    ):
        refused = reader.watch(*args)
        assert refused.code == 1, args
        assert told in refused.err
        assert "Traceback" not in refused.err
    refused = command(
        *("watch", "ftp://x", "--policy", reader.policy, "--state", reader.state)
    )
    assert "expected the address of a server" in refused.err


def test_what_was_never_there_is_told_without_an_alarm(reader: Reader) -> None:
    slip = ("--entry", "99", "--maker", "AB01")
    told = reader.watch(*slip)
    as_json = json.loads(reader.watch(*slip, "--json").out)

    sentence = (
        "entry 99: not shown to you, or there is none; check the number and the token"
    )
    assert (told.code, told.err) == (1, f"firtree: unknown: {sentence}\n")
    assert (as_json["unknown"], as_json["wrong"]) == ([sentence], [])
    assert not (reader.state / "evidence").exists()


def test_what_is_kept_and_damaged_is_told(reader: Reader) -> None:
    assert reader.watch("--entry", "1").code == 0
    things = reader.state / THINGS_FILE
    assert msgspec.json.decode(things.read_bytes())["entry 1"][0][:2] == [1, 2]
    things.write_text("{", encoding="utf-8")

    refused = reader.watch("--entry", "1")

    assert refused.code == 1
    assert "things.json is damaged" in refused.err


def test_who_is_not_let_in_is_told_to_give_a_token(
    reader: Reader, command: Command
) -> None:
    reader.token.write_text("of-nobody\n", encoding="utf-8")

    refused = reader.watch("--entry", "1")

    assert refused.code == 1
    assert "--token-file" in refused.err
    log_alone = command(
        *("watch", reader.server.url, "--policy", reader.policy),
        *("--state", reader.state),
    )
    assert log_alone.code == 0


def test_the_checkpoint_is_kept_as_it_came(reader: Reader) -> None:
    reader.watch()

    note = Note.parse((reader.state / "checkpoint.note").read_bytes())
    assert Checkpoint.parse(note.text).size == SIZE
