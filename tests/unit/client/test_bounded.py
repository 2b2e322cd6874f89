"""What is sent to a server that is down, slow, endless or leads elsewhere."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from firtree.client.bounded import Bounded, HTTPPost
from firtree.errors import UnavailableError, VerificationError
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 1.0


@contextmanager
def served(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Listen on this machine, and answer one connection by a function."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def work() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    answer(connection)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/add-checkpoint"
        thread.join(5)


def saying(octets: bytes) -> Callable[[socket.socket], None]:
    """Answer with these octets."""
    return lambda connection: connection.sendall(octets)


def dripping(connection: socket.socket) -> None:
    """Answer drop by drop, for longer than anybody waits."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    for _ in range(60):
        connection.sendall(b"x")
        time.sleep(0.1)


def dripping_head(connection: socket.socket) -> None:
    """Never come to the end of the head."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(60):
        connection.sendall(b"x")
        time.sleep(0.1)


def silent(connection: socket.socket) -> None:
    """Answer nothing."""
    connection.settimeout(6)
    while connection.recv(65536):
        pass


def endless(connection: socket.socket) -> None:
    """Send more than is read."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x" * 65536)


def post(url: str) -> object:
    """Send something."""
    return HTTPPost(Bounded(patience_s=PATIENCE_S))(url, b"old 0\n", most=4096)


def test_an_answer_comes_with_its_status_and_media_type() -> None:
    text = (
        b"HTTP/1.1 409 Conflict\r\nContent-Type: Text/X.Tlog.Size; a=b\r\n"
        b"Content-Length: 2\r\n\r\n7\n"
    )
    with served(saying(text)) as url:
        assert post(url) == (409, "text/x.tlog.size", b"7\n")


def test_a_redirect_is_not_followed() -> None:
    reached = threading.Event()
    with served(lambda _c: reached.set()) as elsewhere:
        head = f"HTTP/1.1 307 x\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n"
        with served(saying(head.encode())) as url:
            assert post(url) == (307, "", b"")
        assert not reached.wait(0.2)
        with suppress(UnavailableError):
            post(elsewhere)  # lets its thread end


def test_what_is_packed_is_not_unpacked() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n"
    with served(saying(head + b"abc")) as url:
        assert post(url) == (200, "", b"abc")


@pytest.mark.parametrize("answer", [dripping, dripping_head, silent])
def test_a_slow_server_is_given_up(answer: Callable[[socket.socket], None]) -> None:
    begun = time.monotonic()
    with served(answer) as url:
        with pytest.raises(UnavailableError, match="no whole answer within 1 seconds"):
            post(url)
        assert time.monotonic() - begun < PATIENCE_S + 3


def test_an_endless_answer_is_not_read() -> None:
    with (
        served(endless) as url,
        pytest.raises(VerificationError, match="above 4096 octets"),
    ):
        post(url)


@pytest.mark.parametrize("octets", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n"])
def test_a_server_that_does_not_speak_http_is_told(octets: bytes) -> None:
    with (
        served(saying(octets)) as url,
        pytest.raises(UnavailableError, match="it cannot be reached: "),
    ):
        post(url)


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(UnavailableError, match="it cannot be reached: "):
        post(f"http://127.0.0.1:{free_port()}/add-checkpoint")


@pytest.mark.parametrize("url", ["http://", "ftp://w.example", "w.example", "http://["])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(UnavailableError, match="it cannot be reached: "):
        post(url)
