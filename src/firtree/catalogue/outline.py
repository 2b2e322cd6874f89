"""An outline: what of an entry decides standing and pathways, and nothing else.

Most of a model's entries are only weighed for an answer, and never shown in it.  Their
outlines are small and quickly read; whole entries are read for what is shown.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from firtree.catalogue.entry import Availability, Entry, Status
from firtree.devices import DeviceType
from firtree.errors import VerificationError
from firtree.text import is_hex

# Asked of every entry of a model; a name of the module is quicker than a member's.
_ACTIVE = Status.ACTIVE
_EARLIEST = date.min


class Outline(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What rules R1 to R5, R7 and R9 ask of an entry (``docs/rules.md``).

    Args:
        id: CPL Entry ID.
        firmware: in the form devices are matched by.
        device_type: of its model.
        status: on the CPL.
        has_image: whether it has a Manufacturer Image Hash.
        published_on, release_date: for the order of R2.
        line: release line; empty = the main line.
        upgradable_from, confirmed_edges, rollback_from: CPL Entry IDs.
        availability, limited_to: whom the maker offers it to.
        mandatory_step: whether it may not be skipped.
        held: whether a hold is in force.
        fits: whether the model's hardware lies in the range of its image.
        fir_absent: whether its FIR information was erased, or is not disclosed.
    """

    id: int
    firmware: str
    device_type: DeviceType
    status: Status
    has_image: bool
    published_on: date | None
    release_date: date | None
    line: str
    upgradable_from: tuple[int, ...] | None
    confirmed_edges: tuple[int, ...]
    rollback_from: tuple[int, ...]
    availability: Availability | None
    limited_to: tuple[str, ...]
    mandatory_step: bool
    held: bool
    fits: bool
    fir_absent: bool = False

    @property
    def active(self) -> bool:
        """Whether it is Current on the CPL."""
        return self.status is _ACTIVE

    @property
    def order(self) -> tuple[date, date, int]:
        """The key of R2, as :attr:`firtree.catalogue.entry.Entry.order`."""
        published = self.published_on or _EARLIEST
        return (self.release_date or published, published, self.id)


def fits_hardware(entry: Entry) -> bool:
    """Tell whether the model's hardware lies in the range of the entry's image.

    Blank or non-hexadecimal limits restrict nothing.
    """
    least, most = entry.fir.min_hardware, entry.fir.max_hardware
    hardware = entry.model.hardware if least or most else ""
    if not hardware:
        return True
    return (not is_hex(least, 4) or least.upper() <= hardware) and (
        not is_hex(most, 4) or hardware <= most.upper()
    )


def outline_of(entry: Entry) -> Outline:
    """Give the outline of an entry."""
    return Outline(*_facts(entry))


def _facts(entry: Entry) -> tuple[Any, ...]:
    """Give the values of an outline, in order."""
    cpl, fir = entry.cpl, entry.fir
    return (
        entry.id,
        entry.firmware_key,
        cpl.model.device_type,
        cpl.status,
        bool(cpl.image_hash),
        cpl.published_on,
        fir.release_date,
        fir.release_line,
        fir.upgradable_from,
        fir.confirmed_edges,
        fir.rollback_from,
        fir.availability,
        fir.limited_to,
        fir.mandatory_step,
        fir.hold is not None,
        fits_hardware(entry),
        "fir" in entry.absent,
    )


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Outline)


def write_outline(entry: Entry) -> bytes:
    """Write an entry's outline as a MessagePack array.

    Its last item is left out where it says nothing, as it does of nearly every entry.
    """
    facts = _facts(entry)
    return _ENCODER.encode(facts if facts[-1] else facts[:-1])


def read_outlines(written: Iterable[bytes]) -> list[Outline]:
    """Read the outlines of some entries, in order.

    Raises:
        VerificationError: the octets of one are none.
    """
    try:
        return list(map(_DECODER.decode, written))
    except (msgspec.DecodeError, TypeError) as error:  # SQLite keeps any kind of value
        raise VerificationError(
            f"an entry's outline cannot be read: {error}", hint="run firtree rebuild"
        ) from None
