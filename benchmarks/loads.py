"""Asks a server on this machine as fast as it answers, and keeps the answers.

One thread, a few keep-alive connections, one request under way on each.  Answers are
taken in the order of the requests and kept as they come; they are read when the clock
has been stopped, so that checking them costs the server nothing.
"""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from time import perf_counter
from typing import NamedTuple

CONNECTIONS = 8
_PATIENCE_S = 30
_PIECE = 1 << 16


class Load(NamedTuple):
    """What a round gave.

    Attributes:
        rate: answers a second.
        answers: as they came, in the order of the requests; perhaps not to all.
    """

    rate: float
    answers: list[bytes]


def request_of(target: str, token: str = "", *, cookie: str = "") -> bytes:
    """Write a GET request; with a token or the cookie of a session, if needed."""
    shown = f"Authorization: Bearer {token}\r\n" if token else ""
    shown += f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{shown}\r\n".encode()


def run_load(port: int, requests: Sequence[bytes], *, seconds: float) -> Load:
    """Send requests, in order, until all are answered or the time is over."""
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(_connected(port))
            for _ in range(min(CONNECTIONS, len(requests)))
        ]
        answers: list[bytes] = []
        sent = len(sockets)
        begun = perf_counter()
        for place, connection in enumerate(sockets):
            connection.sendall(requests[place])
        while len(answers) < sent:
            connection = sockets[len(answers) % len(sockets)]
            answers.append(_received(connection))
            if sent < len(requests) and perf_counter() - begun < seconds:
                connection.sendall(requests[sent])
                sent += 1
        return Load(len(answers) / (perf_counter() - begun), answers)


def ask(port: int, target: str, token: str = "") -> bytes:
    """Ask one thing; give the body of the answer."""
    asked = [request_of(target, token)]
    (answer,) = run_load(port, asked, seconds=_PATIENCE_S).answers
    return body_of(answer)


def body_of(answer: bytes) -> bytes:
    """Give the body of an answer that must be 200."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), answer[:1000]
    if _length(head) is not None:
        return body
    pieces = []
    while body:
        size, _, body = body.partition(b"\r\n")
        octets = int(size, 16)
        pieces.append(body[:octets])
        body = body[octets + 2 :]
    return b"".join(pieces)


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _received(connection: socket.socket) -> bytes:
    """Receive one whole answer."""
    data = connection.recv(_PIECE)
    while not _is_whole(data):
        piece = connection.recv(_PIECE)
        if not piece:
            raise ConnectionError(f"the server closed after {data[:200]!r}")
        data += piece
    return data


def _is_whole(data: bytes) -> bool:
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    length = _length(data[:end])
    if length is None:
        return data.endswith(b"\r\n0\r\n\r\n")
    return len(data) >= end + 4 + length


def _length(head: bytes) -> int | None:
    """Give the declared length of the body; None = it comes in chunks."""
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at < 0:
        assert b"transfer-encoding: chunked" in lower, head
        return None
    return int(lower[at + 15 :].partition(b"\r\n")[0])
