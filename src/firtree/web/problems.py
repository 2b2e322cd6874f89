"""Errors as RFC 9457 problem documents; the only place of the web that translates."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.routes import HTTPRoute

from firtree.errors import (
    ConflictError,
    DoubtfulError,
    FirtreeError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    ThrottledError,
    UnavailableError,
    VerificationError,
)
from firtree.text import shown
from firtree.web.answers import strange_parameters
from firtree.web.pages.error import error_page

PROBLEM = "application/problem+json"

_STATUS: dict[type[FirtreeError], tuple[int, str]] = {
    InvalidInputError: (422, "The request breaks a rule"),
    NotFoundError: (404, "Not found"),
    NotSignedInError: (401, "Not signed in"),
    NotAllowedError: (403, "Not in this way"),
    ThrottledError: (429, "Too much in a short time"),
    ConflictError: (409, "Changed meanwhile"),
    VerificationError: (422, "Not what it claims to be"),
    UnavailableError: (503, "Try again later"),
}
_TITLES = {
    400: "The request cannot be read",
    404: "Not found",
    405: "Not allowed here",
    413: "Too large",
    415: "Not JSON",
    422: "The request breaks a rule",
}
_NOTHING: Mapping[str, str] = {}
_TRY_AGAIN = "try again in a moment"
_LOOK_FIRST = "look whether it is there before you send it again"
_MESSAGES_KEPT = 256
_log = logging.getLogger("firtree.web")


class ProblemError(msgspec.Struct, frozen=True):
    """One place that is wrong."""

    pointer: str
    expected: str
    found: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document (RFC 9457)."""

    title: str
    status: int
    detail: str
    code: str
    hint: str = ""
    errors: tuple[ProblemError, ...] = ()
    type: str = "about:blank"


_FAULT = Problem(
    "A fault in firtree", 500, "something went wrong here; it was noted", "internal"
)


def problem_of(
    error: Exception,
    given: Mapping[str, str] = _NOTHING,
    more: Iterable[ProblemError] = (),
) -> Problem:
    """Describe an error for programs.

    Args:
        error: what was raised.
        given: the parameters of query and path, to be told where one is wrong.
        more: what else is wrong with the query, where the framework found an error.
    """
    if isinstance(error, UnavailableError) and not isinstance(error, ThrottledError):
        # Its hint is for the operator, not for who asks.
        status, title = _STATUS[UnavailableError]
        hint = _LOOK_FIRST if isinstance(error, DoubtfulError) else _TRY_AGAIN
        return Problem(title, status, str(error), error.code, hint)
    if isinstance(error, FirtreeError):
        status, title = _STATUS.get(type(error), (500, "A fault in firtree"))
        errors: tuple[ProblemError, ...] = ()
        if isinstance(error, InvalidInputError):
            errors = tuple(
                ProblemError(p.pointer, p.expected, p.found) for p in error.problems
            )
        return Problem(title, status, str(error), error.code, error.hint, errors)
    if isinstance(error, ValidationException):
        return _invalid(error, given, more)
    if isinstance(error, HTTPException) and error.status_code < 500:
        status = error.status_code
        title = _TITLES.get(status, "The request cannot be answered")
        detail = "there is no such page" if status == 404 else error.detail
        return Problem(title, status, detail or title, f"http-{status}")
    if isinstance(error, RecursionError):  # msgspec reads what is nested so
        return Problem(_TITLES[400], 400, "the body is nested too deep", "http-400")
    return _FAULT


# What Litestar and msgspec say of parameters and bodies, as expected and found.
_SAYINGS = (
    (r"Missing required \w+ parameter '(?P<name>\w+)'", "a value", "nothing"),
    (r"Object missing required field `(?P<name>.+)`", "a value", "nothing"),
    (r"Object contains unknown field `(?P<name>.+)`", "no such field", "one"),
    (r"Expected `(?P<expected>.+)`, got `(?P<found>.+)`", "", ""),
    (r"Expected (?P<expected>.+)", "", "another value"),
    (r"Invalid RFC3339 encoded date", "a date such as 2026-11-22", "another text"),
    (r"'data'", "a JSON object", "nothing"),
)


# Parameters whose name would hide one of Python's own, or is a word of Python's.
_NAMES = {
    "image_hash": "hash",
    "begin": "from",
    "start": "from",
    "end": "to",
    "old": "from",
    "new": "to",
    "form": "format",
    "first": "start",
}


def _invalid(
    error: ValidationException,
    given: Mapping[str, str],
    more: Iterable[ProblemError],
) -> Problem:
    """Describe what Litestar and msgspec found wrong with parameters or body."""
    extra: Any = error.extra
    found = extra if isinstance(extra, list) else [{"message": error.detail}]
    places = [_place(one, given) for one in found if isinstance(one, dict)]
    others = tuple(more)
    named = {one.pointer for one in others}
    errors = (*(one for one in places if one.pointer not in named), *others)
    detail = "; ".join(
        f"{e.pointer}: expected {e.expected}, found {e.found}" for e in errors
    )
    return Problem(_TITLES[422], 422, detail, InvalidInputError.code, errors=errors)


def _others(request: Request[Any, Any, Any]) -> Iterator[ProblemError]:
    """Name what else is wrong with a query: the framework ends at the first fault.

    Parameters that are missing, not known, given twice, or hold a NUL.
    """
    known = _parameters(request)
    for name, is_required in known.items():
        if is_required and name not in request.query_params:
            yield ProblemError(name, "a value", "nothing")
    for one in strange_parameters(request, known):
        yield ProblemError(one.pointer, one.expected, one.found)


