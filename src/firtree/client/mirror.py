"""Bring a mirror up to date with a log elsewhere, verifying everything on the way.

The order of a run: read the checkpoint and check who signed it; check the roots of all
blocks of 256 leaves against it, and that they continue what is kept; then block by
block take leaves and statements in, each checked before it is written, files first and
then the register; at the end the open tiles, and last of all the checkpoint.  So a run
that is killed at any moment leaves a mirror of the old checkpoint, and the next one
goes on where it stopped.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from firtree.access import Scope
from firtree.client.blocks import hashes_of, root_of_blocks
from firtree.client.blocks_from import block_from, bundle_from, roots_from
from firtree.client.evidence import contradiction
from firtree.client.joining import joined, whole_transactions, wrong
from firtree.client.log_files import LogFiles
from firtree.client.log_server import LogSource
from firtree.client.mirror_state import MirrorState, write_state
from firtree.client.open_tiles import write_open_tiles
from firtree.client.replay import Known, Replay, hidden_in, is_hidden, told_by
from firtree.client.rotations import followed, keys_in, looked_ahead
from firtree.errors import NotSignedInError, VerificationError
from firtree.exchange.reach import (
    ReachWire,
    common_reach,
    is_within_reach,
    reach_wire,
    read_reach,
)
from firtree.ledger.merkle import HASH_OCTETS
from firtree.ledger.notes import Checkpoint, Note, Verifier
from firtree.ledger.policy import Cosigned, Policy
from firtree.ledger.tiles import TILE_WIDTH, entry_bundle
from firtree.library.ports import Reading, Register
from firtree.text import counted

Progress = Callable[[str, int, int], None]
_TILE = TILE_WIDTH * HASH_OCTETS
# Blocks that are taken in at once: some 4,000 statements, 16 MB.
BLOCKS_AT_ONCE = 16
_ALL = Scope(private=True)
_NONE = Scope(makers=frozenset(), fir=False, people=False)


class Mirrored(NamedTuple):
    """What a run has come to.

    Attributes:
        checkpoint: of the mirror now.
        before: log size at the beginning of the run.
        state: what the mirror knows of itself now.
        cosigned: when witnesses of the policy cosigned the checkpoint, by name.
        new_keys: of the log, which the policy did not name, and which one that it
            names has signed for.
        reach: how much the source says that we may see; None = it did not say.
        sees_less: whether that is less than what is held was seen with.
        fuller: how many statements are disclosed now that were held and were not.
    """

    checkpoint: Checkpoint
    before: int
    state: MirrorState
    cosigned: Mapping[str, datetime]
    new_keys: tuple[Verifier, ...] = ()
    reach: ReachWire | None = None
    sees_less: bool = False
    fuller: int = 0


class Mirror(NamedTuple):
    """A mirror in a folder, opened for a run.

    Attributes:
        folder: of the mirror.
        files: its public part.
        register: what its statements were folded into.
    """

    folder: Path
    files: LogFiles
    register: Register


def refresh(
    mirror: Mirror,
    source: LogSource,
    state: MirrorState,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> Mirrored:
    """Take in what is new at the source.

    Args:
        mirror: to be brought up to date; nobody else may write to it meanwhile.
        source: the log.
        state: what the mirror knows of itself.
        now: the clock.
        progress: told (what, done, of how many).

    Raises:
        VerificationError: something is not what the log's signed checkpoint stands
            for, or the log contradicts what is kept; the mirror stays at its
            checkpoint, and notes that contradict each other are kept as evidence.
        UnavailableError: the source cannot be asked, or the folder not be written.
    """
    return _Run(mirror, source, state, now, progress).run()


class _Run:
    """One run."""

    def __init__(
        self,
        mirror: Mirror,
        source: LogSource,
        state: MirrorState,
        now: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        self._mirror = mirror
        self._files = mirror.files
        self._register = mirror.register
        self._source = source
        self._state = state
        self._now = now
        self._progress = progress
        self._hidden = state.hidden
        # As it was, and with the keys of rotations that were verified in the log.
        self._policy = state.policy

    def run(self) -> Mirrored:
        note = self._source.checkpoint()
        with self._register.reading() as tx:
            head = tx.head()
            policy = looked_ahead(self._policy, note, self._source, head.size)
            found = self._verified(note, policy)
            checkpoint = found.checkpoint
            self._check_continues(checkpoint, head.size, head.frontier.root, note)
            roots, rest = self._outline(tx, checkpoint, note)
            self._check_continues_pending(checkpoint, roots, rest, note)
            replay = Replay(tx)
            # What a run counted that was killed before its end is counted again.
            if self._state.counted < head.size:
                missed = tx.statements(self._state.counted, head.size)
                self._hidden = hidden_in(tx, 0, head.size)
                self._policy = followed(self._policy, map(told_by, missed))
        before = self._state.size
        held, told = self._state.scope, self._told_reach(head.size, checkpoint.size)
        self._files.remove_parts()
        if checkpoint.size > head.size:
            self._begin(note, told, head.size)
            self._take(replay, checkpoint.size, roots, rest, note)
        self._verified(note, self._policy)
        new_keys = keys_in(self._policy)[len(keys_in(self._state.policy)) :]
        write_open_tiles(self._register, self._files, checkpoint.size)
        self._keep(self._after(checkpoint, replay))
        self._files.write_checkpoint(note)
        done = Mirrored(checkpoint, before, self._state, found.times, new_keys, told)
        if told is None or not head.size:
            return done
        return done._replace(sees_less=not is_within_reach(held, read_reach(told)))

    def _told_reach(self, size: int, new: int) -> ReachWire | None:
        """Ask how much we may see; None = it is not told, or need not be known."""
        if not new or (new == size and self._state.scope == _ALL):
            return None
        try:
            deque(self._source.statements(new - 1, new), maxlen=0)
        except NotSignedInError:
            if new > size:
                raise
            return None  # a mirror that is up to date needs no token
        return self._source.reach

    def _begin(self, note: bytes, told: ReachWire | None, size: int) -> None:
        """Note what is to be taken in, and how much was seen of all that is held."""
        reach = told
        if size:
            known = msgspec.structs.replace(self._state, hidden=self._hidden)
            seen = read_reach(told) if told is not None else _NONE
            reach = reach_wire(common_reach(known.scope, seen))
        self._keep(
            msgspec.structs.replace(self._state, pending=note.decode(), reach=reach)
        )

    def _verified(self, note: bytes, policy: str) -> Cosigned:
        """Check that a log of the policy has signed a note, and enough witnesses."""
        try:
            return Policy.parse(policy.encode()).verify(Note.parse(note))
        except VerificationError as error:
            raise VerificationError(
                f"checkpoint of {self._source.place}: {error}",
                hint="check the key or policy with the keeper, by another way than "
                "this server",
            ) from None

    def _check_continues(
        self, checkpoint: Checkpoint, size: int, root: bytes, note: bytes
    ) -> None:
        """Check that the log has not gone back, and is the same one."""
        kept = self._kept_note()
        if kept:
            origin = Checkpoint.parse(Note.parse(kept).text).origin
            if origin != checkpoint.origin:
                raise VerificationError(
                    f"this is a mirror of {origin}, and {self._source.place} serves "
                    f"{checkpoint.origin}",
                    hint="mirror another log into a folder of its own",
                )
        pending = self._pending()
        least = max(size, self._state.size, pending.size if pending else 0)
        if checkpoint.size < least:
            raise contradiction(
                self._mirror.folder,
                kept,
                note,
                f"{self._source.place} shows an older state than is kept here: "
                f"{counted(checkpoint.size, 'statement')}, not {least:,}",
                self._now(),
            )
        if checkpoint.size == size and checkpoint.root != root:
            raise self._forked(
                note, f"of {counted(size, 'statement')} there are two trees"
            )

    def _pending(self) -> Checkpoint | None:
        """Give the checkpoint of a run that was cut off; None = none was."""
        note = self._state.pending.encode()
        return Checkpoint.parse(Note.parse(note).text) if note else None

    def _check_continues_pending(
        self, checkpoint: Checkpoint, roots: bytes, rest: list[bytes], note: bytes
    ) -> None:
        """Check that the log continues what was signed when a run was cut off."""
        if (before := self._pending()) is None:
            return
        block, width = divmod(before.size, TILE_WIDTH)
        is_full = block < checkpoint.size // TILE_WIDTH
        leaves = block_from(self._source, block, roots) if width and is_full else rest
        hashes = hashes_of(leaves[:width])
        if root_of_blocks(roots[: block * HASH_OCTETS], hashes) != before.root:
            told = f"what was signed of {counted(before.size, 'statement')}"
            raise self._forked(note, f"{told} is not part of it")

    def _kept_note(self) -> bytes:
        """Give the note of the newest state that was ever taken in from here."""
        return self._state.pending.encode() or self._files.checkpoint()

    def _forked(self, note: bytes, told: str) -> VerificationError:
        return contradiction(
            self._mirror.folder,
            self._kept_note(),
            note,
            f"the log contradicts itself: {told}",
            self._now(),
        )

    def _outline(
        self, tx: Reading, checkpoint: Checkpoint, note: bytes
    ) -> tuple[bytes, list[bytes]]:
        """Give the roots of full blocks, and the leaves behind the last one.

        They are those of the signed tree, and continue the tree that is kept.
        """
        count, width = divmod(checkpoint.size, TILE_WIDTH)
        own = tx.head().size // TILE_WIDTH
        rest = bundle_from(self._source, count, width) if width else []
        hashes = hashes_of(rest)
        kept = [tx.tile(1, number) for number in range(-(-own // TILE_WIDTH))]
        roots = b"".join(kept)[: own * HASH_OCTETS]
        new = (
            roots
            + roots_from(self._source, count, own // TILE_WIDTH)[len(roots) % _TILE :]
        )
        if root_of_blocks(new, hashes) == checkpoint.root:
            return new, rest
        # Either they are wrong, or what is kept is not part of that tree.
        if root_of_blocks(roots_from(self._source, count), hashes) == checkpoint.root:
            raise self._forked(note, "what was signed before is not part of it")
        raise wrong(
            self._source,
            "tiles of level 1",
            "with the last entry bundle they do not lead to the root of its checkpoint",
        )

    def _take(
        self, replay: Replay, size: int, roots: bytes, rest: list[bytes], note: bytes
    ) -> None:
        """Take leaves and statements in, some blocks at a time."""
        begun = replay.head.size
        held: list[Known] = []
        start = begun
        for leaves in self._leaves(begun, size, roots, rest, note):
            stop = start + len(leaves)
            known = list(joined(self._source, start, leaves))
            self._policy = followed(self._policy, (one.statement for one in known))
            self._hidden += sum(is_hidden(one.row) for one in known)
            held += known
            whole, held = whole_transactions(held, is_end=stop == size)
            with self._register.writing() as tx:
                for transaction in whole:
                    replay.fold(tx, transaction)
            start = stop
            self._progress("statements", start, size)

    def _leaves(
        self, begun: int, size: int, roots: bytes, rest: list[bytes], note: bytes
    ) -> Iterator[list[bytes]]:
        """Yield leaves behind those that are kept, verified and written to files."""
        pending: list[bytes] = []
        count = size // TILE_WIDTH
        first = begun // TILE_WIDTH
        for block in range(first, count):
            leaves = block_from(self._source, block, roots)
            hashes = b"".join(hashes_of(leaves))
            self._files.write_tile("entries", block, entry_bundle(leaves), TILE_WIDTH)
            self._files.write_tile(0, block, hashes, TILE_WIDTH)
            pending += self._behind(block, leaves, begun, note)
            if (block + 1) % BLOCKS_AT_ONCE == 0:
                self._files.settle()
                yield pending
                pending = []
        if rest:
            pending += self._behind(count, rest, begun, note)
        self._files.settle()
        if pending:
            yield pending

    def _behind(
        self, block: int, leaves: list[bytes], begun: int, note: bytes
    ) -> list[bytes]:
        """Give the leaves of a block that are new, having compared the others."""
        known = max(0, begun - block * TILE_WIDTH)
        if known:
            first = block * TILE_WIDTH
            with self._register.reading() as tx:
                kept = [row.leaf for row in tx.statements(first, begun)]
            for number, (ours, theirs) in enumerate(
                zip(kept, leaves, strict=False), first
            ):
                if ours != theirs:
                    raise self._forked(note, f"statement {number} has changed")
        return leaves[known:]

    def _after(self, checkpoint: Checkpoint, replay: Replay) -> MirrorState:
        return msgspec.structs.replace(
            self._state,
            source=self._source.place,
            policy=self._policy,
            size=checkpoint.size,
            checked_at=self._now(),
            hidden=self._hidden - len(replay.excused),
            counted=checkpoint.size,
            replayed=replay.is_complete,
            pending="",
            asker=self._source.asker or self._state.asker,
        )

    def _keep(self, state: MirrorState) -> None:
        write_state(self._mirror.folder, state)
        self._state = state
