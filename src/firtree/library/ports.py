"""What the use cases need of the outside, as contracts.

Adapters: ``storage/sql.py`` (SQLite and PostgreSQL) and ``storage/memory.py``; one
suite of tests, ``tests/contracts``, holds them all to these words.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import NamedTuple, Protocol

import msgspec

from firtree.access import Scope
from firtree.devices import ModelKey
from firtree.ledger.merkle import Frontier
from firtree.ledger.sections import Disclosed
from firtree.ledger.tiles import Tile
from firtree.library.list_ports import Lists
from firtree.library.tables import Tables
from firtree.statements.fold import EntryRow, MakerRow, Names, PartyRow
from firtree.statements.segments import SegmentRow


class Head(NamedTuple):
    """The newest committed state of the log.

    Attributes:
        frontier: right edge of the tree; its size is the log size.
        at: when the last statement was recorded; None while there is none.
        state: root of the state map, 32 octets.
    """

    frontier: Frontier = Frontier()
    at: datetime | None = None
    state: bytes = bytes(32)

    @property
    def size(self) -> int:
        """Number of statements."""
        return self.frontier.size


class End(NamedTuple):
    """The end of a transaction: a size at which there is a checkpoint."""

    size: int
    at: datetime
    root: bytes
    state: bytes


class StatementRow(NamedTuple):
    """A statement as it is kept: leaf, sections, salts and commitments.

    Attributes:
        number: place in the log, counted from 0.
        leaf: 191 octets.
        subject: name of its subject, such as ``entry/1042``.
        head … private: the sections; None = erased.
        salts: 160 octets; zeros for an erased section.
        commitments: 160 octets.
    """

    number: int
    leaf: bytes
    subject: str
    head: bytes | None
    core: bytes | None
    fir: bytes | None
    people: bytes | None
    private: bytes | None
    salts: bytes
    commitments: bytes

    @property
    def sections(self) -> Disclosed:
        """The five sections, in their order."""
        return self.head, self.core, self.fir, self.people, self.private


class StatementHead(NamedTuple):
    """What a statement is about, without what it says.

    Attributes:
        number: place in the log, counted from 0.
        leaf: 191 octets.
        subject: name of its subject, such as ``entry/1042``.
        head: section ``head``; None = erased.
    """

    number: int
    leaf: bytes
    subject: str
    head: bytes | None


class MapRow(NamedTuple):
    """A list of the state map, as of a transaction.

    Attributes:
        key: 32 octets.
        since: log size at the transaction's end.
        kind, name: what the list is about.
        list: canonical JSON.
    """

    key: bytes
    since: int
    kind: str
    name: str
    list: bytes


class Signing(Protocol):
    """Gives the notes of a log's checkpoints: by its key, or those that were kept."""

    @property
    def name(self) -> str:
        """Origin of the log."""

    def sign(self, text: str) -> str:
        """Give the note of a checkpoint's text."""


# What has versions that end: an entry or a party by its id, a maker by its code.  An
# entry's id may be that of a party too, whose version then ends only if it has a later
# one in the same batch.
Thing = int | str


class Erased(NamedTuple):
    """What the erasure of a section changes in place.

    Attributes:
        row: the statement without the section.
        outline: of the entry's version anew; None = it is about no entry.
        segments: rows of the one segment that covers it, anew; empty = none does.
    """

    row: StatementRow
    outline: bytes | None
    segments: Sequence[SegmentRow]


class Batch(NamedTuple):
    """Everything one transaction adds, to be written together or not at all.

    Attributes:
        statements: in log order, starting at the size before.
        entries, makers, parties: rows of the fold, in order; each ends the version
            before.
        lists: one per changed list.
        replaced: what among them has a version before this batch, which thereby ends.
        tiles: full tiles of level 0; hashes that higher tiles gain.
        head: the log after it.
        segments: of the search index, where it is time for some.
        erased: sections that are destroyed, octets and salt.
    """

    statements: Sequence[StatementRow]
    entries: Sequence[EntryRow]
    makers: Sequence[MakerRow]
    parties: Sequence[PartyRow]
    lists: Sequence[MapRow]
    replaced: Collection[Thing]
    tiles: Sequence[Tile]
    head: Head
    segments: Sequence[SegmentRow] = ()
    erased: Sequence[Erased] = ()


