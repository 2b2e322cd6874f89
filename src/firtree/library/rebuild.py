"""Make register tables and state map anew from the statements.

The same fold as recording; every transaction's state root is compared with the one its
leaves name, so a rebuild that does not give the same register does not end well.
"""

from collections.abc import Callable
from hashlib import sha256

from firtree.access import Principal, Right, scope_of
from firtree.catalogue.entry import Entry
from firtree.devices import ModelKey
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.sections import Body, verify_body
from firtree.ledger.statemap import StateMap
from firtree.library.ports import Batch, End, Head, Register, StatementRow, Writing
from firtree.library.record import list_rows, subjects_of, thing_of
from firtree.statements.fold import Changes, apply
from firtree.statements.segments import due, segment_rows
from firtree.statements.statement import read_statement

Progress = Callable[[str, int, int], None]


def rebuild(principal: Principal, register: Register, progress: Progress) -> int:
    """Empty register tables and state map, and fold every statement again.

    All of it is one transaction: readers see the old tables until it ends.

    Args:
        principal: who asks; needs the right to record.
        register: which.
        progress: told (what, done, of how many).

    Returns:
        Number of statements folded.

    Raises:
        VerificationError: a statement does not match its leaf, or folding leads to
            another state than the log says; nothing was changed.
    """
    scope_of(principal, Right.RECORD)
    with register.writing() as tx:
        size = tx.head().size
        tx.clear_tables()
        state, start, indexed = StateMap(), 0, 0
        keys: dict[int, ModelKey] = {}
        seen: set[str] = set()
        for end in list(tx.ends(0)):
            state = _fold_transaction(tx, start, end, state, keys, seen)
            if due(indexed, end.size):
                _write_segments(tx, indexed, end.size)
                indexed = end.size
            start = end.size
            progress("folding", start, size)
        if start != size:
            raise VerificationError(
                f"the log has {size} statements, its last transaction ends at {start}"
            )
    return size


def _fold_transaction(  # noqa: PLR0917 - what one transaction hands to the next
    tx: Writing,
    start: int,
    end: End,
    state: StateMap,
    keys: dict[int, ModelKey],
    seen: set[str],
) -> StateMap:
    changes = Changes.none()
    replaced: set[int | str | bytes] = set()
    for row in tx.statements(start, end.size):
        digest = _checked(row, end)
        statement = read_statement(_sections(row))
        subject = statement.subject
        previous = None
        if isinstance(subject, Entry):
            previous = keys.get(subject.id)
            keys[subject.id] = subject.model.key
        if row.subject in seen and statement.replaces is not None:
            thing = thing_of(subject)
            if statement.replaces < start and thing is not None:
                replaced.add(thing)
        seen.add(row.subject)
        apply(
            statement,
            number=row.number,
            body=digest,
            previous=previous,
            changes=changes,
        )
    lists, changed = list_rows(tx, changes, end.size)
    state = state.updated((r.key, sha256(r.list).digest()) for r in lists)
    if state.root != end.state:
        raise VerificationError(
            f"statements up to {end.size} lead to another state than the log says"
        )
    tx.write_tables(
        Batch(
            statements=(),
            entries=changes.entries,
            makers=changes.makers,
            parties=changes.parties,
            lists=lists,
            replaced=replaced | changed,
            tiles=(),
            head=Head(),
        )
    )
    return state


def _write_segments(tx: Writing, start: int, stop: int) -> None:
    rows = list(segment_rows(start, subjects_of(tx, start, stop)))
    tx.write_tables(Batch((), (), (), (), (), (), (), Head(), rows))


def _checked(row: StatementRow, end: End) -> bytes:
    """Check a statement against its leaf; give its body hash."""
    leaf = Leaf.parse(row.leaf)
    try:
        verify_body(Body(_sections(row), row.salts, row.commitments), leaf.body)
    except VerificationError as error:
        raise VerificationError(f"statement {row.number}: {error}") from None
    if leaf.state != end.state:
        raise VerificationError(
            f"statement {row.number}: its leaf names another state than its transaction"
        )
    return leaf.body


def _sections(
    row: StatementRow,
) -> tuple[bytes | None, bytes | None, bytes | None, bytes | None, bytes | None]:
    return row.head, row.core, row.fir, row.people, row.private
