"""The checks on a submission, code by code, and what holds for all of them."""

import re
import sys
from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import DAY, DESK, a_model, an_entry
from firtree.catalogue.checks import (
    CODES,
    Column,
    Finding,
    Neighbours,
    Severity,
    Surroundings,
    findings,
)
from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    Coding,
    DateKind,
    Entry,
    Requirement,
    Status,
)
from firtree.devices import DeviceType, Generation, HardwareModel
from firtree.exchange.columns import COLUMNS
from firtree.parties import Contact, Maker

DOCS = Path(__file__).parents[3] / "docs" / "checks.md"
CPA = Certificate(
    kind=CertificateKind.CPA,
    number="CPA 17",
    date_kind=DateKind.EXPIRY,
    day=date(2030, 1, 31),
)
ZIGBEE = Certificate(kind=CertificateKind.ZIGBEE, number="ZB 17")
DLMS = Certificate(kind=CertificateKind.DLMS, number="DL 17")
SOUND: dict[str, Any] = {
    "esme_variant": "AD",
    "firmware_coding": Coding.HEX,
    "smets_chts": "SMETS V4.2",
    "gbcs": "4.1",
    "certificates": (CPA, ZIGBEE, DLMS),
}
MAKER = Maker(code="AB01", name="Alder Meters", contact=DESK)
SMETS1 = HardwareModel(
    device_type=DeviceType.ESME,
    generation=Generation.SMETS1,
    manufacturer="ALDER",
    model_identifier="SM-100",
)
OTHER_MAKER = a_model(manufacturer="CD02")
HUB = a_model(device_type=DeviceType.CHF, model_identifier="0C0B")
GONE: dict[str, Any] = {
    "status": Status.WITHDRAWN,
    "status_reason": "replaced",
    "status_from": date(2025, 1, 1),
}
CANCELLED: dict[str, Any] = {**GONE, "status": Status.CANCELLED}


def sound(entry_id: int = 5, **changes: Any) -> Entry:
    """Make an entry that no rule has anything to say about, but for changes."""
    usual = {} if entry_id == 1 else {"upgradable_from": (1,)}
    return an_entry(entry_id, **{**SOUND, **usual, **changes})


FIRST = sound(1)


def of_other_maker(entry_id: int = 7, **changes: Any) -> Entry:
    """Make an entry of another maker, whose name and code nobody else may learn."""
    named = {"model": OTHER_MAKER, "manufacturer_name": "Beech Gauges"}
    return sound(entry_id, **{**named, **changes})


def around(*near: Entry, **changes: Any) -> Surroundings:
    """Surround an entry with others, each where its fields put it; day is ``DAY``."""
    entries = {FIRST.id: FIRST, **{entry.id: entry for entry in near}}
    usual: dict[str, Any] = {
        "day": DAY,
        "same_model": tuple(
            entry for entry in entries.values() if entry.model.key == FIRST.model.key
        ),
        "named": entries,
        "same_hash": tuple(entries.values()),
        "maker": MAKER,
    }
    return Surroundings(**{**usual, **changes})


def codes_of(entry: Entry, *near: Entry, **changes: Any) -> set[str]:
    """Give the codes of all findings."""
    return {found.code for found in findings(entry, around(*near, **changes))}


def texts_of(found: tuple[Finding, ...]) -> str:
    """Give everything that findings say."""
    return msgspec.json.encode(found).decode()


def digest(text: str) -> str:
    """Give a hash that looks like one."""
    return sha256(text.encode()).hexdigest().upper()


class Case(NamedTuple):
    """An entry, and what is around it."""

    entry: Entry
    near: tuple[Entry, ...] = ()
    around: dict[str, Any] = {}  # noqa: RUF012 - never changed


def case(*near: Entry, id: int = 5, **changes: Any) -> Case:  # noqa: A002
    """Make a case of the usual entry with changes."""
    return Case(sound(id, **changes), near)


def with_dates(**changes: Any) -> tuple[Certificate, ...]:
    """Give the usual certificates, the CPA one with changes."""
    return (msgspec.structs.replace(CPA, **changes), ZIGBEE, DLMS)


