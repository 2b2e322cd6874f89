"""Personal data is found and erased, and the octets leave the files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from commands import as_json, firtree
from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.errors import UnavailableError
from firtree.parties import Contact, PartyKind
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.statements.types.erasure import Erasure
from firtree.storage.sqlite import file_holds
from firtree.wiring import erasing
from firtree.wiring.backup import back_up
from firtree.wiring.checkup import checkup
from firtree.wiring.restoring import restore_as_new
from principals import a_principal
from served import Served, ask

if TYPE_CHECKING:
    import httpx

    from firtree.library.keeping.erasing import Plan

SMITH = Contact(role="Jo Smith", email="jo.smith@maker.example")


def quiet(*_told: object) -> None:
    """Tell nothing."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Make a register whose statement 301 names a person."""
    made = Settings(data=str(tmp_path / "var"))
    wiring.make(made, origin="log.example/erase")
    with wiring.opened(made) as parts:
        for entries in (
            [an_entry(n) for n in range(1, 301)],
            [an_entry(7, contact=SMITH)],
            [an_entry(n) for n in range(301, 351)],
        ):
            statements = [Statement(subject=one, by="keeper") for one in entries]
            parts.recorder.record(statements, KEEPER)
    return made


def in_files(settings: Settings, octets: bytes) -> list[str]:
    """Name the files of a data folder that hold some octets."""
    folder = Path(settings.data)
    return sorted(p.name for p in folder.iterdir() if octets in p.read_bytes())


def planned(settings: Settings) -> Plan:
    return erasing.plan(settings, 301, "people")


def test_the_octets_and_the_salt_leave_the_files(settings: Settings) -> None:
    plan = planned(settings)
    assert in_files(settings, b"jo.smith@maker") != []
    assert in_files(settings, plan.salt) != []

    number = erasing.erase(settings, plan, "asked for")

    assert number == 352
    assert in_files(settings, b"jo.smith@maker") == []
    assert in_files(settings, b"Jo Smith") == []
    assert in_files(settings, plan.salt) == []
    assert checkup(settings, quiet).found == 0


def test_the_octets_leave_the_write_ahead_log_beside_a_running_server(
    settings: Settings,
) -> None:
    with wiring.opened(settings) as server:
        one = Statement(subject=an_entry(8, contact=SMITH), by="keeper")
        server.recorder.record([one], KEEPER)
        assert in_files(settings, b"Jo Smith") != []
        entry = server.lookup.entry(KEEPER, 7, server.lookup.view("")).entry
        assert entry.contact == SMITH

        for number in (301, 352):
            plan = erasing.plan(settings, number, "people")
            erasing.erase(settings, plan, "asked for")

        assert in_files(settings, b"Jo Smith") == []
        entry = server.lookup.entry(KEEPER, 7, server.lookup.view("")).entry
        assert entry.contact is None


def test_a_reader_that_holds_the_octets_is_told_of(settings: Settings) -> None:
    with wiring.opened(settings) as reader:
        one = Statement(subject=an_entry(8, contact=SMITH), by="keeper")
        reader.recorder.record([one], KEEPER)
        plan = erasing.plan(settings, 352, "people")
        with reader.register.reading() as tx:
            assert tx.head().size == 353
            with pytest.raises(UnavailableError, match="readers keep its octets"):
                erasing.erase(settings, plan, "asked for")

    said = firtree(Path(settings.data).parent, "erase", "352", "people").stdout

    assert "was erased already, and its octets have left" in said
    assert in_files(settings, plan.salt) == []


def leave_in_old_pages(parts: wiring.Parts, octets: bytes) -> None:
    """Leave octets as an older version did, which did not overwrite what it freed."""
    with parts.register.engine.begin() as connection:
        driver = connection.connection.cursor()
        driver.execute("PRAGMA secure_delete=OFF")
        driver.execute("CREATE TABLE left (octets BLOB)")
        driver.execute("INSERT INTO left VALUES (?)", (octets * 3,))
        driver.execute("DROP TABLE left")
        driver.execute("PRAGMA secure_delete=ON")


def test_a_page_of_old_octets_is_overwritten(settings: Settings) -> None:
    plan = planned(settings)
    with wiring.opened(settings) as parts:
        leave_in_old_pages(parts, plan.salt)

    erasing.erase(settings, plan, "asked for")

    assert in_files(settings, plan.salt) == []
    assert checkup(settings, quiet).found == 0


