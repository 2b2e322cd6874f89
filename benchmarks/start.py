"""Starting: the help, the server, and the server after a look whether data is there."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.figures import Figure, Scale, at_most, by_value, number
from benchmarks.registers import Register, example
from benchmarks.servers import (
    FIRTREE,
    Memory,
    environment,
    firtree_serving,
    memory_of,
)

_HELP_S = 0.3
_SERVE_S = 1.5
_SERVE_MB = 150
_AGAIN_S = 3.0


def run(scale: Scale, cached: Path) -> Iterator[Figure]:
    """Start commands again and again, in turns."""
    register = example(cached, scale.entries)
    nothing: list[float] = []
    helping: list[float] = []
    for _ in range(scale.starts):
        nothing.append(_took([sys.executable, "-c", ""]))
        helping.append(_took([FIRTREE, "--help"]))
    yield by_value(
        "firtree --help",
        median(helping),
        "s",
        at_most(_HELP_S),
        peer=("Python itself", median(nothing)),
    )
    ready: list[float] = []
    again: list[float] = []
    weights: list[Memory] = []
    for _ in range(scale.starts):
        with firtree_serving(register.folder, pinned=False) as server:
            ready.append(server.ready_s)
            weights.append(memory_of(server.pid))
        again.append(_started_again(register))
    name = f"firtree serve, {number(scale.entries)} entries"
    yield by_value(f"{name}, ready after", median(ready), "s", at_most(_SERVE_S))
    for kind, values in (
        ("RSS", [weight.rss for weight in weights]),
        ("PSS", [weight.pss for weight in weights]),
    ):
        yield by_value(f"{name}, {kind}", median(values), "MB", at_most(_SERVE_MB))
    yield by_value(
        f"firtree demo --unless-present, then serve, {number(scale.entries)} entries",
        median(again),
        "s",
        at_most(_AGAIN_S),
    )


def _took(command: list[str]) -> float:
    begun = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment())
    return perf_counter() - begun


def _started_again(register: Register) -> float:
    """Do what ``make run`` does where the register is there already."""
    demo = [FIRTREE, "demo", "--data", str(register.folder), "--unless-present"]
    before = _took(demo)
    with firtree_serving(register.folder, pinned=False) as server:
        return before + server.ready_s
