"""Who is signed in, for what stands around every page.

Set by the layer around the application for the length of a request, so that no page
has to hand it on to its template.
"""

import hmac
from contextvars import ContextVar
from hashlib import sha256
from typing import NamedTuple

from firtree.access import PUBLIC, Principal, Right, Scope, scope_of
from firtree.errors import NotFoundError
from firtree.library.accounts.visitor import NOBODY, Visitor

_PURPOSE = b"firtree/csrf/v1"


class Chrome(NamedTuple):
    """What stands around a page.

    Attributes:
        principal: what may be seen.
        visitor: who is signed in.
        secret: of the session's cookie, or of the form's before sign-in; never shown.
        offered: whether one can sign in here at all.
        request: id of the request.
        held: whether nothing may be done without a passkey, and there was none.
    """

    principal: Principal = PUBLIC
    visitor: Visitor = NOBODY
    secret: str = ""
    offered: bool = False
    request: str = ""
    held: bool = False

    @property
    def reads(self) -> bool:
        """Whether what leads to entries is offered; it may lead to sign-in first."""
        if self.held:
            return False
        return not self.offered or not self.visitor.person or self.may("read entries")

    @property
    def csrf(self) -> str:
        """What a form must bring back: a MAC under the secret, which only we know."""
        return csrf_of(self.secret)

    def may(self, right: str) -> bool:
        """Tell whether a right is the visitor's, by its words.

        That it is held for want of a passkey is another matter.
        """
        try:
            scope_of(self.principal, Right(right))
        except NotFoundError:
            return False
        return True

    @property
    def scope(self) -> Scope:
        """What the visitor may see of entries."""
        try:
            return scope_of(self.principal, Right.READ_ENTRIES)
        except NotFoundError:
            return _NOTHING

    @property
    def stamp(self) -> str:
        """Tell apart pages of different sessions; part of a page's ETag."""
        return self.visitor.key.hex()[:16]


_NOTHING = Scope(makers=frozenset(), fir=False, people=False)
_NONE = Chrome()
_current: ContextVar[Chrome] = ContextVar("chrome")


def enter(chrome: Chrome) -> None:
    """Say who is signed in, for the rest of this request."""
    _current.set(chrome)


def current() -> Chrome:
    """Give what stands around the page of this request."""
    return _current.get(_NONE)


def csrf_of(secret: str) -> str:
    """Give the token that forms of a session, or of a browser before sign-in, carry."""
    return hmac.new(secret.encode(), _PURPOSE, sha256).hexdigest() if secret else ""


def is_csrf(given: str, secret: str) -> bool:
    """Compare a form's token in constant time."""
    expected = csrf_of(secret)
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
