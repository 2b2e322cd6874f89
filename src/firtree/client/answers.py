"""Answers of a server that is watched: nothing of them is verified yet."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from firtree.errors import (
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    VerificationError,
)
from firtree.library.witnesses.ports import Reply
from firtree.text import counted, shown

ANSWER_OCTETS_MOST = 64 << 20


class Fetch(Protocol):
    """A way to ask the server that is watched."""

    def __call__(
        self, path: str, *, most: int, parameters: Mapping[str, str] | None = None
    ) -> Reply:
        """Ask for a path below the server's address; redirects are not followed.

        Raises:
            UnavailableError: there was no whole answer in time.
            VerificationError: the answer is larger than ``most`` octets.
        """


class WithinTime:
    """Implements ``Fetch``: as another does, for so long in all.

    How much is asked depends on what the server answered before, so without this it
    could keep its reader waiting for days.

    Args:
        fetch: asks the server, each time within a time of its own.
        most_s: how long after it was made something is asked at most, seconds.
        elapsed: gives seconds from some moment on.
    """

    def __init__(
        self, fetch: Fetch, *, most_s: float, elapsed: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._most_s = most_s
        self._elapsed = elapsed
        self._begun = elapsed()

    def __call__(
        self, path: str, *, most: int, parameters: Mapping[str, str] | None = None
    ) -> Reply:
        """Implements ``Fetch``.

        Raises:
            UnavailableError: the time is over, too.
        """
        if self._elapsed() - self._begun > self._most_s:
            minutes = counted(round(self._most_s / 60, 1), "minute")
            raise UnavailableError(
                f"the server took more than {minutes} for all that was asked",
                hint="try again later, or watch fewer things at once",
            )
        return self._fetch(path, most=most, parameters=parameters)


def json_of(
    fetch: Fetch, path: str, kind: type[Any], parameters: Mapping[str, str]
) -> Any:  # noqa: ANN401 - of that kind
    """Ask for JSON of a form.

    Raises:
        NotFoundError: there is none, or it is not the reader's.
        InvalidInputError: the server does not let the reader in.
        UnavailableError: it cannot be reached, or cannot answer now.
        VerificationError: the answer is another one, or of another form.
    """
    body = octets_of(fetch, path, most=ANSWER_OCTETS_MOST, parameters=parameters)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError):
        raise VerificationError(f"{path}: the answer is not of its form") from None


def octets_of(
    fetch: Fetch,
    path: str,
    *,
    most: int,
    parameters: Mapping[str, str] | None = None,
) -> bytes:
    """Ask for octets, ``most`` at the most.

    Raises:
        FirtreeError: as ``json_of`` does.
    """
    reply = fetch(path, most=most, parameters=parameters)
    if reply.status == 200:
        return reply.body
    if reply.status in {429, 502, 503, 504}:
        raise UnavailableError(f"{path}: the server cannot answer now ({reply.status})")
    if reply.status in {401, 403}:
        raise InvalidInputError(
            f"{path}: the server does not let this reader in ({reply.status})",
            hint="give a token that may read entries, and parties if you watch your "
            "own: --token-file FILE",
        )
    first = reply.body[:200].decode(errors="replace")
    told = f"{path}: the server answered {reply.status}: {shown(first)}"
    # What everybody may read is always there; a thing may never have been.
    if reply.status == 404 and path.startswith("/api/"):
        raise NotFoundError(told)
    raise VerificationError(told)
