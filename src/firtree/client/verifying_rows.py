"""Verify the register of a mirror against its leaves, row by row, in little memory.

Every statement is checked against its leaf and folded; the state map is made anew and
held against what the leaves name.  A row of a table is checked when the statement that
makes it comes, so that rows checked before can be relied on for what follows.
"""

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

from firtree.catalogue.entry import Entry
from firtree.client.replay import Known, is_hidden, named, told_by
from firtree.client.rows import Ids, Rows, Seen
from firtree.client.verifying import Faults
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.merkle import HASH_OCTETS, Frontier, leaf_hash
from firtree.ledger.sections import SALTS_OCTETS, Body, verify_body
from firtree.ledger.statemap import StateMap, map_key
from firtree.ledger.tiles import TILE_WIDTH
from firtree.library.ports import End, StatementRow
from firtree.statements.fold import (
    Changes,
    EntryRow,
    Listed,
    MakerRow,
    PartyRow,
    apply,
    updated_lists,
)
from firtree.statements.types.erasure import Erasure

_ZEROS = bytes(SALTS_OCTETS)
_OTHERWISE = "not what follows from the statements"
_OCTETS = frozenset({bytes, type(None)})
Small = MakerRow | PartyRow


class _Folded(NamedTuple):
    """What is left of a statement when its own rows are checked.

    Attributes:
        number: place in the log.
        leaf: what its leaf says.
        hash: of its leaf.
        lists: what it changes of the state map.
    """

    number: int
    leaf: Leaf
    hash: bytes
    lists: tuple[Listed, ...]


