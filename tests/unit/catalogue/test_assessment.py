"""The answer for one device: what its parts say in the cases that matter."""

from datetime import date
from typing import Any

import msgspec
import pytest

from entries import DAY, DESK, a_model, an_entry
from firtree.catalogue.answer import (
    Assessment,
    BlockedRoute,
    Circumstances,
    Device,
)
from firtree.catalogue.assessment import assess
from firtree.catalogue.caveats import add_months
from firtree.catalogue.conditions import Hub, Met
from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
    DCCLoading,
    Entry,
    Hold,
    Loading,
    Requirement,
    Status,
    Urgency,
)
from firtree.catalogue.record import ModelRecord
from firtree.devices import DeviceType
from firtree.parties import Contact, Maker

A = an_entry(1)
B = an_entry(2, upgradable_from=(1,))
A_WITH_ID = an_entry(1, metrology_software_id="M1")
WITHDRAWN: dict[str, Any] = {"status": Status.WITHDRAWN}


def asked(
    *entries: Entry,
    runs: int | str = 1,
    device_type: DeviceType | None = None,
    **context: Any,
) -> Assessment:
    firmware = f"{runs:08X}" if isinstance(runs, int) else runs
    device = Device(
        manufacturer=" ab01",
        model="010a030b ",
        firmware=firmware,
        device_type=device_type,
    )
    return assess(
        device,
        ModelRecord.of(device.key, entries),
        Circumstances(**{"day": DAY, **context}),
    )


def codes(answer: Assessment) -> list[str]:
    return [warning.code for warning in answer.warnings]


def advice(answer: Assessment) -> list[str]:
    return [advice.code for advice in answer.advice]


# Matching


@pytest.mark.parametrize(
    ("listed", "given"),
    [
        (DeviceType.ESME, DeviceType.SAPC),
        (DeviceType.SAPC, DeviceType.ESME),
        (DeviceType.CHF, DeviceType.GPF),
        (DeviceType.GPF, DeviceType.parse("Communications Hub")),
    ],
)
def test_types_of_one_family_match(listed: DeviceType, given: DeviceType) -> None:
    model = a_model(device_type=listed)
    first = an_entry(1, model=model)

    answer = asked(first, an_entry(2, upgradable_from=(1,), model=model))
    assert answer.pathway == (2,)
    assert "device-type-differs" not in codes(asked(first, device_type=given))
    assert "device-type-differs" not in codes(
        asked(first, runs="FFFFFFFF", device_type=given)
    )


def test_a_contradicting_type_is_a_warning_and_not_a_miss() -> None:
    answer = asked(A, B, device_type=DeviceType.CHF)

    assert (answer.standing, answer.pathway) == ("behind", (2,))
    assert "device-type-differs" in codes(answer)


def test_the_entry_of_the_asked_type_is_preferred() -> None:
    gas = an_entry(5, firmware="00000001", model=a_model(device_type=DeviceType.GSME))

    assert asked(A, gas).entry == 5
    assert asked(A, gas, device_type=DeviceType.ESME).entry == 1
    assert asked(A, gas, device_type=DeviceType.GSME).entry == 5


def test_an_active_entry_is_preferred_to_a_newer_removed_twin() -> None:
    twin = an_entry(3, firmware="00000001", **WITHDRAWN)

    assert asked(A, twin).entry == 1


def test_an_unlisted_version_of_an_unlisted_type_still_says_so() -> None:
    answer = asked(A, runs="FFFFFFFF", device_type=DeviceType.GSME)

    assert answer.standing == "unlisted-firmware"
    assert "device-type-differs" in codes(answer)


@pytest.mark.parametrize("kind", [DeviceType.IHD, DeviceType.CAD])
def test_a_display_is_never_behind(kind: DeviceType) -> None:
    model = a_model(device_type=kind)
    first = an_entry(1, model=model)

    answer = asked(first, an_entry(2, upgradable_from=(1,), model=model))

    assert (answer.standing, answer.target, answer.pathway) == ("current", 1, ())


# R4, R7: targets and paths


def test_the_own_release_line_comes_before_a_newer_one() -> None:
    start = an_entry(1, release_line="LTS")
    slow = an_entry(2, upgradable_from=(1,), release_line="LTS")
    fast = an_entry(3, upgradable_from=(1,))

    answer = asked(start, slow, fast)

    assert (answer.target, answer.alternatives) == (2, (3,))
    assert {"several-newest", "other-release-lines"} <= set(codes(answer))


