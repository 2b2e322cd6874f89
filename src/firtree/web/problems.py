"""Errors as RFC 9457 problem documents; the only place of the web that translates."""

import logging
import re
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException

from firtree.errors import (
    ConflictError,
    FirtreeError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    VerificationError,
)
from firtree.web.pages.error import error_page

PROBLEM = "application/problem+json"

_STATUS: dict[type[FirtreeError], tuple[int, str]] = {
    InvalidInputError: (422, "The request breaks a rule"),
    NotFoundError: (404, "Not found"),
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
_log = logging.getLogger("firtree.web")
_MSGSPEC_PATH = re.compile(r"(?P<text>.*?)(?: - at `\$(?P<path>.*)`)?\Z", re.DOTALL)


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


def problem_of(error: Exception) -> Problem:
    """Describe an error for programs."""
    if isinstance(error, FirtreeError):
        status, title = _STATUS.get(type(error), (500, "A fault in firtree"))
        errors: tuple[ProblemError, ...] = ()
        if isinstance(error, InvalidInputError):
            errors = tuple(
                ProblemError(p.pointer, p.expected, p.found) for p in error.problems
            )
        return Problem(title, status, str(error), error.code, error.hint, errors)
    if isinstance(error, ValidationException):
        return _invalid(error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        status = error.status_code
        title = _TITLES.get(status, "The request cannot be answered")
        detail = "there is no such page" if status == 404 else error.detail
        return Problem(title, status, detail or title, f"http-{status}")
    return Problem(
        "A fault in firtree", 500, "something went wrong here; it was noted", "internal"
    )


def _invalid(error: ValidationException) -> Problem:
    """Describe what Litestar and msgspec found wrong with parameters or body."""
    extra: Any = error.extra
    errors = []
    for found in extra if isinstance(extra, list) else [{"message": error.detail}]:
        message = str(found.get("message", "")) if isinstance(found, dict) else ""
        match = _MSGSPEC_PATH.match(message)
        path = (match["path"] or "") if match else ""
        key = str(found.get("key", "")) if isinstance(found, dict) else ""
        pointer = key + re.sub(r"\[(\.\.\.|\d+)\]|\.", r"/\1", path)
        text = (match["text"] if match else message).strip()
        errors.append(ProblemError(pointer or "request", text, "another form"))
    detail = "; ".join(f"{e.pointer}: {e.expected}" for e in errors)
    return Problem(
        _TITLES[422], 422, detail, InvalidInputError.code, errors=tuple(errors)
    )


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an error: a page for people, a problem document for programs."""
    problem = problem_of(error)
    if problem.status >= 500 and not isinstance(error, UnavailableError):
        _log.error("fault in %s %s", request.method, request.url.path, exc_info=error)
    headers = {"Cache-Control": "no-store"}
    if problem.status == 405 and isinstance(error, HTTPException):
        headers |= dict(error.headers or {})
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


def _for_people(request: Request[Any, Any, Any]) -> bool:
    path = request.url.path
    machine = ("/api/", "/log/", "/health/", "/openapi")
    return not path.startswith(machine) and "text/html" in request.headers.get(
        "accept", ""
    )
