"""Strategies for any valid entries and makers, with texts that are awkward to write."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
    Coding,
    CPLPart,
    DateKind,
    DCCLoading,
    Entry,
    FIRPart,
    Hold,
    Loading,
    PrivatePart,
    ReleaseNotes,
    Requirement,
    RollbackAllowed,
    Status,
    Urgency,
)
from firtree.devices import (
    ESME_VARIANTS,
    DeviceType,
    Generation,
    HardwareModel,
    allows_free_text,
)
from firtree.parties import Contact, Maker
from firtree.text import is_hex

# Signs that mean something to a reader, a spreadsheet program or XML.
_SIGNS = "aZ09 ;\\'\"=+-@,|:/<&>_x\u00e9\u4e2d\U0001f600n"
days = (
    st.none()
    | st.dates(date(2010, 1, 1), date(2040, 1, 1))
    | st.dates(date(1890, 1, 1), date(1900, 4, 1))
)
flags = st.booleans()
ids = st.lists(st.integers(1, 2**53), unique=True, max_size=3).map(tuple)


def text(most: int, *, least: int = 0, signs: str = _SIGNS) -> st.SearchStrategy[str]:
    """Give a text with no blanks around it."""
    whole = st.text(signs, max_size=min(most, 12)).map(str.strip)
    odd = ["yes", "N/A", "no", "_x0041_", "1E5", "=1+1", "'=1", "2026-11-22"]
    odd += ["<r></r>", "<r><t>a</t></r>", "</t></is></c>"]
    some = whole | st.sampled_from(odd).map(lambda word: word[:most])
    return some.map(lambda found: found or "x") if least else some


def block(most: int) -> st.SearchStrategy[str]:
    """Give a text of several lines."""
    return text(most, signs=_SIGNS + "\n")


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Give some different values."""
    return st.lists(values, unique=True, max_size=3).map(tuple)


def one_of(kind: type[StrEnum]) -> st.SearchStrategy[Any]:
    """Give one of some words, or none."""
    return st.none() | st.sampled_from(list(kind))


def exactly(count: int) -> st.SearchStrategy[str]:
    """Give hexadecimal digits."""
    return st.text("0123456789ABCDEF", min_size=count, max_size=count)


def digits(count: int) -> st.SearchStrategy[str]:
    """Give hexadecimal digits, or nothing."""
    return st.just("") | exactly(count)


contacts = st.builds(
    Contact,
    role=text(100),
    email=st.sampled_from(["", "desk@maker.example", "+fw@maker.example"]),
    phone=text(60),
    url=st.sampled_from(["", "https://maker.example/form?x=1"]),
    confirmed_on=days,
).map(
    lambda found: (
        found if found.role or found.reachable else replace(found, role="Desk")
    )
)
items = several(block(100).map(lambda found: found or "x"))
notes = st.builds(
    ReleaseNotes,
    summary=block(1000),
    security=items,
    fixes=items,
    features=items,
    known_issues=items,
    irps=items,
    reference=text(100),
).map(lambda found: replace(found, summary="Notes.") if found.empty else found)
requirements = st.builds(
    Requirement,
    hub_entries=ids,
    least_gbcs=text(10),
    least_chts=text(10),
    han_variant=text(30),
).map(lambda found: replace(found, least_gbcs="4") if found.empty else found)
loadings = st.builds(
    DCCLoading, state=st.sampled_from(Loading), reason=text(200), on=days
)
certificates = st.lists(
    st.builds(
        Certificate,
        kind=st.sampled_from(CertificateKind),
        number=text(200, least=1),
        body=block(100),
        standard_version=text(20),
        characteristic_version=text(20),
        issued=days,
        date_kind=one_of(DateKind),
        day=days,
        scope_note=block(100),
    ),
    unique_by=lambda found: (found.kind, found.number),
    max_size=3,
).map(tuple)


