"""Children that record, to be stopped in the middle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from children import child_environment

if TYPE_CHECKING:
    from collections.abc import Callable

CHILD = Path(__file__).with_name("recording_child.py")


@pytest.fixture
def child_command() -> Callable[..., list[str]]:
    """Give the command of a child that records: its place, count and batch."""

    def command(place: object, *, count: int, batch: int = 1) -> list[str]:
        return [sys.executable, str(CHILD), str(place), str(count), str(batch)]

    return command


@pytest.fixture
def start(child_command: Callable[..., list[str]]) -> Callable[..., Any]:
    """Give what starts a child; its checkpoints come out of its ``stdout``."""

    def started(
        place: object, *, count: int, batch: int = 1
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            child_command(place, count=count, batch=batch),
            stdout=subprocess.PIPE,
            env=child_environment(),
        )

    return started


@pytest.fixture
def environment() -> dict[str, str]:
    """Give the environment in which a child finds the builders of tests."""
    return child_environment()
