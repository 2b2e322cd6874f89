"""What the OpenAPI document says of answers: shapes and every status."""

from typing import Any

from litestar.openapi.datastructures import ResponseSpec

from firtree.web.problems import Problem

_DESCRIPTIONS = {
    304: "Unchanged: the ETag sent is that of this answer",
    400: "The request cannot be read",
    401: "Nobody is signed in, or the token is not good",
    403: "Not by this token, or not from this page",
    404: "Not found, or not yours to see",
    409: "Changed meanwhile",
    413: "Too large",
    415: "The body is not JSON",
    421: "Another host name than this server's",
    422: "The request breaks a rule; `errors` names each place",
    429: "Too much in a short time; `Retry-After` says how long to wait",
    503: "Try again later",
}
# What the layer around every handler may answer.
_ALWAYS = (400, 401, 403, 404, 421)


Documented = dict[int, ResponseSpec]


def json_of(shape: type[Any], *others: int) -> Documented:
    """Document an answer of a shape, and the statuses besides 200."""
    found = {200: ResponseSpec(shape, generate_examples=False)}
    return {**found, **_others(others)}


def text_of(description: str, *others: int) -> Documented:
    """Document an answer of plain text, and the statuses besides 200."""
    found = ResponseSpec(
        str,
        generate_examples=False,
        description=description,
        media_type="text/plain",
    )
    return {200: found, **_others(others)}


def bytes_of(media_type: str, description: str, *others: int) -> Documented:
    """Document an answer that is a file, and the statuses besides 200."""
    found = ResponseSpec(
        bytes,
        generate_examples=False,
        description=description,
        media_type=media_type,
    )
    return {200: found, **_others(others)}


def _others(statuses: tuple[int, ...]) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(
            data_container=None if status == 304 else Problem,
            generate_examples=False,
            description=_DESCRIPTIONS[status],
            media_type="application/problem+json",
        )
        for status in dict.fromkeys((*statuses, *_ALWAYS))
    }
