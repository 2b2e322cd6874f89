"""Every benchmark runs and checks its results, if only on a few of everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BENCHMARKS = sorted(
    path.stem
    for path in (TOP / "benchmarks").glob("*.py")
    if "\ndef run(" in path.read_text(encoding="utf-8")
)


def run(
    *arguments: str, folder: Path, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run benchmarks in tiny form, with their registers in a folder."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "benchmarks", "--tiny", *arguments],
        cwd=TOP,
        env={**os.environ, "FIRTREE_BENCH_DIR": str(folder)},
        check=check,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of registers."""
    return tmp_path_factory.mktemp("registers")


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_gives_figures_with_targets(name: str, folder: Path) -> None:
    found = json.loads(run(name, "--json", folder=folder).stdout)

    assert found["machine"]["python"]
    assert any(figure["target"] for figure in found["figures"])
    for figure in found["figures"]:
        assert figure["value"] > 0
        assert (figure["met"] is None) == (figure["target"] == "")
        assert (figure["peer_value"] is None) == (figure["peer"] == "")


def test_an_unknown_benchmark_is_refused(folder: Path) -> None:
    assert run("no-such", folder=folder, check=False).returncode == 2
