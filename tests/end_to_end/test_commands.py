"""The commands as a person runs them: in a process, from an empty folder."""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import openpyxl
import pytest
from sqlalchemy import create_engine, text

import commands
import plain_http
from commands import FIRTREE
from firtree import __version__, wiring
from firtree.access import KEEPER
from firtree.cli import import_
from firtree.cli.main import firtree, main
from firtree.library.accounts.people import add_demo_person
from firtree.parties import PartyKind
from firtree.parties.party import Party
from firtree.settings import Settings
from firtree.wiring import example
from firtree.wiring.accounts import gate_of
from firtree.wiring.fencing import accept
from rebuilt import check_rebuilt
from registers import an_sqlite_register
from tables import a_row, a_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "cpl.csv"
COMMANDS = (
    *("init", "demo", "invite", "people", "token", "access-log"),
    *("serve", "import", "export", "verify", "lookup"),
    *("history", "diff", "findings", "search", "party", "image", "duis"),
    *("log", "evidence", "witness", "watch"),
    *("doctor", "backup", "restore", "personal-data", "erase", "rebuild"),
)
DEVICE = (*("--manufacturer", "F0E1", "--model", "0A100102", "--firmware", "00010000"),)

HASHED = {"Manufacturer_Image_Hash": "5A0D" * 16}


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