def test_a_line_that_ends_leads_on_to_the_main_line() -> None:
    start = an_entry(1, release_line="LTS")

    assert asked(start, B).target == 2


def test_a_declared_successor_counts_although_its_date_is_older() -> None:
    older = an_entry(2, upgradable_from=(1,), release_date=date(2020, 1, 1))

    assert asked(A, older).target == 2


def test_a_declared_cycle_ends_at_its_newest() -> None:
    first = an_entry(1, upgradable_from=(2,))

    assert asked(first, B).pathway == (2,)
    assert asked(first, B, runs=2).pathway == ()


def test_an_equally_short_path_takes_the_newest_seen_from_the_target() -> None:
    ends = an_entry(9, upgradable_from=(4, 5))
    old = an_entry(4, upgradable_from=(3,))
    new = an_entry(5, upgradable_from=(2,))
    by_2 = an_entry(2, upgradable_from=(1,))
    by_3 = an_entry(3, upgradable_from=(1,))

    assert asked(A, by_2, by_3, old, new, ends).pathway == (2, 5, 9)


def test_a_step_says_what_it_is() -> None:
    first = an_entry(2, upgradable_from=(1,), mandatory_step=True)
    last = an_entry(3, upgradable_from=(2,), security_urgency=Urgency.HIGH)

    one, two = asked(A, first, last).steps

    assert (one.entry, one.firmware_version, one.mandatory) == (2, "00000002", True)
    assert (two.entry, two.urgency, two.mandatory) == (3, Urgency.HIGH, False)
    assert two.image_hash == last.cpl.image_hash
    assert (two.release_date, two.notes) == (last.fir.release_date, None)


# R5, R9: where nothing is reachable


def test_a_way_through_a_removed_entry_is_shown_and_not_taken() -> None:
    answer = asked(
        A,
        an_entry(2, upgradable_from=(1,), **WITHDRAWN),
        an_entry(3, upgradable_from=(2,)),
    )

    assert (answer.standing, answer.target, answer.pathway) == ("behind", 3, None)
    assert answer.blocked_route == BlockedRoute((2, 3), 2)
    assert answer.steps == ()


def test_a_way_through_a_held_entry_says_which() -> None:
    answer = asked(
        A,
        an_entry(2, upgradable_from=(1,), hold=Hold(reason="field trial.")),
        an_entry(3, upgradable_from=(2,)),
    )

    assert answer.blocked_route == BlockedRoute((2, 3), 2)
    assert ("hold", 2) in [(w.code, w.entry) for w in answer.warnings]
    assert answer.warnings[0].text == "Do not install entry 2 for now: field trial."


def test_every_removed_mandatory_step_on_the_way_is_named() -> None:
    answer = asked(
        A,
        an_entry(2, upgradable_from=(1,), **WITHDRAWN),
        an_entry(3, upgradable_from=(2,), mandatory_step=True, **WITHDRAWN),
        an_entry(4, upgradable_from=(3,)),
    )

    assert answer.blocked_route == BlockedRoute((2, 3, 4), 2)
    assert ("mandatory-step-removed", 3) in [(w.code, w.entry) for w in answer.warnings]


def skipping(answer: Assessment) -> list[int | None]:
    return [w.entry for w in answer.warnings if w.code == "edge-skips-mandatory"]


def test_an_ignored_step_to_what_is_then_not_reached_is_told_of() -> None:
    closed = an_entry(2, upgradable_from=(1,), mandatory_step=True, **WITHDRAWN)
    beyond = an_entry(5, upgradable_from=(1, 2))
    other = an_entry(3, upgradable_from=(1,))

    answer = asked(A, closed, other, beyond)
    assert (answer.target, skipping(answer)) == (3, [5])
    own_line, apart = an_entry(1, release_line="LTS"), asked(A, closed, other)
    assert skipping(asked(own_line, closed, beyond)) == [5]
    assert skipping(apart) == []
    removed = an_entry(5, upgradable_from=(1, 2), **WITHDRAWN)
    assert skipping(asked(A, closed, other, removed)) == []


def test_an_image_for_other_hardware_is_no_step() -> None:
    unfit = an_entry(2, upgradable_from=(1,), min_hardware="030C")

    answer = asked(A, unfit)

    assert answer.pathway is None
    assert answer.blocked_route == BlockedRoute((2,), 2)


