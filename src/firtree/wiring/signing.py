"""Which key signs for a register: found among the files, by what its log says."""

from pathlib import Path
from typing import NamedTuple

from firtree.errors import FirtreeError, InvalidInputError
from firtree.ledger.notes import Signer
from firtree.library.keeping.keys import LogKeys, keys_of_log
from firtree.library.ports import Register
from firtree.settings import Settings
from firtree.wiring.keyfile import (
    NEXT_KEY_FILE,
    OLD_KEY_FILE,
    finish_rotation,
    read_log_key,
    signer_of,
)


class Signing(NamedTuple):
    """The keys of a register, as the files of its folder have them.

    Attributes:
        signer: the current one.
        before: the one that stands in its file where a rotation was recorded, but not
            finished; None = it was finished.
        old: the key before, where it still signs too.
        keys: as the log says.
    """

    signer: Signer
    before: Signer | None
    old: Signer | None
    keys: LogKeys


def signing_of(settings: Settings, register: Register) -> Signing:
    """Find the keys of a register; no file is changed.

    Raises:
        InvalidInputError: there is no key, or it is not that of the log.
    """
    with register.reading() as tx:
        if not tx.head().size:
            raise InvalidInputError(
                "the register has no first statement", hint="make it anew: firtree init"
            )
        keys = keys_of_log(tx)
    return signing_with(settings, keys)


def signing_with(settings: Settings, keys: LogKeys) -> Signing:
    """Find the keys of a log among the files of a folder; no file is changed.

    Raises:
        InvalidInputError: there is no key, or it is not that of the log.
        UnavailableError: a file cannot be read.
    """
    try:
        return _signing_with(settings, keys)
    except InvalidInputError:
        # A rotation that is being finished may have moved the files meanwhile.
        return _signing_with(settings, keys)


def _signing_with(settings: Settings, keys: LogKeys) -> Signing:
    folder = Path(settings.data)
    signer = signer_of(settings)
    before = None
    if signer.verifier != keys.current:
        follows = _read(folder / NEXT_KEY_FILE)
        if follows is None or follows.verifier != keys.current:
            raise _another(signer, keys)
        before, signer = signer, follows
    old = before or _read(folder / OLD_KEY_FILE)
    both = keys.both_until is not None and old and old.verifier in keys.before[:1]
    return Signing(signer, before, old if both else None, keys)


def finish(settings: Settings, found: Signing) -> None:
    """Finish a rotation that was recorded, but whose files were left as they were."""
    if found.before is not None:
        finish_rotation(Path(settings.data), found.before)


def _read(path: Path) -> Signer | None:
    try:
        return read_log_key(path)
    except FirtreeError:
        return None


def _another(signer: Signer, keys: LogKeys) -> InvalidInputError:
    if signer.verifier in keys.before:
        return InvalidInputError(
            f"the key of {signer.name} was rotated, and this folder has an older one",
            hint="put the newest log.key into the data folder",
        )
    return InvalidInputError(
        f"the signing key is that of {signer.name}, the register is "
        f"{keys.current.name}",
        hint="put the register's own log.key into the data folder",
    )
