"""``firtree import`` of a workbook, all in: start, reading, checks, recording."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.figures import Figure, Scale, at_least, by_value, number
from benchmarks.servers import FIRTREE, environment
from benchmarks.workbooks import a_book

_LEAST = 1500


def run(scale: Scale, _cached: Path) -> Iterator[Figure]:
    """Import one workbook into an empty register, again and again."""
    book = a_book(scale.batch)
    rates: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder, "filled")
        file = Path(folder, "cpl.xlsx")
        file.write_bytes(book.octets)
        for _ in range(scale.rounds):
            _firtree("init", "--data", str(filled))
            begun = perf_counter()
            told = _firtree("import", str(file), "--data", str(filled), "--json")
            rates.append(book.entries / (perf_counter() - begun))
            assert len(json.loads(told)["new"]) == book.entries
            shutil.rmtree(filled)
    yield by_value(
        f"firtree import, xlsx, SQLite, {number(book.entries)} entries, all in",
        median(rates),
        "/s",
        at_least(_LEAST),
    )


def _firtree(*arguments: str) -> bytes:
    return subprocess.run(
        [FIRTREE, *arguments], check=True, stdout=subprocess.PIPE, env=environment()
    ).stdout
