"""The invented register: its size, order and repeatability, and what it must show."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice, pairwise

import msgspec
import pytest

from firtree.catalogue.answer import Assessment, Circumstances, Device
from firtree.catalogue.assessment import assess
from firtree.catalogue.caveats import add_months
from firtree.catalogue.checks import Severity, Surroundings, findings
from firtree.catalogue.checks.steps import GO_LIVE
from firtree.catalogue.entry import (
    Availability,
    CertificateKind,
    ChangeClass,
    Coding,
    DateKind,
    Entry,
    Loading,
    Status,
    Urgency,
)
from firtree.catalogue.record import ModelRecord
from firtree.catalogue.words import Standing
from firtree.devices import DeviceType, Generation, ModelKey
from firtree.library.demo import SHOWCASE, Showcase, invent
from firtree.parties import Contact, Maker, looks_personal

TODAY = date(2026, 11, 22)
SIZE = 3_000
SMALL = 200
SHOWN_BY = 60  # entries that hold the whole showcase


@lru_cache
def invented(entries: int = SIZE, seed: int = 1) -> tuple[Maker | Entry, ...]:
    return tuple(invent(entries, seed=seed, today=TODAY))


def entries_of(size: int = SIZE, seed: int = 1) -> list[Entry]:
    return [one for one in invented(size, seed) if isinstance(one, Entry)]


def makers_of(size: int = SIZE) -> dict[str, Maker]:
    return {one.code: one for one in invented(size) if isinstance(one, Maker)}


@lru_cache
def records(size: int = SIZE, seed: int = 1) -> dict[ModelKey, ModelRecord]:
    models: dict[ModelKey, list[Entry]] = defaultdict(list)
    for entry in entries_of(size, seed):
        models[entry.model.key].append(entry)
    return {key: ModelRecord.of(key, found) for key, found in models.items()}


def answer(
    device: Device, *, asker: str | None = None, size: int = SIZE, seed: int = 1
) -> Assessment:
    context = Circumstances(day=TODAY, asker=asker)
    return assess(device, records(size, seed)[device.key], context)


def answers(size: int = SIZE) -> Iterable[Assessment]:
    for key, record in records(size).items():
        for entry in record.entries:
            yield answer(
                Device(
                    manufacturer=key.manufacturer,
                    model=key.model,
                    firmware=entry.cpl.firmware,
                ),
                size=size,
            )


def test_it_is_the_same_for_the_same_seed() -> None:
    assert tuple(invent(SMALL, seed=7, today=TODAY)) == invented(SMALL, 7)


def test_it_is_another_for_another_seed() -> None:
    assert entries_of(SMALL, 7) != entries_of(SMALL, 8)


@pytest.mark.parametrize("count", [0, 1, 5, 24, 25, 26, 60, 199, 1000])
def test_it_has_as_many_entries_as_asked_for(count: int) -> None:
    assert [entry.id for entry in entries_of(count)] == list(range(1, count + 1))


@pytest.mark.parametrize("count", [-1, 10**8 + 1])
def test_an_impossible_number_of_entries_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 100,000,000"):
        invent(count, seed=1, today=TODAY)


def test_a_day_too_early_for_the_showcase_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-01-01"):
        invent(1, seed=1, today=date(2025, 12, 31))


@pytest.mark.parametrize("size", [SMALL, SIZE])
def test_each_maker_comes_once_and_before_its_first_entry(size: int) -> None:
    known: list[str] = []
    for one in invented(size):
        if isinstance(one, Maker):
            known.append(one.code)
        else:
            assert one.model.manufacturer in known
    assert len(known) == len(set(known))


@pytest.mark.parametrize(("size", "count"), [(SMALL, 5), (SIZE, 30), (20_000, 200)])
def test_makers_grow_slowly_with_the_register(size: int, count: int) -> None:
    names = {maker.name for maker in makers_of(size).values()}

    assert len(makers_of(size)) == len(names) == count


def test_makers_have_mailboxes_that_name_no_person() -> None:
    contacts = [maker.contact for maker in makers_of().values()]
    contacts += [entry.contact for entry in entries_of() if entry.contact]

    for contact in contacts:
        assert contact is not None
        assert contact.email.endswith(".example")
        assert not looks_personal(contact)


def test_hardware_models_have_about_eight_entries_each() -> None:
    assert 320 <= len(records()) <= 430


@pytest.mark.parametrize("size", [SMALL, SIZE])
def test_a_version_of_a_model_is_listed_once(size: int) -> None:
    listed = Counter(
        (entry.model.key, entry.firmware_key)
        for entry in entries_of(size)
        if entry.cpl.status is not Status.CANCELLED
    )

    assert max(listed.values()) == 1


def test_ids_grow_with_publication_after_the_showcase() -> None:
    days = [entry.cpl.published_on for entry in entries_of()[SHOWN_BY:]]

    assert all(a is not None and b is not None and a <= b for a, b in pairwise(days))


def test_entries_of_a_model_are_spread_in_time() -> None:
    for record in records().values():
        days = [e.cpl.published_on for e in record.entries if e.cpl.published_on]
        if len(days) > 4:
            assert max(days) - min(days) > timedelta(days=500)


@pytest.mark.parametrize("today", [date(2026, 1, 1), TODAY, date(2040, 2, 29)])
def test_no_date_of_a_past_act_is_outside_the_history(today: date) -> None:
    for entry in invent(SMALL, seed=1, today=today):
        if isinstance(entry, Maker):
            continue
        cpl, fir = entry.cpl, entry.fir
        acts = [
            *(cpl.published_on, cpl.status_from, fir.release_date),
            *(held.issued for held in cpl.certificates),
            fir.hold.since if fir.hold else None,
            fir.loading.on if fir.loading else None,
            entry.contact.confirmed_on if entry.contact else None,
        ]
        assert all(date(2013, 1, 1) <= day <= today for day in acts if day)
        assert cpl.published_on is not None
        assert cpl.published_on >= date(2016, 1, 1)


def test_removed_entries_say_since_when_and_why() -> None:
    for entry in entries_of():
        assert entry.cpl.status_from is not None
        assert entry.active or entry.cpl.status_reason


def test_before_go_live_there_is_no_fir_information() -> None:
    for entry in entries_of():
        assert entry.cpl.published_on is not None
        if entry.cpl.published_on < GO_LIVE:
            assert entry.fir == type(entry.fir)()
        else:
            assert entry.fir.release_date is not None


def named_by(entry: Entry) -> list[int]:
    """Give the ids of the entries that an entry names, all earlier ones."""
    asked = entry.fir.requires.hub_entries if entry.fir.requires else ()
    return [*(entry.fir.upgradable_from or ()), *asked]


def test_ids_that_are_named_exist() -> None:
    for size in (30, SMALL, SIZE):
        for entry in entries_of(size):
            assert all(1 <= named < entry.id for named in named_by(entry))
            assert all(entry.id < undone <= size for undone in entry.fir.rollback_from)


def test_entries_with_one_image_agree_on_what_it_is() -> None:
    sizes: dict[str, set[int | None]] = defaultdict(set)
    for entry in entries_of()[SHOWN_BY:]:
        if entry.cpl.image_hash and entry.fir.image_size_octets:
            sizes[entry.cpl.image_hash].add(entry.fir.image_size_octets)

    assert {len(found) for found in sizes.values()} == {1}


def test_the_first_entry_of_a_huge_register_comes_at_once() -> None:
    first = list(islice(invent(10**8, seed=1, today=TODAY), 100))

    assert len(first) == 100


def test_everything_survives_json() -> None:
    for one in invented(SMALL):
        assert msgspec.json.decode(msgspec.json.encode(one), type=type(one)) == one


def test_few_entries_would_be_refused() -> None:
    named = {entry.id: entry for entry in entries_of()}
    by_hash: dict[str, list[Entry]] = defaultdict(list)
    for entry in named.values():
        by_hash[entry.cpl.image_hash].append(entry)
    since = [e for e in named.values() if (e.cpl.published_on or GO_LIVE) > GO_LIVE]
    refused, noted = 0, 0
    for entry in since:
        found = findings(
            entry,
            Surroundings(
                day=entry.cpl.published_on or TODAY,
                same_model=records()[entry.model.key].entries,
                named={other: named[other] for other in named_by(entry)},
                same_hash=tuple(by_hash[entry.cpl.image_hash]),
                maker=makers_of()[entry.model.manufacturer],
            ),
        )
        refused += any(one.severity is Severity.REFUSE for one in found)
        noted += any(one.code == "certificate-dates-differ" for one in found)

    assert 0 < refused < len(since) / 100
    assert 0 < noted < len(since) / 20


# --- what a register must show -------------------------------------------------------


def of_certificate(kind: CertificateKind) -> Callable[[Entry], bool]:
    return lambda e: any(held.kind is kind for held in e.cpl.certificates)


def runs_out(kind: DateKind, after: int, until: int) -> Callable[[Entry], bool]:
    first, last = add_months(TODAY, after), add_months(TODAY, until)
    return lambda e: any(
        held.date_kind is kind and held.day is not None and first < held.day <= last
        for held in e.cpl.certificates
    )


def stale(contact: Contact | None) -> bool:
    return contact is not None and (
        contact.confirmed_on is None
        or contact.confirmed_on < TODAY - timedelta(days=90)
    )


def loaded(state: Loading) -> Callable[[Entry], bool]:
    return lambda e: e.fir.loading is not None and e.fir.loading.state is state


EACH: dict[str, Callable[[Entry], bool]] = {
    "hexadecimal versions": lambda e: e.cpl.firmware_coding is Coding.HEX,
    "decimal versions": lambda e: e.cpl.firmware_coding is Coding.BCD,
    "mandatory steps": lambda e: e.fir.mandatory_step,
    "branches": lambda e: len(e.fir.upgradable_from or ()) > 1,
    "release lines": lambda e: bool(e.fir.release_line),
    "first versions": lambda e: e.fir.upgradable_from == (),
    "blank predecessors": lambda e: (
        e.fir.upgradable_from is None and e.fir.release_date is not None
    ),
    "before go-live": lambda e: (e.cpl.published_on or TODAY) < GO_LIVE,
    "expired": lambda e: e.cpl.status is Status.EXPIRED,
    "withdrawn": lambda e: e.cpl.status is Status.WITHDRAWN,
    "cancelled": lambda e: e.cpl.status is Status.CANCELLED,
    "withdrawn mandatory steps": lambda e: not e.active and e.fir.mandatory_step,
    "expiry past": runs_out(DateKind.EXPIRY, -60, 0),
    "expiry within 6 months": runs_out(DateKind.EXPIRY, 0, 6),
    "expiry in 6 to 12 months": runs_out(DateKind.EXPIRY, 6, 12),
    "expiry later": runs_out(DateKind.EXPIRY, 12, 120),
    "renewal within 6 months": runs_out(DateKind.RENEWAL, 0, 6),
    "renewal later": runs_out(DateKind.RENEWAL, 12, 120),
    "ZigBee certificates": of_certificate(CertificateKind.ZIGBEE),
    "DLMS certificates": of_certificate(CertificateKind.DLMS),
    "holds": lambda e: e.fir.hold is not None,
    "limited": lambda e: (
        e.fir.availability is Availability.LIMITED and bool(e.fir.limited_to)
    ),
    "on request": lambda e: e.fir.availability is Availability.ON_REQUEST,
    "loaded by DCC": loaded(Loading.LOADED),
    "refused by DCC": loaded(Loading.REFUSED),
    "not said by DCC": lambda e: e.fir.release_date is not None and not e.fir.loading,
    "hub entries required": lambda e: bool(
        e.fir.requires and e.fir.requires.hub_entries
    ),
    "least GBCS required": lambda e: bool(e.fir.requires and e.fir.requires.least_gbcs),
    "security changes": lambda e: ChangeClass.SECURITY in e.fir.change_classes,
    "metrology changes": lambda e: ChangeClass.METROLOGY in e.fir.change_classes,
    "high urgency": lambda e: e.fir.security_urgency is Urgency.HIGH,
    "release notes": lambda e: bool(e.fir.notes and e.fir.notes.fixes),
    "no release notes": lambda e: e.fir.release_date is not None and not e.fir.notes,
    "support that goes on": lambda e: (e.fir.support_until or TODAY) > TODAY,
    "support that ended": lambda e: (e.fir.support_until or TODAY) < TODAY,
    "metrology software": lambda e: bool(e.fir.metrology_software_id),
    "ways back": lambda e: bool(e.fir.rollback_from),
    "confirmed steps": lambda e: bool(e.fir.confirmed_edges),
    "mailboxes of entries": lambda e: e.contact is not None,
    "free text versions": lambda e: (
        e.model.generation is Generation.SMETS1 and "." in e.cpl.firmware
    ),
    "private parts": lambda e: e.private != type(e.private)(),
    **{
        f"type {kind}": (lambda e, kind=kind: e.device_type is kind)  # type: ignore[misc]
        for kind in DeviceType
    },
}
# Chance may leave these out of a small register.
RARE = {"mailboxes of entries", "private parts"}


@pytest.mark.parametrize("feature", EACH)
@pytest.mark.parametrize("seed", [1, 2])
def test_it_holds_what_real_lists_hold(feature: str, seed: int) -> None:
    assert any(map(EACH[feature], entries_of(SIZE, seed)))


@pytest.mark.parametrize("feature", sorted(EACH.keys() - RARE))
def test_a_small_one_holds_it_too(feature: str) -> None:
    assert any(map(EACH[feature], entries_of(SMALL)))


def test_most_devices_are_meters() -> None:
    types = Counter(entry.device_type for entry in entries_of())

    assert types[DeviceType.ESME] + types[DeviceType.GSME] > SIZE / 2


@pytest.mark.parametrize("size", [SMALL, SIZE])
def test_newer_hardware_has_lower_numbers(size: int) -> None:
    models = records(size)
    lower = [
        key
        for key, record in models.items()
        for other, newer in models.items()
        if key.manufacturer == other.manufacturer
        and key.model[:6] == other.model[:6]
        and key.model < other.model
        and record.entries[-1].cpl.firmware > newer.entries[-1].cpl.firmware
        and record.entries[-1].model.generation is Generation.SMETS2
    ]

    assert len(lower) > 3


@pytest.mark.parametrize("size", [SMALL, SIZE])
def test_one_image_serves_several_models_of_one_maker(size: int) -> None:
    models: dict[str, set[ModelKey]] = defaultdict(set)
    for entry in entries_of(size):
        if entry.cpl.image_hash:
            models[entry.cpl.image_hash].add(entry.model.key)

    assert max(map(len, models.values())) > 1
    assert all(len({key.manufacturer for key in used}) == 1 for used in models.values())


@pytest.mark.parametrize("size", [SMALL, SIZE])
def test_makers_and_entries_have_contacts_confirmed_long_ago(size: int) -> None:
    confirmed = [stale(maker.contact) for maker in makers_of(size).values()]

    assert set(confirmed) == {True, False}


@pytest.mark.parametrize("size", [SMALL, SIZE])
@pytest.mark.parametrize(
    "code",
    [
        *("newest", "route", "release-line", "newer-path-unknown", "newer-blocked"),
        *("newer-not-offered", "rollback-offered", "removed-expired"),
        *("removed-withdrawn", "removed-cancelled"),
    ],
)
def test_answers_have_many_reasons(size: int, code: str) -> None:
    assert any(code == why.code for given in answers(size) for why in given.reasons)


def test_answers_have_every_standing_of_a_listed_entry() -> None:
    found = Counter(given.standing for given in answers(SMALL))

    assert set(found) == {Standing.CURRENT, Standing.BEHIND, Standing.REMOVED}


# --- the showcase --------------------------------------------------------------------


def shown(
    place: int, *, asker: str | None = None, seed: int = 1, size: int = SHOWN_BY
) -> Assessment:
    meter = SHOWCASE[place]
    device = Device(
        device_type=meter.device_type,
        manufacturer=meter.manufacturer,
        model=meter.model,
        firmware=meter.firmware,
    )
    return answer(device, asker=asker, seed=seed, size=size)


@pytest.mark.parametrize("meter", SHOWCASE, ids=lambda meter: meter.title)
def test_the_showcase_is_there_whatever_seed_and_size(meter: Showcase) -> None:
    key = ModelKey.of(meter.manufacturer, meter.model)
    kept = [
        records(size, seed)[key].entries
        for size, seed in ((SHOWN_BY, 1), (SMALL, 9), (SIZE, 1))
    ]

    assert kept[0] == kept[1] == kept[2]
    running = [entry for entry in kept[0] if entry.cpl.firmware == meter.firmware]
    assert [entry.device_type for entry in running] == [meter.device_type]


def test_the_first_is_on_the_newest_firmware() -> None:
    given = shown(0)

    assert (given.standing, given.target) == (Standing.CURRENT, given.entry)
    assert [why.code for why in given.reasons] == ["newest"]


def test_the_second_is_three_steps_behind_with_a_mandatory_one() -> None:
    given = shown(1)

    assert given.standing is Standing.BEHIND
    assert [step.mandatory for step in given.steps] == [False, True, False]
    assert "edge-skips-mandatory" in {warning.code for warning in given.warnings}


def test_the_third_is_on_withdrawn_firmware_with_a_way_back() -> None:
    given = shown(2)

    assert given.standing is Standing.REMOVED
    assert given.pathway == (given.target,)
    assert [why.code for why in given.reasons] == [
        "removed-withdrawn",
        "rollback-offered",
    ]


def test_the_fourth_is_a_legacy_model() -> None:
    given = shown(3)

    assert (given.standing, given.pathway) == (Standing.BEHIND, None)
    codes = {warning.code for warning in given.warnings}
    assert {"path-unknown", "order-inferred"} <= codes


def test_the_fifth_has_a_blocked_route() -> None:
    given = shown(4)

    assert (given.standing, given.pathway) == (Standing.BEHIND, None)
    assert given.blocked_route is not None
    assert given.blocked_route.blocked_by == given.blocked_route.pathway[0]
    assert given.target == given.blocked_route.pathway[-1]


@pytest.mark.parametrize("place", [5, 6])
def test_the_next_two_are_current_as_the_newer_is_not_offered(place: int) -> None:
    given = shown(place)

    assert given.standing is Standing.CURRENT
    assert [why.code for why in given.reasons] == ["newer-not-offered"]


def test_limited_firmware_is_offered_to_whom_it_is_limited() -> None:
    given = shown(6, asker="Larkrise Power")

    assert (given.standing, given.pathway) == (Standing.BEHIND, (given.target,))


def test_the_last_asks_for_a_hub() -> None:
    given = shown(7)

    assert given.standing is Standing.BEHIND
    assert [one.kind for one in given.steps[0].conditions] == ["hub-entry"]


def test_showcase_entries_raise_no_finding_that_refuses() -> None:
    all_of_them = entries_of(24)
    named = {entry.id: entry for entry in all_of_them}
    for entry in all_of_them:
        if (entry.cpl.published_on or TODAY) < GO_LIVE:
            continue
        around = Surroundings(
            day=entry.cpl.published_on or TODAY,
            same_model=tuple(e for e in all_of_them if e.model.key == entry.model.key),
            named=named,
            same_hash=(),
            maker=makers_of(24)[entry.model.manufacturer],
        )
        found = findings(entry, around)
        assert not [one for one in found if one.severity is Severity.REFUSE]
