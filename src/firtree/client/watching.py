"""Watches a log for a reader: the checkpoint, its growth, and the reader's things.

The order of the checks: the log's signature and the quorum; the age; that the log
continues the checkpoint kept last; then, for each thing of the reader's, what the state
map holds of it, and what became of sections that could be opened.  What does not hold
is told, with the notes that show it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from firtree.access import Scope
from firtree.client.answers import Fetch, octets_of
from firtree.client.consistency import check_continued
from firtree.client.looking import Looking
from firtree.client.since import Erased, Since
from firtree.client.things import (
    Closed,
    Known,
    Thing,
    changes_between,
    closed_between,
)
from firtree.devices import ModelKey
from firtree.errors import VerificationError
from firtree.ledger.notes import NOTE_OCTETS_MOST, Checkpoint, Note
from firtree.ledger.policy import Cosigned, Policy
from firtree.library.views import recorder_shown
from firtree.statements.types.erasure import WORDS
from firtree.text import counted, shown

_SECTIONS = {"head": "who recorded it", "core": "CPL part", **WORDS}


class Kept(NamedTuple):
    """What was kept the last time.

    Attributes:
        note: the checkpoint; empty = this is the first time.
        things: what was proven of the reader's things then.
    """

    note: bytes = b""
    things: Known | None = None


class Seen(NamedTuple):
    """What was seen.

    Attributes:
        note: the checkpoint that was served, as it came.
        cosigned: what it says; None = it does not verify.
        wrong: sentences: what must not be.
        late: sentence: that the checkpoint is not current; empty = it is.
        changed: sentences: what became of the reader's things since last time.
        unknown: sentences: things that were never seen, and are not there now.
        things: what is to be kept of them; None = they could not be proven.
    """

    note: bytes
    cosigned: Cosigned | None
    wrong: tuple[str, ...] = ()
    late: str = ""
    changed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    things: Known | None = None


def watch(
    fetch: Fetch,
    policy: Policy,
    kept: Kept,
    things: tuple[Thing, ...],
    *,
    now: datetime,
    max_age: timedelta,
) -> Seen:
    """Look at a log once.

    Args:
        fetch: asks the server.
        policy: whom the reader trusts; it does not come from the server.
        kept: what was kept the last time.
        things: what the reader wants to know of.
        now: the time.
        max_age: how long ago the quorum may have cosigned at most.

    Raises:
        NotSignedInError, InvalidInputError: the server wants another token.
        UnavailableError: it cannot be reached, or cannot answer now.
    """
    note = octets_of(fetch, "/log/checkpoint", most=NOTE_OCTETS_MOST)
    try:
        cosigned = policy.verify(Note.parse(note))
    except VerificationError as error:
        return Seen(note, None, (f"the checkpoint does not verify: {error}",))
    late = _too_old(cosigned, now, max_age)
    try:
        check_continued(fetch, kept.note, cosigned.checkpoint)
        since = Since(fetch, policy, note, _size(kept.note))
        before = kept.things or {}
        look = Looking(fetch, policy, cosigned.checkpoint, before, since)
        for thing in things:
            look.at(thing)
        back, changed = changes_between(kept.things, look.found)
        vanished, gone = _closed(closed_between(kept.things, look.found), since)
    except VerificationError as error:
        return Seen(note, cosigned, (str(error),), late)
    rest = {name: known for name, known in before.items() if name not in look.forgotten}
    return Seen(
        note,
        cosigned,
        wrong=(*back, *vanished),
        late=late,
        changed=(*look.lost, *changed, *gone),
        unknown=tuple(look.unknown),
        things=rest | look.found,
    )


def _size(note: bytes) -> int:
    return Checkpoint.parse(Note.parse(note).text).size if note else 0


def _closed(closed: Iterable[Closed], since: Since) -> tuple[list[str], list[str]]:
    """Say what became of sections that can be opened no more.

    Returns:
        What must not be, and what may be, in sentences.

    Raises:
        VerificationError: what the server shows of an erasure does not verify.
    """
    wrong: list[str] = []
    gone: list[str] = []
    for one in closed:
        what = (
            f"{_SECTIONS[one.section]} of {one.whose} (section {one.section!r} of "
            f"statement {one.number})"
        )
        if (erased := since.erased(one.number, one.section)) is not None:
            gone.append(f"{what}: erased {_told(erased)}")
        elif not _is_within_reach(one, since.reach):
            gone.append(
                f"{what}: not open to you any more: the server says that your rights "
                "do not reach it now; if none of them was withdrawn and none has "
                "ended, ask the keeper"
            )
        else:
            wrong.append(
                f"{what}: open to you last time, and not now, although no statement "
                "says that it was erased, and your rights reach it"
            )
    return wrong, gone


def _told(erased: Erased) -> str:
    by = f", recorded by {recorder_shown(erased.by)}" if erased.by else ""
    why = f": {shown(erased.reason)}" if erased.reason else ""
    return f"by statement {erased.number} on {erased.at:%Y-%m-%d %H:%M} UTC{by}{why}"


def _is_within_reach(closed: Closed, reach: Scope) -> bool:
    """Tell whether rights reach a section of a statement."""
    if not closed.maker:  # a party may see all of itself, if it may read entries
        return reach.fir
    manufacturer, _, model = closed.model.partition("/")
    covered = (
        reach.covers(ModelKey(manufacturer, model))
        if closed.model
        else reach.covers_maker(closed.maker)
    )
    within = {
        "head": reach.concerns(closed.maker),
        "core": covered,
        "fir": covered and reach.fir,
        "people": covered and reach.people,
        "private": reach.private,
    }
    return within[closed.section]


def _too_old(cosigned: Cosigned, now: datetime, max_age: timedelta) -> str:
    if cosigned.at is None:
        return ""
    told = (
        f"the checkpoint is not current: enough witnesses cosigned it at "
        f"{cosigned.at:%Y-%m-%d %H:%M} UTC, "
    )
    if cosigned.is_ahead(now):
        return (
            f"{told}which by this clock is still to come: a witness's clock is wrong, "
            "or this one"
        )
    if now - cosigned.at <= max_age:
        return ""
    hours = counted(max_age / timedelta(hours=1), "hour")
    return f"{told}more than {hours} ago"
