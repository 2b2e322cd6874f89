"""Certificates over many entries: renewed once, compared everywhere."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from operator import attrgetter
from typing import NamedTuple

import msgspec

from firtree.catalogue.entry import Certificate, CertificateKind, DateKind, Entry

_EXPIRY = DateKind.EXPIRY
_IN_TIME = attrgetter("day", "kind", "number")


class CertificateKey(NamedTuple):
    """What a certificate is known by."""

    kind: CertificateKind
    number: str


def renewed(entries: Iterable[Entry], certificate: Certificate) -> Iterator[Entry]:
    """Yield each entry that rests on a certificate, with its new version in place.

    Entries that already carry it as given are left out.
    """
    key = CertificateKey(certificate.kind, certificate.number)
    for entry in entries:
        now = tuple(
            certificate if CertificateKey(c.kind, c.number) == key else c
            for c in entry.cpl.certificates
        )
        if now != entry.cpl.certificates:
            cpl = msgspec.structs.replace(entry.cpl, certificates=now)
            yield msgspec.structs.replace(entry, cpl=cpl)


def with_several_dates(entries: Iterable[Entry]) -> dict[CertificateKey, set[date]]:
    """Find certificates that entries give different dates for."""
    dates: dict[CertificateKey, set[date]] = defaultdict(set)
    for entry in entries:
        for certificate in entry.cpl.certificates:
            if certificate.day:
                key = CertificateKey(certificate.kind, certificate.number)
                dates[key].add(certificate.day)
    return {key: found for key, found in dates.items() if len(found) > 1}


def first_to_run_out(entry: Entry, date_kind: DateKind) -> Certificate | None:
    """Give the entry's certificate with the earliest date of a kind, if any."""
    dated = [
        certificate
        for certificate in entry.cpl.certificates
        if certificate.day and (certificate.date_kind or _EXPIRY) is date_kind
    ]
    if len(dated) < 2:
        return dated[0] if dated else None
    return min(dated, key=_IN_TIME)
