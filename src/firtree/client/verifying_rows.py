"""Verify a range of statements: each against its leaf, and the rows that it makes.

Nothing is needed of the statements before but the tree that they lead to, so ranges can
be verified in any order, each by another process.  The row of an entry is checked when
the statement that makes it comes: that there are no others is told by their number.
What needs the order of the statements is gathered: see :mod:`.verifying_register`.
"""

from collections.abc import Sequence
from itertools import groupby, islice
from typing import NamedTuple

from firtree.catalogue.entry import Entry
from firtree.client.register_faults import (
    RegisterFaults,
    check_end,
    check_leaves,
    check_tiles,
)
from firtree.client.replay import is_excused_by, is_hidden, told_by
from firtree.client.rows import Before, KeptEntry, Rows
from firtree.client.verifying import Faults
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.merkle import Frontier, leaf_hash
from firtree.ledger.sections import SALTS_OCTETS, Body, verify_body
from firtree.ledger.tiles import TILE_WIDTH
from firtree.library.ports import End, StatementRow
from firtree.statements.fold import (
    Changes,
    EntryRow,
    Listed,
    MakerRow,
    PartyRow,
    apply,
)
from firtree.statements.statement import Statement, misplaced, subject_name
from firtree.statements.types.erasure import Erasure

_ZEROS = bytes(SALTS_OCTETS)
_OCTETS = frozenset({bytes, type(None)})
_UNKNOWN: KeptEntry = (0, None, None)


class Block(NamedTuple):
    """Leaves of a block from the log's files.

    Attributes:
        start, stop: numbers of its first statement, and after its last.
        leaves: empty = they are damaged, and what is kept of them is checked alone.
        hashes: of the leaves.
    """

    start: int
    stop: int
    leaves: Sequence[bytes]
    hashes: Sequence[bytes]


class Said(NamedTuple):
    """What a statement says that it takes the place of.

    Attributes:
        number: of the statement.
        subject: name of what it is about.
        replaces: number of the statement it takes the place of; None = of none.
        is_open: whether its head, which says so, is disclosed.
    """

    number: int
    subject: str
    replaces: int | None
    is_open: bool


class Gathered(NamedTuple):
    """What a range of statements has come to.

    Attributes:
        faults: what is wrong with statements, whatever came before the range.
        rows: what is wrong with rows that follow from them, if everything before can
            be relied on.
        unreliable: the first statement that cannot be relied on; nothing is folded
            behind it.
        hidden, absent: see :class:`firtree.client.rows.Seen`; hidden ones that are
            excused count here.
        excused: statements that lack what was erased of them.
        unknown: the first statement of which too little is disclosed to be folded.
        ends: of transactions; the last of them may go on behind the range.
        frontier: of the tree after that.
        roots: of the full blocks that were folded, joined.
        entries, others: how many rows of entries are made, and how many of them have a
            version before them.
        makers, parties: rows that are made.
        order: entries' statements that take the place of another one than they say, if
            everything before is known.
        said: what the statements about something else say of that.
        lists: what changes of the state map: (number of a statement, change).
        damaged: why the register cannot be read; empty = it can.
    """

    faults: RegisterFaults
    rows: RegisterFaults
    unreliable: int | None
    hidden: int
    absent: int
    excused: frozenset[int]
    unknown: int | None
    ends: Sequence[End]
    frontier: Frontier
    roots: bytes
    entries: int
    others: int
    makers: Sequence[MakerRow]
    parties: Sequence[PartyRow]
    order: Faults
    said: Sequence[Said]
    lists: Sequence[tuple[int, Listed]]
    damaged: str = ""


