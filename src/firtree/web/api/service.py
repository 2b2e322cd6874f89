"""The log's checkpoint, the process's health, the API's own description."""

from functools import lru_cache

import msgspec
from litestar import Litestar, Response
from litestar.di import NamedDependency

from firtree.web.answers import AnyRequest, Desk, principal_of


async def get_checkpoint(
    request: AnyRequest, desk: NamedDependency[Desk]
) -> Response[bytes]:
    """Give the newest checkpoint (c2sp.org/tlog-checkpoint).

    Where the register has witnesses: the newest one that enough of them have cosigned.
    """
    checkpoint: str = await desk.quick(desk.served, principal_of(request))
    return Response(
        checkpoint.encode(),
        media_type="text/plain",
        headers={"Cache-Control": "no-cache"},
    )


async def get_live() -> Response[bytes]:
    """Tell that the process answers."""
    return _plain(b"live\n")


async def get_ready(
    request: AnyRequest, desk: NamedDependency[Desk]
) -> Response[bytes]:
    """Tell that the register can be asked."""
    await desk.quick(desk.lookup.log, principal_of(request))
    return _plain(b"ready\n")


def _plain(text: bytes) -> Response[bytes]:
    return Response(
        text,
        media_type="text/plain",
        headers={"Cache-Control": "no-store"},
    )


async def get_openapi(request: AnyRequest) -> Response[bytes]:
    """Give the OpenAPI document of this API."""
    return Response(
        _description(request.app),
        media_type="application/vnd.oai.openapi+json",
        headers={"Cache-Control": "no-cache"},
    )


@lru_cache(maxsize=1)  # writing it takes as long as a hundred answers
def _description(app: Litestar) -> bytes:
    return msgspec.json.encode(app.openapi_schema.to_schema())
