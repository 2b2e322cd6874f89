"""Responses, acknowledgements and alerts, read as they arrive, piece by piece.

No tree is built.  A device of an inventory is handed on when its element ends, so
memory does not grow with their number; of everything else only the texts that are
known by name are kept, and all of them together have a bound.
"""

from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from firtree.duis.answers import InventoryDevice, Response
from firtree.duis.interpreting import (
    CHOICES,
    DEVICE_FIELDS,
    INVENTORY_DEVICE,
    LEAVES,
    Parts,
    device_of,
    response_of,
)
from firtree.duis.names import DS, SR
from firtree.duis.xml import Guard, new_parser, not_well_formed
from firtree.errors import InvalidInputError
from firtree.text import shown

MOST_OCTETS = 1 << 30
_MOST_TEXT = 16 << 20
_MOST_DEVICE_TEXT = 10_000
_MOST_DEEP = 40
# Elements outside the devices of an inventory, and inside one of them.
_MOST_ELEMENTS = 100_000
_MOST_DEVICE_ELEMENTS = 100
_ROOT = f"{{{SR}}}Response"
_PREFIX = f"{{{SR}}}"
_SIGNATURE = f"{{{DS}}}Signature"
_TOP = frozenset({"Header", "Body", _SIGNATURE})


def read_response(pieces: Iterable[bytes]) -> Iterator[InventoryDevice | Response]:
    """Yield the devices of an inventory as they come; last of all the response.

    A document may turn out to be damaged after some of its devices were yielded.

    Args:
        pieces: octets of one document, of any sizes.

    Raises:
        InvalidInputError: it is no response, too large, not plain XML, or damaged.
    """
    target = _Target()
    parser = new_parser(target)
    guard = Guard()
    octets = 0
    try:
        for piece in pieces:
            guard.check(piece)
            octets += len(piece)
            if octets > MOST_OCTETS:
                raise InvalidInputError(
                    f"expected a response of at most {MOST_OCTETS >> 20} MB"
                )
            parser.feed(piece)
            yield from target.taken()
        parser.close()
    except etree.XMLSyntaxError as error:
        raise not_well_formed(error) from None
    yield from target.taken()
    yield response_of(target.parts)


class _Target:
    """What the parser tells of each element; it keeps what is wanted.

    Elements are named by their path below the root (``Body/ResponseMessage``).  One
    of another namespace keeps its namespace in its name, so it is nowhere wanted.
    """

    def __init__(self) -> None:
        self.parts = Parts()
        self._path: list[str] = []
        self._kept: list[str] | None = None  # pieces of the text that is wanted
        self._room = _MOST_TEXT
        self._elements = _MOST_ELEMENTS
        self._device_elements = 0
        self._device: dict[str, str] | None = None
        self._device_deep = 0
        self._devices: list[InventoryDevice] = []

    def taken(self) -> list[InventoryDevice]:
        """Give the devices that ended since the last time."""
        devices, self._devices = self._devices, []
        return devices

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note that an element begins."""
        deep = len(self._path)
        if self._kept is not None:
            raise InvalidInputError(
                f"{self._path[-1]}: expected a text, found an element in it"
            )
        if deep > _MOST_DEEP:
            raise InvalidInputError(f"expected elements at most {_MOST_DEEP} deep")
        if deep == 0:
            self._start_root(tag, attributes)
            self._path.append("")
            return
        name = tag.removeprefix(_PREFIX)
        if self._device is not None:
            self._start_in_device(name, deep)
        else:
            self._start_elsewhere(name, deep)

    def _start_root(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag != _ROOT:
            raise InvalidInputError(
                f"expected the element Response of {SR}, found {shown(tag)}",
                hint="name what DCC sent back; requests are not read",
            )
        self.parts.texts["schemaVersion"] = attributes.get("schemaVersion", "")

    def _start_in_device(self, name: str, deep: int) -> None:
        self._device_elements += 1
        if self._device_elements > _MOST_DEVICE_ELEMENTS:
            raise InvalidInputError(
                f"{INVENTORY_DEVICE}: expected at most {_MOST_DEVICE_ELEMENTS} elements"
            )
        if deep == self._device_deep + 1 and name in DEVICE_FIELDS:
            if self._device is not None and name in self._device:
                raise InvalidInputError(
                    f"{INVENTORY_DEVICE}: expected one {name}, found two"
                )
            self._kept = []
        self._path.append(name)

    def _start_elsewhere(self, name: str, deep: int) -> None:
        self._elements -= 1
        if self._elements < 0:
            raise InvalidInputError(
                f"expected at most {_MOST_ELEMENTS} elements besides devices"
            )
        parent = self._path[-1]
        path = f"{parent}/{name}" if parent else name
        if deep == 1:
            if name not in _TOP:
                raise InvalidInputError(
                    f"expected Header, Body and Signature, found {shown(name)}"
                )
            self._once(path, path)
        if parent in CHOICES and name not in CHOICES[parent]:
            self._once(parent + "/", name)
        if path == INVENTORY_DEVICE:
            self._device, self._device_deep = {}, deep
            self._room, self._device_elements = _MOST_DEVICE_TEXT, 0
            self._elements += 1
        elif path in LEAVES:
            self._once(path, path)
            self._kept = []
        self._path.append(path)

    def _once(self, place: str, name: str) -> None:
        if place in self.parts.chosen:
            where = place.rstrip("/")
            raise InvalidInputError(
                f"{where}: expected one element, found {shown(name)} as well"
            )
        self.parts.chosen[place] = name

    def data(self, text: str) -> None:
        """Keep a piece of text, if it is wanted."""
        if self._kept is not None:
            self._room -= len(text)
            if self._room < 0:
                raise InvalidInputError(
                    f"{self._path[-1]}: expected a shorter text, found one over the "
                    "bound of what a response holds"
                )
            self._kept.append(text)

    def end(self, _tag: str) -> None:
        """Note that an element ends."""
        path = self._path.pop()
        if self._device is None:
            if self._kept is not None:
                self.parts.texts[path] = "".join(self._kept)
                self._kept = None
            return
        if self._kept is not None:
            self._device[path] = "".join(self._kept)
            self._kept = None
        elif len(self._path) == self._device_deep:
            self.parts.devices += 1
            self._devices.append(device_of(self._device, self.parts))
            self._device = None
            self._room = _MOST_TEXT

    def close(self) -> None:
        """Do nothing: what was kept is taken from ``parts``."""
