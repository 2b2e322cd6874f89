"""From a row of the table of URLs to what the framework calls."""

from collections.abc import Callable
from typing import Any, TypeAlias

from litestar import Response
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from firtree.errors import FirtreeError
from firtree.web.answers import AnyRequest, Desk
from firtree.web.problems import answer_error
from firtree.web.url import Url

_Answers: TypeAlias = Callable[[AnyRequest, Any], Response[Any]]


def handler_of(url: Url, desk: Desk) -> HTTPRouteHandler:
    """Make the framework's handler of a row of the table of URLs."""
    return HTTPRouteHandler(
        url.path,
        http_method=url.method,
        status_code=200,
        opt={"right": url.right, "costly": url.costly},
        request_max_body_size=url.body_octets,
        responses=url.documented,
        before_request=_plainly(url, desk),
        exception_handlers=_instead(url, desk),
        include_in_schema=url.documented is not None,
    )(url.handler)


def _plainly(url: Url, desk: Desk) -> Callable[[AnyRequest], Any] | None:
    plainly = url.plainly
    if plainly is None:
        return None

    async def before_request(request: AnyRequest) -> Response[bytes] | None:
        return await plainly(request, desk)

    return before_request


def _instead(url: Url, desk: Desk) -> dict[int | type[Exception], _Answers]:
    """Give what answers the guard's refusal of a right, where the row says so."""
    instead = url.instead
    if instead is None:
        return {}

    def answer(request: AnyRequest, error: NotFoundException) -> Response[bytes]:
        try:
            found = instead(request, desk)
        except FirtreeError as fault:
            return answer_error(request, fault)
        return found or answer_error(request, error)

    return {NotFoundException: answer}
