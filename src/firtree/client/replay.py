"""Fold the statements of another register, as far as they are disclosed, into tables.

The same fold as recording.  Where everything that the state map rests on is disclosed,
the map's root is compared with the one that each transaction's leaves name; where
something is not, what is known is folded, and the map is not compared any more.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec

from firtree.catalogue.entry import Entry
from firtree.catalogue.outline import write_outline
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf, check_transaction
from firtree.ledger.merkle import leaf_hash
from firtree.ledger.sections import Body, erased
from firtree.ledger.statemap import StateMap, map_key
from firtree.ledger.tiles import TILE_WIDTH, full_leaf_tiles, higher_tiles
from firtree.library.ports import (
    Batch,
    Erased,
    Head,
    Reading,
    StatementRow,
    Thing,
    Writing,
)
from firtree.library.record import list_rows, newest_versions
from firtree.statements.fold import Changes, apply
from firtree.statements.statement import (
    Statement,
    misplaced,
    read_statement,
    subject_name,
)
from firtree.statements.types import BY_TYPE
from firtree.statements.types.erasure import Erasure, listed_as
from firtree.statements.types.form import StatementType

_AT_ONCE = 1000
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
# Members of section ``core``, by which its type is told where ``head`` is not
# disclosed: who recorded a statement need not be known for knowing what it says.
_ROTATION = frozenset({"new_key", "old_key", "origin", "signed"})
_CORES: dict[frozenset[str], StatementType] = {
    frozenset({"cpl", "id"}): StatementType.ENTRY_RECORDED,
    frozenset({"code", "name"}): StatementType.MAKER_RECORDED,
    frozenset({"origin", "verifier_key"}): StatementType.REGISTER_OPENED,
    frozenset({"demo", "origin", "verifier_key"}): StatementType.REGISTER_OPENED,
    frozenset({"section", "statement"}): StatementType.SECTION_ERASED,
    _ROTATION: StatementType.KEY_ROTATED,
    _ROTATION | {"both_until"}: StatementType.KEY_ROTATED,
}


def told_by(row: StatementRow) -> Statement | None:
    """Read a statement as far as it is disclosed; None where too little of it is.

    Raises:
        VerificationError: a section is not of the log's format.
    """
    if row.core is None:
        return None
    rest = (row.core, row.fir, row.people, row.private)
    if row.head is not None:
        return read_statement((row.head, *rest))
    try:
        kind = _CORES.get(frozenset(_KEYS.decode(row.core)))
    except msgspec.DecodeError as error:
        raise VerificationError(f"section 'core' cannot be read: {error}") from None
    if kind is None:
        return None
    return Statement(subject=BY_TYPE[kind].read(*rest), by="")


class Known(NamedTuple):
    """A statement with what is known of it.

    Attributes:
        row: as it is kept.
        leaf: what its leaf says.
        statement: None = too little is disclosed.
    """

    row: StatementRow
    leaf: Leaf
    statement: Statement | None


class Replay:
    """Folds transactions into a register's tables, one after the other.

    Args:
        tx: the register, at the end of what was folded before.
    """

    def __init__(self, tx: Reading) -> None:
        head = tx.head()
        first = head.size - head.size % TILE_WIDTH
        rows = tx.statements(first, head.size)
        self.head = head
        self._open = tuple(leaf_hash(row.leaf) for row in rows)
        state = StateMap().updated(
            (key, sha256(octets).digest()) for key, octets in tx.map_leaves(0)
        )
        # None = something that the map rests on is not disclosed.
        self._state = state if state.root == head.state else None
        # Statements that lack FIR information which had been erased at the source.
        self.excused: set[int] = set()

    @property
    def is_complete(self) -> bool:
        """Whether the state map was replayed from the first statement on."""
        return self._state is not None

    def fold(self, tx: Writing, transaction: Sequence[Known]) -> None:
        """Write the statements of one transaction, and what follows from them.

        Raises:
            VerificationError: their leaves do not fit each other, or they lead to
                another state than these name.
        """
        _check_leaves(transaction, self.head.at)
        changes, replaced = _changes(tx, transaction, is_whole=self.is_complete)
        leaf = transaction[-1].leaf
        size = self.head.size + len(transaction)
        lists = list_rows(tx, changes, size)
        self._check_state(transaction, [(row.key, row.list) for row in lists])
        hashes = [leaf_hash(known.row.leaf) for known in transaction]
        frontier, gained = self.head.frontier.grown(hashes)
        first = self.head.size - len(self._open)
        opened = (*self._open, *hashes)
        self.head = Head(frontier, leaf.at, leaf.state)
        tx.write(
            Batch(
                statements=[known.row for known in transaction],
                entries=changes.entries,
                makers=changes.makers,
                parties=changes.parties,
                lists=lists,
                replaced=replaced,
                tiles=[*full_leaf_tiles(first, opened), *higher_tiles(gained)],
                head=self.head,
                erased=list(self._obeyed(tx, transaction)),
            )
        )
        self._open = opened[len(opened) - size % TILE_WIDTH :]

    def _obeyed(self, tx: Reading, transaction: Sequence[Known]) -> Iterator[Erased]:
        """Destroy what was erased at the source, as far as it is here."""
        for known in transaction:
            told = known.statement.subject if known.statement is not None else None
            if not isinstance(told, Erasure):
                continue
            for row in tx.statements(told.statement, told.statement + 1):
                if getattr(row, told.section) is not None:
                    yield _without(row, told.section)
                elif is_excused_by(told, row) and not _is_said_before(tx, told):
                    self.excused.add(row.number)

    def _check_state(
        self, transaction: Sequence[Known], lists: Iterable[tuple[bytes, bytes]]
    ) -> None:
        if any(known.statement is None for known in transaction):
            self._state = None
        if self._state is None:
            return
        self._state = self._state.updated(
            (key, sha256(octets).digest()) for key, octets in lists
        )
        first, last = transaction[0].row.number, transaction[-1].row.number
        if self._state.root != transaction[-1].leaf.state:
            raise VerificationError(
                f"statements {first} to {last} lead to another state than their leaves "
                "name: the keeper's lists do not follow from its statements",
                hint="use no answer of this server, and tell its keeper and witnesses",
            )


def _check_leaves(transaction: Sequence[Known], before: datetime | None) -> None:
    try:
        check_transaction([known.leaf for known in transaction], before)
    except VerificationError as error:
        raise VerificationError(
            f"statement {transaction[0].row.number}: {error}",
            hint="use no answer of this server, and tell its keeper and witnesses",
        ) from None


def _changes(
    tx: Reading, transaction: Sequence[Known], *, is_whole: bool
) -> tuple[Changes, set[Thing]]:
    """Fold statements; give what changes, and what has a version before.

    Args:
        tx: the register before them.
        transaction: the statements.
        is_whole: whether all that was before is known.

    Raises:
        VerificationError: one takes the place of another one than it says.
    """
    told = [k.statement for k in transaction if k.statement is not None]
    is_whole = is_whole and len(told) == len(transaction)
    before = newest_versions(tx, told)
    newest = {name: (known.number, known.key) for name, known in before.items()}
    things = (version.thing for version in before.values())
    replaced: set[Thing] = {thing for thing in things if thing is not None}
    changes = Changes.none()
    for known in transaction:
        if known.statement is None:
            continue
        row, subject = known.row, known.statement.subject
        number, previous = newest.get(row.subject, (None, None))
        wrong = misplaced(known.statement.replaces, number)
        if wrong and is_whole and row.head is not None:
            raise VerificationError(f"statement {row.number}: {wrong}")
        apply(
            known.statement,
            number=row.number,
            body=known.leaf.body,
            previous=previous,
            changes=changes,
        )
        key = subject.model.key if isinstance(subject, Entry) else None
        newest[row.subject] = (row.number, key)
    return changes, replaced


def _without(row: StatementRow, section: str) -> Erased:
    """Give a statement without a section, and what is made of it anew."""
    sections = (row.head, row.core, row.fir, row.people, row.private)
    body = erased(Body(sections, row.salts, row.commitments), section)
    after = StatementRow(
        row.number, row.leaf, row.subject, *body.sections, body.salts, body.commitments
    )
    statement = told_by(after)
    if statement is None or not isinstance(statement.subject, Entry):
        return Erased(after, None, ())
    return Erased(after, write_outline(statement.subject), ())


def is_excused_by(erasure: Erasure, row: StatementRow) -> bool:
    """Tell whether what is missing of a statement is what was erased of it.

    An erasure may be said twice; it excuses its own statement, and that once.
    """
    return erasure.section == "fir" and row.core is not None and row.fir is None


def _is_said_before(tx: Reading, erasure: Erasure) -> bool:
    key = map_key(*listed_as(erasure.statement, erasure.section))
    return bool(tx.map_lists([key]))


def is_hidden(row: StatementRow) -> bool:
    """Tell whether something is missing that an answer could rest on."""
    return row.core is None or row.fir is None


def hidden_in(tx: Reading, start: int, stop: int) -> int:
    """Count the statements of a range of which an answer could miss something.

    FIR information that was erased, as a statement that is held says, is missed by
    nobody.
    """
    hidden = 0
    for first in range(start, stop, _AT_ONCE):
        rows = tx.statements(first, min(first + _AT_ONCE, stop))
        missing = [row for row in rows if is_hidden(row)]
        erasures = [
            map_key(*listed_as(row.number, "fir"))
            for row in missing
            if row.core is not None
        ]
        hidden += len(missing) - len(tx.map_lists(erasures))
    return hidden


def named(row: StatementRow, statement: Statement | None) -> StatementRow:
    """Give a row with the name of its subject, as far as it is known."""
    name = subject_name(statement.subject) if statement is not None else ""
    return row._replace(subject=name)
