"""Fill an empty register from the statements of another one.

Either with the same leaves, so that the same log goes on, or with new ones, as a new
log that begins where the old one is known to have ended.  Whatever follows from the
statements is made anew on the way, and compared with what their leaves say.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf, check_clock, leaf_octets
from firtree.ledger.merkle import Frontier
from firtree.ledger.sections import SALTS_OCTETS, sealed
from firtree.library.keeping.folding import Folding, Tree, checked, transactions
from firtree.library.ports import Batch, Head, StatementRow, Writing
from firtree.statements.statement import Statement, subject_name, write_sections

Progress = Callable[[int], None]
_MICROSECOND = timedelta(microseconds=1)


def refill(
    target: Writing, rows: Iterable[StatementRow], progress: Progress
) -> Frontier:
    """Go on with the same log: every leaf stays as it is.

    Args:
        target: an empty register.
        rows: of the log, from its first statement on.
        progress: told how many statements are done.

    Returns:
        The right edge of the tree.

    Raises:
        VerificationError: the statements do not lead to what their leaves say.
    """
    folding, tree = Folding(target), Tree()
    for transaction in transactions(rows):
        known = _known(transaction)
        state = folding.fold(transaction, known)
        end = known[-1][0]
        if {leaf.state for leaf, _ in known} != {state}:
            raise VerificationError(
                f"statements up to {transaction[-1].number} lead to another state than "
                "their leaves say"
            )
        _write(target, transaction, tree, end)
        progress(tree.frontier.size)
    return tree.frontier


def begin_anew(
    target: Writing,
    rows: Iterable[StatementRow],
    opening: Statement,
    *,
    now: Callable[[], datetime],
    entropy: Callable[[int], bytes],
    progress: Progress,
) -> Frontier:
    """Begin a new log with what the statements of another one say.

    The first statement is replaced by the opening of the new log.  Every other keeps
    its number and its body, sections, salts and commitments, and its transaction; its
    leaf is new, with the time at which it is recorded here.

    Args:
        target: an empty register.
        rows: of the old log, from its first statement on.
        opening: the first statement of the new one.
        now: the clock.
        entropy: gives that many random octets.
        progress: told how many statements are done.

    Returns:
        The right edge of the new tree.

    Raises:
        VerificationError: a statement does not match its old leaf.
    """
    folding, tree = Folding(target), Tree()
    at: datetime | None = None
    check_clock(now())
    for transaction in transactions(rows):
        kept, known = list(transaction), _known(transaction)
        if at is None:
            kept[0], known[0] = _opened(opening, entropy)
        at = (
            now().astimezone(UTC)
            if at is None
            else max(now().astimezone(UTC), at + _MICROSECOND)
        )
        state = folding.fold(kept, known)
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f")
        fresh = [
            row._replace(leaf=leaf_octets(stamp, leaf.body, state))
            for row, (leaf, _) in zip(kept, known, strict=True)
        ]
        _write(target, fresh, tree, Leaf(at, b"", state))
        progress(tree.frontier.size)
    return tree.frontier


def _opened(
    opening: Statement, entropy: Callable[[int], bytes]
) -> tuple[StatementRow, tuple[Leaf, Statement]]:
    """Write the first statement of a new log; its leaf is still to be formed."""
    body = sealed(write_sections(opening), entropy(SALTS_OCTETS))
    name = subject_name(opening.subject)
    row = StatementRow(0, b"", name, *body.sections, body.salts, body.commitments)
    return row, (Leaf(datetime.fromtimestamp(0, UTC), body.digest, b""), opening)


def _known(rows: Sequence[StatementRow]) -> list[tuple[Leaf, Statement]]:
    known = []
    for row in rows:
        try:
            known.append(checked(row))
        except VerificationError as error:
            raise VerificationError(f"statement {row.number}: {error}") from None
    return known


def _write(
    target: Writing, rows: Sequence[StatementRow], tree: Tree, end: Leaf
) -> None:
    """Write statements, tiles and the transaction's end; the tables are there."""
    tiles = tree.grow(row.leaf for row in rows)
    head = Head(tree.frontier, end.at, end.state)
    target.write(Batch(rows, (), (), (), (), (), tiles, head))
