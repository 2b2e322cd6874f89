"""The schema's version: made, brought up to date, and compared."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from firtree.errors import InvalidInputError
from firtree.storage import desk, duty_tables, kept  # noqa: F401 - parts of the schema
from firtree.storage.sqlite import WRITES
from firtree.storage.tables import REVISIONS, head
from firtree.text import counted

# One number for all that make or upgrade a PostgreSQL schema.
_LOCK = int.from_bytes(b"schema")
_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; harmless where it is.

    Raises:
        InvalidInputError: a newer firtree made it, or its tables are not those of the
            revision that it names; nothing is changed.
    """
    # Alembic takes 0.2 s to import, and only making or upgrading needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    with engine.connect() as connection:
        revision = revision_of(connection)
        check_known(revision)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    # Locked from the start: of two at once, the second finds the work done.
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(:lock)")
            connection.execute(lock, {"lock": _LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except DBAPIError as error:
            if not _is_of_tables(error.orig):
                raise
            told = str(error.orig).partition("\n")[0]
            raise InvalidInputError(
                "the database is damaged: its tables are not those of the schema's "
                f"revision that table alembic_version names, {revision or 'none'} "
                f"({told})",
                hint="restore a backup: firtree restore; a mirror is made anew with "
                "firtree log mirror into another folder",
            ) from None
        if not revision and connection.execute(head.select()).first() is None:
            connection.execute(
                head.insert().values(id=1, size=0, state=bytes(32), frontier=b"")
            )


def _is_of_tables(error: BaseException | None) -> bool:
    """Tell whether a database refused because of the tables that it has."""
    if isinstance(error, sqlite3.Error):
        return error.sqlite_errorcode == sqlite3.SQLITE_ERROR
    # Class 42 of SQLSTATE: a syntax error, or what is named is there or is not.
    return str(getattr(error, "sqlstate", None) or "").startswith("42")


def revision_of(connection: Connection) -> str:
    """Give the schema's revision; empty where there is no schema.

    Raises:
        VerificationError: its table does not hold one revision.
    """
    if not inspect(connection).has_table("alembic_version"):
        return ""
    query = text("SELECT version_num FROM alembic_version")
    rows = connection.execute(query).scalars().all()
    if not rows:
        return ""
    if len(rows) > 1:
        found = counted(len(rows), "row")
        raise kept.damaged("table alembic_version", "one row", found)
    if not isinstance(rows[0], str) or not rows[0]:
        expected = "the schema's revision"
        raise kept.odd("alembic_version", "version_num", expected, rows[0])
    return rows[0]


def check_known(revision: str) -> None:
    """Refuse a schema that a newer firtree made.

    Raises:
        InvalidInputError: the revision is not one of ours.
    """
    if revision and revision not in REVISIONS:
        raise InvalidInputError(
            f"the register was written by a newer firtree: its schema is {revision}, "
            f"this version knows {', '.join(REVISIONS)}",
            hint="install that newer version, or choose another --data folder",
        )


def check_current(engine: Engine) -> None:
    """Check that the schema is there and is the newest one.

    Raises:
        InvalidInputError: it is absent, older or newer; the hint says what to do.
    """
    with engine.connect() as connection:
        revision = revision_of(connection)
    check_known(revision)
    if not revision:
        raise InvalidInputError(
            "there is no register in this database", hint="make one: firtree init"
        )
    if revision != REVISIONS[-1]:
        raise InvalidInputError(
            f"the register's schema is {revision}, this version needs {REVISIONS[-1]}",
            hint="bring it up to date: firtree init, with the same --data (nothing is "
            "lost)",
        )
