"""What each type of statement says of itself."""

from collections.abc import Callable
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

import msgspec

from firtree.access import Scope
from firtree.errors import VerificationError
from firtree.ledger.canonical import canonical
from firtree.parties import Contact


class StatementType(StrEnum):
    """Type of a statement; never given a new meaning."""

    REGISTER_OPENED = "register-opened"
    MAKER_RECORDED = "maker-recorded"
    ENTRY_RECORDED = "entry-recorded"
    PARTY_RECORDED = "party-recorded"
    SUCCESSION_RECORDED = "succession-recorded"
    ACCESS_LOG_HEAD = "access-log-head"
    KEY_ROTATED = "key-rotated"
    SECTION_ERASED = "section-erased"


class Kind(StrEnum):
    """What happened; never given a new meaning."""

    REGISTER_OPENED = "register-opened"
    MAKER_ADDED = "maker-added"
    MAKER_CHANGED = "maker-changed"
    ENTRY_ADDED = "entry-added"
    ENTRY_CHANGED = "entry-changed"
    ENTRY_REMOVED = "entry-removed"
    ENTRY_RESTORED = "entry-restored"
    ENTRY_GONE = "entry-gone"
    PARTY_ADMITTED = "party-admitted"
    PARTY_CHANGED = "party-changed"
    SUCCESSION_RECORDED = "succession-recorded"
    ACCESS_LOG_HEAD = "access-log-head"
    KEY_ROTATED = "key-rotated"
    SECTION_ERASED = "section-erased"


class Parts(NamedTuple):
    """The sections of a statement but for its head; an empty one has no octets."""

    core: bytes
    fir: bytes = b""
    people: bytes = b""
    private: bytes = b""


S = TypeVar("S")
_T = TypeVar("_T")


class Form(NamedTuple, Generic[S]):
    """How statements of one type are written, read and shown.

    Attributes:
        statement_type: its type.
        subject: class of what it is about.
        name: gives the name by which statements refer to it: ``entry/1042``.
        listed: gives the list of the state map it belongs to: (kind, name).
        kinds: what happened where it is the first of its subject, and a later one.
        write: gives its sections.
        read: reads core, fir, people and private; an absent one counts as blank.
        reaches: tells whether it is within a scope.
        heads: tells whether those who have the scope are told who recorded it.
    """

    statement_type: StatementType
    subject: type[S]
    name: Callable[[S], str]
    listed: Callable[[S], tuple[str, str]]
    kinds: tuple[Kind, Kind]
    write: Callable[[S], Parts]
    read: Callable[[bytes, bytes | None, bytes | None, bytes | None], S]
    reaches: Callable[[S, Scope], bool]
    heads: Callable[[S, Scope], bool]


def decoded(decoder: msgspec.json.Decoder[_T], octets: bytes, section: str) -> _T:
    """Read a section.

    Raises:
        VerificationError: it is not of its format.
    """
    try:
        return decoder.decode(octets)
    except (msgspec.DecodeError, TypeError) as error:  # SQLite keeps any kind of value
        raise VerificationError(
            f"section {section!r} cannot be read: {error}"
        ) from None


class People(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Section ``people`` of an entry or maker: personal data, erasable."""

    contact: Contact | None = None


_PEOPLE = msgspec.json.Decoder(People)


def write_contact(contact: Contact | None) -> bytes:
    """Write section ``people`` of what has one contact."""
    return canonical(People(contact=contact)) if contact is not None else b""


def read_contact(people: bytes | None) -> Contact | None:
    """Read it; absent or erased = none.

    Raises:
        VerificationError: the section is not of its format.
    """
    return decoded(_PEOPLE, people, "people").contact if people else None
