"""Do tasks in several processes, and give what they come to in order.

The processes are begun anew and not forked: whoever shows progress has threads.  They
end with the block that made them, whatever ends it, and with their parent.
"""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, TypeVar, cast

from firtree.errors import UnavailableError

T = TypeVar("T")
R = TypeVar("R")
Begin = Callable[[], AbstractContextManager[Callable[[T], R]]]


class InOrder(Protocol):
    """Does tasks, and yields what they come to in their order."""

    def __call__(
        self, tasks: Iterable[Any], *, done: Callable[[], None] = lambda: None
    ) -> Iterator[Any]:
        """Do tasks.

        Args:
            tasks: taken as processes come free, ahead of what was given; by one
                process alone only when what the one before came to has been used.
            done: told each time a task is done, before what it came to is given.

        Raises:
            UnavailableError: a process has died.
            Exception: what a task raised, in its place.
        """


# While a process is at one task it has the next one already.
_TASKS_AHEAD = 2
_BEGUN = -1


def cores() -> int:
    """Give the number of processors that this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def crew(begin: Begin[T, R], processes: int) -> Iterator[InOrder]:
    """Give what does tasks in several processes.

    Args:
        begin: opens what tasks need, and gives what does one; called once in each
            process, so it has to be one that can be pickled, and so have tasks and
            what they come to.
        processes: how many; 1 = this one does the tasks.

    Raises:
        UnavailableError: no process can be started.
    """
    if processes == 1:
        with begin() as work:
            yield partial(_alone, work)
        return
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker(begin)) for _ in range(processes)]
        yield partial(_in_order, workers)


def _alone(
    work: Callable[[T], R],
    tasks: Iterable[T],
    *,
    done: Callable[[], None] = lambda: None,
) -> Iterator[R]:
    for task in tasks:
        found = work(task)
        done()
        yield found


@contextmanager
def _worker(begin: Begin[T, R]) -> Iterator["Connection[Any, Any]"]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(begin, theirs), daemon=True)
    with ours:
        try:
            with theirs, _deaf():
                process.start()
        except OSError as error:
            raise UnavailableError(
                f"a process to work in cannot be started: {error.strerror}"
            ) from None
        try:
            yield ours
        finally:
            process.kill()
            process.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """Let processes that are begun not hear of Ctrl-C: whoever begins them ends them.

    It reaches every process of a terminal, and would be told by each.
    """
    resource_tracker.ensure_running()  # which would hear of it again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(begin: Begin[T, R], connection: "Connection[Any, Any]") -> None:
    """Do what is asked for until nobody asks any more."""
    # What a task makes goes with it, and looking for what does not takes a tenth.
    gc.disable()
    with suppress(EOFError, ConnectionError), ExitStack() as stack:
        work, error = _tried(lambda: stack.enter_context(begin()))
        connection.send((_BEGUN, None, error))
        while work is not None:
            place, task = connection.recv()
            connection.send((place, *_tried(lambda: work(task))))  # noqa: B023


def _tried(what: Callable[[], R]) -> tuple[R | None, Exception | None]:
    try:
        return what(), None
    except Exception as error:  # noqa: BLE001 - the parent raises it
        return None, error


def _in_order(
    workers: Sequence["Connection[Any, Any]"],
    tasks: Iterable[object],
    *,
    done: Callable[[], None] = lambda: None,
) -> Iterator[Any]:
    following = enumerate(tasks)
    early: dict[int, tuple[Any, Exception | None]] = {}
    due, open_tasks = 0, 0
    for worker in [*workers] * _TASKS_AHEAD:
        open_tasks += _gave(worker, following)
    while open_tasks:
        for ready in wait(workers):
            worker = cast("Connection[Any, Any]", ready)
            place, found, error = _received(worker)
            if place == _BEGUN:
                if error is not None:
                    raise error
                continue
            early[place] = found, error
            done()
            open_tasks += _gave(worker, following) - 1
        while due in early:
            found, error = early.pop(due)
            if error is not None:
                raise error
            yield found
            due += 1


def _gave(
    worker: "Connection[Any, Any]", following: Iterator[tuple[int, object]]
) -> bool:
    """Give a worker the next task; tell whether there was one."""
    task = next(following, None)
    if task is None:
        return False
    try:
        worker.send(task)
    except ConnectionError:
        raise _ended() from None
    return True


def _received(
    worker: "Connection[Any, Any]",
) -> tuple[int, Any, Exception | None]:
    try:
        found: tuple[int, Any, Exception | None] = worker.recv()
    except (EOFError, ConnectionError):
        raise _ended() from None
    return found


def _ended() -> UnavailableError:
    return UnavailableError(
        "a process that took part in the work has ended before its time",
        hint="the system ends processes when memory is short; try again",
    )
