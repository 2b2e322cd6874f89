"""Chooses and joins the parts; the only module that knows them all."""

import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlalchemy.exc import ArgumentError, DBAPIError

from firtree.access import KEEPER
from firtree.collector import calm_collector, collector_at_rest
from firtree.errors import InvalidInputError
from firtree.ledger.keys import SEED_OCTETS
from firtree.ledger.notes import Signer, check_origin, check_schemeless
from firtree.library.keeping.keys import LogKeys
from firtree.library.keeping.seen import Fence, check_seen
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.parties import Parties
from firtree.library.ports import Reading, Register, Signing
from firtree.library.record import Recorded, Recorder
from firtree.library.witnesses.serving import signatures_in
from firtree.settings import Settings
from firtree.statements.statement import Statement, read_statement
from firtree.statements.types.opening import Opening
from firtree.storage import schema
from firtree.storage.duties import SQLDuties
from firtree.storage.sqlite import SQLiteRegister
from firtree.storage.tables import REVISIONS
from firtree.text import shown
from firtree.wiring import keyfile
from firtree.wiring.current_key import CurrentSigner, SignableFence
from firtree.wiring.fence import BothSigner, FencedSigner, FenceFile, fence_path
from firtree.wiring.keyfile import (
    KEY_FILE,
    NEW_KEY_FILE,
    key_is_used,
    signer_of,
    writable,
    write_key,
)
from firtree.wiring.signing import finish, signing_of, signing_with

# psycopg takes a tenth of a server's memory, and only PostgreSQL needs it.
if TYPE_CHECKING:
    from firtree.storage.postgresql import PostgreSQLRegister

AnyRegister: TypeAlias = "SQLiteRegister | PostgreSQLRegister"
DATABASE_FILE = keyfile.DATABASE_FILE


class Parts(NamedTuple):
    """The parts of a running firtree, joined."""

    register: AnyRegister
    signer: CurrentSigner
    recorder: Recorder
    lookup: Lookup
    parties: Parties
    now: Callable[[], datetime]


def clock() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


def exists(settings: Settings) -> bool:
    """Tell whether a register has been made in the data folder."""
    try:
        return (Path(settings.data) / KEY_FILE).exists()
    except OSError:  # such as a name that is too long
        return False


