"""The access log: who came in, who was refused, what was taken, in a chain of hashes.

A row names people and parties by number and never by e-mail, and the network of an
address instead of the address: enough to recognise an odd one, too little to follow a
person (a hashed IPv4 address would be found by trying all of them).

    hash = SHA-256("firtree/access/v1" LF ‖ previous ‖ row)
    row  = canonical JSON [number, at, event, person, party, about, address, detail]

Old rows are removed after a time; each row holds the hash before it, so the rest stays
checkable from its oldest row on, and against the heads recorded in the log.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

import msgspec

from firtree.access import Principal, Right, scope_of
from firtree.errors import VerificationError
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.ports import AccountsReading, AccountsWriting, Noted
from firtree.library.accounts.visitor import Visitor
from firtree.text import microseconds, moment_of

_NAMED = b"firtree/access/v1\n"
_FIRST = bytes(32)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = microseconds(datetime.max.replace(tzinfo=UTC))
DETAIL_MOST = 200
PAGE_MOST = 200


class Event(StrEnum):
    """What is noted."""

    SIGNED_IN = "signed in"
    SIGN_IN_REFUSED = "sign-in refused"
    SIGNED_OUT = "signed out"
    ACTED_FOR = "chose whom to act for"
    REFUSED = "request refused"
    TOKEN_USED = "token used"  # noqa: S105 - a word
    DOWNLOADED = "downloaded"
    INVITED = "invited"
    INVITATION_WITHDRAWN = "invitation withdrawn"
    INVITATION_ACCEPTED = "invitation accepted"
    ACCOUNT_DISABLED = "account disabled"
    ACCOUNT_ENABLED = "account enabled"
    MEMBERSHIP_ENDED = "membership ended"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a word
    PASSKEY_ADDED = "passkey added"
    PASSKEY_REMOVED = "passkey removed"
    PARTY_CHANGED = "party changed"
    SETTING_CHANGED = "setting changed"
    TOKEN_MADE = "token made"  # noqa: S105 - a word
    TOKEN_REVOKED = "token revoked"  # noqa: S105 - a word


class Note(NamedTuple):
    """What is to be noted; fields as in ``Noted``."""

    event: Event
    person: int = 0
    party: int = 0
    about: int = 0
    address: str = ""
    detail: str = ""


class Page(NamedTuple):
    """Rows of the access log, newest first.

    Attributes:
        rows: the rows; a party's own have number 0 and no hashes.
        before: what to go on before, microseconds since 1970; None = there are no more.
    """

    rows: list[Noted]
    before: int | None


class LogHead(NamedTuple):
    """The newest row of the access log: its number and hash; zeros where empty."""

    number: int = 0
    hash: bytes = _FIRST


def note(tx: AccountsWriting, at: datetime, what: Note) -> Noted:
    """Add a row, under the lock that the transaction holds."""
    last = tx.last_noted()
    number, previous = (last.number, last.hash) if last else (0, _FIRST)
    if last is not None:
        at = max(at, last.at + _MICROSECOND)
    detail = "".join(c for c in what.detail if c.isprintable())[:DETAIL_MOST]
    bare = Noted(number + 1, at, *what._replace(detail=detail), previous, _FIRST)
    row = bare._replace(event=what.event.value, hash=row_hash(bare))
    tx.put(row)
    return row


def note_for(tx: AccountsWriting, at: datetime, what: Note, person: int) -> None:
    """Note what concerns a person: each of its parties is told."""
    parties = [each.party for each in tx.memberships(person)]
    for party in parties or [0]:
        note(tx, at, what._replace(about=party))


def row_hash(row: Noted) -> bytes:
    """Work out the hash of a row from the one before and what it says."""
    at = row.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    said = (row.number, at, str(row.event), *row[3:8])
    return sha256(_NAMED + row.previous + msgspec.json.encode(said)).digest()


def head(tx: AccountsReading) -> LogHead:
    """Give the head of the chain, to be recorded as a statement."""
    last = tx.last_noted()
    return LogHead(last.number, last.hash) if last else LogHead()


def verify_chain(rows: Iterable[Noted], heads: Mapping[int, bytes]) -> None:
    """Check that no kept row was changed, added or removed.

    Args:
        rows: all that are kept, oldest first.
        heads: hashes by number of row, as they were recorded; older ones than the
            oldest kept row say nothing.

    Raises:
        VerificationError: names the first row that is not as it was written.
    """
    before: Noted | None = None
    for row in rows:
        if row.hash != row_hash(row):
            raise VerificationError(f"row {row.number} of the access log was changed")
        if before and (row.number, row.previous) != (before.number + 1, before.hash):
            raise VerificationError(
                f"row {row.number} of the access log does not follow row "
                f"{before.number}"
            )
        if heads.get(row.number, row.hash) != row.hash:
            raise VerificationError(
                f"row {row.number} of the access log is not the one that was recorded"
            )
        before = row
    newest = before.number if before else 0
    if lost := [number for number in heads if number > newest]:
        raise VerificationError(
            f"the access log ends at row {newest}, but row {min(lost)} was recorded"
        )


def rows_of(
    gate: Gate,
    principal: Principal,
    visitor: Visitor,
    *,
    before: int | None = None,
    limit: int = PAGE_MOST,
) -> Page:
    """Give rows, newest first: all to administrators, to a party what concerns it.

    A party is not given what runs through the rows of all: their numbers, which would
    tell how much others do, and hashes, by which it could try out what they did.

    Args:
        gate: where they are kept.
        principal: who asks; needs the right to.
        visitor: as which party.
        before: only rows written before that, microseconds since 1970; None = all.
        limit: how many at most.
    """
    scope = scope_of(principal, Right.READ_ACCESS_LOG)
    party = 0 if scope.parties else visitor.party
    if not scope.parties and not party:
        return Page([], None)
    moment = moment_of(min(before, _LATEST)) if before else None
    with gate.accounts.reading() as tx:
        rows = tx.noted(before=moment, party=party, limit=limit + 1)
    following = microseconds(rows[limit - 1].at) if len(rows) > limit else None
    shown = rows[:limit]
    return Page(shown if scope.parties else list(map(_alone, shown)), following)


def _alone(row: Noted) -> Noted:
    """Give a row without its place in the chain."""
    return row._replace(number=0, previous=b"", hash=b"")


def forget(gate: Gate) -> int:
    """Remove rows that are older than they are kept; tell how many."""
    with gate.accounts.writing() as tx:
        return tx.forget_noted(gate.now() - gate.limits.noted)


def shortened(address: str) -> str:
    """Give the network of an address: /24 of IPv4, /48 of IPv6; empty for none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    width = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network((found, width), strict=False))
