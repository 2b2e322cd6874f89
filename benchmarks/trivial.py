"""A server that does next to nothing: how fast can the load generator ask?

Started as ``python -m benchmarks.trivial PORT OCTETS``; answers everything with a
constant of that size.
"""

import selectors
import socket
import sys


def serve(port: int, answer: bytes) -> None:
    """Answer every piece that comes in, for ever."""
    ready = selectors.DefaultSelector()
    with socket.create_server(("127.0.0.1", port)) as listening:
        ready.register(listening, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listening:
                    connection, _ = listening.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    ready.register(connection, selectors.EVENT_READ)
                    continue
                asked = key.fileobj
                assert isinstance(asked, socket.socket)
                if not _answered(asked, answer):
                    ready.unregister(asked)
                    asked.close()


def _answered(asked: socket.socket, answer: bytes) -> bool:
    """Answer, unless the other end has gone."""
    try:
        if not asked.recv(1 << 16):
            return False
        asked.sendall(answer)
    except ConnectionError:
        return False
    return True


if __name__ == "__main__":
    octets = int(sys.argv[2])
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {octets}\r\n\r\n"
    serve(int(sys.argv[1]), head.encode() + b"x" * octets)
