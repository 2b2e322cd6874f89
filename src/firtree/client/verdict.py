"""One verification of a mirror, from its files to its register."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from firtree.client.log_files import CHECKPOINT, LogFiles
from firtree.client.mirror_state import STATE_FILE, MirrorState, read_state
from firtree.client.rows import Rows, Seen
from firtree.client.verifying import (
    Fault,
    Faults,
    Leaves,
    Progress,
    Signed,
    tile_paths,
    verify_signed,
)
from firtree.client.verifying_rows import RowsCheck
from firtree.errors import FirtreeError, InvalidInputError, VerificationError
from firtree.ledger.merkle import HASH_OCTETS
from firtree.ledger.policy import Policy
from firtree.ledger.tiles import TILE_WIDTH, TileName, split_bundle

_BLOCKS_AT_ONCE = 16
_LOG = "log/"

OpenRows = Callable[[], AbstractContextManager[Rows]]


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
        rows: opens its register.
        register: name of the register's file below the folder.
    """

    folder: Path
    files: LogFiles
    rows: OpenRows
    register: str


def verify_mirror(
    checked: Checked, policy: Policy | None, *, progress: Progress
) -> Verdict:
    """Verify a mirror from scratch; nothing is changed.

    Args:
        checked: the mirror.
        policy: whose signatures count; None = the policy the mirror remembers.
        progress: told (what, done, of how many).

    Raises:
        InvalidInputError: there is no mirror, or no policy to be had.
        UnavailableError: it cannot be read now.

    Cost: one pass over everything; memory grows with the keys of the state map, about
    250 octets each, and with the largest transaction.
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
    seen = _statements(checked, size, root, faults, progress)
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
    size: int,
    root: bytes | None,
    faults: Faults,
    progress: Progress,
) -> Seen | None:
    """Check leaves, tiles and rows, some blocks at a time."""
    leaves = Leaves(checked.files, size, root, prefix=_LOG, faults=faults)
    pieces = _pieces(leaves.blocks(), size, progress)
    try:
        with checked.rows() as rows:
            check = RowsCheck(rows, checked.register, faults)
            for piece, count in pieces:
                check.take(piece, count)
            return check.finish()
    except VerificationError as error:
        faults.add(checked.register, str(error))
    for _ in pieces:  # the files are checked to their end all the same
        pass
    return None


def _pieces(
    blocks: Iterator[list[bytes]], size: int, progress: Progress
) -> Iterator[tuple[list[bytes], int]]:
    """Join the leaves of some blocks; give them with how many there should be.

    A damaged block stands alone, without leaves.
    """
    done, gathered = 0, list[bytes]()
    for number, leaves in enumerate(blocks, 1):
        count = min(TILE_WIDTH, size - done)
        done += count
        if not leaves:
            if gathered:
                yield gathered, len(gathered)
            yield [], count
            gathered = []
            continue
        gathered += leaves
        if number % _BLOCKS_AT_ONCE == 0:
            yield gathered, len(gathered)
            gathered = []
            progress("statements", done, size)
    if gathered:
        yield gathered, len(gathered)


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
