"""What to do next, in the order it should be done (rules.md, R8 and R9)."""

from collections.abc import Iterator, Sequence

from firtree.catalogue.answer import AnswerWarning, Noted
from firtree.catalogue.entry import Entry
from firtree.catalogue.route import Route
from firtree.catalogue.words import ADVICE, Level, Standing
from firtree.firmware import misreadings, version_key
from firtree.parties import Contact


def for_listed(
    standing: Standing,
    entry: Entry,
    route: Route,
    contact: Contact | None,
    warnings: Sequence[AnswerWarning],
) -> tuple[Noted, ...]:
    """Give the advice for a device on a listed entry."""
    return tuple(_listed(standing, entry, route, contact, warnings))


def _listed(
    standing: Standing,
    entry: Entry,
    route: Route,
    contact: Contact | None,
    warnings: Sequence[AnswerWarning],
) -> Iterator[Noted]:
    if route.pathway:
        if any(warning.level == Level.STOP for warning in warnings):
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
            yield _advice("stay")
    else:
        if route.alternatives:
            yield _advice("roll-back", why=route.alternatives[0].id)
        yield _ask(contact)


def for_unlisted(
    standing: Standing,
    firmware: str,
    entries: Sequence[Entry],
    siblings: Sequence[Entry],
    contact: Contact | None,
) -> tuple[Noted, ...]:
    """Give the advice where firmware or model is not on the CPL (R8, in its order)."""
    found = [_advice("read-again")]
    if standing is Standing.UNKNOWN:
        found.append(_advice("check-model"))
    near = dict.fromkeys(_near_matches(firmware, entries, siblings))
    found.extend(_advice("near-match", why=match) for match in near)
    found.append(_ask(contact))
    found.append(_advice("do-not-distribute"))
    return tuple(found)


def _near_matches(
    firmware: str, entries: Sequence[Entry], siblings: Sequence[Entry]
) -> Iterator[str]:
    """Name entries that a slip would explain; nothing is assumed."""
    listed: dict[str, list[Entry]] = {}
    for entry in entries:
        listed.setdefault(entry.firmware_key, []).append(entry)
    for meant, slip in misreadings(firmware):
        for entry in listed.get(meant, ()):
            yield f"{entry.cpl.firmware} ({_name(entry)}) is meant: {slip}"
    wanted = version_key(firmware)
    for entry in siblings:
        if entry.firmware_key == wanted:
            yield (
                f"the hardware is {entry.model.duis_model}, on which this version is "
                f"{_name(entry)}"
            )


def _name(entry: Entry) -> str:
    status = "" if entry.active else f", {entry.cpl.status.value.lower()}"
    return f"entry {entry.id}{status}"


def _advice(code: str, **facts: object) -> Noted:
    return Noted(code, ADVICE[code].format(**facts))


def _ask(contact: Contact | None) -> Noted:
    if contact is None or not contact.reachable:
        return _advice("ask-maker", why="; the register holds no mailbox of theirs")
    ways = (contact.role, contact.email, contact.phone, contact.url)
    return _advice("ask-maker", why=": " + ", ".join(way for way in ways if way))
