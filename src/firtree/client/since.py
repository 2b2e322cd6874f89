"""What a server says of the time since it was last looked at: erasures, and our reach.

It is asked only where something that was shown is shown no more.  An erasure is
believed when its statement is in the log; how far our rights reach is the server's
word, which can be held against it.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import msgspec

from firtree.access import Scope
from firtree.client.answers import Fetch, json_of, octets_of
from firtree.client.consistency import check_continued
from firtree.client.replay import told_by
from firtree.errors import NotFoundError, VerificationError
from firtree.exchange.history_wire import StatementsEndWire
from firtree.exchange.proof_wire import read_disclosed
from firtree.exchange.reach import ReachWire, read_reach
from firtree.exchange.wire import StatementAnswerWire
from firtree.ledger.logproof import LogProof
from firtree.ledger.notes import Checkpoint, Note
from firtree.ledger.policy import NO_QUORUM, Policy
from firtree.library.ports import StatementRow
from firtree.statements.stateproof import ProvenStatement, verify_recorded
from firtree.statements.types.erasure import Erasure

# An answer is held in memory whole: some 3 MB, and what a hostile server may send.
_AT_ONCE = 1000
_OCTETS_MOST = 64 << 20
_PAGES_MOST = 5000
_END = b'{"next":'
_NOTHING = ReachWire(makers=(), fir=False, people=False)


class Erased(NamedTuple):
    """That a section was erased, as a statement of the log says.

    Attributes:
        number: of that statement, counted from 0.
        at: when it was recorded.
        by: who recorded it; empty = not the reader's to know.
        reason: why, in words; empty = likewise.
    """

    number: int
    at: datetime
    by: str
    reason: str


class _Core(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section ``core`` of an erasure."""

    section: str
    statement: int


class _Text(msgspec.Struct, frozen=True):
    text: str | None


class _Sections(msgspec.Struct, frozen=True):
    core: _Text


class _Line(msgspec.Struct, frozen=True):
    """What is read of a statement to tell whether it is an erasure."""

    index: int
    sections: _Sections


_LINE = msgspec.json.Decoder(_Line)
_CORE = msgspec.json.Decoder(_Core)
_LAST = msgspec.json.Decoder(StatementsEndWire)


class Since:
    """Asks a server about the time since a log size.

    Args:
        fetch: asks it.
        policy: whom the reader trusts.
        note: the checkpoint of now, verified.
        size: the log size since which.
    """

    def __init__(self, fetch: Fetch, policy: Policy, note: bytes, size: int) -> None:
        self._fetch = fetch
        # Whether witnesses saw what is newer than the checkpoint need not be known.
        self._policy = policy._replace(quorum=NO_QUORUM)
        self._note = note
        self._size = size
        self._known: dict[tuple[int, str], Erased | None] = {}

    @property
    def reach(self) -> Scope:
        """How much the server says that we may see."""
        return read_reach(self._told[1])

    def erased(self, number: int, section: str) -> Erased | None:
        """Give what the log says of the erasure of a section; None = it says nothing.

        Raises:
            VerificationError: what the server shows of it does not verify.
        """
        asked = number, section
        if asked not in self._known:
            place = self._told[0].get(asked)
            found = None if place is None else self._verified(place, *asked)
            self._known[asked] = found
        return self._known[asked]

    @cached_property
    def _told(self) -> tuple[dict[tuple[int, str], int], ReachWire]:
        """Give the numbers of the statements that are said to be erasures, and reach.

        A log may be larger by now than the checkpoint that was looked at.
        """
        erasures: dict[tuple[int, str], int] = {}
        start = self._size
        for _ in range(_PAGES_MOST):
            try:
                *lines, last = self._page(start)
                end = _LAST.decode(last)
                erasures |= _erasures(lines)
            except NotFoundError:  # we may read no entries at all any more
                return {}, _NOTHING
            except (ValueError, msgspec.DecodeError, RecursionError):
                raise VerificationError(
                    "the list of statements is not of its form"
                ) from None
            if end.next >= end.log.size or end.next <= start:
                return erasures, end.reach or _NOTHING
            start = end.next
        raise VerificationError("the list of statements has no end")

    def _page(self, start: int) -> list[bytes]:
        parameters = {"start": str(start), "limit": str(_AT_ONCE)}
        octets = octets_of(
            self._fetch,
            "/api/v1/statements",
            most=_OCTETS_MOST,
            parameters=parameters,
        )
        return octets.splitlines()

    def _verified(self, place: int, number: int, section: str) -> Erased | None:
        """Read the statement that is said to be an erasure; None = it is another."""
        wire: StatementAnswerWire = json_of(
            self._fetch, f"/api/v1/statements/{place}", StatementAnswerWire, {}
        )
        log_proof, found = (
            LogProof.parse(wire.log_proof),
            read_disclosed(wire.statement),
        )
        proven = ProvenStatement(found, log_proof.hashes)
        recorded, cosigned = verify_recorded(proven, log_proof.note, self._policy)
        self.check_same(cosigned.checkpoint, log_proof.note)
        body = found.body
        told = told_by(
            StatementRow(
                found.number,
                found.leaf,
                "",
                *body.sections,
                body.salts,
                body.commitments,
            )
        )
        if told is None or not isinstance(told.subject, Erasure):
            return None
        subject = told.subject
        if (subject.statement, subject.section) != (number, section):
            return None
        return Erased(found.number, recorded.at, told.by, subject.reason)

    def check_same(self, found: Checkpoint, note: str) -> None:
        """Check that a checkpoint is of the log that was looked at.

        Args:
            found: the checkpoint, of any size; the log's signature is verified.
            note: it, as it came.

        Raises:
            VerificationError: it is not.
        """
        ours = Checkpoint.parse(Note.parse(self._note).text)
        if found.size < ours.size:
            check_continued(self._fetch, note.encode(), ours)
        else:
            check_continued(self._fetch, self._note, found)


def _erasures(lines: list[bytes]) -> Iterator[tuple[tuple[int, str], int]]:
    """Yield what statements say to erase, and their numbers."""
    for line in lines:
        found = _LINE.decode(line)
        try:
            core = _CORE.decode(found.sections.core.text or "")
        except msgspec.DecodeError:
            continue  # it is of another type
        yield (core.statement, core.section), found.index
