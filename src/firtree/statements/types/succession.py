"""succession-recorded: what one party held goes to another."""

import msgspec

from firtree.access import Scope
from firtree.ledger.canonical import canonical
from firtree.parties.party import Succession
from firtree.statements.types.form import Form, Kind, Parts, StatementType, decoded

_CORE = msgspec.json.Decoder(Succession)


def succession_list(giver: int, taker: int) -> tuple[str, str]:
    """Give the list of the state map that a succession belongs to."""
    return "party", f"succession\n{giver}\n{taker}"


def _read(core: bytes, *_others: bytes | None) -> Succession:
    return decoded(_CORE, core, "core")


def _reaches(succession: Succession, scope: Scope) -> bool:
    return scope.covers_party(succession.giver) or scope.covers_party(succession.taker)


FORM = Form(
    statement_type=StatementType.SUCCESSION_RECORDED,
    subject=Succession,
    name=lambda one: f"succession/{one.giver}/{one.taker}",
    listed=lambda one: succession_list(one.giver, one.taker),
    kinds=(Kind.SUCCESSION_RECORDED, Kind.SUCCESSION_RECORDED),
    write=lambda succession: Parts(canonical(succession)),
    read=_read,
    reaches=_reaches,
    heads=_reaches,
)
