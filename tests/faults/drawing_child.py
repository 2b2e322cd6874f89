"""Draw counters and print them as soon as they are ours: ``FILE ORIGINATOR``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from firtree.duis.counters import draw


def main() -> None:
    """Draw until stopped."""
    path, originator = Path(sys.argv[1]), sys.argv[2]
    while True:
        first = draw(path, originator, 3)
        os.write(1, b"".join(b"%d\n" % n for n in range(first, first + 3)))


if __name__ == "__main__":
    main()