def _parameters(request: Request[Any, Any, Any]) -> dict[str, bool]:
    """Give the query parameters that an address has, and whether they must be there."""
    fields = request.route_handler.parsed_fn_signature.parameters
    others = {"request", "desk", "data", *request.path_params}
    return {
        _NAMES.get(name, name): field.is_required
        for name, field in fields.items()
        if name not in others
    }


def _place(told: dict[str, Any], given: Mapping[str, str]) -> ProblemError:
    """Describe one place, as our own errors do: ``devices/0/model``."""
    message, key = str(told.get("message", "")), str(told.get("key", ""))
    key = _NAMES.get(key, key)
    pointer = re.sub(r"\[(\.\.\.|\d+)\]", r"/\1", key.removeprefix("data"))
    pointer = pointer.replace(".", "/")
    for pattern, expected, found in _SAYINGS:
        if match := re.match(pattern, message):
            said = match.groupdict()
            pointer = "/".join(filter(None, (pointer, said.get("name"))))
            value = given.get(key)
            return ProblemError(
                pointer or "body",
                expected or _in_words(said["expected"]),
                shown(value)
                if value is not None
                else found or _in_words(said["found"]),
            )
    return ProblemError(pointer or "request", "another form", shown(message))


_WORDS = {
    "int": "a whole number",
    "str": "a text",
    "object": "an object",
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "date": "a date",
}


def _in_words(told: str) -> str:
    """Say a type's name in words."""
    return re.sub(
        r"\b(int|str|object|array|bool|float|date)\b", _word, told.replace("`", "")
    )


def _word(match: re.Match[str]) -> str:
    return _WORDS[match[0]]


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an error: a page for people, a problem document for programs."""
    more = _others(request) if isinstance(error, ValidationException) else ()
    problem = problem_of(error, {**request.query_params, **_in_path(request)}, more)
    if isinstance(error, VerificationError) and request.method in {"GET", "HEAD"}:
        problem = _FAULT  # nothing was sent: what is kept here is damaged
    _log_error(request, error, problem.status)
    headers = {"Cache-Control": "no-store", **_headers_of(request, error)}
    if problem.status == 401 and _for_people(request):
        return _to_sign_in(request)
    if _for_people(request):
        page = error_page(problem.status, problem.title, problem.detail, problem.hint)
        return Response(
            page.encode(),
            status_code=problem.status,
            media_type=MediaType.HTML,
            headers=headers,
        )
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=PROBLEM,
        headers=headers,
    )


def _in_path(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Give what the path says of its parameters."""
    return {name: str(value) for name, value in request.path_params.items()}


def _log_error(request: Request[Any, Any, Any], error: Exception, status: int) -> None:
    """Log what the operator must know, with the id that the answer carries."""
    if isinstance(error, ThrottledError):
        return
    if isinstance(error, UnavailableError):
        cause = error.__cause__
        _warn(str(error), type(cause).__name__ if cause is not None else "")
    elif status >= 500:
        _log.error(
            "fault in %s %s",
            request.method,
            shown(request.scope.get("path_template") or request.url.path),
            exc_info=error,
            extra={"request": request.scope["state"].get("request_id", "")},
        )


def _headers_of(request: Request[Any, Any, Any], error: Exception) -> dict[str, str]:
    """Give the headers that go with an error: how to come in, how long to wait."""
    if isinstance(error, ThrottledError):
        return {"Retry-After": str(error.wait_s)}
    if isinstance(error, NotSignedInError):
        sent = "authorization" in request.headers
        reason = ', error="invalid_token"' if sent else ""
        return {"WWW-Authenticate": f'Bearer realm="firtree"{reason}'}
    if getattr(error, "status_code", 0) == 405:
        return {"Allow": _allowed(request, error)}
    return {}


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Lead somebody to the sign-in page, and from there back to where it was."""
    where = "/sign-in"
    if request.method in {"GET", "HEAD"}:
        query = request.scope["query_string"].decode("latin-1")
        back = request.url.path + (f"?{query}" if query else "")
        where += f"?next={quote(back, safe='')}" if back != "/" else ""
    headers = {"Cache-Control": "no-store", "Location": where}
    return Response(b"", status_code=303, headers=headers)


@lru_cache(maxsize=_MESSAGES_KEPT)
def _warn(message: str, cause: str) -> None:
    """Log once what is out of reach; of its cause, which may hold secrets, the type."""
    _log.warning("unavailable: %s%s", message, f" ({cause})" if cause else "")


def _allowed(request: Request[Any, Any, Any], error: Exception) -> str:
    """List the methods of a URL; HEAD goes with GET, OPTIONS is not answered."""
    # The router's refusal names the methods; that of the guard has none.
    told = (getattr(error, "headers", None) or {}).get("allow", "")
    methods = {name.strip() for name in told.split(",") if name}
    methods = methods or {
        str(method)
        for route in request.app.routes
        if isinstance(route, HTTPRoute)
        and route.path_format == request.scope.get("path_template")
        for method in route.methods
    }
    methods -= {"OPTIONS"}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _for_people(request: Request[Any, Any, Any]) -> bool:
    path = request.url.path
    machine = ("/api/", "/log/", "/health/", "/openapi")
    return not path.startswith(machine) and "text/html" in request.headers.get(
        "accept", ""
    )
