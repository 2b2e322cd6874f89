"""Measures firtree side by side with peers and with limits: ``make bench``."""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]

# tests/postgres.py starts the PostgreSQL server.
sys.path.append(str(TOP / "tests"))
