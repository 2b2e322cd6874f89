"""Record statements: log, state map and tables together, or not at all.

The order of one transaction (``docs/formats/log.md``, Writing): take the write lock;
catch up with what other processes wrote; fold the statements; update the state map
once per changed list; form the leaves; grow the tree; write it all; commit durably.
Only then is a checkpoint signed.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec

from firtree.access import Principal, Right, scope_of
from firtree.catalogue.entry import Entry
from firtree.collector import collector_at_rest
from firtree.devices import ModelKey
from firtree.errors import ConflictError, InvalidInputError, VerificationError
from firtree.ledger.leaf import check_clock, leaf_octets
from firtree.ledger.merkle import leaf_hash
from firtree.ledger.notes import Checkpoint
from firtree.ledger.sections import SALTS_OCTETS, Body, sealed
from firtree.ledger.statemap import StateMap, map_key
from firtree.ledger.tiles import TILE_WIDTH, full_leaf_tiles, higher_tiles
from firtree.library.keeping.erasing import erased_by
from firtree.library.keeping.seen import Fence, NoFence
from firtree.library.ports import (
    Batch,
    Erased,
    Head,
    MapRow,
    Reading,
    Register,
    Signing,
    StatementRow,
    Thing,
    Writing,
)
from firtree.parties import Maker
from firtree.parties.party import Party
from firtree.statements.fold import (
    Changes,
    apply,
    listed_name,
    number_in,
    updated_lists,
)
from firtree.statements.segments import SegmentRow, due, segment_rows
from firtree.statements.statement import (
    Statement,
    read_statement,
    subject_name,
    write_sections,
)
from firtree.statements.types import Subject
from firtree.statements.types.erasure import Erasure

_LISTS = "firtree doctor says what is wrong; firtree rebuild makes the lists anew"
_LEAF = "firtree doctor says which one is wrong; restore it from a backup"


class Recorded(NamedTuple):
    """What recording gives back.

    Attributes:
        size: log size after it.
        checkpoint: the signed checkpoint of that size.
    """

    size: int
    checkpoint: str


class Version(NamedTuple):
    """The newest version of something, before a statement that replaces it."""

    thing: Thing | None
    number: int
    key: ModelKey | None


class _Known(NamedTuple):
    """What a writer keeps in memory between two transactions, for a log size."""

    size: int
    state: StateMap
    open_tile: tuple[bytes, ...]
    indexed: int


class Recorder:
    """Records statements of one register.  Safe to share between threads.

    Args:
        register: where they are kept.
        signer: the log's key.
        now: the clock.
        entropy: gives that many random octets.
        fence: what was signed before, outside the register.
    """

    def __init__(
        self,
        register: Register,
        signer: Signing,
        *,
        now: Callable[[], datetime],
        entropy: Callable[[int], bytes],
        fence: Fence | None = None,
    ) -> None:
        self._register = register
        self._signer = signer
        self._now = now
        self._entropy = entropy
        self._fence = fence or NoFence()
        self._lock = threading.Lock()
        self._known = _Known(0, StateMap(), (), 0)

    def record(
        self,
        statements: Sequence[Statement],
        principal: Principal,
        *,
        right: Right = Right.RECORD,
        at_size: int | None = None,
    ) -> Recorded:
        """Record statements in one transaction.

        ``replaces`` of each statement about an entry is filled in here, under the
        lock.

        Args:
            statements: in log order; at least one.
            principal: who records.
            right: what it needs to hold for that.
            at_size: log size at which the statements were decided on; None = any.

        Raises:
            ConflictError: the log has grown since ``at_size``.
            NotFoundError: the principal may not record.
            UnavailableError: the register cannot be written now; nothing was.
            VerificationError: the register is not what was signed, or what is kept is
                not what its log says; nothing was written.
        """
        scope_of(principal, right)
        if not statements:
            raise InvalidInputError("there is nothing to record")
        with self._lock, collector_at_rest():
            with self._register.writing() as tx:
                head = tx.head()
                self._fence.check(tx, head)
                if at_size not in {None, head.size}:
                    raise ConflictError(
                        "the register has changed meanwhile; nothing was recorded",
                        hint="run the same again: it will be compared anew",
                    )
                known = self._caught_up(tx, head)
                batch, after = self._batch(tx, statements, head, known)
                tx.write(batch)
            self._known = after
        return Recorded(batch.head.size, self.checkpoint(batch.head))

    def checkpoint(self, head: Head) -> str:
        """Sign the checkpoint of a committed head."""
        text = Checkpoint(self._signer.name, head.size, head.frontier.root)
        return self._signer.sign(str(text))

    def _caught_up(self, tx: Writing, head: Head) -> _Known:
        """Take in what other processes have recorded since the last time.

        Raises:
            VerificationError: it is not what the log says; what is made of it would
                stand in the log for ever.
        """
        known, size = self._known, head.size
        if size == known.size:
            return known
        state = known.state.updated(
            (key, sha256(value).digest()) for key, value in tx.map_leaves(known.size)
        )
        rows = tx.statements(size - size % TILE_WIDTH, size)
        open_tile = tuple(leaf_hash(row.leaf) for row in rows)
        if state.root != head.state:
            raise _damaged(f"the lists of size {size} do not lead to the state", _LISTS)
        if not head.frontier.ends_with(open_tile):
            raise _damaged(f"the last leaves of {size} do not lead to the tree", _LEAF)
        return _Known(size, state, open_tile, tx.indexed())

    def _batch(
        self,
        tx: Writing,
        statements: Sequence[Statement],
        head: Head,
        known: _Known,
    ) -> tuple[Batch, _Known]:
        at = self._now().astimezone(UTC)
        check_clock(at)
        if head.at is not None:
            at = max(at, head.at + timedelta(microseconds=1))
        before = newest_versions(tx, statements)
        bodies, changes = self._folded(statements, before, head.size)
        size = head.size + len(statements)
        lists = list_rows(tx, changes, size)
        state = known.state.updated(
            (row.key, sha256(row.list).digest()) for row in lists
        )
        stamp, root = at.strftime("%Y-%m-%dT%H:%M:%S.%f"), state.root
        leaves = [leaf_octets(stamp, digest, root) for _, _, digest in bodies]
        hashes = [leaf_hash(leaf) for leaf in leaves]
        frontier, gained = head.frontier.grown(hashes)
        open_tile = (*known.open_tile, *hashes)
        first = head.size - len(known.open_tile)
        subjects = [statement.subject for statement in statements]
        erased = _erased(tx, subjects)
        batch = Batch(
            statements=[
                StatementRow(
                    number, leaf, subject, *body.sections, body.salts, body.commitments
                )
                for number, (leaf, (subject, body, _)) in enumerate(
                    zip(leaves, bodies, strict=True), head.size
                )
            ],
            entries=changes.entries,
            makers=changes.makers,
            parties=changes.parties,
            lists=lists,
            replaced={v.thing for v in before.values() if v.thing is not None},
            tiles=[*full_leaf_tiles(first, open_tile), *higher_tiles(gained)],
            head=Head(frontier, at, root),
            segments=due_segments(tx, known.indexed, head.size, subjects, erased),
            erased=erased,
        )
        kept = open_tile[len(open_tile) - size % TILE_WIDTH :]
        indexed = size if batch.segments else known.indexed
        return batch, _Known(size, state, kept, indexed)

    def _folded(
        self,
        statements: Sequence[Statement],
        before: Mapping[str, Version],
        size: int,
    ) -> tuple[list[tuple[str, Body, bytes]], Changes]:
        """Write each statement's body and fold it, in order.

        Returns:
            The name of each subject, the body with its hash; and what changes.
        """
        newest = {name: (known.number, known.key) for name, known in before.items()}
        salts = self._entropy(SALTS_OCTETS * len(statements))
        bodies: list[tuple[str, Body, bytes]] = []
        changes = Changes.none()
        for place, statement in enumerate(statements):
            subject = statement.subject
            name, number = subject_name(subject), size + place
            replaced, previous = newest.get(name, (None, None))
            written = replacing(statement, replaced)
            start = SALTS_OCTETS * place
            body = sealed(write_sections(written), salts[start : start + SALTS_OCTETS])
            digest = body.digest
            bodies.append((name, body, digest))
            apply(
                written,
                number=number,
                body=digest,
                previous=previous,
                changes=changes,
            )
            key = changes.entries[-1].key if isinstance(subject, Entry) else None
            newest[name] = (number, key)
        return bodies, changes


def _damaged(what: str, hint: str) -> VerificationError:
    return VerificationError(f"{what} the log names; nothing was recorded", hint=hint)


def _erased(tx: Reading, subjects: Sequence[Subject]) -> list[Erased]:
    """Work out what erasures among some statements change in place."""
    erasures = [subject for subject in subjects if isinstance(subject, Erasure)]
    if len(erasures) > 1 or (erasures and len(subjects) > 1):
        raise InvalidInputError("an erasure is recorded in a transaction of its own")
    return [erased_by(tx, erasure) for erasure in erasures]


def list_rows(tx: Writing, changes: Changes, size: int) -> list[MapRow]:
    """Give the new lists of the state map.

    Args:
        tx: holds the lists as they are.
        changes: of one transaction.
        size: log size at its end.
    """
    keys = {(row.kind, row.name): map_key(row.kind, row.name) for row in changes.lists}
    current = tx.map_lists(keys.values())
    lists = updated_lists(changes.lists, current)
    return [
        MapRow(keys[names], size, *names, octets) for names, octets in lists.items()
    ]


def due_segments(
    tx: Reading,
    indexed: int,
    size: int,
    subjects: Sequence[Subject],
    erased: Sequence[Erased],
) -> list[SegmentRow]:
    """Write the segments of the search index that are due; none if it is too early.

    Args:
        tx: holds the statements before.
        indexed: how many of these the index covers.
        size: how many there are.
        subjects: of the statements that are added.
        erased: statements before that lose a section meanwhile.
    """
    if not due(indexed, size + len(subjects)):
        return []
    before = subjects_of(tx, indexed, size)
    for one in erased:
        if one.row.number >= indexed:
            before[one.row.number - indexed] = read_statement(one.row.sections).subject
    return list(segment_rows(indexed, [*before, *subjects]))


def subjects_of(tx: Reading, start: int, stop: int) -> list[Subject]:
    """Read what statements are about."""
    return [
        read_statement((row.head, row.core, row.fir, row.people, row.private)).subject
        for row in tx.statements(start, stop)
    ]


def newest_versions(tx: Reading, statements: Sequence[Statement]) -> dict[str, Version]:
    """Give the newest version of each statement's subject, by its name."""
    subjects = [statement.subject for statement in statements]
    ids = {subject.id for subject in subjects if isinstance(subject, Entry)}
    newest: dict[str, Version] = {}
    if ids:
        for row in tx.entry_rows(ids).values():
            newest[f"entry/{row.id}"] = Version(row.id, row.since - 1, row.key)
    others = {
        listed_name(subject): subject
        for subject in subjects
        if not isinstance(subject, Entry)
    }
    if others:
        keys = [map_key(*names) for names in others]
        for names, octets in tx.map_lists(keys).items():
            subject, number = others[names], number_in(octets)
            newest[subject_name(subject)] = Version(thing_of(subject), number, None)
    return newest


def thing_of(subject: Subject) -> Thing | None:
    """Give what a subject's row is found by; None where it has no table."""
    match subject:
        case Maker():
            return subject.code
        case Entry() | Party():
            return subject.id
        case _:
            return None


def replacing(statement: Statement, number: int | None) -> Statement:
    """Give a statement that says which one it takes the place of.

    A section of its subject that was erased before is blank in it, and not absent.
    """
    subject = statement.subject
    if isinstance(subject, Entry) and subject.absent:
        subject = msgspec.structs.replace(subject, absent=frozenset())
        statement = msgspec.structs.replace(statement, subject=subject)
    if number == statement.replaces:
        return statement
    return msgspec.structs.replace(statement, replaces=number)
