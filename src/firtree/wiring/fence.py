"""The fence: a small file outside the database that knows what was signed.

It has two slots of 512 octets, each one line of text: the name of the log, the newest
signed size and root, the file's own number and the database it belongs to, and a check
sum.  The slots are written in turn, in place, so that one is whole at any moment.  A
copy of the file has another number (inode) than the line says, and so is noticed.

A line is in the system's hands before the checkpoint leaves the process, so no kill
loses it; it is synced to the disk at most once a second (decision 0020).
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from firtree.errors import InvalidInputError, UnavailableError, VerificationError
from firtree.ledger.notes import Checkpoint, Note, Signature, Signer
from firtree.library.keeping.seen import Seen, check_not_behind
from firtree.library.ports import Head, Reading
from firtree.settings import Settings
from firtree.wiring.keyfile import sync_folder

FENCE_FILE = "log.fence"
_FORMAT = "firtree/fence/v1"
_SLOT_OCTETS = 512
_SLOTS = 2
_SUM_DIGITS = 16
_SYNCED_EVERY_S = 1.0


class Line(NamedTuple):
    """What a fence says.

    Attributes:
        origin: name of the log.
        size, root: the newest that was signed; 0 and zeros = nothing yet.
        number: of the file itself, in its file system.
        database: what the database is known by.
    """

    origin: str
    size: int
    root: bytes
    number: int
    database: str

    def encode(self) -> bytes:
        """Write it as a slot."""
        words = (self.origin, self.size, self.root.hex(), self.number, self.database)
        text = " ".join((_FORMAT, *map(str, words)))
        line = f"{text} {_sum(text)}".ljust(_SLOT_OCTETS - 1) + "\n"
        octets = line.encode("ascii")
        if len(octets) != _SLOT_OCTETS:
            raise ValueError("a fence's line does not fit its slot")
        return octets

    @staticmethod
    @lru_cache(maxsize=8)  # of the two slots, one is read again and again
    def parse(octets: bytes) -> "Line | None":
        """Read a slot; None = it is not whole."""
        try:
            text, _, check = octets.decode("ascii").rstrip().rpartition(" ")
            kind, origin, size, root, number, database = text.split(" ")
            if kind != _FORMAT or check != _sum(text):
                return None
            return Line(origin, int(size), bytes.fromhex(root), int(number), database)
        except ValueError:
            return None


def _sum(text: str) -> str:
    return sha256(text.encode("ascii")).hexdigest()[:_SUM_DIGITS]


def fence_path(settings: Settings) -> Path:
    """Give where the fence is."""
    return Path(settings.fence or Path(settings.data) / FENCE_FILE)


class FenceFile:
    """Implements ``Fence`` on a file.

    Args:
        path: of the file.
        origin: name of the log.
        database: what the database is known by, without blanks.
        monotonic: seconds that only grow.
    """

    def __init__(
        self,
        path: Path,
        *,
        origin: str,
        database: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._origin = origin
        self._database = database
        self._lock = threading.Lock()
        self._noted = 0
        self._monotonic = monotonic
        self._synced_at = -_SYNCED_EVERY_S
        self._agreed = Seen(0, b"", "")

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def make(self, size: int, root: bytes) -> None:
        """Write the file anew: this register, in this place, is the one and only.

        Raises:
            UnavailableError: it cannot be written.
        """
        beside = self._path.with_name(f".{self._path.name}.{token_hex(4)}.part")
        with self._writable():
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                number = os.fstat(descriptor).st_ino
                line = Line(self._origin, size, root, number, self._database)
                os.write(descriptor, line.encode() * _SLOTS)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            beside.replace(self._path)
            sync_folder(self._path.parent)

    def read(self) -> Line:
        """Give what the fence says, if it is that of this register in this place.

        Raises:
            InvalidInputError: it is not, or there is none, or it is damaged.
            UnavailableError: it cannot be read.
        """
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise self._absent("is not there") from None
        except OSError as error:
            raise UnavailableError(
                f"the fence file {self._path} cannot be read: {error.strerror}",
                hint="check who owns it; its mode is 0600",
            ) from None
        try:
            return self._read(descriptor)[0]
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int) -> tuple[Line, int]:
        """Give the newest line, and the slot that does not hold it."""
        lines = _lines(os.pread(descriptor, _SLOT_OCTETS * _SLOTS, 0))
        line = _newest(lines)
        if line is None:
            raise self._absent("is damaged")
        self._check_origin(line)
        if line.number != os.fstat(descriptor).st_ino:
            raise InvalidInputError(
                f"this is a copy: the fence file {self._path} was written elsewhere",
                hint=_ONE_AND_ONLY,
            )
        if line.database != self._database:
            raise InvalidInputError(
                f"the database is not the one that the fence file {self._path} was "
                "written beside",
                hint=_ONE_AND_ONLY,
            )
        sizes = [-1 if one is None else one.size for one in lines]
        return line, sizes.index(min(sizes))

    def _check_origin(self, line: Line) -> None:
        if line.origin != self._origin:
            raise InvalidInputError(
                f"the fence file {self._path} is that of {line.origin}, the register "
                f"is {self._origin}",
                hint="check --data, FIRTREE_DATABASE and FIRTREE_FENCE",
            )

    def _absent(self, what: str) -> InvalidInputError:
        return InvalidInputError(
            f"the fence file {self._path} {what}, so nobody knows whether the register "
            "went back",
            hint=_ONE_AND_ONLY,
        )

    def seen(self) -> Seen:
        """Give the newest that was signed, as far as this file knows.

        Raises:
            InvalidInputError: it is not the fence of this register in this place.
        """
        line = self.read()
        return Seen(line.size, line.root, f"the fence file {self._path}")

    def seen_elsewhere(self) -> Seen | None:
        """Give the newest that a fence knows which may be a copy; None = it tells none.

        Raises:
            InvalidInputError: it is that of another log.
        """
        try:
            octets = self._path.read_bytes()
        except OSError:
            return None
        line = _newest(_lines(octets))
        if line is None:
            return None
        self._check_origin(line)
        return Seen(line.size, line.root, f"the fence file {self._path}")

    def check(self, tx: Reading, head: Head) -> None:
        """Compare the register with what was signed (see ``Fence``)."""
        seen = self.seen()
        if seen.size <= head.size and seen == self._agreed:
            return  # the same was compared before, and the log only grows
        check_not_behind(tx, head, seen)
        self._agreed = seen

    def note(self, size: int, root: bytes) -> None:
        """Remember what is about to be signed (see ``Fence``)."""
        if size <= self._noted:
            return
        with self._lock, self._writable():
            descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                line, place = self._read(descriptor)
                if size > line.size:
                    self._write(descriptor, place, line._replace(size=size, root=root))
                elif size == line.size and root != line.root:
                    raise VerificationError(
                        f"another log of size {size} was signed before, as the fence "
                        f"file {self._path} tells; this one is not signed",
                        hint="keep the database as evidence, and see docs/keeping.md",
                    )
            finally:
                os.close(descriptor)
            self._noted = max(self._noted, size)

    def _write(self, descriptor: int, place: int, line: Line) -> None:
        os.pwrite(descriptor, line.encode(), place * _SLOT_OCTETS)
        # A line that a crash of the machine takes away leaves an older one, which the
        # database continues all the same.
        if self._monotonic() - self._synced_at >= _SYNCED_EVERY_S:
            os.fdatasync(descriptor)
            self._synced_at = self._monotonic()

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UnavailableError(
                f"the fence file {self._path} cannot be written: {error.strerror}; "
                "what was recorded stays, and nothing is signed until it can",
                hint="check the disk and who owns the file, then run the same again",
            ) from None


_ONE_AND_ONLY = (
    "two copies of a register in use are two logs with one name: if this is the only "
    "one that will ever be used again, run firtree log fence --accept"
)


def _newest(lines: list[Line | None]) -> Line | None:
    """Give the newest line of a fence; None = none is whole."""
    whole = [line for line in lines if line is not None]
    return max(whole, key=lambda one: one.size, default=None)


def _lines(octets: bytes) -> list[Line | None]:
    """Read the slots; None = one that is not whole."""
    return [
        Line.parse(octets[start : start + _SLOT_OCTETS].ljust(_SLOT_OCTETS))
        for start in range(0, _SLOT_OCTETS * _SLOTS, _SLOT_OCTETS)
    ]


class FencedSigner(Signer):
    """Signs what the fence remembers; checkpoints leave by this door only.

    Args:
        signer: the log's key.
        fence: told of each checkpoint before it is signed.
    """

    def __init__(self, signer: Signer, fence: FenceFile) -> None:
        super().__init__(signer.name, signer._seed)  # noqa: SLF001 - its own kind
        self._fence = fence

    def signature(self, text: str) -> Signature:
        """Sign a checkpoint; it is remembered first, and durably.

        Raises:
            UnavailableError: it cannot be remembered.
        """
        checkpoint = Checkpoint.parse(text)
        self._fence.note(checkpoint.size, checkpoint.root)
        return super().signature(text)


class BothSigner(FencedSigner):
    """Signs with a log's new key, and for a time with the one before too.

    Args:
        signer: the new key.
        fence: told of each checkpoint before it is signed.
        old: the key before.
        until: last day, UTC, on which it signs.
        now: the clock.
    """

    def __init__(
        self,
        signer: Signer,
        fence: FenceFile,
        old: Signer,
        *,
        until: date,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(signer, fence)
        self._old = old
        self._until = until
        self._now = now

    def sign(self, text: str) -> str:
        """Sign a checkpoint; give the note with one or both signatures."""
        signatures = [self.signature(text)]
        if self._now().astimezone(UTC).date() <= self._until:
            signatures.append(self._old.signature(text))
        return str(Note(text, tuple(signatures)))
