"""``firtree party key-note`` and ``key-add``: public keys of parties."""

import secrets
from pathlib import Path

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.files import read_octets
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.party_wire import party_wire
from firtree.ledger.keys import SEED_OCTETS
from firtree.ledger.notes import NOTE_OCTETS_MOST, Signer
from firtree.parties.party import KeyPurpose
from firtree.statements.party_keys import write_key_note
from firtree.text import shown

_ID = click.IntRange(1, 2**53)
_KEY_FILE_MOST = 1000


@click.command("note")
@click.argument("party", type=_ID)
@click.option(
    "--origin", required=True, help="Name of the log, as its checkpoint says."
)
@click.option("--key", "key_file", required=True, metavar="FILE", help="Signing key.")
@click.option("--new", metavar="NAME", help="Make the signing key first, under a name.")
@click.option("--recipient", default="", help="An age recipient to register.")
@click.option("--next-key", default="", help="A further verifier key to register.")
def note(
    party: int,
    *,
    origin: str,
    key_file: str,
    new: str | None,
    recipient: str,
    next_key: str,
) -> None:
    """Write the signed note by which PARTY registers a public key.

    It runs on the party's own machine and needs no register. The private key stays in
    its file, of mode 0600. Without --recipient and --next-key the signing key itself
    is registered, which is how a party begins.

    \b
    Example:
        firtree party key-note 7 --origin firmware.example/register \\
            --key alder.key --new alder.example > alder.note
        firtree party key-note 7 --origin firmware.example/register \\
            --key alder.key --recipient age1… > recipient.note
    """
    signer = _made(key_file, new) if new else _read(key_file)
    if recipient and next_key:
        raise InvalidInputError("--recipient, --next-key: expected one of them")
    purpose = KeyPurpose.RECIPIENT if recipient else KeyPurpose.SIGNING
    key = recipient or next_key or str(signer.verifier)
    try:
        written = write_key_note(origin, party, purpose, key, signer)
    except ValueError as error:
        option = "--recipient" if recipient else "--next-key"
        raise InvalidInputError(
            f"{option}: expected {error}, found {shown(key)}"
        ) from None
    click.echo(written, nl=False)


def _made(key_file: str, name: str) -> Signer:
    from firtree.wiring.keyfile import write_new

    try:
        signer = Signer(name, secrets.token_bytes(SEED_OCTETS))
        write_new(Path(key_file), signer.write_secret() + "\n")
    except ValueError as error:
        raise InvalidInputError(f"--new: expected {error}") from None
    except FileExistsError:
        raise InvalidInputError(
            f"{key_file}: there is a file already",
            hint="leave --new out to sign with it, or name another file",
        ) from None
    except OSError as error:
        raise UnavailableError(
            f"{key_file} cannot be written: {error.strerror}"
        ) from None
    click.echo(f"made the signing key {key_file}: keep it safe", err=True)
    return signer


def _read(key_file: str) -> Signer:
    octets = read_octets(key_file, most=_KEY_FILE_MOST, what="a signing key")
    try:
        return Signer.read_secret(octets.decode())
    except ValueError:
        raise InvalidInputError(
            f"{key_file}: expected a signing key",
            hint="make one: firtree party key-note … --new NAME",
        ) from None


@click.command("add")
@click.argument("party", type=_ID)
@click.argument("note_file", metavar="NOTE")
@data_option
@json_option
def add(party: int, note_file: str, data: str | None, *, as_json: bool) -> None:
    """Register a public key of PARTY by the NOTE that the party has signed.

    Compare the key with the party by another way, such as the telephone, first.

    \b
    Example:
        firtree party key-add 7 alder.note
    """
    octets = read_octets(note_file, most=NOTE_OCTETS_MOST, what="a signed note")
    with wiring.opened(settings_of(data)) as parts:
        text = octets.decode("utf-8", errors="replace")
        recorded = parts.parties.register_key(KEEPER, party, text, parts.signer.name)
        view = parts.parties.one(KEEPER, party)
    if as_json:
        write_json(party_wire(view.party))
        return
    done = "registered" if recorded else "nothing changes: it is registered already:"
    for key in view.party.keys:
        if key.note == text or recorded is None:
            click.echo(f"{done} the {key.purpose} key {key.key}")
