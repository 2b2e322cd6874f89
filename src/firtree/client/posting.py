"""Sends something to a server that is not trusted: bounded in time and in size."""

import asyncio

import httpx

from firtree import __version__
from firtree.errors import UnavailableError, VerificationError
from firtree.library.witnesses.ports import Reply

PATIENCE_S = 10.0


class HTTPPost:
    """Implements ``Post`` over HTTP.

    The whole exchange has one deadline, so that a server that answers drop by drop
    is given up like one that does not answer.  Redirects are not followed, and
    nothing is unpacked.

    Args:
        patience_s: that deadline, seconds.
        transport: in place of the network, for tests; None = the network.
    """

    def __init__(
        self,
        *,
        patience_s: float = PATIENCE_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._patience_s = patience_s
        self._transport = transport

    def __call__(self, url: str, body: bytes, *, most: int) -> Reply:
        """Implements ``Post``."""
        try:
            return asyncio.run(self._posted(url, body, most))
        except (TimeoutError, httpx.TimeoutException):
            raise UnavailableError(
                f"no whole answer within {self._patience_s:g} seconds"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            told = " ".join(str(error).split())[:160] or type(error).__name__
            raise UnavailableError(f"it cannot be reached: {told}") from None

    async def _posted(self, url: str, body: bytes, most: int) -> Reply:
        headers = {
            "User-Agent": f"firtree/{__version__}",
            "Accept-Encoding": "identity",
            "Content-Type": "text/plain; charset=utf-8",
        }
        async with (
            asyncio.timeout(self._patience_s),
            httpx.AsyncClient(
                headers=headers,
                timeout=self._patience_s,
                follow_redirects=False,
                transport=self._transport,
            ) as client,
            client.stream("POST", url, content=body) as response,
        ):
            read = bytearray()
            async for piece in response.aiter_raw():
                read += piece
                if len(read) > most:
                    raise VerificationError(f"its answer is above {most} octets")
            found = response.headers.get("content-type", "")
            media_type = found.partition(";")[0].strip().lower()
            return Reply(response.status_code, media_type, bytes(read))
