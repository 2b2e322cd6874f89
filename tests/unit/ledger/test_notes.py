"""Signed notes: what is refused, and what a signer never shows."""

from __future__ import annotations

import base64
import traceback

import pytest

from firtree.errors import VerificationError
from firtree.ledger.notes import (
    NOTE_OCTETS_MOST,
    SIGNATURES_MOST,
    Checkpoint,
    Note,
    Signer,
    Verifier,
    check_origin,
    verify_checkpoint,
    verify_note,
)

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
        (with_signature(SIGNATURE[:4]), "malformed signature"),
        (with_signature(b""), "malformed signature"),
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
        (NOTE.replace(LINE, f"{LINE[:-2]}R="), "malformed signature"),
        (NOTE.replace("— log.example/a", "— log.exa+mple/a"), "signature line"),
        (NOTE.replace("— log.example/a", "— log\u2028example"), "signature line"),
        (NOTE.replace("— log.example/a", "— log\u00a0example"), "signature line"),
        (NOTE.replace("— log.example/a", "— "), "malformed signature line"),
        (NOTE.replace("\n7\n", "\n7\r\n"), "control characters"),
        (NOTE.replace("\n7\n", "\n7\t\n"), "control characters"),
        (NOTE.replace("\n7\n", "\n\0\n"), "control characters"),
        (NOTE.replace("\n7\n", "\n\ud800\n"), "not UTF-8"),
        (NOTE + f"{LINE}\n" * SIGNATURES_MOST, "more than 100 signatures"),
        ("x" * NOTE_OCTETS_MOST + NOTE, "above 1048576 octets"),
        ("é" * (NOTE_OCTETS_MOST // 2) + NOTE, "above 1048576 octets"),
    ],
)
def test_a_note_that_is_not_signed_so_is_refused(note: str, reason: str) -> None:
    with pytest.raises(VerificationError, match=reason):
        SIGNER.verifier.verify(note)


def test_a_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    wrong = with_signature(SIGNATURE[:-1] + b"\0").splitlines()[-1]
    for lines in ([LINE, wrong], [wrong, LINE]):
        note = f"{TEXT}\n" + "".join(f"{line}\n" for line in lines)
        with pytest.raises(VerificationError, match="wrong signature"):
            SIGNER.verifier.verify(note)


def test_a_note_of_octets_is_utf8() -> None:
    assert SIGNER.verifier.verify(NOTE.encode()) == TEXT
    with pytest.raises(VerificationError, match="not UTF-8"):
        Note.parse(NOTE.encode().replace(b"\n7\n", b"\n\xff\n"))


def test_100_signatures_are_read() -> None:
    note = f"{TEXT}\n" + f"{LINE}\n" * SIGNATURES_MOST

    assert len(Note.parse(note).signatures) == 100
    assert SIGNER.verifier.verify(note) == TEXT


def test_signatures_are_added_once() -> None:
    note = Note.parse(NOTE)
    other = Signer("log.example/a", bytes(32)).signature(TEXT)
    both = note.with_signatures([other, note.signatures[0], other])

    assert both.signatures == (note.signatures[0], other)
    assert Note.parse(str(both)) == both
    assert note.with_signatures([]) == note


# several keys of one log


OLD, NEW = SIGNER, Signer("log.example/a", bytes(32))
KEYS = [OLD.verifier, NEW.verifier]
BOTH = Note(TEXT, (OLD.signature(TEXT), NEW.signature(TEXT)))


@pytest.mark.parametrize("keys", [KEYS, KEYS[:1], KEYS[1:]])
@pytest.mark.parametrize(
    "note", [BOTH, Note.parse(OLD.sign(TEXT)), Note.parse(NEW.sign(TEXT))]
)
def test_a_checkpoint_needs_one_of_the_keys_of_its_log(
    note: Note, keys: list[Verifier]
) -> None:
    signed = {(s.name, s.key_id) for s in note.signatures}
    if signed & {(key.name, key.key_id) for key in keys}:
        assert verify_checkpoint(note, keys) == Checkpoint(OLD.name, 7, bytes(32))
    else:
        with pytest.raises(VerificationError, match=r"no signature of log\.example/a"):
            verify_checkpoint(note, keys)


def test_a_wrong_signature_of_one_key_spoils_a_checkpoint_of_two() -> None:
    wrong = NEW.signature(TEXT)._replace(octets=bytes(64))

    with pytest.raises(VerificationError, match="wrong signature"):
        verify_checkpoint(Note(TEXT, (OLD.signature(TEXT), wrong)), KEYS)
    verify_checkpoint(Note(TEXT, (OLD.signature(TEXT), wrong)), KEYS[:1])


def test_the_key_of_another_log_signs_no_checkpoint_of_this_one() -> None:
    other = Signer("log.example/b", bytes(32))
    note = Note(TEXT, (other.signature(TEXT),))

    with pytest.raises(VerificationError, match=r"no key .* log 'log\.example/a'"):
        verify_checkpoint(note, [other.verifier])
    with pytest.raises(VerificationError, match=r"no signature of log\.example/a$"):
        verify_checkpoint(note, [other.verifier, *KEYS])
    with pytest.raises(VerificationError, match="no key is known"):
        verify_checkpoint(note, [])
    with pytest.raises(VerificationError, match="no signature of any known key"):
        verify_note(note, [])


# verifier keys


VKEY = str(SIGNER.verifier)


def test_a_verifier_key_is_read_as_it_was_written() -> None:
    assert Verifier.parse(VKEY) == SIGNER.verifier
    assert Verifier.parse(EXAMPLE_VKEY).name == "example.com/foo"
    assert str(Verifier.parse(EXAMPLE_VKEY)) == EXAMPLE_VKEY


EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
VKEY_HASH = VKEY.split("+")[1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a verifier key: name"),
        ("log.example/a", "a verifier key: name"),
        (VKEY.replace("log.example/a", ""), "a verifier key: name"),
        (VKEY.replace("log.example/a", "log example"), "a verifier key: name"),
        (VKEY.replace("log.example/a", "log.example/b"), "whose hash is"),
        (VKEY.replace("log.example/a", "\ud800"), "whose name is UTF-8"),
        (VKEY.replace(VKEY_HASH, VKEY_HASH.upper()), "a verifier key: name"),
        (VKEY.replace(VKEY_HASH, "00000000"), "whose hash is"),
        (VKEY.replace(VKEY_HASH, VKEY_HASH[:-1]), "a verifier key: name"),
        (VKEY + "\n", "base64"),
        (VKEY[:-1], "base64"),
        (f"a+{VKEY_HASH}+", "a key of signature type 01, not none"),
        (f"a+{VKEY_HASH}+BAAA", "a key of signature type 01, not 04"),
        (f"a+{VKEY_HASH}+AQAA", "a key of 32 octets, not 2"),
    ],
)
def test_another_text_is_no_verifier_key(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Verifier.parse(text)


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


def test_the_largest_size_has_63_bits() -> None:
    text = str(Checkpoint(SIGNER.name, 2**63 - 1, bytes(32)))

    assert Checkpoint.parse(text).size == 2**63 - 1


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
        f"a\n{2**63}\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
        f"a\n7\n{ROOT}\n\n",
        f"a\n7\n{ROOT}\n\nmore\n",
        f"a\n7\n{ROOT}\nmore",
        f"a\n7\n{ROOT[:-2]}B=\n",
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
