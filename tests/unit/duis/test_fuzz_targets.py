"""The fuzz targets run, and their seeds are taken."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[3] / "fuzz" / "duis.py"
TARGETS = runpy.run_path(str(FUZZ))["TARGETS"]


@pytest.mark.parametrize("name", TARGETS)
def test_a_fuzz_target_takes_its_seeds_and_anything_else(name: str) -> None:
    target = TARGETS[name]
    seeds = list(target.seeds())

    assert seeds
    for octets in [*seeds, b"", b"\0" * 100, *(seed[:-1] for seed in seeds)]:
        target.run(octets)
