"""What the tests stand on: a closed network and a real PostgreSQL."""

from __future__ import annotations

import socket

import pytest
import sqlalchemy

from entries import an_entry
from registers import a_postgresql_register, a_recorder, record

NOWHERE = "192.0.2.1"  # RFC 5737: an address for documentation


def test_a_test_cannot_leave_this_machine() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock,
        pytest.raises(RuntimeError, match="stay on this machine"),
    ):
        sock.connect((NOWHERE, 80))


@pytest.mark.postgres
@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_postgresql(postgres_url: str, turn: int) -> None:
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.begin() as connection:
        tables = sqlalchemy.inspect(connection).get_table_names()
        connection.execute(sqlalchemy.text(f"CREATE TABLE turn{turn} (n int)"))
    engine.dispose()

    assert tables == []


@pytest.mark.postgres
@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_register_as_the_steps_make_it(
    register_url: str, postgres_url: str, turn: int
) -> None:
    made, copied = (a_postgresql_register(url) for url in (postgres_url, register_url))
    found = []
    for register in (made, copied):
        metadata = sqlalchemy.MetaData()
        metadata.reflect(register.engine)
        with register.engine.connect() as connection:
            found.append(
                {
                    name: connection.execute(table.select()).all()
                    for name, table in metadata.tables.items()
                }
            )
    assert found[0] == found[1]
    assert copied.size() == 0

    record(a_recorder(copied), *[an_entry(number + 1) for number in range(turn)])

    assert copied.size() == turn
    made.close()
    copied.close()
