"""Asks servers that are not trusted: bounded in time and in size."""

import asyncio
from collections.abc import Mapping

import httpx

from firtree import __version__
from firtree.errors import UnavailableError, VerificationError
from firtree.library.witnesses.ports import Reply

PATIENCE_S = 10.0


class Bounded:
    """One exchange after the other, each with one deadline for all of it.

    So a server that answers drop by drop is given up like one that does not answer.
    Redirects are not followed, and nothing is unpacked.  Safe to share between
    threads.

    Args:
        patience_s: that deadline, seconds.
        headers: sent with each request.
        transport: in place of the network, for tests; None = the network.
    """

    def __init__(
        self,
        *,
        patience_s: float = PATIENCE_S,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._patience_s = patience_s
        self._transport = transport
        self._headers = {
            "User-Agent": f"firtree/{__version__}",
            "Accept-Encoding": "identity",
            **(headers or {}),
        }

    def exchanged(
        self,
        method: str,
        url: str,
        *,
        most: int,
        body: bytes = b"",
        parameters: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request, and give the answer.

        Args:
            method: of the request.
            url: of the request, without a query.
            most: octets of the answer that are read at most.
            body: as plain text.
            parameters: of the query.

        Raises:
            UnavailableError: there was no whole answer in time.
            VerificationError: the answer is larger than that.
        """
        try:
            return asyncio.run(
                self._exchanged(method, url, most, body, parameters or {})
            )
        except (TimeoutError, httpx.TimeoutException):
            raise UnavailableError(
                f"no whole answer within {self._patience_s:g} seconds"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            told = " ".join(str(error).split())[:160] or type(error).__name__
            raise UnavailableError(f"it cannot be reached: {told}") from None

    async def _exchanged(
        self,
        method: str,
        url: str,
        most: int,
        body: bytes,
        parameters: Mapping[str, str],
    ) -> Reply:
        typed = {"Content-Type": "text/plain; charset=utf-8"} if body else {}
        async with (
            asyncio.timeout(self._patience_s),
            httpx.AsyncClient(
                headers=self._headers,
                timeout=self._patience_s,
                follow_redirects=False,
                transport=self._transport,
            ) as client,
            client.stream(
                method, url, content=body, params=parameters, headers=typed
            ) as response,
        ):
            read = bytearray()
            async for piece in response.aiter_raw():
                read += piece
                if len(read) > most:
                    raise VerificationError(f"its answer is above {most} octets")
            found = response.headers.get("content-type", "")
            media_type = found.partition(";")[0].strip().lower()
            return Reply(response.status_code, media_type, bytes(read))


class HTTPPost:
    """Implements ``Post`` over HTTP.

    Args:
        exchanges: with which bounds.
    """

    def __init__(self, exchanges: Bounded | None = None) -> None:
        self._exchanges = exchanges or Bounded()

    def __call__(self, url: str, body: bytes, *, most: int) -> Reply:
        """Implements ``Post``."""
        return self._exchanges.exchanged("POST", url, most=most, body=body)


class HTTPGet:
    """Implements ``Fetch`` over HTTP, from one server.

    Args:
        address: of the server, without a slash at its end.
        exchanges: with which bounds.
    """

    def __init__(self, address: str, exchanges: Bounded | None = None) -> None:
        self._address = address
        self._exchanges = exchanges or Bounded()

    def __call__(
        self, path: str, *, most: int, parameters: Mapping[str, str] | None = None
    ) -> Reply:
        """Implements ``Fetch``."""
        try:
            return self._exchanges.exchanged(
                "GET", self._address + path, most=most, parameters=parameters
            )
        except UnavailableError as error:
            raise UnavailableError(
                f"{self._address}: {error}",
                hint="check the address, if it stays so; nothing was judged",
            ) from None