def test_a_declared_cycle_round_a_mandatory_step_is_blocked_without_a_route() -> None:
    answer = asked(
        an_entry(1, upgradable_from=(3,)),
        an_entry(2, upgradable_from=(1,)),
        an_entry(3, upgradable_from=(2,), mandatory_step=True, image_hash=""),
    )

    assert (answer.standing, answer.target, answer.pathway) == ("behind", 2, None)
    assert answer.blocked_route is None


@pytest.mark.parametrize("state", ["held", "removed"])
def test_a_way_back_is_offered_from_what_is_held_or_removed(state: str) -> None:
    wrong: dict[str, Any] = {"hold": Hold()} if state == "held" else WITHDRAWN
    older = an_entry(1, rollback_from=(3,))
    old = an_entry(2, rollback_from=(3,))

    answer = asked(older, old, an_entry(3, **wrong), runs=3)

    if state == "held":
        assert (answer.standing, answer.target) == ("current", 3)
        assert (answer.pathway, answer.alternatives) == ((), (2, 1))
        assert advice(answer) == ["hold", "roll-back"]
    else:
        assert (answer.standing, answer.target) == ("removed", 2)
        assert (answer.pathway, answer.alternatives) == ((2,), (1,))
        assert advice(answer) == ["roll-back"]


def test_a_way_on_comes_before_a_way_back() -> None:
    back = an_entry(1, rollback_from=(2,))
    removed = an_entry(2, **WITHDRAWN)

    known = asked(back, removed, an_entry(3, upgradable_from=(2,)), runs=2)
    unknown = asked(back, removed, an_entry(3), runs=2)

    assert (known.target, known.pathway, known.alternatives) == (3, (3,), ())
    assert (unknown.target, unknown.pathway, unknown.alternatives) == (3, None, (1,))
    assert advice(unknown) == ["roll-back", "ask-maker"]


def test_a_target_is_no_alternative_to_itself() -> None:
    # Its maker declares a way back to it, and not how it is reached by going on.
    newer = an_entry(3, rollback_from=(2,))

    answer = asked(
        an_entry(1, rollback_from=(2,)), an_entry(2, **WITHDRAWN), newer, runs=2
    )

    assert (answer.target, answer.pathway, answer.alternatives) == (3, None, (1,))


def test_of_several_newer_entries_the_newest_is_the_target() -> None:
    answer = asked(A, an_entry(2), an_entry(3, upgradable_from=(9,)))

    assert (answer.target, answer.pathway) == (3, None)
    assert {reason.code for reason in answer.reasons} == {
        "newer-path-unknown",
        "newer-not-reachable",
    }


def test_an_entry_for_the_factory_is_not_a_target_beside_an_unknown_path() -> None:
    answer = asked(A, an_entry(2), an_entry(3, upgradable_from=()))

    assert answer.target == 2


# R8: unlisted firmware, unknown model


def test_the_advice_for_unlisted_firmware_has_its_order() -> None:
    sibling = an_entry(
        8, firmware="00000100", model=a_model(hardware_revision="0C"), **WITHDRAWN
    )
    meant = an_entry(3, firmware="00010000", **WITHDRAWN)

    answer = asked(A, B, meant, runs="00000100", siblings=(sibling, A))

    assert answer.standing == "unlisted-firmware"
    assert (answer.target, answer.pathway, answer.steps) == (2, None, ())
    assert answer.entry is None
    assert advice(answer) == [
        "read-again",
        "near-match",
        "near-match",
        "ask-maker",
        "do-not-distribute",
    ]
    near = [noted.text for noted in answer.advice if noted.code == "near-match"]
    assert near[0].startswith(
        "Perhaps 00010000 (entry 3, withdrawn) is meant: octets reversed."
    )
    assert "010A030C, on which this version is entry 8, withdrawn" in near[1]


@pytest.mark.parametrize(
    ("read", "slip"),
    [
        ("0001020A.", None),
        ("0A020100", "octets reversed"),
        ("0.1.2.10", "octets written in decimal"),
        ("00.01.02.0a", "its octets written apart"),
        ("66058", "the whole number written in decimal"),
        ("00010210", "binary-coded decimal and hexadecimal mixed"),
    ],
)
def test_a_slip_of_reading_is_named_and_not_assumed(
    read: str, slip: str | None
) -> None:
    answer = asked(an_entry(1, firmware="0001020A"), runs=read)

    near = [noted.text for noted in answer.advice if noted.code == "near-match"]
    assert answer.entry is None
    if slip is None:
        assert near == []
    else:
        assert any(
            text.endswith(f"{slip}. Nothing was assumed; check the reading.")
            for text in near
        )


