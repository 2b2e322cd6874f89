"""``firtree serve`` with one more URL, ``/constant``, that asks the register nothing.

Started as ``python -m benchmarks.constant OCTETS serve …``.  Everything else is what
it is: server, framework, layer, guard, headers.
"""

import sys
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from litestar import Request, Response

from firtree import wiring
from firtree.access import Right
from firtree.cli.main import firtree
from firtree.settings import Settings
from firtree.web.answers import answer, not_modified, unchanged
from firtree.web.app import URLS, Url, create_app
from firtree.wiring.accounts import entrance_of

_ETAG = '"0123456789abcdef0123456789abcdef"'


def application(octets: int, settings: Settings) -> Callable[..., Awaitable[None]]:
    """Make the application of a register, with a constant of that size."""
    # A JSON text, as an assessment is.
    body = b'"' + b"x" * (octets - 2) + b'"'

    async def get_constant(request: Request[Any, Any, Any]) -> Response[bytes]:
        if unchanged(request, _ETAG):
            return not_modified(_ETAG)
        return answer(body, _ETAG)

    stack = ExitStack()
    parts = stack.enter_context(wiring.opened(settings))
    entrance = entrance_of(parts, settings, demo=True)
    stack.callback(entrance.later.close)
    constant = Url("GET", "/constant", get_constant, Right.READ_ENTRIES)
    return create_app(
        parts.lookup,
        parts.parties,
        authenticate=entrance,
        in_threads=False,
        close=stack.close,
        entrance=entrance,
        urls=(*URLS, constant),
    )


if __name__ == "__main__":
    wiring.application = partial(application, int(sys.argv[1]))
    firtree.main(sys.argv[2:])
