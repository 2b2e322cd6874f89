"""Have a server prove what its register holds of a reader's things.

What a reader asks for is proven to it as far as its rights reach.  So what was shown
last time and is not shown now is an alarm, unless the server says that the reader's
rights do not reach it any more: then that is what is told.
"""

from collections.abc import Iterator

import msgspec

from firtree.client.answers import Fetch, json_of
from firtree.client.since import Since
from firtree.client.things import (
    KeptItem,
    Known,
    Thing,
    model_of,
    not_shown,
    was_seen,
)
from firtree.errors import NotFoundError, VerificationError
from firtree.exchange.lists import ModelsWire
from firtree.exchange.proof_wire import StateProofWire, read_state_proof
from firtree.exchange.wire import AssessmentWire, EntryAnswerWire
from firtree.ledger.notes import Checkpoint
from firtree.ledger.policy import NO_QUORUM, Policy
from firtree.ledger.sections import SECTIONS
from firtree.statements.fold import Names, key_of_name
from firtree.statements.stateproof import Item, Shown, verify_state_proof
from firtree.statements.types.entry import model_name
from firtree.statements.types.maker import maker_name
from firtree.statements.types.party import party_name

# A model's list and its maker's are proven whatever firmware is asked about.
_ANY_FIRMWARE = "00000000"
# A maker that has no model is proven together with the absence of this one.
_NO_MODEL = "00000000"
_PAGES_MOST = 500
# Of one maker; each is asked about.
MODELS_MOST = 10_000


class _PartyAnswer(msgspec.Struct, frozen=True):
    """What is read of the answer about a party."""

    proof: StateProofWire | msgspec.UnsetType = msgspec.UNSET


