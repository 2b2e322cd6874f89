"""The whole application over a register in a file, asked without a network."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx

from firtree.access import KEEPER, Principal
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.parties import Parties
from firtree.statements.statement import Statement
from firtree.web.app import create_app
from registers import OPENING, SIGNER, Clock, a_recorder, an_sqlite_register

if TYPE_CHECKING:
    from pathlib import Path

    from litestar.types import ASGIApp

    from firtree.library.ports import Register
    from firtree.statements.types import Subject

HOST = "http://127.0.0.1:8000"
# Where a connection says who asks: one application is made for all of them.
_ASKING = "asking"


class Served:
    """A register, its recorder and clock, and the application that serves it."""

    def __init__(self, path: Path, register: Register | None = None) -> None:
        self.clock = Clock()
        self.register = register or an_sqlite_register(path)
        self.recorder = a_recorder(self.register, now=self.clock)
        self.lookup = Lookup(
            self.register, Models(self.register), SIGNER, now=self.clock
        )
        self.parties = Parties(self.register, self.recorder, now=self.clock)
        self.app = self.app_for(KEEPER)
        self.record(OPENING)

    @cached_property
    def _app(self) -> ASGIApp:
        """Make the application, which takes a while, when somebody asks."""
        return create_app(
            self.lookup,
            self.parties,
            authenticate=lambda scope: scope[_ASKING],
            in_threads=False,
            close=lambda: None,
        )

    def app_for(self, principal: Principal) -> ASGIApp:
        """Give the application as one principal meets it."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            asked: Any = {**scope, _ASKING: principal}
            await self._app(asked, receive, send)

        return app

    def record(self, *subjects: Subject) -> int:
        """Record something an hour later; give the size."""
        self.clock.move(3600)
        statements = [Statement(subject=one, by=KEEPER.name) for one in subjects]
        return self.recorder.record(statements, KEEPER).size

    def get(self, url: str, **named: Any) -> httpx.Response:
        """Ask as the keeper."""
        return ask(self.app, "GET", url, **named)

    def post(self, url: str, **named: Any) -> httpx.Response:
        """Send as the keeper."""
        return ask(self.app, "POST", url, **named)

    def close(self) -> None:
        """Let go of the register."""
        self.register.close()


def ask(app: ASGIApp, method: str, url: str, **named: Any) -> httpx.Response:
    """Ask an application one thing."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            return await client.request(method, url, **named)

    return asyncio.run(asked())
