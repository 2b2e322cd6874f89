"""Files that are the same for everybody: style sheet, icon, the passkeys' script."""

from pathlib import Path
from typing import Any

from litestar import Request, Response
from litestar.params import FromPath

from firtree.errors import NotFoundError
from firtree.web.answers import unchanged
from firtree.web.pages.render import STAMP

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml; charset=utf-8",
}
_FOLDER = Path(__file__).resolve().parents[1] / "static"
_FILES = {
    path.name: (path.read_bytes(), _TYPES[path.suffix])
    for path in _FOLDER.iterdir()
    if path.suffix in _TYPES
}
_ETAG = f'"{STAMP}"'


async def get_static(
    request: Request[Any, Any, Any], name: FromPath[str]
) -> Response[bytes]:
    """Give a file; pages name its version, so that it may be kept for a year."""
    if name not in _FILES:
        raise NotFoundError("there is no such file")
    kept = request.query_params.get("v") == STAMP
    caching = "public, max-age=31536000, immutable" if kept else "no-cache"
    headers = {"ETag": _ETAG, "Cache-Control": caching}
    if unchanged(request, _ETAG):
        return Response(b"", status_code=304, headers=headers)
    content, media_type = _FILES[name]
    return Response(content, media_type=media_type, headers=headers)
