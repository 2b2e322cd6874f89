"""Follows the rotations of a log's key: a key is trusted that a trusted one signed for.

A rotation is a statement that the old and the new key have both signed, so whoever
trusts the old one may trust the new one; nobody else has to be believed.
"""

from collections.abc import Iterable
from typing import Any

from firtree.client.log_server import LogSource
from firtree.client.replay import told_by
from firtree.errors import VerificationError
from firtree.ledger.notes import Checkpoint, Note, Verifier
from firtree.ledger.policy import Policy
from firtree.library.ports import StatementRow
from firtree.statements.disclosure import DisclosedStatement
from firtree.statements.statement import Statement
from firtree.statements.types.key_rotation import KeyRotation, verify_rotation

# So many statements are looked through for a rotation, and asked for at once.
_AHEAD_MOST = 100_000
_AT_ONCE = 4096


def keys_in(policy: str) -> tuple[Verifier, ...]:
    """Give the keys of logs that a policy's text names, in its order."""
    return tuple(log.verifier for log in Policy.parse(policy.encode()).logs)


def followed(policy: str, told: Iterable[Statement | None]) -> str:
    """Give a policy's text with the keys that those it knows gave way to.

    What is no rotation is passed over, and so is one that its keys did not both sign,
    or whose old key the policy does not know.

    Args:
        policy: text of a policy.
        told: statements in log order; None = not disclosed.
    """
    for statement in told:
        if statement is None or not isinstance(statement.subject, KeyRotation):
            continue
        try:
            old, new = verify_rotation(statement.subject)
        except VerificationError:
            continue
        known = keys_in(policy)
        if old in known and new not in known:
            policy = f"{policy.rstrip()}\nlog {new}\n"
    return policy


def looked_ahead(policy: str, note: bytes, source: LogSource, kept: int) -> str:
    """Give the policy by which to read a note that no key of the policy has signed.

    The key may have been rotated since the last run.  Who signed for the new one is
    checked here; that the log says so is not yet, so it is not to be remembered.

    Args:
        policy: text of the policy.
        note: checkpoint of the source, not verified.
        source: asked for the statements behind those that are kept.
        kept: how many are; 0 = nothing is trusted yet, and nothing is looked for.
    """
    try:
        read = Note.parse(note)
        size = Checkpoint.parse(read.text).size
    except VerificationError:
        return policy  # it is told when the note is verified
    stop = min(size, kept + _AHEAD_MOST) if kept else 0
    for start in range(kept, stop, _AT_ONCE):
        if _is_signed(read, policy):
            break
        found = source.statements(start, min(start + _AT_ONCE, stop))
        rows = (StatementRow(one.number, one.leaf, "", *_parts(one)) for one in found)
        policy = followed(policy, map(told_by, rows))
    return policy


def _is_signed(note: Note, policy: str) -> bool:
    """Tell whether a key of a policy has signed a note; a wrong signature counts too.

    That it is wrong is told when the note is verified.
    """
    try:
        return any(key.has_signed(note) for key in keys_in(policy))
    except VerificationError:
        return True


def _parts(found: DisclosedStatement) -> tuple[Any, ...]:
    return (*found.body.sections, found.body.salts, found.body.commitments)
