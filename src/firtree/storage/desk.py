"""The desk tables: people and how they come in, and what is noted of it.

Ordinary rows, changed and removed; never changed by the fold and never part of the
log.  ``desk_version`` counts the changes after which whoever was found before must be
looked for again.  Columns stand in the order of the rows' fields in
``library/accounts/ports.py``; a moment is in microseconds since 1970.
"""

from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table

from firtree.storage.tables import NAME, NUMBER, metadata


def _key(name: str, kind: Any) -> Column[Any]:  # noqa: ANN401 - a type of SQLAlchemy
    return Column(name, kind, primary_key=True, autoincrement=False)


def _required(name: str, kind: Any) -> Column[Any]:  # noqa: ANN401
    return Column(name, kind, nullable=False)


desk_version = Table(
    "desk_version", metadata, _key("name", NAME), _required("version", NUMBER)
)

person = Table(
    "person",
    metadata,
    _key("id", NUMBER),
    _required("email", NAME),
    _required("name", NAME),
    _required("handle", LargeBinary),
    _required("created_us", NUMBER),
    Column("disabled_us", NUMBER),
    Index("person_email", "email", unique=True),
)

membership = Table(
    "membership",
    metadata,
    _key("person", NUMBER),
    _key("party", NUMBER),
    _required("since_us", NUMBER),
)

password = Table(
    "password",
    metadata,
    _key("person", NUMBER),
    _required("hash", NAME),
    _required("changed_us", NUMBER),
)

passkey = Table(
    "passkey",
    metadata,
    _key("id", LargeBinary),
    _required("person", NUMBER),
    _required("public_key", LargeBinary),
    _required("sign_count", NUMBER),
    _required("name", NAME),
    _required("created_us", NUMBER),
    Column("used_us", NUMBER),
    Index("passkey_person", "person"),
)

session = Table(
    "session",
    metadata,
    _key("id", LargeBinary),
    _required("person", NUMBER),
    _required("party", NUMBER),
    _required("acting_for", NUMBER),
    _required("way", NAME),
    _required("strong", Boolean()),
    _required("created_us", NUMBER),
    _required("seen_us", NUMBER),
    _required("address", NAME),
    _required("agent", NAME),
    Index("session_person", "person"),
)

invitation = Table(
    "invitation",
    metadata,
    _key("id", LargeBinary),
    _required("kind", NAME),
    _required("party", NUMBER),
    _required("person", NUMBER),
    _required("email", NAME),
    _required("by", NUMBER),
    _required("created_us", NUMBER),
    _required("expires_us", NUMBER),
)

token = Table(
    "token",
    metadata,
    _key("id", LargeBinary),
    _required("person", NUMBER),
    _required("party", NUMBER),
    _required("acting_for", NUMBER),
    _required("name", NAME),
    _required("rights", NAME),
    _required("created_us", NUMBER),
    _required("expires_us", NUMBER),
    Column("used_us", NUMBER),
    Index("token_person", "person"),
)

device = Table(
    "device",
    metadata,
    _key("id", LargeBinary),
    _required("person", NUMBER),
    _required("seen_us", NUMBER),
    Index("device_person", "person"),
)

tries = Table(
    "tries",
    metadata,
    _key("key", LargeBinary),
    _required("since_us", NUMBER),
    _required("counted", Integer()),
)

challenge = Table(
    "challenge",
    metadata,
    _key("id", LargeBinary),
    _required("purpose", NAME),
    _required("owner", LargeBinary),
    _required("expires_us", NUMBER),
)

setting = Table("setting", metadata, _key("name", NAME), _required("value", NAME))

access_log = Table(
    "access_log",
    metadata,
    _key("number", NUMBER),
    _required("at_us", NUMBER),
    _required("event", NAME),
    _required("person", NUMBER),
    _required("party", NUMBER),
    _required("about", NUMBER),
    _required("address", NAME),
    _required("detail", NAME),
    _required("previous", LargeBinary),
    _required("hash", LargeBinary),
    Index("access_log_at", "at_us"),
    Index("access_log_party", "party", "number"),
    Index("access_log_about", "about", "number"),
)

# Its row of desk_version.
ACCOUNTS = "accounts"
TABLES = (
    desk_version,
    person,
    membership,
    password,
    passkey,
    session,
    invitation,
    token,
    device,
    tries,
    challenge,
    setting,
    access_log,
)
