"""Parts of a party as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.errors import InvalidInputError
from firtree.exchange import party_lines as lines
from firtree.parties import Contact
from firtree.parties.party import Appointment, Holding, Mandate, ViewedModel, Viewing
from parties import CODE, SINCE, dated

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    "holding": (lines.read_holding, lines.write_holding),
    "mandate": (lines.read_mandate, lines.write_mandate),
    "appointment": (lines.read_appointment, lines.write_appointment),
    "viewing": (lines.read_viewing, lines.write_viewing),
    "contact": (lines.read_contact, lines.write_contact),
}
IDS = st.integers(1, 2**53)
MODELS = st.lists(st.builds(ViewedModel, CODE, CODE), min_size=1).map(tuple)
PLAIN = st.text("abcdefgh ", min_size=1, max_size=20).map(str.strip).filter(bool)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "holding": dated(Holding, code=CODE),
    "mandate": dated(Mandate, maker=IDS),
    "appointment": dated(Appointment, supplier=IDS),
    "viewing": dated(
        Viewing, makers=st.lists(CODE, max_size=3).map(tuple), models=MODELS
    ),
    "contact": st.builds(
        Contact,
        role=PLAIN,
        email=st.just("desk@maker.example"),
        phone=st.sampled_from(["", "020 7946 0000"]),
        url=st.sampled_from(["", "https://maker.example/desk"]),
        confirmed_on=st.none() | st.dates(),
    ),
}


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_a_line_is_read_as_it_was_written(form: str, data: st.DataObject) -> None:
    read, write = FORMS[form]
    value = data.draw(VALUES[form])

    assert read(write(value)) == value


@pytest.mark.parametrize("form", FORMS)
@given(text=st.text("AB01/, from2-t;@.party\x00\u00e9", max_size=40))
def test_any_line_is_read_or_refused(form: str, text: str) -> None:
    read, write = FORMS[form]
    try:
        value = read(text)
    except ValueError:
        return

    assert read(write(value)) == value


def test_a_code_may_be_typed_in_lower_case() -> None:
    assert lines.read_holding("ab01 from 2026-01-01") == Holding(
        code="AB01", since=SINCE
    )


@pytest.mark.parametrize(
    ("form", "line", "expected"),
    [
        ("holding", "AB01", "… from 2026-01-01"),
        ("holding", "AB01 from yesterday", "a date such as"),
        ("holding", "AB01 from 2026-01-02 to 2026-01-01", "a last day that is not"),
        ("mandate", "7 from 2026-01-01", "party and its id"),
        ("mandate", "party x from 2026-01-01", "a whole number"),
        ("viewing", " from 2026-01-01", "… from 2026-01-01"),
        ("viewing", "AB01,, from 2026-01-01", "1 to 30 characters"),
        ("contact", "Firmware desk", "role; mailbox"),
        ("contact", "Firmware desk; desk@nowhere", "an e-mail address"),
        ("contact", "; desk@maker.example", "1 to 100 characters"),
    ],
)
def test_a_line_that_cannot_be_read_says_what_was_expected(
    form: str, line: str, expected: str
) -> None:
    with pytest.raises(ValueError, match=expected):
        FORMS[form][0](line)


def test_every_line_that_is_wrong_is_named() -> None:
    text = "AB01 from 2026-01-01\n\nnonsense\nCD02 from 2026-02-30"

    with pytest.raises(InvalidInputError) as caught:
        lines.read_lines("codes", text, lines.read_holding)

    where = [problem.where for problem in caught.value.problems]
    assert where == ["codes, line 3", "codes, line 4"]
    assert {problem.pointer for problem in caught.value.problems} == {"codes"}


def test_too_many_lines_are_refused() -> None:
    text = "AB01 from 2026-01-01\n" * (lines.LINES_MOST + 1)

    with pytest.raises(InvalidInputError) as caught:
        lines.read_lines("codes", text, lines.read_holding)

    (problem,) = caught.value.problems
    assert (problem.expected, problem.found) == ("at most 500 lines", "501")
