"""Make a mirror fuller, for a reader who sees more than the one it was made by.

What a statement that was not disclosed says changes all that follows from it, so the
statements are folded anew, into a register beside the one that is kept, and this takes
its place when it is whole.  Nothing that is held is lost: a section that the reader
does not see is taken from the register that is kept.
"""

from collections.abc import Iterator
from typing import NamedTuple

from firtree.client.joining import joined, whole_transactions
from firtree.client.log_server import LogSource
from firtree.client.replay import Known, Replay, hidden_in
from firtree.exchange.files import Progress
from firtree.ledger.sections import SALT_OCTETS, Body
from firtree.library.ports import Register, StatementRow
from firtree.statements.disclosure import DisclosedStatement

# Statements that are taken in at once, some 16 MB.
_AT_ONCE = 4096
_STARTS = range(0, 5 * SALT_OCTETS, SALT_OCTETS)


class Filled(NamedTuple):
    """What a fuller register holds.

    Attributes:
        hidden: statements of which something is missing that answers could rest on.
        replayed: whether the state map was replayed from the first statement on.
    """

    hidden: int
    replayed: bool


def fill(
    kept: Register,
    fuller: Register,
    source: LogSource,
    size: int,
    progress: Progress,
) -> Filled:
    """Fold the statements of a mirror anew, with what a source discloses besides.

    A run that is interrupted goes on where it stopped.

    Args:
        kept: holds all leaves, verified, and what is disclosed so far.
        fuller: takes all of it; empty, or what an interrupted run has left.
        source: asked for the statements.
        size: log size of the mirror's checkpoint.
        progress: told (what, done, of how many).

    Raises:
        VerificationError: what the source gives is not what the leaves stand for.
        UnavailableError: it cannot be asked, or the register not be written.
    """
    with fuller.reading() as tx:
        replay = Replay(tx)
    held: list[Known] = []
    both = _Both(source, kept)
    for start in range(replay.head.size, size, _AT_ONCE):
        stop = min(start + _AT_ONCE, size)
        with kept.reading() as tx:
            leaves = tx.leaves(start, stop)
        held += joined(both, start, leaves)
        whole, held = whole_transactions(held, is_end=stop == size)
        with fuller.writing() as writing:
            for transaction in whole:
                replay.fold(writing, transaction)
        progress("statements again", stop, size)
    with fuller.reading() as tx:
        return Filled(hidden_in(tx, 0, size), replay.is_complete)


class _Both:
    """Implements ``LogSource``'s statements, with sections that are held already."""

    def __init__(self, source: LogSource, kept: Register) -> None:
        self._source = source
        self._kept = kept
        self.place = source.place

    def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
        """Implements ``Statements``."""
        with self._kept.reading() as tx:
            held = {
                row.number: _held(row)
                for row in tx.statements(start, stop)
                if row.core is not None
            }
        for found in self._source.statements(start, stop):
            for number in [n for n in held if n < found.number]:
                yield held.pop(number)
            known = held.pop(found.number, None)
            yield found if known is None else _merged(found, known)
        yield from held.values()


def _held(row: StatementRow) -> DisclosedStatement:
    sections = (row.head, row.core, row.fir, row.people, row.private)
    body = Body(sections, row.salts, row.commitments)
    return DisclosedStatement(row.number, row.leaf, body)


def _merged(found: DisclosedStatement, known: DisclosedStatement) -> DisclosedStatement:
    """Give a statement with the sections that either has open."""
    theirs, ours = found.body, known.body
    head, core, fir, people, private = (
        ours_ if its is None else its
        for its, ours_ in zip(theirs.sections, ours.sections, strict=True)
    )
    salts = b"".join(
        (ours if octets is None else theirs).salts[start : start + SALT_OCTETS]
        for octets, start in zip(theirs.sections, _STARTS, strict=True)
    )
    sections = (head, core, fir, people, private)
    return found._replace(body=Body(sections, salts, theirs.commitments))
