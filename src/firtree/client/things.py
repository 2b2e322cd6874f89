"""What a reader wants to be told of: entries, hardware models, makers, parties."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, Problem
from firtree.text import shown

THINGS_OCTETS_MOST = 1 << 20
_FORMS = {
    "entry": re.compile(r"[1-9][0-9]{0,15}\Z"),
    "model": re.compile(r"[^/\s]{1,30}/[^\s]{1,40}\Z"),
    "maker": re.compile(r"[^/\s]{1,30}\Z"),
    "party": re.compile(r"[1-9][0-9]{0,15}\Z"),
}
_EXPECTED = "entry <id>, model <manufacturer>/<model>, maker <code>, party <id> or #"


class KeptItem(NamedTuple):
    """What was proven of a member of a list, as it is kept in a file.

    Attributes:
        member: such as a CPL Entry ID; 0 where the list has one member only.
        number: of its newest statement, counted from 0.
        body: hash of that statement's body, 64 hexadecimal digits.
        opened: the sections of it that could be opened; None = not known, for it was
            kept by a firtree that did not keep this.
        model: of an entry, as a thing's name has it; empty = not known.
    """

    member: int
    number: int
    body: str
    opened: tuple[str, ...] | None = None
    model: str = ""


_Items = list[KeptItem]
# Items by list, lists by thing.
Known = dict[str, _Items]
_NAMES = {"entry": "number", "model": "maker and model", "maker": "code", "party": "id"}


class Thing(NamedTuple):
    """Something in the register.

    Attributes:
        kind: ``entry``, ``model``, ``maker`` or ``party``.
        name: a CPL Entry ID; DeviceManufacturer/DeviceModel; a manufacturer code; the
            id of a party.
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
        form, name = _FORMS.get(kind), name.strip().upper()
        if form is None or not form.match(name) or not name.isprintable():
            raise ValueError(_EXPECTED)
        return cls(kind, name)


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
        for member, *_ in items
    )


def model_of(before: Mapping[str, _Items], thing: Thing) -> str:
    """Give the hardware model of a thing, as a thing's name has it; empty = unknown."""
    if thing.kind != "entry":
        return thing.name if thing.kind == "model" else ""
    for item in before.get(str(thing), ()):
        if item.model:
            return item.model
    for name, items in before.items():
        if name.startswith("model ") and any(
            item.member == int(thing.name) for item in items
        ):
            return name.removeprefix("model ")
    return ""


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
        known = {item.member: (item.number, item.body) for item in old}
        now = {item.member: (item.number, item.body) for item in items}
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


class Closed(NamedTuple):
    """A section that could be opened last time, and cannot be opened now.

    Attributes:
        whose: the thing, in words.
        number: of the statement, counted from 0.
        section: of it.
        model: the hardware model it is about; empty = it is about a maker or party.
        maker: that maker's code, or the model's; empty = it is about a party.
    """

    whose: str
    number: int
    section: str
    model: str
    maker: str


def closed_between(
    before: Mapping[str, _Items] | None, after: Mapping[str, _Items]
) -> Iterator[Closed]:
    """Yield the sections of the same statements that can be opened no more."""
    for thing, items in after.items():
        known = {item[:3]: item for item in (before or {}).get(thing, ())}
        for item in items:
            was = known.get(item[:3])
            if was is None or was.opened is None or item.opened is None:
                continue
            kind, _, name = thing.partition(" ")
            model = name if kind == "model" else item.model
            maker = "" if kind == "party" else (model or name).partition("/")[0]
            whose = _whose(thing, item.member)
            for section in was.opened:
                if section not in item.opened:
                    yield Closed(whose, item.number, section, model, maker)


def _whose(thing: str, member: int) -> str:
    return f"{thing}: entry {member}" if thing.startswith("model ") else thing


def _became(
    thing: str,
    member: int,
    was: tuple[int, str] | None,
    became: tuple[int, str] | None,
) -> str:
    whose = _whose(thing, member)
    if became is None:
        return f"{whose} is listed no more"
    if was is None:
        return f"{whose} was added by statement {became[0]}"
    return f"{whose} was changed by statement {became[0]} (it was {was[0]})"
