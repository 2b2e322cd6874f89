"""Making and opening a register: one key never begins two logs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from firtree import wiring
from firtree.errors import FirtreeError, InvalidInputError
from firtree.library.record import Recorder
from firtree.settings import Settings
from firtree.wiring import example, keyfile
from firtree.wiring.fence import FENCE_FILE

ORIGIN = "log.example/firtree-test"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of an empty folder."""
    return Settings(data=str(tmp_path))


def names(settings: Settings) -> set[str]:
    """Give the names of the files of a folder."""
    return {path.name for path in Path(settings.data).iterdir()}


def interrupted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin to make a register and stop before its first statement is committed."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "record", stop)
        with pytest.raises(KeyboardInterrupt):
            wiring.make(settings, origin=ORIGIN)


def test_a_register_that_is_lost_is_neither_made_anew_nor_an_empty_file_left(
    settings: Settings,
) -> None:
    wiring.make(settings, origin=ORIGIN)
    own = {keyfile.KEY_FILE, FENCE_FILE}
    assert names(settings) == {*own, wiring.DATABASE_FILE}
    (Path(settings.data) / wiring.DATABASE_FILE).unlink()

    with pytest.raises(InvalidInputError, match="its register is not"):
        wiring.make(settings, origin=ORIGIN)
    with pytest.raises(FirtreeError), wiring.opened(settings):
        pass
    assert not wiring.is_behind(settings)

    assert names(settings) == own


def test_a_register_without_its_key_is_not_said_to_be_absent(
    settings: Settings,
) -> None:
    wiring.make(settings, origin=ORIGIN)
    (Path(settings.data) / keyfile.KEY_FILE).unlink()

    with pytest.raises(
        InvalidInputError, match=r"signing key log\.key .* is not there"
    ):
        keyfile.signer_of(settings)
    with pytest.raises(FirtreeError):
        wiring.make(settings)
    assert keyfile.KEY_FILE not in names(settings)


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("https://log.example/x", "no https:// before it; leave it at log.example/x"),
        ("log example", "no blank, no plus; found 'log example'"),
    ],
)
def test_a_log_is_given_no_name_that_others_could_not_read(
    settings: Settings, origin: str, told: str
) -> None:
    with pytest.raises(InvalidInputError, match=told):
        wiring.make(settings, origin=origin)
    assert names(settings) == set()


def test_an_empty_file_in_the_place_of_the_register_is_refused(
    settings: Settings,
) -> None:
    wiring.make(settings, origin=ORIGIN)
    (Path(settings.data) / wiring.DATABASE_FILE).write_bytes(b"")

    with pytest.raises(InvalidInputError, match=f"key of {ORIGIN} is here, but its"):
        wiring.make(settings)


def test_a_key_that_never_signed_is_used_by_the_next_try(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(settings, monkeypatch)
    assert keyfile.NEW_KEY_FILE in names(settings)

    with pytest.raises(InvalidInputError, match=f"--origin: expected {ORIGIN}"):
        wiring.make(settings, origin="log.example/other")
    recorded = wiring.make(settings)

    assert recorded.checkpoint.startswith(f"{ORIGIN}\n1\n")
    assert keyfile.NEW_KEY_FILE not in names(settings)


def test_opening_a_register_marks_its_key_as_used(settings: Settings) -> None:
    wiring.make(settings)
    (Path(settings.data) / keyfile.NEW_KEY_FILE).touch()

    with wiring.opened(settings):
        pass

    assert keyfile.NEW_KEY_FILE not in names(settings)


def test_a_removal_that_was_interrupted_is_carried_on(settings: Settings) -> None:
    wiring.make(settings, demo=True)
    folder = Path(settings.data)
    name = (folder / keyfile.KEY_FILE).read_text().split("+")[2]
    (folder / wiring.DATABASE_FILE).unlink()
    (folder / example.FILLING_FILE).write_text(name)

    with example.filling(settings) as anew:
        assert anew
        wiring.make(settings, demo=True)

    assert example.FILLING_FILE not in names(settings)


def test_two_examples_are_not_made_at_once(settings: Settings) -> None:
    with (
        example.filling(settings),
        pytest.raises(FirtreeError, match="another process"),
        example.filling(settings),
    ):
        pass


def test_a_register_of_real_data_is_never_removed(settings: Settings) -> None:
    wiring.make(settings, origin=ORIGIN)
    (Path(settings.data) / example.FILLING_FILE).touch()

    with (
        pytest.raises(InvalidInputError, match="there is a register already"),
        example.filling(settings),
    ):
        pass

    assert wiring.DATABASE_FILE in names(settings)


@pytest.mark.postgres
def test_a_parameter_the_driver_does_not_know_is_said(
    tmp_path: Path, postgres_url: str
) -> None:
    good = Settings(data=str(tmp_path), database=postgres_url)
    url = make_url(postgres_url).update_query_dict({"colour": "hush"})
    bad = Settings(
        data=str(tmp_path), database=url.render_as_string(hide_password=False)
    )

    with pytest.raises(InvalidInputError, match=r"^FIRTREE_DATABASE: .*colour") as made:
        wiring.make(bad)
    wiring.make(good)
    with pytest.raises(InvalidInputError, match="colour") as seen, wiring.opened(bad):
        pass

    assert "hush" not in str(made.value) + str(seen.value)


@pytest.mark.postgres
def test_a_key_whose_database_is_another_makes_no_second_log(
    settings: Settings, postgres_url: str
) -> None:
    wiring.make(settings, origin=ORIGIN)
    other = Settings(data=settings.data, database=postgres_url)

    with pytest.raises(InvalidInputError, match="its register is not"):
        wiring.make(other)
