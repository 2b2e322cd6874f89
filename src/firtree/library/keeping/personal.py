"""Find every place where a text, such as a name or an address, is kept."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from firtree.access import Principal, Right, scope_of
from firtree.errors import InvalidInputError
from firtree.library.ports import Reading, Register
from firtree.library.tables import TableRows, Value

Progress = Callable[[str, int, int], None]

LEAST = 3
LISTED_MOST = 10_000
_AROUND = 30


class Occurrence(NamedTuple):
    """One place where a text is kept.

    Attributes:
        table: ``statement`` or another one.
        row: what the row is known by, column by column.
        column: of the table; for a statement, the section.
        around: what stands around it, one line.
        subject: what the statement is about; empty for other tables.
    """

    table: str
    row: dict[str, Value]
    column: str
    around: str
    subject: str = ""


def find_personal_data(
    principal: Principal, register: Register, text: str, progress: Progress
) -> list[Occurrence]:
    """Look for a text in every column of every table, large and small letters alike.

    Every version counts, not only the newest.  Columns of octets are read as UTF-8, so
    the search index is looked through as well; passwords and the like are kept as
    hashes and hold no text.

    Args:
        principal: who asks; needs the right to record.
        register: which.
        text: a part of what is looked for, three characters or more.
        progress: told (what, done, of how many).

    Returns:
        The places, statements first, 10,000 at most.

    Raises:
        InvalidInputError: the text is too short to mean anything.
        NotFoundError: the principal may not.

    Cost: one pass over all tables.
    """
    scope_of(principal, Right.RECORD)
    wanted = text.strip().casefold()
    if len(wanted) < LEAST:
        raise InvalidInputError(
            f"TEXT: expected {LEAST} characters or more, found {len(wanted)}",
            hint="for instance an e-mail address or a family name",
        )
    found: list[Occurrence] = []
    with register.reading() as tx:
        names = ["statement", *(n for n in tx.every_table() if n != "statement")]
        for place, name in enumerate(names):
            progress(f"looking through table {name}", place, len(names))
            for one in _in_table(tx, name, wanted):
                found.append(one)
                if len(found) == LISTED_MOST:
                    return found
    return found


def _in_table(tx: Reading, name: str, wanted: str) -> Iterator[Occurrence]:
    table = tx.table(name)
    for row in table.rows:
        for column, value in zip(table.columns, row, strict=True):
            around = _around(value, wanted)
            if around:
                yield _occurrence(name, table, row, column, around)


def _occurrence(
    name: str, table: TableRows, row: Sequence[Value], column: str, around: str
) -> Occurrence:
    known = {table.columns[place]: row[place] for place in table.key}
    if name != "statement":
        return Occurrence(name, known, column, around)
    subject = row[table.columns.index("subject")]
    return Occurrence(name, known, column, around, str(subject))


def _around(value: Value, wanted: str) -> str:
    """Give what stands around a text; empty = it is not there."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "ignore")
    if not isinstance(value, str):
        return ""
    text = value.casefold()
    at = text.find(wanted)
    if at < 0:
        return ""
    # Few texts change their length when their case is folded; then the place is near.
    start, stop = max(0, at - _AROUND), at + len(wanted) + _AROUND
    return " ".join(value[start:stop].split())
