"""What to do next, in the order it should be done (rules.md, R8 and R9)."""

from collections.abc import Iterator, Sequence

from firtree.catalogue.answer import AnswerWarning, Circumstances, Noted
from firtree.catalogue.entry import Entry, Status
from firtree.catalogue.outline import Outline
from firtree.catalogue.route import Route
from firtree.catalogue.words import (
    ADVICE,
    ADVICE_INSTEAD,
    NO_MAILBOX,
    NO_MAILBOX_INSTEAD,
    Level,
    Silence,
    Standing,
)
from firtree.firmware import misreadings, version_key
from firtree.parties import Contact

_STOP = Level.STOP.value


def for_listed(
    standing: Standing,
    entry: Entry,
    route: Route,
    contact: Contact | None,
    warnings: Sequence[AnswerWarning],
    *,
    context: Circumstances,
) -> tuple[Noted, ...]:
    """Give the advice for a device on a listed entry."""
    asked = (standing, entry, route, contact, warnings)
    return tuple(_listed(*asked, context=context))


def _listed(
    standing: Standing,
    entry: Entry,
    route: Route,
    contact: Contact | None,
    warnings: Sequence[AnswerWarning],
    *,
    context: Circumstances,
) -> Iterator[Noted]:
    if route.pathway:
        if warnings and warnings[0].level == _STOP:  # the loudest is the first
            yield _advice("stop-first")
        target = route.target
        if target is not None and not route.leads_on:
            yield _advice("roll-back", why=target.id)
        else:
            way = " → ".join(f"entry {step}" for step in route.pathway)
            order = ", in this order" if len(route.pathway) > 1 else ""
            yield _advice("install", why=way + order)
    elif standing is Standing.CURRENT:
        if entry.fir.hold is not None:
            yield _advice("hold", why=entry.id)
        if route.alternatives:
            yield _advice("roll-back", why=route.alternatives[0].id)
        elif entry.fir.hold is None:
            yield _advice("stay", silence=context.silence())
    else:
        if route.alternatives:
            yield _advice("roll-back", why=route.alternatives[0].id)
        yield _ask(contact, context)


def for_unlisted(
    standing: Standing,
    firmware: str,
    entries: Sequence[Outline],
    contact: Contact | None,
    context: Circumstances,
) -> tuple[Noted, ...]:
    """Give the advice where firmware or model is not on the CPL (R8, in its order)."""
    found = [_advice("read-again")]
    if standing is Standing.UNKNOWN:
        found.append(_advice("check-model"))
    near = dict.fromkeys(_near_matches(firmware, entries, context.siblings))
    found.extend(_advice("near-match", why=match) for match in near)
    found.append(_ask(contact, context))
    found.append(_advice("do-not-distribute"))
    return tuple(found)


def _near_matches(
    firmware: str, entries: Sequence[Outline], siblings: Sequence[Entry]
) -> Iterator[str]:
    """Name entries that a slip would explain; nothing is assumed."""
    listed: dict[str, list[Outline]] = {}
    for entry in entries:
        listed.setdefault(entry.firmware, []).append(entry)
    for meant, slip in misreadings(firmware):
        for entry in listed.get(meant, ()):
            yield f"{entry.firmware} ({_name(entry.id, entry.status)}) is meant: {slip}"
    wanted = version_key(firmware)
    for sibling in siblings:
        if sibling.firmware_key == wanted:
            yield (
                f"the hardware is {sibling.model.duis_model}, on which this version is "
                f"{_name(sibling.id, sibling.cpl.status)}"
            )


def _name(entry_id: int, status: Status) -> str:
    removed = "" if status is Status.ACTIVE else f", {status.value.lower()}"
    return f"entry {entry_id}{removed}"


def _advice(code: str, *, silence: Silence | None = None, **facts: object) -> Noted:
    text = ADVICE[code]
    if silence is not None:
        text = ADVICE_INSTEAD[silence].get(code, text)
    return Noted(code, text.format(**facts))


def _ask(contact: Contact | None, context: Circumstances) -> Noted:
    if contact is None or not contact.reachable:
        silence = context.silence()
        why = NO_MAILBOX if silence is None else NO_MAILBOX_INSTEAD[silence]
        return _advice("ask-maker", why=why)
    ways = (contact.role, contact.email, contact.phone, contact.url)
    return _advice("ask-maker", why=": " + ", ".join(way for way in ways if way))
