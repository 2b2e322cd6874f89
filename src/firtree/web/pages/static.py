"""Files that are the same for everybody."""

from typing import Any

from litestar import Request, Response

from firtree.web.answers import answer


async def get_static(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    del request, name
    return answer(b"", '"x"', "text/css")
