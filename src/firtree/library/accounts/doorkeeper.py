"""Finds who asks, by the secret of a session or token; cheap enough for every request.

What was found is kept in memory, by the hash of the secret, and holds only while
nothing it depends on has changed: the accounts' version (sign-outs, revocations), the
log's size (parties are statements), the day in London, and a minute at most (less
where sessions end within ten minutes without use).
"""

import threading
from datetime import date, datetime, timedelta
from typing import NamedTuple

from firtree.access import Right
from firtree.library.accounts.access_log import Event, Note, note
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.later import Later, Write
from firtree.library.accounts.ports import (
    AccountsReading,
    AccountsWriting,
    Marks,
    Person,
    Session,
    Token,
)
from firtree.library.accounts.secret import is_secret, is_token, key_of
from firtree.library.accounts.tokens import rights_of
from firtree.library.accounts.visitor import Found, Via, Visitor
from firtree.library.kept import Kept
from firtree.text import london_day

KEPT_MOST = 10_000
HELD = timedelta(minutes=1)
# And no longer than such a part of the time after which a session that is not used
# ends: while it is held, nobody notes that it is used.
_HELD_OF_IDLE = 10
USED_EVERY = timedelta(hours=1)


class _Known(NamedTuple):
    """Somebody who was found, and how long that holds."""

    found: Found
    marks: Marks
    day: date
    until: datetime