def test_an_unknown_model_has_no_target_and_asks_to_check_it() -> None:
    answer = asked()

    assert (answer.standing, answer.target, answer.pathway) == (
        "unknown-model",
        None,
        None,
    )
    assert advice(answer)[:2] == ["read-again", "check-model"]
    assert answer.reasons[0].text == "The CPL lists no model AB01 010A030B."


def test_an_answer_for_unlisted_firmware_is_marked_as_reconstructed_too() -> None:
    assert "reconstructed" in codes(asked(A, runs="FFFFFFFF", reconstructed=True))
    assert "reconstructed" in codes(asked(reconstructed=True))


def test_what_may_not_be_installed_is_no_target_of_unlisted_firmware() -> None:
    entries = [
        A,
        an_entry(2, hold=Hold()),
        an_entry(3, upgradable_from=()),
        an_entry(4, **WITHDRAWN),
        an_entry(5, image_hash=""),
        an_entry(6, availability=Availability.LIMITED, limited_to=("Birch Energy",)),
    ]

    assert asked(*entries, runs="FFFFFFFF").target == 1
    assert asked(*entries, runs="FFFFFFFF", asker="Birch Energy").target == 6
    assert asked(*entries[1:5], runs="FFFFFFFF").target is None


def test_an_undated_target_of_unlisted_firmware_is_inferred() -> None:
    undated = an_entry(2, release_date=None)

    assert "order-inferred" in codes(asked(A, undated, runs="FFFFFFFF"))


# R11: conditions of the hub


def test_the_conditions_of_each_step_are_judged() -> None:
    wants = Requirement(hub_entries=(70,), least_gbcs="4.1")
    hub_model = a_model(device_type=DeviceType.CHF, model_identifier="0C0A")
    listed = an_entry(70, model=hub_model, gbcs="3.2")
    hub = Hub(manufacturer="AB01", model="0c0a030b", firmware="00000046")
    device = Device(manufacturer="AB01", model="010A030B", firmware="00000001", hub=hub)
    record = ModelRecord.of(
        device.key, [A, an_entry(2, upgradable_from=(1,), requires=wants)]
    )

    answer = assess(
        device,
        record,
        Circumstances(day=DAY),
        hub_record=ModelRecord.of(hub.key, [listed]),
    )
    elsewhere = assess(
        msgspec.structs.replace(device, hub=msgspec.structs.replace(hub, firmware="9")),
        record,
        Circumstances(day=DAY),
        hub_record=ModelRecord.of(hub.key, [listed]),
    )

    assert [c.state for c in answer.steps[0].conditions] == [Met.MET, Met.UNMET]
    assert advice(answer) == ["stop-first", "install"]
    assert {c.state for c in elsewhere.steps[0].conditions} == {Met.UNKNOWN}
    assert codes(elsewhere).count("hub-unknown") == 1


def test_what_is_given_as_a_hub_and_is_none_meets_nothing() -> None:
    record = ModelRecord.of(
        A.model.key,
        [A, an_entry(2, upgradable_from=(1,), requires=Requirement(least_gbcs="3.2"))],
    )
    meter = an_entry(70, model=a_model(model_identifier="0C0A"), gbcs="4.1")
    hub = Hub(manufacturer="AB01", model="0C0A030B", firmware="00000046")
    device = Device(manufacturer="AB01", model="010A030B", firmware="00000001", hub=hub)

    answer = assess(
        device,
        record,
        Circumstances(day=DAY),
        hub_record=ModelRecord.of(hub.key, [meter]),
    )

    assert [c.state for c in answer.steps[0].conditions] == [Met.UNKNOWN]


def test_each_step_that_changes_the_metrology_software_is_named_once() -> None:
    def changed(*entries: Entry) -> list[str]:
        found = asked(A_WITH_ID, *entries).warnings
        return [w.text for w in found if w.code == "metrology-changes"]

    there = an_entry(2, upgradable_from=(1,), metrology_software_id="M2")
    back = an_entry(3, upgradable_from=(2,), metrology_software_id="M1")
    unsaid = an_entry(3, upgradable_from=(2,))
    both = an_entry(
        2,
        upgradable_from=(1,),
        metrology_software_id="M2",
        change_classes=(ChangeClass.METROLOGY,),
    )

    first = "Entry 2 changes the metrology software: M1 → M2."
    assert changed(there, back) == [
        first,
        "Entry 3 changes the metrology software: M2 → M1.",
    ]
    assert changed(there, unsaid) == changed(both) == [first]


