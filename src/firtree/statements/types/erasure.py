"""section-erased: the octets and the salt of a section of a statement are destroyed."""

import msgspec

from firtree.access import Scope
from firtree.errors import VerificationError
from firtree.ledger.canonical import canonical
from firtree.statements.types.form import Form, Kind, Parts, StatementType, decoded
from firtree.text import Whole

# What every entry, maker or party is made of stays; it is put right by a new version.
ERASABLE = ("fir", "people", "private")
# The sections in the words of pages.
WORDS = {"fir": "FIR information", "people": "contacts", "private": "private parts"}


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """The erasure of one section of one statement.

    Args:
        statement: number of the statement, counted from 0.
        section: ``fir``, ``people`` or ``private``.
        reason: why, in words; empty where it is not the reader's to know, or erased.
    """

    statement: Whole
    section: str
    reason: str = ""


class _Core(msgspec.Struct, frozen=True, kw_only=True):
    """Section ``core``: what mirrors need to obey."""

    statement: Whole
    section: str


class _Private(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Section ``private``: reasons may hold what should not be told to all."""

    reason: str = ""


_CORE = msgspec.json.Decoder(_Core)
_PRIVATE = msgspec.json.Decoder(_Private)


def _write(erasure: Erasure) -> Parts:
    core = _Core(statement=erasure.statement, section=erasure.section)
    private = _Private(reason=erasure.reason)
    return Parts(canonical(core), private=canonical(private) if erasure.reason else b"")


def _read(
    core: bytes, _fir: bytes | None, _people: bytes | None, private: bytes | None
) -> Erasure:
    known = decoded(_CORE, core, "core")
    if known.section not in ERASABLE:
        raise VerificationError(f"an erasure of section {known.section!r}")
    told = decoded(_PRIVATE, private, "private") if private else _Private()
    return Erasure(statement=known.statement, section=known.section, reason=told.reason)


def listed_as(statement: int, section: str) -> tuple[str, str]:
    """Give kind and name of the list that an erasure is kept under."""
    return "policy", f"erasure\n{statement}\n{section}"


def is_erasure(kind: str, name: str) -> bool:
    """Tell whether a list of the state map is an erasure's."""
    return kind == "policy" and name.startswith("erasure\n")


def _everybody(_erasure: Erasure, _scope: Scope) -> bool:
    # A number and the name of a section say nothing; every mirror has to obey them.
    return True


FORM = Form(
    statement_type=StatementType.SECTION_ERASED,
    subject=Erasure,
    name=lambda one: f"erasure/{one.statement}/{one.section}",
    listed=lambda one: listed_as(one.statement, one.section),
    kinds=(Kind.SECTION_ERASED, Kind.SECTION_ERASED),
    write=_write,
    read=_read,
    reaches=_everybody,
    heads=lambda _erasure, scope: scope.private,
)
