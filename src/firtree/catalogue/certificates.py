"""Which certificate of an entry runs out first."""

from operator import attrgetter

from firtree.catalogue.entry import Certificate, DateKind, Entry

_EXPIRY = DateKind.EXPIRY
_IN_TIME = attrgetter("day", "kind", "number")


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
