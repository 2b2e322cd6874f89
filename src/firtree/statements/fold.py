"""The one fold: what a statement changes in tables and state map.

Used by recording, by ``rebuild`` and by whoever checks a register.  Nothing else
changes register tables.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from firtree.catalogue.entry import Entry
from firtree.catalogue.outline import write_outline
from firtree.devices import ModelKey
from firtree.errors import VerificationError
from firtree.firmware import version_key
from firtree.ledger.canonical import canonical
from firtree.parties import Maker
from firtree.parties.party import Party
from firtree.statements.statement import Statement
from firtree.statements.types import BY_SUBJECT, Subject
from firtree.statements.types.entry import model_name
from firtree.text import Whole


class EntryRow(NamedTuple):
    """Narrow row of an entry: what it is found by, and its outline.

    The entries of one model lie side by side, so rows are kept narrow; the sections
    stand once, in the statement, and are read only for what is shown.

    Attributes:
        id: CPL Entry ID.
        since: log size from which this version holds; its statement's number + 1.
        manufacturer, model: the key devices are matched by, upper case.
        device_type, firmware, status, image_hash: for filters; firmware upper case.
        published_on, status_from: ISO dates or None, for the clock *as in force*.
        outline: see :mod:`firtree.catalogue.outline`.
    """

    id: int
    since: int
    manufacturer: str
    model: str
    device_type: str
    firmware: str
    status: str
    image_hash: str
    published_on: str | None
    status_from: str | None
    outline: bytes

    @property
    def key(self) -> ModelKey:
        """The model's key."""
        return ModelKey(self.manufacturer, self.model)


class MakerRow(NamedTuple):
    """Narrow row of a maker.

    Attributes:
        code: manufacturer code, upper case.
        since: log size from which this version holds.
        name: as shown.
    """

    code: str
    since: int
    name: str


class PartyRow(NamedTuple):
    """Narrow row of a party.

    Attributes:
        id: of the party.
        since: log size from which this version holds.
        name: as shown.
    """

    id: int
    since: int
    name: str


class Listed(NamedTuple):
    """A change of one list of the state map.

    Attributes:
        kind, name: which list (see ``ledger.statemap.map_key``).
        member: number of the member within the list; 0 where it has only one.
        item: (member, number of its newest statement, body hash in hex), or None
            where the member leaves the list.
    """

    kind: str
    name: str
    member: int
    item: tuple[int, int, str] | None


class Changes(NamedTuple):
    """What statements change, in order."""

    entries: list[EntryRow]
    makers: list[MakerRow]
    parties: list[PartyRow]
    lists: list[Listed]

    @classmethod
    def none(cls) -> "Changes":
        """Give no changes, to which some are added."""
        return cls([], [], [], [])


def key_of_name(name: str) -> ModelKey:
    """Give the model key back from its name in the state map."""
    manufacturer, _, model = name.partition("\n")
    return ModelKey(manufacturer, model)


def code_of_name(kind: str, name: str) -> str:
    """Give the manufacturer code of a maker's list; empty where it is no such list."""
    first, _, code = name.partition("\n")
    return code if (kind, first) == ("party", "maker") else ""


def apply(
    statement: Statement,
    *,
    number: int,
    body: bytes,
    previous: ModelKey | None,
    changes: Changes,
) -> None:
    """Add what one statement changes.

    Args:
        statement: what is recorded.
        number: its place in the log.
        body: its body hash, 32 octets.
        previous: for an entry, the model key of the version it replaces.
        changes: grows.
    """
    subject = statement.subject
    member, since = 0, number + 1
    match subject:
        case Entry():
            row = entry_row(subject, since=since)
            changes.entries.append(row)
            member = subject.id
            key = row.key
            names = "model", model_name(key)
            if previous is not None and previous != key:
                left = model_name(previous)
                changes.lists.append(Listed("model", left, member, None))
        case Maker():
            changes.makers.append(MakerRow(subject.code, since, subject.name))
            names = listed_name(subject)
        case Party():
            changes.parties.append(PartyRow(subject.id, since, subject.name))
            names = listed_name(subject)
        case _:
            # It has no table of its own: the map and the log hold it.
            names = listed_name(subject)
    item = (member, number, body.hex())
    changes.lists.append(Listed(*names, member, item))


def entry_row(entry: Entry, *, since: int) -> EntryRow:
    """Give the row of an entry."""
    cpl = entry.cpl
    key = cpl.model.key
    return EntryRow(
        entry.id,
        since,
        key.manufacturer,
        key.model,
        cpl.model.device_type.value,
        version_key(cpl.firmware),
        cpl.status.value,
        cpl.image_hash,
        cpl.published_on.isoformat() if cpl.published_on else None,
        cpl.status_from.isoformat() if cpl.status_from else None,
        write_outline(entry),
    )


_LIST = msgspec.json.Decoder(list[tuple[Whole, Whole, str]])

Names = tuple[str, str]


def listed_name(subject: Subject) -> Names:
    """Give the list of the state map that a subject belongs to: (kind, name)."""
    return BY_SUBJECT[type(subject)].listed(subject)


def number_in(octets: bytes) -> int:
    """Give the number of the statement in a list that has one member.

    Raises:
        VerificationError: it is not such a list.
    """
    members = _members(octets)
    if len(members) != 1:
        raise VerificationError(f"a list of {len(members)} members, expected one")
    return members[0][1]


def _members(octets: bytes) -> list[tuple[int, int, str]]:
    """Read a list of the state map.

    Raises:
        VerificationError: it is not one.
    """
    try:
        return _LIST.decode(octets)
    except (msgspec.DecodeError, TypeError):  # SQLite keeps any kind of value
        raise VerificationError(
            "a list is not of the state map's format",
            hint="see which: firtree doctor",
        ) from None


Members = dict[int, tuple[int, int, str]]


def change_members(members: Members, change: Listed) -> None:
    """Change the members of a list of the state map, in place."""
    if change.item is None:
        members.pop(change.member, None)
    else:
        members[change.member] = change.item


def list_of(members: Members) -> bytes:
    """Write a list of the state map: canonical JSON, sorted by member."""
    return canonical([members[number] for number in sorted(members)])


def updated_lists(
    changes: Iterable[Listed], current: Mapping[Names, bytes]
) -> dict[Names, bytes]:
    """Give the new lists of the state map.

    Args:
        changes: in order.
        current: the lists as they are, by (kind, name); absent = empty.
    """
    lists: dict[Names, Members] = {}
    for change in changes:
        names = (change.kind, change.name)
        members = lists.get(names)
        if members is None:
            octets = current.get(names)
            members = {m[0]: m for m in _members(octets)} if octets else {}
            lists[names] = members
        change_members(members, change)
    return {names: list_of(members) for names, members in lists.items()}
