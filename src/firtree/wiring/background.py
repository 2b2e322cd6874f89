"""What runs beside the web application: duties, and the witnesses they are about."""

import os
import secrets
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from firtree.errors import InvalidInputError, UnavailableError
from firtree.ledger.notes import NOTE_OCTETS_MOST
from firtree.ledger.policy import Policy
from firtree.library.duties import Duties, Duty
from firtree.library.keeping.keys import LogKeys, keys_of_log
from firtree.library.keeping.seen import Seen, check_seen
from firtree.library.witnesses.looking import sightings
from firtree.library.witnesses.ports import Reply
from firtree.library.witnesses.sending import LOOKED_AT_EVERY, Sender
from firtree.library.witnesses.serving import Served
from firtree.settings import Settings
from firtree.storage.duties import SQLDuties
from firtree.text import shown
from firtree.wiring import Parts, accounts
from firtree.wiring.current_key import CurrentSigner

# It is sealed once a day; looking for the new day costs next to nothing.
_ACCESS_LOG_EVERY = timedelta(hours=1)
# How long witnesses are waited for before a server starts.
_STARTING_PATIENCE_S = 5.0
# The server is ended by force not much later.
STOPPING_S = 3.0


class Witnessing(NamedTuple):
    """What a register that has witnesses keeps and serves.

    Attributes:
        policy: whom checkpoints are sent to, and how many suffice.
        book: what they answered.
        served: gives the checkpoint that is shown.
        outdated: what should be changed in the policy's file; empty = nothing.
    """

    policy: Policy
    book: SQLDuties
    served: Served
    outdated: str


def witnessing(settings: Settings, parts: Parts) -> Witnessing | None:
    """Join what the witnesses of a register need; None where none are set.

    Raises:
        InvalidInputError: the policy file is wrong, or does not go with this log.
    """
    if not settings.witness_policy:
        return None
    policy = read_policy(Path(settings.witness_policy))
    with parts.register.reading() as tx:
        keys = keys_of_log(tx)
    _check_fits(policy, keys)
    book = SQLDuties(parts.register)
    served = Served(parts.register, parts.signer, policy, book)
    return Witnessing(policy, book, served, _outdated(policy, parts.signer))


def read_policy(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        InvalidInputError: it is not there, or something in it is wrong.
        UnavailableError: it cannot be read.
    """
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        raise InvalidInputError(
            f"there is no policy file {path}",
            hint="its form is that of c2sp.org/tlog-policy; see docs/witnesses.md",
        ) from None
    except OSError as error:
        raise UnavailableError(
            f"the policy file {path} cannot be read: {error.strerror}"
        ) from None
    return Policy.parse(octets, str(path))


def _check_fits(policy: Policy, keys: LogKeys) -> None:
    """Check that a policy is one for this log, and that checkpoints can be sent.

    An earlier key of the log is good enough: a server is not kept from starting because
    the key was rotated.

    Raises:
        InvalidInputError: it is not, or they cannot.
    """
    named = {log.verifier for log in policy.logs}
    if named and named.isdisjoint(keys.all):
        raise InvalidInputError(
            "FIRTREE_WITNESS_POLICY: expected a log line with the key of "
            f"{keys.current.name}, or no log line, found other logs",
            hint=f"this log's line is: log {keys.current}",
        )
    for witness in policy.witnesses:
        if witness.url and not _is_address(witness.url):
            raise InvalidInputError(
                f"FIRTREE_WITNESS_POLICY: expected an http or https address of witness "
                f"{shown(witness.name)}, without a password, found another form"
            )


def _outdated(policy: Policy, signer: CurrentSigner) -> str:
    """Say that a policy has earlier keys of the log alone; empty = it has not."""
    named = {log.verifier for log in policy.logs}
    if not named or not named.isdisjoint(signer.verifiers):
        return ""
    return (
        "FIRTREE_WITNESS_POLICY: the file has an earlier key of the log; put this line "
        f"in its place, also for readers who have the same file: log {signer.verifier}"
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        plain = parts.username is None and not parts.query and not parts.fragment
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain
    except ValueError:
        return False


def duties_of(settings: Settings, parts: Parts, found: Witnessing | None) -> list[Duty]:
    """Give what has to be done in the background of a register."""
    keep = partial(accounts.keep_access_log, parts, settings)
    duties = [Duty("keeping the access log", _ACCESS_LOG_EVERY, keep)]
    if found is not None:
        duties.append(_sending(parts, found))
    return duties


def _sending(parts: Parts, found: Witnessing) -> Duty:
    # httpx takes a tenth of a second to import, and only sending needs it.
    from firtree.client.bounded import HTTPPost  # noqa: PLC0415

    policy, book = found.policy, found.book
    sender = Sender(
        parts.register, parts.signer, policy, book, HTTPPost(), now=parts.now
    )
    return Duty("sending checkpoints to witnesses", LOOKED_AT_EVERY, sender.send)


def check_with_witnesses(parts: Parts, found: Witnessing) -> None:
    """Check that a register continues what its witnesses have seen of it.

    Witnesses that cannot be reached are passed over.

    Raises:
        VerificationError: it went back, or is another log.
    """
    from firtree.client.bounded import Bounded  # noqa: PLC0415

    exchanges = Bounded(patience_s=_STARTING_PATIENCE_S)

    def get(url: str) -> Reply:
        return exchanges.exchanged("GET", url, most=NOTE_OCTETS_MOST)

    with parts.register.reading() as tx:
        keys = keys_of_log(tx).all
    seen = sightings(found.policy, parts.signer.name, keys, get)
    check_seen(
        parts.register,
        [
            Seen(one.checkpoint.size, one.checkpoint.root, f"witness {one.witness}")
            for one in seen
        ],
    )


@contextmanager
def running(parts: Parts, each: Sequence[Duty]) -> Iterator[None]:
    """Do the duties of a register in a thread, until the block ends."""
    work = Duties(
        each,
        SQLDuties(parts.register),
        holder=f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(8)}",
        now=parts.now,
    )
    stopped = threading.Event()
    thread = threading.Thread(
        target=_work, args=(work, stopped), name="duties", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(STOPPING_S)
        work.stop()


def _work(duties: Duties, stopped: threading.Event) -> None:
    while not stopped.is_set():
        stopped.wait(duties.turn().total_seconds())
