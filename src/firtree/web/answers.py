"""How an answer leaves: encoded, with its ETag, or as 304."""

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from litestar import Request, Response
from litestar.concurrency import sync_to_thread

from firtree import __version__
from firtree.access import Principal
from firtree.errors import InvalidInputError, Problem
from firtree.exchange.wire import (
    LogWire,
)
from firtree.library.accounts.visitor import Visitor
from firtree.library.history import History
from firtree.library.kept import Kept
from firtree.library.lists import Lists
from firtree.library.lookup import Lookup
from firtree.library.parties import Parties
from firtree.library.quality import Quality
from firtree.library.trail import Trail
from firtree.library.views import View
from firtree.library.ways import Ways
from firtree.text import shown
from firtree.web.entrance import Entrance
from firtree.web.growth import Growth

_JSON = "application/json"
VARY = "Cookie, Authorization, Accept"
ANSWERS_KEPT = 8192

_ENCODER = msgspec.json.Encoder()

AnyRequest = Request[Any, Any, Any]


class Answer(NamedTuple):
    """An encoded answer with its ETag."""

    etag: str
    body: bytes


class Asked(NamedTuple):
    """Who asks, from where they look, the log an answer is given at, and its ETag."""

    principal: Principal
    view: View
    log: LogWire
    etag: str


class Question(NamedTuple):
    """All that an answer to a GET depends on."""

    query: bytes
    principal: Principal
    size: int
    day: date


