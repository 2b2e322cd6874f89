"""Assessments from registers of very different sizes, and the server's memory."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.figures import (
    Figure,
    Scale,
    at_most,
    by_ratio,
    by_value,
    number,
)
from benchmarks.loads import run_load
from benchmarks.registers import (
    Key,
    Register,
    assessment_request,
    check_assessments,
    example,
    random_keys,
    showcase_key,
)
from benchmarks.servers import Server, apart, firtree_serving, memory_of
from firtree.wiring import DATABASE_FILE

_MEMORY_MB = 1000


def run(scale: Scale, cached: Path) -> Iterator[Figure]:
    """Ask registers of several sizes in turns: one device, then any."""
    registers = [example(cached, size) for size in scale.sizes]
    for register in registers:
        if register.made_rate is not None:
            yield by_value(
                f"making a register, {number(register.entries)} entries",
                register.made_rate,
                "entries/s",
            )
    small, big = registers[0], registers[-1]
    with ExitStack() as stack:
        servers = [stack.enter_context(firtree_serving(r.folder)) for r in registers]
        stack.enter_context(apart())
        first = run_load(
            servers[-1].port, [assessment_request(big, showcase_key(big))], seconds=1
        )
        yield by_value(
            f"first assessment after the start, {number(big.entries)} entries",
            1000 / first.rate,
            "ms",
        )
        one = _rates(
            scale,
            servers,
            registers,
            [[showcase_key(r)] * (scale.requests * scale.rounds) for r in registers],
        )
        yield by_ratio(
            f"time of one assessment, the same device, slowest of "
            f"{', '.join(map(number, scale.sizes))} entries",
            1e6 / min(one),
            "µs",
            at_most(1.5),
            peer=("fastest", 1e6 / max(one)),
        )
        cold = _any_keys(scale, big, seed=2)[: scale.requests]
        load = run_load(
            servers[-1].port,
            [assessment_request(big, key) for key in cold],
            seconds=scale.round_s,
        )
        check_assessments(cold, load.answers)
        yield by_value(
            f"time of one assessment, any device, {number(big.entries)} entries, "
            "as cold as the disk was left",
            1e6 / load.rate,
            "µs",
        )
        any_of = _rates(
            scale,
            [servers[0], servers[-1]],
            [small, big],
            [_any_keys(scale, register) for register in (small, big)],
            files=[register.folder / DATABASE_FILE for register in (small, big)],
        )
        yield by_ratio(
            f"time of one assessment, any device, {number(big.entries)} entries, "
            "file in memory",
            1e6 / any_of[1],
            "µs",
            at_most(3),
            peer=(f"{number(small.entries)} entries", 1e6 / any_of[0]),
        )
        memory = memory_of(servers[-1].pid)
    name = f"memory of the server, {number(big.entries)} entries, after that"
    yield by_value(f"{name}, RSS", memory.rss, "MB", at_most(_MEMORY_MB))
    yield by_value(f"{name}, PSS", memory.pss, "MB", at_most(_MEMORY_MB))


def _any_keys(scale: Scale, register: Register, *, seed: int = 1) -> list[Key]:
    return random_keys(register, scale.requests * scale.rounds, seed=seed)


def _read_once(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def _rates(
    scale: Scale,
    servers: list[Server],
    registers: list[Register],
    keys: list[list[Key]],
    *,
    files: Sequence[Path] = (),
) -> list[float]:
    """Ask each server in turn, each round with further keys; give the medians.

    Before a round ``files`` are read once, so that they are in the system's memory as
    those of a busy server are; some kernels give up pages within seconds.
    """
    rates: list[list[float]] = [[] for _ in servers]
    for place in range(scale.rounds):
        for path in files:
            _read_once(path)
        of_round = slice(place * scale.requests, (place + 1) * scale.requests)
        for server, register, wanted, found in zip(
            servers, registers, keys, rates, strict=True
        ):
            asked = wanted[of_round]
            requests = [assessment_request(register, key) for key in asked]
            load = run_load(server.port, requests, seconds=scale.round_s)
            check_assessments(asked, load.answers)
            found.append(load.rate)
    return [median(found) for found in rates]
