"""What background work keeps: one contract for memory, SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from firtree.library.witnesses.ports import StoredSignature, WitnessState
from firtree.storage.duties import SQLDuties
from firtree.storage.duties_memory import MemoryDuties
from firtree.storage.memory import MemoryRegister
from registers import START

if TYPE_CHECKING:
    from firtree.library.ports import Register

DUTIES = "duties"
SECOND = timedelta(seconds=1)
Duties = MemoryDuties | SQLDuties


@pytest.fixture
def duties(register: Register) -> Duties:
    """Give an empty notebook of each kind."""
    if isinstance(register, MemoryRegister):
        return MemoryDuties()
    return SQLDuties(register)  # type: ignore[arg-type]


# leases


def test_one_of_several_holds_a_lease(duties: Duties) -> None:
    until = START + 30 * SECOND

    assert duties.take(DUTIES, "one", now=START, until=until)
    assert not duties.take(DUTIES, "two", now=START, until=until)
    assert not duties.take(DUTIES, "two", now=until - SECOND, until=until)
    assert duties.take("others", "two", now=START, until=until)


def test_a_lease_is_prolonged_by_its_holder(duties: Duties) -> None:
    duties.take(DUTIES, "one", now=START, until=START + 30 * SECOND)

    later = START + 20 * SECOND
    assert duties.take(DUTIES, "one", now=later, until=later + 30 * SECOND)
    assert not duties.take(DUTIES, "two", now=START + 40 * SECOND, until=later)


def test_a_lease_that_has_run_out_is_anybodys(duties: Duties) -> None:
    until = START + 30 * SECOND
    duties.take(DUTIES, "one", now=START, until=until)

    assert duties.take(DUTIES, "two", now=until, until=until + 30 * SECOND)
    assert not duties.take(DUTIES, "one", now=until, until=until + 30 * SECOND)


def test_a_lease_is_given_back_by_its_holder_alone(duties: Duties) -> None:
    until = START + 30 * SECOND
    duties.take(DUTIES, "one", now=START, until=until)

    duties.give_back(DUTIES, "two")
    assert not duties.take(DUTIES, "two", now=START, until=until)
    duties.give_back(DUTIES, "one")
    duties.give_back(DUTIES, "one")
    assert duties.take(DUTIES, "two", now=START, until=until)


def test_of_many_at_once_one_gets_the_lease(duties: Duties) -> None:
    until = START + 30 * SECOND

    def take(number: int) -> bool:
        return duties.take(DUTIES, str(number), now=START, until=until)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, range(8))) == 1


# witnesses


FULL = WitnessState(
    vkey="w.example/w1+00000000+BA==",
    size=2**62,
    cosigned_at=START,
    error="é: expected 200, found 503",
    failures=7,
    next_at=START + timedelta(microseconds=1),
)
EMPTY = WitnessState("a.example+00000000+BA==")


def test_states_are_read_as_they_were_written(duties: Duties) -> None:
    assert duties.states() == []

    duties.failed(FULL)
    duties.failed(EMPTY)
    assert duties.states() == [EMPTY, FULL]

    changed = FULL._replace(error="", failures=0, next_at=None, size=7)
    duties.failed(changed)
    assert duties.states() == [EMPTY, changed]


def test_a_cosignature_is_kept_with_its_state(duties: Duties) -> None:
    lines = [
        StoredSignature(size, vkey, f"— {size} {vkey}")
        for size in (3, 9, 300)
        for vkey in ("a+", "b+")
    ]
    for line in reversed(lines):
        duties.cosigned(WitnessState(line.vkey, line.size), [line])

    assert duties.signatures() == lines
    assert duties.states() == [WitnessState("a+", 3), WitnessState("b+", 3)]

    again = lines[0]._replace(line="— later")
    duties.cosigned(WitnessState("a+", 3, START), [again])
    assert duties.signatures() == [again, *lines[1:]]
    assert duties.states()[0] == WitnessState("a+", 3, START)


def test_lines_are_kept_together_and_put_in_place_of_their_own_kind(
    duties: Duties,
) -> None:
    state = WitnessState("w+", 3)
    log, cosignature = (StoredSignature(3, key, "—") for key in ("log+", "w+"))
    duties.cosigned(state, [log, cosignature])
    assert duties.signatures() == [log, cosignature]

    again = [log._replace(line="— again"), cosignature._replace(line="— later")]
    duties.cosigned(state, list(reversed(again)))
    assert duties.signatures() == again


def test_smaller_sizes_are_forgotten(duties: Duties) -> None:
    for size in (1, 2, 3):
        stored = StoredSignature(size, "a+", "—")
        duties.cosigned(WitnessState("a+", size), [stored])

    duties.forget_below(3)

    assert [each.size for each in duties.signatures()] == [3]
    assert duties.states() == [WitnessState("a+", 3)]
