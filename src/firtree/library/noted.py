"""What rows of the access log say, in words for people.

The rows themselves stay as they were written: their hashes are made of it.
"""

import re

from firtree.library.accounts.access_log import Event
from firtree.library.accounts.invitations import JOIN, RECOVER
from firtree.library.accounts.ports import Noted

# What ``secret.short`` gives, and after it for whom the keeper made a token.
_NAMED = re.compile(r"[0-9a-f]{16}(?= for person |\Z)")
_LINKS = {JOIN: "a link to come in with", RECOVER: "a link to set a new password"}
_WAYS = {
    "password": "with a password",
    "passkey": "with a passkey",
    "demo": "by one click",
    "invitation": "with an invitation's link",
}
_LINKED = frozenset(
    {Event.INVITED, Event.INVITATION_ACCEPTED, Event.INVITATION_WITHDRAWN}
)
_ENTERED = frozenset({Event.SIGNED_IN, Event.SIGN_IN_REFUSED})
_OF_TOKENS = frozenset({Event.TOKEN_USED, Event.TOKEN_MADE, Event.TOKEN_REVOKED})
_OF_PASSKEYS = frozenset({Event.PASSKEY_ADDED, Event.PASSKEY_REMOVED})


def detail_told(row: Noted) -> str:
    """Say what a row is about; as it is stored where that is in words already."""
    detail = row.detail
    first, comma, more = detail.partition(", ")
    if row.event in _LINKED:
        return f"{_LINKS.get(first, first)}{comma}{more}"
    if row.event in _ENTERED:
        return f"{_WAYS.get(first, first)}{comma}{more}"
    if row.event in _OF_TOKENS and _NAMED.match(detail):
        return f"token {detail}"
    if row.event in _OF_PASSKEYS and _NAMED.match(detail):
        return f"passkey {detail}"
    return detail
