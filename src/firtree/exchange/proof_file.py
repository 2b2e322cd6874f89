"""The file of a proof: question, answers and state proof (docs/formats/proof.md)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from firtree.catalogue.answer import Assessment, Device
from firtree.catalogue.entry import Entry
from firtree.devices import ModelKey
from firtree.errors import VerificationError
from firtree.exchange.proof_wire import StateProofWire, read_state_proof
from firtree.exchange.to_wire import assessment_wire
from firtree.exchange.wire import LogWire
from firtree.ledger.policy import Policy
from firtree.statements.recomputing import assess_each, entries_shown
from firtree.statements.sayings import Saying, sayings
from firtree.statements.stateproof import Shown, verify_state_proof
from firtree.text import FIRST_DAY, LAST_DAY
from firtree.text import shown as quoted

FORMAT = "firtree/proof/v1"
OCTETS_MOST = 64 << 20
# Of the hardware model: an answer is worked out for each version, from all of them.
ENTRIES_MOST = 2000


class QuestionWire(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked: one entry, or all of a hardware model where ``entry`` is null.

    ``day`` is the day in London to which dates are compared, ``asker`` the name that
    decides what is *limited* to named parties, ``partial`` whether the asker might see
    only a part of what the answers could rest on, which decides their words.
    """

    entry: int | None
    manufacturer: str
    model: str
    day: date
    asker: str
    partial: bool = False


class ProofFileWire(msgspec.Struct, frozen=True, kw_only=True):
    """A proof with what it is about; answers are those of the API, without ``log``."""

    format: str
    question: QuestionWire
    answers: tuple[dict[str, Any], ...]
    proof: StateProofWire


class Difference(NamedTuple):
    """A field in which an answer is not what the catalogue says of what is proven.

    Attributes:
        firmware: the version that was asked about.
        field: of the answer.
    """

    firmware: str
    field: str

    def __str__(self) -> str:
        return f"the answer for firmware {self.firmware} differs in {self.field!r}"


class Checked(NamedTuple):
    """What a file of a proof shows.

    Attributes:
        question: what it is about.
        shown: what was verified.
        answers: worked out from what was verified, by firmware version.
        entries: every entry of the hardware model, as far as its sections are open.
        sayings: what may be said.
        differences: of the answers from what the catalogue says; empty = none.
    """

    question: QuestionWire
    shown: Shown
    answers: Mapping[str, Assessment]
    entries: tuple[Entry, ...]
    sayings: tuple[Saying, ...]
    differences: tuple[Difference, ...]


_DECODER = msgspec.json.Decoder(ProofFileWire)


def write_proof_file(wire: ProofFileWire) -> bytes:
    """Write the file: JSON, indented, with a line feed at its end."""
    return msgspec.json.format(msgspec.json.encode(wire), indent=1) + b"\n"


def read_proof_file(octets: bytes) -> ProofFileWire:
    """Read a file of a proof; nothing is verified yet.

    Raises:
        VerificationError: it is not one.
    """
    if len(octets) > OCTETS_MOST:
        raise VerificationError(f"not read: a proof above {OCTETS_MOST} octets")
    try:
        wire = _DECODER.decode(octets)
    except (msgspec.DecodeError, RecursionError) as error:
        raise VerificationError(f"not a file of a proof: {error}") from None
    if wire.format != FORMAT:
        raise VerificationError(f"not a proof of the form {FORMAT}")
    if not FIRST_DAY <= wire.question.day <= LAST_DAY:
        raise VerificationError(
            f"not a file of a proof: its question is of the day {wire.question.day}, "
            f"expected one from {FIRST_DAY} to {LAST_DAY}"
        )
    return wire


def more_than_fit(key: ModelKey, entries: int) -> str:
    """Tell that a hardware model has too many entries for a file; empty = it has not.

    Whoever checks a file of a stranger is to be kept at it for seconds, not for hours.
    """
    if entries <= ENTRIES_MOST:
        return ""
    return f"hardware model {key} has {entries:,} entries, above {ENTRIES_MOST:,}"


def check_proof_file(wire: ProofFileWire, policy: Policy, now: datetime) -> Checked:
    """Verify a proof, and compare its answers with what the catalogue says.

    Args:
        wire: the file.
        policy: whom the reader trusts; it must not come with the file.
        now: the reader's time.

    Raises:
        VerificationError: with the first thing of the proof that is wrong.
    """
    question = wire.question
    shown = verify_state_proof(read_state_proof(wire.proof), policy)
    key = ModelKey.of(question.manufacturer, question.model)
    entries = entries_shown(shown, key)
    if too_many := more_than_fit(key, len(entries)):
        raise VerificationError(f"not checked: {too_many}")
    asked = [e for e in entries if question.entry in {None, e.id}]
    if question.entry is not None and not asked:
        raise VerificationError(
            f"entry {question.entry} is not among those of hardware model {key}"
        )
    answered = Counter(map(_firmware, wire.answers))
    for firmware, count in answered.items():
        if count > 1:
            raise VerificationError(
                f"the file has two answers for firmware {quoted(firmware)}"
            )
    versions = list(dict.fromkeys(entry.firmware_key for entry in asked))
    found = assess_each(
        shown,
        key,
        [device_of(key, version) for version in versions],
        day=question.day,
        asker=question.asker,
        partial=question.partial,
    )
    answers = dict(zip(versions, found, strict=True))
    return Checked(
        question=question,
        shown=shown,
        answers=answers,
        entries=tuple(entries),
        sayings=tuple(sayings(shown, now)),
        differences=tuple(_differences(wire, key, answers)),
    )


def _differences(
    wire: ProofFileWire, key: ModelKey, answers: Mapping[str, Assessment]
) -> Iterator[Difference]:
    """Compare the answer for each firmware version; none may be missing or too much."""
    given = {_firmware(answer): answer for answer in wire.answers}
    for version in dict.fromkeys((*answers, *given)):
        if version not in answers or version not in given:
            yield Difference(version, "being there")
            continue
        device = device_of(key, version)
        ours = answer_of(assessment_wire(device, answers[version], LogWire(0, "")))
        theirs = given[version]
        for field in sorted({*ours, *theirs}):
            if ours.get(field) != theirs.get(field):
                yield Difference(version, field)


def _firmware(answer: dict[str, Any]) -> str:
    device = answer.get("device")
    return str(device.get("firmware")) if isinstance(device, dict) else ""


def device_of(key: ModelKey, firmware: str) -> Device:
    """Give the device that an answer of a proof is about."""
    return Device(manufacturer=key.manufacturer, model=key.model, firmware=firmware)


def answer_of(wire: msgspec.Struct) -> dict[str, Any]:
    """Give the JSON of an answer, without the log it was given at."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(wire))
    del found["log"]
    return found
