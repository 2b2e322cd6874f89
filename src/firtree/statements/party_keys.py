"""The note by which a party registers a public key (docs/formats/log.md).

A signed note (c2sp.org/signed-note) with the text::

    firtree/party-key/v1
    <origin of the log>
    party/<id>
    signing | recipient
    <verifier key | age recipient>

It is signed by a signing key of the party that holds on that day; the first signing
key of a party signs itself.  There is no proof of possession by decryption (vault.md).
"""

import re
from datetime import date

from firtree.errors import VerificationError
from firtree.ledger.notes import Note, Signer, Verifier, verify_note
from firtree.parties.party import KeyPurpose, Party, PartyKey

_FIRST_LINE = "firtree/party-key/v1"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
# X25519: 32 octets; mlkem768x25519: 1,216 (c2sp.org/age).
_RECIPIENTS = {"age": 52, "age1pq": 1946}
_RECIPIENT = re.compile(rf"(age1pq|age)1([{_BECH32}]+)\Z")
_CHECKSUM = 6
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def key_note_text(origin: str, party: int, purpose: KeyPurpose, key: str) -> str:
    """Write the text that is signed."""
    return f"{_FIRST_LINE}\n{origin}\nparty/{party}\n{purpose}\n{key}\n"


def write_key_note(
    origin: str, party: int, purpose: KeyPurpose, key: str, signer: Signer
) -> str:
    """Write and sign the note that registers a key.

    Args:
        origin: of the log it is registered in.
        party: id of the party.
        purpose: what the key is for.
        key: verifier key or age recipient.
        signer: signing key of the party.
    """
    check_key(purpose, key)
    return signer.sign(key_note_text(origin, party, purpose, key))


def read_key_note(note: str, origin: str, party: Party, day: date) -> PartyKey:
    """Check the note that registers a key.

    Args:
        note: the signed note.
        origin: of this log.
        party: whose key it is to be.
        day: on which it is registered.

    Raises:
        VerificationError: it is for another log or party, of another form, or not
            signed by a signing key of the party.
    """
    read = Note.parse(note)
    lines = read.text.split("\n")
    if len(lines) != 6 or lines[0] != _FIRST_LINE:
        raise VerificationError(f"expected five lines, the first {_FIRST_LINE}")
    for line, wanted in ((1, origin), (2, f"party/{party.id}")):
        if lines[line] != wanted:
            raise VerificationError(
                f"line {line + 1}: expected {wanted}, found {lines[line][:80]!r}"
            )
    try:
        purpose, key = KeyPurpose(lines[3]), lines[4]
        check_key(purpose, key)
    except ValueError as error:
        raise VerificationError(f"expected {error}") from None
    signers = _signers(party, day) or _itself(purpose, key)
    if not signers:
        raise VerificationError("the party has no signing key yet: register one first")
    verify_note(read, signers)
    return PartyKey(purpose=purpose, key=key, note=note, since=day)


def _signers(party: Party, day: date) -> list[Verifier]:
    return [
        Verifier.parse(one.key)
        for one in party.keys
        if one.purpose is KeyPurpose.SIGNING and one.holds_on(day)
    ]


def _itself(purpose: KeyPurpose, key: str) -> list[Verifier]:
    return [Verifier.parse(key)] if purpose is KeyPurpose.SIGNING else []


def check_key(purpose: KeyPurpose, key: str) -> None:
    """Check the form of a public key.

    Raises:
        ValueError: it is no verifier key of type 01, or no age recipient.
    """
    if purpose is KeyPurpose.SIGNING:
        Verifier.parse(key)
        return
    match = _RECIPIENT.match(key)
    if match is None or len(match[2]) - _CHECKSUM != _RECIPIENTS[match[1]]:
        raise ValueError("an age recipient: age1… or age1pq1…")
    if not _checks(match[1], match[2]):
        raise ValueError("an age recipient whose checksum fits (a letter is wrong?)")


def _checks(prefix: str, data: str) -> bool:
    """Tell whether the checksum of Bech32 fits (BIP 173)."""
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    checksum = 1
    for value in [*values, *map(_BECH32.index, data)]:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum == 1
