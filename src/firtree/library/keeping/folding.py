"""Make again, from statements alone, everything that recording makes.

The same fold, state map, segments and tree as recording, one transaction after the
other, into tables that began empty; ``rebuild`` and ``doctor`` differ in what they
compare the outcome with.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby

from firtree.catalogue.entry import Entry
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.merkle import Frontier, leaf_hash
from firtree.ledger.sections import SALT_OCTETS, SECTIONS, Body, verify_body
from firtree.ledger.statemap import StateMap
from firtree.ledger.tiles import TILE_WIDTH, Tile, full_leaf_tiles, higher_tiles
from firtree.library.ports import Batch, Head, StatementRow, Thing, Writing
from firtree.library.record import list_rows, newest_versions
from firtree.statements.fold import Changes, apply
from firtree.statements.segments import SegmentRow, due, segment_rows
from firtree.statements.statement import (
    Statement,
    misplaced,
    read_statement,
    subject_name,
)
from firtree.statements.types import Subject


def transactions(rows: Iterable[StatementRow]) -> Iterator[list[StatementRow]]:
    """Split statements into transactions: those whose leaves share one time.

    Raises:
        VerificationError: a leaf is not of the log's format.
    """
    for _, group in groupby(rows, key=lambda row: Leaf.parse(row.leaf).at):
        yield list(group)


_SECTIONS = frozenset(StatementRow._fields[3:8])


def check_kinds(row: StatementRow) -> None:
    """Check that a statement is made of octets: SQLite keeps whatever it is given.

    Raises:
        VerificationError: a column holds something else.
    """
    for name in ("leaf", "salts", "commitments", *_SECTIONS):
        value: object = getattr(row, name)
        if not isinstance(value, bytes) and (
            value is not None or name not in _SECTIONS
        ):
            raise VerificationError(f"{name} is not kept as octets")
    if not isinstance(row.subject, str):
        raise VerificationError("subject is not kept as text")


def checked(row: StatementRow) -> tuple[Leaf, Statement]:
    """Check a statement against its leaf, and read it.

    Raises:
        VerificationError: it does not match, or is not of the log's format.
    """
    leaf = Leaf.parse(row.leaf)
    sections = row.sections
    for place, octets in enumerate(sections):
        start = place * SALT_OCTETS
        if octets is None and any(row.salts[start : start + SALT_OCTETS]):
            raise VerificationError(
                f"section {SECTIONS[place]!r} is absent, but its salt is still there"
            )
    verify_body(Body(sections, row.salts, row.commitments), leaf.body)
    statement = read_statement(sections)
    name = subject_name(statement.subject)
    if row.subject != name:
        raise VerificationError(
            f"it is about {name!r}, but kept as one about {row.subject!r}"
        )
    return leaf, statement


class Tree:
    """Grows the tree of a log from nothing."""

    def __init__(self) -> None:
        self.frontier = Frontier()
        self._open: tuple[bytes, ...] = ()

    def grow(self, leaves: Iterable[bytes]) -> list[Tile]:
        """Append leaves; give what the tiles gain."""
        hashes = [leaf_hash(leaf) for leaf in leaves]
        first = self.frontier.size - len(self._open)
        self.frontier, gained = self.frontier.grown(hashes)
        known = (*self._open, *hashes)
        self._open = known[len(known) - self.frontier.size % TILE_WIDTH :]
        return [*full_leaf_tiles(first, known), *higher_tiles(gained)]


class Folding:
    """Folds transactions, one after the other, into tables that began empty.

    Args:
        target: holds those tables, which this object alone writes.

    Cost: memory grows with the keys of the state map, about 250 octets each, and with
    the size of the largest transaction.
    """

    def __init__(self, target: Writing) -> None:
        self._target = target
        self._state = StateMap()
        self._size = 0
        self._indexed = 0
        self._unindexed: list[Subject] = []

    def fold(
        self, rows: Sequence[StatementRow], known: Sequence[tuple[Leaf, Statement]]
    ) -> bytes:
        """Fold the statements of one transaction, and write what follows.

        Args:
            rows: the statements.
            known: the same, as :func:`checked` gives them.

        Returns:
            The root of the state map after it, 32 octets.

        Raises:
            VerificationError: a statement takes the place of another one than it says.
        """
        size = self._size + len(rows)
        changes, replaced = self._changes(rows, known)
        lists = list_rows(self._target, changes, size)
        self._state = self._state.updated(
            (row.key, sha256(row.list).digest()) for row in lists
        )
        self._size = size
        self._target.write_tables(
            Batch(
                statements=(),
                entries=changes.entries,
                makers=changes.makers,
                parties=changes.parties,
                lists=lists,
                replaced=replaced,
                tiles=(),
                head=Head(),
                segments=self._segments([each.subject for _, each in known]),
            )
        )
        return self._state.root

    def _changes(
        self, rows: Sequence[StatementRow], known: Sequence[tuple[Leaf, Statement]]
    ) -> tuple[Changes, set[Thing]]:
        """Fold; give what changes, and the things that have a version before."""
        before = newest_versions(self._target, [statement for _, statement in known])
        newest = {name: (known.number, known.key) for name, known in before.items()}
        changes = Changes.none()
        for row, (leaf, statement) in zip(rows, known, strict=True):
            number, previous = newest.get(row.subject, (None, None))
            if told := misplaced(statement.replaces, number):
                raise VerificationError(f"statement {row.number}: {told}")
            apply(
                statement,
                number=row.number,
                body=leaf.body,
                previous=previous,
                changes=changes,
            )
            is_entry = isinstance(statement.subject, Entry)
            key = changes.entries[-1].key if is_entry else None
            newest[row.subject] = (row.number, key)
        return changes, {v.thing for v in before.values() if v.thing is not None}

    def _segments(self, subjects: list[Subject]) -> list[SegmentRow]:
        self._unindexed += subjects
        if not due(self._indexed, self._size):
            return []
        rows = list(segment_rows(self._indexed, self._unindexed))
        self._indexed, self._unindexed = self._size, []
        return rows
