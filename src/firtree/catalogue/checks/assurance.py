"""Checks F7 and F8: certificates, and the specifications an entry follows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType

from firtree.catalogue.checks.codes import cut, finding, some_named
from firtree.catalogue.checks.finding import (
    DATE_COLUMNS,
    NUMBER_COLUMNS,
    Column,
    Finding,
)
from firtree.catalogue.checks.neighbours import certificate_key, others_of
from firtree.catalogue.checks.surroundings import (
    Rule,
    Surroundings,
    publication_day,
    same_maker,
)
from firtree.catalogue.entry import Certificate, CertificateKind, DateKind, Entry
from firtree.catalogue.specifications import specification_ends
from firtree.devices import DeviceType, Generation

_D = DeviceType
# Ours, configurable: which SMETS2+ device types need which certificate.
NEEDED: Mapping[CertificateKind, frozenset[DeviceType]] = MappingProxyType(
    {
        CertificateKind.CPA: frozenset(
            {_D.ESME, _D.GSME, _D.CHF, _D.GPF, _D.HCALCS, _D.SAPC}
        ),
        CertificateKind.ZIGBEE: frozenset(
            {_D.ESME, _D.GSME, _D.CHF, _D.PPMID, _D.HCALCS, _D.IHD, _D.CAD}
        ),
        CertificateKind.DLMS: frozenset({_D.ESME}),
    }
)
_LONGEST_VERSION = 40


def certificates_are_given(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F7: every kind that the device type needs, with a number."""
    if entry.model.generation is not Generation.SMETS2:
        return
    given = {held.kind for held in entry.cpl.certificates if held.number}
    for kind, types in NEEDED.items():
        if entry.device_type in types and kind not in given:
            yield finding(
                "certificate-missing",
                NUMBER_COLUMNS[kind],
                expected=f"the number of a {kind} certificate",
                kind=kind,
                device_type=entry.device_type,
            )


def certificates_are_in_date(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F7: none had expired at publication; a renewal date is no expiry."""
    day = publication_day(entry, around)
    for held in entry.cpl.certificates:
        kind = held.date_kind or DateKind.EXPIRY
        if kind is DateKind.EXPIRY and held.day and held.day < day:
            yield finding(
                "certificate-expired",
                DATE_COLUMNS[held.kind],
                expected=day,
                found=held.day,
                **_names(held),
            )


def certificate_dates_are_whole(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F7: a date says whether it is an expiry or a renewal, and the other way."""
    for held in entry.cpl.certificates:
        if (held.day is None) != (held.date_kind is None):
            kind = f"kind of date ({' or '.join(DateKind)})"
            yield finding(
                "certificate-date-half-said",
                DATE_COLUMNS[held.kind],
                expected=kind if held.day else "date",
                found=held.day or held.date_kind or "",
                has="a date" if held.day else "a kind of date",
                **_names(held),
            )


def certificate_dates_agree(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F7: one certificate has one date, in all entries of the maker."""
    model = around.neighbours
    near = (*around.named.values(), *around.same_hash)
    own = {o.id: o for o in near if o.id not in model.by_id and same_maker(entry, o)}
    own.pop(entry.id, None)
    for held in entry.cpl.certificates:
        if held.day is None or not held.number:
            continue
        dates = _other_dates(held, own.values())
        listed = model.dates.get(certificate_key(entry, held), {})
        for day in sorted({*dates, *listed} - {held.day}):
            others = others_of(listed.get(day, ()), entry.id).joined(dates.get(day, ()))
            if not others.total:
                continue
            yield finding(
                "certificate-dates-differ",
                DATE_COLUMNS[held.kind],
                expected=day,
                found=held.day,
                entries=some_named(*others),
                **_names(held),
            )


def gbcs_is_given(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F8: a SMETS2+ entry names its GBCS version."""
    if entry.model.generation is Generation.SMETS2 and not entry.cpl.gbcs:
        yield finding("gbcs-missing", expected="a version such as 4.1")


def smets_is_given(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F8: a SMETS2+ entry names its SMETS or CHTS version."""
    if entry.model.generation is Generation.SMETS2 and not entry.cpl.smets_chts:
        yield finding("smets-missing", expected="a version such as SMETS V4.2")


def specifications_are_in_force(
    entry: Entry, around: Surroundings
) -> Iterator[Finding]:
    """F8: in force on the day of publication, and a year later."""
    day = publication_day(entry, around)
    gbcs, smets = (
        text if len(text) <= _LONGEST_VERSION else ""
        for text in (entry.cpl.gbcs, entry.cpl.smets_chts)
    )
    for name, end in specification_ends(gbcs, smets, around.ends).items():
        column = Column.SMETS if name == smets else Column.GBCS
        if end < day:
            yield finding(
                "specification-ended",
                column,
                expected=f"a version in force on {day}",
                found=name,
                end=end,
                day=day,
            )
        elif _within_a_year(day, end):
            yield finding("specification-ends-soon", column, found=name, end=end)


def _names(held: Certificate) -> dict[str, object]:
    return {"kind": held.kind, "number": cut(held.number)}


def _other_dates(held: Certificate, near: Iterable[Entry]) -> dict[date, list[int]]:
    """Give the other dates of a certificate, with the entries that give them."""
    found: dict[date, list[int]] = {}
    for other in near:
        for theirs in other.cpl.certificates:
            same = (theirs.kind, theirs.number) == (held.kind, held.number)
            if same and theirs.day and theirs.day != held.day:
                found.setdefault(theirs.day, []).append(other.id)
    return found


def _within_a_year(day: date, end: date) -> bool:
    """Tell whether a date is at most twelve months away."""
    return (end.year, end.month, end.day) <= (day.year + 1, day.month, day.day)


RULES: tuple[Rule, ...] = (
    certificates_are_given,
    certificates_are_in_date,
    certificate_dates_are_whole,
    certificate_dates_agree,
    gbcs_is_given,
    smets_is_given,
    specifications_are_in_force,
)
