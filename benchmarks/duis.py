"""DUIS: a request for 50,000 devices written, a large inventory read, with memory.

Each is done in a process of its own, whose greatest memory is asked for at its end.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from benchmarks import TOP
from benchmarks.figures import Figure, Scale, at_most, by_ratio, by_value, number

_WRITE_S = 1.0
_WRITE_MB = 100
_IMAGE_OCTETS = 1_000_000
_DEVICES = 50_000
_INVENTORY_MB = 100
# "Constant": ten times the devices may take this much more memory, for the rows that
# wait to be written and for what Python has not collected yet.
_GROWTH = 1.25


class _Ran(NamedTuple):
    took_s: float
    most_mb: float


def run(scale: Scale, _cached: Path) -> Iterator[Figure]:
    """Write the largest request, and read inventories of two sizes."""
    full = scale.batch >= 1000
    devices = _DEVICES if full else 50
    image = _IMAGE_OCTETS if full else 1000
    megabytes = _INVENTORY_MB if full else 1
    with TemporaryDirectory(prefix="firtree-bench-") as folder:
        nothing = median(_import_alone(folder) for _ in range(scale.rounds))
        writing = [
            _child("write", folder, image, devices, turn)
            for turn in range(scale.rounds)
        ]
        name = f"11.1 for {number(devices)} devices, image of {number(image)} octets"
        yield by_value(
            f"{name}, written",
            median(one.took_s for one in writing),
            "s",
            at_most(_WRITE_S),
        )
        yield by_value(
            f"{name}, most memory",
            median(one.most_mb for one in writing),
            "MB",
            at_most(_WRITE_MB),
            peer=("its imports alone", nothing),
        )
        rounds = (scale.rounds + 1) // 2  # each takes some seconds
        small = _reading(folder, megabytes * 100_000, rounds)
        large = _reading(folder, megabytes * 1_000_000, rounds)
    yield by_ratio(
        f"inventory of {megabytes} MB read into a table, most memory",
        large.most_mb,
        "MB",
        at_most(_GROWTH),
        peer=("a tenth of it", small.most_mb),
    )
    yield by_value("the same, per second", megabytes / large.took_s, "MB")


def _reading(folder: str, octets: int, rounds: int) -> _Ran:
    path = Path(folder, f"{octets}.xml")
    subprocess.run(
        [sys.executable, __file__, "inventory", str(path), str(octets)],
        check=True,
        env=_environment(),
    )
    ran = [
        _child("read", str(path), str(Path(folder, f"{octets}-{turn}.csv")))
        for turn in range(rounds)
    ]
    return _Ran(median(one.took_s for one in ran), median(one.most_mb for one in ran))


def _import_alone(folder: str) -> float:
    return _child("nothing", folder).most_mb


def _child(*arguments: object) -> _Ran:
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        env=_environment(),
    )
    return _Ran(*json.loads(done.stdout))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(TOP), *sys.path[1:]])}


# What follows runs in the children.


def _nothing(_folder: str) -> None:
    """Import what writing needs."""


def _write(folder: str, image: str, devices: str, turn: str) -> None:
    from firtree.duis.requests import Sender, update_octets  # noqa: PLC0415

    listed = [n.to_bytes(8).hex("-").upper() for n in range(int(devices))]
    sender = Sender("90-B3-D5-1F-30-AA-00-01", int(turn))
    pieces = update_octets(
        sender, bytes(int(image)), firmware_version="01060002", devices=listed
    )
    path = Path(folder, f"{turn}.xml")
    with path.open("wb") as file:
        size = sum(file.write(piece) for piece in pieces)
        os.fsync(file.fileno())
    assert size > int(image) * 4 // 3 + 24 * int(devices)


def _inventory(path: str, octets: str) -> None:
    from duis_messages import answer, device  # noqa: PLC0415

    empty = answer("<sr:DSPInventory>#</sr:DSPInventory>", "8.2")
    before, after = empty.split(b"#")
    with Path(path).open("wb") as file:
        file.write(before)
        size = count = 0
        while size < int(octets):
            size += file.write(device(count).encode())
            count += 1
        file.write(after)


def _read(path: str, table: str) -> None:
    from firtree.cli.device_tables import opened_table  # noqa: PLC0415
    from firtree.cli.duis_files import opened, pieces_of  # noqa: PLC0415
    from firtree.duis.answers import InventoryDevice, Response  # noqa: PLC0415
    from firtree.duis.responses import read_response  # noqa: PLC0415

    last: InventoryDevice | Response | None = None
    with opened(path) as file, opened_table(table) as rows:
        for last in read_response(pieces_of(file)):
            if isinstance(last, InventoryDevice):
                rows.add(last)
        rows.keep()
    assert isinstance(last, Response)
    assert last.inventory_devices == rows.count > 0


def _most_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = [text for text in status.splitlines() if text.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


_TASKS: dict[str, Callable[..., None]] = {
    "nothing": _nothing,
    "write": _write,
    "inventory": _inventory,
    "read": _read,
}


def _main() -> None:
    import firtree.duis.requests  # noqa: F401, PLC0415 - it is to be loaded by all

    begun = perf_counter()
    _TASKS[sys.argv[1]](*sys.argv[2:])
    took_s = perf_counter() - begun
    if sys.argv[1] != "inventory":
        print(json.dumps([took_s, _most_mb()]))


if __name__ == "__main__":
    _main()
