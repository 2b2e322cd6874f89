"""What a reader may name to be watched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.client.things import Thing, read_things
from firtree.errors import InvalidInputError


def test_things_stand_one_to_a_line() -> None:
    found = read_things(
        b"# ours\n\nentry 9001\n  model f0e1/0a100102 \nmaker F0E1\r\nentry 9001\n"
    )

    assert found == (
        Thing("entry", "9001"),
        Thing("model", "F0E1/0A100102"),
        Thing("maker", "F0E1"),
    )
    assert found[1].key == ("F0E1", "0A100102")
    assert Thing.parse("model ab01/12/34").key == ("AB01", "12/34")


@pytest.mark.parametrize(
    "line",
    [
        "entry",
        "entry x",
        "entry 0",
        "entry 01",
        "entry -1",
        "entry \u0667",
        "entry 1 2",
        "model F0E1",
        "model /0A",
        "model F0E1/",
        "maker F0 E1",
        "maker a/b",
        "party x",
        "Entry 7",
    ],
)
def test_another_line_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_things(f"maker F0E1\n{line}\n".encode())

    (problem,) = refused.value.problems
    assert problem.where == "line 2"
    assert problem.expected.startswith("entry <id>, model")


@pytest.mark.parametrize("name", ["\x00", "\udcff", "A\x7f"])
def test_what_cannot_be_sent_is_no_thing(name: str) -> None:
    for line in (f"maker {name}", f"model {name}/{name}"):
        with pytest.raises(ValueError, match="entry <id>, model"):
            Thing.parse(line)


@given(st.binary(max_size=60))
def test_any_file_is_read_or_refused(octets: bytes) -> None:
    try:
        found = read_things(octets)
    except InvalidInputError:
        return

    assert read_things("\n".join(map(str, found)).encode()) == found
