"""The clock *as in force*: an entry as it was on a day, by its own dates."""

from datetime import date

import msgspec

from firtree.catalogue.entry import Entry, Status


def in_force(entry: Entry, day: date) -> Entry | None:
    """Give an entry as it was in force on a day, by its own dates (rules.md, clocks).

    Before *Published On* there is no entry; before *Status From* of a removal it was
    still Active; a hold and DCC's word count from their own day.  Blank dates count
    as "since ever".

    Returns:
        The entry with the status of that day, or None before its publication.
    """
    cpl, fir = entry.cpl, entry.fir
    if cpl.published_on and cpl.published_on > day:
        return None
    if not entry.active and cpl.status_from is not None and cpl.status_from > day:
        cpl = msgspec.structs.replace(
            cpl, status=Status.ACTIVE, status_from=cpl.published_on, status_reason=""
        )
    if fir.hold is not None and fir.hold.since is not None and fir.hold.since > day:
        fir = msgspec.structs.replace(fir, hold=None)
    if fir.loading is not None and fir.loading.on is not None and fir.loading.on > day:
        fir = msgspec.structs.replace(fir, loading=None)
    if cpl is entry.cpl and fir is entry.fir:
        return entry
    return msgspec.structs.replace(entry, cpl=cpl, fir=fir)