# code: (a case in which the code is found, a near miss in which it is not)
CASES: dict[str, tuple[Case, Case]] = {
    "not-hexadecimal": (case(image_hash="O" * 64), case(image_hash="ab" * 32)),
    "model-not-hexadecimal": (
        case(model=SMETS1),
        case(model=a_model(generation=Generation.SMETS1)),
    ),
    "firmware-not-hexadecimal": (
        case(model=SMETS1, firmware="3.10.7"),
        case(model=SMETS1, firmware="09030A07"),
    ),
    "hash-missing": (
        case(image_hash=""),
        case(image_hash="", upgradable_from=()),
    ),
    "hash-all-equal": (case(image_hash="a" * 64), case(image_hash="a" * 63 + "b")),
    "hash-of-nothing": (
        case(image_hash=sha256(b"").hexdigest()),
        case(image_hash=sha256(b"\0").hexdigest()),
    ),
    "hash-of-sample": (
        case(
            image_hash="AA758690730934FF0685AA75869073"
            "0934FF0685657788990011223344556677"
        ),
        case(
            image_hash="AA758690730934FF0685AA75869073"
            "0934FF0685657788990011223344556678"
        ),
    ),
    "hash-of-other-maker": (
        case(of_other_maker(image_hash=digest("x")), image_hash=digest("x")),
        case(of_other_maker(image_hash=digest("y")), image_hash=digest("x")),
    ),
    "hash-reused": (
        case(
            sound(6, model=HUB, image_hash=digest("x").lower()), image_hash=digest("x")
        ),
        case(of_other_maker(image_hash=digest("x")), image_hash=digest("x")),
    ),
    "coding-missing": (
        case(firmware_coding=None),
        case(firmware_coding=None, model=SMETS1, firmware="3.10.7"),
    ),
    "coding-differs": (
        case(sound(3, firmware_coding=Coding.BCD)),
        case(sound(6, firmware_coding=Coding.BCD)),
    ),
    "bcd-with-letters": (
        case(firmware="0903000a", firmware_coding=Coding.BCD),
        case(firmware="0903000a", firmware_coding=Coding.HEX),
    ),
    "version-listed-already": (
        case(sound(3, firmware="000000ab"), firmware="000000AB"),
        case(sound(3, firmware="000000AB", **CANCELLED), firmware="000000AB"),
    ),
    "predecessor-is-itself": (
        case(upgradable_from=(1, 5)),
        case(upgradable_from=(1,)),
    ),
    "predecessor-of-other-maker": (
        case(of_other_maker(2), upgradable_from=(2,)),
        case(of_other_maker(2), upgradable_from=(1,)),
    ),
    "predecessor-of-other-model": (
        case(sound(2, model=a_model(hardware_revision="0C")), upgradable_from=(2,)),
        case(
            sound(2, model=a_model(device_type=DeviceType.SAPC)), upgradable_from=(2,)
        ),
    ),
    "declared-cycle": (
        case(sound(3, upgradable_from=(5,)), upgradable_from=(1, 3)),
        case(sound(3, upgradable_from=(1,)), upgradable_from=(1, 3)),
    ),
    "unknown-predecessor": (
        case(upgradable_from=(1, 404)),
        case(sound(2), upgradable_from=(1, 2)),
    ),
    "predecessor-has-later-id": (
        case(sound(6), upgradable_from=(6,)),
        case(sound(6), upgradable_from=(6,), id=0),
    ),
    "na-with-earlier-entries": (
        case(upgradable_from=()),
        Case(sound(upgradable_from=()), (sound(6),), {"same_model": (sound(6),)}),
    ),
    "predecessors-all-removed": (
        case(sound(2, **GONE), upgradable_from=(2,)),
        case(sound(2, **GONE), upgradable_from=(1, 2)),
    ),
    "predecessors-blank": (
        case(upgradable_from=None, published_on=date(2019, 3, 1)),
        case(upgradable_from=None, published_on=date(2019, 2, 28)),
    ),
    "confirmed-edge-not-declared": (
        case(confirmed_edges=(1, 2)),
        case(confirmed_edges=(1,)),
    ),
    "rollback-is-itself": (case(rollback_from=(5,)), case(rollback_from=(1,))),
    "rollback-of-other-maker": (
        case(of_other_maker(), rollback_from=(7,)),
        case(sound(7), rollback_from=(7,)),
    ),
    "rollback-of-other-model": (
        case(sound(7, model=HUB), rollback_from=(7,)),
        case(sound(7), rollback_from=(7,)),
    ),
    "unknown-rollback": (
        case(rollback_from=(404,)),
        case(sound(7), rollback_from=(7,)),
    ),
    "unknown-hub-entry": (
        case(requires=Requirement(hub_entries=(404,))),
        case(sound(9, model=HUB), requires=Requirement(hub_entries=(9,))),
    ),
    "hub-entry-of-other-type": (
        case(requires=Requirement(hub_entries=(1,))),
        case(sound(9, model=HUB), requires=Requirement(hub_entries=(9,))),
    ),
    "certificate-missing": (
        case(certificates=(CPA, ZIGBEE)),
        case(
            certificates=(CPA, ZIGBEE),
            model=a_model(device_type=DeviceType.GSME),
        ),
    ),
    "certificate-expired": (
        case(
            published_on=date(2026, 1, 2),
            certificates=with_dates(day=date(2026, 1, 1)),
        ),
        case(
            published_on=date(2026, 1, 2),
            certificates=with_dates(day=date(2026, 1, 2)),
        ),
    ),
    "certificate-date-half-said": (
        case(certificates=with_dates(date_kind=None)),
        case(certificates=with_dates(date_kind=None, day=None)),
    ),
    "certificate-dates-differ": (
        case(sound(3, certificates=with_dates(day=date(2031, 1, 31)))),
        case(sound(3, certificates=with_dates(number="x", day=date(2031, 1, 31)))),
    ),
    "gbcs-missing": (
        case(gbcs=""),
        case(gbcs="", model=a_model(generation=Generation.SMETS1)),
    ),
    "smets-missing": (
        case(smets_chts=""),
        case(smets_chts="", model=a_model(generation=Generation.SMETS1)),
    ),
    "specification-ended": (
        case(gbcs="1.0", published_on=date(2018, 5, 8)),
        case(gbcs="1.0", published_on=date(2018, 5, 7)),
    ),
    "specification-ends-soon": (
        case(gbcs="1.0", published_on=date(2017, 5, 7)),
        case(gbcs="1.0", published_on=date(2017, 5, 6)),
    ),
    "contact-missing": (
        Case(sound(contact=None), (), {"maker": Maker(code="AB01", name="Alder")}),
        Case(sound(contact=None), (), {"maker": MAKER}),
    ),
    "contact-unreachable": (
        case(contact=Contact(role="Release desk", confirmed_on=DAY)),
        case(contact=Contact(role="Release desk", phone="1", confirmed_on=DAY)),
    ),
    "contact-personal": (
        case(contact=msgspec.structs.replace(DESK, role="Rowan Ashdown")),
        case(contact=msgspec.structs.replace(DESK, role="Release Desk")),
    ),
    "contact-stale": (
        case(
            contact=msgspec.structs.replace(DESK, confirmed_on=DAY - timedelta(days=91))
        ),
        case(
            contact=msgspec.structs.replace(DESK, confirmed_on=DAY - timedelta(days=90))
        ),
    ),
    "release-in-future": (
        case(release_date=DAY + timedelta(days=1)),
        case(release_date=DAY),
    ),
    "older-than-predecessor": (
        case(release_date=date(2024, 1, 1)),
        case(release_date=FIRST.fir.release_date),
    ),
    "status-reason-missing": (
        case(**{**GONE, "status_reason": ""}),
        case(status_reason=""),
    ),
    "status-from-missing": (case(**{**GONE, "status_from": None}), case(**GONE)),
    "variant-missing": (
        case(esme_variant=""),
        case(esme_variant="", model=a_model(device_type=DeviceType.SAPC)),
    ),
    "limited-to-nobody": (
        case(availability=Availability.LIMITED),
        case(availability=Availability.LIMITED, limited_to=("Cedar Energy",)),
    ),
    "image-size-impossible": (
        case(image_size_octets=0),
        case(image_size_octets=10_240_000),
    ),
    "image-large": (case(image_size_octets=768_001), case(image_size_octets=768_000)),
    "hardware-range-reversed": (
        case(min_hardware="030C", max_hardware="030B"),
        case(min_hardware="030b", max_hardware="030B"),
    ),
    "hardware-out-of-range": (
        case(min_hardware="0101", max_hardware="030a"),
        case(min_hardware="0101", max_hardware="030b"),
    ),
    "ota-code-differs": (
        case(ota_manufacturer_code="AB02"),
        case(ota_manufacturer_code="ab01"),
    ),
    "support-ended": (
        case(support_until=DAY - timedelta(days=1)),
        case(support_until=DAY),
    ),
}


