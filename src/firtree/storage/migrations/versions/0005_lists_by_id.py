"""The index of ids holds what a list within somebody's reach is filtered by.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the index anew."""
    op.drop_index("entry_history", "entry")
    columns = ["id", "since", "until", "manufacturer", "model"]
    op.create_index("entry_history", "entry", columns, unique=True)
