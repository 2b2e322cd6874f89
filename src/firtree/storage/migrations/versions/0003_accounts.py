"""The desk tables of people: who can sign in, and what is noted of it.

Revision ID: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
OCTETS = sa.LargeBinary()


def _required(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _key(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def upgrade() -> None:
    """Make the tables, and the first version."""
    versions = op.create_table(
        "desk_version", _key("name", NAME), _required("version", NUMBER)
    )
    op.bulk_insert(versions, [{"name": "accounts", "version": 1}])
    _people()
    _ways_in()
    _access_log()


def _people() -> None:
    op.create_table(
        "person",
        _key("id", NUMBER),
        _required("email", NAME),
        _required("name", NAME),
        _required("handle", OCTETS),
        _required("created_us", NUMBER),
        sa.Column("disabled_us", NUMBER),
    )
    op.create_index("person_email", "person", ["email"], unique=True)
    op.create_table(
        "membership",
        _key("person", NUMBER),
        _key("party", NUMBER),
        _required("since_us", NUMBER),
    )
    op.create_table(
        "password",
        _key("person", NUMBER),
        _required("hash", NAME),
        _required("changed_us", NUMBER),
    )
    op.create_table(
        "passkey",
        _key("id", OCTETS),
        _required("person", NUMBER),
        _required("public_key", OCTETS),
        _required("sign_count", NUMBER),
        _required("name", NAME),
        _required("created_us", NUMBER),
        sa.Column("used_us", NUMBER),
    )
    op.create_index("passkey_person", "passkey", ["person"])


def _ways_in() -> None:
    op.create_table(
        "session",
        _key("id", OCTETS),
        _required("person", NUMBER),
        _required("party", NUMBER),
        _required("acting_for", NUMBER),
        _required("way", NAME),
        _required("strong", sa.Boolean()),
        _required("created_us", NUMBER),
        _required("seen_us", NUMBER),
        _required("address", NAME),
        _required("agent", NAME),
    )
    op.create_index("session_person", "session", ["person"])
    op.create_table(
        "invitation",
        _key("id", OCTETS),
        _required("kind", NAME),
        _required("party", NUMBER),
        _required("person", NUMBER),
        _required("email", NAME),
        _required("by", NUMBER),
        _required("created_us", NUMBER),
        _required("expires_us", NUMBER),
    )
    op.create_table(
        "token",
        _key("id", OCTETS),
        _required("person", NUMBER),
        _required("party", NUMBER),
        _required("acting_for", NUMBER),
        _required("name", NAME),
        _required("rights", NAME),
        _required("created_us", NUMBER),
        _required("expires_us", NUMBER),
        sa.Column("used_us", NUMBER),
    )
    op.create_index("token_person", "token", ["person"])
    op.create_table(
        "device",
        _key("id", OCTETS),
        _required("person", NUMBER),
        _required("seen_us", NUMBER),
    )
    op.create_index("device_person", "device", ["person"])
    op.create_table(
        "tries",
        _key("key", OCTETS),
        _required("since_us", NUMBER),
        _required("counted", sa.Integer()),
    )
    op.create_table(
        "challenge",
        _key("id", OCTETS),
        _required("purpose", NAME),
        _required("owner", OCTETS),
        _required("expires_us", NUMBER),
    )


def _access_log() -> None:
    op.create_table("setting", _key("name", NAME), _required("value", NAME))
    op.create_table(
        "access_log",
        _key("number", NUMBER),
        _required("at_us", NUMBER),
        _required("event", NAME),
        _required("person", NUMBER),
        _required("party", NUMBER),
        _required("about", NUMBER),
        _required("address", NAME),
        _required("detail", NAME),
        _required("previous", OCTETS),
        _required("hash", OCTETS),
    )
    op.create_index("access_log_at", "access_log", ["at_us"])
    op.create_index("access_log_party", "access_log", ["party", "number"])
    op.create_index("access_log_about", "access_log", ["about", "number"])
