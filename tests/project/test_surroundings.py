"""What the tests stand on: a closed network and a real PostgreSQL."""

from __future__ import annotations

import socket

import pytest
import sqlalchemy

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
