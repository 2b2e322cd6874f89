"""Slows guessing down without locking anybody out.

Tries with a password are counted by account and network, unless they come from a known
device: a browser on which the person has signed in before keeps a cookie, and has a
count of its own, so that a stranger who uses up the account's or the network's does not
keep the owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
Whoever is signed in and changes the password is counted by person.  Passkeys cannot be
guessed: how many are asked for by a network is bounded far higher, against floods.

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
from firtree.text import counted

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_DEVICE = 10
PER_PERSON = 10
PER_ADDRESS = 60
PASSKEYS_PER_ADDRESS = 600
NOTED_EVERY = timedelta(minutes=1)
_OR_PASSKEY = ", or sign in with a passkey if you have one"


class Limit(NamedTuple):
    """How many tries are judged in a window.

    Attributes:
        key: what they are counted under.
        most: how many.
        told: what is said of one too many.
        shared: whether others may be counted there too: success takes one off, and does
            not clear it.
    """

    key: bytes
    most: int
    told: str
    shared: bool = False


class Counted(NamedTuple):
    """A try that was counted.

    Attributes:
        limits: those it counts against.
        refusal: why it is not judged; None = it is.
    """

    limits: tuple[Limit, ...] = ()
    refusal: ThrottledError | None = None

    def check(self) -> None:
        """Refuse a try that is one too many; after what was noted is committed.

        Raises:
            ThrottledError: it is not judged.
        """
        if self.refusal is not None:
            raise self.refusal


def password_tried(
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
    told = "too many tries to sign in"
    limits: tuple[Limit, ...]
    if person is not None and knows_device(tx, person, client):
        key = _key("device", client.device)
        limits = (Limit(key, PER_DEVICE, f"{told} with this browser"),)
    else:
        key = _key("account", email)
        limits = (
            _network(client, f"{told} from this network"),
            Limit(key, PER_ACCOUNT, f"{told} with this e-mail"),
        )
    number = person.id if person else 0
    noted = _refused(client, "password", number)
    return _count(tx, now, limits, noted, instead=_OR_PASSKEY)


def change_tried(
    tx: AccountsWriting, now: datetime, person: int, client: Client
) -> Counted:
    """Count a try of somebody who is signed in to change the password."""
    told = "too many tries to change the password"
    limits = (Limit(_key("person", str(person)), PER_PERSON, told),)
    return _count(tx, now, limits, _refused(client, "password", person))


def link_tried(tx: AccountsWriting, now: datetime, client: Client) -> Counted:
    """Count an e-mail tried with an invitation's link, with the network's passwords."""
    limits = (_network(client, "too many tries from this network"),)
    return _count(tx, now, limits, _refused(client, "invitation"))


def passkey_asked(tx: AccountsWriting, now: datetime, client: Client) -> Counted:
    """Count a question for a passkey."""
    limits = (_passkeys(client),)
    return _count(tx, now, limits, _refused(client, "passkey"))


def passkey_used(tx: AccountsWriting, client: Client) -> None:
    """Take a passkey that came in off what was asked for from its network."""
    succeeded(tx, Counted((_passkeys(client),)))


def note_passkey_refused(
    tx: AccountsWriting, now: datetime, client: Client, told: Note
) -> None:
    """Note a passkey that was refused; where a network has many, once a minute.

    Args:
        tx: holds the lock.
        now: when.
        client: from where.
        told: what is noted of it.
    """
    limit = Limit(_key("refused passkeys", client.source), PER_ADDRESS, "")
    if _count(tx, now, (limit,), _refused(client, "passkey")).refusal is None:
        note_for(tx, now, told, told.person)


def succeeded(tx: AccountsWriting, tries: Counted) -> None:
    """Forget the tries of an account, device or person; take one off its network's."""
    for limit in tries.limits:
        kept = tx.tries(limit.key)
        if kept is None:
            continue
        if limit.shared:  # others may share the network: only this try was none
            tx.put(kept._replace(counted=max(0, kept.counted - 1)))
        else:
            tx.remove(kept)


def knows_device(tx: AccountsWriting, person: Person, client: Client) -> bool:
    """Tell whether a person has signed in on this device before."""
    device = tx.device(key_of(client.device)) if client.device else None
    return device is not None and device.person == person.id


def _network(client: Client, told: str) -> Limit:
    return Limit(_key("address", client.source), PER_ADDRESS, told, shared=True)


def _passkeys(client: Client) -> Limit:
    told = "too many passkeys were asked for from this network"
    key = _key("passkeys", client.source)
    return Limit(key, PASSKEYS_PER_ADDRESS, told, shared=True)


def _count(
    tx: AccountsWriting,
    now: datetime,
    limits: tuple[Limit, ...],
    noted: Note,
    *,
    instead: str = "",
) -> Counted:
    """Count a try against its limits, or note that it is one too many."""
    current = [_current(tx, now, limit.key) for limit in limits]
    for limit, tries in zip(limits, current, strict=True):
        if tries.counted >= limit.most:
            _note_refused(tx, now, limit.key, noted)
            left = tries.since_at + WINDOW - now
            return Counted(limits, _refusal(limit.told, left, instead))
    for tries in current:
        tx.put(tries._replace(counted=tries.counted + 1))
    return Counted(limits)


def _refusal(told: str, left: timedelta, instead: str) -> ThrottledError:
    wait_s = math.ceil(left.total_seconds())
    wait = counted(math.ceil(wait_s / 60), "minute")
    return ThrottledError(told, wait_s=wait_s, hint=f"wait {wait}{instead}")


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
