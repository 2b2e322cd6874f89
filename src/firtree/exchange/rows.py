"""Rows of the table from entries: the inverse of reading and merging.

``values_of`` gives what each column says, typed; ``text_of`` the cell of it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from operator import attrgetter, itemgetter

import msgspec

from firtree.catalogue.entry import Certificate, CertificateKind, Entry, FIRPart
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
from firtree.parties import Maker

# None = an empty cell; an empty tuple of numbers is N/A.
Value = str | int | bool | date | tuple[int, ...] | tuple[str, ...] | None
Cell = str | int | date | None


def values_of(
    entry: Entry, maker: Maker | None, columns: Iterable[Column] = WRITTEN
) -> list[Value]:
    """Give what each column says of an entry.

    Args:
        entry: the entry.
        maker: its maker; None = not known.
        columns: those wanted, none of them a shorthand.
    """
    return chooser(column.name for column in columns)(all_values(entry, maker))


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


_MODEL = {
    "Device Type": "device_type",
    "Generation": "generation",
    "Manufacturer Code": "manufacturer",
    "Model Identifier": "model_identifier",
    "Hardware Version": "hardware_version",
    "Hardware Revision": "hardware_revision",
}
# What may say no, or N/A, where others say nothing.
_APART = {
    "Upgradable From": "upgradable_from",
    "Mandatory Step": "mandatory_step",
    "Interrupts Hub Power": "interrupts_hub_power",
}
_FIR = {
    **{name: field for name, field in FIR_FIELDS.items() if name not in _APART},
    "Availability": "availability",
    "Limited To": "limited_to",
}
_CONTACT = {**CONTACT_FIELDS, "Contact Confirmed": "confirmed_on"}
_CERTIFICATE = (
    *CERTIFICATE_COLUMNS.values(),
    *CERTIFICATE_DATES.values(),
    "CPA Date Kind",
    "Certificate Details",
)

# Names of all written columns, in the order of what ``all_values`` gives.
_NAMES = (
    "CPL Entry ID",
    "Firmware Version",
    *_MODEL,
    *CPL_FIELDS,
    *_CERTIFICATE,
    *_FIR,
    *_APART,
    "Hold",
    "Hold Since",
    *REQUIREMENT_FIELDS,
    *NOTES_FIELDS,
    *LOADING_FIELDS,
    *PRIVATE_FIELDS,
    *_CONTACT,
    "Maker Name",
    *(f"Maker {name}" for name in _CONTACT),
)
_PLACES = {name: place for place, name in enumerate(_NAMES)}


def chooser(names: Iterable[str]) -> Callable[[tuple[Value, ...]], list[Value]]:
    """Make what chooses columns from ``all_values``, in the order of the names."""
    places = [_PLACES[name] for name in names]
    if len(places) == 1:
        return lambda values: [values[places[0]]]
    choose = itemgetter(*places)
    return lambda values: list(choose(values))


_Reading = Callable[[object], tuple[Value, ...]]


def _reading(fields: Mapping[str, str]) -> _Reading:
    """Make the reading of some fields of a part; what is empty says nothing."""
    read = attrgetter(*fields.values())
    return lambda part: tuple([value or None for value in read(part)])


def _optional(fields: Mapping[str, str]) -> _Reading:
    """Make the reading of a part that may not be there."""
    read, nothing = _reading(fields), (None,) * len(fields)
    return lambda part: nothing if part is None else read(part)


_model, _cpl, _fir = _reading(_MODEL), _reading(CPL_FIELDS), _reading(_FIR)
_apart = attrgetter(*_APART.values())
_requires, _notes = _optional(REQUIREMENT_FIELDS), _optional(NOTES_FIELDS)
_loading, _private = _optional(LOADING_FIELDS), _reading(PRIVATE_FIELDS)
_contact = _optional(_CONTACT)


def all_values(entry: Entry, maker: Maker | None) -> tuple[Value, ...]:
    """Give what every written column says of an entry; ``chooser`` chooses from it."""
    cpl = entry.cpl
    return (
        entry.id,
        cpl.firmware,
        *_model(cpl.model),
        *_cpl(cpl),
        *_certificates(cpl.certificates),
        *_fir_values(entry.fir),
        *_private(entry.private),
        *_contact(entry.contact),
        *_maker(maker),
    )


def _fir_values(fir: FIRPart) -> tuple[Value, ...]:
    hold = fir.hold
    return (
        *_fir(fir),
        *_apart(fir),
        *((hold_cell(hold), hold.since) if hold else (None, None)),
        *_requires(fir.requires),
        *_notes(fir.notes),
        *_loading(fir.loading),
    )


def _maker(maker: Maker | None) -> tuple[Value, ...]:
    if maker is None:
        return (None, *_contact(None))
    return (maker.name, *_contact(maker.contact))


def maker_texts(maker: Maker | None) -> dict[str, str]:
    """Give the cells of the maker's own columns, by their names."""
    names = ("Maker Name", *(f"Maker {name}" for name in _CONTACT))
    values = zip(names, _maker(maker), strict=True)
    return {name: text_of(value) for name, value in values}


# Entries of one range rest on the same certificates.
@lru_cache(maxsize=4096)
def _certificates(certificates: tuple[Certificate, ...]) -> tuple[Value, ...]:
    if not certificates:
        return (None,) * len(_CERTIFICATE)
    numbers = {
        kind: tuple(c.number for c in certificates if c.kind is kind)
        for kind in CERTIFICATE_COLUMNS
    }
    return (
        *(numbers[kind] or None for kind in CERTIFICATE_COLUMNS),
        *(_shared(certificates, kind, "day") for kind in CERTIFICATE_DATES),
        _shared(certificates, CertificateKind.CPA, "date_kind"),
        _details(certificates),
    )


def _shared(
    certificates: tuple[Certificate, ...], kind: CertificateKind, field: str
) -> date | str | None:
    """Give what all certificates of a kind say in a field, if they say the same."""
    found = {getattr(c, field) for c in certificates if c.kind is kind}
    return found.pop() if len(found) == 1 else None


def _details(certificates: tuple[Certificate, ...]) -> str | None:
    """Say what the other columns do not say of the certificates."""
    rest = [_unsaid(certificates, certificate) for certificate in certificates]
    kinds = list(CertificateKind)
    order = [kinds.index(certificate.kind) for certificate in certificates]
    if order == sorted(order):
        # A line for each is written only where their order has to be told.
        rest = [c for c in rest if c != Certificate(kind=c.kind, number=c.number)]
    return details_cell(rest) or None


def _unsaid(
    certificates: tuple[Certificate, ...], certificate: Certificate
) -> Certificate:
    kind = certificate.kind
    changes: dict[str, None] = {}
    if _shared(certificates, kind, "day"):
        changes["day"] = None
    if kind is CertificateKind.CPA and _shared(certificates, kind, "date_kind"):
        changes["date_kind"] = None
    return msgspec.structs.replace(certificate, **changes) if changes else certificate
