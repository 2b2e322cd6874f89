"""One small ASGI layer around everything: who asks, HEAD, and the fixed headers."""

from collections.abc import Callable
from typing import Any

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from firtree.access import Principal

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FIXED = (
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_LOCAL = frozenset({b"127.0.0.1", b"localhost", b"[::1]"})

Authenticate = Callable[[Any], Principal]


class Layer:
    """Finds the principal, adds the fixed headers, refuses foreign host names.

    HEAD is answered as GET is, without the body.

    A server on this machine only must not answer to another name: a page from
    elsewhere could otherwise reach it through the reader's browser (DNS rebinding).

    Args:
        app: what is within.
        authenticate: gives the principal of a connection.
    """

    def __init__(self, app: ASGIApp, authenticate: Authenticate) -> None:
        self._app = app
        self._authenticate = authenticate

    async def __call__(  # noqa: D102 - the protocol of ASGI
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return

        head = scope["method"] == HttpMethod.HEAD

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_FIXED]
            elif head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if _host(scope) not in _LOCAL:
            await _refuse(with_headers)
            return
        if head:
            scope["method"] = HttpMethod.GET
        state = scope.setdefault("state", {})
        state["principal"], state["head"] = self._authenticate(scope), head
        await self._app(scope, receive, with_headers)


def _host(scope: Any) -> bytes:  # noqa: ANN401 - an ASGI scope
    for name, value in scope["headers"]:
        if name == b"host":
            host: bytes = value
            bare, colon, port = host.rpartition(b":")
            return (bare if colon and port.isdigit() else host).lower()
    return b""


async def _refuse(send: Send) -> None:
    body = (
        b'{"type":"about:blank","title":"Another host","status":421,'
        b'"detail":"this server answers to 127.0.0.1 and localhost only",'
        b'"code":"http-421"}'
    )
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
