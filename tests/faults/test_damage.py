"""What is said when a register's file is damaged or cannot be reached."""

from pathlib import Path

import pytest

from firtree import wiring
from firtree.access import KEEPER
from firtree.errors import (
    FirtreeError,
    InvalidInputError,
    UnavailableError,
    VerificationError,
)
from firtree.library.rebuild import rebuild
from firtree.settings import Settings
from firtree.wiring.checkup import checkup


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data=str(tmp_path / "register"))
    wiring.make(settings)
    return settings


def test_a_file_that_is_no_database_is_named_as_such(settings: Settings) -> None:
    (Path(settings.data) / wiring.DATABASE_FILE).write_bytes(b"junk" * 1000)

    with (
        pytest.raises(VerificationError, match="not a database"),
        wiring.opened(settings),
    ):
        pass


def test_a_torn_page_is_named_as_damage(settings: Settings) -> None:
    path = Path(settings.data) / wiring.DATABASE_FILE
    octets = bytearray(path.read_bytes())
    octets[4096 : len(octets)] = b"\xff" * (len(octets) - 4096)
    path.write_bytes(octets)

    with pytest.raises(VerificationError, match="damaged"), wiring.opened(settings):
        pass


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Make a register in either database."""
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("register_url")
    settings = Settings(data=str(tmp_path / "register"), database=url)
    wiring.make(settings)
    return settings


def change(settings: Settings, statement: str) -> None:
    """Do something to a register's tables that firtree never does."""
    register = wiring.register_of(settings)
    with register.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    register.close()


@pytest.mark.parametrize("table", ["head", "statement", "entry"])
def test_a_table_that_is_gone_is_named(anywhere: Settings, table: str) -> None:
    change(anywhere, f"ALTER TABLE {table} RENAME TO gone")

    with pytest.raises(FirtreeError, match=rf"damaged: .*\b{table}\b|a register a"):
        wiring.make(anywhere)
    with pytest.raises(VerificationError, match=rf"damaged: .*\b{table}\b") as told:
        checked(anywhere)
    assert "restore it from a backup" in told.value.hint


def checked(settings: Settings) -> None:
    """Look at all of a register."""
    checkup(settings, lambda *_told: None)


@pytest.mark.parametrize("size", ["'abc'", "x'01'"])
def test_a_size_that_is_no_number_is_told_by_whoever_reads_it(
    settings: Settings, size: str
) -> None:
    change(settings, f"UPDATE head SET size={size}")  # noqa: S608 - our own words

    told = "table head, column size: expected a whole number"
    with pytest.raises(VerificationError, match=told):
        wiring.make(settings)
    with wiring.opened_register(settings) as register:
        for ask in (register.size, register.marks):
            with pytest.raises(VerificationError, match=told):
                ask()


@pytest.mark.parametrize("text", ["", "junk\n"])
def test_a_damaged_key_is_told_with_what_to_do(settings: Settings, text: str) -> None:
    (Path(settings.data) / "log.key").write_text(text)

    with (
        pytest.raises(InvalidInputError, match="not the file of a signing key") as told,
        wiring.opened(settings),
    ):
        pass
    assert told.value.hint == "put the key back from where a copy of it is kept"


def test_what_cannot_be_rebuilt_is_told_with_what_to_do(settings: Settings) -> None:
    change(settings, "UPDATE checkpoint SET root = zeroblob(32)")

    with (
        pytest.raises(VerificationError, match="lead to another root") as told,
        wiring.opened(settings) as parts,
    ):
        rebuild(KEEPER, parts.register, lambda *_told: None)
    assert "nothing was changed; firtree doctor names what is wrong" in told.value.hint


def test_a_database_that_does_not_answer_is_tried_later(tmp_path: Path) -> None:
    nobody = "postgresql://keeper:canary-secret@127.0.0.1:9/register"
    settings = Settings(data=str(tmp_path), database=nobody)

    with pytest.raises(UnavailableError, match="cannot be reached") as caught:
        wiring.make(settings)

    assert "canary-secret" not in str(caught.value)
