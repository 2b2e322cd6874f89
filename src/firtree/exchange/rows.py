"""Rows of the table from entries: the inverse of reading and merging.

``values_of`` gives what each column says, typed; ``text_of`` the cell of it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import attrgetter

import msgspec

from firtree.catalogue.entry import Certificate, CertificateKind, Entry
from firtree.exchange.cells import hold_cell
from firtree.exchange.columns import WRITTEN, Column
from firtree.exchange.items import details_cell, joined
from firtree.exchange.merging import (
    CERTIFICATE_COLUMNS,
    CERTIFICATE_DATES,
    CONTACT_FIELDS,
    CPL_FIELDS,
    FIR_FIELDS,
    LOADING_FIELDS,
    NOTES_FIELDS,
    PRIVATE_FIELDS,
    REQUIREMENT_FIELDS,
)
from firtree.parties import Contact, Maker

# None = an empty cell; an empty tuple of numbers is N/A.
Value = str | int | bool | date | tuple[int, ...] | tuple[str, ...] | None
Cell = str | int | date | None
_Reading = Callable[[Entry, Maker | None], Value]


def values_of(
    entry: Entry, maker: Maker | None, columns: Iterable[Column] = WRITTEN
) -> list[Value]:
    """Give what each column says of an entry.

    Args:
        entry: the entry.
        maker: its maker; None = not known.
        columns: those wanted, none of them a shorthand.
    """
    return [_READINGS[column.name](entry, maker) for column in columns]


def cell_of(value: Value) -> Cell:
    """Give the cell of a workbook that says a value: a text, number or date."""
    if value is None or type(value) is str:
        return value or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return _list(value)
    return value


def text_of(value: Value) -> str:
    """Give the text that says a value."""
    cell = cell_of(value)
    return "" if cell is None else str(cell)


def _list(value: tuple[int, ...] | tuple[str, ...]) -> str:
    if not value:
        return "N/A"
    if isinstance(value[0], int):
        return "; ".join(map(str, value))
    return joined(map(str, value))


def _cpl(field: str) -> _Reading:
    read = attrgetter(field)
    return lambda entry, _: read(entry.cpl) or None


def _fir(field: str) -> _Reading:
    read = attrgetter(field)
    return lambda entry, _: _said(read(entry.fir))


def _private(field: str) -> _Reading:
    read = attrgetter(field)
    return lambda entry, _: read(entry.private) or None


def _said(value: Value) -> Value:
    """Give a value, or None where it says nothing."""
    return value if value or isinstance(value, bool) else None


def _part(part: Callable[[Entry], msgspec.Struct | None], field: str) -> _Reading:
    """Make the reading of a field of a part that may not be there."""
    read = attrgetter(field)

    def reading(entry: Entry, _: Maker | None) -> Value:
        found = part(entry)
        return None if found is None else _said(read(found))

    return reading


def _contact(field: str) -> _Reading:
    return _part(lambda entry: entry.contact, field)


_OfMaker = Callable[[Maker | None], Value]


def _maker_contact(field: str) -> _OfMaker:
    read = attrgetter(field)

    def reading(maker: Maker | None) -> Value:
        contact: Contact | None = maker.contact if maker else None
        return read(contact) or None if contact else None

    return reading


_MAKER: dict[str, _OfMaker] = {
    "Maker Name": lambda maker: maker.name if maker else None,
    **{
        f"Maker {name}": _maker_contact(field) for name, field in CONTACT_FIELDS.items()
    },
    "Maker Contact Confirmed": _maker_contact("confirmed_on"),
}


def maker_texts(maker: Maker | None) -> dict[str, str]:
    """Give the cells of the maker's own columns, by their names."""
    return {name: text_of(read(maker)) for name, read in _MAKER.items()}


def _of_maker(read: _OfMaker) -> _Reading:
    return lambda _, maker: read(maker)


def _numbers(kind: CertificateKind) -> _Reading:
    return lambda entry, _: (
        tuple(c.number for c in entry.cpl.certificates if c.kind is kind) or None
    )


def _day(kind: CertificateKind) -> _Reading:
    return lambda entry, _: _shared(entry, kind, "day")


def _shared(entry: Entry, kind: CertificateKind, field: str) -> date | None:
    """Give what all certificates of a kind say in a field, if they say the same."""
    found = {getattr(c, field) for c in entry.cpl.certificates if c.kind is kind}
    return found.pop() if len(found) == 1 else None


def _details(entry: Entry, _: Maker | None) -> str | None:
    """Say what the other columns do not say of the certificates."""
    certificates = entry.cpl.certificates
    if not certificates:
        return None
    rest = [_unsaid(entry, certificate) for certificate in certificates]
    kinds = list(CertificateKind)
    order = [kinds.index(certificate.kind) for certificate in certificates]
    if order == sorted(order):
        # A line for each is written only where their order has to be told.
        rest = [c for c in rest if c != Certificate(kind=c.kind, number=c.number)]
    return details_cell(rest) or None


def _unsaid(entry: Entry, certificate: Certificate) -> Certificate:
    kind = certificate.kind
    changes: dict[str, None] = {}
    if _shared(entry, kind, "day"):
        changes["day"] = None
    if kind is CertificateKind.CPA and _shared(entry, kind, "date_kind"):
        changes["date_kind"] = None
    return msgspec.structs.replace(certificate, **changes) if changes else certificate


def _hold(entry: Entry, _: Maker | None) -> str | None:
    return hold_cell(entry.fir.hold) if entry.fir.hold else None


def _upgradable(entry: Entry, _: Maker | None) -> tuple[int, ...] | None:
    return entry.fir.upgradable_from


_MODEL = {
    "Device Type": "device_type",
    "Generation": "generation",
    "Manufacturer Code": "manufacturer",
    "Model Identifier": "model_identifier",
    "Hardware Version": "hardware_version",
    "Hardware Revision": "hardware_revision",
}


def _readings() -> Mapping[str, _Reading]:
    """Give the reading of each written column, by its name."""
    found: dict[str, _Reading] = {
        "CPL Entry ID": lambda entry, _: entry.id,
        "Firmware Version": lambda entry, _: entry.cpl.firmware,
        "CPA Date Kind": lambda e, _: _shared(e, CertificateKind.CPA, "date_kind"),
        "Certificate Details": _details,
        "Availability": _fir("availability"),
        "Limited To": _fir("limited_to"),
        "Hold": _hold,
        "Hold Since": _part(lambda entry: entry.fir.hold, "since"),
        "Contact Confirmed": _contact("confirmed_on"),
    }
    found |= {name: _cpl(f"model.{field}") for name, field in _MODEL.items()}
    found |= {name: _cpl(field) for name, field in CPL_FIELDS.items()}
    found |= {name: _numbers(kind) for kind, name in CERTIFICATE_COLUMNS.items()}
    found |= {name: _day(kind) for kind, name in CERTIFICATE_DATES.items()}
    found |= {name: _fir(field) for name, field in FIR_FIELDS.items()}
    found["Upgradable From"] = _upgradable
    for fields, part in (
        (REQUIREMENT_FIELDS, lambda entry: entry.fir.requires),
        (NOTES_FIELDS, lambda entry: entry.fir.notes),
        (LOADING_FIELDS, lambda entry: entry.fir.loading),
    ):
        found |= {name: _part(part, field) for name, field in fields.items()}
    found |= {name: _private(field) for name, field in PRIVATE_FIELDS.items()}
    found |= {name: _contact(field) for name, field in CONTACT_FIELDS.items()}
    found |= {name: _of_maker(read) for name, read in _MAKER.items()}
    return found


_READINGS = _readings()
