"""A leaf: the public octets of a statement, 191 of them.

Format (final): UTF-8 JSON with exactly these keys in this order and no blanks::

    {"v":1,"at":"2026-11-22T12:00:00.123456Z","body":"<64 hex>","state":"<64 hex>"}

It names no party, no subject and no type.
"""

import re
from binascii import unhexlify
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from firtree.errors import UnavailableError, VerificationError
from firtree.text import FIRST_DAY, LAST_DAY

LEAF_OCTETS = 191
_YEARS = range(FIRST_DAY.year, LAST_DAY.year + 1)

_LEAF = re.compile(
    rb'\{"v":1,"at":"(2[01][0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)"'
    rb',"body":"([0-9a-f]{64})","state":"([0-9a-f]{64})"\}\Z'
)


class Leaf(NamedTuple):
    """What a leaf says.

    Attributes:
        at: when the statement was recorded, to the microsecond; from 2000 to 2199.
        body: hash of its body, 32 octets.
        state: root of the state map after its whole transaction, 32 octets.
    """

    at: datetime
    body: bytes
    state: bytes

    def encode(self) -> bytes:
        """Write the leaf's octets."""
        at = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return leaf_octets(at, self.body, self.state)

    @classmethod
    def parse(cls, octets: bytes) -> "Leaf":
        """Read a leaf strictly.

        Raises:
            VerificationError: the octets are not those of a leaf.
        """
        if (match := _LEAF.match(octets)) is None:
            raise VerificationError("not a leaf of this log's format")
        return cls(_moment(match[1]), unhexlify(match[2]), unhexlify(match[3]))


def check_transaction(leaves: Sequence[Leaf], before: datetime | None) -> None:
    """Check that the leaves of one transaction fit each other, and what was before.

    A checkpoint may be signed for any of them, and *at a moment* is found by their
    times, so all of them name the one state, and a later time.

    Args:
        leaves: of one time; at least one.
        before: time of the transaction before; None = it is the first.

    Raises:
        VerificationError: they name several states, or their time is not later.
    """
    at, _, state = leaves[0]
    if any(leaf.state != state for leaf in leaves):
        raise VerificationError("the leaves of its transaction name several states")
    if before is not None and at <= before:
        raise VerificationError(
            f"its time, {at.isoformat()}, is not later than that of the transaction "
            f"before, {before.isoformat()}"
        )


def check_clock(now: datetime) -> None:
    """Check that leaves can name the time that the keeper's clock says.

    Raises:
        UnavailableError: it is before 2000 or after 2199.
    """
    if now.astimezone(UTC).year not in _YEARS:
        raise UnavailableError(
            f"the clock of this machine says {now:%Y-%m-%d %H:%M}; nothing was "
            "recorded",
            hint="set the clock, then try again",
        )


@lru_cache(maxsize=16)  # leaves of one transaction name one moment
def _moment(octets: bytes) -> datetime:
    try:
        return datetime.fromisoformat(octets.decode())
    except ValueError:
        raise VerificationError("a leaf with a time that does not exist") from None


def leaf_octets(at: str, body: bytes, state: bytes) -> bytes:
    """Join a leaf from its time (26 characters, no zone), body and state."""
    return (
        f'{{"v":1,"at":"{at}Z","body":"{body.hex()}","state":"{state.hex()}"}}'
    ).encode()