# R12: an own list


def test_an_own_list_limits_the_target_and_the_register_stays_beside_it() -> None:
    far = an_entry(3, upgradable_from=(2,))

    answer = asked(A, B, far, approved={2: None})

    assert (answer.target, answer.pathway, answer.register_target) == (2, (2,), 3)
    assert asked(A, B, far).register_target is None
    assert asked(A, B, far, approved={2: None, 3: DAY}).target == 3
    assert asked(A, B, far, approved={2: None, 3: date(2026, 11, 23)}).target == 2


def test_an_own_list_without_a_step_blocks_the_way() -> None:
    answer = asked(A, B, an_entry(3, upgradable_from=(2,)), approved={3: None})

    assert (answer.target, answer.pathway) == (3, None)
    assert answer.blocked_route == BlockedRoute((2, 3), 2)


def test_an_own_list_that_blocks_the_way_is_told_of_and_not_the_maker_s_doing() -> None:
    far = an_entry(3, upgradable_from=(2,))
    held = an_entry(2, upgradable_from=(1,), hold=Hold())

    def reasons(*entries: Entry) -> list[str]:
        return [reason.code for reason in asked(*entries, approved={3: None}).reasons]

    assert "not-approved" in reasons(A, B, far)
    assert "not-approved" not in reasons(A, held, far)  # the register blocks it too


def test_the_register_s_own_target_knows_what_is_limited_to_the_asker() -> None:
    limited = an_entry(
        2,
        upgradable_from=(1,),
        availability=Availability.LIMITED,
        limited_to=("Birch Energy",),
    )

    answer = asked(A, limited, approved={}, asker="Birch Energy")

    assert (answer.target, answer.register_target) == (1, 2)
    assert asked(A, limited, approved={}).register_target == 1


def test_without_anything_left_the_register_has_no_target_either() -> None:
    answer = asked(an_entry(1, **WITHDRAWN), approved={})

    assert (answer.target, answer.register_target) == (None, None)


@pytest.mark.parametrize(
    ("day", "when"),
    [
        (DAY, "withdrawn on 2026-11-22"),
        (date(2026, 11, 21), "withdrawn with effect from 2026-11-22, a day to come"),
    ],
)
def test_a_removal_from_a_day_to_come_is_not_told_of_as_past(
    day: date, when: str
) -> None:
    gone = an_entry(1, status_from=DAY, status_reason="fault", **WITHDRAWN)

    assert asked(gone, day=day).reasons[0].text == (
        f"Entry 1 was removed from the CPL: {when}: fault."
    )


# R10 and the warnings' small print


def test_the_order_is_inferred_where_a_date_that_decided_is_missing() -> None:
    undated = an_entry(3, upgradable_from=(1,), release_date=None)

    assert "order-inferred" in codes(asked(A, B, undated))
    assert "order-inferred" not in codes(asked(A, undated))


@pytest.mark.parametrize(
    ("first", "second", "inferred"),
    [
        ({"release_date": None}, {}, True),
        ({}, {"release_date": None}, True),
        ({}, {}, False),
        ({"release_date": None}, {"upgradable_from": (1,)}, False),  # says its maker
        ({"release_date": None, "upgradable_from": ()}, {}, False),  # never a target
        ({"release_date": None, **WITHDRAWN}, {}, False),
        ({"release_date": None, "release_line": "hotfix"}, {}, False),
    ],
)
def test_up_to_date_is_inferred_where_publication_dates_made_the_rest_older(
    first: dict[str, Any], second: dict[str, Any], *, inferred: bool
) -> None:
    answer = asked(an_entry(1, **first), an_entry(2, **second), runs="00000002")

    assert (answer.standing, answer.target) == ("current", 2)
    assert ("order-inferred" in codes(answer)) is inferred


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (DAY, f"A certificate of entry 1 expires on {DAY}: CPA 7."),
        (date(2020, 5, 1), "A certificate of entry 1 expired on 2020-05-01: CPA 7."),
    ],
)
def test_what_is_over_is_told_in_the_past(day: date, said: str) -> None:
    ended = Certificate(kind=CertificateKind.CPA, number="7", day=day)

    found = asked(an_entry(1, certificates=(ended,))).warnings

    assert said in [warning.text for warning in found]


