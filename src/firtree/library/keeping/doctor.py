"""Check a register against its own log, from the leaves up.

The order: every statement against its leaf; the tree, its tiles and roots from the
leaves; tables, segments and state map from the statements, in a scratch database; then
each table row by row.  Nothing is changed.
"""

from collections.abc import Callable
from typing import NamedTuple

from firtree.access import Principal, Right, scope_of
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.merkle import Frontier
from firtree.ledger.sections import SECTIONS
from firtree.library.keeping.faults import Fault, Faults, compare
from firtree.library.keeping.folding import Folding, Tree, check_kinds, checked
from firtree.library.ports import Batch, Head, Reading, Register, StatementRow, Writing
from firtree.library.tables import Value
from firtree.statements.statement import Statement
from firtree.statements.types.erasure import Erasure
from firtree.text import counted

Progress = Callable[[str, int, int], None]

# Tables that follow from the leaves alone.
_OF_LEAVES = frozenset({"head", "checkpoint", "tile"})
_TOLD_EVERY = 256
# No log has so many statements, and no database a greater number.
_SIZE_BEYOND = 1 << 63


class Examined(NamedTuple):
    """What an examination has found.

    Attributes:
        size: log size.
        root: that the leaves lead to, 32 octets; empty = not known.
        rows: number of rows compared, by table.
        faults: the first thousand things that are wrong.
        found: how many there are.
        unseen: what could not be checked because of them, in plain words.
    """

    size: int
    root: bytes
    rows: dict[str, int]
    faults: tuple[Fault, ...]
    found: int
    unseen: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.found == 0


def examine(
    principal: Principal, register: Register, scratch: Writing, progress: Progress
) -> Examined:
    """Recompute everything a register holds, and compare it with what is kept.

    Args:
        principal: who asks; needs the right to record.
        register: which; it is only read, as one state.
        scratch: an empty register, on which nothing else works; what is written to it
            is of no use afterwards.
        progress: told (what, done, of how many).

    Raises:
        NotFoundError: the principal may not.
        UnavailableError: the register cannot be read.

    Cost: one pass over the statements and two over the tables; memory as for
    :class:`~firtree.library.keeping.folding.Folding`.
    """
    scope_of(principal, Right.RECORD)
    with register.reading() as tx:
        return _Examination(tx, scratch, progress).run()


