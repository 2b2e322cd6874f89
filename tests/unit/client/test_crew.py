"""Several processes do tasks, and what they come to is given in order."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crews import FATAL, doubling, refusing
from firtree.client.crew import cores, crew
from firtree.errors import UnavailableError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("processes", [1, 2])
def test_what_tasks_come_to_is_given_in_their_order(processes: int) -> None:
    told: list[int] = []
    with crew(partial(doubling, slow=0), processes) as in_order:
        done = list(in_order(range(40), done=lambda: told.append(1)))
        more = list(in_order(range(3)))

    assert [number for number, _ in done] == list(range(0, 80, 2))
    assert [number for number, _ in more] == [0, 2, 4]
    assert len(told) == 40
    doers = {doer for _, doer in done}
    assert len(doers) == processes
    assert (os.getpid() in doers) == (processes == 1)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_comes_in_its_place(processes: int) -> None:
    with crew(doubling, processes) as in_order:
        done = in_order([1, 2, -3, 4])

        assert next(done)[0] == 2
        assert next(done)[0] == 4
        with pytest.raises(VerificationError, match="-3 is below nought") as caught:
            next(done)
    assert caught.value.hint == "take another"


def test_alone_a_task_is_taken_when_the_one_before_is_used() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(3):
            taken.append(number)
            yield number

    with crew(doubling, 1) as in_order:
        done = in_order(tasks())
        next(done)
        assert taken == [0]
        next(done)
        assert taken == [0, 1]


def test_a_process_that_dies_is_one_clear_error(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with crew(doubling, 2) as in_order:
        done = in_order([1, FATAL, *range(20)])
        with pytest.raises(UnavailableError, match="has ended before its time"):
            list(done)
        with pytest.raises(UnavailableError, match="has ended before its time"):
            list(in_order(range(20)))
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_begun_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with (
        crew(refusing, 2) as in_order,
        pytest.raises(VerificationError, match="nothing to work with"),
    ):
        list(in_order(range(4)))
    assert capfd.readouterr() == ("", "")


def test_processes_end_with_the_block_whatever_ends_it() -> None:
    doers: set[int] = set()
    with pytest.raises(KeyboardInterrupt), crew(doubling, 2) as in_order:
        for _, doer in in_order(range(10_000)):
            doers.add(doer)
            if len(doers) == 2:
                raise KeyboardInterrupt

    assert len(doers) == 2
    assert not any(Path(f"/proc/{doer}").exists() for doer in doers)


def test_a_process_does_not_hear_of_ctrl_c(capfd: pytest.CaptureFixture[str]) -> None:
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with crew(doubling, 2) as in_order:
        # One sent while they begin is as good as one sent later.
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")
        for child in children.split():
            os.kill(int(child), signal.SIGINT)
        done = in_order(range(100))
        for number, doer in done:
            if number == 20:
                os.kill(doer, signal.SIGINT)

    assert capfd.readouterr() == ("", "")
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == heard


def test_there_is_a_processor_at_least() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