def test_every_code_has_its_cases() -> None:
    assert set(CASES) == set(CODES)


@pytest.mark.parametrize("code", CASES)
def test_the_rule_finds_what_it_is_for(code: str) -> None:
    entry, near, changes = CASES[code][0]

    found = [f for f in findings(entry, around(*near, **changes)) if f.code == code]

    assert found
    for one in found:
        assert one.severity is CODES[code].severity
        assert one.field in [column.value for column in CODES[code].columns]
        assert one.text.endswith(".")
        assert "{" not in one.text


@pytest.mark.parametrize("code", CASES)
def test_the_rule_does_not_find_a_near_miss(code: str) -> None:
    entry, near, changes = CASES[code][1]

    assert code not in codes_of(entry, *near, **changes)


def test_a_sound_entry_has_no_findings() -> None:
    assert findings(sound(), around()) == ()


def test_all_failures_are_reported_at_once_and_in_order() -> None:
    entry = sound(
        image_hash="xyz",
        gbcs="",
        certificates=(),
        upgradable_from=(5, 404),
        contact=Contact(role="Release desk"),
        release_date=DAY + timedelta(days=1),
        image_size_octets=0,
    )

    found = findings(entry, around())

    assert [one.code for one in found] == [
        "not-hexadecimal",
        "predecessor-is-itself",
        "unknown-predecessor",
        "certificate-missing",
        "certificate-missing",
        "certificate-missing",
        "gbcs-missing",
        "contact-unreachable",
        "contact-stale",
        "release-in-future",
        "image-size-impossible",
    ]
    assert {one.severity for one in found} == set(Severity)


