"""The JSON of what changed: shapes, and how they are written.

These shapes are promises, as those of ``wire.py`` are.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from firtree.catalogue.differences import Difference
from firtree.catalogue.entry import Entry
from firtree.exchange.party_wire import (
    AccessLogWire,
    PartyWire,
    SuccessionWire,
    access_log_wire,
    party_wire,
    succession_wire,
)
from firtree.exchange.reach import ReachWire
from firtree.exchange.to_wire import contact_wire, entry_wire
from firtree.exchange.wire import ContactWire, EntryWire, LogWire
from firtree.parties import Maker
from firtree.parties.party import Party, Succession
from firtree.statements.statement import subject_name
from firtree.statements.types.access_log import AccessLogHead
from firtree.statements.types.erasure import Erasure
from firtree.statements.types.form import Kind
from firtree.statements.types.key_rotation import KeyRotation
from firtree.statements.types.opening import Opening
from firtree.statements.versions import Change, Version


class DifferenceWire(msgspec.Struct, frozen=True):
    """A field that differs; the values are as a cell of the table holds them."""

    field: str
    label: str
    before: str | None
    after: str | None


class MakerWire(msgspec.Struct, frozen=True, kw_only=True):
    """A manufacturer."""

    code: str
    name: str
    contact: ContactWire | None


class RegisterWire(msgspec.Struct, frozen=True, kw_only=True):
    """How the register began.

    ``continues`` is the last known checkpoint of the log it took its statements from.
    """

    origin: str
    verifier_key: str
    demo: bool
    continues: str | None


class KeyRotationWire(msgspec.Struct, frozen=True, kw_only=True):
    """The log's key gave way to a new one; ``signed`` bears the signatures of both."""

    old_key: str
    new_key: str
    both_until: date | None
    signed: str


class ErasureWire(msgspec.Struct, frozen=True, kw_only=True):
    """Octets and salt of a section of a statement were destroyed.

    ``reason`` is null where it is not the asker's to know.
    """

    statement: int
    section: str
    reason: str | None


class StatementWire(msgspec.Struct, frozen=True, kw_only=True):
    """A statement; what it says is under the member that is not null.

    ``kind`` is ``register-opened``, ``maker-added``, ``maker-changed``,
    ``entry-added``, ``entry-changed``, ``party-admitted``, ``party-changed``,
    ``succession-recorded``, ``access-log-head``, ``key-rotated`` or ``section-erased``.
    """

    statement: int
    at: datetime
    kind: str
    subject: str
    by: str | None
    effective_from: date | None
    replaces: int | None
    entry: EntryWire | None
    maker: MakerWire | None
    register: RegisterWire | None
    party: PartyWire | None
    succession: SuccessionWire | None
    access_log: AccessLogWire | None
    key_rotation: KeyRotationWire | None
    erasure: ErasureWire | None


class StatementsWire(msgspec.Struct, frozen=True):
    """Statements in order; ``next`` is the ``since`` to go on from."""

    changes: tuple[StatementWire, ...]
    next: int
    log: LogWire


