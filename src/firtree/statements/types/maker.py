"""maker-recorded: a maker with its contact, in full."""

import msgspec

from firtree.access import Scope
from firtree.ledger.canonical import canonical
from firtree.parties import Maker
from firtree.statements.types.form import (
    Form,
    Kind,
    Parts,
    StatementType,
    decoded,
    read_contact,
    write_contact,
)


class MakerCore(msgspec.Struct, frozen=True, kw_only=True):
    """Section ``core`` of a maker."""

    code: str
    name: str


_CORE = msgspec.json.Decoder(MakerCore)


def maker_name(code: str) -> str:
    """Give the state map's name of a maker."""
    return f"maker\n{code}"


def read_maker(
    core: bytes,
    _fir: bytes | None = None,
    people: bytes | None = None,
    _private: bytes | None = None,
) -> Maker:
    """Read a maker from its sections.

    Raises:
        VerificationError: a section is not of its format.
    """
    known = decoded(_CORE, core, "core")
    return Maker(code=known.code, name=known.name, contact=read_contact(people))


def _write(maker: Maker) -> Parts:
    core = canonical(MakerCore(code=maker.code, name=maker.name))
    return Parts(core, people=write_contact(maker.contact))


def _reaches(maker: Maker, scope: Scope) -> bool:
    return scope.covers_maker(maker.code)


def _told(maker: Maker, scope: Scope) -> bool:
    return scope.concerns(maker.code)


FORM = Form(
    statement_type=StatementType.MAKER_RECORDED,
    subject=Maker,
    name=lambda maker: f"maker/{maker.code}",
    listed=lambda maker: ("party", maker_name(maker.code)),
    kinds=(Kind.MAKER_ADDED, Kind.MAKER_CHANGED),
    write=_write,
    read=read_maker,
    reaches=_reaches,
    heads=_told,
)
