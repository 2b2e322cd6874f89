"""The desk tables of background work: a lease, and what witnesses answered.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "lease",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("holder", NAME, nullable=False),
        sa.Column("until_us", NUMBER, nullable=False),
    )
    op.create_table(
        "witness",
        sa.Column("vkey", NAME, primary_key=True),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("cosigned_us", NUMBER),
        sa.Column("error", NAME, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_us", NUMBER),
    )
    op.create_table(
        "cosignature",
        sa.Column("size", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("vkey", NAME, primary_key=True),
        sa.Column("line", NAME, nullable=False),
    )
