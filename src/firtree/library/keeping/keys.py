"""The keys of a log: the one it began with, and those it was given since."""

from datetime import date
from typing import NamedTuple

from firtree.access import Principal, Right, scope_of
from firtree.errors import ConflictError, VerificationError
from firtree.ledger.notes import Signer, Verifier
from firtree.ledger.statemap import map_key
from firtree.library.ports import Reading, Register
from firtree.library.record import Recorded, Recorder
from firtree.statements.fold import number_in
from firtree.statements.statement import Statement, read_statement
from firtree.statements.types import Subject
from firtree.statements.types.key_rotation import (
    LISTED,
    KeyRotation,
    rotation,
    verify_rotation,
)
from firtree.statements.types.opening import Opening


class LogKeys(NamedTuple):
    """The keys of a log.

    Attributes:
        current: signs checkpoints now.
        before: earlier ones, the newest first; what they signed stays valid.
        both_until: last day on which the newest of these signs too; None = none does.
    """

    current: Verifier
    before: tuple[Verifier, ...] = ()
    both_until: date | None = None

    @property
    def all(self) -> tuple[Verifier, ...]:
        """Every key whose signature on a checkpoint counts."""
        return (self.current, *self.before)

    def signing(self, today: date) -> tuple[Verifier, ...]:
        """Give the keys that sign on a day, UTC, the current one first."""
        if self.both_until is None or today > self.both_until:
            return (self.current,)
        return self.all[:2]


def keys_of_log(tx: Reading) -> LogKeys:
    """Read the keys of a log, from its first statement and its rotations.

    Raises:
        VerificationError: there is no first statement, or a rotation does not follow
            from the key before.
    """
    opening = _subject(tx, 0)[0]
    if not isinstance(opening, Opening):
        raise VerificationError("the register has no first statement")
    rotations = list(_rotations(tx, opening.origin))
    if not rotations:
        return LogKeys(_first(opening))
    keys = [_first(opening)]
    for rotated in reversed(rotations):
        old, new = verify_rotation(rotated)
        if old != keys[-1]:
            raise VerificationError("a rotation of another key than the log had")
        keys.append(new)
    *before, current = keys
    return LogKeys(current, tuple(reversed(before)), rotations[0].both_until)


def _first(opening: Opening) -> Verifier:
    try:
        return Verifier.parse(opening.verifier_key)
    except ValueError as error:
        raise VerificationError(f"the first statement's key: {error}") from None


def _rotations(tx: Reading, origin: str) -> list[KeyRotation]:
    """Give the rotations of a log, the newest first."""
    found: list[KeyRotation] = []
    for octets in tx.map_lists([map_key(*LISTED)]).values():
        number: int | None = number_in(octets)
        while number is not None:
            subject, number = _subject(tx, number)
            # Those of a log whose statements this one took over are not its own.
            if not isinstance(subject, KeyRotation) or subject.origin != origin:
                break
            found.append(subject)
    return found


def _subject(tx: Reading, number: int) -> tuple[Subject | None, int | None]:
    """Read what a statement is about, and which one it takes the place of."""
    for row in tx.statements(number, number + 1):
        statement = read_statement((row.head, row.core, b"", b"", b""))
        return statement.subject, statement.replaces
    return None, None


def rotate(
    principal: Principal,
    recorder: Recorder,
    register: Register,
    old: Signer,
    new: Signer,
    *,
    both_until: date | None,
) -> Recorded:
    """Record that a log's key gives way to a new one.

    Args:
        principal: who asks; needs the right to record.
        recorder: of the register.
        register: which.
        old: the current key.
        new: the one that signs from now on.
        both_until: last day, UTC, on which both sign.

    Raises:
        ConflictError: the log has another key than ``old`` by now.
        NotFoundError: the principal may not.
    """
    scope_of(principal, Right.RECORD)
    with register.reading() as tx:
        size, keys = tx.head().size, keys_of_log(tx)
    if keys.current != old.verifier:
        raise ConflictError(
            "the log's key was rotated meanwhile", hint="put its newest log.key back"
        )
    statement = Statement(subject=rotation(old, new, both_until), by=principal.name)
    return recorder.record([statement], principal, at_size=size)
