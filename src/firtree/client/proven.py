"""Have a server prove its answer about a device, and work the answer out again.

The proof shows all entries of the hardware model and its maker under a signed
checkpoint; the answer follows from them, the day, the asker's name and how much it may
see.  The last two are the server's word: they decide what is limited, and the words.
Entries of other hardware, which a near match may name where firmware is not listed, are
not proven, and near matches are not compared.
"""

from collections import deque
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from firtree.catalogue.answer import Device
from firtree.catalogue.words import Standing
from firtree.client.connection import JSON, Connection, decoded
from firtree.client.log_server import LogServer
from firtree.devices import ModelKey
from firtree.errors import NotFoundError, VerificationError
from firtree.exchange.proof_file import answer_of
from firtree.exchange.proof_wire import read_state_proof
from firtree.exchange.reach import ReachWire, read_reach
from firtree.exchange.to_wire import assessment_wire
from firtree.exchange.wire import AssessmentWire, LogWire
from firtree.ledger.notes import Note
from firtree.ledger.policy import Policy
from firtree.library.sources import Provenance
from firtree.statements.recomputing import assess_shown
from firtree.statements.sayings import age
from firtree.statements.stateproof import Shown, verify_state_proof
from firtree.statements.types.entry import model_name
from firtree.text import london_day

_WRONG = "use no answer of this server, and tell its keeper and witnesses"


class Asker(NamedTuple):
    """Who asks, as the server says.

    Attributes:
        name: decides what is limited to named parties.
        reach: how much it may see.
    """

    name: str
    reach: ReachWire


def proven_answer(
    connection: Connection, device: Device, policy: Policy, now: datetime
) -> tuple[AssessmentWire, Provenance]:
    """Ask a server about a device as of now, and check its answer against the log.

    Args:
        connection: to the server.
        device: which.
        policy: whom the reader trusts; it does not come from the server.
        now: the reader's time.

    Returns:
        The answer, without its proof, and what may be said of it.

    Raises:
        InvalidInputError: the policy is another log's.
        VerificationError: the answer is not proven, or does not follow from what is.
        FirtreeError: the server cannot be asked.
    """
    place = str(connection.address)
    asked = {
        "manufacturer": device.manufacturer,
        "model": device.model,
        "firmware": device.firmware,
        "proof": "1",
    }
    if device.device_type is not None:
        asked["device_type"] = device.device_type.value
    octets = connection.get("/api/v1/assessment", media_type=JSON, parameters=asked)
    answer: AssessmentWire = decoded(octets, AssessmentWire, place)
    asker = _asker(LogServer(connection), answer.log.size)
    shown = check_answer(answer, device, policy, asker, now)
    checkpoint = shown.checkpoint
    checked = (
        f"checked against the log {checkpoint.origin} at size {checkpoint.size:,}: the "
        "answer follows from all entries of the hardware model"
    )
    notes = (checked, age(shown.cosigned, now).text)
    without = msgspec.structs.replace(answer, proof=msgspec.UNSET)
    return without, Provenance(kind="server", place=place, notes=notes)


def _asker(server: LogServer, size: int) -> Asker:
    """Ask who we are to the server; it says so at the end of a list of statements."""
    if size:
        deque(server.statements(size - 1, size), maxlen=0)
    if server.reach is None:
        raise VerificationError(
            f"{server.place} does not say how much you may see, so its answer cannot "
            "be checked"
        )
    return Asker(server.asker, server.reach)


def check_answer(
    answer: AssessmentWire,
    device: Device,
    policy: Policy,
    asker: Asker,
    now: datetime,
) -> Shown:
    """Check an answer against the proof that it comes with; give what that shows.

    Args:
        answer: with its proof.
        device: what was asked about.
        policy: whom the reader trusts.
        asker: who asked.
        now: the reader's time, by which the day in London is told.

    Raises:
        InvalidInputError: the policy is another log's.
        NotFoundError: the hardware model is out of the asker's reach, or is said not
            to be there where that would show what is.
        VerificationError: the answer is not proven, or does not follow from what is.
    """
    reach = read_reach(asker.reach)
    if not reach.covers(device.key):
        raise NotFoundError(
            f"hardware model {device.key} is not among what you may see, so nothing "
            "of it can be proven to you"
        )
    if isinstance(answer.proof, msgspec.UnsetType):
        raise VerificationError("the server gave no proof", hint=_WRONG)
    try:
        proof = read_state_proof(answer.proof)
        policy.check_fits(Note.parse(proof.log_proof.note))
        shown = verify_state_proof(proof, policy)
        _check_shown(answer, shown, device.key)
        ours = assess_shown(
            shown,
            device,
            day=london_day(now),
            asker=asker.name,
            partial=not reach.sees_all_of(device.key),
        )
    except VerificationError as error:
        raise VerificationError(
            f"the answer is not proven: {error}", hint=_WRONG
        ) from None
    if answer.log.size != shown.checkpoint.size:
        raise VerificationError(
            f"the answer is of log size {answer.log.size:,}, but proven under a "
            f"checkpoint of {shown.checkpoint.size:,}",
            hint=_WRONG,
        )
    wrong = _differences(answer, assessment_wire(device, ours, LogWire(0, "")))
    if wrong:
        raise VerificationError(
            f"the answer does not follow from the entries that are proven: it differs "
            f"in {', '.join(wrong)}",
            hint=f"at midnight in London, ask again; else {_WRONG}",
        )
    return shown


def _check_shown(answer: AssessmentWire, shown: Shown, key: ModelKey) -> None:
    """Check that a proof is about a model, unless it may leave that out.

    Where the proof that there is none would end at something that is not the asker's to
    see, it is left out (docs/formats/proof.md).
    """
    if answer.standing != Standing.UNKNOWN or ("model", model_name(key)) in shown.lists:
        return
    raise NotFoundError(
        f"the server says that there is no hardware model {key}, and did not prove it: "
        "a proof that would show what you may not see is left out",
        hint="ask without --policy for the server's word, or list the maker's models",
    )


def _differences(theirs: AssessmentWire, ours: AssessmentWire) -> list[str]:
    given, made = _comparable(theirs), _comparable(ours)
    return [name for name in made if given.get(name) != made[name]]


def _comparable(answer: AssessmentWire) -> dict[str, Any]:
    advice = tuple(one for one in answer.advice if one.code != "near-match")
    return answer_of(
        msgspec.structs.replace(answer, advice=advice, proof=msgspec.UNSET)
    )
