"""Publish in a register as a server does, and print each checkpoint: ``DATA``."""

from __future__ import annotations

import base64
import os
import sys
from contextlib import suppress

from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.errors import UnavailableError
from firtree.ledger.notes import Checkpoint, Note
from firtree.settings import Settings
from firtree.statements.statement import Statement


def main() -> None:
    """Open the register, by its settings, and record until stopped."""
    settings = Settings.from_environ(os.environ | {"FIRTREE_DATA": sys.argv[1]})
    with wiring.opened(settings) as parts:
        for turn in range(100_000):
            entry = an_entry(turn % 50 + 1, trade_name=f"{os.getpid()} {turn}")
            statement = Statement(subject=entry, by="keeper")
            with suppress(UnavailableError):  # another one has the lock
                told = parts.recorder.record([statement], KEEPER)
                said = Checkpoint.parse(Note.parse(told.checkpoint).text)
                root = base64.b64encode(said.root).decode()
                os.write(1, f"{said.size} {root}\n".encode())


if __name__ == "__main__":
    main()
