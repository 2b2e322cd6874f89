"""What every request must pass before its handler: right, way in, form, allowance."""

from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import BaseRouteHandler

from firtree.access import Principal, Right, scope_of
from firtree.errors import NotAllowedError, NotFoundError, NotSignedInError
from firtree.library.accounts.visitor import OPEN_RIGHTS, Found, Via, Visitor
from firtree.parties import PartyKind
from firtree.web.chrome import is_csrf
from firtree.web.entrance import Entrance
from firtree.web.head import RequestHead
from firtree.web.url import Connection, Costly

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Whoever cannot be found out about still gets these.
_ALWAYS = frozenset({Right.READ_HEALTH, Right.READ_STATIC})
_NOBODYS = frozenset({PartyKind.PUBLIC, PartyKind.CPL_READER})
ALWAYS_COSTLY = "*"


class Guard:
    """Lets a request pass to its handler, or says why not.

    Args:
        entrance: where people come in; None = the process asks itself.
    """

    def __init__(self, entrance: Entrance | None) -> None:
        self._entrance = entrance

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Check a request.

        Raises:
            NotSignedInError: nobody is signed in, who would have to be.
            NotFoundException: the party does not have the right; the answer is that of
                an address that is not there.
            NotAllowedError: it has, but not by this way in, or not from this page.
            ThrottledError: it asked for too much.
        """
        right = handler.opt.get("right")
        if not isinstance(right, Right):
            raise MethodNotAllowedException
        entrance = self._entrance
        check_right(connection, entrance, right)
        if entrance is None:
            return
        visitor: Visitor = connection.scope["state"]["visitor"]
        if connection.scope.get("method") not in SAFE and visitor.via is not Via.TOKEN:
            check_origin(connection, entrance)
            if connection.scope["path"].startswith("/api/"):
                check_csrf(connection, entrance, None)
        if _is_costly(connection, handler.opt.get("costly", "")):
            entrance.spend(connection.scope)


def check_right(
    connection: Connection, entrance: Entrance | None, right: Right
) -> None:
    """Check that who asks may use a right, in the way it came in.

    Args:
        connection: of the request.
        entrance: where people come in; None = the process asks itself.
        right: which.

    Raises:
        NotSignedInError: nobody is signed in, who would have to be.
        NotFoundException: the party does not have the right.
        NotAllowedError: it has, but not by this way in.
    """
    state = connection.scope["state"]
    refused = state.get("refused")
    if refused is not None and right not in _ALWAYS:
        raise refused
    _check_granted(state["principal"], right)
    if entrance is not None:
        _check_way_in(connection, entrance, right)


def _check_way_in(connection: Connection, entrance: Entrance, right: Right) -> None:
    """Check that who came in this way may use the party's right."""
    principal: Principal = connection.scope["state"]["principal"]
    visitor: Visitor = connection.scope["state"]["visitor"]
    if not visitor.holds(right):
        entrance.note_refusal(connection.scope, right)
        raise NotAllowedError(
            f"this token may not {right}",
            hint="make one with this right, or sign in: no token decides anything",
        )
    needs = right not in OPEN_RIGHTS and right is not Right.OWN_ACCOUNT
    if needs and entrance.holds_back(Found(principal, visitor)):
        entrance.note_refusal(connection.scope, right)
        raise NotAllowedError(
            "for this you must have signed in with a passkey",
            hint="add one on your account's page, or sign in with yours",
        )


def _check_granted(principal: Principal, right: Right) -> None:
    try:
        scope_of(principal, right)
    except NotFoundError:
        if principal.kinds <= _NOBODYS:
            raise NotSignedInError(
                "sign in to see this",
                hint="programs send a token: Authorization: Bearer firtree_…",
            ) from None
        raise NotFoundException from None


def check_origin(connection: Connection, entrance: Entrance) -> None:
    """Check that what changes something was sent by a page of ours.

    Browsers say so in ``Sec-Fetch-Site`` and ``Origin``; where both are, both must be
    right, and one of them must be there.

    Raises:
        NotAllowedError: it was sent by another page, or by no browser.
    """
    head: RequestHead = connection.scope["state"]["head_fields"]
    own = entrance.site_of(connection.scope).origin.encode("latin-1")
    right_site = head.fetch_site in {b"", b"same-origin"}
    right_origin = head.origin in {b"", own}
    if not right_site or not right_origin or not (head.fetch_site or head.origin):
        raise NotAllowedError(
            "this was not sent from a page of this site",
            hint="open the page here and send it again; programs send a token",
        )


def check_csrf(connection: Connection, entrance: Entrance, given: str | None) -> None:
    """Check that what changes something carries the token of the browser's own page.

    Args:
        connection: of the request.
        entrance: knows what the token is bound to.
        given: the form's field; None = the header ``X-CSRF-Token``.

    Raises:
        NotAllowedError: it does not.
    """
    head: RequestHead = connection.scope["state"]["head_fields"]
    token = head.csrf.decode("latin-1") if given is None else given
    if not is_csrf(token, entrance.secret_of(connection.scope)):
        raise NotAllowedError(
            "this page is too old, or of another session",
            hint="open it again and send it once more",
        )


def _is_costly(connection: Connection, costly: Costly) -> bool:
    """Tell whether a question costs much, as the row of its URL says."""
    if not costly:
        return False
    if callable(costly):
        return costly(connection)
    if costly == ALWAYS_COSTLY:
        return True
    # As the handler will read it: a name can be written as octets too (%71 is q).
    return bool(connection.scope["query_string"]) and (
        costly in connection.query_params
    )
