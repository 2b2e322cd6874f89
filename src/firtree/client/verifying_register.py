"""Verify what needs all statements of a register, in their order.

Ranges of statements were checked one by one (:mod:`.verifying_rows`).  Here they are
joined: transactions that go on in the next range, the tree, the number of rows, the
tables that are small, and the roots of the state map, which leaves name.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence

from firtree.client.register_faults import (
    RegisterFaults,
    check_end,
    check_leaves,
    check_tiles,
)
from firtree.client.rows import Rows, Seen
from firtree.client.verifying import Faults
from firtree.client.verifying_files import roots_of_tiles
from firtree.client.verifying_lists import Aside, ListsChecked
from firtree.client.verifying_rows import Gathered
from firtree.client.verifying_tasks import IndexesChecked
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.maphistory import NEVER, Part, roots_of
from firtree.ledger.merkle import Frontier, split_hashes
from firtree.ledger.statemap import EMPTY
from firtree.library.ports import End
from firtree.statements.fold import MakerRow, PartyRow
from firtree.statements.statement import misplaced

_Small = MakerRow | PartyRow
_NONE = (NEVER, EMPTY)


class RegisterCheck:
    """Joins what ranges of statements, and then parts of the state map, have come to.

    Args:
        rows: of the register.
        name: of the register's file, for what is wrong.
        aside: where changes of lists are put.
        faults: grows.

    Attributes:
        frontier: of the tree that the statements lead to, as long as they can be
            relied on.
    """

    def __init__(self, rows: Rows, name: str, aside: Aside, faults: Faults) -> None:
        self._rows = rows
        self._aside = aside
        self._faults = faults
        self._name = name
        self._wrong_lists = Faults()
        self._number = 0
        self._unreliable: int | None = None
        self._unknown: int | None = None
        self._hidden = 0
        self._absent = 0
        self._excused: set[int] = set()
        self._newest: dict[str, int] = {}
        self._has_wrong_rows = False
        self._open: End | None = None
        self._size = 0
        self._sizes = array("Q")
        self._states = bytearray()
        self.frontier = Frontier()
        self._roots = bytearray()
        self._entries = 0
        self._others = 0
        self._versions = 0
        self._parts: list[Part] = []
        self._makers: list[MakerRow] = []
        self._parties: list[PartyRow] = []

    def take(self, gathered: Gathered, stop: int, lists: Mapping[int, bytes]) -> None:
        """Take in a range of statements, behind those taken before.

        Args:
            gathered: what it has come to.
            stop: number after its last statement.
            lists: changes of lists, by part of the state map.

        Raises:
            VerificationError: the register cannot be read.
        """
        self._faults.join(gathered.faults)
        self._number = stop
        self._hidden += gathered.hidden
        self._absent += gathered.absent
        self._excused |= gathered.excused
        if self._unreliable is None:
            self._faults.join(gathered.rows)
            self._check_order(gathered)
            self._join(gathered)
            self._aside.put(lists)
            self._unreliable = gathered.unreliable
        if gathered.damaged:
            raise VerificationError(gathered.damaged)

    def close(self) -> int:
        """Close the last transaction; give the size up to which all is folded.

        Raises:
            VerificationError: the register cannot be read.
        """
        if self._open is not None:
            self._close(self._open, is_checked=False)
        self._aside.put_ends(self._sizes)
        return self._size

    def take_lists(self, checked: ListsChecked) -> None:
        """Take in a part of the state map, behind those taken before."""
        self._wrong_lists.join(checked.faults)
        self._versions += checked.versions
        self._parts.append(checked.part)

    def finish(self, indexes: IndexesChecked) -> Seen:
        """Check what is left: states, and the number of rows.

        Raises:
            VerificationError: the register cannot be read.
        """
        self._check_states()
        if indexes.told:
            self._faults.add(self._name, indexes.told)
        if self._unreliable is None:
            self._check_counts(indexes)
            self._check_tiles()
            self._check_small("maker", self._makers, self._rows.makers())
            self._check_small("party", self._parties, self._rows.parties())
        return Seen(
            self._number,
            self._hidden - len(self._excused),
            self._absent,
            self._unknown is None and self._unreliable is None,
            self._unreliable,
        )

    def _join(self, gathered: Gathered) -> None:
        """Join what was folded to what was before."""
        for place, end in enumerate(gathered.ends):
            if self._open is not None:
                if not place:
                    self._check_leaves(self._open, end)
                if self._open.at != end.at:
                    self._close(self._open, is_checked=place > 0)
            self._open = end
        if gathered.unreliable is not None:
            # Of a transaction with such a statement, nothing is folded.
            self._open = None
        if self._unknown is None:
            self._unknown = gathered.unknown
        self.frontier = gathered.frontier
        self._roots += gathered.roots
        self._entries += gathered.entries
        self._others += gathered.others
        self._makers += gathered.makers
        self._parties += gathered.parties

    def _check_leaves(self, before: End, end: End) -> None:
        """Check the times and states of the leaves where two ranges meet."""
        goes_on = before.at == end.at
        ends = (before, end) if goes_on else (end,)
        leaves = [Leaf(each.at, b"", each.state) for each in ends]
        faults = RegisterFaults(self._name)
        check_leaves(leaves, None if goes_on else before.at, before.size, faults)
        self._faults.join(faults)

    def _check_order(self, gathered: Gathered) -> None:
        """Check which statements others take the place of, while all are known.

        Of entries the rows tell, so where rows are wrong, statements are not blamed.
        """
        if self._unknown is not None:
            return
        stop = self._number if gathered.unknown is None else gathered.unknown
        self._has_wrong_rows |= gathered.rows.count > 0
        if not self._has_wrong_rows:
            self._faults.join(gathered.order.up_to(stop - 1))
        faults = RegisterFaults(self._name)
        for number, subject, replaces, is_open in gathered.said:
            told = misplaced(replaces, self._newest.get(subject))
            if told and is_open and number < stop:
                faults.statement(number, told)
            self._newest[subject] = number
        self._faults.join(faults)

    def _close(self, end: End, *, is_checked: bool) -> None:
        """Note the end of a transaction, and check what is kept of it."""
        if not is_checked:
            faults = RegisterFaults(self._name)
            check_end(self._rows, end, faults)
            self._faults.join(faults)
        self._size = end.size
        self._sizes.append(end.size)
        self._states += end.state

    def _check_states(self) -> None:
        """Hold the states that leaves name against the roots of the state map.

        Behind a wrong one, lists are not blamed.
        """
        wrong = self._wrong_state()
        if wrong is None:
            self._wrong_lists.listed.sort(key=lambda fault: fault.at)
            self._faults.join(self._wrong_lists)
            return
        self._faults.join(self._wrong_lists.up_to(wrong))
        told = "its leaf names another state than the statements up to it lead to"
        self._faults.add(f"{self._name}, statement {wrong - 1}", told)
        if self._unreliable is None:
            self._unreliable = wrong - 1

    def _wrong_state(self) -> int | None:
        """Give the log size after the first transaction with another state."""
        roots = roots_of(self._parts)
        root, (size, following) = EMPTY, next(roots, _NONE)
        states = split_hashes(bytes(self._states))
        for end, state in zip(self._sizes, states, strict=True):
            if self._unknown is not None and self._unknown < end:
                break
            while size <= end:
                root, (size, following) = following, next(roots, _NONE)
            if root != state:
                return end
        return None

    def _check_counts(self, found: IndexesChecked) -> None:
        """Compare numbers of rows, so that one that no statement makes is found."""
        faults = RegisterFaults(self._name)
        if self._number and not self._rows.is_at(self._size, self.frontier):
            faults.row("head", "id 1")
        newest = self._entries - self._others
        faults.count_of("entry", "rows", self._entries, found.entries)
        faults.count_of("entry", "rows that hold", newest, found.holding)
        faults.count_of("map_leaf", "rows", self._versions, found.lists)
        self._faults.join(faults)

    def _check_tiles(self) -> None:
        """Check what is kept of the tiles of levels 1 and above."""
        faults = RegisterFaults(self._name)
        level, hashes = 1, bytes(self._roots)
        while hashes:
            check_tiles(self._rows, level, 0, hashes, faults)
            level, hashes = level + 1, roots_of_tiles(hashes)
        self._faults.join(faults)

    def _check_small(
        self,
        table: str,
        made: Sequence[_Small],
        kept: Iterator[tuple[_Small, int | None]],
    ) -> None:
        """Check a table that is small enough to be held whole."""
        faults = RegisterFaults(self._name)
        ends: dict[object, int] = {}
        expected: dict[tuple[object, int], tuple[object, int | None]] = {}
        for row in reversed(made):
            expected[row[0], row.since] = (row, ends.get(row[0]))
            ends[row[0]] = row.since
        for row, until in kept:
            if row.since > self._size:
                continue
            # A version that ended later had no end yet.
            end = None if until is not None and until > self._size else until
            if expected.pop((row[0], row.since), None) != (row, end):
                faults.row(table, f"{row._fields[0]} {row[0]}, since {row.since}")
        for thing, since in expected:
            faults.missing_row(table, f"{thing}, since {since}")
        self._faults.join(faults)
