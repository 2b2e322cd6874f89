"""``firtree export`` and ``firtree verify``, run in a folder with a register."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from firtree.cli.main import firtree
from firtree.errors import FirtreeError, InvalidInputError, UnavailableError
from published import with_cell

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "log.example/firtree-test"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an example register, which the tests only read."""
    folder: Path = tmp_path_factory.mktemp("register")
    done = CliRunner().invoke(
        firtree, ["demo", "--data", str(folder), "--entries", "60"]
    )
    assert done.exit_code == 0
    return folder


@pytest.fixture(autouse=True)
def _in_a_folder(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRTREE_DATA", str(data))


def run(*arguments: str, code: int = 0) -> Result:
    """Run a command; give what it left."""
    done = CliRunner().invoke(firtree, arguments)
    if isinstance(done.exception, FirtreeError):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def report(*arguments: str, code: int = 0) -> Any:
    """Give what a command says to programs."""
    return json.loads(run(*arguments, "--json", code=code).stdout)


def test_a_workbook_is_written_and_verified(tmp_path: Path) -> None:
    said = run("export", "-o", "fir.xlsx").stdout

    assert said.startswith("publication 1-")
    assert said.endswith("is in fir.xlsx\n")
    assert [path.name for path in tmp_path.iterdir()] == ["fir.xlsx"]
    assert run("verify", "fir.xlsx").stdout.endswith(
        "every cell is as it was published\n"
    )
    assert report("verify", "fir.xlsx")["intact"]


def test_a_changed_cell_is_named_and_ends_with_1(tmp_path: Path) -> None:
    run("export", "-o", "fir.xlsx")
    path = tmp_path / "fir.xlsx"
    path.write_bytes(with_cell(path.read_bytes(), 1, "B3", "PPMID"))

    lines = run("verify", "fir.xlsx", code=1).stdout.splitlines()

    assert lines[0].startswith("sheet 'CPL', cell B3: expected '")
    assert lines[0].endswith("', found 'PPMID'")
    assert lines[-1].startswith("fir.xlsx is not as it was published: 1 cell differs")
    found = report("verify", "fir.xlsx", code=1)
    assert found["differing_cells"] == 1
    assert found["differences"][0]["cell"] == "B3"


def test_without_a_name_the_file_is_named_after_the_publication(
    tmp_path: Path,
) -> None:
    found = report("export")

    assert found["file"] == f"fir-{found['publication']}.xlsx"
    assert (tmp_path / found["file"]).exists()


@pytest.mark.parametrize("what", ["fir", "answers"])
@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_every_format_is_the_same_each_time(
    tmp_path: Path, what: str, form: str
) -> None:
    run("export", "--what", what, "-o", f"one.{form}")
    run("export", "--what", what, "--format", form, "-o", "two")

    assert (tmp_path / f"one.{form}").read_bytes() == (tmp_path / "two").read_bytes()


def test_csv_and_json_go_to_standard_output_when_piped(tmp_path: Path) -> None:
    table = run("export", "--format", "csv").stdout
    document = json.loads(run("export", "--format", "json").stdout)
    octets = run("export", "--format", "parquet", "-o", "-").stdout_bytes

    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert len(rows) == len(document["entries"]) == 60
    assert octets[:4] == octets[-4:] == b"PAR1"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "piped", [("--format", "csv"), ("--format", "json"), ("-o", "-", "--format", "csv")]
)
def test_what_goes_to_standard_output_is_not_told_as_json_too(
    piped: tuple[str, ...],
) -> None:
    refused = run("export", *piped, "--json", code=2)

    assert "--json needs -o FILE" in refused.output


def test_private_parts_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    run("export", "-o", "one.csv")
    run("export", "-o", "two.csv", "--private")

    assert b"Advisory Reference" not in (tmp_path / "one.csv").read_bytes()
    assert b"Advisory Reference" in (tmp_path / "two.csv").read_bytes()


def test_an_exported_file_changes_nothing_when_imported() -> None:
    run("export", "-o", "fir.csv")
    run("export", "-o", "fir.xlsx")

    for name in ("fir.csv", "fir.xlsx"):
        found = report("import", name, "--dry-run")
        assert (found["new"], found["changed"], found["makers"]) == ([], [], [])
        assert found["unchanged"] == 60


def test_a_file_that_is_there_is_kept_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "fir.csv"
    path.write_text("mine")

    with pytest.raises(InvalidInputError, match="there is a file") as caught:
        run("export", "-o", "fir.csv")

    assert "--overwrite" in caught.value.hint
    assert path.read_text() == "mine"
    run("export", "-o", "fir.csv", "--overwrite")
    assert path.read_text() != "mine"


def test_nothing_is_asked_for_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "fir.csv").write_text("mine")

    with pytest.raises(InvalidInputError, match="there is a file"):
        run("export", "-o", "fir.csv", "--from", "http://127.0.0.1:9")


REFUSED = {
    "a name of no format": (("export", "-o", "fir.pdf"), "-o: expected a name"),
    "answers as a workbook": (
        ("export", "--what", "answers", "-o", "a.xlsx"),
        "--what answers: expected csv, json or parquet, found xlsx",
    ),
    "a workbook in a pipe": (
        ("export", "--format", "xlsx", "-o", "-"),
        "a workbook cannot be written to standard output",
    ),
    "a day that has not come": (("export", "--at", "2999-01-01"), "at: expected"),
    "no such file": (("verify", "none.xlsx"), "there is no file none.xlsx"),
}


@pytest.mark.parametrize(("arguments", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_with_a_hint(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        run(*arguments)

    assert str(caught.value).startswith(said)
    assert caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named() -> None:
    for form in ("csv", "xlsx"):
        with pytest.raises(UnavailableError, match="cannot be written"):
            run("export", "-o", f"nowhere/fir.{form}")


def test_a_table_is_no_publication() -> None:
    run("export", "-o", "fir.csv")

    with pytest.raises(InvalidInputError, match="no publication"):
        run("verify", "fir.csv")


def test_the_workbook_of_another_register_is_told(tmp_path: Path) -> None:
    run("export", "-o", "fir.xlsx")
    run("init", "--data", "other", "--origin", ORIGIN)

    with pytest.raises(FirtreeError, match="is of the register") as caught:
        run("verify", "fir.xlsx", "--data", str(tmp_path / "other"))

    assert ORIGIN in str(caught.value)
