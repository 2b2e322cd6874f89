"""The statements that erase sections are found by an index.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the index."""
    erasures = sa.text("subject >= 'erasure/' AND subject < 'erasure0'")
    op.create_index(
        "statement_erasure",
        "statement",
        ["subject", "leaf_index"],
        sqlite_where=erasures,
        postgresql_where=erasures,
    )
