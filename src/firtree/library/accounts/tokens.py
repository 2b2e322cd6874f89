"""API tokens: made, listed and revoked by their owner."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from firtree.access import DECISIONS, Right, scope_of
from firtree.errors import InvalidInputError, NotAllowedError, NotFoundError, Problem
from firtree.library.accounts.access_log import Event, Note, note
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.ports import Token
from firtree.library.accounts.secret import key_of, new_token, short
from firtree.library.accounts.sessions import check_fresh
from firtree.library.accounts.visitor import OPEN_RIGHTS, Via, Visitor
from firtree.text import plain_text, shown

DAYS = 90
DAYS_MOST = 366
TOKENS_MOST = 50
NAME_MOST = 60

# What a token can be given: reading, and nothing that decides.
TOKEN_RIGHTS = tuple(right for right in Right if right not in OPEN_RIGHTS | DECISIONS)


class MadeToken(NamedTuple):
    """A new token: its text, which is not kept, and how it is kept."""

    text: str
    token: Token


def make_token(
    gate: Gate,
    owner: Visitor,
    *,
    name: str,
    rights: Collection[Right],
    days: int = DAYS,
    address: str = "",
) -> MadeToken:
    """Make a token for the party that its owner acts as and for now.

    Args:
        gate: what is needed.
        owner: whose.
        name: as the owner calls it.
        rights: which of the owner's.
        days: for how long it is good, 1 to 366.
        address: from where, shortened.

    Raises:
        InvalidInputError: the name, the rights or the days are not good.
        NotFoundError: the owner does not have one of the rights.
    """
    wanted = _rights(gate, owner, rights)
    if not 1 <= days <= DAYS_MOST:
        raise _wrong("days", f"1 to {DAYS_MOST} days", str(days))
    try:
        called = plain_text(name.strip(), most=NAME_MOST)
    except ValueError as error:
        raise _wrong("name", str(error), shown(name)) from None
    text, now = new_token(gate.entropy), gate.now()
    token = Token(
        key_of(text),
        owner.person,
        owner.party,
        owner.acting_for,
        called,
        ",".join(wanted),
        now,
        now + timedelta(days=days),
    )
    with gate.accounts.writing() as tx:
        if owner.via is not Via.NOBODY:
            check_fresh(tx, gate, owner)
        good = [each for each in tx.tokens(owner.person) if each.expires_at > now]
        if len(good) >= TOKENS_MOST:
            raise InvalidInputError(
                f"an account has {TOKENS_MOST} tokens at most", hint="revoke one"
            )
        tx.put(token)
        note(tx, now, _made(owner, token, address))
    return MadeToken(text, token)


def _made(owner: Visitor, token: Token, address: str) -> Note:
    """Give what is noted of a new token; the owner does not make the keeper's."""
    named = short(token.id)
    if owner.via is Via.NOBODY:
        detail = f"{named} for person {owner.person}"
        return Note(Event.TOKEN_MADE, about=owner.party, address=address, detail=detail)
    who = (owner.person, owner.party, owner.acting_for)
    return Note(Event.TOKEN_MADE, *who, address, named)


def revoke_token(
    gate: Gate, named: str, by: Visitor, *, any_owner: bool = False, address: str = ""
) -> Token:
    """Revoke a token; from then on nobody comes in by it.

    Args:
        gate: what is needed.
        named: as ``secret.short`` names it.
        by: whose it must be.
        any_owner: whether it may be anybody's, for the keeper on its own machine.
        address: from where, shortened.

    Raises:
        NotFoundError: there is none.
    """
    with gate.accounts.writing() as tx:
        tokens = tx.all_tokens() if any_owner else tx.tokens(by.person)
        for token in tokens:
            if short(token.id) == named:
                tx.remove(token)
                tx.revoke()
                told = Note(Event.TOKEN_REVOKED, by.person, by.party, token.party)
                note(tx, gate.now(), told._replace(address=address, detail=named))
                return token
    raise NotFoundError("there is no such token", hint="firtree token list shows them")


def rights_of(token: Token) -> frozenset[Right]:
    """Read the rights of a token; names this version does not know are left out."""
    known = {right.value: right for right in TOKEN_RIGHTS}
    return frozenset(known[name] for name in token.rights.split(",") if name in known)


def _rights(gate: Gate, owner: Visitor, rights: Collection[Right]) -> list[Right]:
    """Check that rights can be given, and are the owner's own."""
    if not rights or not set(rights) <= set(TOKEN_RIGHTS):
        found = ", ".join(right for right in rights if right not in TOKEN_RIGHTS)
        raise _wrong(
            "rights", f"one or more of {', '.join(TOKEN_RIGHTS)}", found or "none"
        )
    principal = gate.parties.principal(owner.party, owner.acting_for, gate.today)
    if principal is None:
        raise NotFoundError("there is no such party, or it may not act today")
    weak = owner.via is not Via.NOBODY and not owner.strong
    if weak and gate.limits.needs_passkey(principal):
        raise NotAllowedError(
            "only somebody who came in by passkey makes tokens here",
            hint="sign in with a passkey",
        )
    for right in rights:
        scope_of(principal, right)
    return sorted(set(rights))


def _wrong(where: str, expected: str, found: str) -> InvalidInputError:
    problem = Problem(where, where, expected, found)
    return InvalidInputError(str(problem), problems=(problem,))
