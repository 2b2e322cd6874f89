"""Joins the parts of ``firtree log fence``: what it says, and its making anew."""

from typing import NamedTuple

from firtree.errors import InvalidInputError
from firtree.library.keeping.seen import Seen, check_seen
from firtree.settings import Settings
from firtree.wiring import fence_of, opened_register
from firtree.wiring.fence import FenceFile
from firtree.wiring.keyfile import signer_of
from firtree.wiring.signing import signing_of


class Fenced(NamedTuple):
    """A fence, and the register beside it.

    Attributes:
        path: of the file.
        origin: name of the log.
        seen: the newest that was signed; None = the file was not of this place.
        size: log size.
    """

    path: str
    origin: str
    seen: Seen | None
    size: int


def look(settings: Settings) -> Fenced:
    """Compare a register with its fence, as each start does.

    Raises:
        InvalidInputError: the fence is absent, damaged, a copy, or of another register.
        VerificationError: the register went back, or is another log.
    """
    return _compared(settings, anew=False)


def accept(settings: Settings) -> Fenced:
    """Make the fence anew: this register, in this place, is the one and only.

    Raises:
        VerificationError: what the fence tells shows that the register went back, or
            is another log; nothing was changed.
    """
    return _compared(settings, anew=True)


def _compared(settings: Settings, *, anew: bool) -> Fenced:
    signer = signer_of(settings)
    with opened_register(settings) as register:
        signer = signing_of(settings, register).signer
        fence = fence_of(settings, register, signer)
        seen = _seen(fence, anew=anew)
        check_seen(register, [seen] if seen else [])
        with register.reading() as tx:
            head = tx.head()
        if anew:
            fence.make(head.size, head.frontier.root)
    return Fenced(str(fence.path), signer.name, seen, head.size)


def _seen(fence: FenceFile, *, anew: bool) -> Seen | None:
    """Ask a fence; one that is of another place still knows what was signed."""
    try:
        return fence.seen()
    except InvalidInputError:
        if not anew:
            raise
    return fence.seen_elsewhere()
