"""Appends leaves with pymerkle: ``pymerkle_appender.py FOLDER FILE``, told by lines.

pymerkle is under the GPL: it is run beside firtree to be measured, and neither imported
by it nor installed with it.  Each line of standard input is a number of leaves to
append durably in one go, or ``open`` to open the file again; each line of the answer
has the seconds that took, the root's computation included, and the root.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any


def main() -> None:
    """Append as often as is asked."""
    sys.path.insert(0, sys.argv[1])
    leaves = import_module("leaves_to_append")
    make: Any = import_module("pymerkle").SqliteTree
    tree = make(sys.argv[2])
    # As firtree does, and quicker than what it comes with; each commit still syncs.
    tree.con.execute("PRAGMA journal_mode=WAL")
    for line in sys.stdin:
        begun = perf_counter()
        if line == "open\n":
            tree.close()
            tree = make(sys.argv[2])
        else:
            size = tree.get_size()
            added = leaves.numbered(size, size + int(line))
            begun = perf_counter()
            if len(added) == 1:
                tree.append_entry(added[0])
            else:
                tree.append_entries(added)
        root = tree.get_root() if tree.get_size() else b""
        print(json.dumps([perf_counter() - begun, root.hex()]), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