class Stored(NamedTuple):
    """A stored entry or maker: the number of its statement, and its sections."""

    number: int
    core: bytes
    fir: bytes | None
    people: bytes | None
    private: bytes | None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are asked for; an empty field asks nothing.

    Args:
        device_types: names of device types, any of which will do.
        manufacturer, model: upper case; DUIS DeviceManufacturer and DeviceModel.
        firmware: upper case.
        image_hash: 64 upper-case hexadecimal digits.
        status: one of the four.
        in_force_on: the day the status is judged on, by the entries' own dates;
            entries published later are left out.
    """

    device_types: tuple[str, ...] = ()
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    image_hash: str = ""
    status: str = ""
    in_force_on: date | None = None

    @property
    def narrow(self) -> bool:
        """Whether it asks for something of which there is little."""
        return bool(self.manufacturer or self.model or self.firmware or self.image_hash)


class Concerned(NamedTuple):
    """Whom statements concern.

    Attributes:
        codes: manufacturer codes whose entries and maker they are about.
        party: id of the party they are about; 0 = none.
    """

    codes: frozenset[str]
    party: int


class Reading(Lists, Tables, Protocol):
    """One consistent state of the register, however long it is looked at.

    ``size`` arguments are log sizes; rows of a later one are not seen.
    """

    def head(self) -> Head:
        """Give the log's head."""

    def end_at(self, moment: datetime) -> End | None:
        """Give the last transaction's end that is not later than a moment."""

    def end_of_size(self, size: int) -> End | None:
        """Give the last transaction's end whose size is not above ``size``."""

    def entries_of_model(self, key: ModelKey, size: int) -> list[Stored]:
        """Give every entry of a model key, by id."""

    def entries(self, ids: Collection[int], size: int) -> list[Stored]:
        """Give the entries with these ids, by id; unknown ones are left out."""

    def entry_rows(self, ids: Collection[int]) -> dict[int, EntryRow]:
        """Give the newest narrow rows of these ids, by id."""

    def siblings(self, key: ModelKey, size: int, limit: int) -> list[Stored]:
        """Give entries of the same manufacturer and first half of the model.

        The model itself is left out.
        """

    def sharing_images(self, hashes: Collection[str], size: int) -> list[Stored]:
        """Give the entries with these Manufacturer Image Hashes."""

    def ids(self, size: int) -> Iterator[int]:
        """Yield the id of every entry, by id."""

    def page(
        self, wanted: Filter, scope: Scope, *, size: int, after: int, limit: int
    ) -> list[Stored]:
        """Give entries in the order of their ids, those above ``after`` only."""

    def chosen(
        self, ids: Collection[int], wanted: Filter, scope: Scope, *, size: int
    ) -> list[Stored]:
        """Give those of these entries that fit, by id."""

    def indexed(self) -> int:
        """Give the number of statements that the search index covers."""

    def segments(
        self, kinds: Collection[str], start: int, stop: int
    ) -> list[SegmentRow]:
        """Give rows of the search index, segment by segment.

        Args:
            kinds: which rows of each segment.
            start: least number of a segment's first statement.
            stop: number from which on segments are left out.
        """

    def names(self, size: int) -> list[MakerRow]:
        """Give the names of all makers."""

    def makers(self, codes: Collection[str], size: int) -> list[Stored]:
        """Give the makers with these codes; unknown ones are left out."""

    def parties(self, size: int) -> list[Stored]:
        """Give every party, by id."""

    def concerning(self, about: "Concerned", below: int, limit: int) -> list[int]:
        """Give the numbers of statements that concern somebody, the newest first.

        Args:
            about: whom; by an erasure, whom the erased statement concerns.
            below: number below which they lie.
            limit: how many at most.
        """

    def counts(self, size: int) -> Mapping[str, int]:
        """Count the entries of each status."""

    def touched(self, since: int) -> list[Names]:
        """Name the lists of the state map that changed after a log size."""

    def map_lists(self, keys: Collection[bytes]) -> dict[Names, bytes]:
        """Give the newest lists with these keys."""

    def lists_at(self, keys: Collection[bytes], size: int) -> dict[bytes, bytes]:
        """Give the lists under these keys of the state map, as of a log size.

        By key; those that were not there yet are left out.
        """

    def map_leaves(self, since: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, list) of every newest list that changed after a log size."""

    def statements(self, start: int, stop: int) -> Iterator[StatementRow]:
        """Yield statements ``start`` to ``stop`` - 1 in log order."""

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Give the leaves of statements ``start`` to ``stop`` - 1 in log order."""

    def heads(self, start: int, stop: int) -> list[StatementHead]:
        """Say what statements ``start`` to ``stop`` - 1 are about, in log order."""

    def versions(self, entry_id: int, upto: int, limit: int) -> list[StatementRow]:
        """Give the statements about an entry, the newest first.

        Only those that are part of the log of size ``upto``, and at most ``limit``.
        """

    def ends(self, start: int) -> Iterator[End]:
        """Yield the ends of transactions above a size, in order."""

    def tile(self, level: int, number: int) -> bytes:
        """Give the hashes kept of a tile, joined; empty where there are none."""


class Writing(Reading, Protocol):
    """A unit of work; holds the one write lock until it ends."""

    def write(self, batch: Batch) -> None:
        """Add what a transaction adds."""

    def clear_tables(self) -> None:
        """Empty register tables, state map and tiles, so that they can be rebuilt."""

    def write_tables(self, batch: Batch) -> None:
        """Add a batch's rows to register tables, state map and tiles only."""

    def write_end(self, head: Head) -> None:
        """Make this the log's head, and keep it as the end of a transaction."""


class Register(Protocol):
    """Where a register is kept.  Safe to share between threads."""

    def reading(self) -> AbstractContextManager[Reading]:
        """Look at one consistent state; never waits for a writer."""

    def writing(self) -> AbstractContextManager[Writing]:
        """Begin a unit of work: leave the block to commit durably, raise to undo.

        The write lock is taken before anything is read.

        Raises:
            UnavailableError: other writers kept us waiting too long, or the disk is
                full; nothing was written.
        """

    def size(self) -> int:
        """Give the committed log size; cheap enough to ask at every request."""

    def outlines_of_model(self, key: ModelKey, size: int) -> dict[int, bytes]:
        """Give the outline of every entry of a model key, as of a log size.

        By the number of the entry's statement, in no order.  One question needs no
        state to be held; this costs half of what ``reading()`` does.
        """

    def entries_numbered(self, numbers: Collection[int]) -> list[Stored]:
        """Give the entries that these statements recorded, in no order."""

    def list_since(self, key: bytes) -> int:
        """Give the log size since which a list of the state map holds; 0 = none."""

    def close(self) -> None:
        """Let go of files and connections."""
