"""The tables, one schema for SQLite and PostgreSQL.

Log: ``statement``, ``checkpoint``, ``tile``, ``head``.  Register tables, changed by
the fold alone: ``entry``, ``maker``, ``party``, and ``segment``, the search index.
State map: ``map_leaf``.

Temporal rows have ``since`` (log size from which a version holds) and ``until`` (log
size from which it no longer does, or null); one partial unique index says that a thing
has one newest version.
"""

from hashlib import sha256

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from firtree.devices import ModelKey

metadata = MetaData()

# SQLite makes only INTEGER keys the row's own number; both hold 64 bits.
NUMBER = BigInteger().with_variant(Integer(), "sqlite")
# Octet order on both databases, so that ranges of prefixes mean the same.
NAME = Text(collation="C").with_variant(Text(), "sqlite")

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", NUMBER, nullable=False),
    Column("at_us", NUMBER),
    Column("state", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", NUMBER, primary_key=True, autoincrement=False),
    Column("at_us", NUMBER, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Index("checkpoint_at", "at_us", unique=True),
)

statement = Table(
    "statement",
    metadata,
    Column("leaf_index", NUMBER, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("subject", NAME, nullable=False),
    Column("head", LargeBinary),
    Column("core", LargeBinary),
    Column("fir", LargeBinary),
    Column("people", LargeBinary),
    Column("private", LargeBinary),
    Column("salts", LargeBinary, nullable=False),
    Column("commitments", LargeBinary, nullable=False),
)
# Few statements erase sections; the trail looks for those among all.
ERASURES = "subject >= 'erasure/' AND subject < 'erasure0'"
Index(
    "statement_erasure",
    *(statement.c.subject, statement.c.leaf_index),
    sqlite_where=text(ERASURES),
    postgresql_where=text(ERASURES),
)

tile = Table(
    "tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

# ``place`` puts the rows of a model side by side, and keeps the tree above them flat:
# SQLite's tables without row numbers carry whole rows in their upper pages.
entry = Table(
    "entry",
    metadata,
    Column("place", NUMBER, primary_key=True, autoincrement=False),
    Column("manufacturer", NAME, nullable=False),
    Column("model", NAME, nullable=False),
    Column("id", NUMBER, nullable=False),
    Column("since", NUMBER, nullable=False),
    Column("until", NUMBER),
    Column("device_type", NAME, nullable=False),
    Column("firmware", NAME, nullable=False),
    Column("status", NAME, nullable=False),
    Column("image_hash", NAME, nullable=False),
    Column("published_on", NAME),
    Column("status_from", NAME),
    Column("outline", LargeBinary, nullable=False),
)
Index(
    "entry_newest",
    entry.c.id,
    unique=True,
    sqlite_where=text("until IS NULL"),
    postgresql_where=text("until IS NULL"),
)
# These three hold all that lists and counts ask for, so that no row need be read.
Index(
    "entry_history",
    *(entry.c.id, entry.c.since, entry.c.until),
    *(entry.c.manufacturer, entry.c.model),
    unique=True,
)
Index(
    "entry_manufacturer",
    *(entry.c.manufacturer, entry.c.model, entry.c.id),
    *(entry.c.since, entry.c.until, entry.c.status),
)
Index(
    "entry_image_hash",
    *(entry.c.image_hash, entry.c.manufacturer, entry.c.id),
    *(entry.c.since, entry.c.until),
)
Index("entry_firmware", entry.c.firmware)
Index("entry_model", entry.c.model)

maker = Table(
    "maker",
    metadata,
    Column("code", NAME, primary_key=True),
    Column("since", NUMBER, primary_key=True, autoincrement=False),
    Column("until", NUMBER),
    Column("name", NAME, nullable=False),
    sqlite_with_rowid=False,
)
Index(
    "maker_newest",
    maker.c.code,
    unique=True,
    sqlite_where=text("until IS NULL"),
    postgresql_where=text("until IS NULL"),
)

party = Table(
    "party",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("since", NUMBER, primary_key=True, autoincrement=False),
    Column("until", NUMBER),
    Column("name", NAME, nullable=False),
    sqlite_with_rowid=False,
)
Index(
    "party_newest",
    party.c.id,
    unique=True,
    sqlite_where=text("until IS NULL"),
    postgresql_where=text("until IS NULL"),
)

# Versions are only ever added: the newest of a list is the one with the greatest
# ``since``, and no row is changed when another follows.
map_leaf = Table(
    "map_leaf",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("since", NUMBER, primary_key=True, autoincrement=False),
    Column("kind", NAME, nullable=False),
    Column("name", NAME, nullable=False),
    Column("list", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
Index("map_leaf_since", map_leaf.c.since)

# Written once, like a tile: see firtree.statements.segments.
segment = Table(
    "segment",
    metadata,
    Column("first", NUMBER, primary_key=True, autoincrement=False),
    Column("kind", NAME, primary_key=True),
    Column("stop", NUMBER, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("places", LargeBinary, nullable=False),
)

_SINCE_BITS = 32


def places_of(key: ModelKey) -> tuple[int, int]:
    """Give the first and last place of a model's rows.

    31 bits of a hash of the model, then 32 bits of log size.  Two models may share
    their places, so whoever reads a range compares the model too.
    """
    digest = sha256(f"{key.manufacturer}\n{key.model}".encode()).digest()
    first = (int.from_bytes(digest[:4]) >> 1) << _SINCE_BITS
    return first, first + (1 << _SINCE_BITS) - 1


TEMPORAL = (entry, maker, party)
# What can be made again from the statements, row for row.
FOLLOWING = (head, checkpoint, tile, *TEMPORAL, map_leaf, segment)

# Revisions of the schema this version of firtree can serve, newest last.  They are
# those of storage/migrations, named here so that serving need not import Alembic.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
