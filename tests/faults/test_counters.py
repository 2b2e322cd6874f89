"""Originator counters, drawn by processes that are killed in the middle."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from duis_messages import USER
from firtree.duis.counters import draw

CHILD = Path(__file__).with_name("drawing_child.py")
SOURCE = Path(__file__).parents[2] / "src"
ROUNDS = 8


def drawing(path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(path), USER],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def numbers(child: subprocess.Popen[bytes]) -> list[int]:
    """Give the numbers a child was seen to draw; a line cut by the kill is none."""
    output, _ = child.communicate()
    return [
        int(line) for line in output.splitlines(keepends=True) if line[-1:] == b"\n"
    ]


def test_no_number_is_given_twice_though_processes_are_killed(tmp_path: Path) -> None:
    path = tmp_path / "counters.json"
    chance = random.Random(20261122)  # noqa: S311 - only moments are chosen by it
    seen: list[int] = []
    for _ in range(ROUNDS):
        children = [drawing(path) for _ in range(2)]
        deadline = time.monotonic() + 30
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3 + chance.random() / 5)
        for child in children:
            child.kill()
        for child in children:
            seen += numbers(child)

    assert len(seen) > ROUNDS
    assert len(set(seen)) == len(seen)
    assert draw(path, USER, 1) > max(seen)


def test_a_file_half_written_by_a_crash_is_not_taken_for_the_counters(
    tmp_path: Path,
) -> None:
    path = tmp_path / "counters.json"
    draw(path, USER, 10)
    path.with_name("counters.json.new").write_bytes(b'{"format":1,"ne')

    assert draw(path, USER, 1) == 10
