"""Slows guessing down without locking anybody out.

Tries are counted by account, by known device and by network.  A browser on which the
person has signed in before keeps a cookie; it has a count of its own, so that a
stranger who uses up the account's count does not keep the owner out (OWASP, "Slow Down
Online Guessing Attacks with Device Cookies").  Passkeys cannot be guessed, so only
their network is counted.

A try is counted before it is judged, so many at once are not judged for one.  What is
refused for that is noted once a minute for what is counted: a row for every try would
let a stranger flood the access log.
"""

import math
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from firtree.errors import ThrottledError
from firtree.library.accounts.access_log import Event, Note, note_for
from firtree.library.accounts.gate import Client
from firtree.library.accounts.ports import AccountsWriting, Person, Tries
from firtree.library.accounts.secret import key_of

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_DEVICE = 10
PER_ADDRESS = 60
NOTED_EVERY = timedelta(minutes=1)


class Counted(NamedTuple):
    """A try that was counted.

    Attributes:
        keys: what it is counted under; to be cleared where it succeeds.
        wait_s: after how many seconds tries are judged again; 0 = this one is.
    """

    keys: tuple[bytes, ...]
    wait_s: int = 0

    def check(self) -> None:
        """Refuse a try that is one too many; after what was noted is committed.

        Raises:
            ThrottledError: it is not judged.
        """
        if self.wait_s:
            raise ThrottledError(
                "too many tries to sign in",
                wait_s=self.wait_s,
                hint="wait a few minutes, or sign in with a passkey",
            )


def counted(
    tx: AccountsWriting,
    now: datetime,
    *,
    email: str,
    person: Person | None,
    client: Client,
) -> Counted:
    """Count a try with a password; its ``check`` says whether it may be judged.

    Args:
        tx: holds the lock.
        now: when.
        email: folded, of nobody perhaps: that must not show.
        person: whom it names, if anybody.
        client: from where.
    """
    keys = {_key("address", client.source): PER_ADDRESS}
    if person is not None and knows_device(tx, person, client):
        keys[_key("device", client.device)] = PER_DEVICE
    else:
        keys[_key("account", email)] = PER_ACCOUNT
    number = person.id if person else 0
    return _count(tx, now, keys, _refused(client, "password", number))


def counted_address(
    tx: AccountsWriting, now: datetime, client: Client, *, way: str
) -> Counted:
    """Count a try by network alone.

    Args:
        tx: holds the lock.
        now: when.
        client: from where.
        way: how it tries to come in, to be noted.
    """
    keys = {_key("address", client.source): PER_ADDRESS}
    return _count(tx, now, keys, _refused(client, way))


def succeeded(tx: AccountsWriting, tries: Counted) -> None:
    """Forget the tries of an account or device; take one off its network's."""
    for place, key in enumerate(tries.keys):
        kept = tx.tries(key)
        if kept is None:
            continue
        if place:
            tx.remove(kept)
        else:  # others may share the network: only this try was none
            tx.put(kept._replace(counted=max(0, kept.counted - 1)))


def knows_device(tx: AccountsWriting, person: Person, client: Client) -> bool:
    """Tell whether a person has signed in on this device before."""
    device = tx.device(key_of(client.device)) if client.device else None
    return device is not None and device.person == person.id


def _count(
    tx: AccountsWriting, now: datetime, most: dict[bytes, int], told: Note
) -> Counted:
    current = {key: _current(tx, now, key) for key in most}
    for key, tries in current.items():
        if tries.counted >= most[key]:
            _note_refused(tx, now, key, told)
            left = tries.since_at + WINDOW - now
            return Counted(tuple(most), math.ceil(left.total_seconds()))
    for tries in current.values():
        tx.put(tries._replace(counted=tries.counted + 1))
    return Counted(tuple(most))


def _note_refused(tx: AccountsWriting, now: datetime, key: bytes, told: Note) -> None:
    """Note a try that is not judged, unless one was within the minute."""
    mark = sha256(b"noted\n" + key).digest()
    last = tx.tries(mark)
    if last is None or not last.since_at <= now < last.since_at + NOTED_EVERY:
        tx.put(Tries(mark, now, 1))
        note_for(tx, now, told, told.person)


def _refused(client: Client, way: str, person: int = 0) -> Note:
    detail = f"{way}, too many tries"
    return Note(Event.SIGN_IN_REFUSED, person, 0, 0, client.address, detail)


def _current(tx: AccountsWriting, now: datetime, key: bytes) -> Tries:
    kept = tx.tries(key)
    if kept is None or not kept.since_at <= now < kept.since_at + WINDOW:
        return Tries(key, now, 0)
    return kept


def _key(kind: str, text: str) -> bytes:
    return sha256(f"{kind}\n{text}".encode()).digest()