def test_a_way_that_begins_with_silence_is_unknown() -> None:
    silent = an_entry(2)
    known = [an_entry(3, upgradable_from=(2,)), an_entry(4, upgradable_from=(3,))]
    elsewhere = an_entry(4, upgradable_from=(9,))

    (unknown,) = (w for w in asked(A, silent, *known).warnings if w.entry == 2)

    assert unknown.code == "path-unknown"
    assert asked(A, silent, *known).target == 4
    assert "path-unknown" not in codes(asked(A, silent, elsewhere))
    assert "path-unknown" not in codes(asked(A, silent, *known, runs="00000002"))


def test_a_device_up_to_date_on_what_dcc_refused_is_not_told_to_rest() -> None:
    refused = an_entry(1, loading=DCCLoading(state=Loading.REFUSED, reason="no image"))

    answer = asked(refused)

    assert answer.warnings[0].text == "DCC refused to load entry 1: no image."
    assert [advice.text for advice in answer.advice] == ["Nothing to install."]


def test_what_holds_a_newer_entry_back_is_named() -> None:
    held = an_entry(2, upgradable_from=(1,), hold=Hold())
    limited = an_entry(
        3, upgradable_from=(1,), availability=Availability.LIMITED, limited_to=("Ash",)
    )

    said = asked(A, held, limited).reasons[0].text

    assert said == (
        "Newer, but not on offer: entry 3 (limited to others), entry 2 (on hold)."
    )


def test_the_maker_s_mailbox_is_asked_unless_the_entry_has_its_own() -> None:
    maker = Maker(code="AB01", name="Alder Meters", contact=Contact(phone="0100"))
    bare = an_entry(2, contact=None)

    answer = asked(A, bare, maker=maker)

    assert answer.contact == maker.contact
    assert answer.advice[0].text == "Ask the maker: 0100."
    assert asked(A, an_entry(2), maker=maker).contact == DESK
    assert asked(A, bare).advice[0].text == (
        "Ask the maker; the register holds no mailbox of theirs."
    )


@pytest.mark.parametrize("day", [date(2026, 8, 23), date(2026, 8, 24)])
def test_a_contact_is_stale_after_ninety_days(day: date) -> None:
    contact = msgspec.structs.replace(DESK, confirmed_on=day)

    stale = "contact-stale" in codes(asked(an_entry(1, contact=contact)))

    assert stale is (day < date(2026, 8, 24))


def test_a_certificate_of_a_device_that_should_move_on_is_info() -> None:
    ending = Certificate(kind=CertificateKind.CPA, number="1", day=date(2026, 12, 1))

    found = codes(asked(an_entry(1, certificates=(ending,)), B))

    assert "own-certificate-runs-out" in found
    assert "certificate-expires-soon" not in found


def test_a_removed_image_counts_as_not_loaded() -> None:
    gone = an_entry(2, upgradable_from=(1,), loading=DCCLoading(state=Loading.REMOVED))

    assert codes(asked(A, gone))[0] == "dcc-not-loaded"


def test_warnings_come_loudest_first_and_once() -> None:
    answer = asked(
        A,
        an_entry(
            2,
            upgradable_from=(1,),
            interrupts_hub_power=True,
            loading=DCCLoading(state=Loading.REFUSED),
        ),
    )

    assert codes(answer) == ["dcc-refused", "interrupts-hub-power", "no-release-notes"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (ChangeClass.SECURITY, "security-step"),
        (ChangeClass.METROLOGY, "metrology-changes"),
    ],
)
def test_what_a_step_changes_is_said(change: ChangeClass, code: str) -> None:
    changing = an_entry(2, upgradable_from=(1,), change_classes=(change,))

    assert code in codes(asked(A, changing))
    assert code not in codes(asked(A, changing, runs=2))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 10, 31), 6, date(2027, 4, 30)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
    ],
)
def test_months_later_is_the_same_day_or_the_last(
    day: date, months: int, then: date
) -> None:
    assert add_months(day, months) == then


def test_there_are_no_months_after_the_last_year() -> None:
    with pytest.raises(ValueError, match="no such month"):
        add_months(date(9999, 12, 31), 1)
