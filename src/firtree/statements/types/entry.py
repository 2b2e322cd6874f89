"""entry-recorded: an entry, in full; its newest statement alone determines it."""

import msgspec

from firtree.access import Scope
from firtree.catalogue.entry import (
    NO_FIR,
    NO_PRIVATE,
    CPLPart,
    Entry,
    FIRPart,
    PrivatePart,
)
from firtree.devices import ModelKey
from firtree.ledger.canonical import canonical
from firtree.statements.types.form import (
    Form,
    Kind,
    Parts,
    StatementType,
    decoded,
    read_contact,
    write_contact,
)
from firtree.text import Whole


class EntryCore(msgspec.Struct, frozen=True, kw_only=True):
    """Section ``core`` of an entry: its id and its CPL part."""

    id: Whole
    cpl: CPLPart


_CORE = msgspec.json.Decoder(EntryCore)
_FIR = msgspec.json.Decoder(FIRPart)
_PRIVATE = msgspec.json.Decoder(PrivatePart)


def model_name(key: ModelKey) -> str:
    """Give the state map's name of a hardware model."""
    return f"{key.manufacturer}\n{key.model}"


def read_entry(
    core: bytes,
    fir: bytes | None = None,
    people: bytes | None = None,
    private: bytes | None = None,
) -> Entry:
    """Read an entry from its sections; one that is not there counts as blank.

    Raises:
        VerificationError: a section is not of its format.
    """
    known = decoded(_CORE, core, "core")
    return Entry(
        id=known.id,
        cpl=known.cpl,
        fir=decoded(_FIR, fir, "fir") if fir else NO_FIR,
        contact=read_contact(people),
        private=decoded(_PRIVATE, private, "private") if private else NO_PRIVATE,
        absent=_absent(fir, people, private),
    )


def _absent(
    fir: bytes | None, people: bytes | None, private: bytes | None
) -> frozenset[str]:
    if fir is not None and people is not None and private is not None:
        return _NONE
    others = {"fir": fir, "people": people, "private": private}
    return frozenset(name for name, octets in others.items() if octets is None)


_NONE: frozenset[str] = frozenset()


def _write(entry: Entry) -> Parts:
    return Parts(
        core=canonical(EntryCore(id=entry.id, cpl=entry.cpl)),
        fir=b"" if entry.fir == NO_FIR else canonical(entry.fir),
        people=write_contact(entry.contact),
        private=b"" if entry.private == NO_PRIVATE else canonical(entry.private),
    )


def _reaches(entry: Entry, scope: Scope) -> bool:
    return scope.covers(entry.model.key)


def _told(entry: Entry, scope: Scope) -> bool:
    return scope.concerns(entry.model.key.manufacturer)


FORM = Form(
    statement_type=StatementType.ENTRY_RECORDED,
    subject=Entry,
    name=lambda entry: f"entry/{entry.id}",
    listed=lambda entry: ("model", model_name(entry.model.key)),
    kinds=(Kind.ENTRY_ADDED, Kind.ENTRY_CHANGED),
    write=_write,
    read=read_entry,
    reaches=_reaches,
    heads=_told,
)
