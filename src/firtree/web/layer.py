"""One small ASGI layer around everything: who asks, HEAD, and the fixed headers."""

import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from firtree.access import Principal
from firtree.library.accounts.visitor import NOBODY, Found
from firtree.web import chrome
from firtree.web.entrance import LOCAL_HOSTS, Entrance
from firtree.web.head import AnyScope, RequestHead, read_head

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
_UNUSED = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
_FIXED = (
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # 'no-referrer' would make browsers hide the origin of our own forms from us.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", _UNUSED.encode()),
)
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_MACHINES = ("/api/", "/log/", "/health/", "/export/", "/static/", "/openapi")
_ID_OCTETS = 8
_requests = logging.getLogger("firtree.requests")

# A bare principal is for processes that ask themselves: nobody is signed in.
Authenticate = Callable[[Any], Principal | Found | Awaitable[Found]]


class Layer:
    """Finds who asks, adds the fixed headers, refuses foreign host names.

    HEAD is answered as GET is, without the body.

    A server on this machine only must not answer to another name: a page from
    elsewhere could otherwise reach it through the reader's browser (DNS rebinding).

    Args:
        app: what is within.
        authenticate: finds who asks.
        entrance: where people come in; None = nobody can sign in.
        monotonic: seconds that only grow; each request is then told in the log of the
            process, with the time it took.
    """

    def __init__(
        self,
        app: ASGIApp,
        authenticate: Authenticate,
        *,
        entrance: Entrance | None = None,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._entrance = entrance
        self._monotonic = monotonic
        https = entrance is not None and entrance.address.is_https
        self._hosts = entrance.address.hosts if entrance else LOCAL_HOSTS
        self._fixed = (*_FIXED, _HSTS) if https else _FIXED

    async def __call__(  # noqa: D102 - the protocol of ASGI
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        monotonic = self._monotonic
        begun = monotonic() if monotonic else 0.0
        head = scope["method"] == HttpMethod.HEAD
        # Made here, never taken from outside: it stands in our log.
        request_id = os.urandom(_ID_OCTETS).hex()
        own = (*self._fixed, (b"request-id", request_id.encode()))
        status = 0

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *own]
            elif head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        fields = read_head(scope["headers"])
        if (refusal := self._refusal(fields)) is not None:
            await _refuse(with_headers, *refusal)
            return
        if head:
            scope["method"] = HttpMethod.GET
        state = scope.setdefault("state", {})
        state["head"], state["head_fields"] = head, fields
        state["request_id"] = request_id
        await self._find(scope, request_id)
        await self._app(scope, receive, with_headers)
        if monotonic:
            _tell(scope, status, monotonic() - begun)

    def _refusal(self, fields: RequestHead) -> tuple[int, str, str] | None:
        """Say why a request is not for us; None = it is."""
        if len(fields.hosts) != 1:  # RFC 9112, section 3.2
            return 400, "The request cannot be read", "expected one Host header"
        if fields.bare_host not in self._hosts:
            named = sorted(self._hosts - {"[::1]"})
            told = f"this server answers to {' and '.join(named)} only"
            return 421, "Another host", told
        return None

    async def _find(self, scope: AnyScope, request_id: str) -> None:
        state = scope["state"]
        found = self._authenticate(scope)
        if isinstance(found, Principal):
            found = Found(found, NOBODY)
        elif not isinstance(found, Found):
            found = await found
        state["principal"], state["visitor"] = found
        if not scope["path"].startswith(_MACHINES):
            chrome.enter(self._chrome(scope, found, request_id))

    def _chrome(self, scope: AnyScope, found: Found, request_id: str) -> chrome.Chrome:
        entrance = self._entrance
        if entrance is None:
            return chrome.Chrome(*found, request=request_id)
        held, secret = entrance.holds_back(found), entrance.secret_of(scope)
        return chrome.Chrome(
            *found, secret=secret, offered=True, request=request_id, held=held
        )


def _tell(scope: AnyScope, status: int, seconds: float) -> None:
    """Tell a request in one line: no address, no query, no part that varies."""
    visitor = scope["state"]["visitor"]
    _requests.info(
        "%s %s %d",
        scope["method"],
        scope.get("path_template") or "-",
        status,
        extra={
            "request": scope["state"]["request_id"],
            "person": visitor.person,
            "party": visitor.party,
            "ms": round(seconds * 1000, 1),
        },
    )


async def _refuse(send: Send, status: int, title: str, detail: str) -> None:
    body = (
        f'{{"type":"about:blank","title":"{title}","status":{status},'
        f'"detail":"{detail}","code":"http-{status}"}}'
    ).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