def test_old_octets_leave_too_when_the_first_run_could_not_see_to_it(
    settings: Settings,
) -> None:
    plan = planned(settings)
    with wiring.opened(settings) as reader:
        leave_in_old_pages(reader, plan.salt)
        with reader.register.reading() as tx:
            assert tx.head().size == 352
            with pytest.raises(UnavailableError, match="readers keep its octets"):
                erasing.erase(settings, plan, "asked for")
        assert in_files(settings, plan.salt) != []

        again = as_json(Path(settings.data).parent, "erase", "301", "people")

        assert in_files(settings, plan.salt) == []
    assert (again["erased_before"], again["left_files"]) == (True, True)
    assert checkup(settings, quiet).found == 0


@given(
    content=st.binary(max_size=40),
    octets=st.binary(min_size=1, max_size=5),
    at_once=st.integers(1, 7),
    place=st.integers(0, 40),
)
@settings_of_hypothesis(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_octets_are_found_wherever_they_stand_in_a_file(
    tmp_path: Path, content: bytes, octets: bytes, at_once: int, place: int
) -> None:
    path = tmp_path / "file"
    assert not file_holds(tmp_path / "none", octets)
    for found in (content, content[:place] + octets + content[place:]):
        path.write_bytes(found)

        assert file_holds(path, octets, at_once=at_once) == (octets in found)


def test_a_file_that_is_cut_short_while_it_is_read_holds_what_is_left(
    tmp_path: Path,
) -> None:
    path = tmp_path / "wal"
    path.write_bytes(bytes(1 << 16))
    reads = Path.open

    def cut(self: Path, *args: Any, **named: Any) -> Any:
        opened = reads(self, *args, **named)
        with reads(path, "r+b") as other:
            other.truncate(5)
        return opened

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", cut)
        assert not file_holds(path, b"salt")


def test_an_absent_section_without_an_erasure_is_a_fault(settings: Settings) -> None:
    erasing.erase(settings, planned(settings), "asked for")
    changes = (
        "UPDATE statement SET private = NULL WHERE leaf_index = 9",
        "UPDATE statement SET people = NULL WHERE leaf_index = 10",
        "UPDATE statement SET people = x'' WHERE leaf_index = 301",
    )
    with wiring.opened(settings) as parts, parts.register.engine.begin() as connection:
        for sql in changes:
            connection.exec_driver_sql(sql)

    told = [str(fault) for fault in checkup(settings, quiet).faults]

    assert any(
        "leaf_index 9: section 'private' is absent, but its sal" in t for t in told
    )
    assert any("leaf_index 10: section 'people' is absent, but" in t for t in told)
    assert any("leaf_index 301: section 'people' does not match" in t for t in told)


def test_an_erasure_survives_backup_and_restore(
    settings: Settings, tmp_path: Path
) -> None:
    erasing.erase(settings, planned(settings), "asked for")
    back_up(settings, tmp_path / "b.db", quiet)
    assert b"Jo Smith" not in (tmp_path / "b.db").read_bytes()
    new = Settings(data=str(tmp_path / "new"))

    restore_as_new(tmp_path / "b.db", new, origin="", progress=quiet)

    assert checkup(new, quiet).found == 0


def test_the_commands_find_ask_and_erase(settings: Settings, tmp_path: Path) -> None:
    found = firtree(tmp_path, "personal-data", "find", "JO.SMITH@maker").stdout
    listed = as_json(tmp_path, "personal-data", "find", "jo smith")
    erase = ("erase", "301", "people")
    dry = firtree(tmp_path, *erase, "--dry-run").stdout
    unsaid = firtree(tmp_path, *erase, code=1).stderr
    reason = ("--reason", "asked for by the person")
    no = firtree(tmp_path, *erase, *reason, code=130, typed="n\n").stderr
    assert in_files(settings, b"Jo Smith") != []
    yes = firtree(tmp_path, *erase, *reason, typed="y\n").stdout
    again = firtree(tmp_path, *erase, *reason).stdout
    before = as_json(tmp_path, *erase)

    assert found.splitlines()[0].startswith(
        "statement 301 about entry/7, section people"
    )
    assert listed["occurrences"][0]["erasable"] is True
    assert "would erase section people of statement 301 about entry/7" in dry
    assert "it is the newest version, so answers of today change" in dry
    assert "--reason: expected why" in unsaid
    assert "Nothing brings it back" in no
    assert "recorded as statement 352" in yes
    assert "was erased already" in again
    assert [before["erased"], before["erased_before"]] == [False, True]
    assert firtree(tmp_path, "personal-data", "find", "smith").stdout == "0 places\n"
    assert in_files(settings, b"Jo Smith") == []
    history = firtree(tmp_path, "history", "7").stdout
    assert "contacts: erased on 20" in history
    assert "(statement 352)" in history


def test_a_workbook_tells_what_was_erased_since(
    settings: Settings, tmp_path: Path
) -> None:
    firtree(tmp_path, "export", "-o", "w.xlsx")
    erasing.erase(settings, planned(settings), "asked for")

    told = firtree(tmp_path, "verify", "w.xlsx", code=1).stdout
    report = as_json(tmp_path, "verify", "w.xlsx", code=1)

    assert "1 section was erased since" in told
    assert report["erased_since"] == 1
    assert SMITH.email in {one["found"] for one in report["differences"]}


def test_pages_and_api_say_when_it_was_erased(tmp_path: Path) -> None:
    served = Served(tmp_path / "r.db")
    served.record(an_entry(7, contact=SMITH))
    served.record(an_erasure(1, "people"))

    page = served.get("/entries/7/history").text
    told = words_of(served.get("/entries/7"))
    past = words_of(served.get("/entries/7?at=2"))
    wire = served.get("/api/v1/entries/7/history").json()["versions"][0]
    changes = served.get("/api/v1/changes").json()["changes"]

    assert "Contacts were erased on" in page
    assert "Nothing was ever edited; what had to be erased is marked." in page
    said = "were erased on 22 Nov 2026, 15:00 (statement 2), because: X. It cannot be"
    assert said in words_of(served.get("/entries/7/history"))
    assert said in told
    assert said in past
    assert "jo.smith" not in told + past
    assert wire["erased"][0]["section"] == "people"
    assert wire["erased"][0]["reason"] == "x"
    assert wire["erased"][0]["statement"] == 2
    assert changes[2]["kind"] == "section-erased"
    assert changes[2]["erasure"] == {"statement": 1, "section": "people", "reason": "x"}
    served.close()


def an_erasure(number: int, section: str) -> Erasure:
    return Erasure(statement=number, section=section, reason="x")


def words_of(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page.text))


