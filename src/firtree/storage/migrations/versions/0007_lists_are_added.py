"""Versions of lists are only ever added: none says when it ended.

Revision ID: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Drop what would have to be changed when another version follows."""
    op.drop_index("map_leaf_newest", "map_leaf")
    op.drop_column("map_leaf", "until")
