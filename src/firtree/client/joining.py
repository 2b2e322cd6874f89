"""Join leaves that are verified with what is disclosed of their statements."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol

from firtree.client.replay import Known, named, told_by
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf
from firtree.ledger.sections import SALTS_OCTETS
from firtree.library.ports import StatementRow
from firtree.statements.disclosure import DisclosedStatement, verify_disclosed


class Statements(Protocol):
    """Where statements are read from, as far as they are disclosed; not verified."""

    @property
    def place(self) -> str:
        """Its address, for messages."""

    def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
        """Give what may be seen of statements, in log order; others are left out."""


_NOTHING = (None, None, None, None, None)
_ZEROS = bytes(SALTS_OCTETS)


def joined(source: Statements, start: int, leaves: Sequence[bytes]) -> Iterator[Known]:
    """Yield the statements of leaves, as far as they are disclosed.

    Args:
        source: asked for them; every section is verified against its leaf.
        start: number of the first one.
        leaves: that are in the signed tree.

    Raises:
        VerificationError: what the source gives is not what the leaves stand for.
        UnavailableError: it cannot be asked.
    """
    stop = start + len(leaves)
    disclosed = iter(source.statements(start, stop))
    following = next(disclosed, None)
    for number, octets in enumerate(leaves, start):
        found = None
        if following is not None and following.number == number:
            found, following = following, next(disclosed, None)
        try:
            yield _one(number, octets, found)
        except VerificationError as error:
            raise wrong(source, f"statement {number}", str(error)) from None
    if following is not None:
        raise wrong(source, f"statement {following.number}", "it was not asked for")


def wrong(source: Statements, what: str, told: str) -> VerificationError:
    """Make the error that something a source gave is not what it should be."""
    return VerificationError(
        f"{what} of {source.place}: {told}",
        hint="try again; if it stays so, tell the keeper: nothing of it was kept",
    )


def _one(number: int, octets: bytes, found: DisclosedStatement | None) -> Known:
    if found is None:
        row = StatementRow(number, octets, "", *_NOTHING, _ZEROS, _ZEROS)
        return Known(row, Leaf.parse(octets), None)
    if found.leaf != octets:
        raise VerificationError("its leaf is not the one in the log")
    leaf = verify_disclosed(found)
    body = found.body
    row = StatementRow(number, octets, "", *body.sections, body.salts, body.commitments)
    statement = told_by(row)
    return Known(named(row, statement), leaf, statement)


def whole_transactions(
    known: Iterable[Known], *, is_end: bool
) -> tuple[list[list[Known]], list[Known]]:
    """Split statements into transactions, whose leaves share one time.

    Args:
        known: in log order.
        is_end: whether a transaction ends with the last of them.

    Returns:
        Whole transactions, and the statements of one that may go on.
    """
    found = [list(group) for _, group in groupby(known, key=lambda one: one.leaf.at)]
    if is_end or not found:
        return found, []
    return found[:-1], found[-1]
