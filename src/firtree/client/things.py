"""What a reader wants to be told of: entries, hardware models, makers."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, Problem
from firtree.text import shown

THINGS_OCTETS_MOST = 1 << 20
_FORMS = {
    "entry": re.compile(r"[1-9][0-9]{0,15}\Z"),
    "model": re.compile(r"[^/\s]{1,30}/[^\s]{1,40}\Z"),
    "maker": re.compile(r"[^/\s]{1,30}\Z"),
}
_EXPECTED = "entry <id>, model <manufacturer>/<model>, maker <code> or #"

_Items = list[tuple[int, int, str]]
# What was proven of things: items by list, lists by thing; as it is kept in a file.
Known = dict[str, _Items]
_NAMES = {"entry": "number", "model": "maker and model", "maker": "code"}


class Thing(NamedTuple):
    """Something in the register.

    Attributes:
        kind: ``entry``, ``model`` or ``maker``.
        name: a CPL Entry ID; DeviceManufacturer/DeviceModel; a manufacturer code.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        """Write it as it stands in a file."""
        return f"{self.kind} {self.name}"

    @property
    def key(self) -> ModelKey:
        """The hardware model, where it is one."""
        manufacturer, _, model = self.name.partition("/")
        return ModelKey(manufacturer, model)

    @classmethod
    def parse(cls, text: str) -> "Thing":
        """Read a thing; manufacturers and models may be in either case.

        Raises:
            ValueError: another form.
        """
        kind, _, name = text.strip().partition(" ")
        form = _FORMS.get(kind)
        if form is None or not form.match(name.strip()):
            raise ValueError(_EXPECTED)
        return cls(kind, name.strip().upper())


def read_things(octets: bytes) -> tuple[Thing, ...]:
    """Read a file with one thing on each line; empty lines and ``#`` are passed over.

    Raises:
        InvalidInputError: with every line that is wrong.
    """
    found: list[Thing] = []
    problems: list[Problem] = []
    for number, line in enumerate(octets.decode(errors="replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            found.append(Thing.parse(line))
        except ValueError as error:
            where = f"line {number}"
            problems.append(Problem(where, where, str(error), shown(line)))
    if problems:
        raise InvalidInputError(
            "the file of things to watch cannot be used", problems=tuple(problems)
        )
    return tuple(dict.fromkeys(found))


def was_seen(before: Mapping[str, _Items], thing: Thing) -> bool:
    """Tell whether a thing was proven before, itself or in the list of its model."""
    if thing.kind != "entry" or str(thing) in before:
        return str(thing) in before
    return any(
        member == int(thing.name)
        for name, items in before.items()
        if name.startswith("model ")
        for member, _, _ in items
    )


def not_shown(thing: Thing) -> str:
    """Say that a thing which was never seen is not there, or not the reader's."""
    return (
        f"{thing}: not shown to you, or there is none; check the "
        f"{_NAMES[thing.kind]} and the token"
    )


def changes_between(
    before: Mapping[str, _Items] | None, after: Mapping[str, _Items]
) -> tuple[list[str], list[str]]:
    """Say what became of things since last time.

    Args:
        before: items by thing; None = this is the first time.
        after: likewise.

    Returns:
        What must not be, and what changed, in sentences.
    """
    wrong: list[str] = []
    changed: list[str] = []
    for thing, items in after.items():
        if (old := _before(before or {}, thing)) is None:
            continue  # it is watched for the first time
        known = {member: (number, body) for member, number, body in old}
        now = {member: (number, body) for member, number, body in items}
        for member in sorted(known.keys() | now.keys()):
            was, became = known.get(member), now.get(member)
            told = _became(thing, member, was, became)
            if was is not None and became is not None and _contradicts(was, became):
                wrong.append(f"{told}, which contradicts what was proven last time")
            elif was != became:
                changed.append(told)
    return wrong, changed


def _before(before: Mapping[str, _Items], thing: str) -> _Items | None:
    """Give what a thing had; a new model of a maker that was watched had nothing."""
    maker = f"maker {thing.removeprefix('model ').partition('/')[0]}"
    is_new = thing.startswith("model ") and maker in before
    return before.get(thing, [] if is_new else None)


def _contradicts(was: tuple[int, str], became: tuple[int, str]) -> bool:
    """Tell whether the newest statement went back, or became another one."""
    return became[0] < was[0] or (became[0] == was[0] and became[1] != was[1])


def _became(
    thing: str,
    member: int,
    was: tuple[int, str] | None,
    became: tuple[int, str] | None,
) -> str:
    whose = f"{thing}: entry {member}" if thing.startswith("model ") else thing
    if became is None:
        return f"{whose} is listed no more"
    if was is None:
        return f"{whose} was added by statement {became[0]}"
    return f"{whose} was changed by statement {became[0]} (it was {was[0]})"
