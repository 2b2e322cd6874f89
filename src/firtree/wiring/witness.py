"""Makes and opens a witness: its memory and its key, in a folder of its own."""

import os
import secrets
from pathlib import Path
from typing import NamedTuple

from firtree.errors import InvalidInputError
from firtree.ledger.cosignatures import Cosigner
from firtree.ledger.keys import SEED_OCTETS
from firtree.ledger.notes import check_schemeless
from firtree.text import shown
from firtree.wiring import clock
from firtree.wiring.keyfile import read_key, writable, write_durably
from firtree.witness.app import WitnessApp
from firtree.witness.store import Store
from firtree.witness.witness import Witness

WITNESS_KEY_FILE = "witness.key"
MEMORY_FILE = "witness.db"


class WitnessParts(NamedTuple):
    """The parts of a witness, joined."""

    store: Store
    cosigner: Cosigner
    witness: Witness


def make_witness(folder: Path, name: str) -> Cosigner:
    """Make a witness: its memory, then its key.

    The key comes last: a key without its memory could cosign a second history.

    Args:
        folder: where; made if it is not there.
        name: of the witness.

    Raises:
        InvalidInputError: there is one already, or the name is none.
        UnavailableError: the folder cannot be written.
    """
    try:
        cosigner = Cosigner(name, secrets.token_bytes(SEED_OCTETS))
        check_schemeless(name)
    except ValueError as error:
        raise InvalidInputError(
            f"--name: {error}; found {shown(name)}",
            hint="for instance witness.example/w1",
        ) from None
    key_path = folder / WITNESS_KEY_FILE
    already = InvalidInputError(
        f"there is a witness already in {folder}", hint="choose another --dir"
    )
    if key_path.exists():
        raise already
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    Store(folder / MEMORY_FILE).make()
    try:
        with writable(folder):
            write_durably(key_path, cosigner.write_secret() + "\n", os.O_EXCL)
    except FileExistsError:  # another process was quicker
        raise already from None
    return cosigner


def open_witness(folder: Path) -> WitnessParts:
    """Open a witness.

    Raises:
        InvalidInputError: there is none, its memory is gone, or others can read its
            key.
        UnavailableError: it cannot be read now.
        VerificationError: its memory is damaged.
    """
    absent = InvalidInputError(
        f"there is no witness in {folder}",
        hint="make one: firtree witness init --name NAME",
    )
    cosigner = read_key(folder / WITNESS_KEY_FILE, Cosigner.read_secret, absent)
    store = Store(folder / MEMORY_FILE)
    store.check()
    return WitnessParts(store, cosigner, Witness(store, cosigner, now=clock))


def witness_application(folder: Path) -> WitnessApp:
    """Make the web application of a witness."""
    return WitnessApp(open_witness(folder).witness)