def make(settings: Settings, *, origin: str = "", demo: bool = False) -> Recorded:
    """Make a register: its tables, its key, and its first statement.

    Args:
        settings: where.
        origin: name of its log; empty = one with a random suffix.
        demo: whether it will hold invented data only.

    Raises:
        InvalidInputError: there is one already, the name is none, or the folder
            holds the key of a register that is not there.
        UnavailableError: the folder cannot be written.
    """
    name = checked_origin(origin, demo=demo)
    folder = Path(settings.data)
    with writable(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    signer = signer_of(settings) if exists(settings) else None
    register = register_of(settings)
    try:
        check_usable(register)
        if signer is not None and not (folder / NEW_KEY_FILE).exists():
            _check_kept(settings, register, signer)
        make_tables(register)
        if register.size():
            raise already_there(settings)
        if signer is None:
            signer = Signer(name, secrets.token_bytes(SEED_OCTETS))
            with writable(folder):
                write_key(folder, signer)
        elif origin not in {"", signer.name}:  # an earlier try got as far as the key
            raise InvalidInputError(
                f"--origin: expected {signer.name}, the name of the key that is in "
                f"{folder}, found {shown(origin)}",
                hint="leave it out, or choose another --data folder",
            )
        fence = fence_of(settings, register, signer)
        fence.make(0, bytes(32))
        recorder = _recorder(register, FencedSigner(signer, fence), fence)
        opening = Opening(
            origin=signer.name, verifier_key=str(signer.verifier), demo=demo
        )
        first = Statement(subject=opening, by=KEEPER.name)
        recorded = recorder.record([first], KEEPER, at_size=0)
        key_is_used(folder)
        return recorded
    finally:
        register.close()


def _check_kept(settings: Settings, register: AnyRegister, signer: Signer) -> None:
    """Check that the register of a key that may have signed is still there.

    A second log with the same name and key would contradict the first one.
    """
    if not (is_there(settings) and _revision(register) and register.size()):
        raise InvalidInputError(
            f"the signing key of {signer.name} is here, but its register is not",
            hint="restore the register from a backup, or check --data and "
            "FIRTREE_DATABASE; a new register needs an empty folder",
        )


def make_tables(register: AnyRegister) -> None:
    """Make a register's tables; an SQLite file is for its owner alone."""
    if isinstance(register, SQLiteRegister):
        with writable(register.path.parent):
            os.close(os.open(register.path, os.O_WRONLY | os.O_CREAT, 0o600))
    with register.translated():
        schema.upgrade(register.engine)


def is_there(settings: Settings) -> bool:
    """Tell whether there is a database; asking SQLite itself would make one."""
    return bool(settings.database) or (Path(settings.data) / DATABASE_FILE).exists()


def _revision(register: AnyRegister) -> str:
    with register.translated(), register.engine.connect() as connection:
        return schema.revision_of(connection)


def check_usable(register: AnyRegister) -> None:
    """Make the first connection, where PostgreSQL's driver judges the URL.

    Raises:
        InvalidInputError: it does not know a parameter of the URL.
        UnavailableError: the server cannot be reached now.
    """
    if isinstance(register, SQLiteRegister):
        return
    from psycopg import ProgrammingError  # noqa: PLC0415

    try:
        with register.translated(), register.engine.connect():
            pass
    except (ArgumentError, DBAPIError, ProgrammingError) as error:
        told = str(error.orig if isinstance(error, DBAPIError) else error)
        password = str(register.engine.url.password or "")
        if "://" in told or (password and password in told):
            told = "the driver refuses it"
        raise InvalidInputError(
            f"FIRTREE_DATABASE: {told.partition(chr(10))[0]}, so it cannot be used",
            hint="check the part after the question mark",
        ) from None


def checked_origin(origin: str, *, demo: bool) -> str:
    """Give the name of a new log; empty = one with a random suffix.

    Raises:
        InvalidInputError: it is none.
    """
    kind = "demo" if demo else "register"
    name = origin or f"firtree.local/{kind}-{secrets.token_hex(4)}"
    try:
        check_origin(name)
        check_schemeless(name)
    except ValueError as error:
        raise InvalidInputError(
            f"--origin: {error}; found {shown(name)}",
            hint="for instance firmware.example/register",
        ) from None
    return name


def already_there(settings: Settings) -> InvalidInputError:
    """Say that there is a register where one was to be made."""
    return InvalidInputError(
        f"there is a register already: {settings.database_shown}",
        hint="choose another --data folder or database",
    )


@contextmanager
def opened_register(
    settings: Settings,
) -> Iterator[AnyRegister]:
    """Open a register alone, without its key.

    Raises:
        InvalidInputError: there is none, or it is of another schema.
        UnavailableError: it cannot be reached now.
    """
    register = register_of(settings)
    try:
        register.check_there()
        check_usable(register)
        with register.translated():
            schema.check_current(register.engine)
        yield register
    finally:
        register.close()


@contextmanager
def opened(settings: Settings) -> Iterator[Parts]:
    """Open a register and join the parts.

    Raises:
        InvalidInputError: there is none, it is of another schema, or its key is not
            the one it was made with.
        UnavailableError: it cannot be reached now.
    """
    signer_of(settings)  # what is wrong with the key is said first
    with opened_register(settings) as register:
        if not isinstance(register, SQLiteRegister):
            register.check_durable()
        found = signing_of(settings, register)
        fence = fence_of(settings, register, found.signer)
        check_seen(register, [fence.seen()])
        finish(settings, found)
        signer = CurrentSigner(
            register,
            found.keys,
            partial(_signer, settings, fence),
            today=lambda: clock().date(),
        )
        key_is_used(Path(settings.data))
        models = Models(register, most=settings.models_kept)
        recorder = _recorder(register, signer, SignableFence(fence, signer))
        yield Parts(
            register=register,
            signer=signer,
            recorder=recorder,
            lookup=Lookup(
                register,
                models,
                signer,
                now=clock,
                signatures=signatures_in(SQLDuties(register), found.signer.name),
            ),
            parties=Parties(register, recorder, now=clock),
            now=clock,
        )


def _signer(settings: Settings, fence: FenceFile, keys: LogKeys) -> Signer:
    """Find what signs for the keys of a log among the files of a folder."""
    found = signing_with(settings, keys)
    if found.old is None or keys.both_until is None:
        return FencedSigner(found.signer, fence)
    return BothSigner(found.signer, fence, found.old, until=keys.both_until, now=clock)


def fence_of(
    settings: Settings,
    register: AnyRegister,
    signer: Signer,
) -> FenceFile:
    """Give the fence of a register in its place."""
    return FenceFile(
        fence_path(settings), origin=signer.name, database=register.identity()
    )


def _recorder(register: Register, signer: Signing, fence: Fence) -> Recorder:
    return Recorder(
        register, signer, now=clock, entropy=secrets.token_bytes, fence=fence
    )


def application(settings: Settings) -> Callable[..., Awaitable[None]]:
    """Make the web application of a register, opened for as long as it runs."""
    with collector_at_rest():
        app = _application(settings)
    calm_collector()
    return app


def _application(settings: Settings) -> Callable[..., Awaitable[None]]:
    # Litestar takes half a second to import, and only serving needs it.
    from firtree.web.app import create_app  # noqa: PLC0415
    from firtree.wiring import accounts, background  # noqa: PLC0415

    stack = ExitStack()
    parts = stack.enter_context(opened(settings))
    parts.register.size()  # what it waits for the first time, it waits for here
    opening = opening_of(parts.register)
    demo = opening is not None and opening.demo
    entrance = accounts.entrance_of(parts, settings, demo=demo)
    stack.callback(entrance.later.close)
    witnesses = background.witnessing(settings, parts)
    duties = background.duties_of(settings, parts, witnesses)
    stack.enter_context(background.running(parts, duties))
    return create_app(
        parts.lookup,
        parts.parties,
        authenticate=entrance,
        served=witnesses.served.checkpoint if witnesses else None,
        in_threads=not isinstance(parts.register, SQLiteRegister),
        close=stack.close,
        entrance=entrance,
        monotonic=accounts.stopwatch(settings),
    )


def is_behind(settings: Settings) -> bool:
    """Tell whether the register was made by an older firtree."""
    if not is_there(settings):
        return False
    register = register_of(settings)
    try:
        check_usable(register)
        revision = _revision(register)
        return bool(revision) and revision in REVISIONS[:-1]
    finally:
        register.close()


def upgrade(settings: Settings) -> None:
    """Bring a register's schema up to date."""
    register = register_of(settings)
    try:
        with register.translated():
            schema.upgrade(register.engine)
    finally:
        register.close()


def register_of(settings: Settings) -> AnyRegister:
    """Give the register of a folder or a database; it is not asked anything."""
    if settings.database:
        from firtree.storage.postgresql import PostgreSQLRegister  # noqa: PLC0415

        return PostgreSQLRegister(settings.database, lock_wait_s=settings.lock_wait_s)
    path = Path(settings.data) / DATABASE_FILE
    return SQLiteRegister(path, lock_wait_s=settings.lock_wait_s)


def opening_of(register: Register) -> Opening | None:
    """Give the first statement of a register."""
    with register.reading() as tx:
        return opening_in(tx)


def opening_in(tx: Reading) -> Opening | None:
    """Give the first statement of a register that is being read."""
    for row in tx.statements(0, 1):
        sections = (row.head, row.core, row.fir, row.people, row.private)
        subject = read_statement(sections).subject
        return subject if isinstance(subject, Opening) else None
    return None