class _Examination:
    """One examination, from the first statement to the last table."""

    def __init__(self, tx: Reading, scratch: Writing, progress: Progress) -> None:
        self._tx = tx
        self._scratch = scratch
        self._progress = progress
        self._faults = Faults()
        self._unseen: list[str] = []
        self._tree: Tree | None = Tree()
        self._folding: Folding | None = Folding(scratch)
        # The transaction whose statements are being gathered: its leaves, what there
        # is to fold, the leaf that gives its time, and whether one is earlier.
        self._leaves: list[bytes] = []
        self._rows: list[StatementRow] = []
        self._known: list[tuple[Leaf, Statement]] = []
        self._end: Leaf | None = None
        self._is_out_of_order = False
        # Sections that are absent, and those that statements say were erased, with
        # the number of that statement.
        self._absent: set[tuple[int, str]] = set()
        self._erased: dict[tuple[int, str], int] = {}

    def run(self) -> Examined:
        size = self._size()
        number = 0
        for values in self._tx.table("statement").rows:
            row = StatementRow._make(values)
            if size is not None and row.number >= size:
                self._faults.statement(
                    row.number,
                    f"it is there, but the log has {counted(size, 'statement')}",
                )
                continue
            self._missing(number, row.number)
            number = max(number, row.number + 1)
            self._statement(row)
            if number % _TOLD_EVERY == 0:
                self._progress("checking statements", number, size or number)
        self._missing(number, size or number)
        self._transaction()
        self._erasures()
        rows = self._tables()
        return Examined(
            size=number if size is None else size,
            root=self._tree.frontier.root if self._tree else b"",
            rows=rows,
            faults=tuple(self._faults.listed),
            found=self._faults.count,
            unseen=tuple(self._unseen),
        )

    def _size(self) -> int | None:
        """Give the log size that the head tells.

        None where it tells none, or one at which no transaction ended with its root:
        then it is the head that is wrong, and not that statements are missing.
        """
        table = self._tx.table("head")
        for row in table.rows:
            values = dict(zip(table.columns, row, strict=True))
            size, octets = values["size"], values["frontier"]
            if isinstance(size, int) and 0 <= size < _SIZE_BEYOND:
                return size if self._ended_at(size, octets) else None
        return None

    def _ended_at(self, size: int, octets: Value) -> bool:
        """Tell whether a transaction ended at a size, with a frontier's root."""
        end = self._tx.end_of_size(size)
        if not isinstance(octets, bytes) or (end.size if end else 0) != size:
            return False
        try:
            frontier = Frontier.parse(size, octets)
        except ValueError:
            return False
        return end is None or end.root == frontier.root

    def _missing(self, number: int, found: int) -> None:
        """Note that statements are missing between two."""
        if not number < found:
            return
        many = f"this one and those up to {found - 1} are" if found - number > 1 else ""
        self._faults.statement(number, f"{many or 'it is'} missing")
        self._stop(number)

    def _stop(self, number: int) -> None:
        """Note that there is no leaf to go on from."""
        self._stop_folding(number)
        if self._tree is not None:
            self._transaction()
            self._tree = None
            self._unseen.append(
                f"tiles, roots and checkpoints from statement {number} on, whose leaf "
                "is not there"
            )

    def _stop_folding(self, number: int) -> None:
        if self._folding is not None:
            self._folding = None
            self._rows, self._known = [], []
            self._unseen.append(
                f"tables and state map, because statement {number} cannot be relied on"
            )

    def _statement(self, row: StatementRow) -> None:
        """Check one statement, and gather it with those of its transaction."""
        try:
            check_kinds(row)
        except VerificationError as error:
            self._faults.statement(row.number, str(error))
            self._stop(row.number)
            return
        try:
            self._place(row.number, Leaf.parse(row.leaf))
        except VerificationError as error:
            self._faults.statement(row.number, f"leaf: {error}")
            self._stop_folding(row.number)
        self._leaves.append(row.leaf)
        try:
            known = checked(row)
        except VerificationError as error:
            self._faults.statement(row.number, str(error))
            self._stop_folding(row.number)
            return
        self._absent |= {
            (row.number, name)
            for name, octets in zip(SECTIONS, row.sections, strict=True)
            if octets is None
        }
        if isinstance(erasure := known[1].subject, Erasure):
            self._erased[erasure.statement, erasure.section] = row.number
        if self._folding is not None:
            self._rows.append(row)
            self._known.append(known)

    def _erasures(self) -> None:
        """Compare what is absent with what statements say was erased."""
        for number, section in sorted(self._absent - self._erased.keys()):
            self._faults.statement(
                number,
                f"section {section!r} is absent, and no statement says that it was "
                "erased",
            )
        for (number, section), by in self._erased.items():
            if (number, section) not in self._absent:
                self._faults.statement(
                    number,
                    f"section {section!r} is there, but statement {by} says that it "
                    "was erased: erase it again",
                )

    def _place(self, number: int, leaf: Leaf) -> None:
        """Find the transaction of a statement, by its leaf's time and state."""
        end = self._end
        if end is None or leaf.at > end.at:
            self._transaction()
            self._end, self._is_out_of_order = leaf, False
        elif leaf.at < end.at:
            if not self._is_out_of_order:
                self._faults.statement(
                    number,
                    f"its leaf is of {leaf.at.isoformat()}, earlier than the leaf "
                    f"before it, of {end.at.isoformat()}",
                )
            self._is_out_of_order = True
            self._stop_folding(number)
        elif leaf.state != end.state:
            self._faults.statement(
                number,
                "its leaf names another state than the others of its transaction",
            )

    def _transaction(self) -> None:
        """Take in the statements gathered: a transaction has come to its end."""
        leaves, rows, known = self._leaves, self._rows, self._known
        self._leaves, self._rows, self._known = [], [], []
        if self._folding is not None and rows:
            self._fold(self._folding, rows, known)
        if self._tree is not None and self._end is not None and leaves:
            tiles = self._tree.grow(leaves)
            head = Head(self._tree.frontier, self._end.at, self._end.state)
            self._scratch.write_tables(Batch((), (), (), (), (), (), tiles, Head()))
            self._scratch.write_end(head)

    def _fold(
        self,
        folding: Folding,
        rows: list[StatementRow],
        known: list[tuple[Leaf, Statement]],
    ) -> None:
        last = rows[-1].number
        try:
            state = folding.fold(rows, known)
        except VerificationError as error:
            self._faults.statement(last, str(error))
            self._stop_folding(last)
            return
        if self._end is not None and state != self._end.state:
            self._faults.statement(
                last,
                f"its leaf names the state {self._end.state.hex()}, but the statements "
                f"up to it lead to {state.hex()}",
            )

    def _tables(self) -> dict[str, int]:
        """Compare each table that could be made again; give the number of rows."""
        rows = {}
        names = self._tx.table_names()
        for place, name in enumerate(names):
            able = self._tree if name in _OF_LEAVES else self._folding
            if able is None:
                continue
            self._progress(f"comparing table {name}", place, len(names))
            kept, expected = self._tx.table(name), self._scratch.table(name)
            rows[name] = compare(name, kept, expected, self._faults)
        return rows