def test_a_look_alike_letter_is_named_with_its_place() -> None:
    (found,) = findings(sound(min_hardware="03O1", max_hardware="0FFF"), around())

    assert found.field == Column.LEAST_HARDWARE
    assert "'O' at place 3 (the digit 0 is meant?)" in found.text
    assert found.found == "03O1"


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("image_hash", Column.HASH),
        ("min_hardware", Column.LEAST_HARDWARE),
        ("max_hardware", Column.MOST_HARDWARE),
        ("ota_manufacturer_code", Column.OTA_CODE),
        ("ota_image_type", Column.OTA_TYPE),
        ("sbom_sha256", Column.SBOM_HASH),
    ],
)
def test_each_hexadecimal_field_is_checked_by_itself(
    field: str, column: Column
) -> None:
    changed: dict[str, Any] = {field: "0x01"}

    (found,) = findings(sound(**changed), around())

    assert (found.code, found.field) == ("not-hexadecimal", column)


def test_a_circle_is_named_in_order() -> None:
    near = (
        sound(8, upgradable_from=(5,)),
        sound(3, upgradable_from=(8,)),
        sound(4, upgradable_from=(3,)),
    )

    found = findings(sound(upgradable_from=(1, 4, 8)), around(*near))

    circles = [one.found for one in found if one.code == "declared-cycle"]
    assert circles == ["5 → 8 → 3 → 4 → 5", "5 → 8 → 5"]


def test_a_circle_that_does_not_touch_the_entry_is_not_its_fault() -> None:
    near = (sound(3, upgradable_from=(4,)), sound(4, upgradable_from=(3,)))

    assert "declared-cycle" not in codes_of(sound(upgradable_from=(3,)), *near)


def test_a_long_circle_is_cut_in_the_middle() -> None:
    near = [sound(n, upgradable_from=(n - 1,)) for n in range(6, 60)]

    found = findings(sound(upgradable_from=(1, 59)), around(*near))

    (circle,) = [one.found for one in found if one.code == "declared-cycle"]
    assert circle.startswith("5 → 6 → 7")
    assert " → … → " in circle
    assert circle.endswith("58 → 59 → 5")


def test_a_renewal_date_is_no_expiry() -> None:
    past = with_dates(number="x", date_kind=DateKind.RENEWAL, day=date(2020, 1, 1))

    assert codes_of(sound(certificates=past)) == set()


