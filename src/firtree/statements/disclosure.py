"""What a reader is handed of a statement, so that all of it can be verified.

The leaf is public.  Of the body a reader gets the sections its scope covers, each with
its salt, and the commitments of the others; a section that was erased looks the same.
"""

from typing import NamedTuple, Protocol

from firtree.access import Scope
from firtree.ledger.leaf import Leaf
from firtree.ledger.sections import (
    SALT_OCTETS,
    SECTIONS,
    Body,
    Disclosed,
    verify_body,
)
from firtree.statements.statement import read_head
from firtree.statements.types import BY_TYPE
from firtree.statements.versions import Kept, others_within


class Committed(Kept, Protocol):
    """A statement as it is kept, with what its leaf commits to."""

    @property
    def subject(self) -> str:
        """Name of its subject, such as ``entry/1042``."""

    @property
    def salts(self) -> bytes:
        """Five salts, joined; zeros for an erased section."""

    @property
    def commitments(self) -> bytes:
        """Five commitments, joined."""


class DisclosedStatement(NamedTuple):
    """A statement as a reader holds it.

    Attributes:
        number: place in the log, counted from 0.
        leaf: 191 octets.
        body: None in place of a section that is not disclosed or was erased, and
            zeros in place of its salt.
    """

    number: int
    leaf: bytes
    body: Body


def disclosed(row: Committed, scope: Scope) -> DisclosedStatement | None:
    """Give what a scope covers of a statement; None where it is out of reach.

    Raises:
        VerificationError: what is kept is not of the log's format.
    """
    sections = _within(row, scope)
    if sections is None:
        return None
    salts = b"".join(
        bytes(SALT_OCTETS) if octets is None else row.salts[start : start + SALT_OCTETS]
        for octets, start in zip(sections, _STARTS, strict=True)
    )
    body = Body(sections, salts, row.commitments)
    return DisclosedStatement(row.number, row.leaf, body)


_STARTS = range(0, SALT_OCTETS * len(SECTIONS), SALT_OCTETS)


def _within(row: Committed, scope: Scope) -> Disclosed | None:
    """Give the sections a scope covers; None where the statement is out of reach."""
    if row.head is None or row.core is None:
        # Whom it concerned cannot be told any more.
        whole = (row.head, row.core, row.fir, row.people, row.private)
        return whole if scope.private else None
    form = BY_TYPE[read_head(row.head).type]
    others = others_within(row, scope)
    subject = form.read(row.core, *others)
    if not form.reaches(subject, scope):
        return None
    return (row.head if form.heads(subject, scope) else None, row.core, *others)


def verify_disclosed(statement: DisclosedStatement) -> Leaf:
    """Check a statement's open sections against its leaf; give what the leaf says.

    Raises:
        VerificationError: the leaf is none, or a section is not the one it names.
    """
    leaf = Leaf.parse(statement.leaf)
    verify_body(statement.body, leaf.body)
    return leaf