class Doorkeeper:
    """Finds visitors.  Safe to share between threads.

    Args:
        gate: what is needed.
        later: writes when somebody was last seen.
    """

    def __init__(self, gate: Gate, later: Later) -> None:
        self._gate = gate
        self._later = later
        self._held = min(HELD, gate.limits.idle / _HELD_OF_IDLE)
        self._known: Kept[bytes, _Known] = Kept(KEPT_MOST)
        self._lock = threading.Lock()
        # Which tokens were used on a day, and from which network: noted once.
        self._used: Kept[tuple[bytes, date, str], datetime] = Kept(KEPT_MOST)

    def recall_session(self, secret: str) -> Found | None:
        """Give who was found lately by a session's secret, if it still holds.

        Raises:
            UnavailableError: the register cannot be asked.
        """
        found = self._recall(secret)
        return None if found is None or found.visitor.via is Via.TOKEN else found

    def recall_token(self, text: str, address: str) -> Found | None:
        """Give who was found lately by a token, if it still holds.

        Args:
            text: of the token.
            address: from where, shortened; its first use from there is noted.

        Raises:
            UnavailableError: the register cannot be asked.
        """
        found = self._recall(text)
        if found is None or found.visitor.via is not Via.TOKEN:
            return None
        self._note_address(found, address, self._gate.now())
        return found

    def _recall(self, secret: str) -> Found | None:
        with self._lock:
            known = self._known.get(key_of(secret))
        if known is None or known.marks != self._gate.accounts.marks():
            return None
        now = self._gate.now()
        if now >= known.until or london_day(now) != known.day:
            return None
        return known.found

    def by_session(self, secret: str) -> Found | None:
        """Find who came in by a session's secret; None where it is not good."""
        if not is_secret(secret):
            return None
        # Read before the rows: what is revoked meanwhile is looked for again.
        marks, now = self._gate.accounts.marks(), self._gate.now()
        if (renewed := self._renewed(key_of(secret), marks, now)) is not None:
            return renewed
        with self._gate.accounts.reading() as tx:
            session = tx.session(key_of(secret))
            person = _usable(tx, session)
        if session is None or person is None or self._is_over(session, now):
            return None
        found = self._as_session(session, person)
        if found is None:
            return None
        if now - session.seen_at >= self._held:
            self._later.add(session.id, _seen(session, now))
        limit = session.created_at + self._gate.limits.absolute
        return self._remembered(session.id, found, marks, now, limit)

    def by_token(self, text: str, address: str) -> Found | None:
        """Find who asks by a token; None where it is not good.

        Args:
            text: of the token.
            address: from where, shortened.
        """
        if not is_token(text):
            return None
        marks, now = self._gate.accounts.marks(), self._gate.now()
        if (renewed := self._renewed(key_of(text), marks, now)) is not None:
            self._note_address(renewed, address, now)
            return renewed
        with self._gate.accounts.reading() as tx:
            token = tx.token(key_of(text))
            person = _usable(tx, token)
        if token is None or person is None or token.expires_at <= now:
            return None
        found = self._found(token, person, Via.TOKEN, rights_of(token))
        if found is None:
            return None
        if token.used_at is None or now - token.used_at >= USED_EVERY:
            self._later.add(token.id, _used(token, now))
        self._note_address(found, address, now)
        return self._remembered(token.id, found, marks, now, token.expires_at)

    def _renewed(self, key: bytes, marks: Marks, now: datetime) -> Found | None:
        """Give who was found lately, where nothing but the log has changed since.

        Its rows need not be read again; whether its party may still act is asked.
        """
        with self._lock:
            known = self._known.get(key)
        if known is None or known.marks.version != marks.version:
            return None
        if now >= known.until or london_day(now) != known.day:
            return None
        visitor, parties = known.found.visitor, self._gate.parties
        party, acting_for = visitor.party, visitor.acting_for
        principal = parties.principal(party, acting_for, known.day)
        if principal is None:
            return None
        found = Found(principal, visitor)
        with self._lock:
            self._known.put(key, known._replace(found=found, marks=marks))
        return found

    def _note_address(self, found: Found, address: str, now: datetime) -> None:
        """Note the first use of a token on a day from a network."""
        key = (found.visitor.key, london_day(now), address)
        with self._lock:
            if self._used.get(key) is not None:
                return
            self._used.put(key, now)
        visitor = found.visitor
        told = Note(
            Event.TOKEN_USED,
            visitor.person,
            visitor.party,
            visitor.acting_for,
            address,
            visitor.key[:8].hex(),
        )
        self._later.add(key, lambda tx: _note(tx, now, told))

    def _is_over(self, session: Session, now: datetime) -> bool:
        limits = self._gate.limits
        return (
            now >= session.created_at + limits.absolute
            or now >= session.seen_at + limits.idle
        )

    def _as_session(self, session: Session, person: Person) -> Found | None:
        via = Via.DEMO if session.way == "demo" else Via.SESSION
        found = self._found(session, person, via)
        if found is None and session.acting_for:  # the appointment has ended
            found = self._found(session._replace(acting_for=0), person, via)
        return found

    def _found(
        self,
        row: Session | Token,
        person: Person,
        via: Via,
        rights: frozenset[Right] | None = None,
    ) -> Found | None:
        parties = self._gate.parties
        principal = parties.principal(row.party, row.acting_for, self._gate.today)
        if principal is None:
            return None
        acting = row.acting_for
        visitor = Visitor(
            person=person.id,
            name=person.email,
            party=row.party,
            party_name=parties.party_name(row.party),
            acting_for=acting,
            acting_name=parties.party_name(acting) if acting else "",
            via=via,
            strong=isinstance(row, Session) and row.strong,
            rights=rights,
            key=row.id,
        )
        return Found(principal, visitor)

    def _remembered(
        self, key: bytes, found: Found, marks: Marks, now: datetime, limit: datetime
    ) -> Found:
        until = min(now + self._held, limit)
        with self._lock:
            self._known.put(key, _Known(found, marks, london_day(now), until))
        return found


def _usable(tx: AccountsReading, row: Session | Token | None) -> Person | None:
    """Give the person of a session or token, if it may still come in as its party."""
    person = tx.person(row.person) if row is not None else None
    if row is None or person is None or person.disabled_at is not None:
        return None
    own = {each.party for each in tx.memberships(person.id)}
    return person if row.party in own else None


def _seen(session: Session, now: datetime) -> Write:
    def write(tx: AccountsWriting) -> None:
        # It may have ended or changed meanwhile.
        if (current := tx.session(session.id)) is not None:
            tx.put(current._replace(seen_at=max(now, current.seen_at)))

    return write


def _used(token: Token, now: datetime) -> Write:
    def write(tx: AccountsWriting) -> None:
        if (current := tx.token(token.id)) is not None:
            tx.put(current._replace(used_at=now))

    return write


def _note(tx: AccountsWriting, now: datetime, told: Note) -> None:
    note(tx, now, told)