def test_a_date_of_unsaid_kind_counts_as_an_expiry() -> None:
    past = with_dates(number="x", date_kind=None, day=date(2020, 1, 1))

    assert codes_of(sound(certificates=past)) == {
        "certificate-expired",
        "certificate-date-half-said",
    }


def test_a_draft_is_judged_on_the_day_of_the_check() -> None:
    draft = sound(published_on=None, gbcs="1.0")

    assert "specification-ended" in codes_of(draft)
    assert "specification-ended" not in codes_of(draft, day=date(2018, 5, 7))


def test_either_half_of_a_certificates_date_is_missed() -> None:
    (kind,) = findings(sound(certificates=with_dates(date_kind=None)), around())
    (day,) = findings(sound(certificates=with_dates(day=None)), around())

    assert "has a date but no kind of date (expiry or renewal);" in kind.text
    assert "has a kind of date but no date;" in day.text


def test_a_smets1_entry_needs_no_certificates() -> None:
    model = a_model(generation=Generation.SMETS1)

    assert codes_of(sound(model=model, certificates=())) == set()


def test_a_display_needs_no_hash() -> None:
    display = a_model(device_type=DeviceType.IHD)

    assert "hash-missing" not in codes_of(sound(model=display, image_hash=""))


def test_a_removed_entry_needs_no_hash() -> None:
    assert "hash-missing" not in codes_of(sound(image_hash="", **GONE))


def test_a_cancelled_entry_may_be_a_twin() -> None:
    twin = sound(3, firmware="000000AB")

    assert codes_of(sound(firmware="000000AB", **CANCELLED), twin) == set()


def test_the_contact_of_the_entry_comes_before_that_of_its_maker() -> None:
    entry = sound(contact=Contact(role="Release desk"))

    assert "contact-unreachable" in codes_of(entry)


def test_a_contact_that_was_never_confirmed_is_stale() -> None:
    contact = msgspec.structs.replace(DESK, confirmed_on=None)

    (found,) = findings(sound(contact=contact), around())

    assert found.code == "contact-stale"
    assert "never confirmed" in found.text


def test_a_persons_name_is_not_repeated() -> None:
    contact = Contact(
        role="Rowan Ashdown", email="rowan.ashdown@maker.example", confirmed_on=DAY
    )

    found = findings(sound(contact=contact), around())

    assert [one.field for one in found] == ["Contact Role", "Contact Email"]
    assert "ashdown" not in texts_of(found).lower()


def test_no_finding_names_another_maker_or_says_what_its_entry_says() -> None:
    theirs = of_other_maker(
        777,
        image_hash=digest("x"),
        certificates=with_dates(day=date(2031, 7, 17)),
        release_date=date(2025, 3, 14),
        **{**GONE, "status_reason": "their secret"},
    )
    entry = sound(image_hash=digest("x"), upgradable_from=(777,), rollback_from=(777,))

    found = findings(entry, around(theirs))

    assert {one.code for one in found} == {
        "hash-of-other-maker",
        "predecessor-of-other-maker",
        "rollback-of-other-maker",
    }
    said = texts_of(found)
    for secret in ("Beech", "CD02", "2031", "2025", "secret", "Withdrawn"):
        assert secret not in said
    assert "777" not in texts_of(
        tuple(one for one in found if one.code == "hash-of-other-maker")
    )


def test_a_predecessor_that_is_not_known_may_still_be_listed() -> None:
    codes = codes_of(sound(upgradable_from=(2, 404)), sound(2, **GONE))

    assert codes == {"unknown-predecessor"}


def test_a_certificate_without_number_counts_for_nothing() -> None:
    blank = msgspec.structs.replace(DLMS, number="")

    assert codes_of(sound(certificates=(CPA, ZIGBEE, blank))) == {"certificate-missing"}


def test_a_smets_version_that_has_ended_is_told_at_its_own_column() -> None:
    ends = {"SMETS 4.2": date(2020, 1, 1)}

    (found,) = findings(sound(), around(ends=ends))

    assert (found.code, found.field) == ("specification-ended", Column.SMETS)


def test_an_entry_is_not_compared_with_its_own_earlier_record() -> None:
    before = sound(certificates=with_dates(day=date(2031, 1, 31)))

    assert codes_of(sound(), before) == set()


