"""Commands run as a person runs them: in a process, from a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FIRTREE = Path(sys.executable).with_name("firtree")


def firtree(
    folder: Path, *arguments: str, code: int = 0, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; what it leaves is the code that is expected.

    Args:
        folder: where it runs.
        arguments: of the command.
        code: its exit code.
        typed: what it can read from its standard input.
    """
    done = subprocess.run(
        [FIRTREE, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        input=typed,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "PRIVATE" not in done.stdout + done.stderr
    return done


def as_json(folder: Path, *arguments: str, code: int = 0) -> Any:
    """Give what a command writes for programs."""
    return json.loads(firtree(folder, *arguments, "--json", code=code).stdout)
