"""What differs between two entries is named field by field, in people's words."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import DESK, a_model, an_entry
from firtree.catalogue.differences import (
    Difference,
    differences,
    maker_differences,
)
from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
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
    Status,
)
from firtree.devices import HardwareModel
from firtree.parties import Contact, Maker

CPA = Certificate(
    kind=CertificateKind.CPA,
    number="CPA-1",
    date_kind=DateKind.EXPIRY,
    day=date(2027, 3, 31),
)


def test_nothing_differs_between_an_entry_and_itself() -> None:
    assert differences(an_entry(7), an_entry(7)) == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            {"status": Status.ACTIVE},
            {"status": Status.WITHDRAWN},
            Difference("status", "Status", "Active", "Withdrawn"),
        ),
        (
            {"upgradable_from": None},
            {"upgradable_from": ()},
            Difference("upgradable_from", "Upgradable From", "", "N/A"),
        ),
        (
            {"upgradable_from": ()},
            {"upgradable_from": (1, 2)},
            Difference("upgradable_from", "Upgradable From", "N/A", "1; 2"),
        ),
        (
            {"mandatory_step": False},
            {"mandatory_step": True},
            Difference("mandatory_step", "Mandatory Step", "no", "yes"),
        ),
        (
            {"release_date": date(2026, 3, 1)},
            {"release_date": None},
            Difference("release_date", "Release Date", "2026-03-01", ""),
        ),
        (
            {"hold": None},
            {"hold": Hold(reason="Field trial", since=date(2026, 3, 1))},
            Difference("hold", "Hold", "", "Field trial (since 2026-03-01)"),
        ),
        (
            {"hold": Hold()},
            {"hold": None},
            Difference("hold", "Hold", "yes", ""),
        ),
        (
            {"loading": DCCLoading(state=Loading.REFUSED, reason="no image")},
            {"loading": DCCLoading(state=Loading.LOADED, on=date(2026, 3, 1))},
            Difference(
                "loading", "DCC Loaded", "refused: no image", "loaded (2026-03-01)"
            ),
        ),
        (
            {"requires": None},
            {
                "requires": Requirement(
                    hub_entries=(12, 15), least_gbcs="4.1", han_variant="Dual Band"
                )
            },
            Difference(
                "requires", "Requires", "", "entries 12, 15; GBCS 4.1; HAN Dual Band"
            ),
        ),
        (
            {"requires": Requirement(least_chts="1.4")},
            {"requires": None},
            Difference("requires", "Requires", "CHTS 1.4", ""),
        ),
        (
            {"notes": ReleaseNotes(summary="Mends", fixes=("a",))},
            {"notes": ReleaseNotes(summary="Mends", fixes=("a", "b"))},
            Difference("notes", "Notes Fixes", "a", "a; b"),
        ),
        (
            {"contact": DESK},
            {"contact": msgspec.structs.replace(DESK, email="new@maker.example")},
            Difference(
                "contact",
                "Contact Email",
                "firmware@maker.example",
                "new@maker.example",
            ),
        ),
        (
            {"model": a_model()},
            {"model": a_model(hardware_revision="0C")},
            Difference("hardware_revision", "Hardware Revision", "0B", "0C"),
        ),
        (
            {"certificates": (CPA,)},
            {
                "certificates": (
                    msgspec.structs.replace(CPA, day=date(2031, 3, 31), body="A lab"),
                )
            },
            Difference(
                "certificates",
                "CPA Certificate CPA-1",
                "expiry 2027-03-31",
                "expiry 2031-03-31; by A lab",
            ),
        ),
        (
            {"certificates": ()},
            {"certificates": (msgspec.structs.replace(CPA, day=None),)},
            Difference(
                "certificates", "CPA Certificate CPA-1", "", "expiry without a date"
            ),
        ),
    ],
)
def test_a_field_is_told_as_a_cell_of_the_table_holds_it(
    before: dict[str, Any], after: dict[str, Any], expected: Difference
) -> None:
    found = differences(an_entry(7, **before), an_entry(7, **after))

    assert found == (expected,)


def test_fields_come_in_the_order_of_the_table() -> None:
    after = an_entry(
        7,
        hold=Hold(),
        upgradable_from=(3,),
        status=Status.EXPIRED,
        firmware="00000009",
        contact=None,
    )

    found = [one.field for one in differences(an_entry(7), after)]

    assert found[:4] == ["firmware", "status", "upgradable_from", "hold"]
    assert set(found[4:]) == {"contact"}


def test_certificates_in_another_order_are_told_as_a_whole() -> None:
    other = msgspec.structs.replace(CPA, number="CPA-2")
    before = an_entry(7, certificates=(CPA, other))

    (found,) = differences(before, an_entry(7, certificates=(other, CPA)))

    assert found.label == "Certificates"
    assert found.before != found.after


def test_two_values_that_read_alike_are_told_exactly() -> None:
    before = an_entry(7, limited_to=("Alder; Birch",))

    (found,) = differences(before, an_entry(7, limited_to=("Alder", "Birch")))

    assert (found.before, found.after) == ('["Alder; Birch"]', '["Alder","Birch"]')


# Every field of an entry with a value that is not its default.
OTHERWISE: dict[str, Any] = {
    "model": a_model(manufacturer="CD01"),
    "firmware_coding": "hex",
    "certificates": (CPA,),
    "status": Status.CANCELLED,
    "upgradable_from": (5,),
    "confirmed_edges": (5,),
    "rollback_from": (5,),
    "limited_to": ("Birch",),
    "availability": Availability.LIMITED,
    "change_classes": (ChangeClass.DEFECT,),
    "requires": Requirement(least_gbcs="4.1"),
    "image_size_octets": 5,
    "mandatory_step": True,
    "interrupts_hub_power": True,
    "notes": ReleaseNotes(summary="New"),
    "hold": Hold(),
    "loading": DCCLoading(state=Loading.LOADED),
    "rollback_allowed": "no",
    "security_urgency": "high",
    "firmware": "00000099",
}
DAYS = {
    *("status_from", "published_on", "release_date"),
    *("signed_firmware_valid_to", "support_until"),
}


@pytest.mark.parametrize(
    "name", [*CPLPart.__struct_fields__, *FIRPart.__struct_fields__]
)
def test_no_field_can_change_unnoticed(name: str) -> None:
    value = OTHERWISE.get(name, date(2026, 6, 6) if name in DAYS else "otherwise")

    (found,) = differences(an_entry(7), an_entry(7, **{name: value}))

    assert found.before != found.after
    assert found.field in {name, "manufacturer"}


@pytest.mark.parametrize("name", [*HardwareModel.__struct_fields__])
def test_no_part_of_a_hardware_model_can_change_unnoticed(name: str) -> None:
    value = {"device_type": "GSME", "generation": "SMETS1"}.get(name, "99")
    if name in {"manufacturer", "model_identifier"}:
        value = "9999"

    (found,) = differences(an_entry(7), an_entry(7, model=a_model(**{name: value})))

    assert (found.field, found.after) == (name, value)


@pytest.mark.parametrize("name", [*PrivatePart.__struct_fields__])
def test_private_parts_are_compared_where_they_are_there(name: str) -> None:
    private = PrivatePart(**{name: "SSC-7"})
    after = msgspec.structs.replace(an_entry(7), private=private)

    (found,) = differences(an_entry(7), after)

    assert (found.field, found.after) == (name, "SSC-7")


def test_a_makers_name_and_contact_are_compared() -> None:
    before = Maker(code="AB01", name="Alder", contact=None)
    after = Maker(code="AB01", name="Alder Meters", contact=Contact(phone="01"))

    assert maker_differences(before, after) == (
        Difference("name", "Manufacturer", "Alder", "Alder Meters"),
        Difference("contact", "Contact Telephone", "", "01"),
    )
    assert maker_differences(after, after) == ()


texts = st.text(alphabet="a; 1", max_size=4)
lists = st.lists(texts, max_size=3).map(tuple)
certificates = st.builds(
    Certificate,
    kind=st.sampled_from(CertificateKind),
    number=texts,
    day=st.none() | st.just(date(2027, 3, 31)),
    date_kind=st.none() | st.sampled_from(DateKind),
    body=texts,
    scope_note=texts,
)
entries = st.builds(
    lambda **fields: an_entry(7, **fields),
    certificates=st.lists(certificates, max_size=3).map(tuple),
    limited_to=lists,
    notes=st.none() | st.builds(ReleaseNotes, summary=texts, fixes=lists),
    hold=st.none() | st.builds(Hold, reason=texts),
    requires=st.none() | st.builds(Requirement, han_variant=texts, least_gbcs=texts),
    loading=st.none()
    | st.builds(DCCLoading, state=st.sampled_from(Loading), reason=texts),
    contact=st.none() | st.builds(Contact, role=texts, phone=texts),
)


@given(entries, entries)
def test_two_entries_differ_just_where_a_difference_is_told(
    before: Entry, after: Entry
) -> None:
    found = differences(before, after)
    back = differences(after, before)

    assert bool(found) == (_blank(before) != _blank(after))
    assert all(one.before != one.after for one in found)
    assert {(one.field, one.label, one.after, one.before) for one in back} == set(found)


def _blank(entry: Entry) -> Entry:
    """Give an entry whose empty notes and contact are none at all, as they mean."""
    notes = entry.fir.notes if entry.fir.notes != ReleaseNotes() else None
    contact = entry.contact if entry.contact != Contact() else None
    fir = msgspec.structs.replace(entry.fir, notes=notes)
    return msgspec.structs.replace(entry, fir=fir, contact=contact)
