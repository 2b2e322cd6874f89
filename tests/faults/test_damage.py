"""What is said when a register's file is damaged or cannot be reached."""

from pathlib import Path

import pytest

from firtree import wiring
from firtree.errors import UnavailableError, VerificationError
from firtree.settings import Settings


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


def test_a_database_that_does_not_answer_is_tried_later(tmp_path: Path) -> None:
    nobody = "postgresql://keeper:canary-secret@127.0.0.1:9/register"
    settings = Settings(data=str(tmp_path), database=nobody)

    with pytest.raises(UnavailableError, match="cannot be reached") as caught:
        wiring.make(settings)

    assert "canary-secret" not in str(caught.value)
