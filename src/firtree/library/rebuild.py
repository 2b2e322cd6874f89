"""Make register tables, state map and tiles anew from the statements.

The same fold as recording; every transaction's state and root are compared with those
the log says, so a rebuild that does not give the same register does not end well.
"""

from collections.abc import Callable, Sequence

from firtree.access import Principal, Right, scope_of
from firtree.errors import VerificationError
from firtree.library.keeping.folding import Folding, Tree, checked, transactions
from firtree.library.ports import Batch, End, Head, Register, StatementRow, Writing
from firtree.text import counted

Progress = Callable[[str, int, int], None]


def rebuild(principal: Principal, register: Register, progress: Progress) -> int:
    """Empty what follows from the statements, and fold every statement again.

    All of it is one transaction: readers see the old tables until it ends.

    Args:
        principal: who asks; needs the right to record.
        register: which.
        progress: told (what, done, of how many).

    Returns:
        Number of statements folded.

    Raises:
        VerificationError: a statement does not match its leaf, or folding leads to
            another state or root than the log says; nothing was changed.
    """
    scope_of(principal, Right.RECORD)
    with register.writing() as tx:
        size = tx.head().size
        tx.clear_tables()
        folding, tree, done = Folding(tx), Tree(), 0
        ends = {end.size: end for end in tx.ends(0)}
        for rows in transactions(tx.statements(0, size)):
            done += len(rows)
            _fold(tx, rows, ends.get(done), folding, tree)
            progress("folding", done, size)
        if done != size or tree.frontier != tx.head().frontier:
            raise _wrong(
                f"the log has {counted(size, 'statement')}, but {done:,} are there, or "
                "its tree is another one"
            )
    return size


def _fold(
    tx: Writing,
    rows: Sequence[StatementRow],
    end: End | None,
    folding: Folding,
    tree: Tree,
) -> None:
    """Fold a transaction and compare it with its end."""
    known = []
    for row in rows:
        try:
            known.append(checked(row))
        except VerificationError as error:
            raise _wrong(f"statement {row.number}: {error}") from None
    state = folding.fold(rows, known)
    tiles = tree.grow(row.leaf for row in rows)
    tx.write_tables(Batch((), (), (), (), (), (), tiles, Head()))
    size = tree.frontier.size
    if end is None or {state, *(leaf.state for leaf, _ in known)} != {end.state}:
        raise _wrong(f"statements up to {size} lead to another state than the log says")
    if tree.frontier.root != end.root:
        raise _wrong(f"statements up to {size} lead to another root than the log says")


def _wrong(what: str) -> VerificationError:
    return VerificationError(
        what,
        hint="nothing was changed; firtree doctor names what is wrong, and what can be "
        "done about it",
    )
