"""What background work keeps, in SQLite or PostgreSQL, by SQLAlchemy Core.

Implements :class:`~firtree.library.witnesses.ports.WitnessBook` and ``Leases``.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Table, delete, insert, select, update

from firtree.library.witnesses.ports import StoredSignature, WitnessState
from firtree.storage.duty_tables import cosignature, lease, witness
from firtree.text import microseconds, moment_of


class Desks(Protocol):
    """A database that holds desk tables beside its register."""

    def desk(self, *, writes: bool) -> AbstractContextManager[Connection]:
        """Open a transaction; one that writes takes the desk's lock first."""


class SQLDuties:
    """Implements ``WitnessBook`` and ``Leases`` beside a register."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks

    def states(self) -> list[WitnessState]:
        query = select(witness).order_by(witness.c.vkey)
        with self._desks.desk(writes=False) as connection:
            rows = connection.execute(query).all()
        return [
            WitnessState(vkey, size, _moment(at_us), error, failures, _moment(next_us))
            for vkey, size, at_us, error, failures, next_us in rows
        ]

    def signatures(self) -> list[StoredSignature]:
        query = select(cosignature).order_by(cosignature.c.size, cosignature.c.vkey)
        with self._desks.desk(writes=False) as connection:
            return [StoredSignature._make(row) for row in connection.execute(query)]

    def cosigned(self, state: WitnessState, lines: Sequence[StoredSignature]) -> None:
        with self._desks.desk(writes=True) as connection:
            _put_state(connection, state)
            for line in lines:
                _put_line(connection, line)

    def failed(self, state: WitnessState) -> None:
        with self._desks.desk(writes=True) as connection:
            _put_state(connection, state)

    def forget_below(self, size: int) -> None:
        with self._desks.desk(writes=True) as connection:
            connection.execute(delete(cosignature).where(cosignature.c.size < size))

    def take(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        with self._desks.desk(writes=True) as connection:
            query = select(lease).where(lease.c.name == name)
            found = connection.execute(query).first()
            taken = found is not None and found.until_us > microseconds(now)
            if found is not None and taken and found.holder != holder:
                return False
            row = {"holder": holder, "until_us": microseconds(until)}
            _put(connection, lease, {"name": name}, row)
        return True

    def give_back(self, name: str, holder: str) -> None:
        own = (lease.c.name == name) & (lease.c.holder == holder)
        with self._desks.desk(writes=True) as connection:
            connection.execute(delete(lease).where(own))


def _put_state(connection: Connection, state: WitnessState) -> None:
    row = {
        "size": state.size,
        "cosigned_us": _us(state.cosigned_at),
        "error": state.error,
        "failures": state.failures,
        "next_us": _us(state.next_at),
    }
    _put(connection, witness, {"vkey": state.vkey}, row)


def _put_line(connection: Connection, stored: StoredSignature) -> None:
    key = {"size": stored.size, "vkey": stored.vkey}
    _put(connection, cosignature, key, {"line": stored.line})


def _put(
    connection: Connection, table: Table, key: dict[str, Any], row: dict[str, Any]
) -> None:
    """Change a row, or insert it; the desk's lock keeps others away meanwhile."""
    wanted = [table.c[name] == value for name, value in key.items()]
    done = connection.execute(update(table).where(*wanted).values(row))
    if done.rowcount == 0:
        connection.execute(insert(table).values(key | row))


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)


def _moment(at_us: int | None) -> datetime | None:
    return None if at_us is None else moment_of(at_us)
