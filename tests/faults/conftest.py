"""Children that record, to be stopped in the middle, and disks to be filled."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from children import child_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], Path]]:
    """Give what mounts a disk of so many megabytes; only root may."""
    # The user of a database can reach no folder of the tests.
    with TemporaryDirectory(prefix="firtree-") as folder, ExitStack() as mounts:
        Path(folder).chmod(0o755)

        def mounted(megabytes: int) -> Path:
            disk = Path(folder) / str(megabytes)
            disk.mkdir()
            size = f"size={megabytes}m"
            mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)]
            try:
                done = subprocess.run(mount, check=False, capture_output=True)
            except FileNotFoundError:
                pytest.skip("mount is absent")
            if done.returncode:
                pytest.skip("this user may not mount a small disk")
            mounts.callback(subprocess.check_call, ["umount", disk])
            return disk

        yield mounted
