"""The warnings of an assessment, each with its level and rank (rules.md, Warnings)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from firtree.catalogue.answer import AnswerWarning, Circumstances, Device, Step
from firtree.catalogue.certificates import first_to_run_out
from firtree.catalogue.conditions import Met
from firtree.catalogue.entry import (
    Certificate,
    ChangeClass,
    DateKind,
    Entry,
    Loading,
    RollbackAllowed,
    Urgency,
)
from firtree.catalogue.outline import Outline
from firtree.catalogue.pathways import Pathways, newest, reachable
from firtree.catalogue.record import ModelRecord
from firtree.catalogue.route import Route
from firtree.catalogue.specifications import specification_ends, spelled
from firtree.catalogue.words import RANK, WARNINGS, WARNINGS_INSTEAD, Silence
from firtree.devices import Generation
from firtree.parties import Contact


class Case(NamedTuple):
    """A device on a listed entry, with the way found for it.

    ``whole`` has every entry that is run, aimed at or passed, by id.
    """

    device: Device
    entry: Entry
    twins: Sequence[Outline]
    route: Route
    steps: Sequence[Step]
    ways: Pathways
    whole: Mapping[int, Entry]
    contact: Contact | None


READING_OLD_AFTER_DAYS = 30
_URGENT = frozenset({Urgency.ROUTINE, Urgency.HIGH})
_NOT_LOADED = frozenset({Loading.NOT_LOADED, Loading.REMOVED})
# For each code its level, and what makes its text.
_SAID = {code: (said.level.value, said.text.format) for code, said in WARNINGS.items()}
_INSTEAD = {
    silence: {code: text.format for code, text in texts.items()}
    for silence, texts in WARNINGS_INSTEAD.items()
}


def warnings_of(case: Case, context: Circumstances) -> tuple[AnswerWarning, ...]:
    """Give every warning for a device on a listed entry, loudest first."""
    route, entry = case.route, case.entry
    target = case.whole[route.target.id] if route.target else None
    on_the_way = [case.whole[end] for end in route.pathway or ()]
    if not on_the_way and target is not None:
        on_the_way = [target]
    found: list[AnswerWarning] = []
    for step in on_the_way:
        found += _of_standing_in_the_way(step, context)
        if step.id != entry.id:
            found += _of_installing(entry, step, context)
    found += _of_metrology(entry, [e for e in on_the_way if e.id != entry.id])
    for taken in case.steps:
        if taken.conditions:
            found += _of_conditions(taken, context)
    if target is not None:
        found += _of_target(entry, target, context)
    found += _of_own_certificate(entry, target, context)
    found += _of_route(case, context)
    found += _of_contact(case.contact, context)
    found += _of_device(case.device, [case.ways.outlines[entry.id]], context)
    if case.twins:
        found.append(_warning("several-entries", why=_names(case.twins)))
    if case.ways.erased:
        found += _of_erased(case.ways.erased, context)
    if context.partial or context.unread or context.reconstructed:
        found += _of_view(context)
    return _ranked(found)


def warnings_of_unlisted(
    device: Device,
    record: ModelRecord,
    target: Outline | None,
    contact: Contact | None,
    context: Circumstances,
) -> tuple[AnswerWarning, ...]:
    """Give the warnings for firmware or a model that is not listed."""
    found = [*_of_contact(contact, context)]
    found += _of_device(device, record.outlines, context)
    if target is not None and not target.release_date:
        found.append(_warning("order-inferred", silence=context.silence()))
    found += _of_erased([e for e in record.outlines if e.fir_absent], context)
    if context.partial or context.unread or context.reconstructed:
        found += _of_view(context)
    return _ranked(found)


@lru_cache(maxsize=256)
def add_months(day: date, months: int) -> date:
    """Give the same day some months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(f"no such month: {months} after {day}")


def _warning(
    code: str,
    entry: Entry | Outline | int | None = None,
    *,
    silence: Silence | None = None,
    **facts: object,
) -> AnswerWarning:
    level, said = _SAID[code]
    if silence is not None:
        said = _INSTEAD[silence].get(code, said)
    entry_id = entry if entry is None or isinstance(entry, int) else entry.id
    return AnswerWarning(code, level, said(entry=entry_id, **facts), entry_id)


def _ranked(found: list[AnswerWarning]) -> tuple[AnswerWarning, ...]:
    # Codes are listed by level, so their rank is one over all levels.
    return tuple(
        sorted(dict.fromkeys(found), key=lambda w: (RANK[w.code], w.entry or 0))
    )


