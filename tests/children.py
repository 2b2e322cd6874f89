"""The environment of children that tests start."""

from __future__ import annotations

import os
from pathlib import Path

TESTS = Path(__file__).parent


def child_environment() -> dict[str, str]:
    """Let a child find the builders of tests, and what these find."""
    path = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH", "")]))
    return os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
