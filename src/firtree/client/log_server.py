"""A log on a server: checkpoint, tiles, entry bundles, and statements in bulk."""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from firtree.client.connection import ANY, Connection, decoded
from firtree.errors import NotFoundError, NotSignedInError, VerificationError
from firtree.exchange.proof_wire import DisclosedWire, read_disclosed
from firtree.exchange.reach import ReachWire
from firtree.ledger.merkle import HASH_OCTETS
from firtree.ledger.notes import NOTE_OCTETS_MOST
from firtree.ledger.tiles import TILE_WIDTH, tile_path
from firtree.statements.disclosure import DisclosedStatement

LINES = "application/x-ndjson"
# An entry bundle may hold leaves of 65,535 octets (c2sp.org/tlog-tiles).
BUNDLE_OCTETS = TILE_WIDTH * (2 + 65_535)
# Of one statement with its sections as JSON, and of an answer with many.
STATEMENT_OCTETS = 8 << 20
STATEMENTS_OCTETS = 1 << 30
_END = b'{"next":'
_NAME_MOST = 200
# Of the last line: it is kept in the state of a mirror, which is bounded as well.
_END_OCTETS = 2 << 20


class LogSource(Protocol):
    """Where a log is read from.

    Its answers are what somebody else says: nothing of them is verified yet.
    """

    @property
    def place(self) -> str:
        """Its address, for messages."""

    @property
    def asker(self) -> str:
        """The name it knows us by, once statements were given; empty = not told."""

    @property
    def reach(self) -> ReachWire | None:
        """How much we may see, once statements were given; None = not told."""

    def checkpoint(self) -> bytes:
        """Give the newest checkpoint, a signed note."""

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give the hashes of a tile.

        Raises:
            NotFoundError: it is not there.
        """

    def bundle(self, number: int, width: int) -> bytes:
        """Give an entry bundle.

        Raises:
            NotFoundError: it is not there.
        """

    def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
        """Give what the asker may see of statements, in log order.

        Those that are out of its reach are left out.
        """


class _End(msgspec.Struct, frozen=True):
    """The last line of an answer with statements."""

    next: int
    asker: str = ""
    reach: ReachWire | None = None


class LogServer:
    """Implements ``LogSource`` over HTTP.

    Args:
        connection: to the server.
        public: whether a server that asks who we are has disclosed nothing, instead of
            having failed.
    """

    def __init__(self, connection: Connection, *, public: bool = False) -> None:
        self._connection = connection
        self._public = public
        self.place = str(connection.address)
        self.asker = ""
        self.reach: ReachWire | None = None

    def checkpoint(self) -> bytes:
        """Implements ``LogSource``."""
        return self._connection.get(
            "/log/checkpoint", media_type=ANY, most=NOTE_OCTETS_MOST
        )

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Implements ``LogSource``."""
        return self._file(
            tile_path(level, number, width), HASH_OCTETS * TILE_WIDTH, width
        )[: width * HASH_OCTETS]

    def bundle(self, number: int, width: int) -> bytes:
        """Implements ``LogSource``."""
        return self._file(tile_path("entries", number, width), BUNDLE_OCTETS, width)

    def _file(self, path: str, most: int, width: int) -> bytes:
        try:
            return self._connection.get(f"/log/{path}", media_type=ANY, most=most)
        except NotFoundError:
            if width == TILE_WIDTH:
                raise
        # A log may remove partial tiles once the full one is there.
        whole, _, _ = path.rpartition(".p/")
        return self._connection.get(f"/log/{whole}", media_type=ANY, most=most)

    def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
        """Implements ``LogSource``; a log in static files discloses nothing."""
        try:
            yield from self._statements(start, stop)
        except NotFoundError:
            return
        except NotSignedInError:
            if not self._public:
                raise

    def _statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
        parameters = {"start": str(start), "limit": str(stop - start)}
        with self._connection.asked(
            "GET",
            "/api/v1/statements",
            media_type=LINES,
            most=STATEMENTS_OCTETS,
            parameters=parameters,
        ) as answer:
            expected, ended = start, False
            for line in _lines(answer.pieces, self.place):
                if ended:
                    raise self._wrong("goes on after its end")
                if line.startswith(_END):
                    if len(line) > _END_OCTETS:
                        raise self._wrong("has an end that is too long")
                    end: _End = decoded(line, _End, self.place)
                    ended = end.next == stop
                    if not ended:
                        raise self._wrong(f"ends at {end.next}, expected {stop}")
                    self.asker, self.reach = end.asker[:_NAME_MOST], end.reach
                    continue
                found = read_disclosed(decoded(line, DisclosedWire, self.place))
                if not expected <= found.number < stop:
                    raise self._wrong(f"holds statement {found.number} out of order")
                expected = found.number + 1
                yield found
            if not ended:
                raise self._wrong("was cut short")

    def _wrong(self, told: str) -> VerificationError:
        return VerificationError(
            f"the list of statements that {self.place} gives {told}",
            hint="try again; if it stays so, tell the keeper",
        )


def _lines(pieces: Iterator[bytes], place: str) -> Iterator[bytes]:
    """Split pieces into lines of bounded length."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from filter(None, lines)
        if len(rest) > STATEMENT_OCTETS:
            raise VerificationError(
                f"{place} sends a statement of more than {STATEMENT_OCTETS:,} octets",
                hint="tell the keeper",
            )
    if rest:
        yield rest