@st.composite
def models(draw: st.DrawFn) -> HardwareModel:
    """Give a hardware model; names that are not hexadecimal where they may be."""
    device_type = draw(st.sampled_from(DeviceType))
    generation = draw(st.sampled_from(Generation))
    free = allows_free_text(device_type, generation)

    def part(size: int, most: int) -> str:
        if not free or draw(flags):
            return draw(exactly(size))
        name = draw(text(most, least=size - 2))
        return name.upper() if is_hex(name, size) else name

    return HardwareModel(
        device_type=device_type,
        generation=generation,
        manufacturer=part(4, 30),
        model_identifier=part(4, 10),
        hardware_version=part(2, 10),
        hardware_revision=part(2, 10),
    )


@st.composite
def cpl_parts(draw: st.DrawFn) -> CPLPart:
    """Give what the CPL says."""
    model = draw(models())
    modern = model.generation is Generation.SMETS2
    return CPLPart(
        model=model,
        firmware=draw(exactly(8) if modern else text(8, least=1)),
        manufacturer_name=draw(text(100)),
        trade_name=draw(text(60)),
        esme_variant=draw(st.sampled_from(["", *sorted(ESME_VARIANTS)])),
        firmware_coding=draw(one_of(Coding)),
        firmware_label=draw(text(40)),
        smets_chts=draw(text(20)),
        gbcs=draw(text(10)),
        image_hash=draw(digits(64)),
        hash_signed_by=draw(text(100)),
        hash_signature=draw(text(100)),
        certificates=draw(certificates),
        status=draw(st.sampled_from(Status)),
        status_from=draw(days),
        status_reason=draw(text(200)),
        published_on=draw(days),
    )


@st.composite
def fir_parts(draw: st.DrawFn) -> FIRPart:
    """Give FIR information."""
    return FIRPart(
        release_date=draw(days),
        release_line=draw(text(40)),
        upgradable_from=draw(st.none() | ids),
        confirmed_edges=draw(ids),
        rollback_from=draw(ids),
        availability=draw(one_of(Availability)),
        limited_to=draw(several(text(100, least=1))),
        mandatory_step=draw(flags),
        activation_order_note=draw(block(500)),
        requires=draw(st.none() | requirements),
        interrupts_hub_power=draw(flags),
        min_hardware=draw(digits(4)),
        max_hardware=draw(digits(4)),
        ota_manufacturer_code=draw(digits(4)),
        ota_image_type=draw(digits(4)),
        image_size_octets=draw(st.none() | st.integers(1, 10_240_000)),
        signed_firmware_valid_to=draw(days),
        change_classes=draw(several(st.sampled_from(ChangeClass))),
        security_urgency=draw(one_of(Urgency)),
        metrology_software_id=draw(text(100)),
        notes=draw(st.none() | notes),
        support_until=draw(days),
        rollback_allowed=draw(one_of(RollbackAllowed)),
        sbom_reference=draw(text(100)),
        sbom_sha256=draw(digits(64)),
        hold=draw(st.none() | st.builds(Hold, reason=text(200), since=days)),
        loading=draw(st.none() | loadings),
    )


def an_entry(entry_id: int) -> st.SearchStrategy[Entry]:
    """Give any valid entry of this id."""
    return st.builds(
        Entry,
        id=st.just(entry_id),
        cpl=cpl_parts(),
        fir=fir_parts(),
        contact=st.none() | contacts,
        private=st.builds(
            PrivatePart, advisory_reference=text(200), mapping_evidence=block(200)
        ),
    )


@st.composite
def registers(draw: st.DrawFn, most: int = 3) -> tuple[list[Entry], dict[str, Maker]]:
    """Give entries by id, and the maker of each by its code."""
    count = draw(st.integers(1, most))
    entries = [draw(an_entry(number)) for number in range(1, count + 1)]
    codes = {entry.model.key.manufacturer for entry in entries}
    makers = {
        code: Maker(
            code=code, name=draw(text(100, least=1)), contact=draw(st.none() | contacts)
        )
        for code in sorted(codes)
    }
    return entries, makers
