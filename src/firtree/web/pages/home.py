"""The first page: look a device up, or search the entries."""

from typing import Any

from litestar import Request, Response

from firtree.web.answers import Desk, answer


async def get_home(
    request: Request[Any, Any, Any],
    *,
    desk: Desk,
    q: str | None = None,
    at: str | None = None,
) -> Response[bytes]:
    del request, desk, q, at
    return answer(b"<!doctype html><h1>firtree</h1>", '"x"', "text/html; charset=utf-8")
