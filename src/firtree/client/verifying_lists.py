"""Verify the lists of the state map, and all its roots, by ranges of keys.

What the statements change of lists is put aside in files, one for each range of keys.
Then a range is worked out from its file alone: every version of its lists, which are
held against the register, and the history of its part of the map.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import msgspec

from firtree.client.register_faults import RegisterFaults
from firtree.client.rows import Rows
from firtree.errors import UnavailableError
from firtree.ledger.maphistory import Part, history_of, part_of
from firtree.ledger.statemap import KEY_BITS, leaf_of, map_key
from firtree.library.ports import MapRow
from firtree.statements.fold import Listed, Members, Names, change_members, list_of

Change = tuple[int, Listed]  # number of a statement, and what it changes

_KEY_OCTETS = KEY_BITS // 8
_LENGTH_OCTETS = 8
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Change])
_ENDS = "ends"


class ListsChecked(NamedTuple):
    """What checking the lists of a range of keys has come to.

    Attributes:
        faults: what is wrong.
        versions: how many versions of lists the statements make.
        part: of the state map.
    """

    faults: RegisterFaults
    versions: int
    part: Part


def by_part(changes: Iterable[Change], bits: int) -> dict[int, bytes]:
    """Write changes of lists, by the first bits of their keys.

    Args:
        changes: in log order.
        bits: how many bits tell the part; at most 16.
    """
    parts: dict[int, list[Change]] = {}
    for change in changes:
        first = int.from_bytes(map_key(change[1].kind, change[1].name)[:2])
        parts.setdefault(first >> (16 - bits), []).append(change)
    return {part: _ENCODER.encode(changed) for part, changed in parts.items()}


class Aside:
    """Changes of lists that were put aside, in a folder.

    Args:
        folder: of files that belong to this alone.
        bits: 2 to the power of these is the number of parts.
    """

    def __init__(self, folder: Path, bits: int) -> None:
        self._folder = folder
        self.bits = bits

    def put(self, parts: Mapping[int, bytes]) -> None:
        """Put changes aside, in log order: those that :func:`by_part` has written.

        Raises:
            UnavailableError: there is no room for them.
        """
        with self._writable():
            for part, octets in parts.items():
                with self._path(part).open("ab") as file:
                    file.write(len(octets).to_bytes(_LENGTH_OCTETS) + octets)

    def put_ends(self, sizes: Sequence[int]) -> None:
        """Put aside the log sizes at the ends of all transactions that are folded.

        Raises:
            UnavailableError: there is no room for them.
        """
        with self._writable():
            (self._folder / _ENDS).write_bytes(array("Q", sizes))

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UnavailableError(
                f"{self._folder} cannot be written: {error.strerror}",
                hint="let TMPDIR name a folder with more room: a verification puts "
                "aside some 120 octets for each statement",
            ) from None

    def ends(self) -> Sequence[int]:
        """Give these sizes."""
        return array("Q", (self._folder / _ENDS).read_bytes())

    def changes(self, part: int) -> Iterator[Change]:
        """Give the changes of a part, in log order."""
        path = self._path(part)
        if not path.exists():
            return
        with path.open("rb") as file:
            while length := file.read(_LENGTH_OCTETS):
                yield from _DECODER.decode(file.read(int.from_bytes(length)))

    def keys(self, part: int) -> tuple[bytes, bytes]:
        """Give the least and the greatest key of a part."""
        span = 1 << (KEY_BITS - self.bits)
        first = part * span
        return first.to_bytes(_KEY_OCTETS), (first + span - 1).to_bytes(_KEY_OCTETS)

    def _path(self, part: int) -> Path:
        return self._folder / str(part)


def check_lists(rows: Rows, aside: Aside, part: int, name: str) -> ListsChecked:
    """Check the lists of a part of the state map.

    Args:
        rows: of the register.
        aside: what the statements change.
        part: which part.
        name: of the register's file, for what is wrong.

    Raises:
        VerificationError: the register cannot be read.
    """
    ends = aside.ends()
    size = ends[-1] if ends else 0
    changed = _by_key(aside.changes(part), size)
    kept = rows.lists(*aside.keys(part), size)
    faults, histories, count = RegisterFaults(name), [], 0
    for (key, names, changes), found in _beside(changed, kept):
        versions = _versions(changes, ends)
        count += len(versions)
        _compare(names, versions, found, faults)
        leaves = {
            size: leaf_of(key, sha256(octets).digest())
            for size, octets in versions.items()
        }
        histories.append((key, leaves))
    map_part = part_of(history_of(histories, aside.bits))
    return ListsChecked(faults, count, map_part)


_OfKey = tuple[bytes, Names, list[Change]]


def _by_key(changes: Iterable[Change], size: int) -> list[_OfKey]:
    """Gather changes below a log size by their lists; sort these by key."""
    found: dict[Names, list[Change]] = {}
    for number, change in changes:
        if number < size:
            found.setdefault((change.kind, change.name), []).append((number, change))
    return sorted((map_key(*names), names, of) for names, of in found.items())


def _beside(
    changed: Iterable[_OfKey], kept: Iterable[MapRow]
) -> Iterator[tuple[_OfKey, list[MapRow]]]:
    """Give lists with what is kept of them; both are sorted by key."""
    groups = groupby(kept, key=itemgetter(0))
    key, rows = next(groups, (None, []))
    for one in changed:
        while key is not None and key < one[0]:
            key, rows = next(groups, (None, []))
        yield one, list(rows) if key == one[0] else []


def _versions(changes: Iterable[Change], ends: Sequence[int]) -> dict[int, bytes]:
    """Give the versions of a list by the log size from which on they hold."""
    members: Members = {}
    found = {}
    for place, changed in groupby(changes, key=lambda one: bisect_right(ends, one[0])):
        for _, change in changed:
            change_members(members, change)
        found[ends[place]] = list_of(members)
    return found


def _compare(
    names: Names,
    versions: Mapping[int, bytes],
    found: Iterable[MapRow],
    faults: RegisterFaults,
) -> None:
    """Hold the versions of a list against the rows that are kept of it."""
    kept = {row.since: row for row in found}
    for since, octets in versions.items():
        row = kept.get(since)
        if row is None or row[2:] != (*names, octets):
            where = f"kind {names[0]}, name {names[1]!r}, since {since}"
            faults.row("map_leaf", where, "", at=since)
