"""The state map of any size, made from what each register keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entries import a_model, an_entry
from firtree.errors import VerificationError
from firtree.library.statemaps import StateMaps
from firtree.parties import Maker
from registers import ALDER, OPENING, Clock, a_recorder, record

if TYPE_CHECKING:
    from firtree.library.ports import End, Register

MODELS = [a_model(model_identifier=f"{number:04X}") for number in range(12)]


def filled(register: Register) -> list[End]:
    """Record six transactions: lists that come, change, and become empty."""
    clock = Clock()
    recorder = a_recorder(register, now=clock)
    for subjects in (
        [OPENING, ALDER],
        [an_entry(number, model=MODELS[number]) for number in range(1, 10)],
        [an_entry(1, model=MODELS[2]), an_entry(20, model=MODELS[1])],
        [Maker(code="AB01", name="Alder Meters Ltd")],
        [an_entry(21, model=MODELS[11])],
        [an_entry(1, model=MODELS[10])],
    ):
        record(recorder, *subjects)
        clock.move()
    with register.reading() as tx:
        return list(tx.ends(0))


def test_the_map_of_every_state_has_the_root_its_leaves_name(
    register: Register,
) -> None:
    ends = filled(register)

    maps = StateMaps(register)
    for end in (*ends, *reversed(ends)):
        assert maps.at(end.size).root == end.state
    for end in ends:  # the first that is asked for may be a past one
        assert StateMaps(register).at(end.size).root == end.state
    assert len({end.state for end in ends}) == 6


def test_the_map_grows_with_the_register(register: Register) -> None:
    maps = StateMaps(register)
    recorder = a_recorder(register)
    kept = []
    for number in range(1, 8):
        record(recorder, an_entry(number, model=MODELS[number % 3]))
        with register.reading() as tx:
            kept.append(tx.head())
        assert maps.at(number).root == kept[-1].state
    for head in kept:
        assert maps.at(head.size).root == head.state


def test_lists_that_do_not_lead_to_the_logs_state_are_refused(
    register: Register,
) -> None:
    ends = filled(register)
    maps = StateMaps(register)
    maps.at(ends[-1].size)
    with register.writing() as tx:
        tx.clear_tables()

    with pytest.raises(VerificationError, match="do not lead to the state"):
        StateMaps(register).at(ends[-1].size)
    # What was in memory before is as good as it was.
    assert maps.at(ends[-1].size).root == ends[-1].state