class Looking:
    """Looks at things, one after the other.

    Args:
        fetch: asks the server.
        policy: whom the reader trusts.
        checkpoint: under which all is to be proven.
        before: what was proven last time.
        since: what the server says of the time since.

    Attributes:
        found: what is proven now, of the things that were looked at.
        unknown: sentences: things that were never seen, and are not there now.
        lost: sentences: things that the reader's rights do not reach any more.
        forgotten: things as they are kept, which are not to be kept any longer.
    """

    def __init__(
        self,
        fetch: Fetch,
        policy: Policy,
        checkpoint: Checkpoint,
        before: Known,
        since: Since,
    ) -> None:
        self._fetch = fetch
        # Whether witnesses saw this checkpoint was looked at already.
        self._policy = policy._replace(quorum=NO_QUORUM)
        self._checkpoint = checkpoint
        self._before = before
        self._since = since
        self.found: Known = {}
        self.unknown: list[str] = []
        self.lost: list[str] = []
        self.forgotten: set[str] = set()

    def at(self, thing: Thing) -> None:
        """Have proven what the register holds of a thing.

        Raises:
            VerificationError: it is not proven, or was seen before and is not shown
                now, although the reader's rights reach it.
            FirtreeError: the server cannot be asked, or not by this reader.
        """
        asks = {
            "entry": self._entry,
            "model": self._model,
            "maker": self._maker,
            "party": self._party,
        }
        try:
            proven = asks[thing.kind](thing)
        except NotFoundError as error:
            proven = {}
            if was_seen(self._before, thing):
                self._lose(thing, error)
        if not any(proven.values()) and not was_seen(self._before, thing):
            self.unknown.append(not_shown(thing))
        self.found |= proven

    def _lose(self, thing: Thing, error: NotFoundError) -> None:
        """Judge that a thing is not shown which was shown before.

        Raises:
            VerificationError: the reader's rights reach it.
        """
        model = model_of(self._before, thing)
        if self._is_within_reach(thing, model):
            raise VerificationError(
                f"{thing}: it was shown last time, and is not shown now: {error}"
            )
        self.forgotten |= {str(thing), f"model {model}"}
        self.lost.append(
            f"{thing} is not shown to you any more: the server says that your rights "
            "do not reach it now; if none of them was withdrawn and none has ended, "
            "ask the keeper"
        )

    def _is_within_reach(self, thing: Thing, model: str) -> bool:
        if thing.kind == "maker":
            return self._since.reach.covers_maker(thing.name)
        # Where it is not known which model an entry is of, nothing is excused.
        return not model or self._since.reach.covers(Thing("model", model).key)

    def _entry(self, thing: Thing) -> Known:
        answer: EntryAnswerWire = json_of(
            self._fetch,
            f"/api/v1/entries/{thing.name}",
            EntryAnswerWire,
            {"at": str(self._checkpoint.size), "proof": "1"},
        )
        proven = self._proven(answer.proof, str(thing))
        items = [
            kept
            for names, listed in proven.lists.items()
            for item in listed or ()
            if names[0] == "model" and item.member == int(thing.name)
            for kept in [_kept(proven, item, _model_of_list(names))]
        ]
        if not items:
            raise VerificationError(f"{thing} is not in the list that was proven of it")
        return {str(thing): items}

    def _model(self, thing: Thing) -> Known:
        proven = self._of_model(thing)
        return {str(thing): _listed(proven, ("model", model_name(thing.key)), thing)}

    def _maker(self, thing: Thing) -> Known:
        """Have a maker and all its models proven, those known last time included.

        The server says which models there are; what was there once and is not told now
        is asked for all the same.
        """
        prefix, party = f"model {thing.name}/", ("party", maker_name(thing.name))
        known = {n.removeprefix(prefix) for n in self._before if n.startswith(prefix)}
        models = sorted(known | set(self._models(thing.name)))
        found: Known = {}
        for model in models or [_NO_MODEL]:
            each = Thing("model", f"{thing.name}/{model}")
            try:
                proven = self._of_model(each)
                found[str(thing)] = _listed(proven, party, thing)
                if models:
                    of_model = ("model", model_name(each.key))
                    found[str(each)] = _listed(proven, of_model, each)
            except NotFoundError as error:
                if was_seen(self._before, each):
                    self._lose(each, error)
                elif models:
                    raise VerificationError(str(error)) from None
        if str(thing) not in found:
            raise NotFoundError(f"{thing}: its list was not proven")
        return found

    def _models(self, code: str) -> Iterator[str]:
        """Yield the models of a maker, as the server lists them."""
        size = str(self._checkpoint.size)
        parameters = {"manufacturer": code, "at": size, "limit": "200"}
        listed = 0
        for _ in range(_PAGES_MOST):
            page: ModelsWire = json_of(
                self._fetch, "/api/v1/models", ModelsWire, parameters
            )
            listed += len(page.models)
            if listed > MODELS_MOST:
                raise VerificationError(
                    f"maker {code}: the server lists more than {MODELS_MOST:,} models "
                    "of it, and each would be asked about; watch single models, or "
                    "keep a mirror (firtree log mirror)"
                )
            yield from (each.model for each in page.models)
            if page.next_cursor is None:
                return
            parameters["cursor"] = page.next_cursor
        raise VerificationError(f"maker {code}: the list of its models has no end")

    def _of_model(self, thing: Thing) -> Shown:
        parameters = {
            "manufacturer": thing.key.manufacturer,
            "model": thing.key.model,
            "firmware": _ANY_FIRMWARE,
            "at": str(self._checkpoint.size),
            "proof": "1",
        }
        answer: AssessmentWire = json_of(
            self._fetch, "/api/v1/assessment", AssessmentWire, parameters
        )
        return self._proven(answer.proof, str(thing))

    def _party(self, thing: Thing) -> Known:
        """Have the newest statement about a party proven.

        A party is shown as it is now, so under a checkpoint that may be newer; an
        older one could leave the newest statement out.
        """
        answer: _PartyAnswer = json_of(
            self._fetch,
            f"/api/v1/parties/{thing.name}",
            _PartyAnswer,
            {"proof": "1"},
        )
        proven, note = self._shown(answer.proof, str(thing))
        self._since.check_same(proven.checkpoint, note)
        if proven.checkpoint.size < self._checkpoint.size:
            raise VerificationError(f"{thing}: proven under an older checkpoint")
        names = "party", party_name(int(thing.name))
        return {str(thing): _listed(proven, names, thing)}

    def _proven(self, wire: StateProofWire | msgspec.UnsetType, what: str) -> Shown:
        """Verify a state proof under the very checkpoint that was verified before."""
        found, _ = self._shown(wire, what)
        if found.checkpoint != self._checkpoint:
            raise VerificationError(f"{what}: proven under another checkpoint")
        return found

    def _shown(
        self, wire: StateProofWire | msgspec.UnsetType, what: str
    ) -> tuple[Shown, str]:
        """Verify a state proof; give its checkpoint's note too."""
        if isinstance(wire, msgspec.UnsetType):
            raise VerificationError(f"{what}: the server gave no proof")
        try:
            proof = read_state_proof(wire)
            return verify_state_proof(proof, self._policy), proof.log_proof.note
        except VerificationError as error:
            raise VerificationError(f"{what}: {error}") from None


def _listed(proven: Shown, names: Names, thing: Thing) -> list[KeptItem]:
    """Give the items of a list.

    Raises:
        NotFoundError: it was not proven, as a list that is out of reach is not.
    """
    if names not in proven.lists:
        raise NotFoundError(f"{thing}: its list was not proven")
    return [_kept(proven, item) for item in proven.lists[names] or ()]


def _kept(proven: Shown, item: Item, model: str = "") -> KeptItem:
    """Give what is kept of an item, with the sections that are open."""
    recorded = proven.statements.get(item.number)
    sections = recorded.statement.body.sections if recorded else ()
    opened = tuple(
        name
        for name, octets in zip(SECTIONS, sections, strict=False)
        if octets is not None
    )
    return KeptItem(item.member, item.number, item.body, opened, model)


def _model_of_list(names: Names) -> str:
    key = key_of_name(names[1])
    return f"{key.manufacturer}/{key.model}"
