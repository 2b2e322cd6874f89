"""What is measured: figures, their targets, and the machine they are from."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Scale(NamedTuple):
    """How much is measured.

    Attributes:
        entries: of the small register.
        sizes: registers that are compared with each other, smallest first.
        rounds: how often peer and firtree take turns.
        requests: of one round, at most.
        round_s: length of one round, at most.
        preloaded: entries of a register before recording into it is timed.
        batch: statements of one transaction.
        commits: transactions of one statement.
        starts: of a process.
        searched: entries of a register that is searched.
        questions: of each kind of search.
        postgresql: whether PostgreSQL is measured too.
    """

    entries: int
    sizes: tuple[int, ...]
    rounds: int
    requests: int
    round_s: float
    preloaded: int
    batch: int
    commits: int
    starts: int
    searched: int
    questions: int
    postgresql: bool


FULL = Scale(
    entries=3000,
    sizes=(3000, 100_000, 1_000_000),
    rounds=5,
    requests=5000,
    round_s=6.0,
    preloaded=50_000,
    batch=10_000,
    commits=500,
    starts=10,
    searched=100_000,
    questions=25,
    postgresql=True,
)
TINY = Scale(
    entries=60,
    sizes=(60, 200),
    rounds=1,
    requests=40,
    round_s=0.4,
    preloaded=100,
    batch=50,
    commits=5,
    starts=1,
    searched=400,
    questions=3,
    postgresql=False,
)


class Bound(NamedTuple):
    """A target: at least, or at most, so much."""

    least: bool
    limit: float

    def holds(self, value: float) -> bool:
        """Tell whether a value meets it."""
        return value >= self.limit if self.least else value <= self.limit

    def written(self, unit: str) -> str:
        """Write it with its unit."""
        sign = "≥" if self.least else "≤"
        return f"{sign} {number(self.limit)} {unit}".strip()


def at_least(limit: float) -> Bound:
    """Give a lower bound."""
    return Bound(least=True, limit=limit)


def at_most(limit: float) -> Bound:
    """Give an upper bound."""
    return Bound(least=False, limit=limit)


class Figure(NamedTuple):
    """One thing measured.

    Attributes:
        name: what, with its sizes.
        unit: of both values.
        value: firtree's, a median unless the name says otherwise.
        peer: what it is compared with; empty = nothing.
        peer_value: measured in the same run; None = there is no peer.
        ratio: firtree's value by the peer's; None = there is no peer.
        target: in words; empty = none, the figure is for information.
        met: whether it is; None = there is no target.
    """

    name: str
    unit: str
    value: float
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


def by_value(
    name: str,
    value: float,
    unit: str,
    bound: Bound | None = None,
    *,
    peer: tuple[str, float] | None = None,
) -> Figure:
    """Make a figure whose target is a value; the peer is for information."""
    return Figure(
        name,
        unit,
        value,
        peer[0] if peer else "",
        peer[1] if peer else None,
        value / peer[1] if peer else None,
        bound.written(unit) if bound else "",
        bound.holds(value) if bound else None,
    )


def by_ratio(
    name: str,
    value: float,
    unit: str,
    bound: Bound | None = None,
    *,
    peer: tuple[str, float],
) -> Figure:
    """Make a figure whose target is its ratio to the peer."""
    ratio = value / peer[1]
    return Figure(
        name,
        unit,
        value,
        *peer,
        ratio,
        bound.written("×") if bound else "",
        bound.holds(ratio) if bound else None,
    )


def spread(values: Sequence[float]) -> str:
    """Write the median of rounds and the range they lie in."""
    low, middle, high = min(values), median(values), max(values)
    return f"{number(middle)} ({number(low)} to {number(high)})"


def number(value: float) -> str:
    """Write a number with three digits that matter, or as a whole one."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """Write figures as a Markdown table."""
    lines = [
        "| figure | peer or limit | firtree | ratio | target | met |",
        "|---|---|---|---|---|---|",
    ]
    for figure in figures:
        peer = (
            ""
            if figure.peer_value is None
            else f"{figure.peer}: {number(figure.peer_value)} {figure.unit}"
        )
        ratio = "" if figure.ratio is None else f"{number(figure.ratio)} ×"
        met = {None: "", True: "met", False: "NOT MET"}[figure.met]
        value = f"{number(figure.value)} {figure.unit}"
        cells = (figure.name, peer, value, ratio, figure.target, met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def machine() -> dict[str, str]:
    """Describe the machine, and how busy it is with other things."""
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(": ")[2] for line in described if "model name" in line]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }
