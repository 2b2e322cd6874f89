"""Signed notes: what is refused, and what a signer never shows."""

from __future__ import annotations

import base64
import traceback

import pytest

from firtree.errors import VerificationError
from firtree.ledger.notes import Checkpoint, Signer, Verifier, check_origin

SEED = bytes(range(32))
SIGNER = Signer("log.example/a", SEED)
TEXT = "log.example/a\n7\n" + base64.b64encode(bytes(32)).decode() + "\n"
NOTE = SIGNER.sign(TEXT)
LINE = NOTE.splitlines()[-1]


def test_a_note_is_its_text_a_blank_line_and_signatures() -> None:
    assert f"{TEXT}\n{LINE}\n" == NOTE
    assert SIGNER.sign(TEXT) == NOTE
    assert SIGNER.verifier.verify(NOTE) == TEXT


def test_signatures_of_others_are_passed_over() -> None:
    other = Signer("other.example", bytes(32)).sign(TEXT).splitlines()[-1]
    namesake = Signer("log.example/a", bytes(32)).sign(TEXT).splitlines()[-1]
    note = f"{TEXT}\n{other}\n{namesake}\n{LINE}\n"

    assert SIGNER.verifier.verify(note) == TEXT


def test_a_text_may_hold_blank_lines() -> None:
    note = SIGNER.sign("one\n\ntwo\n")

    assert SIGNER.verifier.verify(note) == "one\n\ntwo\n"


SIGNATURE = base64.b64decode(LINE.rpartition(" ")[2])


def with_signature(octets: bytes) -> str:
    """Write the note with another signature."""
    encoded = base64.b64encode(octets).decode()
    return f"{TEXT}\n— {SIGNER.name} {encoded}\n"


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (NOTE.replace("\n7\n", "\n8\n"), "wrong signature"),
        (
            with_signature(SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1])),
            "wrong signature",
        ),
        (with_signature(SIGNATURE[:-1]), "wrong signature"),
        (with_signature(SIGNATURE + b"\0"), "wrong signature"),
        (with_signature(SIGNATURE[:4]), "wrong signature"),
        (with_signature(b"\0" + SIGNATURE[1:]), "no signature"),
        (NOTE.replace("— log.example/a", "— log.example/b"), "no signature"),
        (TEXT, "no signature lines"),
        (NOTE[:-1], "no signature lines"),
        (TEXT + "\n", "no signature"),
        ("", "no signature lines"),
        (NOTE.replace("—", "-"), "malformed signature line"),
        (NOTE.replace(LINE, LINE + " more"), "malformed signature line"),
        (NOTE.replace(LINE, LINE[:-1]), "malformed signature"),
        (NOTE.replace(LINE, LINE[:-3] + "!=="), "malformed signature"),
        (NOTE + "\n", "no signature"),
        (NOTE.replace(LINE, LINE[:-4] + "ééé="), "malformed signature"),
    ],
)
def test_a_note_that_is_not_signed_so_is_refused(note: str, reason: str) -> None:
    with pytest.raises(VerificationError, match=reason):
        SIGNER.verifier.verify(note)


def test_a_key_of_another_name_verifies_nothing() -> None:
    verifier = Verifier("log.example/b", SIGNER.verifier.public)

    with pytest.raises(VerificationError, match=r"no signature of log\.example/b"):
        verifier.verify(NOTE)


@pytest.mark.parametrize("origin", ["a", "log.example/firtree-4c1f0a", "x" * 120, "!~"])
def test_an_origin_is_visible_ascii(origin: str) -> None:
    check_origin(origin)

    assert Signer(origin, SEED).name == origin


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\n", "é", "x" * 121, "a\x7f"])
def test_another_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="a log's name"):
        Signer(origin, SEED)


def test_a_checkpoint_may_have_further_lines() -> None:
    assert Checkpoint.parse(TEXT + "more\n") == Checkpoint(SIGNER.name, 7, bytes(32))


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n7\n",
        f"a\n7\n{ROOT}",
        f"a\n-7\n{ROOT}\n",
        f"a\n07\n{ROOT}\n",
        f"a\n{'9' * 5000}\n{ROOT}\n",
        f"a\n٧\n{ROOT}\n",
        f"a\n²\n{ROOT}\n",
        f"a\n\n{ROOT}\n",
        f"a\n7 \n{ROOT}\n",
        f"a\n7\n{ROOT[:-1]}\n",
        f"a\n7\n {ROOT}\n",
        "a\n7\nAAAA\n",
        "a\n7\né\n",
    ],
)
def test_another_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(VerificationError, match="not a checkpoint"):
        Checkpoint.parse(text)


# secrets


def test_a_secret_is_read_as_it_was_written() -> None:
    secret = SIGNER.write_secret()

    for text in (secret, secret + "\n"):
        read = Signer.read_secret(text)
        assert read.verifier == SIGNER.verifier
        assert read.sign(TEXT) == NOTE


def test_a_signer_does_not_show_its_secret() -> None:
    shown = repr(SIGNER) + str(SIGNER) + f"{SIGNER}" + repr([SIGNER])

    assert "log.example/a" in shown
    assert SEED.hex() not in shown
    assert base64.b64encode(SEED).decode() not in shown
    assert repr(SEED) not in shown


SECRET = SIGNER.write_secret()
HEAD, _, ENCODED = SECRET.rpartition("+")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not the file"),
        (SECRET.removeprefix("PRIVATE+KEY+"), "not the file"),
        (" " + SECRET, "not the file"),
        (SECRET.lower(), "not the file"),
        (HEAD, "not the file"),
        (f"{HEAD}+{ENCODED[:-1]}", "damaged"),
        (f"{HEAD}+{ENCODED[:-4]}!===", "damaged"),
        (f"{HEAD}+é{ENCODED}", "damaged"),
        (f"{HEAD}+" + base64.b64encode(b"\2" + SEED).decode(), "not an Ed25519 key"),
        (f"{HEAD}+" + base64.b64encode(b"\1" + SEED[1:]).decode(), "not an Ed25519"),
        (f"{HEAD}+" + base64.b64encode(b"\1" + SEED[::-1]).decode(), "hash differs"),
        (SECRET.replace("log.example/a", "log.example/b"), "hash differs"),
        (SECRET.replace("log.example/a", "log example"), "a log's name"),
    ],
)
def test_a_damaged_secret_is_refused_without_being_repeated(
    text: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        Signer.read_secret(text)

    shown = "".join(traceback.format_exception_only(refused.value))
    context = refused.value.__cause__ or refused.value.__context__
    if not refused.value.__suppress_context__:
        shown += str(context)
    assert ENCODED[:12] not in shown
    assert base64.b64encode(b"\1" + SEED[::-1]).decode() not in shown
