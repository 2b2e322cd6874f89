"""The state of a register in memory, and its lists."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from firtree.access import Scope
from firtree.devices import ModelKey
from firtree.library.list_ports import ImageKey, Sharer, Tally
from firtree.library.ports import End, Head, MapRow, StatementRow
from firtree.statements.fold import EntryRow, MakerRow, PartyRow
from firtree.statements.segments import SegmentRow


class Version(Protocol):
    """A row of something that has versions."""

    @property
    def since(self) -> int:
        """Log size from which it holds."""


Thing = TypeVar("Thing")
Row = TypeVar("Row", bound=Version)


class Tables(NamedTuple):
    """One state; versions stand oldest first, each ends the one before."""

    head: Head
    statements: list[StatementRow]
    ends: list[End]
    tiles: dict[tuple[int, int], bytes]
    entries: dict[int, tuple[EntryRow, ...]]
    makers: dict[str, tuple[MakerRow, ...]]
    parties: dict[int, tuple[PartyRow, ...]]
    lists: dict[bytes, tuple[MapRow, ...]]
    segments: list[SegmentRow]

    def copy(self) -> "Tables":
        """Give a state that can be changed without changing this one."""
        return Tables(
            self.head,
            self.statements.copy(),
            self.ends.copy(),
            self.tiles.copy(),
            self.entries.copy(),
            self.makers.copy(),
            self.parties.copy(),
            self.lists.copy(),
            self.segments.copy(),
        )


class MemoryLists:
    """Implements the lists of ``Reading`` on one state."""

    tables: Tables

    def rows(self, size: int) -> list[EntryRow]:
        """Give the entries as of a size, by id."""
        known = self.tables.entries
        found = (as_of(known[entry_id], size) for entry_id in sorted(known))
        return [row for row in found if row is not None]

    def manufacturers(
        self, scope: Scope, *, size: int, after: str, limit: int
    ) -> list[str]:
        if (within := scope.codes) is not None:
            codes = set(within)
        else:
            codes = {row.manufacturer for row in self.rows(size)}
            for code, rows in self.tables.makers.items():
                codes |= {code} if as_of(rows, size) else set()
        return sorted(code for code in codes if code > after)[:limit]

    def tally(self, scope: Scope, code: str, size: int) -> Tally:
        rows = [
            row
            for row in self.rows(size)
            if row.manufacturer == code and scope.covers(row.key)
        ]
        statuses: dict[str, int] = {}
        for row in rows:
            statuses[row.status] = statuses.get(row.status, 0) + 1
        return Tally(len({row.model for row in rows}), statuses)

    def models(
        self, scope: Scope, manufacturer: str, *, size: int, after: ModelKey, limit: int
    ) -> list[ModelKey]:
        keys = {
            row.key
            for row in self.rows(size)
            if scope.covers(row.key) and manufacturer in {"", row.manufacturer}
        }
        start = after._replace(manufacturer=manufacturer or after.manufacturer)
        return sorted(key for key in keys if key > start)[:limit]

    def ids_of_maker(
        self, code: str, *, size: int, after: int, limit: int
    ) -> list[int]:
        rows = (row for row in self.rows(size) if row.manufacturer == code)
        return [row.id for row in rows if row.id > after][:limit]

    def releases(
        self,
        scope: Scope,
        manufacturer: str,
        image_hash: str,
        *,
        size: int,
        after: ImageKey,
        limit: int,
    ) -> list[ImageKey]:
        keys = {
            ImageKey(row.image_hash, row.manufacturer)
            for row in self.rows(size)
            if scope.covers(row.key)
            and row.image_hash
            and manufacturer in {"", row.manufacturer}
            and image_hash in {"", row.image_hash}
        }
        return sorted(key for key in keys if key > after)[:limit]

    def ids_of_release(
        self, scope: Scope, key: ImageKey, *, size: int, limit: int
    ) -> list[int]:
        rows = (row for row in self.rows(size) if scope.covers(row.key))
        found = (row for row in rows if (row.image_hash, row.manufacturer) == key)
        return [row.id for row in found][:limit]

    def sharers(self, hashes: Collection[str], size: int) -> Iterator[Sharer]:
        wanted = set(hashes)
        found = (each for each in self._sharers(size) if each.image_hash in wanted)
        yield from sorted(found)

    def _sharers(self, size: int) -> Iterator[Sharer]:
        for row in self.rows(size):
            yield Sharer(row.image_hash, row.manufacturer, row.id)


def as_of(versions: Sequence[Row], size: int) -> Row | None:
    """Give the version that holds at a size; None where there is none yet."""
    return last(row for row in versions if row.since <= size)


def last(values: Iterable[Thing]) -> Thing | None:
    """Give the last of some values; None where there are none."""
    found = None
    for value in values:
        found = value
    return found
