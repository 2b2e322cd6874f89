"""The public keys of a register's log, for others to trust."""

from datetime import UTC, datetime

from firtree.ledger.notes import Verifier
from firtree.settings import Settings
from firtree.wiring import opened_register
from firtree.wiring.signing import signing_of


def verifiers_of(settings: Settings, now: datetime) -> tuple[Verifier, ...]:
    """Give the keys that sign checkpoints now, the current one first.

    Raises:
        InvalidInputError: there is no register, or its key is another one's.
        UnavailableError: it cannot be reached now.
    """
    with opened_register(settings) as register:
        keys = signing_of(settings, register).keys
    return keys.signing(now.astimezone(UTC).date())
