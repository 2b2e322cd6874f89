"""The witness's three addresses over HTTP, as a plain ASGI application.

==== ================================ ==========================================
POST ``/add-checkpoint``              cosign a checkpoint
GET  ``/<origin hash>/checkpoint``    the checkpoint cosigned last of a log
GET  ``/health``                      the process answers
==== ================================ ==========================================
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from firtree.errors import FirtreeError
from firtree.ledger.submissions import ADD_CHECKPOINT
from firtree.witness.judging import TEXT, RefusedError
from firtree.witness.witness import BODY_OCTETS_MOST, Witness

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# How many requests are worked on at once; further ones are asked to come back.
AT_ONCE_MOST = 64
BODY_WAIT_S = 10.0

_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint\Z")
_log = logging.getLogger("firtree.witness")


class _Answer(NamedTuple):
    """What is sent back."""

    status: int
    body: str
    media_type: str = TEXT
    allow: str = ""


class WitnessApp:
    """Serves one witness.

    Args:
        witness: what cosigns.
        body_wait_s: how long a body may take to arrive, seconds.
    """

    def __init__(self, witness: Witness, *, body_wait_s: float = BODY_WAIT_S) -> None:
        self._witness = witness
        self._body_wait_s = body_wait_s
        self._working = 0

    async def __call__(  # noqa: D102 - the protocol of ASGI
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != "http":
            return
        if self._working >= AT_ONCE_MOST:
            await _send(send, _Answer(503, "too many requests at once; try again\n"))
            return
        self._working += 1
        try:
            answer = await self._answered(scope, receive)
        finally:
            self._working -= 1
        await _send(send, answer, bodiless=scope["method"] == "HEAD")

    async def _answered(self, scope: Scope, receive: Receive) -> _Answer:
        try:
            return await self._routed(scope["method"], scope["path"], receive)
        except RefusedError as refused:
            return _Answer(refused.status, refused.body, refused.media_type)
        except FirtreeError as error:
            _log.warning("unavailable: %s", error)
            return _Answer(503, "this witness cannot work now; try again\n")
        except Exception:  # noqa: BLE001 - the top of the service; nothing of it is told
            _log.exception("fault in %s %r", scope["method"], scope["path"])
            return _Answer(500, "a fault in this witness; it was noted\n")

    async def _routed(self, method: str, path: str, receive: Receive) -> _Answer:
        reads = method in {"GET", "HEAD"}
        if path == f"/{ADD_CHECKPOINT}":
            if method != "POST":
                return _not_allowed("POST")
            body = await self._body(receive)
            return _Answer(
                200, await asyncio.to_thread(self._witness.add_checkpoint, body)
            )
        if (match := _CHECKPOINT.match(path)) is not None:
            if not reads:
                return _not_allowed("GET, HEAD")
            return _Answer(
                200, await asyncio.to_thread(self._witness.checkpoint, match[1])
            )
        if path == "/health":
            return _Answer(200, "live\n") if reads else _not_allowed("GET, HEAD")
        return _Answer(404, "there is nothing at this address\n")

    async def _body(self, receive: Receive) -> bytes:
        """Read a body within bounds of size and time.

        Raises:
            RefusedError: 413 too large, 408 too slow, 400 cut short.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_wait_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise RefusedError(400, "the body was cut short")
                    body += message.get("body", b"")
                    if len(body) > BODY_OCTETS_MOST:
                        told = f"a body above {BODY_OCTETS_MOST} octets"
                        raise RefusedError(413, told)
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise RefusedError(408, "the body took too long") from None


def _not_allowed(methods: str) -> _Answer:
    return _Answer(405, f"only {methods} is answered here\n", allow=methods)


async def _send(send: Send, answer: _Answer, *, bodiless: bool = False) -> None:
    body = answer.body.encode()
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if answer.allow:
        headers.append((b"allow", answer.allow.encode()))
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": headers}
    )
    await send({"type": "http.response.body", "body": b"" if bodiless else body})