def _of_standing_in_the_way(
    step: Entry, context: Circumstances
) -> Iterator[AnswerWarning]:
    if step.fir.hold is not None:
        yield _warning("hold", step, why=_because(step.fir.hold.reason))
    if (loading := step.fir.loading) is not None:
        why = _because(loading.reason)
        if loading.state is Loading.REFUSED:
            yield _warning("dcc-refused", step, why=why)
        elif loading.state in _NOT_LOADED:
            yield _warning("dcc-not-loaded", step, why=why)
    if (observed := context.observed.get(step.id)) is not None:
        if observed.image_mismatch:
            yield _warning("image-mismatch-reported", step)
        if observed.failure_rate_high:
            yield _warning("failure-rate", step)


def _of_view(context: Circumstances) -> Iterator[AnswerWarning]:
    if (silence := context.silence()) is not None:
        yield _warning("partial-view", silence=silence)
    if context.reconstructed:
        yield _warning("reconstructed", why=context.day)


def _of_erased(
    erased: Sequence[Outline], context: Circumstances
) -> Iterator[AnswerWarning]:
    """Say of which entries it was erased what they may have said of ways."""
    if erased and context.silence(erased=True) is Silence.ERASED:
        yield _warning("information-erased", why=_names(erased))


def _of_installing(
    entry: Entry, step: Entry, context: Circumstances
) -> Iterator[AnswerWarning]:
    fir = step.fir
    if fir.interrupts_hub_power:
        yield _warning("interrupts-hub-power", step)
    if fir.rollback_allowed is RollbackAllowed.NO:
        yield _warning("no-rollback", step)
    if fir.security_urgency in _URGENT:
        yield _warning("security-step", step, why=f" (urgency: {fir.security_urgency})")
    elif ChangeClass.SECURITY in fir.change_classes:
        yield _warning("security-step", step, why="")
    if fir.notes is None or fir.notes.empty:
        silence = context.silence(erased="fir" in step.absent)
        yield _warning("no-release-notes", step, silence=silence)
    if entry.model.generation is Generation.SMETS1:
        yield _warning("smets1-unchecked")


def _of_conditions(step: Step, context: Circumstances) -> Iterator[AnswerWarning]:
    for condition in step.conditions:
        if condition.state is Met.UNMET:
            yield _warning("hub-condition-unmet", step.entry, why=condition.text)
        elif condition.state is Met.UNKNOWN:
            yield _warning("hub-unknown", step.entry, silence=context.silence())


def _of_target(
    entry: Entry, target: Entry, context: Circumstances
) -> Iterator[AnswerWarning]:
    soon = add_months(context.day, 6)
    expiring = first_to_run_out(target, DateKind.EXPIRY)
    if expiring and expiring.day and expiring.day <= soon:
        yield _warning(
            "certificate-expires-soon",
            target,
            why=_ending("expire", expiring, context),
        )
    renewing = first_to_run_out(target, DateKind.RENEWAL)
    if renewing and renewing.day and renewing.day <= soon:
        yield _warning(
            "certificate-renewal-due",
            target,
            why=_ending("be due for renewal", renewing, context),
        )
    known = specification_ends(target.cpl.gbcs, target.cpl.smets_chts, context.ends)
    for name, end in known.items():
        if end <= add_months(context.day, 12):
            ran = "ran" if end < context.day else "runs"
            yield _warning(
                "specification-ends-soon", target, why=f"{ran} out on {end}: {name}"
            )
    if target.id != entry.id:
        yield from _of_changes(entry, target)


def _of_changes(entry: Entry, target: Entry) -> Iterator[AnswerWarning]:
    old, new = entry.cpl, target.cpl
    for code, before, after in (
        ("gbcs-changes", old.gbcs, new.gbcs),
        ("smets-changes", old.smets_chts, new.smets_chts),
        ("variant-changes", old.esme_variant, new.esme_variant),
    ):
        if before and after and spelled(before) != spelled(after):
            yield _warning(code, target, why=f"{before} → {after}")


def _of_metrology(entry: Entry, steps: Sequence[Entry]) -> Iterator[AnswerWarning]:
    """Name each step that changes the legally relevant software, by id or by class."""
    before = entry.fir.metrology_software_id
    for step in steps:
        after = step.fir.metrology_software_id
        if before and after and before != after:
            yield _warning("metrology-changes", step, why=f": {before} → {after}")
        elif ChangeClass.METROLOGY in step.fir.change_classes:
            yield _warning("metrology-changes", step, why="")
        before = after or before


