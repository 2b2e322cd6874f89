"""The way from one entry to another, whichever a device should run.

Rules R1, R3, R7 and R9 of ``docs/rules.md``; both entries are of one hardware model.
"""

from typing import NamedTuple

from firtree.catalogue.answer import BlockedRoute, Circumstances, Noted
from firtree.catalogue.entry import Availability
from firtree.catalogue.outline import Outline
from firtree.catalogue.pathways import Pathways, names
from firtree.catalogue.words import Silence

_TEXTS = {
    "same-entry": "It is the same entry: there is nothing to install.",
    "route": "Declared steps lead from entry {start} to entry {end}.",
    "way-back": "Its maker declares a way back from entry {start} to entry {end}.",
    "way-back-not-offered": (
        "Its maker declares a way back from entry {start} to entry {end}; it is for "
        "devices whose own entry is removed or on hold."
    ),
    "blocked": ("Steps are declared, but entry {by} may not be installed: {why}."),
    "path-unknown": (
        "The maker has not said from which entries entry {end} can be reached."
    ),
    "factory-only": (
        "Entry {end} is N/A under Upgradable From: it is fitted at the factory only."
    ),
    "not-declared": "No declared steps lead from entry {start} to entry {end}.",
}
# What is said instead of ``path-unknown``.
_PATH_UNKNOWN = {
    Silence.UNSEEN: (
        "Nothing that you may see says from which entries entry {end} can be reached."
    ),
    Silence.ERASED: (
        "From which entries entry {end} can be reached, if its maker had said, was "
        "erased with its FIR information."
    ),
}


class Between(NamedTuple):
    """The way between two entries.

    Attributes:
        pathway: ids to install in order; empty where both are one, None where there
            is no way.
        blocked: the declared way that is blocked, if there is one.
        reasons: why it is so.
    """

    pathway: tuple[int, ...] | None
    blocked: BlockedRoute | None
    reasons: tuple[Noted, ...]


def way_between(
    start: Outline, end: Outline, ways: Pathways, context: Circumstances
) -> Between:
    """Find the way from one entry to another.

    Args:
        start: what a device runs.
        end: what it is to run.
        ways: the pathways of their hardware model, for this asker.
        context: who asks, and how much of it is in sight.
    """
    asker = context.asker or ""
    silence = context.silence(erased=end.fir_absent)

    def said(code: str, **facts: object) -> Noted:
        text = _TEXTS[code]
        if code == "path-unknown" and silence is not None:
            text = _PATH_UNKNOWN.get(silence, text)
        return Noted(code, text.format(start=start.id, end=end.id, **facts))

    if start.id == end.id:
        return Between((), None, (said("same-entry"),))
    if path := ways.path(start.id, end.id):
        return Between(tuple(path), None, (said("route"),))
    back = start.id in end.rollback_from and may_not_be_installed(end, asker) == ""
    if back and (not start.active or start.held):
        return Between((end.id,), None, (said("way-back"),))
    reasons = (said("way-back-not-offered"),) if back else ()
    if found := ways.blocked_route(start.id, end.id):
        route, by = found
        why = may_not_be_installed(ways.outlines[by], asker)
        blocked = BlockedRoute(tuple(route), by)
        return Between(None, blocked, (said("blocked", by=by, why=why), *reasons))
    declared = end.upgradable_from
    code = "not-declared"
    if not declared:
        code = "path-unknown" if declared is None else "factory-only"
    return Between(None, None, (said(code), *reasons))


def may_not_be_installed(entry: Outline, asker: str) -> str:
    """Say why an entry is no target and no step (R1); empty where it may be one."""
    limited = entry.availability is Availability.LIMITED
    others = limited and not names(entry.limited_to, asker)
    removed = f"it was removed from the CPL ({entry.status.value.lower()})"
    faults = (
        (not entry.active, removed),
        (entry.held, "it is on hold"),
        (entry.availability is Availability.WITHDRAWN, "its maker has withdrawn it"),
        (others, "it is limited to other parties"),
        (not entry.has_image, "it has no image hash"),
        (not entry.device_type.updates_over_the_air, "no route leads to its type"),
        (not entry.fits, "its image is for other hardware"),
    )
    return next((why for wrong, why in faults if wrong), "")
