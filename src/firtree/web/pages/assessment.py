"""The answer for one device, as a page."""

from typing import Any

from litestar import Request, Response

from firtree.web.answers import Desk, answer


async def get_assessment_page(
    request: Request[Any, Any, Any],
    *,
    desk: Desk,
    manufacturer: str = "",
    model: str = "",
    firmware: str = "",
    device_type: str | None = None,
    at: str | None = None,
    effective_at: str | None = None,
) -> Response[bytes]:
    del request, desk, manufacturer, model, firmware, device_type, at, effective_at
    return answer(b"<!doctype html><h1>firtree</h1>", '"x"', "text/html; charset=utf-8")
