"""Make the file of a proof: of an entry or of a hardware model, with its answers."""

from firtree.access import Principal, Right, scope_of
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, NotFoundError
from firtree.exchange.proof_file import (
    FORMAT,
    ProofFileWire,
    QuestionWire,
    answer_of,
    device_of,
    more_than_fit,
)
from firtree.exchange.proof_wire import state_proof_wire
from firtree.exchange.to_wire import assessment_wire
from firtree.exchange.wire import LogWire
from firtree.library.lookup import Lookup
from firtree.library.models import entry_of
from firtree.library.views import View, missing


def prove_entry(
    lookup: Lookup, principal: Principal, entry_id: int, view: View
) -> ProofFileWire:
    """Prove an entry: its hardware model's whole list, and what it should run.

    Raises:
        NotFoundError: there is no such entry, or it is not the principal's to see.
        InvalidInputError: its hardware model has too many for a file.
    """
    entry = lookup.entry(principal, entry_id, view).entry
    return _file(lookup, principal, entry.model.key, view, entry_id=entry_id)


def prove_model(
    lookup: Lookup, principal: Principal, key: ModelKey, view: View
) -> ProofFileWire:
    """Prove all entries of a hardware model, and what each version should run.

    A model that has none is proven to have none.

    Raises:
        NotFoundError: the model is not the principal's to see.
        InvalidInputError: it has too many entries for a file.
    """
    scope = scope_of(principal, Right.READ_ENTRIES)
    if not scope.covers(key):
        what = f"hardware model {key}"
        raise NotFoundError(missing(what, partial=not scope.sees_all_of(key)))
    return _file(lookup, principal, key, view)


def _file(
    lookup: Lookup,
    principal: Principal,
    key: ModelKey,
    view: View,
    *,
    entry_id: int | None = None,
) -> ProofFileWire:
    with lookup.register.reading() as tx:
        entries = list(map(entry_of, tx.entries_of_model(key, view.size)))
    if too_many := more_than_fit(key, len(entries)):
        raise InvalidInputError(
            f"not proven: {too_many}",
            hint="a mirror holds all of it, verified: firtree log mirror",
        )
    versions = [e.firmware_key for e in entries if entry_id in {None, e.id}]
    devices = [device_of(key, version) for version in dict.fromkeys(versions)]
    found = lookup.assess_many(principal, devices, view)
    nothing = LogWire(view.size, "")
    scope = scope_of(principal, Right.READ_ENTRIES)
    return ProofFileWire(
        format=FORMAT,
        question=QuestionWire(
            entry=entry_id,
            manufacturer=key.manufacturer,
            model=key.model,
            day=view.day,
            asker=principal.name,
            partial=not scope.sees_all_of(key),
        ),
        answers=tuple(
            answer_of(assessment_wire(device, answer, nothing))
            for device, answer in zip(devices, found, strict=True)
        ),
        proof=state_proof_wire(lookup.proofs.of_model(principal, key, view.size)),
    )
