"""Problem documents (RFC 9457) of a server, as errors of ours."""

from collections.abc import Callable

import msgspec

from firtree.errors import (
    ConflictError,
    FirtreeError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    Problem,
    UnavailableError,
    VerificationError,
)

PROBLEM = "application/problem+json"
_TEXT_MOST = 500
_PLACES_MOST = 100


class _Place(msgspec.Struct, frozen=True):
    pointer: str = ""
    expected: str = ""
    found: str = ""


class _Problem(msgspec.Struct, frozen=True):
    """What we read of a problem document; everything may be missing."""

    title: str = ""
    detail: str = ""
    code: str = ""
    hint: str = ""
    errors: tuple[_Place, ...] = ()


_BY_CODE: dict[str, Callable[..., FirtreeError]] = {
    NotFoundError.code: NotFoundError,
    ConflictError.code: ConflictError,
    VerificationError.code: VerificationError,
    UnavailableError.code: UnavailableError,
}
_HINTS = {
    NotFoundError.code: "it is not there, or not for you to see",
    ConflictError.code: "ask again, then decide again",
    VerificationError.code: "tell the keeper of the server",
    UnavailableError.code: "try again in a moment",
}
_SIGN_IN = "give a token: in FIRTREE_TOKEN, or in a file with --token-file"


def refusal(server: str, status: int, media_type: str, body: bytes) -> FirtreeError:
    """Make the error of ours that a refusal stands for.

    Args:
        server: its address, which begins the message.
        status: of the answer; not 200.
        media_type: of the body.
        body: of bounded size; anything else than a problem document is not shown.
    """
    told = _read(media_type, body)
    detail = _line(told.detail or told.title) or f"the answer has status {status}"
    message, hint = f"{server}: {detail}", _line(told.hint)
    if status in {401, 403}:
        # The server's own hint for 401 is for programs that speak HTTP.
        own = hint if status == 403 else ""
        kind = NotSignedInError if status == 401 else InvalidInputError
        return kind(message, hint=own or _SIGN_IN)
    if (known := _BY_CODE.get(told.code)) is not None:
        return known(message, hint=hint or _HINTS[told.code])
    if status == 404:
        check = "check that the address is that of a firtree server"
        return NotFoundError(message, hint=hint or check)
    if status in {408, 425, 429} or status >= 500:
        return UnavailableError(message, hint=hint or _HINTS[UnavailableError.code])
    if 400 <= status < 500:
        places = tuple(
            Problem(_line(p.pointer), p.pointer, _line(p.expected), _line(p.found))
            for p in told.errors[:_PLACES_MOST]
        )
        check = "check what was asked for"
        return InvalidInputError(message, hint=hint or check, problems=places)
    return VerificationError(
        message, hint="check that the address is that of a firtree server"
    )


def _read(media_type: str, body: bytes) -> _Problem:
    if media_type.lower() != PROBLEM:
        return _Problem()
    try:
        return msgspec.json.decode(body, type=_Problem)
    except (msgspec.DecodeError, RecursionError):
        return _Problem()


def _line(text: str) -> str:
    """Put a text of a stranger on one line, without control characters."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(plain.split())[:_TEXT_MOST]
