"""What a mirror knows of itself, in one small file with its own digest."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from firtree.access import Scope
from firtree.client.log_files import sync_folder, writable
from firtree.errors import InvalidInputError, UnavailableError, VerificationError
from firtree.exchange.reach import ReachWire, read_reach
from firtree.exchange.whole import whole_file
from firtree.ledger.canonical import canonical

STATE_FILE = "mirror.json"
RegisterFolder = Literal["register", "register-2"]
# Of a mirror's register, the one at first; a fuller one is made in the other.
REGISTER_FOLDERS: tuple[RegisterFolder, RegisterFolder] = ("register", "register-2")
FORMAT = "firtree/mirror/v1"
_OCTETS_MOST = 4 << 20


class MirrorState(msgspec.Struct, frozen=True, kw_only=True):
    """What a mirror knows of itself.

    Args:
        source: address of the server.
        policy: text of the policy file: whose signatures count.
        format: of mirrors; another one is not read.
        size: log size of the mirror's checkpoint; 0 = there is none yet.
        checked_at: when the server was last asked and all was well; None = never.
        hidden: statements whose CPL part or FIR information is not disclosed to us.
        counted: log size up to which they were counted.
        replayed: whether the state map was replayed from the first statement on.
        pending: checkpoint of a run that has not come to its end; empty = none.
        asker: the name the server knows us by, for *limited* availability; empty =
            it told none.
        reach: how much of the register all that is held was seen with; None = it was
            not told.
        register: the folder of the register within the mirror.
        filling: how much is seen while a fuller register is made in the other folder;
            None = none is.
    """

    source: str
    policy: str
    format: str = FORMAT
    size: int = 0
    checked_at: datetime | None = None
    hidden: int = 0
    counted: int = 0
    replayed: bool = False
    pending: str = ""
    asker: str = ""
    reach: ReachWire | None = None
    register: RegisterFolder = REGISTER_FOLDERS[0]
    filling: ReachWire | None = None

    @property
    def other_register(self) -> RegisterFolder:
        """The folder in which a fuller register is made."""
        first, second = REGISTER_FOLDERS
        return second if self.register == first else first

    @property
    def scope(self) -> Scope:
        """How much of the register we may see.

        Where it was not told: all of it, if nothing is missing here; else nothing for
        certain.
        """
        if self.reach is not None:
            return read_reach(self.reach)
        return Scope(makers=frozenset()) if self.is_partial else Scope()

    @property
    def is_partial(self) -> bool:
        """Whether something is missing that an answer could rest on."""
        return self.hidden > 0


def is_mirror(folder: Path) -> bool:
    """Tell whether a folder is a mirror, whole or begun."""
    return (folder / STATE_FILE).is_file()


def is_unfinished(folder: Path) -> bool:
    """Tell whether a folder is a mirror with a run that has not come to its end."""
    if not is_mirror(folder):
        return False
    state = read_state(folder)
    return bool(state.pending) or state.filling is not None


def read_state(folder: Path) -> MirrorState:
    """Read what a mirror knows of itself.

    Raises:
        InvalidInputError: the folder is no mirror, or one of a newer firtree.
        UnavailableError: it cannot be read.
        VerificationError: the file is damaged.
    """
    path = folder / STATE_FILE
    try:
        with path.open("rb") as file:
            octets = file.read(_OCTETS_MOST)
    except (FileNotFoundError, NotADirectoryError):
        raise InvalidInputError(
            f"there is no mirror in {folder}",
            hint="make one: firtree log mirror URL DIR",
        ) from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from None
    written, _, digest = octets.partition(b"\n")
    if digest != f"{sha256(written).hexdigest()}\n".encode():
        raise _damaged(path)
    try:
        state = msgspec.json.decode(written, type=MirrorState)
    except msgspec.DecodeError:
        raise _damaged(path) from None
    if state.format != FORMAT:
        raise InvalidInputError(
            f"{path}: expected the format {FORMAT}, found {state.format}",
            hint="install the firtree that made this mirror",
        )
    return state


def _damaged(path: Path) -> VerificationError:
    return VerificationError(
        f"{path} is damaged: it does not have its own digest",
        hint="remove this file and mirror into the same folder again, with --policy or "
        "--key: what is there is verified and kept",
    )


def write_state(folder: Path, state: MirrorState) -> None:
    """Write what a mirror knows of itself; it is on the disk on return.

    Raises:
        UnavailableError: it cannot be written.
    """
    path = folder / STATE_FILE
    written = canonical(state)
    with writable(path):
        with whole_file(path) as part:
            part.write_bytes(written + f"\n{sha256(written).hexdigest()}\n".encode())
            part.chmod(0o600)
        sync_folder(folder)
