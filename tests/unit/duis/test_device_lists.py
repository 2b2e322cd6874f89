"""Lists of devices, and every line of them that is wrong."""

from __future__ import annotations

import pytest

from duis_messages import METER, OTHER_METER
from firtree.duis.device_lists import read_device_list
from firtree.errors import InvalidInputError


def test_any_usual_spelling_of_an_identifier_is_taken() -> None:
    lines = [
        b"\xef\xbb\xbf" + METER.encode(),
        b"",
        b"# the second street",
        f"  {OTHER_METER.lower().replace('-', '')}\r\n".encode(),
        b"00:DB:12:34:56:78:9A:B2\n",
    ]

    assert read_device_list(lines) == [METER, OTHER_METER, "00-DB-12-34-56-78-9A-B2"]


def test_every_wrong_line_is_named() -> None:
    lines = [METER.encode(), b"00-DB-12", METER.lower().encode(), b"\xff" * 500]

    with pytest.raises(InvalidInputError, match="3 of the lines") as caught:
        read_device_list(lines)

    assert [problem.where for problem in caught.value.problems] == [
        "line 2",
        "line 3",
        "line 4",
    ]
    assert caught.value.problems[1].found == f"{METER} as in line 1"
    assert all(len(str(problem)) < 250 for problem in caught.value.problems)


def test_a_thousand_wrong_lines_are_enough_to_see_what_is_wrong() -> None:
    with pytest.raises(InvalidInputError, match="5000 of the lines") as caught:
        read_device_list([b"x"] * 5000)

    assert len(caught.value.problems) == 1000


@pytest.mark.parametrize("lines", [[], [b"\n", b"# nobody\n"]])
def test_a_list_without_devices_is_refused(lines: list[bytes]) -> None:
    with pytest.raises(InvalidInputError, match="expected a list of devices"):
        read_device_list(lines)