def test_why_it_was_erased_is_for_those_who_see_private_parts(tmp_path: Path) -> None:
    served = Served(tmp_path / "r.db")
    served.record(an_entry(7, contact=SMITH))
    served.record(an_erasure(1, "people"))
    supplier = served.app_for(a_principal(PartyKind.IMPORT_SUPPLIER, "Sorrel Energy"))

    page = words_of(ask(supplier, "GET", "/entries/7"))
    wire = ask(supplier, "GET", "/api/v1/entries/7/history").json()["versions"][0]

    assert "Contacts were erased on" in page
    assert "because" not in page
    assert wire["erased"][0].keys() == {"section", "at", "statement"}
    served.close()


DEVICE = "manufacturer=AB01&model=010A030B&firmware=00000007"


@pytest.mark.parametrize(
    "path",
    [
        *("/entries/7?at=2", "/entries/7/history?at=2", f"/assessment?{DEVICE}&at=2"),
        *("/models/AB01/010A030B?at=2", "/diff?from=1&to=2"),
        *("/api/v1/entries/7?at=2", "/api/v1/entries/7/history?at=2"),
        *("/api/v1/entries?at=2", "/api/v1/statements/1?at=2"),
        *(f"/api/v1/assessment?{DEVICE}&at=2", "/api/v1/diff?from=1&to=2"),
        *("/api/v1/findings?at=2", "/api/v1/entries/7?at=2&proof=1"),
        *(f"/export/fir.{form}?at=2" for form in ("xlsx", "csv", "json", "parquet")),
        *(f"/export/answers.{form}?at=2" for form in ("csv", "json", "parquet")),
    ],
)
def test_no_past_that_was_kept_is_confirmed_after_an_erasure(
    tmp_path: Path, path: str
) -> None:
    served = Served(tmp_path / "r.db")
    served.record(an_entry(7, contact=SMITH))
    kept = served.get(path)
    held = {"If-None-Match": kept.headers["etag"]}
    assert served.get(path, headers=held).status_code == 304

    served.record(an_erasure(1, "people"))

    anew = served.get(path, headers=held)
    assert anew.status_code == 200
    assert SMITH.email.encode() not in anew.content
    held = {"If-None-Match": anew.headers["etag"]}
    assert served.get(path, headers=held).status_code == 304
    if path.startswith("/export/fir."):
        # What is recorded later changes no file of the past.
        served.record(an_entry(8))
        assert served.get(path, headers=held).status_code == 304
    served.close()
