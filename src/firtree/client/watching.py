"""Watches a log for a reader: the checkpoint, its growth, and the reader's things.

The order of the checks: the log's signature and the quorum; the age; that the log
continues the checkpoint kept last; then, for each thing of the reader's, what the state
map holds of it.  What does not hold is told, with the notes that show it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import msgspec

from firtree.client.things import Known, Thing, changes_between, not_shown, was_seen
from firtree.errors import (
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    VerificationError,
)
from firtree.exchange.lists import ModelsWire
from firtree.exchange.proof_wire import (
    ConsistencyWire,
    StateProofWire,
    read_state_proof,
)
from firtree.exchange.wire import AssessmentWire, EntryAnswerWire
from firtree.ledger.notes import NOTE_OCTETS_MOST, Checkpoint, Note
from firtree.ledger.policy import NO_QUORUM, Cosigned, Policy
from firtree.ledger.proofs import verify_consistency
from firtree.library.witnesses.ports import Reply
from firtree.statements.stateproof import Item, Shown, verify_state_proof
from firtree.statements.types.entry import model_name
from firtree.statements.types.maker import maker_name
from firtree.text import base64_octets, counted, shown

ANSWER_OCTETS_MOST = 64 << 20
# A model's list and its maker's are proven whatever firmware is asked about.
_ANY_FIRMWARE = "00000000"
# A maker that has no model is proven together with the absence of this one.
_NO_MODEL = "00000000"
_PAGES_MOST = 500


class Fetch(Protocol):
    """A way to ask the server that is watched."""

    def __call__(
        self, path: str, *, most: int, parameters: Mapping[str, str] | None = None
    ) -> Reply:
        """Ask for a path below the server's address; redirects are not followed.

        Raises:
            UnavailableError: there was no whole answer in time.
            VerificationError: the answer is larger than ``most`` octets.
        """


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
        things: what was proven of them; None = they could not be proven.
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
    note = _answer(fetch, "/log/checkpoint", most=NOTE_OCTETS_MOST)
    try:
        cosigned = policy.verify(Note.parse(note))
    except VerificationError as error:
        return Seen(note, None, (f"the checkpoint does not verify: {error}",))
    late = _too_old(cosigned, now, max_age)
    try:
        _check_continued(fetch, kept.note, cosigned.checkpoint)
        before = kept.things or {}
        found, unknown = _things(fetch, policy, cosigned.checkpoint, before, things)
    except VerificationError as error:
        return Seen(note, cosigned, (str(error),), late)
    back, changed = changes_between(kept.things, found)
    told = (tuple(back), late, tuple(changed), unknown)
    return Seen(note, cosigned, *told, things=found)


def _too_old(cosigned: Cosigned, now: datetime, max_age: timedelta) -> str:
    if cosigned.at is None or now - cosigned.at <= max_age:
        return ""
    hours = counted(max_age / timedelta(hours=1), "hour")
    return (
        f"the checkpoint is not current: enough witnesses cosigned it at "
        f"{cosigned.at:%Y-%m-%d %H:%M} UTC, more than {hours} ago"
    )


def _check_continued(fetch: Fetch, kept_note: bytes, new: Checkpoint) -> None:
    """Check that the log continues the checkpoint that was kept.

    Raises:
        VerificationError: it does not, or went back.
        UnavailableError: the server cannot answer now.
    """
    if not kept_note:
        return
    old = Checkpoint.parse(Note.parse(kept_note).text)
    if old.origin != new.origin:
        raise VerificationError(
            f"the log is {shown(new.origin)}, and was {shown(old.origin)} last time"
        )
    if new.size < old.size:
        raise VerificationError(
            f"the log went back: it had {old.size} statements last time, and is shown "
            f"with {new.size} now"
        )
    if new.size == old.size:
        if new.root != old.root:
            raise VerificationError(
                f"the log has two histories: two checkpoints of size {new.size} differ"
            )
        return
    parameters = {"from": str(old.size), "to": str(new.size)}
    wire: ConsistencyWire = _json(
        fetch, "/log/proof/consistency", ConsistencyWire, parameters
    )
    try:
        verify_consistency(
            old=old.size,
            new=new.size,
            proof=[base64_octets(each) for each in wire.hashes],
            old_root=old.root,
            new_root=new.root,
        )
    except (ValueError, VerificationError) as error:
        raise VerificationError(
            f"the log of {counted(new.size, 'statement')} does not continue that of "
            f"{old.size:,} "
            f"that was shown last time: {error}"
        ) from None


def _things(
    fetch: Fetch,
    policy: Policy,
    checkpoint: Checkpoint,
    before: Known,
    things: tuple[Thing, ...],
) -> tuple[Known, tuple[str, ...]]:
    """Have proven what the register holds of each thing; name those it never held.

    Raises:
        VerificationError: it is not proven, or was seen before and is not shown now.
    """
    found: Known = {}
    unknown: list[str] = []
    for thing in things:
        try:
            proven = _thing(fetch, policy, checkpoint, thing, before)
        except NotFoundError as error:
            if was_seen(before, thing):
                raise VerificationError(
                    f"{thing}: it was shown last time, and is not shown now: {error}"
                ) from None
            proven = {}
        if not any(proven.values()) and not was_seen(before, thing):
            unknown.append(not_shown(thing))
        found |= proven
    return found, tuple(unknown)


def _thing(
    fetch: Fetch, policy: Policy, checkpoint: Checkpoint, thing: Thing, before: Known
) -> Known:
    if thing.kind == "entry":
        return _entry(fetch, policy, checkpoint, thing)
    if thing.kind == "model":
        return _model(fetch, policy, checkpoint, thing)
    return _maker(fetch, policy, checkpoint, thing, before)


def _entry(fetch: Fetch, policy: Policy, checkpoint: Checkpoint, thing: Thing) -> Known:
    parameters = {"at": str(checkpoint.size), "proof": "1"}
    answer: EntryAnswerWire = _json(
        fetch, f"/api/v1/entries/{thing.name}", EntryAnswerWire, parameters
    )
    proven = _proven(answer.proof, policy, checkpoint, str(thing))
    items = [
        item
        for (kind, _), listed in proven.lists.items()
        for item in listed or ()
        if kind == "model" and item.member == int(thing.name)
    ]
    if not items:
        raise VerificationError(f"{thing} is not in the list that was proven of it")
    return {str(thing): _plain(items)}


def _model(fetch: Fetch, policy: Policy, checkpoint: Checkpoint, thing: Thing) -> Known:
    manufacturer, model = thing.name.split("/")
    proven = _of_model(fetch, policy, checkpoint, manufacturer, model)
    name = model_name(thing.key)
    return {str(thing): _listed(proven, ("model", name), str(thing))}


def _maker(
    fetch: Fetch,
    policy: Policy,
    checkpoint: Checkpoint,
    thing: Thing,
    before: Known,
) -> Known:
    """Have a maker and all its models proven, those known last time included.

    The server says which models there are; what was there once and is not told now
    is asked for all the same.
    """
    prefix, party = f"model {thing.name}/", ("party", maker_name(thing.name))
    known = {name.removeprefix(prefix) for name in before if name.startswith(prefix)}
    models = sorted(known | set(_models(fetch, checkpoint, thing.name)))
    found: Known = {}
    for model in models or [_NO_MODEL]:
        proven = _of_model(fetch, policy, checkpoint, thing.name, model)
        found[str(thing)] = _listed(proven, party, str(thing))
        if models:
            each = Thing("model", f"{thing.name}/{model}")
            name = model_name(each.key)
            found[str(each)] = _listed(proven, ("model", name), str(each))
    return found


def _models(fetch: Fetch, checkpoint: Checkpoint, code: str) -> Iterator[str]:
    """Yield the models of a maker, as the server lists them."""
    parameters = {"manufacturer": code, "at": str(checkpoint.size), "limit": "200"}
    for _ in range(_PAGES_MOST):
        page: ModelsWire = _json(fetch, "/api/v1/models", ModelsWire, parameters)
        yield from (each.model for each in page.models)
        if page.next_cursor is None:
            return
        parameters["cursor"] = page.next_cursor
    raise VerificationError(f"maker {code}: the list of its models has no end")


def _of_model(
    fetch: Fetch,
    policy: Policy,
    checkpoint: Checkpoint,
    manufacturer: str,
    model: str,
) -> Shown:
    parameters = {
        "manufacturer": manufacturer,
        "model": model,
        "firmware": _ANY_FIRMWARE,
        "at": str(checkpoint.size),
        "proof": "1",
    }
    answer: AssessmentWire = _json(
        fetch, "/api/v1/assessment", AssessmentWire, parameters
    )
    what = f"model {manufacturer}/{model}"
    return _proven(answer.proof, policy, checkpoint, what)


def _proven(
    wire: StateProofWire | msgspec.UnsetType,
    policy: Policy,
    checkpoint: Checkpoint,
    what: str,
) -> Shown:
    """Verify a state proof under the very checkpoint that was verified before."""
    if isinstance(wire, msgspec.UnsetType):
        raise VerificationError(f"{what}: the server gave no proof")
    try:
        # Whether witnesses saw this checkpoint was looked at already.
        found = verify_state_proof(
            read_state_proof(wire), policy._replace(quorum=NO_QUORUM)
        )
    except VerificationError as error:
        raise VerificationError(f"{what}: {error}") from None
    if found.checkpoint != checkpoint:
        raise VerificationError(f"{what}: proven under another checkpoint")
    return found


def _listed(
    proven: Shown, name: tuple[str, str], what: str
) -> list[tuple[int, int, str]]:
    if name not in proven.lists:
        raise VerificationError(f"{what}: its list was not proven")
    return _plain(proven.lists[name] or ())


def _plain(items: Iterable[Item]) -> list[tuple[int, int, str]]:
    return [(item.member, item.number, item.body) for item in items]


def _json(
    fetch: Fetch, path: str, kind: type[Any], parameters: Mapping[str, str]
) -> Any:  # noqa: ANN401 - of that kind
    body = _answer(fetch, path, most=ANSWER_OCTETS_MOST, parameters=parameters)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError):
        raise VerificationError(f"{path}: the answer is not of its form") from None


def _answer(
    fetch: Fetch,
    path: str,
    *,
    most: int,
    parameters: Mapping[str, str] | None = None,
) -> bytes:
    reply = fetch(path, most=most, parameters=parameters)
    if reply.status == 200:
        return reply.body
    if reply.status in {429, 502, 503, 504}:
        raise UnavailableError(f"{path}: the server cannot answer now ({reply.status})")
    if reply.status in {401, 403}:
        raise InvalidInputError(
            f"{path}: the server does not let this reader in ({reply.status})",
            hint="give a token that may read entries: --token-file FILE",
        )
    first = reply.body[:200].decode(errors="replace")
    told = f"{path}: the server answered {reply.status}: {shown(first)}"
    # What everybody may read is always there; a thing may never have been.
    if reply.status == 404 and path.startswith("/api/"):
        raise NotFoundError(told)
    raise VerificationError(told)
