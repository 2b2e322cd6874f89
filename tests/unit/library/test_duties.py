"""Duties are done by who holds the lease, and none of them stops the others."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from firtree.errors import UnavailableError
from firtree.library.duties import (
    LEASE_LASTS,
    PROLONGED_AFTER,
    TRY_AGAIN_AFTER,
    Duties,
    Duty,
)
from firtree.storage.duties_memory import MemoryDuties
from registers import START, Clock

MINUTE = timedelta(minutes=1)


class Lost(MemoryDuties):
    """Leases that cannot be reached, while told so."""

    lost = False

    def take(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """Implements ``Leases``."""
        if self.lost:
            raise UnavailableError("the database cannot be reached")
        return super().take(name, holder, now=now, until=until)

    def give_back(self, name: str, holder: str) -> None:
        """Implements ``Leases``."""
        if self.lost:
            raise UnavailableError("the database cannot be reached")
        super().give_back(name, holder)


class Process:
    """A process with one duty, which notes when it was done."""

    def __init__(self, leases: MemoryDuties, clock: Clock, holder: str) -> None:
        self.done: list[datetime] = []
        self.clock = clock
        duty = Duty("noting", MINUTE, lambda: self.done.append(clock()))
        self.duties = Duties([duty], leases, holder=holder, now=clock)


def test_a_duty_is_done_at_its_times() -> None:
    one = Process(MemoryDuties(), Clock(), "one")

    for _ in range(25):
        one.clock.move(one.duties.turn().total_seconds())

    assert len(one.done) > 3
    assert one.done == [START + n * MINUTE for n in range(len(one.done))]


def test_of_two_processes_one_does_it() -> None:
    leases, clock = MemoryDuties(), Clock()
    one, two = Process(leases, clock, "one"), Process(leases, clock, "two")

    for _ in range(100):
        one.duties.turn()
        assert two.duties.turn() == TRY_AGAIN_AFTER
        clock.move(5)

    assert len(one.done) == 9
    assert two.done == []


def test_a_process_that_stops_is_followed_at_once() -> None:
    leases, clock = MemoryDuties(), Clock()
    one, two = Process(leases, clock, "one"), Process(leases, clock, "two")
    one.duties.turn()

    one.duties.stop()
    two.duties.turn()

    assert two.done == [START]
    one.duties.stop()  # what is another's is not given back
    assert one.duties.turn() == TRY_AGAIN_AFTER


def test_a_process_that_died_is_followed_when_its_lease_has_run_out() -> None:
    leases, clock = MemoryDuties(), Clock()
    one, two = Process(leases, clock, "one"), Process(leases, clock, "two")
    one.duties.turn()

    waited = timedelta()
    while not two.done:
        waited += two.duties.turn()
        clock.move((START + waited - clock()).total_seconds())

    assert LEASE_LASTS <= two.done[0] - START <= LEASE_LASTS + TRY_AGAIN_AFTER


def test_a_process_that_slept_through_its_lease_does_nothing_more() -> None:
    leases, clock = MemoryDuties(), Clock()
    one, two = Process(leases, clock, "one"), Process(leases, clock, "two")
    one.duties.turn()
    clock.move(3600)
    two.duties.turn()

    one.duties.turn()

    assert len(one.done) == 1
    assert len(two.done) == 1


def test_a_lease_is_prolonged_well_before_it_runs_out() -> None:
    assert PROLONGED_AFTER * 2 < LEASE_LASTS
    leases, clock = MemoryDuties(), Clock()
    one, two = Process(leases, clock, "one"), Process(leases, clock, "two")
    for _ in range(20):
        one.duties.turn()
        clock.move(9)
        two.duties.turn()

    assert two.done == []


def test_a_duty_that_fails_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, done = Clock(), []

    def refused() -> None:
        raise UnavailableError("no way through")

    def broken() -> None:
        raise ZeroDivisionError

    duties = Duties(
        [
            Duty("refused", MINUTE, refused),
            Duty("broken", MINUTE, broken),
            Duty("good", MINUTE, lambda: done.append(clock())),
        ],
        MemoryDuties(),
        holder="one",
        now=clock,
    )
    assert duties.turn() == TRY_AGAIN_AFTER
    clock.move(60)
    duties.turn()

    assert done == [START, START + MINUTE]
    assert "refused: no way through" in caplog.text
    assert "fault in broken" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_leases_that_cannot_be_reached_are_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    leases, clock = Lost(), Clock()
    one = Process(leases, clock, "one")
    leases.lost = True
    assert one.duties.turn() == TRY_AGAIN_AFTER
    assert one.done == []

    leases.lost = False
    one.duties.turn()
    assert one.done == [START]
    leases.lost = True
    one.duties.stop()

    assert "the lease cannot be taken now: the database" in caplog.text
    assert "the lease was not given back: the database" in caplog.text


def test_without_duties_there_is_nothing_to_hold() -> None:
    leases = MemoryDuties()
    duties = Duties([], leases, holder="one", now=Clock())

    assert duties.turn() == TRY_AGAIN_AFTER
    assert Process(leases, Clock(), "two").duties.turn() < TRY_AGAIN_AFTER * 20
