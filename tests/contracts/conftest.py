"""One register of each kind, for one suite."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from firtree.storage.memory import MemoryRegister
from registers import a_postgresql_register, an_sqlite_register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from firtree.library.ports import Register
    from registers import SQLRegister

POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)


@pytest.fixture(params=["memory", "sqlite", POSTGRESQL])
def register(request: pytest.FixtureRequest) -> Iterator[Register]:
    """Give an empty register of each kind."""
    if request.param == "memory":
        yield MemoryRegister(lock_wait_s=0.3)
        return
    opened = _opener(request)(lock_wait_s=0.3)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", POSTGRESQL])
def database(request: pytest.FixtureRequest) -> Iterator[Callable[..., SQLRegister]]:
    """Give what opens a register, again and again, on one database of each kind."""
    opened: list[SQLRegister] = []
    opener = _opener(request)

    def another(*, lock_wait_s: float = 30.0) -> SQLRegister:
        opened.append(opener(lock_wait_s=lock_wait_s))
        return opened[-1]

    yield another
    for each in opened:
        each.close()


def _opener(request: pytest.FixtureRequest) -> Callable[..., SQLRegister]:
    if request.param == "sqlite":
        folder: Path = request.getfixturevalue("tmp_path")
        return partial(an_sqlite_register, folder / "firtree.sqlite")
    url: str = request.getfixturevalue("register_url")
    return partial(a_postgresql_register, url)