def _of_own_certificate(
    entry: Entry, target: Entry | None, context: Circumstances
) -> Iterator[AnswerWarning]:
    """Own certificate: 6 to 12 months ahead, or nearer where it is not the target's."""
    expiring = first_to_run_out(entry, DateKind.EXPIRY)
    if expiring is None or expiring.day is None:
        return
    same = target is not None and target.id == entry.id
    said_already = same and expiring.day <= add_months(context.day, 6)
    if expiring.day <= add_months(context.day, 12) and not said_already:
        yield _warning(
            "own-certificate-runs-out",
            entry,
            why=_ending("expire", expiring, context),
        )


# For each verb, as it is said of a day to come and of one that is over.
_TENSES = {
    "expire": ("expires", "expired"),
    "be due for renewal": ("is due for renewal", "was due for renewal"),
}


def _ending(verb: str, ending: Certificate, context: Circumstances) -> str:
    """Say on which day what happens to a certificate, or has happened."""
    past = ending.day is not None and ending.day < context.day
    said = _TENSES[verb][past]
    return f"{said} on {ending.day}: {ending.kind.value} {ending.number}"


def _of_route(case: Case, context: Circumstances) -> Iterator[AnswerWarning]:
    route, ways = case.route, case.ways
    target = route.target
    if route.inferred:
        yield _warning("order-inferred", silence=context.silence())
    if (unsaid := route.unsaid) is not None:
        silence = context.silence(erased=unsaid.fir_absent)
        yield _warning("path-unknown", unsaid, silence=silence)
    if route.leads_on and route.alternatives:
        yield _warning("several-newest", target, why=_names(route.alternatives))
        lines = {e.line or "main" for e in route.alternatives if target}
        if target and (others := lines - {target.line or "main"}):
            yield _warning("other-release-lines", why=", ".join(sorted(others)))
    for other in route.factory_only:
        yield _warning("newer-factory-only", other)
    if route.blocked is not None:
        yield from _of_blocked([case.whole[end] for end in route.blocked.pathway])
    if ways.skipping:
        yield from _of_skipping(case)


def _of_skipping(case: Case) -> Iterator[AnswerWarning]:
    """Name ignored edges whose end is on the way, or is not reached because of it."""
    route, ways, running = case.route, case.ways, case.entry.id
    passed = {running, *(route.pathway or ())}
    missed = ways.usable - reachable(ways.steps, running)
    for start, end in sorted(ways.skipping):
        if start in passed and (route.blocked or end in passed or end in missed):
            yield _warning("edge-skips-mandatory", end, why=f"{start} → {end}")


def _of_blocked(meant: Sequence[Entry]) -> Iterator[AnswerWarning]:
    for step in meant:
        if step.fir.mandatory_step and not step.active:
            status = step.cpl.status.value.lower()
            yield _warning("mandatory-step-removed", step, why=status)
        if step.fir.hold is not None:
            yield _warning("hold", step, why=_because(step.fir.hold.reason))


def _of_contact(
    contact: Contact | None, context: Circumstances
) -> Iterator[AnswerWarning]:
    if contact is None or not contact.reachable:
        yield _warning("contact-unknown", silence=context.silence())
    elif contact.confirmed_on is None:
        yield _warning("contact-stale", why="never confirmed")
    elif contact.confirmed_on < context.day - timedelta(days=context.stale_after_days):
        yield _warning("contact-stale", why=f"last confirmed on {contact.confirmed_on}")


def _of_device(
    device: Device, entries: Sequence[Outline], context: Circumstances
) -> Iterator[AnswerWarning]:
    oldest = context.day - timedelta(days=READING_OLD_AFTER_DAYS)
    if device.read_on is not None and device.read_on < oldest:
        yield _warning("reading-old", why=device.read_on)
    types = {entry.device_type for entry in entries}
    asked = device.device_type
    if asked is None or asked in types or not types:
        return
    if asked.family not in {known.family for known in types}:
        yield _warning("device-type-differs", why=", ".join(sorted(types)))


def _because(reason: str) -> str:
    return f": {reason.rstrip('.')}" if reason else ""


def _names(entries: Sequence[Outline]) -> str:
    ordered = [newest(entries), *entries] if entries else []
    unique = dict.fromkeys(entry.id for entry in ordered)
    return ", ".join(f"entry {entry_id}" for entry_id in unique)
