"""Run the catalogue on what a state proof shows, to see whether an answer is right."""

from collections.abc import Iterable, Iterator
from datetime import date

from firtree.catalogue.answer import Assessment, Circumstances, Device
from firtree.catalogue.assessment import assess
from firtree.catalogue.entry import Entry
from firtree.catalogue.record import ModelRecord
from firtree.devices import ModelKey
from firtree.errors import VerificationError
from firtree.parties import Maker
from firtree.statements.stateproof import Recorded, Shown
from firtree.statements.types.entry import model_name, read_entry
from firtree.statements.types.maker import maker_name, read_maker


def entries_shown(shown: Shown, key: ModelKey) -> list[Entry]:
    """Read every entry of a hardware model from a state proof.

    Sections that are not open count as blank, as they do for whoever may not see them.

    Raises:
        VerificationError: the proof is not about this model, or a listed entry is not
            in it, or is of another model or id than the list says.
    """
    name = model_name(key)
    if ("model", name) not in shown.lists:
        raise VerificationError(f"the proof does not show the entries of {key}")
    known = shown.open_under("model", name)
    entries = []
    for item in shown.lists["model", name] or ():
        if item.member not in known:
            raise VerificationError(f"entry {item.member} is listed, but not shown")
        entry = _entry(known[item.member])
        if entry.id != item.member or entry.model.key != key:
            raise VerificationError(
                f"entry {item.member} is listed, but another one is shown in its place"
            )
        entries.append(entry)
    return entries


def _entry(recorded: Recorded) -> Entry:
    _, core, fir, people, private = recorded.statement.body.sections
    if core is None:
        raise VerificationError(
            f"section 'core' of statement {recorded.statement.number} is not open"
        )
    return read_entry(core, fir, people, private)


def maker_shown(shown: Shown, code: str) -> Maker | None:
    """Read a maker from a state proof; None where there is none, or it is not shown.

    Raises:
        VerificationError: a statement about it is not of the log's format.
    """
    for recorded in shown.open_under("party", maker_name(code)).values():
        _, core, *others = recorded.statement.body.sections
        if core is None:
            return None
        maker = read_maker(core, *others)
        if maker.code != code:
            raise VerificationError(
                f"maker {maker.code} is shown in the place of {code}"
            )
        return maker
    return None


def assess_shown(
    shown: Shown, device: Device, *, day: date, asker: str, partial: bool = False
) -> Assessment:
    """Assess a device by what a state proof shows, and nothing else.

    Entries of other hardware models, which may be named as near matches where a model
    or version is not listed, are not looked at.

    Args:
        shown: verified, with every entry of the device's model.
        device: what is asked about.
        day: in London.
        asker: name of who asked.
        partial: whether that one might see only a part of what it rests on.

    Raises:
        VerificationError: an entry of the model is not shown.
    """
    (found,) = assess_each(
        shown, device.key, [device], day=day, asker=asker, partial=partial
    )
    return found


def assess_each(
    shown: Shown,
    key: ModelKey,
    devices: Iterable[Device],
    *,
    day: date,
    asker: str,
    partial: bool,
) -> Iterator[Assessment]:
    """Assess devices of one hardware model, which is read once, as ``assess_shown``."""
    record = ModelRecord.of(key, entries_shown(shown, key))
    maker = maker_shown(shown, key.manufacturer)
    context = Circumstances(day=day, asker=asker, maker=maker, partial=partial)
    for device in devices:
        yield assess(device, record, context)
