"""The note by which a party registers a key."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from shutil import which

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.errors import VerificationError
from firtree.ledger.notes import Signer
from firtree.parties.party import KeyPurpose
from firtree.statements.party_keys import (
    check_key,
    key_note_text,
    read_key_note,
    write_key_note,
)
from parties import a_party

ORIGIN, DAY = "log.example/register", date(2026, 11, 28)
SIGNER, OTHER = (Signer("alder.example", bytes([n]) * 32) for n in (1, 2))
SIGNING, RECIPIENT = KeyPurpose.SIGNING, KeyPurpose.RECIPIENT
# The recipient of the README of age, which everybody may see.
AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

FIRST = write_key_note(ORIGIN, 7, SIGNING, str(SIGNER.verifier), SIGNER)
KEY = read_key_note(FIRST, ORIGIN, a_party(7), DAY)
ALDER = a_party(7, keys=(KEY,))


def test_the_first_signing_key_signs_itself() -> None:
    assert KEY.key == str(SIGNER.verifier)
    assert (KEY.purpose, KEY.since, KEY.note) == (SIGNING, DAY, FIRST)


def test_a_recipient_is_signed_by_the_signing_key() -> None:
    note = write_key_note(ORIGIN, 7, RECIPIENT, AGE, SIGNER)

    assert read_key_note(note, ORIGIN, ALDER, DAY).key == AGE
    with pytest.raises(VerificationError, match="no signing key yet"):
        read_key_note(note, ORIGIN, a_party(7), DAY)
    wrong = write_key_note(ORIGIN, 7, RECIPIENT, AGE, OTHER)
    with pytest.raises(VerificationError, match=r"no signature of alder\.example"):
        read_key_note(wrong, ORIGIN, ALDER, DAY)


def test_a_further_signing_key_is_signed_by_the_one_before() -> None:
    key = str(OTHER.verifier)
    itself = write_key_note(ORIGIN, 7, SIGNING, key, OTHER)
    signed = write_key_note(ORIGIN, 7, SIGNING, key, SIGNER)

    assert read_key_note(signed, ORIGIN, ALDER, DAY).key == key
    with pytest.raises(VerificationError):
        read_key_note(itself, ORIGIN, ALDER, DAY)


def test_a_key_that_has_ended_signs_nothing() -> None:
    ended = msgspec.structs.replace(KEY, until=DAY)
    party = a_party(7, keys=(ended,))
    note = write_key_note(ORIGIN, 7, RECIPIENT, AGE, SIGNER)

    assert read_key_note(note, ORIGIN, party, DAY).key == AGE
    with pytest.raises(VerificationError, match="no signing key yet"):
        read_key_note(note, ORIGIN, party, DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("origin", "party", "expected"),
    [("log.example/other", 7, "line 2"), (ORIGIN, 8, "line 3")],
)
def test_a_note_counts_for_one_log_and_one_party(
    origin: str, party: int, expected: str
) -> None:
    note = write_key_note(origin, party, SIGNING, str(SIGNER.verifier), SIGNER)

    with pytest.raises(VerificationError, match=expected):
        read_key_note(note, ORIGIN, a_party(7), DAY)


@pytest.mark.parametrize(
    "text",
    [
        key_note_text(ORIGIN, 7, SIGNING, str(SIGNER.verifier)) + "more\n",
        key_note_text(ORIGIN, 7, SIGNING, "").removesuffix("\n"),
        key_note_text(ORIGIN, 7, SIGNING, "x").replace("/v1", "/v2"),
        key_note_text(ORIGIN, 7, SIGNING, "x"),
        key_note_text(ORIGIN, 7, "decrypting", "x"),  # type: ignore[arg-type]
    ],
)
def test_a_note_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        read_key_note(SIGNER.sign(text), ORIGIN, a_party(7), DAY)


@given(st.integers(0, len(AGE) - 1), st.sampled_from("qpzry9x8gf2tvdw0s3jn54kh"))
def test_a_letter_of_a_recipient_that_is_wrong_is_noticed(
    place: int, letter: str
) -> None:
    changed = AGE[:place] + letter + AGE[place + 1 :]
    if changed == AGE:
        check_key(RECIPIENT, changed)
        return
    with pytest.raises(ValueError, match="an age recipient"):
        check_key(RECIPIENT, changed)


@pytest.mark.parametrize(
    "key", ["", "age1", AGE.upper(), AGE[:-1], AGE + "q", "age1pq1q"]
)
def test_what_is_no_recipient_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="an age recipient"):
        check_key(RECIPIENT, key)


@pytest.mark.skipif(not which("age-keygen"), reason="age-keygen is not installed")
def test_what_the_program_age_makes_is_a_recipient() -> None:
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True)
    recipient = made.stderr.strip().rpartition(" ")[2]

    check_key(RECIPIENT, recipient)
