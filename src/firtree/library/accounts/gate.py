"""What all use cases of people need, in one value."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from firtree.access import Principal
from firtree.library.accounts.passwords import Passwords
from firtree.library.accounts.ports import Accounts, Parties
from firtree.library.accounts.secret import Entropy
from firtree.parties import PartyKind
from firtree.text import london_day


class Limits(NamedTuple):
    """How long things are good.

    Attributes:
        idle: a session ends when it was not used for this long.
        absolute: a session ends this long after sign-in, used or not.
        invitation: a link to join can be accepted for this long.
        recovery: a link to begin anew can be accepted for this long.
        challenge: a passkey can answer for this long.
        noted: rows of the access log are kept for this long.
        passkey_for: who may do nothing without a passkey but add one:
            ``administrators``, ``everybody`` or ``nobody``.
        fresh: what signing in depends on can be changed for this long after sign-in.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    invitation: timedelta = timedelta(hours=72)
    recovery: timedelta = timedelta(hours=24)
    challenge: timedelta = timedelta(minutes=5)
    noted: timedelta = timedelta(days=731)
    passkey_for: str = "administrators"
    fresh: timedelta = timedelta(minutes=10)

    def needs_passkey(self, principal: Principal) -> bool:
        """Tell whether a party's people may do nothing without a passkey."""
        if self.passkey_for == "administrators":
            return PartyKind.ADMINISTRATOR in principal.kinds
        return self.passkey_for == "everybody"


class Gate(NamedTuple):
    """Where people are kept, and everything passed in.

    Attributes:
        accounts: where people are kept.
        parties: who the parties are.
        passwords: hashes and compares them.
        now: the clock.
        entropy: gives that many random octets.
        limits: how long things are good.
    """

    accounts: Accounts
    parties: Parties
    passwords: Passwords
    now: Callable[[], datetime]
    entropy: Entropy
    limits: Limits = Limits()

    @property
    def today(self) -> date:
        """The day in London."""
        return london_day(self.now())


class Client(NamedTuple):
    """From where somebody asks.

    Attributes:
        address: shortened (``access_log.shortened``); it may be kept.
        source: the whole address of IPv4, the /64 of IPv6; it is only counted by.
        agent: browser and system in a few words.
        device: secret of the device's cookie; empty = it has none.
        session: secret of the session's cookie that sign-in replaces; empty = none.
    """

    address: str = ""
    source: str = ""
    agent: str = ""
    device: str = ""
    session: str = ""
