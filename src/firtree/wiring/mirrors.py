"""Opens mirrors: their files, their register, and the lock of whoever writes."""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec

from firtree.access import KEEPER
from firtree.client.addresses import check_token, read_address
from firtree.client.connection import Connection
from firtree.client.filling import fill
from firtree.client.kept import KeptNote, KeptSource, mirror_provenance, mirror_view
from firtree.client.log_files import LogFiles, writable
from firtree.client.log_server import LogServer, LogSource
from firtree.client.mirror import Mirrored, refresh
from firtree.client.mirror_state import (
    REGISTER_FOLDERS,
    STATE_FILE,
    MirrorState,
    is_mirror,
    read_state,
    write_state,
)
from firtree.client.rotations import keys_in
from firtree.client.scratch import scratch_folder
from firtree.client.served import compare_served
from firtree.client.verdict import Checked, Verdict, verify_mirror
from firtree.errors import FirtreeError, InvalidInputError, UnavailableError
from firtree.exchange.files import Progress
from firtree.exchange.reach import (
    is_within_reach,
    joint_reach,
    reach_wire,
    read_reach,
)
from firtree.ledger.policy import Policy
from firtree.library.keeping.keys import LogKeys
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.ports import Register
from firtree.library.publishing import Publication
from firtree.library.sources import Publisher, Source
from firtree.settings import Settings
from firtree.storage import schema
from firtree.storage.mirror_rows import SQLiteRows
from firtree.storage.sqlite import SQLiteRegister
from firtree.storage.tables import REVISIONS
from firtree.wiring import DATABASE_FILE, clock
from firtree.wiring.mirror_folder import (
    LOG_FOLDER,
    opened_files,
    opened_register,
    register_folder,
)

LOCK_FILE = "mirror.lock"


@contextmanager
def connected(settings: Settings, place: str) -> Iterator[Connection]:
    """Connect to a server by its address.

    Raises:
        InvalidInputError: the address is none, or the token cannot be one.
    """
    token = check_token(settings.token, where="FIRTREE_TOKEN")
    connection = Connection(
        read_address(place), token=token, elapsed=time.monotonic, sleep=time.sleep
    )
    try:
        yield connection
    finally:
        connection.close()


def mirror(
    settings: Settings,
    place: str,
    folder: Path,
    policy: str,
    *,
    progress: Progress,
    public: bool = False,
) -> Mirrored:
    """Make a mirror, or bring one up to date.

    Args:
        settings: of this run; the token is for the server.
        place: its address.
        folder: of the mirror.
        policy: text of a policy; empty = the one the mirror was made with.
        progress: told (what, done, of how many).
        public: whether the log's files are enough, where the server asks who we are.

    Raises:
        InvalidInputError: the folder holds something else, or no policy is known.
        NotSignedInError: the server wants a token, or another one.
        UnavailableError: another run is at work, or the server or folder cannot be
            used now; what was taken in is kept, and the next run goes on from there.
        VerificationError: the log is not what it claims to be.
    """
    if not policy and not is_mirror(folder):
        raise InvalidInputError(
            f"there is no mirror in {folder} yet, and no key to check the log with",
            hint="give --policy FILE or --key VKEY; the keeper tells it by another way "
            "than this server (firtree log key)",
        )
    with connected(settings, place) as connection, _locked(folder):
        if is_mirror(folder):
            state = read_state(folder)
        else:
            there = register_folder(folder)
            state = MirrorState(source=place, policy=policy, register=there)
        if policy:
            state = msgspec.structs.replace(state, policy=policy)
        source = LogServer(connection, public=public)
        with opened_files(folder, state, make=True) as opened:
            done = refresh(opened, source, state, now=clock, progress=progress)
        return made_fuller(folder, done, source, progress)