class Folder(NamedTuple):
    """A folder in which commands are run."""

    path: Path

    def __call__(self, *arguments: str, **environ: str) -> Ran:
        """Run firtree; whatever it does, it shows no traceback and no secret."""
        done = commands.run(
            *arguments, folder=self.path, environ=self.environ(**environ)
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        self.check_no_secret(ran.out + ran.err)
        assert "Traceback" not in ran.err, ran.err
        return ran

    def environ(self, **more: str) -> dict[str, str]:
        """Give an environment without settings of ours."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FIRTREE_")}
        return {**kept, "COLUMNS": "80", "NO_COLOR": "1", **more}

    def check_no_secret(self, written: str) -> None:
        """Check that no key of this folder stands in what was written."""
        assert "PRIVATE" not in written
        for path in self.path.rglob("*.key"):
            *_, secret = path.read_text().strip().split("+", 4)
            raw = base64.b64decode(secret)[1:]
            assert len(raw) == 32
            for form in (secret, base64.b64encode(raw).decode().rstrip("="), raw.hex()):
                assert form not in written

    def good(self, *arguments: str) -> str:
        """Run a command that succeeds; give what it wrote."""
        ran = self(*arguments)
        assert ran.code == 0, ran.err
        return ran.out

    def refused(self, *arguments: str, code: int = 1, **environ: str) -> str:
        """Run a command that fails; give what it said, which ends with a hint."""
        ran = self(*arguments, **environ)
        assert ran.code == code, ran
        lines = ran.err.splitlines()
        assert all(line.startswith("firtree: ") for line in lines), ran.err
        assert lines[-1].startswith("firtree: hint: "), ran.err
        return ran.err


@pytest.fixture
def run(tmp_path: Path) -> Folder:
    """Give an empty folder."""
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Give a folder with a register that holds nothing, to be copied."""
    folder = Folder(tmp_path_factory.mktemp("fresh"))
    folder.good("init", "--origin", "log.example/firtree-test")
    return folder


@pytest.fixture
def made(run: Folder, fresh: Folder) -> Iterator[Folder]:
    """Give a folder with a register that holds nothing; it is rebuilt in the end."""
    shutil.copytree(fresh.path / "var", run.path / "var")
    accept(Settings(data=str(run.path / "var")))
    yield run
    register = an_sqlite_register(run.path / "var" / "firtree.db")
    check_rebuilt(register)
    register.close()


def size_of(folder: Folder) -> int:
    """Give the log size of a register."""
    register = an_sqlite_register(folder.path / "var" / "firtree.db")
    size = register.size()
    register.close()
    return size


def write(folder: Folder, name: str, octets: bytes) -> str:
    """Write a file; give its name."""
    (folder.path / name).write_bytes(octets)
    return name


def test_the_version_is_told(run: Folder) -> None:
    assert run.good("--version") == f"firtree, version {__version__}\n"


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Callable[..., Ran]:
    """Run firtree in this process, in an empty folder: for what opens nothing."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["firtree", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        assert isinstance(code, int)
        assert list(tmp_path.iterdir()) == []
        return Ran(code, *capsys.readouterr())

    return ran


@pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS)])
def test_help_of_every_command_shows_an_example(
    here: Callable[..., Ran], arguments: tuple[str, ...]
) -> None:
    code, out, err = here(*arguments, "--help")

    assert (code, err) == (0, "")
    assert " ".join(("firtree", *arguments)) in out.partition("Example:\n")[2]


def test_help_lists_every_command(here: Callable[..., Ran]) -> None:
    out = here("--help").out

    assert all(f"\n  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--colour",),
        ("colour",),
        *((name, "--colour") for name in COMMANDS),
        ("import",),
        ("lookup", "--manufacturer", "F0E1"),
        ("demo", "--entries", "59"),
        ("serve", "--port", "0"),
    ],
)
def test_a_wrong_option_ends_with_2(
    here: Callable[..., Ran], arguments: tuple[str, ...]
) -> None:
    ran = here(*arguments)

    assert ran.code == 2
    assert "Error: " in ran.err


def test_init_makes_a_register_with_a_key_for_its_owner_alone(run: Folder) -> None:
    out = run.good("init", "--json", "--origin", "log.example/mine")

    found = json.loads(out)
    key = run.path / "var" / "log.key"
    told = ["data", "origin", "party", "link", "link_until", "checkpoint"]
    assert list(found) == told
    assert found["link"].startswith("http://localhost:8000/invitation/")
    assert found["origin"] == "log.example/mine"
    assert found["checkpoint"].startswith("log.example/mine\n2\n")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "there is a register already" in run.refused("init")


def test_the_first_five_minutes(run: Folder) -> None:
    assert "made an example register of 60 entries" in run.good(
        "demo", "--entries", "60", "--data", "v"
    )
    assert run.good("demo", "--data", "v", "--unless-present") == ""
    hint = run.good("lookup", "--data", "v", "--json", *DEVICE)
    assert json.loads(hint)["standing"] == "unknown-model"
    assert run.good("rebuild", "--data", "v").startswith("rebuilt the tables from ")
    rebuilt = json.loads(run.good("rebuild", "--data", "v", "--json"))
    assert list(rebuilt) == ["statements"]
    assert rebuilt["statements"] > 60
    made = json.loads(run.good("demo", "--data", "w", "--entries", "60", "--json"))
    assert made == {"data": "w", "made": True, "entries": 60}
    again = run.good("demo", "--data", "w", "--unless-present", "--json")
    assert json.loads(again) == {"data": "w", "made": False}


@pytest.mark.parametrize("on_path", [True, False])
@pytest.mark.parametrize("data", ["./var", "an old $one"])
def test_what_an_example_register_says_to_try_can_be_typed(
    run: Folder, data: str, *, on_path: bool
) -> None:
    path = f"{FIRTREE.parent}:{os.defpath}" if on_path else os.defpath
    environ = {**run.environ(), "PATH": path}

    made = commands.started(
        *("demo", "--entries", "60", "--data", data), folder=run.path, environ=environ
    ).stdout
    hint = made.partition("try: ")[2].strip()
    done = subprocess.run(
        shlex.split(hint),
        cwd=run.path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )

    assert hint.startswith("firtree " if on_path else f"{FIRTREE} ")
    assert "Update available" in done.stdout


def test_entries_are_searched_by_command(run: Folder) -> None:
    run.good("demo", "--entries", "60", "--data", "v")
    search = ("search", "--data", "v")
    found = json.loads(run.good(*search, "--json", "--limit", "1", "ALDER", "24.0"))
    shown = run.good(*search, "alder", "24.0.1")

    [entry], [reasons] = found["entries"], found["found_by"]
    assert entry["manufacturer_name"] == "Alder Meters"
    assert {"field": "firmware_label", "text": entry["firmware_label"]} in reasons
    assert found["next_cursor"] == "1"
    assert "24000100" in shown
    assert "label" in shown
    assert "nothing found" in run.good(*search, "zebra", "--at", "60")
    assert "TEXT: expected something to look for" in run.refused(*search, " ")
    assert run(*search, "a" * 201).err.startswith("firtree: q: expected a text of at")
    assert run(*search, os.fsdecode(b"\xff\xfe")).code == 0


def test_a_hash_in_a_table_is_whole_or_its_beginning_and_finds_its_entry(
    run: Folder,
) -> None:
    run.good("demo", "--entries", "60", "--data", "v")
    device = ("--manufacturer", "A1B3", "--model", "0A02010A", "--firmware", "24000100")
    ask = ("lookup", "--data", "v", *device)
    steps = json.loads(run.good(*ask, "--json"))["steps"]
    narrow, wide = (run(*ask, COLUMNS=str(width)).out for width in (80, 130))

    assert len(steps) == 3
    for step in steps:
        digits = step["image_hash"]
        assert digits in wide
        assert f" {digits[:12]}… " in narrow
        found = ("search", "--data", "v", digits[:12])
        assert f" {digits[:12]}… " in run(*found, COLUMNS="80").out
        [entry] = json.loads(run.good(*found, "--json"))["entries"]
        assert entry["id"] == step["entry"]


def test_an_example_that_was_not_finished_is_made_anew(run: Folder) -> None:
    settings = Settings(data=str(run.path / "var"))
    with pytest.raises(KeyboardInterrupt), example.filling(settings):
        wiring.make(settings, demo=True)
        raise KeyboardInterrupt
    arguments = ("demo", "--data", "var", "--entries", "60", "--unless-present")

    out = run.good(*arguments)

    assert out.startswith("the example register was not finished: making it anew\n")
    assert size_of(run) > 60
    assert {p.name for p in settings_files(settings)} == {
        *("firtree.db", "log.key", "log.fence"),
    }
    assert run.good(*arguments) == ""
    assert "there is a register already" in run.refused("demo")


def settings_files(settings: Settings) -> list[Path]:
    """Give the files of a register."""
    return list(Path(settings.data).iterdir())


def test_a_lost_register_is_not_begun_again(made: Folder) -> None:
    database = made.path / "var" / "firtree.db"
    kept = database.rename(made.path / "kept.db")

    for arguments in (("lookup", *DEVICE), ("init",), ("demo",), ("rebuild",)):
        assert "firtree init" not in made.refused(*arguments)
    assert not database.exists()
    kept.rename(database)


@pytest.mark.parametrize("firmware", [b"\xff", b"", b"0" * 41])
def test_a_device_that_cannot_be_one_is_said_in_a_sentence(
    made: Folder, firmware: bytes
) -> None:
    ran = made("lookup", *DEVICE[:-1], os.fsdecode(firmware))

    assert ran.code == 1
    assert ran.err.startswith("firtree: --firmware: expected a text ")
    assert ran.err.count("\n") == 1


def test_moments_are_read_with_a_space_and_days_from_2000(made: Folder) -> None:
    early = made.refused("lookup", *DEVICE, "--at", "2024-01-01 10:00Z")
    assert "the register did not exist yet" in early
    assert "what was in force on a day before it began" in early
    ancient = made("lookup", *DEVICE, "--effective-at", "0001-01-01")
    assert ancient.code == 1
    assert "effective_at: expected 2000-01-01 or a later day" in ancient.err


def test_an_upgrade_reports_as_json(
    made: Folder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(wiring, "is_behind", lambda _settings: True)
    folder = str(made.path / "var")

    firtree.main(["init", "--data", folder, "--json"], standalone_mode=False)

    assert json.loads(capsys.readouterr().out) == {"data": folder, "upgraded": True}


def test_reading_a_large_table_is_told(
    made: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int, int]] = []

    @contextmanager
    def watched(_title: str) -> Iterator[Callable[[str, int, int], None]]:
        yield lambda what, done, whole: told.append((what, done, whole))

    monkeypatch.setattr(import_, "progress_bar", watched)
    octets = a_table(*(a_row(n, Release_Notes="x" * 5000) for n in range(1, 60)))
    path = str(made.path / write(made, "large.csv", octets))

    arguments = ["import", path, "--data", str(made.path / "var"), "--dry-run"]
    firtree.main(arguments, standalone_mode=False)

    reading = [(done, whole) for what, done, whole in told if what == "reading"]
    assert len(reading) > 3
    assert reading == sorted(reading)
    assert reading[-1] == (len(octets), len(octets))


def test_the_example_of_the_documentation_is_taken_in(made: Folder) -> None:
    first = made.good("import", str(EXAMPLE))
    size = size_of(made)
    again = made.good("import", str(EXAMPLE))

    assert first.startswith("recorded 6 new and 0 changed entries; 0 unchanged\n")
    assert "findings in " in first
    assert again.startswith("nothing changes: the register says all 6 rows\n")
    assert size_of(made) == size == 9
    shown = made.good("lookup", *DEVICE)
    assert "Update available" in shown
    assert "should run entry 9003" in shown
    assert "answered at log size 9" in shown
    found = json.loads(made.good("lookup", "--json", *DEVICE))
    assert (found["standing"], found["pathway"]) == ("behind", [9002, 9003])
    past = json.loads(made.good("lookup", "--json", "--at", "1", *DEVICE))
    assert (past["standing"], past["log"]["size"]) == ("unknown-model", 1)


def test_a_look_up_tells_what_changes_on_the_way_and_whom_to_ask(made: Folder) -> None:
    made.good("import", str(EXAMPLE))

    shown = made.good("lookup", *DEVICE)

    way = shown[shown.index("entry 9002 (") : shown.index("Caution")]
    assert way.splitlines() == [
        "entry 9002 (may not be skipped):",
        "  Prepares the storage for later releases",
        "  Fixes: clock drift after a long outage",
        "entry 9003:",
        "  New tariff tables",
        "  New: tariffs of 48 switching points; a longer log",
    ]
    asked = " ".join(shown[shown.index("Whom to ask") :].split())
    assert asked.startswith(
        "Whom to ask: Firmware release desk, firmware@fernhill.example, "
        "last confirmed 2026-10-30 answered at log size 9"
    )


def test_a_look_up_tells_what_is_asked_of_the_hub(made: Folder) -> None:
    asking = {"Upgradable_From": "1", "Requires": "GBCS 4.1"}
    rows = (a_row(1, **HASHED), a_row(2, **HASHED, **asking))
    made.good("import", write(made, "hub.csv", a_table(*rows)))

    shown = made.good("lookup", *DEVICE[:-1], "00000001")

    assert "entry 2:\n  Condition (not known): Communications Hub with GBCS " in shown


def test_the_target_of_unlisted_firmware_is_no_advice(made: Folder) -> None:
    made.good("import", str(EXAMPLE))

    shown = made.good("lookup", *DEVICE[:-1], "00990000")

    assert "newest listed: entry 9003, for information only" in shown
    assert "should run" not in shown


def test_a_device_that_goes_back_is_told_so(made: Folder) -> None:
    rows = (a_row(1, **HASHED, Rollback_From="2"), a_row(2, Status="Withdrawn"))
    made.good("import", write(made, "back.csv", a_table(*rows)))

    shown = made.good("lookup", *DEVICE[:-1], "00000002")

    assert "should go back to entry 1\n" in shown


def test_a_dry_run_changes_nothing(made: Folder) -> None:
    out = made.good("import", str(EXAMPLE), "--dry-run")
    found = json.loads(made.good("import", str(EXAMPLE), "--dry-run", "--json"))

    assert out.startswith("would record 6 new and 0 changed entries")
    assert found["recorded"] is False
    assert size_of(made) == 2


def test_an_import_reports_as_json(made: Folder) -> None:
    first = write(made, "a.csv", a_table(a_row(1), a_row(2, Upgradable_From="9")))
    second = write(
        made, "b.csv", a_table(a_row(2, Upgradable_From="1", Colour="green"))
    )

    new = json.loads(made.good("import", first, "--json"))
    changed = json.loads(made.good("import", second, "--json"))

    assert list(new) == (
        "recorded new changed unchanged makers absent ignored_columns findings notes "
        "left_out".split()
    )
    assert (new["recorded"], new["new"], new["makers"]) == (True, [1, 2], ["F0E1"])
    (unknown,) = (f for f in new["findings"] if f["code"] == "unknown-predecessor")
    assert list(unknown) == "entry code severity column text".split()
    assert unknown["entry"] == 2
    (two,) = changed["changed"]
    assert (two["entry"], two["fields"]) == (2, ["upgradable_from"])
    assert two["differences"] == [
        {
            "field": "upgradable_from",
            "label": "Upgradable From",
            "before": "9",
            "after": "1",
        }
    ]
    assert new["left_out"] == {"rows": 0, "file": "", "problems": []}
    assert (changed["absent"], changed["ignored_columns"]) == ([1], ["Colour"])


def test_what_an_import_leaves_alone_is_said(made: Folder) -> None:
    made.good("import", write(made, "a.csv", a_table(a_row(1), a_row(2))))

    out = made.good(
        "import",
        write(
            made,
            "b.csv",
            a_table(a_row(1, Trade_Name="A", Manufacturer="F") | {"C\x1b[2J": "x"}),
        ),
    )

    assert out.startswith(
        "1 entry changes:\n"
        "  entry 1\n"
        "      Manufacturer: nothing → 'F'\n"
        "      Trade Name: nothing → 'A'\n"
        "recorded 0 new and 1 changed entries"
    )
    assert "not in the file, and recorded as before: 1 entry of the register: 2" in out
    assert "columns left alone: 'C\\x1b[2J'" in out
    assert "\x1b" not in out


def test_every_bad_cell_is_listed_and_nothing_recorded(made: Folder) -> None:
    name = write(made, "bad.csv", a_table(a_row(1, Status="Removed"), a_row("x")))

    said = made.refused("import", name).splitlines()
    found = made("import", name, "--json")

    assert [line.partition(": expected")[0] for line in said] == [
        "firtree: line 2, column 'Status'",
        "firtree: line 3, column 'CPL Entry ID'",
        "firtree: 2 cells cannot be read; nothing was recorded",
        (
            "firtree: hint: mend them and import the file again; --accept-good takes "
            "the other rows now"
        ),
    ]
    assert found.code == 1
    told = json.loads(found.out)
    assert list(told) == ["recorded", "error", "code", "hint", "problems"]
    assert list(told["problems"][0]) == ["where", "expected", "found"]
    assert told["recorded"] is False
    assert size_of(made) == 2


def test_a_table_of_which_no_row_is_good_ends_with_1(made: Folder) -> None:
    name = write(made, "bad.csv", a_table(a_row(1, Status="Removed"), a_row("x")))
    command = ("import", name, "--accept-good")

    tried = made(*command, "--dry-run")
    found = made(*command, "--json")

    assert tried.out.startswith("nothing was recorded: no row is good\n")
    assert tried.code == found.code == 1
    told = json.loads(found.out)
    assert told["recorded"] is False
    assert told["left_out"]["rows"] == 2
    assert told["left_out"]["file"].endswith("bad-to-mend.xlsx")
    assert size_of(made) == 2
    both = write(made, "both.csv", a_table(a_row(1), a_row("x")))
    for rest in ("first.xlsx", "again.xlsx"):
        made.good("import", both, "--accept-good", "--rest", rest)


def test_what_is_no_table_is_refused(made: Folder) -> None:
    empty, picture = (
        write(made, "e.csv", b""),
        write(made, "p.csv", b"\x89PNG\r\n\x1a\n"),
    )

    assert "e.csv: the file is empty" in made.refused("import", empty)
    assert "found a PNG image" in made.refused("import", picture)
    assert "expected a file, found a folder" in made.refused("import", "var")
    long = made("import", "x" * 300)
    assert (long.code, "cannot be read: File name too long" in long.err) == (75, True)


def test_findings_are_listed_by_kind(made: Folder) -> None:
    assert made("findings").out == "the checks find nothing\n"
    made("import", str(EXAMPLE))

    ran = made("findings")

    assert ran.code == 0
    assert re.match(r"\d+ findings in \d+ entries\n", ran.out)
    assert "To be confirmed: 2 × coding-differs (Firmware Version Coding)" in ran.out
    assert made("findings", "--manufacturer", "FFFF").out == "the checks find nothing\n"


def test_findings_are_written_as_json(made: Folder) -> None:
    made("import", str(EXAMPLE))

    found = json.loads(made("findings", "--json").out)
    assert {one["manufacturer"] for one in found["findings"]} == {"F0E1"}
    letters = made("findings", "--json", "--code", "bcd-with-letters").out
    (one,) = json.loads(letters)["findings"]
    assert (one["entry"], one["column"]) == (9004, "Firmware Version")
    nothing = json.loads(made("findings", "--json", "--manufacturer", "FFFF").out)
    assert nothing["findings"] == []


def test_entries_to_mend_are_written_mended_and_taken_in_again(made: Folder) -> None:
    made("import", str(EXAMPLE))
    wrote = made("findings", "--code", "bcd-with-letters", "-o", "mend.csv")
    assert wrote.out == "wrote 1 entry to mend to mend.csv\n"

    with (made.path / "mend.csv").open(newline="", encoding="utf-8") as file:
        headings, row = csv.reader(file)
    assert row[-1].startswith("To be put right: A binary-coded decimal version has")
    row[headings.index("Firmware Version Coding")] = "hex"
    with (made.path / "mend.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([headings, row])

    report = json.loads(made("import", "mend.csv", "--json").out)
    (changed,) = report["changed"]
    assert (changed["entry"], changed["fields"]) == (9004, ["firmware_coding"])
    assert report["ignored_columns"] == []
    assert made("findings").out.startswith("1 finding in 1 entry")


def test_a_workbook_to_mend_is_taken_in_as_it_is(made: Folder) -> None:
    made("import", str(EXAMPLE))
    made("findings", "-o", "mend.xlsx")

    report = json.loads(made("import", "mend.xlsx", "--json").out)

    assert (report["changed"], report["makers"]) == ([], [])
    assert (report["unchanged"], report["ignored_columns"]) == (3, [])


def test_a_workbook_marks_the_cells_to_mend(made: Folder) -> None:
    made("import", str(EXAMPLE))
    wrote = made("findings", "-o", "mend.xlsx")
    assert wrote.code == 0, wrote.err

    sheet = openpyxl.load_workbook(made.path / "mend.xlsx").active
    assert sheet is not None
    headings, *rows = sheet.iter_rows()
    names = [cell.value for cell in headings]
    marked = {
        (int(str(row[0].value)), names[place])
        for row in rows
        for place, cell in enumerate(row)
        if cell.fill.fgColor.rgb == "FFFFD9D9"
    }
    found = json.loads(made("findings", "--json").out)["findings"]
    columns = {"Contact Confirmed": "Maker Contact Confirmed"}
    assert marked == {
        (one["entry"], columns.get(one["column"], one["column"])) for one in found
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "mend.ods"), "expected a name that ends in .xlsx or .csv"),
        (("-o", "taken.csv"), "there is a file taken.csv already"),
        (("-o", "mend.csv", "--json"), "expected one of the two, found both"),
        (("--code", "nonsense"), "--code: expected a code of the checks"),
        (("--at", "2099-01-01"), "at: expected a past or present moment"),
    ],
)
def test_findings_that_cannot_be_given_are_refused(
    made: Folder, arguments: tuple[str, ...], said: str
) -> None:
    write(made, "taken.csv", b"mine")

    ran = made("findings", *arguments)

    assert ran.code == 1
    assert said in ran.err
    assert (made.path / "taken.csv").read_bytes() == b"mine"
    assert not list(made.path.glob("mend*"))


def test_without_a_register_every_command_says_how_to_make_one(run: Folder) -> None:
    for arguments in (("lookup", *DEVICE), ("rebuild",), ("serve",)):
        assert "there is no register in ./var" in run.refused(*arguments)
    assert "there is no register in ./var" in run.refused("import", str(EXAMPLE))
    elsewhere = run.refused("rebuild", "--data", "a folder")
    assert "firtree init --data 'a folder'" in elsewhere


def test_settings_with_slips_are_refused(run: Folder) -> None:
    said = run.refused("rebuild", FIRTREE_DATE="x")
    assert "no such setting: FIRTREE_DATE" in said
    number = run("rebuild", FIRTREE_LOCK_WAIT_S="soon")
    assert (number.code, number.out) == (1, "")
    assert "FIRTREE_LOCK_WAIT_S: expected a number, found 'soon'" in number.err
    url = run("rebuild", FIRTREE_DATABASE="mysql://me:hush@db.example/r")
    assert url.code == 1
    assert "hush" not in url.err


def test_the_data_folder_may_come_from_the_environment(run: Folder) -> None:
    assert run("init", FIRTREE_DATA="elsewhere").code == 0

    assert (run.path / "elsewhere" / "log.key").exists()
    assert not (run.path / "var").exists()


def test_a_key_that_others_can_read_is_refused(made: Folder) -> None:
    key = made.path / "var" / "log.key"
    key.chmod(0o640)

    said = made.refused("rebuild")

    assert "can be read by others" in said
    assert "hint: run: chmod 600" in said


def test_the_key_of_another_register_is_refused(made: Folder) -> None:
    made.good("init", "--data", "other", "--origin", "log.example/other")
    key = made.path / "var" / "log.key"
    own = key.read_text()
    key.write_text((made.path / "other" / "log.key").read_text())

    said = made.refused("rebuild")

    assert "the signing key is that of log.example/other" in said
    key.write_text(own)


@pytest.mark.parametrize("content", ["", "x", "PRIVATE+KEY+a+b+c"])
def test_a_damaged_key_is_refused_and_not_shown(made: Folder, content: str) -> None:
    key = made.path / "var" / "log.key"
    own = key.read_text()
    key.write_text(content)

    ran = commands.run("rebuild", folder=made.path, environ=made.environ())

    assert ran.returncode == 1
    assert "signing key" in ran.stderr
    assert "PRIVATE" not in ran.stderr
    assert "Traceback" not in ran.stderr
    key.write_text(own)


def test_a_register_of_a_newer_firtree_is_refused(run: Folder) -> None:
    run.good("init")
    engine = create_engine(f"sqlite:///{run.path}/var/firtree.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    for arguments in (("rebuild",), ("serve",), ("lookup", *DEVICE)):
        assert "newer" in run.refused(*arguments)


def free_port() -> int:
    """Give a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_port_in_use_is_said_before_anything_starts(made: Folder) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        said = made.refused("serve", "--port", str(port), code=75)

    assert f"port {port} is in use by another program" in said


def a_token(folder: Folder) -> str:
    """Make somebody who may read, and a token of it, as the keeper would."""
    with wiring.opened(Settings(data=str(folder.path / "var"))) as parts:
        party = Party(id=1, name="Sorrel Energy", kinds=(PartyKind.IMPORT_SUPPLIER,))
        number, _ = parts.parties.admit(KEEPER, party)
        add_demo_person(gate_of(parts, Settings()), number, "sam@sorrel.example", "Sam")
    return folder.good("token", "new", "--email", "sam@sorrel.example").strip()


@contextmanager
def serving(folder: Folder, port: int) -> Iterator[subprocess.Popen[str]]:
    """Serve until the block ends; nothing secret is written meanwhile."""
    with subprocess.Popen(
        [FIRTREE, "serve", "--port", str(port)],
        cwd=folder.path,
        env=folder.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stderr is not None
            assert server.stderr.readline().startswith("firtree: http://localhost:")
            yield server
        finally:
            server.send_signal(signal.SIGINT)
            out, err = server.communicate(timeout=20)
            folder.check_no_secret(out + err)
    assert server.returncode == 0
    assert "Traceback" not in err


def test_what_is_imported_while_serving_is_answered_at_once(made: Folder) -> None:
    port = free_port()
    token = a_token(made)
    params = dict(zip(("manufacturer", "model", "firmware"), DEVICE[1::2], strict=True))

    with (
        serving(made, port),
        plain_http.client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {token}"},
            transport=httpx.HTTPTransport(retries=30),
        ) as client,
    ):
        before = client.get("/api/v1/assessment", params=params)
        made.good("import", str(EXAMPLE))
        after = client.get("/api/v1/assessment", params=params)
        head = client.head("/api/v1/assessment", params=params)
        missing = client.get("/api/v1/entries/1")
        body = b" " * ((4 << 20) + 1)
        large = client.post(
            "/api/v1/assessments",
            content=body,
            headers={"content-type": "application/json"},
        )

    assert before.json()["standing"] == "unknown-model"
    assert after.json()["standing"] == "behind"
    assert before.headers["etag"] != after.headers["etag"] == head.headers["etag"]
    assert head.content == b""
    assert (missing.status_code, large.status_code) == (404, 413)


@contextmanager
def a_small_disk(folder: Path, octets: int) -> Iterator[None]:
    """Mount a disk of few octets."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a small disk")
    options = ["-t", "tmpfs", "-o", f"size={octets}", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_a_reason_to_try_later_and_records_nothing(run: Folder) -> None:
    folder = run.path / "var"
    folder.mkdir()
    with a_small_disk(folder, 2 << 20):
        run.good("init")
        rows = (
            a_row(n, Model_Identifier=f"{n:04X}", Release_Notes="x" * 500)
            for n in range(1, 4000)
        )
        table = a_table(*rows)
        said = run.refused("import", write(run, "a.csv", table), code=75)

        assert "full" in said
        assert size_of(run) == 2
        assert run.good("rebuild") == "rebuilt the tables from 2 statements\n"


def test_a_folder_without_a_name_is_refused(tmp_path: Path) -> None:
    environ = {**os.environ, "FIRTREE_DATA": ""}

    for done in (
        commands.run("init", folder=tmp_path, environ=environ),
        commands.run("init", "--data", "", folder=tmp_path),
    ):
        assert done.returncode == 1
        assert ": expected a folder, found nothing" in done.stderr
        assert "leave it out for ./var" in done.stderr
    assert not list(tmp_path.iterdir())
