"""One verification of a mirror, from its files to its register."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple, Self

from firtree.client.crew import InOrder, cores, crew
from firtree.client.log_files import CHECKPOINT, LogFiles
from firtree.client.mirror_state import STATE_FILE, MirrorState, read_state
from firtree.client.rows import Seen
from firtree.client.scratch import scratch_folder
from firtree.client.verifying import (
    Fault,
    Faults,
    Progress,
    Signed,
    tile_paths,
    verify_signed,
)
from firtree.client.verifying_files import Outline
from firtree.client.verifying_lists import Aside
from firtree.client.verifying_register import RegisterCheck
from firtree.client.verifying_tasks import (
    IndexesTask,
    ListsTask,
    OpenRows,
    RangeChecked,
    RangeTask,
    Scene,
    checking,
)
from firtree.errors import FirtreeError, InvalidInputError, VerificationError
from firtree.ledger.merkle import HASH_OCTETS, Frontier, split_hashes
from firtree.ledger.policy import Policy
from firtree.ledger.tiles import TILE_WIDTH, TileName, split_bundle

_LOG = "log/"
# Below this a process takes longer to begin than it saves.
_ALONE_MOST = 1 << 14
_PROCESSES_MOST = 8
_PART = 1 << 13


class Effort(NamedTuple):
    """How a verification is cut up.

    Attributes:
        processes: how many share in it; 1 = this one alone.
        blocks: of 256 statements in a range.
        bits: of keys by which the state map is cut into parts; at most 16.
    """

    processes: int = 1
    blocks: int = 16
    bits: int = 0

    @classmethod
    def fitting(cls, size: int) -> Self:
        """Give what fits this machine and a log of a size."""
        processes = min(cores(), _PROCESSES_MOST) if size > _ALONE_MOST else 1
        return cls(processes, bits=min(12, (size // _PART).bit_length()))


class Verdict(NamedTuple):
    """What a verification has found.

    Attributes:
        signed: what the checkpoint says, and who vouches for it.
        files: how many tiles and entry bundles were checked.
        seen: what was seen of the statements; None = nothing, because the register or
            the checkpoint cannot be read.
        faults: the first thousand things that are wrong.
        found: how many there are.
    """

    signed: Signed
    files: int
    seen: Seen | None
    faults: tuple[Fault, ...]
    found: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.found == 0


class Checked(NamedTuple):
    """What is to be verified.

    Attributes:
        folder: of the mirror.
        files: its public part.
        rows: opens its register; it has to be one that other processes can be sent.
        register: name of the register's file below the folder.
    """

    folder: Path
    files: LogFiles
    rows: OpenRows
    register: str


def verify_mirror(
    checked: Checked,
    policy: Policy | None,
    *,
    progress: Progress,
    effort: Effort | None = None,
) -> Verdict:
    """Verify a mirror from scratch; nothing is changed.

    Args:
        checked: the mirror.
        policy: whose signatures count; None = the policy the mirror remembers.
        progress: told (what, done, of how many).
        effort: how the work is cut up; None = as fits this machine and the mirror.

    Raises:
        InvalidInputError: there is no mirror, or no policy to be had.
        UnavailableError: it cannot be read now, or a process has died.

    Cost: one pass over everything.  Memory grows with transactions, about 80 octets
    each, and with versions of makers and parties; some 120 octets for each statement
    are put aside in a temporary folder.
    """
    faults = Faults()
    state = _state(checked.folder, faults)
    if policy is None:
        if state is None:
            raise InvalidInputError(
                f"{checked.folder / STATE_FILE} is damaged, and with it the policy",
                hint="say whose signatures count: --policy FILE or --key VKEY",
            )
        policy = Policy.parse(state.policy.encode())
    signed = verify_signed(checked.files, policy, _LOG + CHECKPOINT, faults)
    size, root = state.size if state is not None else 0, None
    if signed.checkpoint is not None:
        size, root = signed.checkpoint.size, signed.checkpoint.root
    outline = Outline(checked.files, size, root, prefix=_LOG, faults=faults)
    seen = _statements(
        checked,
        outline,
        faults,
        progress=progress,
        effort=effort or Effort.fitting(size),
    )
    files = _others(checked.files, size, faults)
    if state is not None and seen is not None and signed.checkpoint is not None:
        _check_state(state, size, seen, faults)
    return Verdict(signed, files, seen, tuple(faults.listed), faults.count)


def _state(folder: Path, faults: Faults) -> MirrorState | None:
    try:
        return read_state(folder)
    except VerificationError as error:
        faults.add(STATE_FILE, str(error).partition(": ")[2] or str(error))
        return None


def _check_state(state: MirrorState, size: int, seen: Seen, faults: Faults) -> None:
    """Compare what a mirror says of itself with what was found."""
    if state.size != size or seen.unreliable:  # a run was killed at its very end
        return
    found = (seen.hidden, seen.replayed)
    if found != (state.hidden, state.replayed):
        faults.add(
            STATE_FILE,
            f"it says hidden {state.hidden}, replayed {state.replayed}; found "
            f"{seen.hidden} and {seen.replayed}",
        )


def _statements(
    checked: Checked,
    outline: Outline,
    faults: Faults,
    *,
    progress: Progress,
    effort: Effort,
) -> Seen | None:
    """Check leaves, tiles and rows: ranges of statements, then the state map."""
    name = checked.register
    with scratch_folder() as folder, ExitStack() as stack:
        aside = Aside(folder, effort.bits)
        register: RegisterCheck | None = None
        try:
            rows = stack.enter_context(checked.rows())
            register = RegisterCheck(rows, name, aside, faults)
        except VerificationError as error:
            faults.add(name, str(error))
        opened = checked.rows if register is not None else None
        begin = partial(checking, Scene(checked.files, _LOG, opened, name, aside))
        # Where no signed roots are known, a range goes on from the one before.
        processes = effort.processes if outline.is_signed else 1
        in_order = stack.enter_context(crew(begin, processes))
        judged = []
        found: RangeChecked
        for found in in_order(_ranges(outline, register, effort.blocks)):
            judged.append(found.judged)
            faults.join(found.faults)
            try:
                if register is not None and found.gathered is not None:
                    register.take(found.gathered, found.stop, found.lists)
            except VerificationError as error:
                faults.add(name, str(error))
                register = None  # the files are checked to their end all the same
            progress("statements", found.stop, outline.size)
        outline.finish(judged)
        try:
            if register is not None:
                return _finished(register, in_order, aside, progress)
        except VerificationError as error:
            faults.add(name, str(error))
    return None


def _ranges(
    outline: Outline, register: RegisterCheck | None, blocks: int
) -> Iterator[RangeTask]:
    """Cut a log into ranges of so many blocks."""
    above = Frontier()
    for start in range(0, outline.size, blocks * TILE_WIDTH):
        stop = min(start + blocks * TILE_WIDTH, outline.size)
        first, end = (place // TILE_WIDTH * HASH_OCTETS for place in (start, stop))
        roots = outline.roots[first:end]
        frontier = Frontier(above.size * TILE_WIDTH, above.nodes)
        if not outline.is_signed:
            frontier = register.frontier if register is not None else Frontier()
        yield RangeTask(start, stop, frontier, roots, outline.has_open_leaves)
        above, _ = above.grown(split_hashes(roots))


def _finished(
    register: RegisterCheck, in_order: InOrder, aside: Aside, progress: Progress
) -> Seen:
    """Check what needs all statements.

    Raises:
        VerificationError: the register cannot be read.
    """
    parts = 1 << aside.bits
    tasks = [IndexesTask(register.close()), *map(ListsTask, range(parts))]
    counted = count()
    indexes, *lists = in_order(
        tasks, done=lambda: progress("lists", next(counted), parts)
    )
    for checked in lists:
        register.take_lists(checked)
    return register.finish(indexes)


def _others(files: LogFiles, size: int, faults: Faults) -> int:
    """Check what else is in the log's folder; give the number of tiles and bundles."""
    expected = set(tile_paths(size))
    for path in files.paths():
        if path in expected or path == CHECKPOINT:
            continue
        try:
            name = TileName.parse(path)
        except ValueError:
            faults.add(_LOG + path, "it is no file of a log")
            continue
        if name.sizes[0] <= size:
            _check_earlier(files, name, size, faults)
    return len(expected)


def _check_earlier(files: LogFiles, name: TileName, size: int, faults: Faults) -> None:
    """Check a partial tile of an earlier size: the later one begins with it."""
    level, number, width = name
    span = TILE_WIDTH ** (level or 0)
    later = min(TILE_WIDTH, size // span - number * TILE_WIDTH)
    try:
        if level is None:
            octets, now = files.bundle(number, width), files.bundle(number, later)
            expected = _beginning(now, width)
        else:
            octets, now = (
                files.tile(level, number, width),
                files.tile(level, number, later),
            )
            expected = now[: width * HASH_OCTETS]
    except FirtreeError as error:
        faults.add(f"{_LOG}{name}", str(error))
        return
    if octets != expected:
        faults.add(f"{_LOG}{name}", "it is not how the later one begins")


def _beginning(bundle: bytes, width: int) -> bytes:
    try:
        leaves = split_bundle(bundle)[:width]
    except VerificationError:
        return b""
    return bundle[: sum(2 + len(leaf) for leaf in leaves)]
