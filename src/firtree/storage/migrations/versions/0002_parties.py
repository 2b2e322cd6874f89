"""Parties, a register table.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
NEWEST = sa.text("until IS NULL")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "party",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("since", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("until", NUMBER),
        sa.Column("name", NAME, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "party_newest",
        "party",
        ["id"],
        unique=True,
        sqlite_where=NEWEST,
        postgresql_where=NEWEST,
    )
