"""Slows guessing down without locking anybody out.

Tries are counted by account, by known device and by network.  A browser on which the
person has signed in before keeps a cookie; it has a count of its own, so that a
stranger who uses up the account's count does not keep the owner out (OWASP, "Slow Down
Online Guessing Attacks with Device Cookies").  Passkeys cannot be guessed, so only
their network is counted.

A try is counted before it is judged, so many at once are not judged for one.
"""

import math
from datetime import datetime, timedelta
from hashlib import sha256

from firtree.errors import ThrottledError
from firtree.library.accounts.gate import Client
from firtree.library.accounts.ports import AccountsWriting, Person, Tries
from firtree.library.accounts.secret import key_of

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_DEVICE = 10
PER_ADDRESS = 60


def counted(
    tx: AccountsWriting,
    now: datetime,
    *,
    email: str,
    person: Person | None,
    client: Client,
) -> list[bytes]:
    """Count a try with a password.

    Args:
        tx: holds the lock.
        now: when.
        email: folded, of nobody perhaps: that must not show.
        person: whom it names, if anybody.
        client: from where.

    Returns:
        The keys it is counted under; to be cleared where it succeeds.

    Raises:
        ThrottledError: there were too many; this one is not judged.
    """
    keys = {_key("address", client.source): PER_ADDRESS}
    if person is not None and knows_device(tx, person, client):
        keys[_key("device", client.device)] = PER_DEVICE
    else:
        keys[_key("account", email)] = PER_ACCOUNT
    return _count(tx, now, keys)


def counted_address(tx: AccountsWriting, now: datetime, client: Client) -> list[bytes]:
    """Count a try with a passkey or an invitation, by network alone."""
    return _count(tx, now, {_key("address", client.source): PER_ADDRESS})


def succeeded(tx: AccountsWriting, keys: list[bytes]) -> None:
    """Forget the tries of an account or device; take one off its network's."""
    for place, key in enumerate(keys):
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


def _count(tx: AccountsWriting, now: datetime, most: dict[bytes, int]) -> list[bytes]:
    current = {key: _current(tx, now, key) for key in most}
    for key, tries in current.items():
        if tries.counted >= most[key]:
            left = tries.since_at + WINDOW - now
            raise ThrottledError(
                "too many tries to sign in",
                wait_s=math.ceil(left.total_seconds()),
                hint="wait a few minutes, or sign in with a passkey",
            )
    for tries in current.values():
        tx.put(tries._replace(counted=tries.counted + 1))
    return list(most)


def _current(tx: AccountsWriting, now: datetime, key: bytes) -> Tries:
    kept = tx.tries(key)
    if kept is None or not kept.since_at <= now < kept.since_at + WINDOW:
        return Tries(key, now, 0)
    return kept


def _key(kind: str, text: str) -> bytes:
    return sha256(f"{kind}\n{text}".encode()).digest()
