"""One entry of the register, as a page."""

from typing import Any

from litestar import Request, Response

from firtree.web.answers import Desk, answer


async def get_entry_page(
    request: Request[Any, Any, Any],
    *,
    desk: Desk,
    entry_id: int,
    at: str | None = None,
    effective_at: str | None = None,
) -> Response[bytes]:
    del request, desk, entry_id, at, effective_at
    return answer(b"<!doctype html><h1>firtree</h1>", '"x"', "text/html; charset=utf-8")
