"""The pathway as a picture: boxes and arrows laid out, for a template to draw."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

BOX_HEIGHT = 112
_GAP_ACROSS, _GAP_DOWN, _EDGE = 44, 36, 2
_WIDE, _NARROW = 200, 272
COLUMNS = 4


class Stop(NamedTuple):
    """One entry on the way, as the picture shows it.

    Attributes:
        over: what it is on the way, such as ``Runs now`` or ``Step 1``.
        version: its firmware version.
        entry: its CPL Entry ID.
        day: when it was released; empty if that is not known.
        mark: what is to be known of it, such as ``May not be skipped``.
        kind: ``start``, ``step``, ``target`` or ``blocked``.
        known: whether the way to it is known.
    """

    over: str
    version: str
    entry: str
    day: str = ""
    mark: str = ""
    kind: str = "step"
    known: bool = True


class Box(NamedTuple):
    """A stop and where it is drawn; points."""

    stop: Stop
    x: int
    y: int
    width: int
    height: int = BOX_HEIGHT


class Arrow(NamedTuple):
    """A line with a head; points, as SVG writes them."""

    line: str
    head: str
    known: bool
    label_x: int
    label_y: int


class Picture(NamedTuple):
    """A drawing of a way; points."""

    form: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def pictures(stops: Sequence[Stop]) -> tuple[Picture, Picture]:
    """Draw a way twice: for a wide page in rows, for a narrow one downwards."""
    return (
        _drawn(stops, form="wide", columns=COLUMNS, width=_WIDE),
        _drawn(stops, form="narrow", columns=1, width=_NARROW),
    )


def _drawn(stops: Sequence[Stop], *, form: str, columns: int, width: int) -> Picture:
    boxes = []
    for place, stop in enumerate(stops):
        row, column = divmod(place, columns)
        x = _EDGE + column * (width + _GAP_ACROSS)
        y = _EDGE + row * (BOX_HEIGHT + _GAP_DOWN)
        boxes.append(Box(stop, x, y, width))
    across = max(box.x for box in boxes) + width
    down = max(box.y for box in boxes) + BOX_HEIGHT
    arrows = tuple(_arrow(before, after) for before, after in pairwise(boxes))
    return Picture(form, across + _EDGE, down + _EDGE, tuple(boxes), arrows)


def _arrow(before: Box, after: Box) -> Arrow:
    known = after.stop.known
    if before.y == after.y:
        start, end = before.x + before.width + 4, after.x - 4
        y = before.y + BOX_HEIGHT // 2
        line = f"M{start} {y}H{end - 8}"
        head = f"M{end} {y}l-10 -6v12z"
        return Arrow(line, head, known, (start + end) // 2 - 4, y - 8)
    start, end = before.y + BOX_HEIGHT + 4, after.y - 4
    x, to = before.x + before.width // 2, after.x + after.width // 2
    bend = f"V{(start + end) // 2}H{to}" if x != to else ""
    line = f"M{x} {start}{bend}V{end - 8}"
    head = f"M{to} {end}l-6 -10h12z"
    return Arrow(line, head, known, to + 12, (start + end) // 2 + 4)
