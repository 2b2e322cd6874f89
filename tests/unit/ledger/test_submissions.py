"""What is sent to a witness: the specification's example, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firtree.errors import InvalidInputError, VerificationError
from firtree.ledger.notes import Checkpoint
from firtree.ledger.submissions import (
    ANSWER_OCTETS_MOST,
    SUBMISSION_OCTETS_MOST,
    Submission,
    origin_hash,
    read_cosignatures,
    read_size,
)
from witnesses import History

# The example of c2sp.org/tlog-witness.
EXAMPLE = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/\
Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+\
49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""
ANSWER = """\
— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvV\
jyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbY\
KA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
"""
HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"


def test_the_example_of_the_specification_is_read() -> None:
    found = Submission.parse(EXAMPLE.encode())

    assert found.old == 20852014
    assert [len(each) for each in found.proof] == [32] * 4
    assert Checkpoint.parse(found.note.text).size == 20852163
    assert len(found.note.signatures) == 2
    assert found.encode().decode() == EXAMPLE


def test_the_answer_of_the_specification_is_read() -> None:
    lines = read_cosignatures(ANSWER.encode())

    assert [line.name for line in lines] == ["witness.example/w1", "witness.example/w2"]
    assert "".join(f"{line}\n" for line in lines) == ANSWER
    assert read_size(b"20852014\n") == 20852014
    assert read_size(b"0\n") == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "expected 'old'"),
        (EXAMPLE.replace("old", "Old"), "expected 'old'"),
        (EXAMPLE.replace("old ", "old"), "expected 'old'"),
        (EXAMPLE.replace("old 2", "old  2"), "a tree size"),
        (EXAMPLE.replace("old 2", "old 02"), "a tree size"),
        (EXAMPLE.replace("old 2", "old -2"), "a tree size"),
        (EXAMPLE.replace("old 20852014", "old "), "a tree size"),
        (EXAMPLE.replace("20852014", str(2**63)), "a tree size"),
        (EXAMPLE.replace("20852014\n", "20852014\r\n"), "a tree size"),
        (EXAMPLE.replace("kaw=", "kax="), "base64"),
        (EXAMPLE.replace(HASH, "AAAA\n"), "a hash of 32 octets, not 3"),
        (EXAMPLE.replace(HASH, "\ud800\n"), "base64"),
        (EXAMPLE.replace(HASH, HASH * 61), "more than 63 hashes"),
        (EXAMPLE.partition("\n\n")[0] + "\n", "expected 'old'"),
        (EXAMPLE.partition("— ")[0], "not a signed note"),
        (EXAMPLE + "\n", "not a signed note"),
        (EXAMPLE.replace("sofa\n2", "sofa\t\n2"), "control characters"),
        (EXAMPLE + "x" * SUBMISSION_OCTETS_MOST, "a body above"),
    ],
)
def test_another_body_is_refused(body: str, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        Submission.parse(body.encode(errors="surrogatepass"))


def test_63_hashes_are_taken() -> None:
    assert len(Submission.parse(EXAMPLE.replace(HASH, HASH * 60).encode()).proof) == 63


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\n", b"<html>\n"),
        *(ANSWER[:-1].encode(), b"\n" + ANSWER.encode(), b"x\n\n" + ANSWER.encode()),
    ],
)
def test_another_answer_is_refused(body: bytes) -> None:
    with pytest.raises(VerificationError):
        read_cosignatures(body)


def test_a_huge_answer_is_not_read() -> None:
    with pytest.raises(VerificationError, match="above 65536 octets"):
        read_cosignatures(b"x" * (ANSWER_OCTETS_MOST + 1))


@pytest.mark.parametrize(
    "body", [b"", b"7", b"7\n\n", b"07\n", b"7\n8\n", b"9" * 40 + b"\n", b"\xff\n"]
)
def test_another_size_is_refused(body: bytes) -> None:
    with pytest.raises(VerificationError, match="expected a tree size"):
        read_size(body)


def test_an_origin_is_named_by_its_hash() -> None:
    # sha256sum of the name, without a line feed.
    assert origin_hash("example.com/behind-the-sofa") == (
        "5fd2dc0beb4ce54da5050cf6d5c75248b023abad441c3cecde3976fbe9da4fe4"
    )


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_submission_is_read_as_it_was_written(old: int, more: int) -> None:
    before = HISTORY.submission(old, old + more)

    assert Submission.parse(before.encode()) == before


HISTORY = History()


@given(st.binary(max_size=60), st.integers(0, len(EXAMPLE)), st.integers(0, 60))
@example(b"\n\n", 12, 0)
def test_any_octets_are_read_or_refused(octets: bytes, place: int, over: int) -> None:
    good = EXAMPLE.encode()
    body = good[:place] + octets + good[place + over :]
    try:
        found = Submission.parse(body)
    except InvalidInputError:
        return

    assert found.encode() == body
