"""Questions to servers of the tests: over plain HTTP, and cheap to ask again.

Each of httpx's own functions reads the certificates of some hundred authorities
first, which takes 30 ms; a test that asks until something is so would do little else.
"""

from __future__ import annotations

import ssl
from functools import partial
from typing import Any

import httpx

# It trusts nobody: no server of the tests speaks TLS.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

client = partial(httpx.Client, verify=NO_TLS)


def request(method: str, url: str, **named: Any) -> httpx.Response:
    """Ask once, over a connection of its own."""
    with client() as asking:
        return asking.request(method, url, **named)


get = partial(request, "GET")
head = partial(request, "HEAD")
post = partial(request, "POST")
