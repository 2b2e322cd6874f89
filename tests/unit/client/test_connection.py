"""A server that means no good is told apart in one clear line, and soon."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import threading
import tracemalloc
import zlib
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afar import hostile, saying
from firtree.client.addresses import read_address
from firtree.client.connection import JSON, Connection, decoded
from firtree.client.problems import PROBLEM, refusal
from firtree.client.unpacking import PIECE_OCTETS, unpacked
from firtree.errors import (
    ConflictError,
    FirtreeError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    UnavailableError,
    VerificationError,
)
from firtree.exchange.wire import EntryAnswerWire

if TYPE_CHECKING:
    from collections.abc import Callable

OK = b"HTTP/1.1 200 OK\r\n"
TYPE = b"Content-Type: application/json\r\n"
BEARER = "not-to-be-shown"


def ask(address: str, *, most: int = 1000, token: str = "") -> bytes:
    """Ask a server for JSON, with a clock that runs a second at each look."""
    ticks = itertools.count()
    connection = Connection(
        read_address(address),
        token=token,
        elapsed=lambda: float(next(ticks)),
        sleep=lambda _seconds: pytest.fail("it waits"),
    )
    with closing(connection):
        return connection.get("/x", media_type=JSON, most=most)


def refused(
    answer: Callable[[socket.socket, bytes], None], kind: type[FirtreeError]
) -> str:
    """Ask a hostile server; give the one line that is said of it."""
    with hostile(answer) as address, pytest.raises(kind) as caught:
        ask(address, token=BEARER)
    said = str(caught.value)
    assert address in said
    assert caught.value.hint
    assert "\n" not in said
    assert BEARER not in said + caught.value.hint
    return said


@pytest.mark.parametrize(
    ("told", "slept"),
    [
        (("1", "0", ""), [1, 1]),  # then it answers
        (("40", "19", ""), [40, 19]),
        (("40", "30", ""), [40]),  # more than it is waited for in all
        (("61",), []),
        (("soon",), []),
        (("99999999",), []),
    ],
)
def test_a_server_that_says_when_to_ask_again_is_waited_for(
    told: tuple[str, ...], slept: list[int]
) -> None:
    left, waited = iter(told), list[float]()

    def answer(request: httpx.Request) -> httpx.Response:
        wait = next(left)
        if not wait:
            body = httpx.ByteStream(b'{"asked":"%s"}' % request.url.raw_path)
            return httpx.Response(200, headers={"Content-Type": JSON}, stream=body)
        return httpx.Response(
            429, headers={"Retry-After": wait}, stream=httpx.ByteStream(b"{}")
        )

    connection = Connection(
        read_address("https://fir.example"),
        elapsed=lambda: 0.0,
        sleep=waited.append,
        transport=httpx.MockTransport(answer),
    )
    with closing(connection):
        if sum(slept) and len(slept) == len(told) - 1:
            assert connection.get("/x", media_type=JSON) == b'{"asked":"/x"}'
        else:
            with pytest.raises(FirtreeError):
                connection.get("/x", media_type=JSON)
    assert waited == slept


def test_an_answer_is_read_and_the_token_sent() -> None:
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(OK + TYPE + b"Content-Length: 2\r\n\r\n{}")

    with hostile(answer) as address:
        assert ask(address, token=BEARER) == b"{}"
        assert ask(address) == b"{}"

    assert f"Authorization: Bearer {BEARER}\r\n".encode() in asked[0]
    assert b"uthorization" not in asked[1]


def test_an_endless_body_is_cut_off() -> None:
    def endless(connection: socket.socket, _asked: bytes) -> None:
        connection.sendall(OK + TYPE + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            for _ in range(10_000):
                connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")

    assert "more than the 1,000 octets" in refused(endless, VerificationError)


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    large = saying(OK, TYPE, b"Content-Length: 99999999999\r\n\r\n", b"{")

    assert "more than the 1,000 octets" in refused(large, VerificationError)


def test_a_small_body_that_unpacks_to_a_large_one_is_cut_off() -> None:
    packed = gzip.compress(bytes(10_000_000))
    length = f"Content-Length: {len(packed)}\r\n".encode()
    bomb = saying(OK, TYPE, b"Content-Encoding: gzip\r\n", length, b"\r\n", packed)

    assert "more than the 1,000 octets" in refused(bomb, VerificationError)


def packed_as(encoding: bytes, body: bytes) -> Callable[[socket.socket, bytes], None]:
    """Answer with a body that is packed in some way."""
    length = f"Content-Length: {len(body)}\r\n".encode()
    return saying(
        OK, TYPE, b"Content-Encoding: " + encoding + b"\r\n", length, b"\r\n", body
    )


@pytest.mark.parametrize(
    "encoding",
    [b"gzip, gzip", b"gzip\r\nContent-Encoding: gzip", b"br", b"zstd"],
)
def test_what_is_packed_in_another_way_than_was_asked_for_is_refused(
    encoding: bytes,
) -> None:
    """Packed twice, a kilobyte becomes a gigabyte before its size can be looked at."""
    packed = gzip.compress(gzip.compress(bytes(20_000_000)))
    assert len(packed) < 1000
    tracemalloc.start()
    try:
        said = refused(packed_as(encoding, packed), VerificationError)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert "sends an answer packed as" in said
    assert most < 1 << 20


def test_a_body_is_unpacked_in_pieces_of_bounded_size() -> None:
    bomb = packed_as(b"gzip", gzip.compress(bytes(50_000_000)))
    tracemalloc.start()
    try:
        refused(bomb, VerificationError)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 2 << 20


def test_who_is_asked_is_told_what_may_be_packed_and_how() -> None:
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        packed_as(b"GZip", gzip.compress(b"{}"))(connection, request)

    with hostile(answer) as address:
        assert ask(address) == b"{}"
    assert b"\r\nAccept-Encoding: gzip\r\n" in asked[0]


# What is packed at a time of its own would give the tests other names in each process.
PACKED = gzip.compress(b"{}", mtime=0)
BROKEN = {
    "not packed": b"none",
    "cut short": PACKED[:-1],
    "another checksum": PACKED[:-8] + bytes(8),
    "more behind it": PACKED + b"more",
    "another one behind it": PACKED + PACKED,
    "packed otherwise": zlib.compress(b"{}"),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_body_that_cannot_be_unpacked_is_refused(body: bytes) -> None:
    broken = packed_as(b"gzip", body)

    assert "cannot be unpacked: " in refused(broken, VerificationError)


def test_a_body_that_unpacks_to_nothing_ends_some_time() -> None:
    def endless(connection: socket.socket, _asked: bytes) -> None:
        connection.sendall(OK + TYPE + b"Content-Encoding: gzip\r\n\r\n")
        with suppress(OSError):
            connection.sendall(gzip.compress(b"")[:10])
            for _ in range(1000):  # blocks of no length
                connection.sendall(b"\x00\x00\x00\xff\xff" * 10_000)

    assert "no whole answer in 300 seconds" in refused(endless, UnavailableError)


@given(
    st.binary(max_size=3000),
    st.sampled_from([1, 30, 65_535, 65_537]),
    st.integers(1, 500),
    st.integers(0, 9),
)
def test_what_was_packed_is_unpacked_however_the_network_cuts_it(
    body: bytes, times: int, pieces: int, level: int
) -> None:
    octets = body[: 200_000 // times] * times
    packed = gzip.compress(octets, level)
    width = len(packed) // pieces + 1
    cut = (packed[at : at + width] for at in range(0, len(packed), width))

    found = list(unpacked(cut))

    assert b"".join(found) == octets
    assert max(map(len, found)) <= PIECE_OCTETS


def test_another_media_type_is_refused() -> None:
    page = saying(OK, b"Content-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")
    bare = saying(OK, b"Content-Length: 2\r\n\r\nhi")

    assert "'text/html', expected application/json" in refused(page, VerificationError)
    assert "'no media type'" in refused(bare, VerificationError)


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:1/x", "https://fir.example/", "//other/", "ftp://x/", ""],
)
def test_a_redirect_to_another_place_is_not_followed(target: str) -> None:
    asked: list[bytes] = []

    def away(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(
            f"HTTP/1.1 302 Found\r\nLocation: {target}\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )

    assert "leads to another place" in refused(away, VerificationError)
    assert len(asked) == 1


def test_a_redirect_on_the_same_server_is_followed_a_few_times() -> None:
    def around(connection: socket.socket, request: bytes) -> None:
        here = request.split(b" ")[1]
        if here == b"/xxx":
            connection.sendall(OK + TYPE + b"Content-Length: 2\r\n\r\n{}")
            return
        connection.sendall(
            b"HTTP/1.1 307 Moved\r\nLocation: %sx\r\nContent-Length: 0\r\n\r\n" % here
        )

    def circle(connection: socket.socket, _asked: bytes) -> None:
        connection.sendall(
            b"HTTP/1.1 308 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
        )

    with hostile(around) as address:
        assert ask(address) == b"{}"
    assert "in a circle" in refused(circle, VerificationError)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"",),
        (b"HTTP/1.1 2",),
        (b"\x00\xff not HTTP\r\n\r\n",),
        (OK + TYPE + b"Content-Length: 10\r\n\r\n{}",),
        (OK + TYPE + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",),
        (OK + TYPE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",),
    ],
)
def test_half_an_answer_is_none(pieces: tuple[bytes, ...]) -> None:
    assert "broke off, or is not HTTP" in refused(saying(*pieces), UnavailableError)


def test_a_body_in_drops_ends_some_time() -> None:
    def drip(connection: socket.socket, _asked: bytes) -> None:
        connection.sendall(OK + TYPE + b"Content-Length: 900\r\n\r\n")
        with suppress(OSError):
            for _ in range(900):
                connection.sendall(b" ")
                threading.Event().wait(0.001)

    assert "no whole answer in 300 seconds" in refused(drip, UnavailableError)


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(UnavailableError, match="cannot be reached") as caught:
        ask(f"http://127.0.0.1:{port}")

    assert "that the server runs" in caught.value.hint


def test_a_problem_document_becomes_the_error_it_describes() -> None:
    body = json.dumps(
        {
            "detail": "there is no entry 7",
            "code": "not-found",
            "hint": "search by hash",
        }
    ).encode()
    answer = saying(
        b"HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\n",
        f"Content-Length: {len(body)}\r\n\r\n".encode(),
        body,
    )

    said = refused(answer, NotFoundError)

    assert said.endswith(": there is no entry 7")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "http-401", NotSignedInError),
        (403, "http-403", InvalidInputError),
        (404, "http-404", NotFoundError),
        (409, "conflict", ConflictError),
        (421, "http-421", InvalidInputError),
        (422, "invalid-input", InvalidInputError),
        (422, "verification-failed", VerificationError),
        (429, "http-429", UnavailableError),
        (500, "internal", UnavailableError),
        (503, "unavailable", UnavailableError),
        (204, "", VerificationError),
    ],
)
def test_a_status_becomes_the_class_a_caller_would_act_on(
    status: int, code: str, kind: type[FirtreeError]
) -> None:
    body = json.dumps({"detail": "why", "code": code}).encode()

    told = refusal("https://fir.example", status, PROBLEM, body)
    untold = refusal("https://fir.example", status, "text/html", b"<h1>secret</h1>")

    assert type(told) is kind
    assert str(told) == "https://fir.example: why"
    assert told.hint
    assert "secret" not in str(untold)


def test_who_needs_a_token_is_told_where_it_goes() -> None:
    body = json.dumps({"detail": "why", "hint": "send a header"}).encode()

    assert "--token-file" in refusal("s", 401, PROBLEM, body).hint


def test_a_refusal_names_every_place_that_is_wrong() -> None:
    places = [{"pointer": "at", "expected": "a date", "found": "'x'"}]
    body = json.dumps({"detail": "d", "code": "invalid-input", "errors": places})

    error = refusal("s", 422, PROBLEM, body.encode())

    assert isinstance(error, InvalidInputError)
    assert str(error.problems[0]) == "at: expected a date, found 'x'"


@given(st.integers(100, 599), st.sampled_from([PROBLEM, JSON, ""]), st.binary())
def test_any_refusal_is_one_line_of_ours(
    status: int, media_type: str, body: bytes
) -> None:
    error = refusal("s", status, media_type, body)

    assert isinstance(error, FirtreeError)
    assert "\n" not in str(error)
    assert str(error).isprintable()
    assert error.hint


@given(st.recursive(st.none() | st.text(max_size=3), st.lists, max_leaves=5))
def test_an_answer_of_another_shape_is_refused(value: Any) -> None:
    with pytest.raises(VerificationError, match="of another shape"):
        decoded(json.dumps(value).encode(), EntryAnswerWire, "s")