class RangeCheck:
    """Checks statements from a block's first on.

    Args:
        rows: of the register.
        name: of the register's file, for what is wrong.
        start: number of the first.
        frontier: of the tree before them, as far as it is known.
    """

    def __init__(self, rows: Rows, name: str, start: int, frontier: Frontier) -> None:
        self._rows = rows
        self._faults = RegisterFaults(name)
        self._wrong_rows = RegisterFaults(name)
        self._following = start
        self._unreliable: int | None = None
        self._unknown: int | None = None
        self._hidden = 0
        self._absent = 0
        self._excused: set[int] = set()
        # Of what was folded.
        self._leaves: list[Leaf] = []
        self._hashes: list[bytes] = []
        self._frontier = frontier
        self._changes = Changes.none()
        self._lists: list[tuple[int, Listed]] = []
        self._others = 0
        self._order = RegisterFaults(name)
        self._said: list[Said] = []

    def take(self, block: Block) -> None:
        """Check the statements of a block.

        Raises:
            VerificationError: the register cannot be read.
        """
        start, _, leaves, hashes = block
        entries = {kept[0]: kept for kept in self._rows.entries(*block[:2])}
        for row in self._rows.statements(*block[:2]):
            number = row.number
            if number != self._following:
                self._missing(number)
            self._following = number + 1
            leaf, digest = None, b""
            if leaves:
                leaf, digest = leaves[number - start], hashes[number - start]
            self._statement(row, leaf, digest, entries.get(number, _UNKNOWN))

    def gathered(self, stop: int, damaged: str = "") -> Gathered:
        """Give what was found.

        Args:
            stop: number after the last statement of the range.
            damaged: why the register cannot be read to the end of the range.

        Raises:
            VerificationError: the register cannot be read.
        """
        ends, roots = list[End](), b""
        if not damaged:
            self._missing(stop)
            ends, roots = self._grown()
        return Gathered(
            self._faults,
            self._wrong_rows,
            self._unreliable,
            self._hidden,
            self._absent,
            frozenset(self._excused),
            self._unknown,
            ends,
            self._frontier,
            roots,
            len(self._changes.entries),
            self._others,
            self._changes.makers,
            self._changes.parties,
            self._order,
            self._said,
            self._lists,
            damaged,
        )

    def _missing(self, found: int) -> None:
        number = self._following
        if number < found:
            told = "it is missing"
            if found - number > 1:
                told = f"it and those up to {found - 1} are missing"
            self._refuse(number, told)

    def _refuse(self, number: int, told: str) -> None:
        """Note a statement that cannot be relied on; nothing is folded behind it."""
        self._faults.statement(number, told)
        if self._unreliable is None:
            self._unreliable = number

    def _statement(
        self, row: StatementRow, leaf: bytes | None, digest: bytes, kept: KeptEntry
    ) -> None:
        try:
            _check_types(row)
            if leaf is not None and row.leaf != leaf:
                self._refuse(row.number, "its leaf is not the one in the log's files")
                row = row._replace(leaf=leaf)
            read, statement = self._read(row)
        except VerificationError as error:
            self._refuse(row.number, str(error))
            return
        if self._unreliable is None:
            self._fold(row, read.body, statement, kept)
            self._leaves.append(read)
            self._hashes.append(digest or leaf_hash(row.leaf))

    def _read(self, row: StatementRow) -> tuple[Leaf, Statement | None]:
        """Check a statement against its leaf; give what both say."""
        read = Leaf.parse(row.leaf)
        self._hidden += is_hidden(row)
        body = Body(row[3:8], *row[8:])
        absent = body.sections.count(None)
        self._absent += absent
        if absent < len(body.sections) or body.commitments != _ZEROS:
            verify_body(body, read.body)
        statement = told_by(row)
        name = subject_name(statement.subject) if statement is not None else ""
        if name != row.subject:
            raise VerificationError(
                f"it is about {name!r}, but kept as one about {row.subject!r}"
            )
        return read, statement

    def _fold(
        self,
        row: StatementRow,
        body: bytes,
        statement: Statement | None,
        kept: KeptEntry,
    ) -> None:
        """Fold a statement, and check the rows that it alone makes."""
        number = row.number
        if statement is None:
            if self._unknown is None:
                self._unknown = number
            return
        subject, changes = statement.subject, self._changes
        before = kept[2] if isinstance(subject, Entry) else None
        self._check_order(row, statement, before)
        apply(
            statement,
            number=number,
            body=body,
            previous=before[2] if before else None,
            changes=changes,
        )
        if isinstance(subject, Entry):
            self._check_entry(changes.entries[-1], kept[1], before)
        elif isinstance(subject, Erasure):
            self._check_erased(subject, number)
        self._lists += [(number, change) for change in changes.lists]
        changes.lists.clear()

    def _check_order(
        self, row: StatementRow, statement: Statement, before: Before | None
    ) -> None:
        """Check which statement this one takes the place of, or put it aside."""
        is_open = row.head is not None
        if not isinstance(statement.subject, Entry):
            said = Said(row.number, row.subject, statement.replaces, is_open)
            self._said.append(said)
        elif is_open:
            newest = before[0] - 1 if before is not None else None
            if told := misplaced(statement.replaces, newest):
                self._order.statement(row.number, told, row.number)

    def _check_erased(self, erasure: Erasure, number: int) -> None:
        """Check that what was erased at the source is not here any more."""
        for row in self._rows.statements(erasure.statement, erasure.statement + 1):
            if getattr(row, erasure.section) is not None:
                told = f"section {erasure.section!r} was erased by statement {number}"
                self._refuse(row.number, f"{told}, and is still here")
            elif is_excused_by(erasure, row):
                self._excused.add(row.number)

    def _check_entry(
        self, made: EntryRow, found: EntryRow | None, before: Before | None
    ) -> None:
        """Check the row of an entry, and that the version before ends with it."""
        if before is not None:
            self._others += 1
            if before[1] != made.since:
                where = f"id {made.id}, since {before[0]}"
                self._wrong_rows.row("entry", where, "until")
        if found == made:
            return
        where = f"id {made.id}, since {made.since}"
        if found is None:
            self._wrong_rows.missing_row("entry", where)
            return
        pairs = zip(EntryRow._fields, found, made, strict=True)
        names = [name for name, one, other in pairs if one != other]
        self._wrong_rows.row("entry", where, ", ".join(names))

    def _grown(self) -> tuple[list[End], bytes]:
        """Grow the tree by what was folded, and check what is kept of it.

        Returns:
            Ends of transactions, and the roots of full blocks.
        """
        ends, roots = list[End](), bytearray()
        first = self._frontier.size // TILE_WIDTH
        folded = iter(self._hashes)
        for at, transaction in groupby(self._leaves, key=lambda leaf: leaf.at):
            leaves = list(transaction)
            before = ends[-1].at if ends else None
            check_leaves(leaves, before, self._frontier.size, self._faults)
            self._frontier, gained = self._frontier.grown(islice(folded, len(leaves)))
            roots += b"".join(one.digest for one in gained if one.level == 1)
            root, state = self._frontier.root, leaves[-1].state
            ends.append(End(self._frontier.size, at, root, state))
        for end in ends[:-1]:
            check_end(self._rows, end, self._wrong_rows)
        check_tiles(self._rows, 0, first, b"".join(self._hashes), self._wrong_rows)
        return ends, bytes(roots)


def _check_types(row: StatementRow) -> None:
    """Check that a row holds octets where it should, for SQLite would take all."""
    if type(row.leaf) is not bytes or not _OCTETS.issuperset(map(type, row[3:])):
        raise VerificationError("its row holds values of another type")
