"""Originator counters, drawn from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from duis_messages import METER, USER
from firtree.duis.counters import draw, read_counters
from firtree.duis.names import MOST_COUNTER
from firtree.errors import InvalidInputError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers_follow_each_other_and_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "counters.json"

    drawn = [draw(path, USER, 3, least=1000), draw(path, USER.lower(), 1)]

    assert drawn == [1000, 1003]
    assert read_counters(path.read_bytes()) == {USER: 1004}


def test_each_originator_has_numbers_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "counters.json"

    assert [draw(path, who, 5, least=7) for who in (USER, METER, USER)] == [7, 7, 12]


def test_the_time_moves_numbers_forward_and_never_back(tmp_path: Path) -> None:
    path = tmp_path / "counters.json"

    assert [draw(path, USER, 1, least=n) for n in (100, 50, 500)] == [100, 101, 500]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "counters.json"

    draw(path, USER, 1)

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)

    assert [draw(link, USER, 1), draw(real, USER, 1)] == [0, 1]
    assert link.is_symlink()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"format":2,"next":{}}',
        b'{"format":1,"next":{"x":1}}',
        b'{"format":1,"next":{},"more":1}',
        f'{{"format":1,"next":{{"{USER.lower()}":1}}}}'.encode(),
        f'{{"format":1,"next":{{"{USER}":-1}}}}'.encode(),
        f'{{"format":1,"next":{{"{USER}":1.5}}}}'.encode(),
        f'{{"format":1,"next":{{"{USER}":18446744073709551616}}}}'.encode(),
    ],
)
def test_a_damaged_file_is_refused_and_stays_as_it_is(
    tmp_path: Path, damage: bytes
) -> None:
    path = tmp_path / "counters.json"
    path.write_bytes(damage)

    with pytest.raises(InvalidInputError, match="expected a file of counters") as told:
        draw(path, USER, 1)

    assert "name a new file" in told.value.hint
    assert path.read_bytes() == damage


def test_numbers_that_are_used_up_are_not_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "counters.json"
    draw(path, USER, 1, least=MOST_COUNTER - 3)

    with pytest.raises(InvalidInputError, match="expected numbers up to"):
        draw(path, USER, 3)

    assert draw(path, USER, 2) == MOST_COUNTER - 2


def test_a_folder_that_cannot_be_written_to_gives_no_number(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be drawn from"):
        draw(tmp_path / "missing" / "counters.json", USER, 1)
    with pytest.raises(InvalidInputError, match="expected a file of counters"):
        draw(tmp_path, USER, 1)
