"""Commands run as a person runs them: each in a process of its own, from a folder.

Hundreds are run, and a short one spends most of its time on imports.  So a process is
forked from one that has imported every command already, which ``multiprocessing``
calls a fork server; all else is a command's own: arguments, folder, environment, what
it reads and writes, and how it ends.  What concerns the start itself is ``started``.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from firtree.cli.main import firtree as group
from firtree.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRTREE = Path(sys.executable).with_name("firtree")
ENDING_S = 120.0
Done = subprocess.CompletedProcess[str]
Argument = str | Path


class _Streams(NamedTuple):
    """Files in the place of a command's standard input, output and error."""

    typed: Path
    out: Path
    err: Path


def run(
    *arguments: Argument,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    typed: str = "",
) -> Done:
    """Run a command, whatever comes of it.

    Args:
        arguments: of the command.
        folder: where it runs; None = where we are.
        environ: all its variables; None = ours.
        typed: what it can read from its standard input.
    """
    given = list(map(str, arguments))
    with tempfile.TemporaryDirectory(prefix="firtree-command-") as place:
        streams = _Streams(*(Path(place, name) for name in _Streams._fields))
        streams.typed.write_text(typed)
        streams.out.touch()
        streams.err.touch()
        process = _forking().Process(
            target=_be,
            args=(given, folder or Path.cwd(), {**(environ or os.environ)}, streams),
        )
        process.start()
        process.join(ENDING_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(given, ENDING_S)
        code = process.exitcode
        process.close()
        return Done(given, code, streams.out.read_text(), streams.err.read_text())


def started(
    *arguments: Argument,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    typed: str = "",
) -> Done:
    """Do as ``run`` does, by the program that is installed."""
    return subprocess.run(
        [FIRTREE, *arguments],
        cwd=folder,
        env=environ,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDING_S,
    )


def firtree(folder: Path, *arguments: str, code: int = 0, typed: str = "") -> Done:
    """Run a command in a folder; what it leaves is the code that is expected.

    Args:
        folder: where it runs.
        arguments: of the command.
        code: its exit code.
        typed: what it can read from its standard input.
    """
    done = run(*arguments, folder=folder, typed=typed)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "PRIVATE" not in done.stdout + done.stderr
    return done


def as_json(folder: Path, *arguments: str, code: int = 0) -> Any:
    """Give what a command writes for programs."""
    return json.loads(firtree(folder, *arguments, "--json", code=code).stdout)


@cache
def _forking() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    modules = sorted({f"firtree.cli.{one.module}" for one in group.lazy.values()})
    context.set_forkserver_preload(["__main__", *modules])
    return context


def _be(
    arguments: list[str], folder: Path, environ: dict[str, str], streams: _Streams
) -> None:
    """Be the command from here on."""
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_WRONLY if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it is a descriptor
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = [str(FIRTREE), *arguments]
    main()