def test_hardware_at_either_end_of_the_range_is_in_it() -> None:
    assert codes_of(sound(min_hardware="030B", max_hardware="030B")) == set()
    assert codes_of(sound(min_hardware="030C")) == {"hardware-out-of-range"}


def test_a_reversed_range_is_told_once() -> None:
    entry = sound(min_hardware="040A", max_hardware="030C")

    assert codes_of(entry) == {"hardware-range-reversed"}


def test_an_undeclared_coding_before_is_no_difference() -> None:
    assert codes_of(sound(), sound(3, firmware_coding=None)) == set()


def test_entries_of_one_day_are_told_apart_by_id_and_a_draft_is_the_last() -> None:
    day = date(2024, 2, 1)
    first = sound(2, release_date=day, upgradable_from=())
    later = sound(6, release_date=day)
    alone: dict[str, Any] = {"same_model": (later,)}

    assert codes_of(first, **alone) == set()
    draft = sound(0, release_date=day, upgradable_from=(), image_hash=digest("x"))
    assert codes_of(draft, **alone) == {"na-with-earlier-entries"}


def test_a_cancelled_entry_is_no_earlier_entry() -> None:
    gone = sound(3, firmware_coding=Coding.BCD, **CANCELLED)

    assert codes_of(sound(), gone) == set()


def test_entries_of_another_device_family_are_of_another_model() -> None:
    gas = sound(
        3, model=a_model(device_type=DeviceType.GSME), firmware=sound().cpl.firmware
    )

    assert codes_of(sound(), gas) == set()
    assert codes_of(sound(upgradable_from=(3,)), gas) == {"predecessor-of-other-model"}


def test_of_two_equal_circles_the_one_with_lower_ids_is_named() -> None:
    near = [
        sound(4, upgradable_from=(5,)),
        sound(3, upgradable_from=(5,)),
        sound(8, upgradable_from=(4, 3)),
    ]

    for order in (near, near[::-1]):
        found = findings(sound(upgradable_from=(1, 8)), around(*order))
        (circle,) = [one.found for one in found if one.code == "declared-cycle"]
        assert circle == "5 → 3 → 8 → 5"


def test_a_long_list_of_entries_is_cut() -> None:
    near = [sound(n, image_hash=digest("x")) for n in range(100, 130)]

    (found,) = findings(sound(image_hash=digest("x")), around(*near))

    assert "entries 100, 101, " in found.text
    assert "119 and 10 more;" in found.text


def test_what_was_found_is_cut_to_a_readable_length() -> None:
    (found,) = findings(sound(sbom_sha256="0" * 5000), around())

    assert found.found == "0" * 100 + "…"
    assert len(found.text) < 200


# Values that are near the edges of the rules, so that most examples break some.
ids = st.integers(min_value=-1, max_value=6)
days = st.sampled_from(
    [date.min, date(2018, 5, 7), date(2024, 1, 2), DAY, date(2027, 2, 28), date.max]
)
hexish = st.sampled_from(["", "0x01", "030B", "0301", "ffff", "O" * 64, "AB" * 32])
some_certificates = st.builds(
    Certificate,
    kind=st.sampled_from(CertificateKind),
    number=st.sampled_from(["", "1", "{2}"]),
    date_kind=st.none() | st.sampled_from(DateKind),
    day=st.none() | days,
)
models = st.sampled_from(
    [a_model(), SMETS1, HUB, OTHER_MAKER, a_model(device_type=DeviceType.IHD)]
)
contacts = st.sampled_from(
    [None, DESK, Contact(), Contact(role="Dr Ashdown", confirmed_on=date.max)]
)
changes = st.fixed_dictionaries(
    {},
    optional={
        "model": models,
        "firmware": st.sampled_from(["0000000A", "00000010"]),
        "firmware_coding": st.none() | st.sampled_from(Coding),
        "image_hash": hexish,
        "gbcs": st.sampled_from(["", "1.0", "9" * 5000, "4.1"]),
        "smets_chts": st.sampled_from(["", "GBCS 1.0", "{0}"]),
        "certificates": st.lists(some_certificates, max_size=3).map(tuple),
        "status": st.sampled_from(Status),
        "published_on": st.none() | days,
        "release_date": st.none() | days,
        "upgradable_from": st.none() | st.lists(ids, max_size=3).map(tuple),
        "confirmed_edges": st.lists(ids, max_size=2).map(tuple),
        "rollback_from": st.lists(ids, max_size=2).map(tuple),
        "requires": st.none() | st.just(Requirement(hub_entries=(1, 9))),
        "min_hardware": hexish,
        "max_hardware": hexish,
        "ota_manufacturer_code": hexish,
        "image_size_octets": st.none() | st.integers(),
        "support_until": st.none() | days,
        "availability": st.none() | st.sampled_from(Availability),
        "contact": contacts,
    },
)


