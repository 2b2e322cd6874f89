"""The shapes of pathways: what the versions of one hardware model declare."""

from typing import NamedTuple

from firtree.catalogue.entry import Status


class Card(NamedTuple):
    """What one version declares; other versions are named by their distance.

    Attributes:
        back: distances to the versions it is upgradable from; empty = ``N/A``,
            None = left blank.
        mandatory: whether it may not be skipped.
        line: its release line.
        fate: the status it ends with.
        undoes: distance to the later version from which one may come back; 0 = none.
        safe: distance to a predecessor confirmed as safe; 0 = none.
    """

    back: tuple[int, ...] | None
    mandatory: bool = False
    line: str = ""
    fate: Status = Status.ACTIVE
    undoes: int = 0
    safe: int = 0


_FIRST = Card(())
_NEXT = Card((1,))
_LEAP = Card((1, 2))
_LONG_LEAP = Card((1, 2, 3))
_UNSAID = Card(None)
_PAST_ONE = Card((2,))
_STEP = Card((1,), mandatory=True)
_LONG_TERM = "Long-term"

_STEADY = (_FIRST, _NEXT, _LEAP, _NEXT, _NEXT, _LEAP, _NEXT, _LONG_LEAP)
_MANDATORY = (_FIRST, _NEXT, _STEP, Card((1, 2), safe=2), _NEXT, _STEP, _LEAP, _NEXT)
_TWO_LINES = (
    *(_FIRST, _NEXT, _NEXT, Card((1,), line=_LONG_TERM)),
    *(_PAST_ONE, Card((2,), line=_LONG_TERM)),
    *(_PAST_ONE, Card((2,), line=_LONG_TERM)),
)
_BROKEN_STEP = (
    *(_FIRST, _NEXT, Card((1,), mandatory=True, fate=Status.WITHDRAWN), _NEXT),
    *(_NEXT, _LEAP, _NEXT, _NEXT),
)
_UNDONE = (
    *(_FIRST, _NEXT, Card((1,), undoes=1), Card((1,), fate=Status.WITHDRAWN)),
    *(_LEAP, _NEXT, _NEXT, _LEAP),
)
_CANCELLED = (
    *(_FIRST, _NEXT, Card((1,), fate=Status.CANCELLED), _PAST_ONE),
    *(_NEXT, _LEAP, _NEXT, _NEXT),
)
_LEGACY = (_FIRST, _UNSAID, _NEXT, _UNSAID, _NEXT, _NEXT, _UNSAID, _NEXT)
_FACTORY = (_FIRST, _NEXT, _NEXT, _FIRST, _PAST_ONE, _NEXT, _LEAP, _NEXT)

SHAPES = (
    *(_STEADY, _MANDATORY, _TWO_LINES, _UNDONE, _STEADY, _BROKEN_STEP, _LEGACY),
    *(_MANDATORY, _STEADY, _CANCELLED, _FACTORY),
)


def card(number: int, version: int) -> Card:
    """Give the card of a version; from the eighth on the last four come again."""
    shape = SHAPES[number % len(SHAPES)]
    return shape[version if version < 8 else 4 + version % 4]
