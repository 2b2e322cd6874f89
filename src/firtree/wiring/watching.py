"""Watches a log from the outside, and keeps in a folder what was seen last.

The folder holds ``checkpoint.note`` and ``things.json``, what was seen when all was
well; ``evidence/`` with both notes for each time it was not; and ``lock``.  In
``things.json`` stands, for each thing, a list of ``[member, number of the newest
statement, hash of its body, its sections that were open, hardware model of an entry]``;
an older firtree wrote the first three of these.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from firtree.client.answers import WithinTime
from firtree.client.bounded import Bounded, HTTPGet
from firtree.client.mirror_state import is_mirror
from firtree.client.things import Known, Thing
from firtree.client.watching import Kept, Seen, watch
from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.whole import whole_file
from firtree.ledger.policy import Policy
from firtree.wiring.keyfile import sync_folder, writable

NOTE_FILE = "checkpoint.note"
THINGS_FILE = "things.json"
EVIDENCE_FOLDER = "evidence"
LOCK_FILE = "lock"
# Proofs of a large model may take a while to be sent.
PATIENCE_S = 60.0
# Of a whole run; the next one, of cron, is refused as long as it lasts.
ALL_S = 1800.0


class Watched(NamedTuple):
    """What watching found.

    Attributes:
        kept: what was kept the last time.
        seen: what was seen now.
        evidence: files that show what is wrong; none where nothing is.
    """

    kept: Kept
    seen: Seen
    evidence: tuple[Path, ...]


def watched(
    address: str,
    policy: Policy,
    folder: Path,
    things: tuple[Thing, ...],
    *,
    now: datetime,
    max_age: timedelta,
    token: str = "",
) -> Watched:
    """Look at a log once, and keep what was seen.

    A checkpoint that does not go with the one kept last does not take its place.

    Args:
        address: of the server, without a slash at its end.
        policy: whom the reader trusts.
        folder: keeps what was seen; made if it is not there.
        things: what the reader wants to know of.
        now: the time.
        max_age: how long ago the quorum may have cosigned at most.
        token: sent to the server; empty = none.

    Raises:
        InvalidInputError: the folder is a mirror, what is kept in it cannot be read,
            or the server wants another token.
        UnavailableError: the server cannot be reached or cannot answer now, another
            process watches, or the folder cannot be written.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    server = HTTPGet(address, Bounded(patience_s=PATIENCE_S, headers=headers))
    with _locked(folder):
        kept = _kept(folder)
        fetch = WithinTime(server, most_s=ALL_S, elapsed=time.monotonic)
        seen = watch(fetch, policy, kept, things, now=now, max_age=max_age)
        with writable(folder):
            if seen.things is not None and not seen.wrong:
                _keep(folder, seen.note, seen.things)
            evidence = _evidence(folder, kept, seen, now) if seen.wrong else ()
    return Watched(kept, seen, evidence)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if is_mirror(folder):
        raise InvalidInputError(
            f"--state: expected a folder that firtree watch keeps, found a mirror in "
            f"{folder}",
            hint="name a folder of its own; a mirror is brought up to date and checked "
            "with firtree log mirror and firtree log verify",
        )
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK_FILE).open("a", encoding="utf-8")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnavailableError(
                f"another process is watching with {folder}",
                hint="wait until it has ended, or give each its own --state folder",
            ) from None
        yield


def _kept(folder: Path) -> Kept:
    note, things = folder / NOTE_FILE, folder / THINGS_FILE
    try:
        if not note.exists():
            return Kept()
        known = things.read_bytes() if things.exists() else b"{}"
        return Kept(note.read_bytes(), msgspec.json.decode(known, type=Known))
    except OSError as error:
        raise UnavailableError(f"{folder} cannot be read: {error.strerror}") from None
    except msgspec.DecodeError:
        raise InvalidInputError(
            f"{things} is damaged",
            hint="remove it: what your things were like last time is then not compared",
        ) from None


def _keep(folder: Path, note: bytes, things: Known) -> None:
    written = msgspec.json.format(msgspec.json.encode(things), indent=1)
    for name, octets in ((THINGS_FILE, written), (NOTE_FILE, note)):
        with whole_file(folder / name) as part:
            part.write_bytes(octets)
    sync_folder(folder)


def _evidence(folder: Path, kept: Kept, seen: Seen, now: datetime) -> tuple[Path, ...]:
    """Keep both notes, and what is wrong with them."""
    place = folder / EVIDENCE_FOLDER
    place.mkdir(exist_ok=True)
    stamp = f"{now:%Y%m%dT%H%M%S}"
    told = "".join(f"{sentence}\n" for sentence in seen.wrong)
    files = [("kept.note", kept.note), ("found.note", seen.note)]
    paths = []
    for name, octets in [*files, ("wrong.txt", told.encode())]:
        if octets:
            path = place / f"{stamp}-{name}"
            with whole_file(path) as part:
                part.write_bytes(octets)
            paths.append(path)
    sync_folder(place)
    return tuple(paths)
