"""The head of a request: the few fields that decide who asks and from where."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

# The scope of an ASGI connection.
AnyScope: TypeAlias = Mapping[str, Any]


class RequestHead(NamedTuple):
    """Fields of a request's head, as they came; empty where they are absent.

    Attributes:
        hosts: every ``Host`` field; there must be one.
        cookie: all ``Cookie`` fields, joined.
        authorization: ``Authorization``, the last of several.
        forwarded: all ``X-Forwarded-For`` fields, joined.
        fetch_site: ``Sec-Fetch-Site``.
        origin: ``Origin``.
        csrf: ``X-CSRF-Token``.
        agent: ``User-Agent``.
    """

    hosts: tuple[bytes, ...] = ()
    cookie: bytes = b""
    authorization: bytes = b""
    forwarded: bytes = b""
    fetch_site: bytes = b""
    origin: bytes = b""
    csrf: bytes = b""
    agent: bytes = b""

    @property
    def host(self) -> str:
        """Name and port as they were asked for, in lower case."""
        return self.hosts[0].decode("latin-1").lower() if self.hosts else ""

    @property
    def bare_host(self) -> str:
        """The name that was asked for, without its port."""
        bare, colon, port = self.host.rpartition(":")
        return bare if colon and port.isdigit() else self.host


def read_head(headers: Iterable[tuple[bytes, bytes]]) -> RequestHead:
    """Pick the fields out of the headers of an ASGI scope, in one pass."""
    kept: dict[bytes, bytes] = {}
    hosts: tuple[bytes, ...] = ()
    for name, value in headers:
        if name == b"host":
            hosts = (*hosts, value)
        elif name in _JOINED:
            joint = _JOINED[name]
            kept[name] = kept[name] + joint + value if name in kept else value
        elif name in _PLAIN:
            kept[name] = value
    if not kept:
        return RequestHead(hosts)
    get = kept.get
    return RequestHead(
        hosts,
        get(b"cookie", b""),
        get(b"authorization", b""),
        get(b"x-forwarded-for", b""),
        get(b"sec-fetch-site", b""),
        get(b"origin", b""),
        get(b"x-csrf-token", b""),
        get(b"user-agent", b""),
    )


def cookie_of(cookies: bytes, name: str) -> str:
    """Give a cookie's value; empty where there is none, or two that differ."""
    wanted = name.encode() + b"="
    if wanted not in cookies:
        return ""
    found = {
        piece.strip()[len(wanted) :]
        for piece in cookies.split(b";")
        if piece.strip().startswith(wanted)
    }
    return found.pop().decode("latin-1") if len(found) == 1 else ""


_JOINED = {b"cookie": b"; ", b"x-forwarded-for": b", "}
_PLAIN = frozenset(
    {b"authorization", b"sec-fetch-site", b"origin", b"x-csrf-token", b"user-agent"}
)
