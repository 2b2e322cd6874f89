"""Runs benchmarks: ``python -m benchmarks [name …] [--json] [--tiny]``."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import (
    assessment,
    assessment_sizes,
    changes,
    duis,
    images,
    ledger,
    mirrors,
    one_statement,
    recording,
    rights,
    search,
    start,
    workbook_import,
    workbook_reading,
    workbook_writing,
)
from benchmarks.figures import FULL, TINY, Figure, Scale, machine, table
from benchmarks.registers import cache

BENCHMARKS: dict[str, Callable[[Scale, Path], Iterator[Figure]]] = {
    "assessment": assessment.run,
    "assessment_sizes": assessment_sizes.run,
    "recording": recording.run,
    "one_statement": one_statement.run,
    "changes": changes.run,
    "rights": rights.run,
    "search": search.run,
    "start": start.run,
    "workbook_reading": workbook_reading.run,
    "workbook_import": workbook_import.run,
    "workbook_writing": workbook_writing.run,
    "duis": duis.run,
    "images": images.run,
    "ledger": ledger.run,
    "mirrors": mirrors.run,
}


def main() -> None:
    """Run the benchmarks that are asked for, and print their figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument(
        "--tiny", action="store_true", help="a few of everything: the figures say nil"
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {min(unknown)}")
    scale = TINY if asked.tiny else FULL
    figures: list[Figure] = []
    before = machine()
    with cache() as folder:
        for name in asked.names or BENCHMARKS:
            print(f"{name} …", file=sys.stderr, flush=True)
            figures += BENCHMARKS[name](scale, folder)
    around = {**before, "load at the end": machine()["load"]}
    if asked.json:
        found = {"machine": around, "figures": [f._asdict() for f in figures]}
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    print(table(figures))
    print()
    print("; ".join(f"{name}: {value}" for name, value in around.items()))


if __name__ == "__main__":
    main()
