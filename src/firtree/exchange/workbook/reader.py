"""Read a workbook in a process of its own, with limits of memory and time."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import IO

import msgspec

from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.sheet import Line, Sheet, Span
from firtree.exchange.workbook.frames import (
    NO_MEMORY,
    EndFrame,
    Frame,
    LinesFrame,
    RefusedFrame,
    SheetFrame,
    read_frames,
)

WALL_S = 120
_CHILD = "firtree.exchange.workbook.child"
_TOO_MUCH = (
    "delete what stands far below or beside the table, or save the table as CSV, and "
    "try again"
)


def read_workbook(
    file: IO[bytes], *, progress: Callable[[str, int, int], None]
) -> Iterator[Sheet]:
    """Give the sheets of a workbook; the lines of each before the next sheet.

    Args:
        file: the workbook, as a file of the operating system, at its beginning.
        progress: told (what, done, of how many).

    Raises:
        InvalidInputError: it is no workbook, or takes more than reading may.
        UnavailableError: no process can be started.
    """
    with _started(file) as child:
        patience = threading.Timer(WALL_S, child.kill)
        patience.daemon = True
        patience.start()
        try:
            assert child.stdout is not None  # noqa: S101 - it is a pipe
            yield from _sheets(child.stdout, progress)
        except _EndedError:
            raise _ended(child.wait()) from None
        finally:
            patience.cancel()
            child.kill()


class _EndedError(Exception):
    """The child has ended before it had told all."""


def _started(file: IO[bytes]) -> "subprocess.Popen[bytes]":
    path = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-s", "-m", _CHILD],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
        )
    except OSError as error:
        raise UnavailableError(
            f"the process that reads workbooks cannot be started: {error.strerror}"
        ) from None


def _sheets(
    pipe: IO[bytes], progress: Callable[[str, int, int], None]
) -> Iterator[Sheet]:
    frames = _frames(pipe)
    frame = next(frames, None)
    while isinstance(frame, SheetFrame):
        lines = _Lines(frame, frames, progress)
        spans = [Span(*span) for span in frame.spans]
        yield Sheet(frame.name, iter(lines), frame.hidden, spans)
        for _ in lines:
            pass
        frame = lines.after
    if not isinstance(frame, EndFrame):
        raise _EndedError


def _frames(pipe: IO[bytes]) -> Iterator[Frame]:
    """Give what the child tells.

    Raises:
        InvalidInputError: it refuses the workbook.
    """
    try:
        for frame in read_frames(pipe):
            if isinstance(frame, RefusedFrame):
                raise InvalidInputError(frame.message, hint=frame.hint)
            yield frame
    except (msgspec.DecodeError, ValueError):
        raise _EndedError from None


class _Lines:
    """The lines of one sheet, taken once.

    Attributes:
        after: the frame after them; None where the child has ended.
    """

    def __init__(
        self,
        sheet: SheetFrame,
        frames: Iterator[Frame],
        progress: Callable[[str, int, int], None],
    ) -> None:
        self.after: Frame | None = None
        self._lines = self._taken(sheet, frames, progress)

    def __iter__(self) -> Iterator[Line]:
        return self._lines

    def _taken(
        self,
        sheet: SheetFrame,
        frames: Iterator[Frame],
        progress: Callable[[str, int, int], None],
    ) -> Iterator[Line]:
        for frame in frames:
            if not isinstance(frame, LinesFrame):
                self.after = frame
                return
            for number, cells in frame.lines:
                yield Line(number, cells)
            progress("reading", frame.lines[-1][0] if frame.lines else 0, sheet.lines)


def _ended(code: int) -> InvalidInputError:
    """Say in a sentence what ended the child."""
    # The reader of cells aborts where it gets no memory.
    name = {
        -signal.SIGKILL: "time",
        -signal.SIGXCPU: "time",
        -signal.SIGABRT: "memory",
        NO_MEMORY: "memory",
    }.get(code, "")
    if name:
        return InvalidInputError(
            f"reading the workbook takes more {name} than it may", hint=_TOO_MUCH
        )
    return InvalidInputError(
        "the workbook cannot be read: the process that reads it has failed",
        hint="open it in a spreadsheet program, save it again and try again",
    )
