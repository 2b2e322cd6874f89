"""The schema that migrations make, the one the code expects, and its version."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from entries import an_entry
from firtree.errors import InvalidInputError
from firtree.storage.postgresql import PostgreSQLRegister
from firtree.storage.schema import check_current, revision_of, upgrade
from firtree.storage.sqlite import SQLiteRegister
from firtree.storage.tables import REVISIONS, metadata
from rebuilt import check_rebuilt
from registers import MAKE_OLDER, a_recorder, an_sqlite_register, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from registers import SQLRegister

CHILD = """
import sys, time
from pathlib import Path
from alembic import command
from firtree.storage.postgresql import PostgreSQLRegister
from firtree.storage.schema import upgrade
from firtree.storage.sqlite import SQLiteRegister
url, begin = sys.argv[1:]
path = url.removeprefix("sqlite+pysqlite:///")
register = PostgreSQLRegister(url) if path == url else SQLiteRegister(Path(path))
time.sleep(max(0, float(begin) - time.time()))
upgrade(register.engine)
register.close()
"""
TEMPORAL = ("entry", "maker")


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def unmade(request: pytest.FixtureRequest) -> Iterator[Callable[[], SQLRegister]]:
    """Give what opens a register on a database without a schema."""
    opened: list[SQLRegister] = []
    folder: Path = request.getfixturevalue("tmp_path")
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")

    def another() -> SQLRegister:
        register = PostgreSQLRegister(url) if url else SQLiteRegister(folder / "r.db")
        opened.append(register)
        return register

    yield another
    for each in opened:
        each.close()


def test_migrations_make_what_the_code_expects(
    database: Callable[[], SQLRegister],
) -> None:
    with database().engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_a_register_whose_lists_had_ends_is_brought_up_to_date(
    database: Callable[[], SQLRegister],
) -> None:
    register = database()
    recorder = a_recorder(register)
    for entry_id in (1, 2, 1):
        record(recorder, an_entry(entry_id))
    with register.engine.begin() as connection:
        for change in MAKE_OLDER:
            connection.execute(text(change))
    with pytest.raises(InvalidInputError, match="schema is 0006"):
        check_current(register.engine)

    upgrade(register.engine)

    another = database()
    check_current(another.engine)
    assert check_rebuilt(another) == 3
    record(a_recorder(another, seed=2), an_entry(2), an_entry(3))
    assert check_rebuilt(another) == 5


def test_migrations_and_metadata_make_the_same_sqlite_tables(tmp_path: Path) -> None:
    migrated = an_sqlite_register(tmp_path / "migrated.sqlite")
    made = create_engine(f"sqlite:///{tmp_path / 'made.sqlite'}")
    metadata.create_all(made)

    schemas = []
    for engine in (migrated.engine, made):
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            )
            schemas.append({name: " ".join(sql.split()) for name, sql in rows})
    made.dispose()
    migrated.close()

    schemas[0].pop("alembic_version")
    assert schemas[0] == schemas[1]
    for table in TEMPORAL:
        # Entries lie by place in an ordinary table: whole rows make tall trees.
        assert schemas[0][table].endswith("WITHOUT ROWID") is (table != "entry")
        assert schemas[0][f"{table}_newest"].endswith("WHERE until IS NULL")
        assert schemas[0][f"{table}_newest"].startswith("CREATE UNIQUE INDEX")
    assert schemas[0]["map_leaf"].endswith("WITHOUT ROWID")


@pytest.mark.postgres
def test_migrations_and_metadata_make_the_same_postgresql_tables(
    postgres_url: str,
) -> None:
    register = PostgreSQLRegister(postgres_url)
    upgrade(register.engine)
    with register.engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA made"))
        connection.execute(text("SET LOCAL search_path = made"))
        metadata.create_all(connection)

    schemas = []
    with register.engine.connect() as connection:
        for schema in ("public", "made"):
            columns = connection.execute(
                text(
                    "SELECT table_name, rank() OVER (PARTITION BY table_name ORDER BY"
                    " ordinal_position), column_name, data_type,"
                    " is_nullable, collation_name, column_default"
                    " FROM information_schema.columns WHERE table_schema = :schema"
                ),
                {"schema": schema},
            )
            indexes = connection.execute(
                text("SELECT indexdef FROM pg_indexes WHERE schemaname = :schema"),
                {"schema": schema},
            )
            found = {tuple(row) for row in columns}
            found |= {(row[0].replace(f"{schema}.", ""),) for row in indexes}
            schemas.append({row for row in found if "alembic_version" not in str(row)})
    register.close()

    assert schemas[0] == schemas[1]
    for table, column in (("entry", "id"), ("maker", "code")):
        expected = (
            f"CREATE UNIQUE INDEX {table}_newest ON {table} USING btree ({column})"
            " WHERE (until IS NULL)"
        )
        assert (expected,) in schemas[0]
    collations = {row[5] for row in schemas[0] if len(row) > 1 and row[3] == "text"}
    assert collations == {"C"}


def test_a_new_schema_is_the_newest(unmade: Callable[[], SQLRegister]) -> None:
    register = unmade()
    upgrade(register.engine)

    check_current(register.engine)
    with register.engine.connect() as connection:
        assert revision_of(connection) == REVISIONS[-1]


def test_a_fault_does_not_tell_what_was_to_be_written(
    database: Callable[[], SQLRegister],
) -> None:
    insert = text("INSERT INTO nowhere (hash) VALUES (:hash)")

    with pytest.raises(DBAPIError) as fault, database().engine.begin() as connection:
        connection.execute(insert, {"hash": "$argon2id$of-a-password"})

    assert "nowhere" in str(fault.value)
    assert "of-a-password" not in f"{fault.value} {fault.value.__cause__}"


def test_upgrading_again_changes_nothing(database: Callable[[], SQLRegister]) -> None:
    register = database()
    record(a_recorder(register), an_entry(1))

    upgrade(register.engine)

    check_current(register.engine)
    assert check_rebuilt(register) == 1


def test_a_database_without_a_schema_is_refused(
    unmade: Callable[[], SQLRegister],
) -> None:
    register = unmade()

    with pytest.raises(InvalidInputError, match="no register in this data") as refused:
        check_current(register.engine)

    assert "firtree init" in refused.value.hint


def test_a_schema_that_was_not_finished_is_refused(
    database: Callable[[], SQLRegister],
) -> None:
    register = database()
    with register.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))

    with pytest.raises(InvalidInputError, match="no register in this database"):
        check_current(register.engine)


@pytest.mark.parametrize("use", [check_current, upgrade])
def test_a_schema_of_a_newer_version_is_refused(
    database: Callable[[], SQLRegister], use: Callable[[object], None]
) -> None:
    register = database()
    with register.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(InvalidInputError, match="written by a newer firtree") as error:
        use(register.engine)

    assert "its schema is 9999, this version knows 0001, 0002, 0003, 0004" in str(
        error.value
    )
    assert "install that newer version" in error.value.hint


def test_processes_that_upgrade_at_once_make_one_schema(
    unmade: Callable[[], SQLRegister],
) -> None:
    register = unmade()
    register.engine.connect().close()
    url = register.engine.url.render_as_string(hide_password=False)
    begin = str(time.time() + 2.5)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, url, begin], stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]

    said = [child.communicate(timeout=60)[1] for child in children]

    assert said == [""] * 3
    check_current(register.engine)
    record(a_recorder(register), an_entry(1))
    assert check_rebuilt(register) == 1
