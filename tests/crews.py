"""Work for several processes, which have to find it by name."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from firtree.errors import VerificationError
from firtree.storage.mirror_rows import SQLiteRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from firtree.library.ports import StatementRow

FATAL = 1 << 20


@contextmanager
def doubling(slow: int = -1) -> Iterator[Callable[[int], tuple[int, int]]]:
    """Give what doubles numbers, one of them slowly; with the process that did it."""

    def work(number: int) -> tuple[int, int]:
        if number == slow:
            time.sleep(0.2)
        if number == FATAL:
            os.kill(os.getpid(), signal.SIGKILL)
        if number < 0:
            raise VerificationError(f"{number} is below nought", hint="take another")
        return 2 * number, os.getpid()

    yield work


def refusing() -> AbstractContextManager[Callable[[int], int]]:
    """Give nothing, for what tasks need cannot be opened."""
    raise VerificationError("there is nothing to work with")


class FatalRows(SQLiteRows):
    """Rows of a register; whoever reads a certain statement is ended at once."""

    number = 300

    def statements(self, start: int, stop: int) -> Iterator[StatementRow]:
        """Yield statements, up to the fatal one."""
        for row in super().statements(start, stop):
            if row.number == self.number:
                os.kill(os.getpid(), signal.SIGKILL)
            yield row


def fatal_rows(path: Path, rows: partial[SQLiteRows]) -> partial[FatalRows]:
    """Give what opens a register with a fatal statement."""
    return partial(FatalRows, path, *rows.args[1:])
