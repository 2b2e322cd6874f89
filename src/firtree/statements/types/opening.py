"""register-opened: how a register began."""

import msgspec

from firtree.access import Scope
from firtree.ledger.canonical import canonical
from firtree.statements.types.form import Form, Kind, Parts, StatementType, decoded


class Opening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a register began.

    Args:
        origin: name of its log.
        verifier_key: the log's public key (c2sp.org/signed-note).
        demo: whether it holds invented data only.
        continues: the last known checkpoint of the log whose statements this one
            takes over, a signed note; empty = it takes over none.
    """

    origin: str
    verifier_key: str
    demo: bool = False
    continues: str = ""


_OPENING = msgspec.json.Decoder(Opening)


def _read(core: bytes, *_others: bytes | None) -> Opening:
    return decoded(_OPENING, core, "core")


def _told(_opening: Opening, scope: Scope) -> bool:
    return scope.private or bool(scope.own)


FORM = Form(
    statement_type=StatementType.REGISTER_OPENED,
    subject=Opening,
    name=lambda _: "register",
    listed=lambda _: ("policy", "register"),
    kinds=(Kind.REGISTER_OPENED, Kind.REGISTER_OPENED),
    write=lambda opening: Parts(canonical(opening)),
    read=_read,
    reaches=lambda _opening, _scope: True,
    heads=_told,
)
