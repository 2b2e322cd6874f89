"""One server, asked over HTTP: bounded in time and size, with one clear line each.

The rules: nothing is sent to another host than the one that was named, redirects
included; no answer is read past its limit, whatever it says of its length or however
it is packed; every failure of network and protocol becomes an error of ours that names
the server.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
import msgspec

from firtree import __version__
from firtree.client.addresses import Address
from firtree.client.problems import refusal
from firtree.client.unpacking import ENCODING, unpacked
from firtree.errors import FirtreeError, UnavailableError, VerificationError
from firtree.text import shown

JSON = "application/json"
# For what is verified by its hash, the media type says nothing.
ANY = "*/*"
CONNECT_S = 10.0
READ_S = 70.0  # longer than a server waits for its log to grow
REDIRECTS_MOST = 3
PROBLEM_OCTETS = 65_536
ANSWER_OCTETS = 16 << 20
# From an answer's first octet to its last; a drip-feed must end some time.
ANSWER_S = 300.0
# How long a server that says when to ask again is waited for, in all.
WAITED_S = 60
_THROTTLED = 429
_SECONDS = re.compile("[0-9]{1,4}")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Answer(NamedTuple):
    """An answer whose body is still to come.

    Attributes:
        headers: names in lower case.
        pieces: the body; reading it may raise what asking may raise.
    """

    headers: Mapping[str, str]
    pieces: Iterator[bytes]


class Connection:
    """Connections to one server.  Not to be shared between threads.

    Args:
        address: of the server.
        token: sent as ``Authorization: Bearer``; empty = none.
        elapsed: gives seconds from some moment on.
        sleep: waits for so many seconds.
        transport: in place of the network, for tests; None = the network.
    """

    def __init__(
        self,
        address: Address,
        *,
        token: str = "",
        elapsed: Callable[[], float],
        sleep: Callable[[float], None],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.address = address
        self._elapsed = elapsed
        self._sleep = sleep
        headers = {
            "User-Agent": f"firtree/{__version__}",
            "Accept-Encoding": ENCODING,
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            follow_redirects=False,
            # A proxy of the environment must never see what stays on this machine.
            trust_env=not address.is_near,
            transport=transport,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def get(
        self,
        path: str,
        *,
        media_type: str,
        most: int = ANSWER_OCTETS,
        parameters: Mapping[str, str] | None = None,
    ) -> bytes:
        """Ask for a body of bounded size.

        Args:
            path: below the server's address, with its slash.
            media_type: that the answer must have; ``*/*`` = any.
            most: octets.
            parameters: of the query.

        Raises:
            FirtreeError: the server refused, as its problem document says.
            UnavailableError: it cannot be reached, or its answer broke off.
            VerificationError: the answer is none of firtree's.
        """
        with self.asked(
            "GET", path, media_type=media_type, most=most, parameters=parameters
        ) as answer:
            return b"".join(answer.pieces)

    def post(self, path: str, value: object, parameters: Mapping[str, str]) -> bytes:
        """Send a value as JSON; give the JSON of the answer."""
        with self.asked(
            "POST",
            path,
            media_type=JSON,
            most=ANSWER_OCTETS,
            parameters=parameters,
            content=msgspec.json.encode(value),
        ) as answer:
            return b"".join(answer.pieces)

    @contextmanager
    def asked(
        self,
        method: str,
        path: str,
        *,
        media_type: str,
        most: int,
        parameters: Mapping[str, str] | None = None,
        content: bytes | None = None,
        longest_s: float = ANSWER_S,
    ) -> Iterator[Answer]:
        """Ask, and read the body piece by piece.

        Raises:
            FirtreeError: as ``get`` does.
        """
        url = httpx.URL(f"{self.address}{path}", params=parameters or None)
        headers = {"Accept": media_type}
        if content is not None:
            headers["Content-Type"] = JSON
        with self._told():
            for _ in range(REDIRECTS_MOST + 1):
                request = self._client.build_request(
                    method, url, headers=headers, content=content
                )
                response = self._answered(request)
                if response.status_code not in _REDIRECTS:
                    break
                response.close()
                url = self._followed(url, response)
            else:
                raise VerificationError(
                    f"{self.address} leads in a circle: more than {REDIRECTS_MOST} "
                    "redirects",
                    hint="check the address",
                )
            try:
                self._check(response, media_type, most)
                pieces = self._pieces(response, most, longest_s)
                yield Answer(response.headers, pieces)
            finally:
                response.close()

    def _answered(self, request: httpx.Request) -> httpx.Response:
        """Send a request; again, where the server says when to."""
        left = WAITED_S
        while True:
            response = self._client.send(request, stream=True)
            told = response.headers.get("retry-after", "")
            wait = int(told) if _SECONDS.fullmatch(told) else left + 1
            if response.status_code != _THROTTLED or wait > left:
                return response
            response.close()
            wait = max(wait, 1)
            left -= wait
            self._sleep(wait)

    def _followed(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        """Give where a redirect leads, if that is the same server."""
        told = response.headers.get("location", "")
        try:
            target = url.join(told)
        except httpx.InvalidURL:
            target = httpx.URL("")
        own = (url.scheme, url.host, url.port)
        if not told or (target.scheme, target.host, target.port) != own:
            raise VerificationError(
                f"{self.address} leads to another place: {shown(told)}; nothing was "
                "sent there",
                hint="if that is where the register is now, name it in --from",
            )
        return target

    def _check(self, response: httpx.Response, media_type: str, most: int) -> None:
        """Check status, type and declared length."""
        found = response.headers.get("content-type", "").partition(";")[0].strip()
        if response.status_code != 200:
            body = b"".join(self._pieces(response, PROBLEM_OCTETS, ANSWER_S))
            raise refusal(str(self.address), response.status_code, found, body)
        if media_type != ANY and found.lower() != media_type:
            raise VerificationError(
                f"{self.address} answers with {shown(found or 'no media type')}, "
                f"expected {media_type}",
                hint="check that the address is that of a firtree server",
            )
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length[:20]) > most:
            raise self._too_large(most)

    def _pieces(
        self, response: httpx.Response, most: int, longest_s: float
    ) -> Iterator[bytes]:
        begun, got = self._elapsed(), 0
        with self._told():
            for piece in self._unpacked(response):
                got += len(piece)
                if got > most:
                    raise self._too_large(most)
                if self._elapsed() - begun > longest_s:
                    raise UnavailableError(
                        f"{self.address} is too slow: no whole answer in "
                        f"{longest_s:.0f} seconds",
                        hint="try again later",
                    )
                if piece:
                    yield piece

    def _unpacked(self, response: httpx.Response) -> Iterator[bytes]:
        """Give the body in pieces of bounded size, unpacked if it came packed."""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding in {"", "identity"}:
            yield from response.iter_raw()
            return
        if encoding != ENCODING:
            raise VerificationError(
                f"{self.address} sends an answer packed as {shown(encoding)}, asked "
                f"for {ENCODING} or none",
                hint="check that the address is that of a firtree server",
            )
        try:
            yield from unpacked(response.iter_raw())
        except ValueError as error:
            raise VerificationError(
                f"{self.address} sends an answer that cannot be unpacked: {error}",
                hint="check that the address is that of a firtree server",
            ) from None

    def _too_large(self, most: int) -> VerificationError:
        return VerificationError(
            f"{self.address} sends more than the {most:,} octets this answer can have",
            hint="check that the address is that of a firtree server",
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what httpx raises into errors of ours; none of them shows a token."""
        try:
            yield
        except FirtreeError:
            raise
        except httpx.TimeoutException:
            raise UnavailableError(
                f"{self.address} does not answer in time", hint="try again later"
            ) from None
        except httpx.ConnectError as error:
            raise UnavailableError(
                f"{self.address} cannot be reached: {_cause(error)}",
                hint="check the address, and that the server runs",
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(
                f"the answer of {self.address} broke off, or is not HTTP: "
                f"{_cause(error)}",
                hint="try again; if it stays so, check the address",
            ) from None


def _cause(error: Exception) -> str:
    """Say in a few words what the network said."""
    return " ".join(str(error).split())[:160] or type(error).__name__


def decoded(octets: bytes, kind: type[Any], server: str) -> Any:  # noqa: ANN401
    """Read JSON of a known shape.

    Raises:
        VerificationError: it has another one.
    """
    try:
        return msgspec.json.decode(octets, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise VerificationError(
            f"{server} sends an answer of another shape: {_cause(error)}",
            hint="this firtree and the server's may be of different versions",
        ) from None
