"""Every type of statement, and how each one is written to and read from sections.

register-opened   the first: origin and key of the log
maker-recorded    a maker with its contact, in full
entry-recorded    an entry, in full: its newest statement alone determines it
"""

from datetime import date
from enum import StrEnum
from typing import TypeVar

import msgspec

from firtree.catalogue.entry import (
    NO_FIR,
    NO_PRIVATE,
    CPLPart,
    Entry,
    FIRPart,
    PrivatePart,
)
from firtree.errors import VerificationError
from firtree.ledger.canonical import canonical
from firtree.ledger.sections import Sections
from firtree.parties import Contact, Maker


class StatementType(StrEnum):
    """Type of a statement; never given a new meaning."""

    REGISTER_OPENED = "register-opened"
    MAKER_RECORDED = "maker-recorded"
    ENTRY_RECORDED = "entry-recorded"


class Opening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a register began.

    Args:
        origin: name of its log.
        verifier_key: the log's public key (c2sp.org/signed-note).
        demo: whether it holds invented data only.
    """

    origin: str
    verifier_key: str
    demo: bool = False


Subject = Opening | Maker | Entry


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the register.

    Args:
        subject: what is recorded, whole.
        by: name of the party that recorded it.
        effective_from: day from which it is in force; None = from its recording.
        replaces: index of the statement it takes the place of; None = the first of
            its subject.
    """

    subject: Subject
    by: str
    effective_from: date | None = None
    replaces: int | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Section ``head``: who, about what, since when, in place of what."""

    type: StatementType
    by: str
    subject: str
    effective_from: date | None = None
    replaces: int | None = None


class EntryCore(msgspec.Struct, frozen=True, kw_only=True):
    """Section ``core`` of an entry: its id and its CPL part."""

    id: int
    cpl: CPLPart


class People(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Section ``people``: personal data, erasable."""

    contact: Contact | None = None


class MakerCore(msgspec.Struct, frozen=True, kw_only=True):
    """Section ``core`` of a maker."""

    code: str
    name: str


def subject_name(subject: Subject) -> str:
    """Give the name by which statements refer to a subject: ``entry/1042``."""
    match subject:
        case Entry():
            return f"entry/{subject.id}"
        case Maker():
            return f"maker/{subject.code}"
        case Opening():
            return "register"


_TYPES: dict[type, StatementType] = {
    Opening: StatementType.REGISTER_OPENED,
    Maker: StatementType.MAKER_RECORDED,
    Entry: StatementType.ENTRY_RECORDED,
}


def write_sections(statement: Statement) -> Sections:
    """Write a statement as its five sections."""
    subject = statement.subject
    head = canonical(
        Head(
            type=_TYPES[type(subject)],
            by=statement.by,
            subject=subject_name(subject),
            effective_from=statement.effective_from,
            replaces=statement.replaces,
        )
    )
    match subject:
        case Entry():
            return Sections(
                head,
                core=canonical(EntryCore(id=subject.id, cpl=subject.cpl)),
                fir=b"" if subject.fir == NO_FIR else canonical(subject.fir),
                people=_people(subject.contact),
                private=(
                    b"" if subject.private == NO_PRIVATE else canonical(subject.private)
                ),
            )
        case Maker():
            core = canonical(MakerCore(code=subject.code, name=subject.name))
            return Sections(head, core=core, people=_people(subject.contact))
        case Opening():
            return Sections(head, core=canonical(subject))


def _people(contact: Contact | None) -> bytes:
    return canonical(People(contact=contact)) if contact is not None else b""


_HEAD = msgspec.json.Decoder(Head)
_ENTRY_CORE = msgspec.json.Decoder(EntryCore)
_FIR = msgspec.json.Decoder(FIRPart)
_PEOPLE = msgspec.json.Decoder(People)
_PRIVATE = msgspec.json.Decoder(PrivatePart)
_MAKER_CORE = msgspec.json.Decoder(MakerCore)
_OPENING = msgspec.json.Decoder(Opening)
_T = TypeVar("_T")


def _read(decoder: msgspec.json.Decoder[_T], octets: bytes, section: str) -> _T:
    try:
        return decoder.decode(octets)
    except msgspec.DecodeError as error:
        raise VerificationError(
            f"section {section!r} cannot be read: {error}"
        ) from None


def read_head(octets: bytes) -> Head:
    """Read section ``head``.

    Raises:
        VerificationError: it is not one.
    """
    return _read(_HEAD, octets, "head")


def read_entry(
    core: bytes,
    fir: bytes | None = None,
    people: bytes | None = None,
    private: bytes | None = None,
) -> Entry:
    """Read an entry from its sections; an absent or erased one counts as blank.

    Raises:
        VerificationError: a section is not of its format.
    """
    known = _read(_ENTRY_CORE, core, "core")
    return Entry(
        id=known.id,
        cpl=known.cpl,
        fir=_read(_FIR, fir, "fir") if fir else NO_FIR,
        contact=_read(_PEOPLE, people, "people").contact if people else None,
        private=_read(_PRIVATE, private, "private") if private else NO_PRIVATE,
    )


def read_maker(core: bytes, people: bytes | None = None) -> Maker:
    """Read a maker from its sections.

    Raises:
        VerificationError: a section is not of its format.
    """
    known = _read(_MAKER_CORE, core, "core")
    contact = _read(_PEOPLE, people, "people").contact if people else None
    return Maker(code=known.code, name=known.name, contact=contact)


def read_statement(sections: tuple[bytes | None, ...]) -> Statement:
    """Read a statement whose head and core are present.

    Raises:
        VerificationError: a section is absent or not of its format.
    """
    head_octets, core, fir, people, private = sections
    if head_octets is None or core is None:
        raise VerificationError("the statement's head or core is not disclosed")
    head = read_head(head_octets)
    match head.type:
        case StatementType.ENTRY_RECORDED:
            subject: Subject = read_entry(core, fir, people, private)
        case StatementType.MAKER_RECORDED:
            subject = read_maker(core, people)
        case StatementType.REGISTER_OPENED:
            subject = _read(_OPENING, core, "core")
    return Statement(
        subject=subject,
        by=head.by,
        effective_from=head.effective_from,
        replaces=head.replaces,
    )
