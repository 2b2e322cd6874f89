"""Record batches in a register and print each checkpoint: ``PLACE COUNT BATCH``."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

from entries import an_entry
from registers import (
    SQLRegister,
    a_postgresql_register,
    a_recorder,
    an_sqlite_register,
    checkpoint_of,
    record,
)


def main() -> None:
    """Open the register and record until stopped, or until the count is reached."""
    place, count, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    register: SQLRegister = (
        a_postgresql_register(place)
        if "://" in place
        else an_sqlite_register(Path(place))
    )
    recorder = a_recorder(register, seed=os.getpid())
    for turn in range(count):
        entries = [an_entry(n % 50 + 1) for n in range(turn, turn + batch)]
        checkpoint = checkpoint_of(record(recorder, *entries).checkpoint)
        root = base64.b64encode(checkpoint.root).decode()
        os.write(1, f"{checkpoint.size} {root}\n".encode())


if __name__ == "__main__":
    main()
