"""A statement, and how it is written to and read from its five sections.

What each type says of its subject is in ``statements/types``.
"""

from datetime import date

import msgspec

from firtree.errors import VerificationError
from firtree.ledger.canonical import canonical
from firtree.ledger.sections import Sections
from firtree.statements.types import BY_SUBJECT, BY_TYPE, Subject
from firtree.statements.types.form import StatementType, decoded
from firtree.text import Whole


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the register.

    Args:
        subject: what is recorded, whole.
        by: name of the party that recorded it.
        effective_from: day from which it is in force; None = from its recording.
        replaces: index of the statement it takes the place of; None = the first of
            its subject.
    """

    subject: Subject
    by: str
    effective_from: date | None = None
    replaces: int | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Section ``head``: who, about what, since when, in place of what."""

    type: StatementType
    by: str
    subject: str
    effective_from: date | None = None
    replaces: Whole | None = None


def subject_name(subject: Subject) -> str:
    """Give the name by which statements refer to a subject: ``entry/1042``."""
    return BY_SUBJECT[type(subject)].name(subject)


def write_sections(statement: Statement) -> Sections:
    """Write a statement as its five sections."""
    subject = statement.subject
    form = BY_SUBJECT[type(subject)]
    head = canonical(
        Head(
            type=form.statement_type,
            by=statement.by,
            subject=form.name(subject),
            effective_from=statement.effective_from,
            replaces=statement.replaces,
        )
    )
    return Sections(head, *form.write(subject))


_HEAD = msgspec.json.Decoder(Head)


def read_head(octets: bytes) -> Head:
    """Read section ``head``.

    Raises:
        VerificationError: it is not one.
    """
    return decoded(_HEAD, octets, "head")


def read_statement(sections: tuple[bytes | None, ...]) -> Statement:
    """Read a statement whose head and core are present.

    Raises:
        VerificationError: a section is absent or not of its format, or the head is of
            something else than the others.
    """
    head_octets, core, fir, people, private = sections
    if head_octets is None or core is None:
        raise VerificationError("the statement's head or core is not disclosed")
    head = read_head(head_octets)
    subject = BY_TYPE[head.type].read(core, fir, people, private)
    name = subject_name(subject)
    if head.subject != name:
        raise VerificationError(
            f"its head is of {head.subject!r}, the rest of {name!r}"
        )
    return Statement(
        subject=subject,
        by=head.by,
        effective_from=head.effective_from,
        replaces=head.replaces,
    )


def misplaced(said: int | None, newest: int | None) -> str:
    """Tell that a statement takes the place of another one than it says.

    Args:
        said: number of the statement that it names; None = it names none.
        newest: number of the newest one of its subject before it; None = there is none.

    Returns:
        The sentence; empty = all is well.
    """
    if said == newest:
        return ""
    return (
        f"it says that it takes the place of {_numbered(said)}, but the newest before "
        f"it is {_numbered(newest)}"
    )


def _numbered(number: int | None) -> str:
    return "none" if number is None else f"statement {number}"
