"""The desk tables of background work: who does it, and what witnesses answered.

Ordinary rows, changed and removed; never part of the log.  Columns stand in the order
of the rows' fields in ``library/witnesses/ports.py``; a moment is in microseconds
since 1970.
"""

from sqlalchemy import Column, Integer, Table

from firtree.storage.tables import NAME, NUMBER, metadata

lease = Table(
    "lease",
    metadata,
    Column("name", NAME, primary_key=True),
    Column("holder", NAME, nullable=False),
    Column("until_us", NUMBER, nullable=False),
)

witness = Table(
    "witness",
    metadata,
    Column("vkey", NAME, primary_key=True),
    Column("size", NUMBER, nullable=False),
    Column("cosigned_us", NUMBER),
    Column("error", NAME, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_us", NUMBER),
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("size", NUMBER, primary_key=True, autoincrement=False),
    Column("vkey", NAME, primary_key=True),
    Column("line", NAME, nullable=False),
)
