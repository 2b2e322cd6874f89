"""How a question is read, and what is told of why an entry was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import an_entry
from firtree.catalogue.entry import ReleaseNotes
from firtree.catalogue.search import (
    Field,
    Rank,
    Reasons,
    forms,
    normal,
    rank_in,
    read_query,
)

ENTRY = an_entry(
    42,
    firmware="24000100",
    firmware_label="04.2400.10 / 3",
    trade_name="Elect  Copse",
    notes=ReleaseNotes(
        summary="The clock keeps time; Clocks agree.", irps=("IRP605",), fixes=("",)
    ),
)


def told(text: str, maker_name: str = "Alder Meters") -> list[str]:
    """Write the reasons with brackets around what is marked."""
    query = read_query(text)
    assert query is not None
    return [
        f"{reason.field}: "
        + "".join(f"[{m.text}]" if m.marked else m.text for m in reason.marks)
        for reason in Reasons(query).of(ENTRY, maker_name)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("42", ["id: [42]", "firmware_label: 0[4.2]400.10 / 3"]),
        ("0042", ["id: [42]"]),
        ("2400", ["firmware: [2400]0100", "firmware_label: 04.[2400].10 / 3"]),
        ("042400", ["firmware_label: [04.2400].10 / 3"]),
        ("04-2400/10", ["firmware_label: [04.2400.10] / 3"]),
        ("ct copse", ["trade_name: Ele[ct  Copse]"]),
        ("COPSE elect", ["trade_name: [Elect]  [Copse]"]),
        ("alder", ["manufacturer_name: [Alder] Meters"]),
        ("ab01", ["manufacturer: [AB01]"]),
        ("010A03", ["model: [010A03]0B"]),
        ("002a", [f"image_hash: {'0' * 60}[002A]"]),
        (
            "clock irp",
            ["notes: The [clock] keeps time; [Clock]s agree.", "notes: [IRP]605"],
        ),
        ("lock", []),
        ("zebra", []),
    ],
)
def test_reasons_mark_what_was_looked_for(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_a_maker_is_found_by_both_of_its_names() -> None:
    assert told("alder", "Alder plc") == [
        "manufacturer_name: [Alder] Meters",
        "manufacturer_name: [Alder] plc",
    ]


@given(st.text(max_size=60), st.text(max_size=12))
def test_reasons_leave_the_text_as_it_is(trade_name: str, text: str) -> None:
    entry = an_entry(7, trade_name=trade_name, notes=ReleaseNotes(summary=trade_name))
    query = read_query(text)
    if query is not None:
        for reason in Reasons(query).of(entry):
            assert any(mark.marked for mark in reason.marks)
            if reason.field in {Field.TRADE_NAME, Field.NOTES}:
                assert reason.text == trade_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("04.2400.10", ("04.2400.10", "04240010")),
        ("V1-0 / a", ("v1.0 . a", "v10a")),
        ("Elect  Copse\n", ("elect copse",)),
        ("...", ("...",)),
        ("ＷＩＤＥ", ("wide",)),
        ("STRASSE ß ẞ", ("strasse ss ss",)),
        ("", ("",)),
    ],
)
def test_a_field_is_found_with_separators_and_without(
    text: str, expected: tuple[str, ...]
) -> None:
    assert forms(text) == expected


@given(st.text())
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize(
    ("form", "text", "rank"),
    [
        ("alder", "alder", Rank.WHOLE),
        ("alder", "al", Rank.BEGINS),
        ("alder", "der", Rank.INSIDE),
        ("alder", "a", None),
        ("a", "a", Rank.WHOLE),
        ("alder", "alders", None),
    ],
)
def test_a_whole_field_ranks_before_its_beginning_and_its_inside(
    form: str, text: str, rank: Rank | None
) -> None:
    assert rank_in(form, text) == rank


@pytest.mark.parametrize("text", ["", " ", "\n\t\u2028"])
def test_a_blank_question_is_none(text: str) -> None:
    assert read_query(text) is None


def test_a_word_is_looked_for_once() -> None:
    query = read_query("B a b A a")
    assert query is not None
    assert [word.text for word in query.words] == ["b", "a"]
    assert query.phrase is not None
    assert query.phrase.text == "b a b a a"
    assert read_query("a A") != read_query("a")


def test_a_question_has_bounds() -> None:
    assert read_query("x" * 200)
    with pytest.raises(ValueError, match="a text of at most 200 characters"):
        read_query("x" * 201)
    with pytest.raises(ValueError, match="at most 10 different words"):
        read_query("a b c d e f g h i j k")
