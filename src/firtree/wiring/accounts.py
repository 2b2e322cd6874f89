"""Joins the parts by which people come in."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from firtree.access import CPL_READER, PUBLIC
from firtree.library.accounts import heads
from firtree.library.accounts.doorkeeper import Doorkeeper
from firtree.library.accounts.gate import Gate, Limits
from firtree.library.accounts.later import Later
from firtree.library.accounts.passwords import Passwords
from firtree.library.accounts.settings_noted import note_settings
from firtree.library.demo.parties import DEMO_PEOPLE
from firtree.library.record import Recorded
from firtree.settings import Settings
from firtree.storage.accounts import SQLAccounts
from firtree.storage.sqlite import SQLiteRegister

if TYPE_CHECKING:
    from firtree.web.entrance import Entrance
    from firtree.wiring import Parts

# Settings that touch safety: a change of one is noted in the access log.
SAFETY = (
    "address",
    "proxies",
    "passkey_for",
    "session_idle_min",
    "session_most_h",
    "access_log_days",
    "costly_per_min",
    "public_cpl",
)
LOCAL_ADDRESS = "http://localhost:8000"


def gate_of(parts: "Parts", settings: Settings) -> Gate:
    """Give everything that the use cases of people need."""
    entropy = secrets.token_bytes
    return Gate(
        accounts=SQLAccounts(parts.register),
        parties=parts.parties,
        passwords=Passwords(entropy),
        now=parts.now,
        entropy=entropy,
        limits=Limits(
            idle=timedelta(minutes=settings.session_idle_min),
            absolute=timedelta(hours=settings.session_most_h),
            noted=timedelta(days=settings.access_log_days),
            passkey_for=settings.passkey_for,
        ),
    )


def entrance_of(parts: "Parts", settings: Settings, *, demo: bool) -> "Entrance":
    """Make the entrance of a server.

    Args:
        parts: of the register.
        settings: of the operator.
        demo: whether the register's opening says that it is an example.
    """
    from firtree.web.allowance import Allowance  # noqa: PLC0415 - only serving needs it
    from firtree.web.entrance import Address, DemoPerson, Entrance  # noqa: PLC0415

    gate = gate_of(parts, settings)
    gate.passwords.warm()
    note_settings(gate, {name: str(getattr(settings, name)) for name in SAFETY})
    later = Later(gate.accounts)
    people = DEMO_PEOPLE if demo else ()
    return Entrance(
        gate,
        Doorkeeper(gate, later),
        later,
        allowance=Allowance(settings.costly_per_min, parts.now),
        address=Address(settings.address, settings.proxies),
        demo=tuple(DemoPerson(one.email, one.role) for one in people),
        public=CPL_READER if settings.public_cpl else PUBLIC,
        in_threads=not isinstance(parts.register, SQLiteRegister),
    )


def keep_access_log(parts: "Parts", settings: Settings) -> Recorded | None:
    """Do the access log's daily work; doing it more often does no harm."""
    return heads.keep(gate_of(parts, settings), parts.register, parts.recorder)


def stopwatch(settings: Settings) -> Callable[[], float] | None:
    """Give what requests are timed by, where they are to be told."""
    return monotonic if settings.log_requests else None


def link(settings: Settings, secret: str) -> str:
    """Give the link of an invitation."""
    return f"{settings.address or LOCAL_ADDRESS}/invitation/{secret}"


def link_hint(settings: Settings) -> str:
    """Say how a link fits a server at another place; empty = its place is set."""
    if settings.address:
        return ""
    return (
        "at another port or name the rest of the link is the same; "
        "FIRTREE_ADDRESS=http://localhost:PORT writes it so"
    )
