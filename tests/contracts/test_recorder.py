"""What a recorder writes follows from its statements, whatever is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import update

from entries import a_model, an_entry
from firtree.access import KEEPER, PUBLIC
from firtree.errors import (
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    VerificationError,
)
from firtree.ledger.leaf import Leaf
from firtree.ledger.statemap import map_key
from firtree.library.rebuild import rebuild
from firtree.parties import Contact
from firtree.statements.statement import Statement, read_head
from firtree.statements.types.entry import model_name
from firtree.storage import tables
from rebuilt import check_rebuilt
from registers import ALDER, OPENING, START, Clock, a_recorder, checkpoint_of, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Update

    from firtree.library.ports import Register
    from registers import SQLRegister


def test_an_empty_register_follows_from_nothing(register: Register) -> None:
    assert check_rebuilt(register) == 0


def test_one_statement_follows_from_itself(register: Register) -> None:
    recorded = record(a_recorder(register), OPENING)

    assert recorded.size == 1
    assert check_rebuilt(register) == 1


def test_a_checkpoint_is_of_what_was_committed(register: Register) -> None:
    recorder = a_recorder(register)

    for entry_id in (1, 2, 3):
        recorded = record(recorder, an_entry(entry_id))
        checkpoint = checkpoint_of(recorded.checkpoint)
        with register.reading() as reading:
            end = reading.end_of_size(recorded.size)
        assert end is not None
        assert (checkpoint.size, checkpoint.root) == (end.size, end.root)
        assert checkpoint.size == recorded.size == entry_id


def test_many_statements_of_one_batch_share_time_and_state(register: Register) -> None:
    recorder = a_recorder(register)
    record(recorder, OPENING, ALDER, *(an_entry(n) for n in range(1, 40)))

    with register.reading() as reading:
        leaves = [Leaf.parse(row.leaf) for row in reading.statements(0, 41)]
        assert [end.size for end in reading.ends(0)] == [41]
    assert {(leaf.at, leaf.state) for leaf in leaves} == {(START, leaves[0].state)}
    assert check_rebuilt(register) == 41


def test_versions_of_an_entry_in_one_batch_end_each_other(register: Register) -> None:
    recorder = a_recorder(register)
    versions = [an_entry(7, trade_name=name) for name in ("one", "two", "three")]
    record(recorder, versions[0], an_entry(8), *versions[1:])

    with register.reading() as reading:
        rows = reading.statements(0, 4)
        replaced = [read_head(row.head or b"").replaces for row in rows]
        shown = [reading.entries([7], size)[0].number for size in range(1, 5)]
    assert replaced == [None, None, 0, 2]
    assert shown == [0, 0, 2, 3]
    assert check_rebuilt(register) == 4


def test_versions_over_several_batches_end_each_other(register: Register) -> None:
    recorder = a_recorder(register)
    for name in ("one", "two"):
        record(recorder, an_entry(7, trade_name=name), an_entry(8, trade_name=name))
        record(recorder, an_entry(7, trade_name=name), an_entry(7, trade_name="again"))
        record(recorder, an_entry(9, trade_name=name))

    assert check_rebuilt(register) == 10


def test_an_entry_whose_model_is_corrected_moves_between_lists(
    register: Register,
) -> None:
    recorder = a_recorder(register)
    wrong, right = a_model(model_identifier="0BAD"), a_model(model_identifier="600D")
    record(recorder, an_entry(1, model=wrong), an_entry(2, model=wrong))
    record(recorder, an_entry(1, model=right))

    keys = [map_key("model", model_name(model.key)) for model in (wrong, right)]
    with register.reading() as reading:
        lists = reading.map_lists(keys)
        ids = {
            names: [row[0] for row in msgspec.json.decode(octets)]
            for names, octets in lists.items()
        }
        assert ids == {
            ("model", model_name(wrong.key)): [2],
            ("model", model_name(right.key)): [1],
        }
        assert [s.number for s in reading.entries_of_model(wrong.key, 3)] == [1]
        assert [s.number for s in reading.entries_of_model(wrong.key, 2)] == [0, 1]
        assert [s.number for s in reading.entries_of_model(right.key, 3)] == [2]
    assert check_rebuilt(register) == 3


def test_an_entry_may_move_to_and_fro_within_one_batch(register: Register) -> None:
    recorder = a_recorder(register)
    here, there = a_model(), a_model(model_identifier="600D")
    record(recorder, *(an_entry(1, model=model) for model in (here, there, here)))
    record(recorder, *(an_entry(1, model=model) for model in (there, here, there)))

    assert check_rebuilt(register) == 6


def test_makers_have_versions_too(register: Register) -> None:
    recorder = a_recorder(register)
    desk = Contact(role="Firmware release desk", url="https://maker.example/desk")
    renamed = msgspec.structs.replace(ALDER, name="Alder & Söhne", contact=desk)
    record(recorder, OPENING, ALDER)
    record(recorder, renamed, msgspec.structs.replace(ALDER, code="CD02"))
    record(recorder, ALDER, renamed)

    with register.reading() as reading:
        shown = [reading.makers(["AB01"], size)[0].number for size in (2, 4, 6)]
    assert shown == [1, 2, 5]
    assert check_rebuilt(register) == 6


@pytest.mark.parametrize("size", [300, 600])
def test_statements_cross_the_borders_of_tiles(register: Register, size: int) -> None:
    recorder = a_recorder(register)
    ids = iter(range(1, size + 1))
    batches = [1, 100, 154, 1, 1, 43] if size == 300 else [255, 256, 2, 87]
    for count in batches:
        record(recorder, *(an_entry(next(ids)) for _ in range(count)))

    with register.reading() as reading:
        assert len(reading.tile(0, 0)) == 256 * 32
        assert len(reading.tile(1, 0)) == size // 256 * 32
        assert reading.tile(0, size // 256) == b""
    assert check_rebuilt(register) == size


def test_300_statements_one_at_a_time_fill_a_tile(register: Register) -> None:
    recorder = a_recorder(register)
    for entry_id in range(1, 301):
        record(recorder, an_entry(entry_id % 37 + 1, trade_name=f"Firm {entry_id}"))

    assert check_rebuilt(register) == 300


def test_a_new_recorder_takes_up_an_open_tile(register: Register) -> None:
    for count in (5, 250, 2):
        record(a_recorder(register), *(an_entry(n) for n in range(1, count + 1)))

    assert check_rebuilt(register) == 257


def test_time_rises_though_the_clock_stands_or_goes_back(register: Register) -> None:
    clock = Clock()
    recorder = a_recorder(register, now=clock)
    for seconds in (0, 0, -3600, 7200):
        clock.move(seconds)
        record(recorder, ALDER)

    step = timedelta(microseconds=1)
    with register.reading() as reading:
        times = [end.at for end in reading.ends(0)]
    later = START + timedelta(hours=1)
    assert times == [START, START + step, START + 2 * step, later]
    assert check_rebuilt(register) == 4


@pytest.mark.parametrize("year", [1970, 1999, 2200, 9999])
def test_a_clock_that_was_not_set_records_nothing(
    register: Register, year: int
) -> None:
    recorder = a_recorder(register, now=lambda: START.replace(year=year))

    with pytest.raises(UnavailableError, match="the clock of this machine says"):
        record(recorder, ALDER)
    assert register.size() == 0


def test_who_may_not_record_records_nothing(register: Register) -> None:
    recorder = a_recorder(register)

    with pytest.raises(NotFoundError):
        recorder.record([Statement(subject=OPENING, by="me")], PUBLIC)
    with pytest.raises(InvalidInputError, match="nothing to record"):
        record(recorder)

    assert check_rebuilt(register) == 0


def test_a_recorder_that_failed_records_again(register: Register) -> None:
    recorder = a_recorder(register)
    record(recorder, an_entry(1))
    broken = msgspec.structs.replace(an_entry(2), id="not a number")

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the database says
        record(recorder, an_entry(3), broken)
    record(recorder, an_entry(3))

    assert check_rebuilt(register) == 2


def test_two_recorders_take_turns_on_one_register(register: Register) -> None:
    one, two = a_recorder(register, seed=1), a_recorder(register, seed=2)
    for entry_id in range(1, 21):
        record((one, two)[entry_id % 2], an_entry(entry_id % 5 + 1), ALDER)

    assert check_rebuilt(register) == 40


def test_two_recorders_take_turns_across_the_border_of_a_tile(
    database: Callable[[], Register],
) -> None:
    recorders = [a_recorder(database(), seed=seed) for seed in (1, 2)]
    for turn, count in enumerate([200, 50, 5, 1, 1, 300]):
        entries = [an_entry(n, trade_name=f"turn {turn}") for n in range(1, count + 1)]
        record(recorders[turn % 2], *entries)

    assert check_rebuilt(database()) == 557


def test_lists_that_do_not_lead_to_the_logs_state_are_not_recorded_upon(
    register: Register,
) -> None:
    record(a_recorder(register), ALDER, an_entry(1))
    with register.writing() as tx:
        tx.clear_tables()

    with pytest.raises(VerificationError, match="the lists of size 2 do not lead to"):
        record(a_recorder(register), an_entry(2))

    assert register.size() == 2
    rebuild(KEEPER, register, lambda *_told: None)
    record(a_recorder(register, seed=2), an_entry(2))
    assert check_rebuilt(register) == 3


def damage(register: SQLRegister, change: Update) -> None:
    """Change a row that should be left alone."""
    with register.engine.begin() as connection:
        assert connection.execute(change).rowcount == 1


@pytest.mark.parametrize("code", ["AB01", "CD02"])
def test_one_damaged_list_is_not_recorded_upon_by_whoever_reads_it(
    database: Callable[[], SQLRegister], code: str
) -> None:
    register, running = database(), a_recorder(database())
    record(running, ALDER, an_entry(1))
    record(
        a_recorder(register, seed=2), an_entry(2, model=a_model(manufacturer="CD02"))
    )
    table = tables.map_leaf
    row = update(table).where(table.c.kind == "model", table.c.name.startswith(code))
    damage(register, row.values(list=b"[]"))

    with pytest.raises(VerificationError, match="do not lead to the state") as refused:
        record(a_recorder(register, seed=3), ALDER)

    assert "firtree rebuild" in (refused.value.hint or "")
    assert register.size() == 3
    if code == "CD02":  # who was there before reads only what is new
        with pytest.raises(VerificationError, match="do not lead to the state"):
            record(running, ALDER)
    rebuild(KEEPER, register, lambda *_told: None)
    record(running, ALDER)
    record(a_recorder(register, seed=3), an_entry(1))
    assert check_rebuilt(database()) == 5


@pytest.mark.parametrize(
    ("count", "number"), [(1, 0), (255, 200), (300, 256), (300, 299)]
)
def test_a_damaged_leaf_of_the_open_tile_gets_into_no_tile(
    database: Callable[[], SQLRegister], count: int, number: int
) -> None:
    register = database()
    record(a_recorder(register), *(an_entry(n) for n in range(1, count + 1)))
    table = tables.statement
    row = update(table).where(table.c.leaf_index == number)
    damage(register, row.values(leaf=b"another"))

    with pytest.raises(VerificationError, match=f"last leaves of {count} do not lead"):
        record(a_recorder(register, seed=2), an_entry(1))

    assert register.size() == count
