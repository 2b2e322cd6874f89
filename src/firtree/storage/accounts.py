"""People in SQLite or PostgreSQL, by SQLAlchemy Core.

Implements :class:`~firtree.library.accounts.ports.Accounts`.  How a lock is taken and
one state is held is the registers' own business (``sqlite.py``, ``postgresql.py``).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Table, and_, delete, insert, or_, select, update

from firtree.library.accounts.ports import (
    Challenge,
    Device,
    Invitation,
    Marks,
    Membership,
    Noted,
    Passkey,
    Password,
    Person,
    Row,
    Session,
    Setting,
    Token,
    Tries,
)
from firtree.storage import desk
from firtree.text import microseconds, moment_of

_TABLES: dict[type[Row], Table] = {
    Person: desk.person,
    Membership: desk.membership,
    Password: desk.password,
    Passkey: desk.passkey,
    Session: desk.session,
    Invitation: desk.invitation,
    Token: desk.token,
    Device: desk.device,
    Tries: desk.tries,
    Challenge: desk.challenge,
    Setting: desk.setting,
    Noted: desk.access_log,
}
_R = TypeVar("_R", bound=NamedTuple)
YEAR = timedelta(days=366)


class Desks(Protocol):
    """A database that holds desk tables beside its register."""

    def desk(self, *, writes: bool) -> AbstractContextManager[Connection]:
        """Open a transaction; one that writes takes the desk's lock first."""

    def marks(self) -> tuple[int, int]:
        """Give the log's size and the version of accounts, cheaply."""

    def learn_version(self, version: int) -> None:
        """Take in the version that this process has just committed."""


class SQLAccounts:
    """Implements ``Accounts`` beside a register."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks

    @contextmanager
    def reading(self) -> Iterator["SQLAccountsReading"]:
        with self._desks.desk(writes=False) as connection:
            yield SQLAccountsReading(connection)

    @contextmanager
    def writing(self) -> Iterator["SQLAccountsWriting"]:
        with self._desks.desk(writes=True) as connection:
            tx = SQLAccountsWriting(connection)
            yield tx
        if tx.version is not None:
            self._desks.learn_version(tx.version)

    def marks(self) -> Marks:
        return Marks(*self._desks.marks())


class SQLAccountsReading:
    """Implements ``AccountsReading`` on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _all(self, kind: type[_R], *wanted: Any, order: Any = ()) -> list[_R]:  # noqa: ANN401
        table = _TABLES[kind]  # type: ignore[index]
        query = select(table).where(*wanted).order_by(*order)
        return [_read(kind, table, row) for row in self._connection.execute(query)]

    def _one(self, kind: type[_R], *wanted: Any) -> _R | None:  # noqa: ANN401
        found = self._all(kind, *wanted)
        return found[0] if found else None

    def person(self, number: int) -> Person | None:
        return self._one(Person, desk.person.c.id == number)

    def person_called(self, email: str) -> Person | None:
        return self._one(Person, desk.person.c.email == email)

    def people(self) -> list[Person]:
        return self._all(Person, order=(desk.person.c.id,))

    def memberships(self, person: int) -> list[Membership]:
        table = desk.membership
        return self._all(Membership, table.c.person == person, order=(table.c.party,))

    def password(self, person: int) -> Password | None:
        return self._one(Password, desk.password.c.person == person)

    def passkey(self, credential: bytes) -> Passkey | None:
        return self._one(Passkey, desk.passkey.c.id == credential)

    def passkeys(self, person: int) -> list[Passkey]:
        table = desk.passkey
        order = (table.c.created_us, table.c.id)
        return self._all(Passkey, table.c.person == person, order=order)

    def session(self, key: bytes) -> Session | None:
        return self._one(Session, desk.session.c.id == key)

    def sessions(self, person: int) -> list[Session]:
        table = desk.session
        order = (table.c.created_us.desc(), table.c.id)
        return self._all(Session, table.c.person == person, order=order)

    def invitation(self, key: bytes) -> Invitation | None:
        return self._one(Invitation, desk.invitation.c.id == key)

    def invitations(self) -> list[Invitation]:
        table = desk.invitation
        return self._all(Invitation, order=(table.c.created_us.desc(), table.c.id))

    def token(self, key: bytes) -> Token | None:
        return self._one(Token, desk.token.c.id == key)

    def tokens(self, person: int) -> list[Token]:
        table = desk.token
        order = (table.c.created_us.desc(), table.c.id)
        return self._all(Token, table.c.person == person, order=order)

    def all_tokens(self) -> list[Token]:
        table = desk.token
        return self._all(Token, order=(table.c.created_us.desc(), table.c.id))

    def device(self, key: bytes) -> Device | None:
        return self._one(Device, desk.device.c.id == key)

    def tries(self, key: bytes) -> Tries | None:
        return self._one(Tries, desk.tries.c.key == key)

    def challenge(self, key: bytes) -> Challenge | None:
        return self._one(Challenge, desk.challenge.c.id == key)

    def settings(self) -> list[Setting]:
        return self._all(Setting, order=(desk.setting.c.name,))

    def last_noted(self) -> Noted | None:
        table = desk.access_log
        query = select(table).order_by(table.c.number.desc()).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None else _read(Noted, table, row)

    def noted(self, *, before: datetime | None, party: int, limit: int) -> list[Noted]:
        table = desk.access_log
        query = select(table)
        if before is not None:
            query = query.where(table.c.at_us < microseconds(before))
        if party:
            query = query.where(or_(table.c.party == party, table.c.about == party))
        query = query.order_by(table.c.number.desc()).limit(limit)
        return [_read(Noted, table, row) for row in self._connection.execute(query)]

    def all_noted(self) -> Iterator[Noted]:
        table = desk.access_log
        rows = self._connection.execute(select(table).order_by(table.c.number))
        for row in rows.yield_per(1000):
            yield _read(Noted, table, row)


