"""Commands of the tests are forked, and are what the installed program is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands import run, started

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = {"NO_COLOR": "1", "COLUMNS": "70", "PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an example register."""
    made = tmp_path_factory.mktemp("started")
    done = started("demo", "--data", "var", "--entries", "60", folder=made)
    assert done.returncode == 0, done.stderr
    return made


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--version",), 0),
        (("log", "--help"), 0),
        (("colour",), 2),
        (("doctor", "--data", "var"), 0),
        (("findings", "--data", "var", "--json"), 0),
        (("export", "--data", "var", "--format", "csv"), 0),
        (("history", "99999", "--data", "var"), 1),
        (("doctor", "--data", "nowhere"), 1),
        (("erase", "60", "fir", "--data", "var", "--reason", "none"), 130),
    ],
)
def test_a_forked_command_does_as_a_started_one(
    folder: Path, arguments: tuple[str, ...], code: int
) -> None:
    forked, real = (
        do(*arguments, folder=folder, environ=PLAIN, typed="n\n")
        for do in (run, started)
    )

    assert real.returncode == code, real.stderr
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        real.returncode,
        real.stdout,
        real.stderr,
    )


def test_a_command_changes_nothing_of_the_next(folder: Path) -> None:
    there = run("history", "1", "--data", "var", folder=folder)
    elsewhere = run("history", "1", folder=folder.parent, environ=PLAIN)
    named = run("history", "1", environ={**PLAIN, "FIRTREE_DATA": f"{folder}/var"})

    assert (there.returncode, elsewhere.returncode) == (0, 1)
    assert named.stdout == there.stdout
