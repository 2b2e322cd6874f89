"""Chooses and joins the parts; the only module that knows them all."""

import gc
import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from firtree.access import KEEPER
from firtree.errors import InvalidInputError, UnavailableError
from firtree.ledger.notes import SEED_OCTETS, Signer, check_origin
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.ports import Register
from firtree.library.record import Recorded, Recorder
from firtree.settings import Settings
from firtree.statements.statement import Opening, Statement, read_statement
from firtree.storage import schema
from firtree.storage.postgresql import PostgreSQLRegister
from firtree.storage.sqlite import SQLiteRegister
from firtree.storage.tables import REVISIONS

DATABASE_FILE = "firtree.db"
KEY_FILE = "log.key"


class Parts(NamedTuple):
    """The parts of a running firtree, joined."""

    register: SQLiteRegister | PostgreSQLRegister
    signer: Signer
    recorder: Recorder
    lookup: Lookup
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
        InvalidInputError: there is one already, or the name is none.
        UnavailableError: the folder cannot be written.
    """
    origin = origin or f"firtree.local/{'demo' if demo else 'register'}-{_suffix()}"
    try:
        check_origin(origin)
    except ValueError as error:
        raise InvalidInputError(f"--origin: expected {error}") from None
    folder = Path(settings.data)
    with _writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    register = _register(settings)
    try:
        with register.translated():
            schema.upgrade(register.engine)
        if register.size():
            raise InvalidInputError(
                f"there is a register already: {settings.database_shown}",
                hint="choose another --data folder or database",
            )
        if exists(settings):  # an earlier try got as far as the key
            signer = _signer(settings)
        else:
            signer = Signer(origin, secrets.token_bytes(SEED_OCTETS))
            with _writable(folder):
                _write_key(folder / KEY_FILE, signer)
        recorder = Recorder(register, signer, now=clock, entropy=secrets.token_bytes)
        opening = Opening(
            origin=signer.name, verifier_key=str(signer.verifier), demo=demo
        )
        return recorder.record([Statement(subject=opening, by=KEEPER.name)], KEEPER)
    finally:
        register.close()


def _suffix() -> str:
    return secrets.token_hex(4)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            f"cannot write to {folder}: {error.strerror}",
            hint="choose another --data folder, or mend its rights",
        ) from None


def _write_key(path: Path, signer: Signer) -> None:
    """Write the key so that only its owner can ever read it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(signer.write_secret() + "\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def opened(settings: Settings) -> Iterator[Parts]:
    """Open a register and join the parts.

    Raises:
        InvalidInputError: there is none, it is of another schema, or its key is not
            the one it was made with.
        UnavailableError: it cannot be reached now.
    """
    signer = _signer(settings)
    register = _register(settings)
    try:
        with register.translated():
            schema.check_current(register.engine)
        if isinstance(register, PostgreSQLRegister):
            register.check_durable()
        _check_origin(register, signer)
        models = Models(register, most=settings.models_kept)
        yield Parts(
            register=register,
            signer=signer,
            recorder=Recorder(register, signer, now=clock, entropy=secrets.token_bytes),
            lookup=Lookup(register, models, signer, now=clock),
            now=clock,
        )
    finally:
        register.close()


def application(settings: Settings) -> Callable[..., Awaitable[None]]:
    """Make the web application of a register, opened for as long as it runs."""
    # Litestar takes half a second to import, and only serving needs it.
    from firtree.web.app import create_app  # noqa: PLC0415

    stack = ExitStack()
    parts = stack.enter_context(opened(settings))
    app = create_app(
        parts.lookup,
        authenticate=lambda _scope: KEEPER,
        in_threads=isinstance(parts.register, PostgreSQLRegister),
        close=stack.close,
    )
    _calm_collector()
    return app


def _calm_collector() -> None:
    """Let the garbage collector look at young objects only, and seldom at those.

    What a server keeps in memory lives long; going through all of it would stop a
    server with many models in memory for most of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1000)


def is_behind(settings: Settings) -> bool:
    """Tell whether the register was made by an older firtree."""
    register = _register(settings)
    try:
        with register.translated(), register.engine.connect() as connection:
            revision = schema.revision_of(connection)
        return bool(revision) and revision in REVISIONS[:-1]
    finally:
        register.close()


def upgrade(settings: Settings) -> None:
    """Bring a register's schema up to date."""
    register = _register(settings)
    try:
        with register.translated():
            schema.upgrade(register.engine)
    finally:
        register.close()


def _register(settings: Settings) -> SQLiteRegister | PostgreSQLRegister:
    if settings.database:
        return PostgreSQLRegister(settings.database, lock_wait_s=settings.lock_wait_s)
    path = Path(settings.data) / DATABASE_FILE
    return SQLiteRegister(path, lock_wait_s=settings.lock_wait_s)


def _signer(settings: Settings) -> Signer:
    path = Path(settings.data) / KEY_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InvalidInputError(
            f"there is no register in {settings.data}",
            hint="make one: firtree init, or an example: firtree demo",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnavailableError(
            f"the signing key {path} cannot be read: {error}",
            hint="check who owns it; its mode is 0600",
        ) from None
    if path.stat().st_mode & 0o077:
        raise InvalidInputError(
            f"the signing key {path} can be read by others",
            hint=f"run: chmod 600 {path}",
        )
    try:
        return Signer.read_secret(text)
    except ValueError as error:
        raise InvalidInputError(f"{path}: {error}") from None


def _check_origin(register: Register, signer: Signer) -> None:
    """Check that key and register belong together."""
    opening = opening_of(register)
    if opening is None:
        raise InvalidInputError(
            "the register has no first statement", hint="make it anew: firtree init"
        )
    if opening.verifier_key != str(signer.verifier):
        raise InvalidInputError(
            f"the signing key is that of {signer.name}, "
            f"the register is {opening.origin}",
            hint="put the register's own log.key into the data folder",
        )


def opening_of(register: Register) -> Opening | None:
    """Give the first statement of a register."""
    with register.reading() as tx:
        for row in tx.statements(0, 1):
            sections = (row.head, row.core, row.fir, row.people, row.private)
            subject = read_statement(sections).subject
            return subject if isinstance(subject, Opening) else None
    return None