class SQLAccountsWriting(SQLAccountsReading):
    """Implements ``AccountsWriting`` on an open transaction that holds the lock."""

    version: int | None = None

    def put(self, row: Row) -> None:
        table = _TABLES[type(row)]
        values = _values(table, row)
        changed = update(table).where(_same(table, values)).values(values)
        if not self._connection.execute(changed).rowcount:
            self._connection.execute(insert(table).values(values))

    def remove(self, row: Row) -> None:
        table = _TABLES[type(row)]
        self._connection.execute(delete(table).where(_same(table, _values(table, row))))

    def revoke(self) -> None:
        table = desk.desk_version
        wanted = table.c.name == desk.ACCOUNTS
        more = update(table).where(wanted).values(version=table.c.version + 1)
        self._connection.execute(more)
        self.version = self._connection.execute(
            select(table.c.version).where(wanted)
        ).scalar_one()

    def sweep(self, now: datetime, *, sessions_since: datetime) -> None:
        past, year = microseconds(now), microseconds(now - YEAR)
        for table, gone in (
            (desk.invitation, desk.invitation.c.expires_us <= past),
            (desk.challenge, desk.challenge.c.expires_us <= past),
            (desk.tries, desk.tries.c.since_us <= microseconds(now - _TRIES_KEPT)),
            (desk.device, desk.device.c.seen_us <= year),
            (desk.token, desk.token.c.expires_us <= year),
            (desk.session, desk.session.c.created_us <= microseconds(sessions_since)),
        ):
            self._connection.execute(delete(table).where(gone))

    def forget_noted(self, before: datetime) -> int:
        table = desk.access_log
        old = delete(table).where(table.c.at_us < microseconds(before))
        return self._connection.execute(old).rowcount


_TRIES_KEPT = timedelta(days=1)


def _same(table: Table, values: dict[str, object]) -> Any:  # noqa: ANN401 - a condition
    return and_(*(column == values[column.name] for column in table.primary_key))


def _values(table: Table, row: Row) -> dict[str, object]:
    return {
        column.name: microseconds(value) if isinstance(value, datetime) else value
        for column, value in zip(table.columns, row, strict=True)
    }


def _read(kind: type[_R], table: Table, row: Any) -> _R:  # noqa: ANN401 - a row
    return kind._make(
        moment_of(value) if value is not None and column.name.endswith("_us") else value
        for column, value in zip(table.columns, row, strict=True)
    )
