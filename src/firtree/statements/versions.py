"""What statements say to a reader: versions of things, and changes between versions.

A reader gets what its scope covers; the rest looks as if it were not there.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from msgspec.structs import replace

from firtree.access import Scope
from firtree.catalogue.differences import (
    Difference,
    differences,
    maker_differences,
)
from firtree.catalogue.entry import NO_FIR, NO_PRIVATE, Entry, Status
from firtree.ledger.leaf import Leaf
from firtree.parties import Maker
from firtree.statements.statement import read_head, subject_name
from firtree.statements.types import BY_TYPE, Subject
from firtree.statements.types.entry import read_entry
from firtree.statements.types.erasure import ERASABLE
from firtree.statements.types.form import Kind
from firtree.statements.types.maker import read_maker

# What an entry has in place of a section that was erased: a field, and its blank.
_BLANKS: Mapping[str, tuple[str, Any]] = MappingProxyType(
    {
        "fir": ("fir", NO_FIR),
        "people": ("contact", None),
        "private": ("private", NO_PRIVATE),
    }
)


class Sectioned(Protocol):
    """An entry or maker as it is kept; sections are None where they were erased."""

    @property
    def core(self) -> bytes | None:
        """Section ``core``."""

    @property
    def fir(self) -> bytes | None:
        """Section ``fir``."""

    @property
    def people(self) -> bytes | None:
        """Section ``people``."""

    @property
    def private(self) -> bytes | None:
        """Section ``private``."""


class Kept(Sectioned, Protocol):
    """A statement as it is kept."""

    @property
    def number(self) -> int:
        """Place in the log, counted from 0."""

    @property
    def leaf(self) -> bytes:
        """Its leaf."""

    @property
    def head(self) -> bytes | None:
        """Section ``head``."""


class Gone(NamedTuple):
    """That a section of a statement was erased.

    Attributes:
        section: ``fir``, ``people`` or ``private``.
        at: when.
        number: of the statement that says so.
        reason: why, in words; empty where it is not the reader's to know.
    """

    section: str
    at: datetime
    number: int
    reason: str = ""


class Version(NamedTuple):
    """A statement as a reader may see it: one version of what it is about.

    Attributes:
        number: of the statement, counted from 0.
        at: when it was recorded.
        kind: added, changed or opened; a removal is a change of the status.
        by: who recorded it; empty = not the reader's to know.
        effective_from: day from which it is in force; None = from its recording.
        replaces: number of the statement it takes the place of; None = the first.
        subject: what it says, without what the reader may not see.
        erased: sections of it that were erased, as far as they are the reader's.
    """

    number: int
    at: datetime
    kind: Kind
    by: str
    effective_from: date | None
    replaces: int | None
    subject: Subject
    erased: tuple[Gone, ...] = ()


class Change(NamedTuple):
    """What became of one thing between two states.

    Attributes:
        kind: what happened to it, from the one state to the other.
        name: of the thing, such as ``entry/1042``.
        number: of its newest statement in the later state.
        at: when that was recorded.
        by: who recorded it; empty = not the reader's to know.
        before: as it was; None = it was not there.
        after: as it became; None = it is no longer the reader's to see.
        differences: field by field; empty where it is new or gone.
    """

    kind: Kind
    name: str
    number: int
    at: datetime
    by: str
    before: Entry | Maker | None
    after: Entry | Maker | None
    differences: tuple[Difference, ...] = ()


class Then(NamedTuple):
    """A thing as it was, and its sections that are not kept any more."""

    thing: Entry | Maker
    absent: frozenset[str]


def version_of(row: Kept, scope: Scope) -> Version | None:
    """Read a statement within a scope; None where it is out of reach.

    Raises:
        VerificationError: what is kept is not of the log's format.
    """
    head = read_head(row.head or b"")
    form = BY_TYPE[head.type]
    subject = form.read(row.core or b"", *others_within(row, scope))
    if not form.reaches(subject, scope):
        return None
    if isinstance(subject, Entry):
        subject = _as_seen(subject, scope)
    first, later = form.kinds
    return Version(
        number=row.number,
        at=Leaf.parse(row.leaf).at,
        kind=first if head.replaces is None else later,
        by=head.by if form.heads(subject, scope) else "",
        effective_from=head.effective_from,
        replaces=head.replaces,
        subject=subject,
    )


def others_within(
    row: Sectioned, scope: Scope
) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Give the sections besides ``core``, without those that are out of reach."""
    return (
        row.fir if scope.fir else None,
        row.people if scope.people else None,
        row.private if scope.private else None,
    )