@st.composite
def registers(draw: st.DrawFn) -> list[Entry]:
    """Draw some entries with ids of their own, the first of them a draft or not."""
    own = draw(st.sampled_from([0, 1, 3]))
    others = draw(st.lists(st.integers(1, 6), max_size=5, unique=True))
    return [
        an_entry(n, **draw(changes)) for n in [own, *(o for o in others if o != own)]
    ]


@given(
    register=registers(),
    day=days,
    maker=st.sampled_from([None, MAKER]),
    random=st.randoms(use_true_random=False),
)
def test_findings_never_raise_and_do_not_depend_on_the_order_around(
    register: list[Entry], day: date, maker: Maker | None, random: Any
) -> None:
    entry, *near = register
    same_model = [other for other in near if other.model.key == entry.model.key]
    shuffled = same_model.copy()
    random.shuffle(shuffled)

    first, second = (
        findings(
            entry,
            Surroundings(
                day=day,
                same_model=tuple(order),
                named={other.id: other for other in near},
                same_hash=tuple(near),
                maker=maker,
            ),
        )
        for order in (same_model, shuffled)
    )

    assert first == second
    assert all(one.severity is CODES[one.code].severity for one in first)
    # one place is told once, unless it holds several things
    assert max(Counter(first).values(), default=1) <= len(entry.cpl.certificates) + 1


@given(register=registers())
def test_entries_of_a_model_can_share_what_is_around_them(
    register: list[Entry],
) -> None:
    unique = list({entry.id: entry for entry in register}.values())
    for entry in unique:
        model = [other for other in unique if other.model.key == entry.model.key]
        usual: dict[str, Any] = {
            "day": DAY,
            "named": {other.id: other for other in unique},
            "same_hash": (),
            "maker": None,
        }
        others = tuple(other for other in model if other is not entry)

        shared = findings(entry, Surroundings(same_model=Neighbours(model), **usual))

        assert shared == findings(entry, Surroundings(same_model=others, **usual))


@pytest.mark.parametrize(
    "upgrades", ["chained", "from the factory", "unknown", "all one version"]
)
def test_checking_all_entries_of_a_model_takes_steps_in_proportion(
    upgrades: str,
) -> None:
    few, many = (_calls_of_checking(count, upgrades) for count in (200, 800))

    assert many < 4.5 * few


def _calls_of_checking(count: int, upgrades: str) -> int:
    """Count the calls that checking so many entries of one model takes."""
    given = {"from the factory": (), "unknown": None}
    model = Neighbours(
        sound(
            n,
            upgradable_from=given.get(upgrades, (n - 1,) if n > 1 else ()),
            firmware="00000001" if upgrades == "all one version" else f"{n:08X}",
            firmware_coding=Coding.BCD if n % 2 else Coding.HEX,
        )
        for n in range(1, count + 1)
    )
    shared = Surroundings(day=DAY, same_model=model, named={}, same_hash=(), maker=None)
    calls = 0

    def counted(_frame: object, _event: str, _argument: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(counted)
    try:
        for entry in model:
            findings(entry, shared)
    finally:
        sys.setprofile(None)
    return calls


def test_the_documentation_lists_each_code_as_it_is() -> None:
    row = r"^\| `([a-z0-9-]+)` \| (F\d+) \| (\w+) \| ([^|]+) \|"
    listed = re.findall(row, DOCS.read_text(encoding="utf-8"), re.MULTILINE)

    assert listed == [
        (code, known.rule, known.severity.value, ", ".join(known.columns))
        for code, known in CODES.items()
    ]


def test_a_column_of_the_table_is_named_as_the_table_names_it() -> None:
    assert {str(column) for column in Column} <= {column.name for column in COLUMNS}