class StatementsEndWire(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last line of a stream of statements.

    ``asker`` and ``reach`` are told with disclosed statements alone: the name by which
    *limited* availability is judged for whoever asks, and how much it may see.
    """

    next: int
    log: LogWire
    asker: str = ""
    reach: ReachWire | None = None


class GoneWire(msgspec.Struct, frozen=True, omit_defaults=True):
    """A section that was erased, when, by which statement, and why.

    ``reason`` is left out where it is not the asker's to know.
    """

    section: str
    at: datetime
    statement: int
    reason: str = ""


class VersionWire(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an entry, which held from log size ``since`` until ``until``.

    ``kind`` is ``entry-added``, ``entry-changed``, ``entry-removed`` or
    ``entry-restored``.  ``until`` is null where it holds in the state that was asked
    for, ``differences`` where it is the first version.
    """

    statement: int
    at: datetime
    kind: str
    by: str | None
    effective_from: date | None
    since: int
    until: int | None
    differences: tuple[DifferenceWire, ...] | None
    erased: tuple[GoneWire, ...]
    entry: EntryWire


class HistoryWire(msgspec.Struct, frozen=True, kw_only=True):
    """Versions of an entry, the newest first."""

    entry: int
    versions: tuple[VersionWire, ...]
    next_cursor: str | None
    log: LogWire


class StateWire(msgspec.Struct, frozen=True):
    """A state of the register: its log size, and the day in London that was asked for.

    ``day`` is null for the state with nothing in it.
    """

    size: int
    day: date | None


class ChangeWire(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one thing between two states.

    ``kind`` is ``entry-added``, ``entry-changed``, ``entry-removed``,
    ``entry-restored``, ``entry-gone``, ``maker-added`` or ``maker-changed``;
    ``entry`` or ``maker`` is the thing as it became.
    """

    kind: str
    subject: str
    statement: int
    at: datetime
    by: str | None
    differences: tuple[DifferenceWire, ...]
    entry: EntryWire | None
    maker: MakerWire | None


class ComparisonWire(
    msgspec.Struct, frozen=True, kw_only=True, rename={"before": "from", "after": "to"}
):
    """What changed between two states, in the order in which it came about."""

    before: StateWire
    after: StateWire
    changes: tuple[ChangeWire, ...]
    next_cursor: str | None
    log: LogWire


def state_wire(size: int, day: date) -> StateWire:
    """Write a state."""
    return StateWire(size, day if size else None)


def difference_wires(found: Iterable[Difference]) -> tuple[DifferenceWire, ...]:
    """Write what differs."""
    return tuple(
        DifferenceWire(one.field, one.label, one.before or None, one.after or None)
        for one in found
    )


def maker_wire(maker: Maker) -> MakerWire:
    """Write a manufacturer."""
    return MakerWire(
        code=maker.code, name=maker.name, contact=contact_wire(maker.contact)
    )


def statement_wire(version: Version) -> StatementWire:
    """Write a statement."""
    subject = version.subject
    return StatementWire(
        statement=version.number,
        at=version.at,
        kind=version.kind,
        subject=subject_name(subject),
        by=version.by or None,
        effective_from=version.effective_from,
        replaces=version.replaces,
        entry=entry_wire(subject) if isinstance(subject, Entry) else None,
        maker=maker_wire(subject) if isinstance(subject, Maker) else None,
        register=register_wire(subject) if isinstance(subject, Opening) else None,
        party=party_wire(subject) if isinstance(subject, Party) else None,
        succession=(
            succession_wire(subject) if isinstance(subject, Succession) else None
        ),
        access_log=(
            access_log_wire(subject) if isinstance(subject, AccessLogHead) else None
        ),
        key_rotation=(
            key_rotation_wire(subject) if isinstance(subject, KeyRotation) else None
        ),
        erasure=erasure_wire(subject) if isinstance(subject, Erasure) else None,
    )


def key_rotation_wire(rotation: KeyRotation) -> KeyRotationWire:
    """Write a rotation."""
    return KeyRotationWire(
        old_key=rotation.old_key,
        new_key=rotation.new_key,
        both_until=rotation.both_until,
        signed=rotation.signed,
    )


def erasure_wire(erasure: Erasure) -> ErasureWire:
    """Write an erasure."""
    return ErasureWire(
        statement=erasure.statement,
        section=erasure.section,
        reason=erasure.reason or None,
    )


def register_wire(opening: Opening) -> RegisterWire:
    """Write how the register began."""
    return RegisterWire(
        origin=opening.origin,
        verifier_key=opening.verifier_key,
        demo=opening.demo,
        continues=opening.continues or None,
    )


def version_wire(
    version: Version,
    entry: Entry,
    *,
    kind: Kind,
    until: int | None,
    differences: Iterable[Difference] | None,
) -> VersionWire:
    """Write a version of an entry."""
    return VersionWire(
        statement=version.number,
        at=version.at,
        kind=kind,
        by=version.by or None,
        effective_from=version.effective_from,
        since=version.number + 1,
        until=until,
        differences=None if differences is None else difference_wires(differences),
        erased=tuple(GoneWire(*gone) for gone in version.erased),
        entry=entry_wire(entry),
    )


def change_wire(change: Change) -> ChangeWire:
    """Write what became of a thing."""
    after = change.after
    return ChangeWire(
        kind=change.kind,
        subject=change.name,
        statement=change.number,
        at=change.at,
        by=change.by or None,
        differences=difference_wires(change.differences),
        entry=entry_wire(after) if isinstance(after, Entry) else None,
        maker=maker_wire(after) if isinstance(after, Maker) else None,
    )
