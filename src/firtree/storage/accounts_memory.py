"""People in memory, for tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from firtree.errors import UnavailableError
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
from firtree.storage.accounts import YEAR

_R = TypeVar("_R", bound=Row)
_Rows = dict[type[Any], dict[Any, Any]]
_DAY = timedelta(days=1)


class MemoryAccounts:
    """Implements ``Accounts`` in plain Python.

    Args:
        size: gives the log's size.
        lock_wait_s: how long a writer waits for others, seconds.
    """

    def __init__(
        self, size: Callable[[], int] = lambda: 0, *, lock_wait_s: float = 5.0
    ) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._lock_wait_s = lock_wait_s
        self._committed: _Rows = {}
        self._version = 1

    @contextmanager
    def reading(self) -> Iterator["_Reading"]:
        yield _Reading(self._committed)

    @contextmanager
    def writing(self) -> Iterator["_Writing"]:
        if not self._lock.acquire(timeout=self._lock_wait_s):
            raise UnavailableError(
                "another thread is writing to the register", hint="try again"
            )
        try:
            tx = _Writing({kind: rows.copy() for kind, rows in self._committed.items()})
            yield tx
            self._committed = tx.rows
            self._version += tx.revoked
        finally:
            self._lock.release()

    def marks(self) -> Marks:
        return Marks(self._size(), self._version)


class _Reading:
    """Implements ``AccountsReading`` on one state."""

    def __init__(self, rows: _Rows) -> None:
        self.rows = rows

    def _all(self, kind: type[_R]) -> list[_R]:
        return list(self.rows.get(kind, {}).values())

    def _one(self, kind: type[_R], key: object) -> _R | None:
        return self.rows.get(kind, {}).get(key)

    def person(self, number: int) -> Person | None:
        return self._one(Person, number)

    def person_called(self, email: str) -> Person | None:
        return next((p for p in self._all(Person) if p.email == email), None)

    def people(self) -> list[Person]:
        return sorted(self._all(Person))

    def memberships(self, person: int) -> list[Membership]:
        return sorted(m for m in self._all(Membership) if m.person == person)

    def password(self, person: int) -> Password | None:
        return self._one(Password, person)

    def passkey(self, credential: bytes) -> Passkey | None:
        return self._one(Passkey, credential)

    def passkeys(self, person: int) -> list[Passkey]:
        found = [k for k in self._all(Passkey) if k.person == person]
        return sorted(found, key=lambda k: (k.created_at, k.id))

    def session(self, key: bytes) -> Session | None:
        return self._one(Session, key)

    def sessions(self, person: int) -> list[Session]:
        return _newest(s for s in self._all(Session) if s.person == person)

    def invitation(self, key: bytes) -> Invitation | None:
        return self._one(Invitation, key)

    def invitations(self) -> list[Invitation]:
        return _newest(self._all(Invitation))

    def token(self, key: bytes) -> Token | None:
        return self._one(Token, key)

    def tokens(self, person: int) -> list[Token]:
        return _newest(t for t in self._all(Token) if t.person == person)

    def all_tokens(self) -> list[Token]:
        return _newest(self._all(Token))

    def device(self, key: bytes) -> Device | None:
        return self._one(Device, key)

    def tries(self, key: bytes) -> Tries | None:
        return self._one(Tries, key)

    def challenge(self, key: bytes) -> Challenge | None:
        return self._one(Challenge, key)

    def settings(self) -> list[Setting]:
        return sorted(self._all(Setting))

    def last_noted(self) -> Noted | None:
        return max(self._all(Noted), default=None)

    def noted(self, *, before: datetime | None, party: int, limit: int) -> list[Noted]:
        found = [
            row
            for row in self._all(Noted)
            if (before is None or row.at < before)
            and (not party or party in {row.party, row.about})
        ]
        return sorted(found, reverse=True)[:limit]

    def all_noted(self) -> Iterator[Noted]:
        yield from sorted(self._all(Noted))


class _Writing(_Reading):
    """Implements ``AccountsWriting`` on a copy of the committed state."""

    revoked = 0

    def put(self, row: Row) -> None:
        if isinstance(row, Person):
            other = self.person_called(row.email)
            if other is not None and other.id != row.id:
                raise ValueError("two people with one e-mail")
        self.rows.setdefault(type(row), {})[_key(row)] = row

    def remove(self, row: Row) -> None:
        self.rows.get(type(row), {}).pop(_key(row), None)

    def revoke(self) -> None:
        self.revoked += 1

    def sweep(self, now: datetime, *, sessions_since: datetime) -> None:
        self._keep(Invitation, lambda row: row.expires_at > now)
        self._keep(Challenge, lambda row: row.expires_at > now)
        self._keep(Tries, lambda row: row.since_at > now - _DAY)
        self._keep(Device, lambda row: row.seen_at > now - YEAR)
        self._keep(Token, lambda row: row.expires_at > now - YEAR)
        self._keep(Session, lambda row: row.created_at > sessions_since)

    def forget_noted(self, before: datetime) -> int:
        count = len(self._all(Noted))
        self._keep(Noted, lambda row: row.at >= before)
        return count - len(self._all(Noted))

    def _keep(self, kind: type[_R], wanted: Callable[[_R], bool]) -> None:
        self.rows[kind] = {_key(row): row for row in self._all(kind) if wanted(row)}


def _newest(rows: Any) -> list[Any]:  # noqa: ANN401 - of any kind with a time
    oldest = sorted(rows, key=lambda row: row.id)
    return sorted(oldest, key=lambda row: row.created_at, reverse=True)


def _key(row: Row) -> object:
    return (row.person, row.party) if isinstance(row, Membership) else row[0]
