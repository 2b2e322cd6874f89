"""Invented parties of an example register, one of each kind, and their people."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from firtree.library.demo import makers
from firtree.parties import PartyKind
from firtree.parties.party import Appointment, Holding, Party, Viewing

_SINCE = timedelta(days=800)


class DemoPerson(NamedTuple):
    """Somebody invented.

    Attributes:
        email: by which it is known.
        name: as shown.
        role: what is written on the button that signs it in.
        party: id of its party.
    """

    email: str
    name: str
    role: str
    party: int


# Ids of the parties below.
_ADMINISTRATOR, _SUPPLIER, _GAS, _MAKER, _DCC, _SSC = 1, 2, 3, 4, 5, 6
_AGENT, _MAP, _MOP, _NETWORK, _SHARED = 7, 8, 9, 10, 11
# The makers of the showcase; their places among the invented makers are 0 to 3.
_MAKERS = (_MAKER, 12, 13, 14)


def demo_parties(today: date) -> Iterator[Party]:
    """Yield the parties, by id; ``today`` is in London."""
    since = today - _SINCE
    plain: dict[int, tuple[str, tuple[PartyKind, ...]]] = {
        _ADMINISTRATOR: ("Code administrator", (PartyKind.ADMINISTRATOR,)),
        _SUPPLIER: (
            "Sorrel Energy",
            (PartyKind.IMPORT_SUPPLIER, PartyKind.GAS_SUPPLIER),
        ),
        _GAS: ("Gorse Gas", (PartyKind.GAS_SUPPLIER,)),
        _DCC: ("Dogwood Communications", (PartyKind.DCC,)),
        _SSC: ("Security Sub-Committee", (PartyKind.SSC,)),
        _MOP: ("Mistletoe Operations", (PartyKind.MOP,)),
        _NETWORK: ("Nettle Networks", (PartyKind.NETWORK_PARTY,)),
    }
    yield from (
        Party(id=number, name=name, kinds=kinds)
        for number, (name, kinds) in plain.items()
    )
    yield from (
        Party(
            id=number,
            name=makers.name(place),
            kinds=(PartyKind.MANUFACTURER,),
            codes=(Holding(code=makers.code(place), since=since),),
        )
        for place, number in enumerate(_MAKERS)
    )
    acts = Appointment(supplier=_SUPPLIER, since=since)
    yield from (
        Party(id=number, name=name, kinds=(kind,), appointments=(acts,))
        for number, name, kind in (
            (_AGENT, "Aspen Agents", PartyKind.AGENT),
            (_SHARED, "Sallow Shared Systems", PartyKind.SHARED_RESOURCE_PROVIDER),
        )
    )
    reads = Viewing(makers=(makers.code(0),), since=since)
    yield Party(id=_MAP, name="Maple Assets", kinds=(PartyKind.MAP,), viewings=(reads,))


def _person(local: str, name: str, role: str, party: int) -> DemoPerson:
    return DemoPerson(f"{local}@demo.example", name, role, party)


# One for each role; the first is shown first.
DEMO_PEOPLE = (
    _person("supplier", "Sam Sorrel", "Supplier", _SUPPLIER),
    _person("manufacturer", "Mel Alder", "Manufacturer", _MAKER),
    _person("administrator", "Avery Ash", "Code administrator", _ADMINISTRATOR),
    _person("security", "Sky Spruce", "Security Sub-Committee", _SSC),
    _person("dcc", "Dana Dogwood", "DCC", _DCC),
    _person("agent", "Alex Aspen", "Agent of a supplier", _AGENT),
    _person("gas", "Glen Gorse", "Gas supplier", _GAS),
    _person("map", "Max Maple", "Meter Asset Provider (MAP)", _MAP),
    _person("mop", "Mo Mistletoe", "Meter Operator (MOP)", _MOP),
    _person("network", "Noa Nettle", "Network party", _NETWORK),
    _person("shared", "Shay Sallow", "Shared Resource Provider", _SHARED),
)
