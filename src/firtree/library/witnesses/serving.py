"""Gives the newest checkpoint that enough witnesses have cosigned."""

from collections.abc import Callable, Iterable

from firtree.access import Principal, Right, scope_of
from firtree.errors import UnavailableError
from firtree.ledger.notes import Checkpoint, Note, Signature
from firtree.ledger.policy import Policy
from firtree.library.ports import Register, Signing
from firtree.library.witnesses.ports import StoredSignature, WitnessBook


class Served:
    """Gives the checkpoints that are shown to others.  Safe to share between threads.

    Args:
        register: whose log it is.
        signer: the log's key.
        policy: whom the keeper sends checkpoints to, and how many suffice.
        book: the cosignatures that have come.
    """

    def __init__(
        self, register: Register, signer: Signing, policy: Policy, book: WitnessBook
    ) -> None:
        self._register = register
        self._signer = signer
        self._policy = policy
        self._book = book

    def checkpoint(self, principal: Principal) -> str:
        """Give the newest checkpoint that meets the policy, with its cosignatures.

        Raises:
            UnavailableError: none has met it yet.
        """
        scope_of(principal, Right.READ_LOG)
        stored = self._book.signatures()
        with self._register.reading() as tx:
            newest = tx.head().size
            size = served_size(self._policy, stored, newest)
            end = None if size is None else tx.end_of_size(size)
        if end is None:
            raise UnavailableError(
                "no checkpoint of this log has been cosigned by enough witnesses yet",
                hint="look at: firtree witness status",
            )
        own = {str(witness.verifier) for witness in self._policy.witnesses}
        name = self._signer.name
        text = str(Checkpoint(name, end.size, end.root))
        lines = [
            Signature.parse(one.line)
            for one in _lines_of(stored, end.size, name)
            if one.vkey in own or _is_of_log(one, name)
        ]
        return str(Note.parse(self._signer.sign(text)).with_signatures(lines))


def signatures_in(book: WitnessBook, origin: str) -> Callable[[int], list[Signature]]:
    """Give what finds the signature lines that are kept for a log size.

    Args:
        book: where they are kept.
        origin: of the log, whose own lines come first.
    """

    def of_size(size: int) -> list[Signature]:
        lines = _lines_of(book.signatures(), size, origin)
        return [Signature.parse(one.line) for one in lines]

    return of_size


def _lines_of(
    stored: Iterable[StoredSignature], size: int, origin: str
) -> list[StoredSignature]:
    """Give the lines of a log size, the log's own first."""
    lines = [one for one in stored if one.size == size]
    return sorted(lines, key=lambda one: not _is_of_log(one, origin))


def _is_of_log(one: StoredSignature, origin: str) -> bool:
    return one.vkey.startswith(f"{origin}+")


def served_size(
    policy: Policy, stored: Iterable[StoredSignature], newest: int
) -> int | None:
    """Give the largest size whose cosignatures meet a policy; None = there is none.

    Args:
        policy: how many suffice.
        stored: signature lines that are kept; the log's own do not count.
        newest: log size; larger ones are passed over.
    """
    names = {str(witness.verifier): witness.name for witness in policy.witnesses}
    by_size: dict[int, set[str]] = {newest: set()}
    for one in stored:
        if one.vkey in names and one.size <= newest:
            by_size.setdefault(one.size, set()).add(names[one.vkey])
    met = (size for size, witnesses in by_size.items() if policy.is_met(witnesses))
    return max(met, default=None)
