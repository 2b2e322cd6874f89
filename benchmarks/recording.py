"""Recording in bulk, durable, beside a bare bulk insert of the same octets."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import date
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import psycopg

import postgres
from benchmarks.figures import Figure, Scale, at_least, by_value, number
from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.entry import Entry
from firtree.ledger.leaf import leaf_hash_of  # noqa: F401
from firtree.ledger.merkle import Frontier, leaf_hash
from firtree.ledger.notes import Checkpoint
from firtree.library.demo import invent
from firtree.library.ports import StatementRow
from firtree.settings import Settings
from firtree.statements.statement import Statement
