"""Findings as rows of the table: the cells to mend, and what is wrong with them.

The rows can be mended and imported again.
"""

from collections.abc import Iterable, Iterator

from firtree.catalogue.checks import Column, Finding, Severity
from firtree.catalogue.entry import Entry
from firtree.exchange.columns import WRITTEN, Part
from firtree.exchange.rows import text_of, values_of
from firtree.exchange.workbook.marked import MarkedRow
from firtree.parties import Maker

# How the severities are shown to people.
SEVERITIES = {
    Severity.REFUSE: "To be put right",
    Severity.CONFIRM: "To be confirmed",
    Severity.NOTE: "Worth knowing",
}
_COLUMNS = tuple(column for column in WRITTEN if column.part is not Part.PRIVATE)
HEADINGS = tuple(column.name for column in _COLUMNS)
_PLACES = {name: place for place, name in enumerate(HEADINGS)}
_CONTACT = frozenset(
    {Column.CONTACT_ROLE, Column.CONTACT_EMAIL, Column.CONTACT_CONFIRMED}
)


def row_to_mend(
    entry: Entry, maker: Maker | None, findings: Iterable[Finding]
) -> MarkedRow:
    """Give an entry as a row, with the cells to mend marked.

    Args:
        entry: the entry; its private part is left out.
        maker: its maker; None = not known.
        findings: what is wrong with it, in the order it is told.
    """
    found = list(findings)
    return MarkedRow(
        cells=[text_of(value) for value in values_of(entry, maker, _COLUMNS)],
        marks={_PLACES[name] for one in found for name in _cells(one, entry, maker)},
        what=" ".join(f"{SEVERITIES[one.severity]}: {one.text}" for one in found),
    )


def _cells(found: Finding, entry: Entry, maker: Maker | None) -> Iterator[str]:
    """Name the cells of a finding; a contact may be the maker's."""
    of_maker = entry.contact is None and maker is not None and maker.contact is not None
    if found.field in _CONTACT and of_maker:
        yield f"Maker {found.field}"
    else:
        yield str(found.field)