class RowsCheck:
    """Checks the statements and tables of a mirror, some blocks at a time.

    Args:
        rows: of its register.
        name: of the register's file, for what is wrong.
        faults: grows.
    """

    def __init__(self, rows: Rows, name: str, faults: Faults) -> None:
        self._rows = rows
        self._name = name
        self._faults = faults
        self._state: StateMap | None = StateMap()
        self._unreliable: int | None = None
        self._frontier = Frontier()
        self._above: dict[int, bytearray] = {}
        self._held: list[_Folded] = []
        self._size = 0
        self._number = 0
        self._hidden = 0
        self._absent = 0
        self._ids = Ids()
        self._entries = 0
        self._keys: set[bytes] = set()
        self._lists = 0
        self._makers: list[MakerRow] = []
        self._parties: list[PartyRow] = []

    def take(self, leaves: Sequence[bytes], count: int) -> None:
        """Check the statements of some leaves, and fold whole transactions.

        Args:
            leaves: in log order, behind those taken before; empty = they are damaged,
                and what is kept of them is checked alone.
            count: how many statements they are.
        """
        start, stop = self._number, self._number + count
        expected = dict(enumerate(leaves, start))
        following = start
        for row in self._rows.statements(start, stop):
            self._missing(following, row.number)
            following = row.number + 1
            self._statement(row, expected.get(row.number))
        self._missing(following, stop)
        self._number = stop
        *whole, last = [list(g) for _, g in groupby(self._held, _time)] or [[]]
        for transaction in whole:
            self._transaction(transaction)
        # Of a transaction with a statement that cannot be relied on, nothing is folded.
        self._held = last if self._unreliable is None else []

    def finish(self) -> Seen:
        """Check what is left: the last transaction, and the number of rows."""
        if self._held:
            self._transaction(self._held)
        if told := self._rows.check_indexes():
            self._faults.add(self._name, told)
        if self._unreliable is None:
            self._check_counts()
            self._check_tiles()
            self._check_small("maker", self._makers, self._rows.makers())
            self._check_small("party", self._parties, self._rows.parties())
        return Seen(
            self._number,
            self._hidden,
            self._absent,
            self._state is not None and self._unreliable is None,
            self._unreliable,
        )

    def _missing(self, number: int, found: int) -> None:
        if number < found:
            told = "it is missing"
            if found - number > 1:
                told = f"it and those up to {found - 1} are missing"
            self._refuse(number, told)

    def _refuse(self, number: int, told: str) -> None:
        """Note a statement that cannot be relied on; nothing is folded behind it."""
        self._faults.add(f"{self._name}, statement {number}", told)
        if self._unreliable is None:
            self._unreliable = number

    def _statement(self, row: StatementRow, leaf: bytes | None) -> None:
        try:
            _check_types(row)
            if leaf is not None and row.leaf != leaf:
                self._refuse(row.number, "its leaf is not the one in the log's files")
                row = row._replace(leaf=leaf)
            known = self._known(row)
        except VerificationError as error:
            self._refuse(row.number, str(error))
            return
        if self._unreliable is None:
            self._held.append(self._folded(known))

    def _known(self, row: StatementRow) -> Known:
        read = Leaf.parse(row.leaf)
        self._hidden += is_hidden(row)
        sections = (row.head, row.core, row.fir, row.people, row.private)
        absent = sections.count(None)
        self._absent += absent
        if absent < len(sections) or row.commitments != _ZEROS:
            verify_body(Body(sections, row.salts, row.commitments), read.body)
        statement = told_by(row)
        known = named(row, statement)
        if known.subject != row.subject:
            raise VerificationError(
                f"it is about {known.subject!r}, but kept as one about {row.subject!r}"
            )
        return Known(known, read, statement)

    def _folded(self, known: Known) -> _Folded:
        """Fold a statement, check the rows that it alone makes, and let go of it."""
        row, leaf, statement = known
        if statement is None:
            self._state = None
            return _Folded(row.number, leaf, leaf_hash(row.leaf), ())
        subject = statement.subject
        before = None
        if isinstance(subject, Entry) and subject.id in self._ids:
            before = self._rows.entry_before(subject.id, row.number + 1)
        changes = Changes.none()
        apply(
            statement,
            number=row.number,
            body=leaf.body,
            previous=before[0].key if before else None,
            changes=changes,
        )
        for made in changes.entries:
            self._check_entry(made, before)
        if isinstance(subject, Erasure):
            self._check_erased(subject, row.number)
        self._makers += changes.makers
        self._parties += changes.parties
        return _Folded(row.number, leaf, leaf_hash(row.leaf), tuple(changes.lists))

    def _check_erased(self, erasure: Erasure, number: int) -> None:
        """Check that what was erased at the source is not here any more."""
        for row in self._rows.statements(erasure.statement, erasure.statement + 1):
            if getattr(row, erasure.section) is not None:
                told = f"section {erasure.section!r} was erased by statement {number}"
                self._refuse(row.number, f"{told}, and is still here")
            elif erasure.section == "fir" and row.core is not None:
                self._hidden -= 1

    def _transaction(self, transaction: list[_Folded]) -> None:
        """Check what a transaction as a whole makes: its end, lists and state."""
        last = transaction[-1]
        before, self._size = self._size, last.number + 1
        self._grow([one.hash for one in transaction], last.leaf)
        listed = [change for one in transaction for change in one.lists]
        self._check_lists(listed, before, last)

    def _grow(self, hashes: list[bytes], leaf: Leaf) -> None:
        """Grow the tree, and check what is kept of it."""
        self._frontier, gained = self._frontier.grown(hashes)
        self._above.setdefault(0, bytearray()).extend(b"".join(hashes))
        for level, _, digest in gained:
            self._above.setdefault(level, bytearray()).extend(digest)
        self._check_leaf_tiles()
        end = End(self._size, leaf.at, self._frontier.root, leaf.state)
        if self._rows.end(self._size) != end:
            self._row("checkpoint", f"size {self._size}", _OTHERWISE)

    def _check_leaf_tiles(self) -> None:
        """Compare level-0 tiles that are complete, and let go of them."""
        open_hashes = self._above[0]
        size = TILE_WIDTH * HASH_OCTETS
        first = (self._size * HASH_OCTETS - len(open_hashes)) // size
        while len(open_hashes) >= size:
            self._check_tile(0, first, bytes(open_hashes[:size]))
            del open_hashes[:size]
            first += 1

    def _check_tile(self, level: int, number: int, octets: bytes) -> None:
        if not self._rows.tile(level, number).startswith(octets):
            self._row("tile", f"level {level}, number {number}", _OTHERWISE)

    def _check_tiles(self) -> None:
        """Compare the tiles of levels 1 and above."""
        size = TILE_WIDTH * HASH_OCTETS
        for level, octets in self._above.items():
            for start in range(0, len(octets) if level else 0, size):
                piece = bytes(octets[start : start + size])
                self._check_tile(level, start // size, piece)

    def _check_entry(
        self, row: EntryRow, before: tuple[EntryRow, int | None] | None
    ) -> None:
        """Check the row of an entry, and that the version before ends with it."""
        if before is not None and before[1] != row.since:
            self._row("entry", f"id {row.id}, since {before[0].since}", "until")
        self._ids.add(row.id)
        self._entries += 1
        found = self._rows.entry(row.id, row.since)
        where = f"id {row.id}, since {row.since}"
        if found is None:
            self._row("entry", where, "it is missing")
        elif found[0] != row:
            pairs = zip(EntryRow._fields, found[0], row, strict=True)
            names = [name for name, one, other in pairs if one != other]
            self._row("entry", where, ", ".join(names))

    def _row(self, table: str, where: str, told: str) -> None:
        if told.partition(",")[0].isidentifier():
            told = f"{told}: {_OTHERWISE}"
        self._faults.add(f"{self._name}, table {table}, row with {where}", told)

    def _check_lists(
        self, listed: Sequence[Listed], before: int, last: _Folded
    ) -> None:
        names = {(change.kind, change.name) for change in listed}
        current = {}
        for each in names:
            found = self._rows.list_at(map_key(*each), before)
            if found is not None and map_key(*each) in self._keys:
                current[each] = found.list
        lists = updated_lists(listed, current)
        updates = []
        for each, octets in lists.items():
            key = map_key(*each)
            self._keys.add(key)
            self._lists += 1
            updates.append((key, sha256(octets).digest()))
            found = self._rows.list_at(key, self._size)
            right = (self._size, *each, octets)
            if found is None or (found.since, *found[2:]) != right:
                kind, name = each
                where = f"kind {kind}, name {name!r}, since {self._size}"
                self._row("map_leaf", where, _OTHERWISE)
        self._check_state(updates, last)

    def _check_state(
        self, updates: Collection[tuple[bytes, bytes]], last: _Folded
    ) -> None:
        if self._state is None:
            return
        self._state = self._state.updated(updates)
        if self._state.root != last.leaf.state:
            self._refuse(
                last.number,
                "its leaf names another state than the statements up to it lead to",
            )

    def _check_counts(self) -> None:
        """Count rows, so that one that no statement makes is found."""
        if self._number and not self._rows.is_at(self._size, self._frontier):
            self._row("head", "id 1", _OTHERWISE)
        for table, made, newest in (
            ("entry", self._entries, len(self._ids)),
            ("map_leaf", self._lists, len(self._keys)),
        ):
            for expected, only in ((made, False), (newest, True)):
                found = self._rows.count(table, self._size, newest=only)
                if found != expected:
                    which = "rows that hold" if only else "rows"
                    self._faults.add(
                        f"{self._name}, table {table}",
                        f"expected {expected} {which}, found {found}",
                    )

    def _check_small(
        self,
        table: str,
        made: Sequence[Small],
        kept: Iterator[tuple[Small, int | None]],
    ) -> None:
        """Check a table that is small enough to be held whole."""
        ends: dict[object, int] = {}
        expected: dict[tuple[object, int], tuple[object, int | None]] = {}
        for row in reversed(made):
            expected[row[0], row.since] = (row, ends.get(row[0]))
            ends[row[0]] = row.since
        for row, until in kept:
            if row.since > self._size:
                continue
            right = expected.pop((row[0], row.since), None)
            later = until is not None and until > self._size
            if right != (row, None if later else until):
                where = f"{row._fields[0]} {row[0]}, since {row.since}"
                self._row(table, where, _OTHERWISE)
        for thing, since in expected:
            self._row(table, f"{thing}, since {since}", "it is missing")


def _check_types(row: StatementRow) -> None:
    """Check that a row holds octets where it should, for SQLite would take all."""
    octets = (row.leaf, *row[3:])
    if not {*map(type, octets)} <= _OCTETS:
        raise VerificationError("its row holds values of another type")


def _time(one: _Folded) -> object:
    return one.leaf.at
