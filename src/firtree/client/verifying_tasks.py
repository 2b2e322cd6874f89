"""The tasks that a verification is cut into, and what does one of them.

Each is done from what it says and what is on the disk, so another process can do it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

from firtree.client.blocks import block_root
from firtree.client.rows import Rows
from firtree.client.verifying import Faults, StaticLog
from firtree.client.verifying_files import Blocks, Judged
from firtree.client.verifying_lists import Aside, ListsChecked, by_part, check_lists
from firtree.client.verifying_rows import Block, Gathered, RangeCheck
from firtree.errors import VerificationError
from firtree.ledger.merkle import Frontier
from firtree.ledger.tiles import TILE_WIDTH

OpenRows = Callable[[], AbstractContextManager[Rows]]


class Scene(NamedTuple):
    """What all tasks of a verification need.

    Attributes:
        files: of the log.
        prefix: before their paths, in what is wrong.
        rows: opens the register; None = it cannot be read.
        register: name of its file.
        aside: where changes of lists are put.
    """

    files: StaticLog
    prefix: str
    rows: OpenRows | None
    register: str
    aside: Aside


class RangeTask(NamedTuple):
    """Check leaves and statements from a block's first on.

    Attributes:
        start: number of the first statement; a multiple of 256.
        stop: number after the last one.
        frontier: of the tree before the first, as far as it is known.
        roots: signed ones of the full blocks, joined; empty = none are known.
        has_open_leaves: whether the leaves behind the last full block are right.
    """

    start: int
    stop: int
    frontier: Frontier
    roots: bytes
    has_open_leaves: bool


class RangeChecked(NamedTuple):
    """What a range has come to.

    Attributes:
        stop: as of the task.
        faults: what is wrong with files.
        judged: what is left to be judged of them.
        gathered: of the statements; None = the register cannot be read.
        lists: changes of lists, by part of the state map.
    """

    stop: int
    faults: Faults
    judged: Judged
    gathered: Gathered | None
    lists: Mapping[int, bytes]


class ListsTask(NamedTuple):
    """Check the lists of a part of the state map."""

    part: int


class IndexesTask(NamedTuple):
    """Check the register's schema and indexes, and count rows as of a log size."""

    size: int


class IndexesChecked(NamedTuple):
    """What checking indexes and counting rows has come to.

    Attributes:
        told: what is wrong with schema and indexes; empty = nothing.
        entries, lists: rows of entries, and of lists of the state map.
        holding: rows of entries that hold.
    """

    told: str
    entries: int
    lists: int
    holding: int


Task = RangeTask | ListsTask | IndexesTask
Checked = RangeChecked | ListsChecked | IndexesChecked


@contextmanager
def checking(scene: Scene) -> Iterator[Callable[[Task], Checked]]:
    """Open what tasks need, and give what does one.

    Raises:
        FirtreeError: the register cannot be opened.
    """
    with ExitStack() as stack:
        rows = stack.enter_context(scene.rows()) if scene.rows is not None else None
        yield partial(_check, scene, rows)


def _check(scene: Scene, rows: Rows | None, task: Task) -> Checked:
    if isinstance(task, RangeTask):
        return _check_range(scene, rows, task)
    if rows is None:
        raise VerificationError("the register cannot be read")
    if isinstance(task, ListsTask):
        return check_lists(rows, scene.aside, task.part, scene.register)
    told = rows.check_indexes()
    return IndexesChecked(
        told,
        rows.count("entry", task.size),
        rows.count("map_leaf", task.size),
        rows.count_holding(task.size),
    )


def _check_range(scene: Scene, rows: Rows | None, task: RangeTask) -> RangeChecked:
    faults = Faults()
    files = Blocks(scene.files, scene.prefix, faults)
    check = None
    if rows is not None:
        check = RangeCheck(rows, scene.register, task.start, task.frontier)
    damaged = ""
    for block in _blocks(files, task):
        if check is not None and not damaged:
            try:
                check.take(block)
            except VerificationError as error:
                damaged = str(error)
    gathered = check.gathered(task.stop, damaged) if check is not None else None
    lists = by_part(gathered.lists, scene.aside.bits) if gathered is not None else {}
    if gathered is not None:
        gathered = gathered._replace(lists=())
    return RangeChecked(task.stop, faults, files.judged(), gathered, lists)


def _blocks(files: Blocks, task: RangeTask) -> Iterator[Block]:
    for start in range(task.start, task.stop, TILE_WIDTH):
        stop = min(start + TILE_WIDTH, task.stop)
        leaves: list[bytes] = []
        hashes: list[bytes] = []
        if stop - start == TILE_WIDTH:
            right = block_root(task.roots, (start - task.start) // TILE_WIDTH)
            leaves, hashes = files.leaves(start // TILE_WIDTH, right)
        elif task.has_open_leaves:
            leaves, hashes = files.open_leaves(start // TILE_WIDTH, stop - start)
        yield Block(start, stop, leaves, hashes)