def made_fuller(
    folder: Path, done: Mirrored, source: LogSource, progress: Progress
) -> Mirrored:
    """Take in what is disclosed by now of statements that were held before.

    The register is made anew beside the one that is kept, and named by the state when
    it is whole; until then the mirror is as it was.

    Args:
        folder: of the mirror, whose lock is held.
        done: the run that has brought it up to date.
        source: what that run asked.
        progress: told (what, done, of how many).

    Raises:
        UnavailableError: the source cannot be asked, or the folder not be written;
            the next run goes on from there.
        VerificationError: what is disclosed is not what the leaves stand for.
    """
    state, told = done.state, done.reach
    if told is None or is_within_reach(read_reach(told), state.scope):
        if state.filling is None or told is not None or done.before < state.size:
            # What was begun would miss erasures that were obeyed meanwhile; and a run
            # that was killed may have left what was the mirror's before.
            _drop(folder, state.other_register)
            if state.filling is not None:
                state = msgspec.structs.replace(state, filling=None)
                write_state(folder, state)
        return done._replace(state=state)
    if state.filling != told:
        _drop(folder, state.other_register)
        state = msgspec.structs.replace(state, filling=told)
        write_state(folder, state)
    with (
        opened_files(folder, state) as kept,
        opened_register(folder / state.other_register, folder, make=True) as fuller,
    ):
        filled = fill(kept.register, fuller, source, state.size, progress)
    after = msgspec.structs.replace(
        state,
        register=state.other_register,
        filling=None,
        reach=reach_wire(joint_reach(state.scope, read_reach(told))),
        hidden=filled.hidden,
        replayed=filled.replayed,
    )
    write_state(folder, after)
    _drop(folder, state.register)
    return done._replace(state=after, fuller=max(0, state.hidden - filled.hidden))


def _drop(folder: Path, name: str) -> None:
    """Remove a register that is not the mirror's any more, or was not to be."""
    with writable(folder / name), suppress(FileNotFoundError):
        shutil.rmtree(folder / name)


def verify(
    settings: Settings, place: str, policy: Policy | None, *, progress: Progress
) -> Verdict:
    """Verify a mirror, or the log of a server, from scratch.

    Args:
        settings: of this run; the token is for a server.
        place: folder of a mirror, or a server's address.
        policy: whose signatures count; None = as the mirror remembers.
        progress: told (what, done, of how many).

    Raises:
        InvalidInputError: there is no mirror, or no policy is known.
        FirtreeError: it cannot be read, or the server not be asked.
    """
    if "://" not in place:
        return _verify_folder(Path(place), policy, progress)
    if policy is None:
        raise InvalidInputError(
            "there is no key to check the log of a server with",
            hint="give --policy FILE or --key VKEY; the keeper tells it by another "
            "way than this server (firtree log key)",
        )
    with scratch_folder() as folder:
        text = policy.encode().decode(errors="surrogateescape")
        public = not settings.token
        mirror(settings, place, folder, text, progress=progress, public=public)
        found = _verify_folder(folder, policy, progress)
        with connected(settings, place) as connection:
            return compare_served(
                found, LogServer(connection), LogFiles(folder / LOG_FOLDER), progress
            )


def _verify_folder(folder: Path, policy: Policy | None, progress: Progress) -> Verdict:
    return verify_mirror(to_check(folder), policy, progress=progress)


def to_check(folder: Path) -> Checked:
    """Give what is to be verified of a mirror.

    Raises:
        InvalidInputError: an earlier version made it.
    """
    name = f"{register_folder(folder)}/{DATABASE_FILE}"
    rows = partial(SQLiteRows, folder / name, _schema())
    older = ""
    with suppress(FirtreeError), rows() as opened:  # what is wrong is told later
        older = opened.older_revision()
    if older:
        raise InvalidInputError(
            f"the mirror in {folder} was made by an earlier firtree: its schema is "
            f"{older}, this version checks {REVISIONS[-1]}",
            hint=f"bring it up to date: firtree log mirror URL {folder}",
        )
    return Checked(folder, LogFiles(folder / LOG_FOLDER), rows, name)


