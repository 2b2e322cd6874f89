"""Erase a section of a statement: octets and salt, and all that was made of them.

One transaction records the statement that says so, destroys octets and salt, and makes
the outline and the segment of the search index anew that were made of the section.
Commitment, leaf and proofs stay as they are.
"""

from typing import NamedTuple

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.entry import Entry
from firtree.catalogue.outline import write_outline
from firtree.errors import InvalidInputError, NotFoundError, VerificationError
from firtree.ledger.sections import SECTIONS, Body, erased
from firtree.ledger.statemap import map_key
from firtree.library.ports import Erased, Reading, Register, StatementRow, Stored
from firtree.statements.fold import number_in
from firtree.statements.segments import ENTRIES, SegmentRow, segment_rows
from firtree.statements.statement import read_statement
from firtree.statements.types.erasure import (
    ERASABLE,
    Erasure,
    is_erasure,
    listed_as,
)
from firtree.statements.versions import Gone, sections_within, version_of


class Plan(NamedTuple):
    """What an erasure would do.

    Attributes:
        number, section: which section of which statement.
        subject: what the statement is about.
        octets: how many are destroyed.
        is_newest: whether the statement is the newest of its subject, so that answers
            of today change.
        salt: that is destroyed, 32 octets; to look for in files afterwards.
    """

    number: int
    section: str
    subject: str
    octets: int
    is_newest: bool
    salt: bytes


def plan_erasure(
    principal: Principal, register: Register, number: int, section: str
) -> Plan:
    """Tell what an erasure would do, without doing it.

    Raises:
        InvalidInputError: the section is none that can be erased, or holds nothing.
        NotFoundError: there is no such statement, or the principal may not.
    """
    scope_of(principal, Right.RECORD)
    with register.reading() as tx:
        row = _row(tx, number, section)
        is_newest = _is_newest(tx, row)
    octets = getattr(row, section) or b""
    start = SECTIONS.index(section) * 32
    salt = row.salts[start : start + 32]
    return Plan(number, section, row.subject, len(octets), is_newest, salt)


def _is_newest(tx: Reading, row: StatementRow) -> bool:
    kind, _, name = row.subject.partition("/")
    if kind == "entry":
        return tx.entry_rows([int(name)])[int(name)].since == row.number + 1
    if kind == "maker":
        return any(s.number == row.number for s in tx.makers([name], tx.head().size))
    return any(s.number == row.number for s in tx.parties(tx.head().size))


def _row(tx: Reading, number: int, section: str) -> StatementRow:
    """Give a statement whose section can be erased."""
    if section not in ERASABLE:
        raise InvalidInputError(
            f"section: expected {', '.join(ERASABLE)}, found {section!r}",
            hint="head and core are what the register is made of: record a new "
            "version that puts them right",
        )
    rows = list(tx.statements(number, number + 1)) if number >= 0 else []
    if not rows:
        raise NotFoundError(
            f"there is no statement {number}",
            hint="firtree personal-data find tells numbers and sections",
        )
    octets = getattr(rows[0], section)
    if not octets:
        what = "was erased already" if octets is None else "is empty"
        raise InvalidInputError(
            f"section {section} of statement {number} {what}",
            hint="firtree personal-data find tells numbers and sections",
        )
    return rows[0]


def erased_by(tx: Reading, erasure: Erasure) -> Erased:
    """Work out what an erasure changes in place.

    Raises:
        InvalidInputError: the section is none that can be erased, or holds nothing.
        NotFoundError: there is no such statement.
    """
    row = _row(tx, erasure.statement, erasure.section)
    body = erased(Body(row.sections, row.salts, row.commitments), erasure.section)
    after = StatementRow(
        row.number, row.leaf, row.subject, *body.sections, body.salts, body.commitments
    )
    subject = read_statement(after.sections).subject
    if not isinstance(subject, Entry):
        return Erased(after, None, ())
    return Erased(after, write_outline(subject), tuple(_segment(tx, after)))


def _segment(tx: Reading, after: StatementRow) -> list[SegmentRow]:
    """Make the segment anew that covers a statement."""
    for known in tx.segments([ENTRIES], 0, after.number + 1):
        if known.first <= after.number < known.stop:
            rows = tx.statements(known.first, known.stop)
            subjects = [
                read_statement(
                    (after if row.number == after.number else row).sections
                ).subject
                for row in rows
            ]
            return list(segment_rows(known.first, subjects))
    return []


def gone_of(tx: Reading, row: StatementRow | Stored, scope: Scope) -> tuple[Gone, ...]:
    """Tell which sections of a statement were erased, when, and why.

    Args:
        tx: the newest state.
        row: the statement.
        scope: of the reader; sections and reasons out of reach are left out.
    """
    reached = sections_within(scope)
    absent = [n for n in ERASABLE if n in reached and getattr(row, n) is None]
    if not absent:
        return ()
    keys = [map_key(*listed_as(row.number, name)) for name in absent]
    return tuple(
        sorted(
            _gone(told, scope)
            for octets in tx.map_lists(keys).values()
            for told in tx.statements(number_in(octets), number_in(octets) + 1)
        )
    )


def _gone(told: StatementRow, scope: Scope) -> Gone:
    """Read what the statement of an erasure says, within a scope."""
    version = version_of(told, scope)
    if version is None or not isinstance(version.subject, Erasure):
        raise VerificationError(f"statement {told.number}: expected an erasure")
    erasure = version.subject
    return Gone(erasure.section, version.at, version.number, erasure.reason)


def erasures_since(tx: Reading, size: int) -> int:
    """Count the sections that were erased after a log size."""
    return sum(is_erasure(*names) for names in tx.touched(size))
