"""Cosignatures: known answers, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firtree.errors import VerificationError
from firtree.ledger.cosignatures import CosignatureVerifier, Cosigner, cosigned_message
from firtree.ledger.notes import (
    Checkpoint,
    Note,
    Signature,
    Verifier,
    verify_checkpoint,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors/witness/cosignatures.json").read_text(
        encoding="utf-8"
    )
)
COSIGNERS = [
    Cosigner(w["name"], bytes.fromhex(w["seed"])) for w in VECTORS["witnesses"]
]
LOG_KEYS = [Verifier.parse(vkey) for vkey in VECTORS["log_vkeys"]]
NOTE = Note.parse(VECTORS["notes"][0]["note"])
FIRST = COSIGNERS[0]
AT = datetime.fromtimestamp(1679315147, UTC)

# The example of c2sp.org/tlog-cosignature, whose keys are not published.
EXAMPLE_TEXT = (
    "example.com/behind-the-sofa\n20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)
EXAMPLE_LINE = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZC"
    "B9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
)


def times_of(known: dict[str, Any], witness: int) -> list[int]:
    """Give when a witness cosigned a note of the vectors."""
    return [c["seconds"] for c in known["cosigners"] if c["witness"] == witness]


def test_verifier_keys_of_witnesses_are_known() -> None:
    for known, cosigner in zip(VECTORS["witnesses"], COSIGNERS, strict=True):
        assert str(cosigner.verifier) == known["vkey"]
        assert CosignatureVerifier.parse(known["vkey"]) == cosigner.verifier


@pytest.mark.parametrize("known", VECTORS["notes"])
def test_cosigned_checkpoints_are_known(known: dict[str, Any]) -> None:
    note = Note.parse(known["note"])

    assert verify_checkpoint(note, LOG_KEYS) == Checkpoint.parse(known["text"])
    for number, cosigner in enumerate(COSIGNERS):
        seconds = times_of(known, number)
        found = cosigner.verifier.cosigned_at(note)
        last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
        latest = min(max(seconds, default=0), int(last.timestamp()))
        assert found == (datetime.fromtimestamp(latest, UTC) if seconds else None)
        for each in (s for s in seconds if s < 2**62):
            line = cosigner.cosign(known["text"], datetime.fromtimestamp(each, UTC))
            assert line in note.signatures
    assert str(note) == known["note"]


def test_the_message_is_that_of_the_specification() -> None:
    line = Signature.parse(EXAMPLE_LINE)

    assert line.name == "witness.example.com/w1"
    assert int.from_bytes(line.octets[:8]) == 1679315147
    assert cosigned_message(EXAMPLE_TEXT, 1679315147).decode() == (
        "cosignature/v1\ntime 1679315147\n" + EXAMPLE_TEXT
    )
    assert str(line) == EXAMPLE_LINE


def test_the_fraction_of_a_second_is_left_out() -> None:
    late = AT + timedelta(microseconds=999999)

    assert FIRST.cosign(NOTE.text, late) == FIRST.cosign(NOTE.text, AT)


def a_note(line: Signature, text: str = NOTE.text) -> Note:
    """Make a note with one signature."""
    return Note(text, (line,))


OWN = FIRST.cosign(NOTE.text, AT)


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (a_note(OWN, NOTE.text.replace("20852163", "20852164")), "wrong signature"),
        (a_note(OWN, NOTE.text + "more\n"), "wrong signature"),
        (
            a_note(OWN._replace(octets=bytes(7) + b"\1" + OWN.octets[8:])),
            "wrong signature",
        ),
        (a_note(OWN._replace(octets=OWN.octets[8:])), "malformed cosignature"),
        (a_note(OWN._replace(octets=OWN.octets + b"\0")), "malformed cosignature"),
        (a_note(OWN._replace(octets=OWN.octets[:-1])), "malformed cosignature"),
        (a_note(OWN._replace(octets=b"\x80" + OWN.octets[1:])), "malformed"),
        (Note(NOTE.text, (OWN, OWN._replace(octets=bytes(72)))), "wrong signature"),
    ],
)
def test_a_wrong_cosignature_is_refused(note: Note, reason: str) -> None:
    with pytest.raises(VerificationError, match=f"{reason}.* of {FIRST.name}"):
        FIRST.verifier.cosigned_at(note)


def test_cosignatures_of_others_are_passed_over() -> None:
    namesake = Cosigner(FIRST.name, bytes(32))
    as_log = OWN._replace(key_id=LOG_KEYS[0].key_id)
    note = Note(NOTE.text, (namesake.cosign(NOTE.text, AT), as_log))

    assert FIRST.verifier.cosigned_at(note) is None


def test_a_key_of_a_log_is_no_key_of_a_witness() -> None:
    with pytest.raises(ValueError, match="a key of signature type 04, not 01"):
        CosignatureVerifier.parse(VECTORS["log_vkeys"][0])
    with pytest.raises(ValueError, match="a key of signature type 01, not 04"):
        Verifier.parse(VECTORS["witnesses"][0]["vkey"])


def test_a_secret_is_read_as_it_was_written_and_not_shown() -> None:
    for cosigner in COSIGNERS:
        read = Cosigner.read_secret(cosigner.write_secret() + "\n")
        assert read.cosign(NOTE.text, AT) == cosigner.cosign(NOTE.text, AT)
        assert read.name in repr(read)
        assert cosigner.write_secret()[-20:] not in repr(read) + str([read])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not the file"),
        (FIRST.write_secret().replace("w1", "w2"), "hash differs"),
        (FIRST.write_secret().replace("w1", "w 1"), "a witness's name"),
        (FIRST.write_secret()[:-4], "not an Ed25519 key of type 04"),
    ],
)
def test_a_damaged_secret_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Cosigner.read_secret(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u2003b", "a\0"])
def test_another_name_of_a_witness_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a witness's name"):
        Cosigner(name, bytes(32))
