"""Findings: what the checks find in recorded entries."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import Parameter

from firtree.catalogue.checks import CODES, Severity
from firtree.exchange.lists import (
    FindingsWire,
    FindingTotalsWire,
    entry_finding_wires,
)
from firtree.library.quality import ENTRIES_MOST, Totals, Wanted
from firtree.web.answers import (
    AnyRequest,
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.api.parameters import At, Short, cursor_of, invalid

_FINDINGS = frozenset({"manufacturer", "code", "severity", "at", "cursor", "limit"})


async def get_findings(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    manufacturer: Short = None,
    code: Short = None,
    severity: Short = None,
    at: At = None,
    cursor: Annotated[str | None, Parameter(max_length=20)] = None,
    limit: Annotated[int, Parameter(ge=1, le=ENTRIES_MOST)] = 100,
) -> Response[bytes]:
    """List what the checks find in recorded entries, by CPL Entry ID."""
    check_parameters(request, _FINDINGS)
    wanted = wanted_of(manufacturer or "", code or "", severity or "")
    after = cursor_of(cursor)
    principal, view, log, etag = await desk.asked(request, "findings", at or "")
    if unchanged(request, etag):
        return not_modified(etag)
    totals = await desk.slow(desk.quality.totals, principal, view, wanted.manufacturer)
    page = await desk.slow(
        desk.quality.page, principal, wanted, view, after=after, limit=limit
    )
    wire = FindingsWire(
        findings=tuple(
            wire
            for found in page.found
            for wire in entry_finding_wires(
                found.entry, found.maker_name, found.findings
            )
        ),
        totals=None if totals is None else tuple(map(_totals_wire, totals)),
        next_cursor=None if page.after is None else str(page.after),
        log=log,
    )
    return answer(wire, etag)


def wanted_of(manufacturer: str, code: str, severity: str) -> Wanted:
    """Read which findings are asked for.

    Raises:
        InvalidInputError: there is no such code or severity.
    """
    known = code.strip().lower()
    if known and known not in CODES:
        raise invalid("code", "a code of the checks, such as hash-reused", code)
    word = severity.strip().lower()
    if word and word not in set(Severity):
        raise invalid("severity", f"one of {', '.join(Severity)}", severity)
    return Wanted(
        manufacturer=manufacturer.strip().upper(),
        code=known,
        severity=Severity(word) if word else None,
    )


def _totals_wire(totals: Totals) -> FindingTotalsWire:
    return FindingTotalsWire(
        manufacturer=totals.manufacturer,
        manufacturer_name=totals.name or None,
        entries=totals.entries,
        entries_to_mend=totals.to_mend,
        entries_noted=totals.noted,
        severities={one.value: n for one, n in totals.severities.items()},
        codes=totals.codes,
    )