def _schema() -> frozenset[tuple[str, str]]:
    """Give the schema of a new register."""
    with tempfile.TemporaryDirectory(prefix="firtree-schema-") as name:
        path = Path(name) / DATABASE_FILE
        register = SQLiteRegister(path)
        try:
            with register.translated():
                schema.upgrade(register.engine)
        finally:
            register.close()
        with closing(SQLiteRows(path, frozenset())) as rows:
            return rows.schema()


@contextmanager
def opened_mirror(folder: Path, *, progress: Progress) -> Iterator[Source]:
    """Open a mirror to be asked; a run may be at work meanwhile.

    Raises:
        InvalidInputError: there is none, or it has no checkpoint yet.
        FirtreeError: it cannot be read.
    """
    with _finished(folder) as (register, state, note):
        models, reach = Models(register), state.scope
        lookup = Lookup(register, models, note, now=clock, reach=reach)
        # All that is here may be seen; what is limited is judged as the server does,
        # and so is whether there may be more.
        asker = msgspec.structs.replace(KEEPER, name=state.asker or KEEPER.name)
        yield KeptSource(
            lookup,
            asker,
            partial(Publication, register, note, reach=reach),
            provenance=mirror_provenance(folder, state, note, clock()),
            progress=progress,
            view=partial(mirror_view, lookup, note.size),
            checkpoint=note.note,
        )


@contextmanager
def mirrored_publisher(folder: Path) -> Iterator[Publisher]:
    """Open a mirror to compare with what was published.

    Raises:
        InvalidInputError: there is none, or it has no checkpoint yet.
        FirtreeError: it cannot be read.
    """
    with _finished(folder) as (register, state, note):
        provenance = mirror_provenance(folder, state, note, clock())
        own = [key for key in keys_in(state.policy) if key.name == note.name]
        *before, current = own
        keys = LogKeys(current, tuple(reversed(before)))
        yield Publisher(register, note, provenance, state.scope, keys)


@contextmanager
def _finished(folder: Path) -> Iterator[tuple[Register, MirrorState, KeptNote]]:
    state = read_state(folder)
    with opened_files(folder, state) as opened:
        note = KeptNote.read(opened.files.checkpoint())
        if note is None or not state.size:
            raise InvalidInputError(
                f"the mirror in {folder} is not finished",
                hint=f"run: firtree log mirror {state.source} {folder}",
            )
        yield opened.register, state, note


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a mirror's writer, and make the folder if need be.

    A first run that ends before anything was taken in leaves nothing there.

    Raises:
        InvalidInputError: the folder holds something else.
        UnavailableError: another run is at work, or it cannot be written.
    """
    with writable(folder):
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        begun = is_mirror(folder) or (folder / LOCK_FILE).exists()
        if not begun and any(folder.iterdir()):
            raise InvalidInputError(
                f"{folder} is no mirror, and it is not empty",
                hint="name a new folder, or that of a mirror",
            )
        file = (folder / LOCK_FILE).open("a", encoding="utf-8")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnavailableError(
                f"another run is at work on the mirror in {folder}",
                hint="wait until it has ended",
            ) from None
        try:
            yield
        finally:
            if not begun and _is_empty(folder):
                _clear(folder, whole=is_new)


def _is_empty(folder: Path) -> bool:
    """Tell whether nothing was taken in yet."""
    if not is_mirror(folder):
        return True
    try:
        state = read_state(folder)
        with opened_files(folder, state) as opened, opened.register.reading() as tx:
            return tx.head().size == 0
    except FirtreeError:
        return False


def _clear(folder: Path, *, whole: bool) -> None:
    """Remove what a run has made that took nothing in; what cannot be, stays."""
    for name in (*REGISTER_FOLDERS, LOG_FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)
    with suppress(OSError):
        (folder / STATE_FILE).unlink(missing_ok=True)
        (folder / LOCK_FILE).unlink()
        if whole:
            folder.rmdir()
