"""The log, the state map and the register tables.

Revision ID: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
OCTETS = sa.LargeBinary()
NEWEST = sa.text("until IS NULL")


def _required(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _key(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "head",
        _key("id", sa.Integer()),
        _required("size", NUMBER),
        sa.Column("at_us", NUMBER),
        _required("state", OCTETS),
        _required("frontier", OCTETS),
    )
    op.create_table(
        "checkpoint",
        _key("size", NUMBER),
        _required("at_us", NUMBER),
        _required("root", OCTETS),
        _required("state", OCTETS),
    )
    op.create_index("checkpoint_at", "checkpoint", ["at_us"], unique=True)
    op.create_table(
        "statement",
        _key("leaf_index", NUMBER),
        _required("leaf", OCTETS),
        _required("subject", NAME),
        sa.Column("head", OCTETS),
        sa.Column("core", OCTETS),
        sa.Column("fir", OCTETS),
        sa.Column("people", OCTETS),
        sa.Column("private", OCTETS),
        _required("salts", OCTETS),
        _required("commitments", OCTETS),
    )
    op.create_table(
        "tile",
        _key("level", sa.Integer()),
        _key("number", NUMBER),
        _required("hashes", OCTETS),
    )
    _temporal_tables()
    op.create_table(
        "segment",
        _key("first", NUMBER),
        _key("kind", NAME),
        _required("stop", NUMBER),
        _required("terms", OCTETS),
        _required("places", OCTETS),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Read whole and often: not worth the time of being compressed.
        for column in ("terms", "places"):
            op.execute(
                f"ALTER TABLE segment ALTER COLUMN {column} SET STORAGE EXTERNAL"
            )


def _temporal_tables() -> None:
    op.create_table(
        "entry",
        _key("place", NUMBER),
        _required("manufacturer", NAME),
        _required("model", NAME),
        _required("id", NUMBER),
        _required("since", NUMBER),
        sa.Column("until", NUMBER),
        _required("device_type", NAME),
        _required("firmware", NAME),
        _required("status", NAME),
        _required("image_hash", NAME),
        sa.Column("published_on", NAME),
        sa.Column("status_from", NAME),
        _required("outline", OCTETS),
    )
    op.create_index("entry_history", "entry", ["id", "since"], unique=True)
    op.create_index(
        "entry_manufacturer",
        "entry",
        ["manufacturer", "model", "id", "since", "until", "status"],
    )
    op.create_index(
        "entry_image_hash",
        "entry",
        ["image_hash", "manufacturer", "id", "since", "until"],
    )
    op.create_index("entry_firmware", "entry", ["firmware"])
    op.create_index("entry_model", "entry", ["model"])
    op.create_table(
        "maker",
        _key("code", NAME),
        _key("since", NUMBER),
        sa.Column("until", NUMBER),
        _required("name", NAME),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "map_leaf",
        _key("key", OCTETS),
        _key("since", NUMBER),
        sa.Column("until", NUMBER),
        _required("kind", NAME),
        _required("name", NAME),
        _required("list", OCTETS),
        sqlite_with_rowid=False,
    )
    op.create_index("map_leaf_since", "map_leaf", ["since"])
    for table, column in (("entry", "id"), ("maker", "code"), ("map_leaf", "key")):
        op.create_index(
            f"{table}_newest",
            table,
            [column],
            unique=True,
            sqlite_where=NEWEST,
            postgresql_where=NEWEST,
        )