class Desk:
    """What handlers need: the register to ask, and the answers given lately.

    An answer is a function of the state, the day and who asks; so the same question
    at the same state has the same octets (about 3 kB each are kept).  Meters on one
    version of one model share one answer.

    Args:
        lookup: answers questions.
        parties: of the same register.
        in_threads: whether every question goes to a thread; False for SQLite, whose
            bounded, indexed reads are quicker than the hop.
        entrance: where people come in; None = nobody can sign in.
        served: gives the checkpoint that is shown to others; None = the newest one.

    Attributes:
        served: the same.
    """

    def __init__(
        self,
        lookup: Lookup,
        parties: Parties,
        *,
        in_threads: bool,
        entrance: Entrance | None = None,
        served: Callable[[Principal], str] | None = None,
    ) -> None:
        self.lookup = lookup
        self.parties = parties
        self.entrance = entrance
        self.served = served or (lambda principal: lookup.log(principal).checkpoint)
        self.history = History(lookup.register, now=lookup.now)
        self.growth = Growth(self.history.size)
        self.trail = Trail(lookup.register, parties)
        self.lists = Lists(lookup.register)
        self.ways = Ways(lookup.register)
        self.quality = Quality(lookup.register)
        self._in_threads = in_threads
        self._answers: Kept[Question, Answer] = Kept(ANSWERS_KEPT)
        lookup.when_erased(self.quality.forget)
        lookup.when_erased(self._forget)

    def _forget(self) -> None:
        self._answers = Kept(ANSWERS_KEPT)

    def question(self, request: AnyRequest) -> Question:
        """Give what the answer to a request depends on."""
        return Question(
            request.scope["query_string"],
            principal_of(request),
            self.lookup.newest_size(),
            self.lookup.today(),
        )

    def recall(self, question: Question) -> Answer | None:
        """Give the answer to a question that was answered before."""
        return self._answers.get(question)

    def remember(self, question: Question, found: Answer) -> None:
        """Keep an answer, which must be as of the question's own size and day."""
        self._answers.put(question, found)

    async def asked(
        self,
        request: AnyRequest,
        representation: str,
        at: str = "",
        effective_at: str = "",
    ) -> Asked:
        """Find what every answer to a question depends on.

        Args:
            request: who asks.
            representation: what of, for the ETag.
            at: as it was given; empty = now.
            effective_at: likewise; empty = as recorded.

        Raises:
            InvalidInputError: one of them cannot be read.
        """
        principal = principal_of(request)
        view = await self.quick(self.lookup.view, at, effective_at)
        log = await self.quick(log_wire, self.lookup, principal, view)
        etag = etag_of(principal, view, log, representation)
        return Asked(principal, view, log, etag)

    async def quick(self, ask: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        """Ask something bounded and indexed."""
        if self._in_threads:
            return await sync_to_thread(ask, *args, **named)
        return ask(*args, **named)

    async def slow(self, ask: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        """Ask something that may take long: always in a thread."""
        return await sync_to_thread(ask, *args, **named)


def principal_of(request: AnyRequest) -> Principal:
    """Give who asks, as the layer around the application has found."""
    principal: Principal = request.scope["state"]["principal"]
    return principal


def visitor_of(request: AnyRequest) -> Visitor:
    """Give the person who asks, as the layer around the application has found."""
    visitor: Visitor = request.scope["state"]["visitor"]
    return visitor


def strange_parameters(request: AnyRequest, known: Collection[str]) -> list[Problem]:
    """Name query parameters that mean nothing, stand twice, or hold a NUL."""
    items = list(request.query_params.multi_items())
    given = [name for name, _ in items]
    wrong = [name for name in dict.fromkeys(given) if name not in known]
    twice = [name for name in dict.fromkeys(given) if given.count(name) > 1]
    unfit = [name for name, value in items if "\x00" in value]
    expected = f"one of {', '.join(sorted(known))}" if known else "no parameters"
    problems = [
        Problem("query", name, expected, f"the parameter {shown(name)}")
        for name in wrong
    ]
    problems.extend(Problem(n, n, "a value, given once", "two") for n in twice)
    problems.extend(Problem(n, n, "a text", "a NUL character") for n in unfit)
    return problems


def check_parameters(request: AnyRequest, known: Collection[str]) -> None:
    """Refuse query parameters that mean nothing, stand twice, or hold a NUL.

    Raises:
        InvalidInputError: names each of them.
    """
    problems = strange_parameters(request, known)
    if not problems:
        return
    raise InvalidInputError(
        "; ".join(
            f"{p.where}: expected {p.expected}, found {p.found}" for p in problems
        ),
        problems=tuple(problems),
    )


def log_wire(lookup: Lookup, principal: Principal, view: View) -> LogWire:
    """Give the log an answer is given at."""
    return LogWire(view.size, lookup.log(principal, view.newest).checkpoint)


@lru_cache(maxsize=256)
def etag_of(principal: Principal, view: View, log: LogWire, representation: str) -> str:
    """Give the ETag of an answer: of size, viewer's rights, day, representation."""
    facts = (
        f"{view.size}\n{view.effective_at}\n{view.day}\n{log.checkpoint}\n"
        f"{rights_of(principal)}\n"
        f"{representation}\n{__version__}"
    )
    return f'"{sha256(facts.encode()).hexdigest()[:32]}"'


def rights_of(principal: Principal) -> str:
    """Write all of a principal that an answer may depend on."""
    reached = (principal.makers, principal.viewed_makers, principal.viewed_models)
    return (
        f"{sorted(principal.kinds)} {principal.name!r} {principal.party} "
        f"{[sorted(one) for one in reached]}"
    )


def unchanged(request: AnyRequest, etag: str) -> bool:
    """Tell whether the asker holds this very answer already."""
    held = request.headers.get("if-none-match")
    if held is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in held.split(",")]
    return etag in tags or "*" in tags


def reply(request: AnyRequest, found: Answer) -> Response[bytes]:
    """Send an answer, or say that the asker holds it already."""
    if unchanged(request, found.etag):
        return not_modified(found.etag)
    return answer(found.body, found.etag)


def answer(body: object, etag: str, media_type: str = _JSON) -> Response[bytes]:
    """Send an answer with its ETag."""
    content = body if isinstance(body, bytes) else _ENCODER.encode(body)
    return Response(content, media_type=media_type, headers=_headers(etag))


def encoded(body: object) -> bytes:
    """Write an answer as JSON."""
    return _ENCODER.encode(body)


def not_modified(etag: str) -> Response[bytes]:
    """Say that the asker holds the answer already."""
    return Response(b"", status_code=304, headers=_headers(etag))


def file_headers(etag: str, name: str) -> dict[str, str]:
    """Give the headers of an answer that is to be saved as a file."""
    return {**_headers(etag), "Content-Disposition": f'attachment; filename="{name}"'}


def _headers(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": VARY}
