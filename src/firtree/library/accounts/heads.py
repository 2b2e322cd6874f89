"""The access log's head, recorded daily as a statement: whoever reads the log holds it.

The rows are desk rows, which the keeper could write anew, hashes and all.  Once the
head of a day is a statement, under checkpoints that others hold, it could not.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from firtree.access import KEEPER
from firtree.errors import ConflictError, VerificationError
from firtree.ledger.statemap import map_key
from firtree.library.accounts.access_log import forget, head, verify_chain
from firtree.library.accounts.gate import Gate
from firtree.library.ports import Reading, Register
from firtree.library.record import Recorded, Recorder
from firtree.statements.fold import number_in
from firtree.statements.statement import Statement, read_statement
from firtree.statements.types.access_log import FORM, AccessLogHead
from firtree.text import counted

_DAY = timedelta(days=1)
_NAMES = FORM.listed(AccessLogHead(day=date.min, number=0, digest="0" * 64))


def keep(gate: Gate, register: Register, recorder: Recorder) -> Recorded | None:
    """Do the access log's daily work: record its head, forget rows that are too old.

    May be done at any time and by several processes: a day's head is recorded once.

    Returns:
        The log after it; None where the day's head is recorded, or nothing is noted.
    """
    recorded = record_head(gate, register, recorder)
    forget(gate)
    return recorded


def record_head(gate: Gate, register: Register, recorder: Recorder) -> Recorded | None:
    """Record the head, unless today's is recorded or it has not moved."""
    today = gate.today
    with register.reading() as tx:
        size, last = tx.head().size, next(recorded_heads(tx), None)
    with gate.accounts.reading() as accounts:
        current = head(accounts)
    moved = current.number > (last.number if last else 0)
    if not moved or (last is not None and last.day >= today):
        return None
    subject = AccessLogHead(day=today, number=current.number, digest=current.hash.hex())
    statement = Statement(subject=subject, by=KEEPER.name)
    try:
        return recorder.record([statement], KEEPER, at_size=size)
    except ConflictError:
        return None  # somebody recorded something meanwhile: the next turn will do


def recorded_heads(tx: Reading) -> Iterator[AccessLogHead]:
    """Yield the heads that were recorded, the newest first."""
    found = tx.map_lists([map_key(*_NAMES)])
    number = number_in(found[_NAMES]) if _NAMES in found else None
    while number is not None:
        (row,) = tx.statements(number, number + 1)
        sections = (row.head, row.core, row.fir, row.people, row.private)
        statement = read_statement(sections)
        if isinstance(statement.subject, AccessLogHead):
            yield statement.subject
        number = statement.replaces


def verify(gate: Gate, register: Register) -> tuple[int, int]:
    """Check the whole chain that is kept, against every head that was recorded.

    Returns:
        How many rows there are, and how many recorded heads they were held against.

    Raises:
        VerificationError: names the first row that is not as it was written.
    """
    with register.reading() as tx:
        recorded = list(recorded_heads(tx))
    heads = {one.number: bytes.fromhex(one.digest) for one in recorded}
    with gate.accounts.reading() as accounts:
        rows = list(accounts.all_noted())
    verify_chain(rows, heads)
    if rows:
        _check_beginning(rows[0].number, recorded, gate)
    kept = {row.number for row in rows}
    return len(rows), len(kept & heads.keys())


def _check_beginning(
    oldest: int, recorded: Sequence[AccessLogHead], gate: Gate
) -> None:
    """Check that no row is gone before its time.

    The row before the oldest one was written after every head of a lower number was
    recorded.  A day more is allowed for, since days are not all of one length.
    """
    days = [one.day for one in recorded if one.number < oldest - 1]
    kept_from = gate.today - gate.limits.noted + 2 * _DAY
    if days and max(days) >= kept_from:
        raise VerificationError(
            f"row {oldest - 1} of the access log is missing, which was written on "
            f"{max(days)} or later: rows are kept for "
            f"{counted(gate.limits.noted.days, 'day')}",
            hint="it was removed, or FIRTREE_ACCESS_LOG_DAYS was smaller meanwhile",
        )