def entry_within(row: Sectioned, scope: Scope) -> Entry:
    """Read an entry without the sections that are out of reach.

    Whether the entry itself is within reach is for the caller to ask.

    Raises:
        VerificationError: a section is not of its format.
    """
    entry = read_entry(row.core or b"", *others_within(row, scope))
    return _as_seen(entry, scope)


def sections_within(scope: Scope) -> frozenset[str]:
    """Name the sections besides head and core that are within reach."""
    reached = {"fir": scope.fir, "people": scope.people, "private": scope.private}
    return frozenset(name for name, is_reached in reached.items() if is_reached)


def _as_seen(entry: Entry, scope: Scope) -> Entry:
    """Leave out which sections are absent that are out of reach anyway."""
    if not entry.absent:
        return entry
    return replace(entry, absent=entry.absent & sections_within(scope))


def maker_within(row: Sectioned, scope: Scope) -> Maker:
    """Read a maker without its contact where that is out of reach.

    Raises:
        VerificationError: a section is not of its format.
    """
    return read_maker(row.core or b"", *others_within(row, scope))


def is_within(thing: Entry | Maker, scope: Scope) -> bool:
    """Tell whether a thing is within reach at all."""
    if isinstance(thing, Maker):
        return scope.covers_maker(thing.code)
    return scope.covers(thing.model.key)


def absent_in(row: Sectioned) -> frozenset[str]:
    """Name the sections of a thing that are not kept any more."""
    return frozenset(name for name in ERASABLE if getattr(row, name) is None)


def differences_of(
    before: Entry | Maker, after: Entry | Maker, absent: Collection[str] = ()
) -> tuple[Difference, ...]:
    """Name every field that differs between two versions of one thing.

    Args:
        before: a version.
        after: a later one.
        absent: sections that were erased in either; what they held is not compared.
    """
    before, after = _without(before, absent), _without(after, absent)
    match before, after:
        case Entry(), Entry():
            return differences(before, after)
        case Maker(), Maker():
            return maker_differences(before, after)
    raise TypeError("versions of two different things")


def _without(thing: Entry | Maker, sections: Collection[str]) -> Entry | Maker:
    """Take away what some sections hold; a maker has none of them but its contact."""
    if isinstance(thing, Maker):
        return replace(thing, contact=None) if "people" in sections else thing
    return replace(thing, **dict(_BLANKS[name] for name in sections))


def change_of(
    version: Version, before: Then | None, absent: frozenset[str]
) -> Change | None:
    """Tell how a thing came from what it was to its newest version.

    Args:
        version: the newest one.
        before: as it was; None = it was not there.
        absent: sections of the version that were erased.  What was erased in either
            is not compared.

    Returns:
        None where nothing differs: it was changed, and changed back.
    """
    after = version.subject
    if not isinstance(after, Entry | Maker):
        return None
    was = before.thing if before is not None else None
    found: tuple[Difference, ...] = ()
    if before is not None:
        found = differences_of(before.thing, after, before.absent | absent)
        if not found:
            return None
    return Change(
        kind=_kind(was, after, found),
        name=subject_name(after),
        number=version.number,
        at=version.at,
        by=version.by,
        before=was,
        after=after,
        differences=found,
    )


def _kind(
    before: Entry | Maker | None, after: Entry | Maker, found: Sequence[Difference]
) -> Kind:
    if isinstance(after, Maker):
        return Kind.MAKER_ADDED if before is None else Kind.MAKER_CHANGED
    return entry_kind(found if before is not None else None)


def entry_kind(found: Sequence[Difference] | None) -> Kind:
    """Tell what became of an entry from what differs; None = it is the first version.

    Leaving the status Active removes it, and coming back to it restores it.
    """
    if found is None:
        return Kind.ENTRY_ADDED
    for one in found:
        if one.field == "status" and Status.ACTIVE in {one.before, one.after}:
            removed = one.before == Status.ACTIVE
            return Kind.ENTRY_REMOVED if removed else Kind.ENTRY_RESTORED
    return Kind.ENTRY_CHANGED
