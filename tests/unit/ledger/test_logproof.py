"""Proofs of c2sp.org/tlog-proof: written as it says, and read strictly."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.errors import VerificationError
from firtree.ledger.logproof import LogProof

NOTE = "log.example/a\n9\nAAAA\n\n— log.example/a AAAAAAA=\n"
HASHES = tuple(sha256(bytes([n])).digest() for n in range(4))
LINES = [b64encode(each).decode() for each in HASHES]
GOOD = "\n".join(["c2sp.org/tlog-proof@v1", "index 8", *LINES, "", NOTE])


def test_a_proof_is_written_as_the_specification_says() -> None:
    assert str(LogProof(8, HASHES, NOTE)) == GOOD
    assert LogProof.parse(GOOD) == LogProof(8, HASHES, NOTE)
    assert str(LogProof(0, (), NOTE)).startswith(
        "c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example/a\n9\n"
    )


def test_extra_data_is_passed_over() -> None:
    extra = GOOD.replace("index 8", "extra AAAA\nindex 8")

    assert LogProof.parse(extra) == LogProof(8, HASHES, NOTE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a proof of the form"),
        (GOOD.replace("@v1", "@v2"), "not a proof of the form"),
        (GOOD.replace("\n\n", "\n"), "not a proof of the form"),
        (GOOD.replace("index 8", "index 08"), "without the index"),
        (GOOD.replace("index 8", "index -1"), "without the index"),
        (GOOD.replace("index 8", "index " + "9" * 20), "without the index"),
        (GOOD.replace("index 8", "Index 8"), "without the index"),
        (GOOD.replace("index 8\n", ""), "without the index"),
        (GOOD.replace("index 8", "index 8\nextra AAAA"), "not of 32 octets"),
        (GOOD.replace(LINES[0], LINES[0][:-4]), "not of 32 octets"),
        (GOOD.replace(LINES[0], LINES[0] + " "), "not of 32 octets"),
        (GOOD.replace(LINES[0], "\n".join(LINES * 17)), "more than 64 hashes"),
        (GOOD + "x" * (1 << 20), "too large"),
    ],
)
def test_what_is_not_a_proof_is_refused(text: str, reason: str) -> None:
    with pytest.raises(VerificationError, match=reason):
        LogProof.parse(text)


@given(
    st.integers(0, 2**60),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.text(max_size=80),
)
def test_a_proof_is_read_as_it_was_written(
    index: int, hashes: list[bytes], note: str
) -> None:
    proof = LogProof(index, tuple(hashes), note)

    assert LogProof.parse(str(proof)) == proof


@given(st.text("c2sp.org/tlog-proof@v1index 8=\n—", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, "c2sp.org/tlog-proof@v1\n" + text):
        try:
            LogProof.parse(whole)
        except VerificationError as error:
            assert str(error)  # noqa: PT017 - either is well
