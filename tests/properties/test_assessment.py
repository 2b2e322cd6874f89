"""Properties of an answer, against the rules read a second time and naively."""

from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any, NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from entries import DAY, DESK, MODEL, a_model, an_entry
from firtree.catalogue.answer import Assessment, Circumstances, Device, Observed
from firtree.catalogue.assessment import assess
from firtree.catalogue.conditions import Hub
from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
    DateKind,
    DCCLoading,
    Entry,
    Hold,
    Loading,
    Requirement,
    RollbackAllowed,
    Status,
    Urgency,
)
from firtree.catalogue.record import ModelRecord
from firtree.catalogue.words import (
    ADVICE,
    RANK,
    REASONS,
    WARNINGS,
    Level,
    Standing,
)
from firtree.devices import DeviceType

ASKER = "Birch Energy"
LARGEST = 8
MODELS = [
    *[MODEL] * 4,
    a_model(device_type=DeviceType.SAPC),
    a_model(device_type=DeviceType.GSME),
    a_model(device_type=DeviceType.IHD),
]
near_days = st.integers(-3, 3).map(lambda days: DAY + timedelta(days=days))
far_days = st.integers(-500, 500).map(lambda days: DAY + timedelta(days=days))
certificates = st.builds(
    Certificate,
    kind=st.sampled_from(CertificateKind),
    number=st.just("1"),
    date_kind=st.sampled_from([None, *DateKind]),
    day=st.none() | far_days,
)
requirements = st.builds(
    Requirement,
    hub_entries=st.sampled_from([(), (70,), (71, 99)]),
    least_gbcs=st.sampled_from(["", "4.1", "?"]),
    least_chts=st.sampled_from(["", "1.3"]),
    han_variant=st.sampled_from(["", "Dual Band"]),
)


class Asked(NamedTuple):
    """A question in full."""

    entries: list[Entry]
    device: Device
    context: Circumstances

    def answer(self) -> Assessment:
        """Ask it."""
        record = ModelRecord.of(self.device.key, self.entries)
        return assess(self.device, record, self.context, hub_record=HUBS)


HUB_MODEL = a_model(device_type=DeviceType.CHF, model_identifier="0C0A")
HUBS = ModelRecord.of(
    HUB_MODEL.key,
    [
        an_entry(70, model=HUB_MODEL, gbcs="4.1"),
        an_entry(71, model=HUB_MODEL, upgradable_from=(70,), smets_chts="CHTS V1.2"),
    ],
)


@st.composite
def questions(draw: st.DrawFn, *, listed: bool = True) -> Asked:
    """Give a small model in any order, a device on it, and what the answer needs."""
    ids = draw(st.permutations(range(1, draw(st.integers(1, LARGEST)) + 1)))
    some = st.lists(st.sampled_from([*ids, 99]), max_size=3, unique=True).map(tuple)
    fields: dict[str, st.SearchStrategy[Any]] = {
        "model": st.sampled_from(MODELS),
        "upgradable_from": st.none() | some,
        "confirmed_edges": st.just(()) | some,
        "rollback_from": st.just(()) | some,
        "status": st.sampled_from([*[Status.ACTIVE] * 6, *Status]),
        "hold": st.sampled_from([*[None] * 4, Hold(), Hold(reason="field trial")]),
        "mandatory_step": st.sampled_from([False, False, False, True]),
        "max_hardware": st.sampled_from(["", "", "", "030B", "030A"]),
        "release_date": st.none() | near_days,
        "published_on": st.none() | near_days,
        "release_line": st.sampled_from(["", "", "LTS"]),
        "image_hash": st.sampled_from([*["0" * 64] * 5, ""]),
        "availability": st.sampled_from([*[None] * 4, *Availability]),
        "limited_to": st.sampled_from([(), (ASKER,), ("Ash Gas",)]),
        "requires": st.none() | requirements,
        "certificates": st.just(()) | st.tuples(certificates),
        "loading": st.none() | st.builds(DCCLoading, state=st.sampled_from(Loading)),
        "change_classes": st.just(()) | st.just(tuple(ChangeClass)),
        "security_urgency": st.sampled_from([None, *Urgency]),
        "rollback_allowed": st.sampled_from([None, *RollbackAllowed]),
        "contact": st.sampled_from([None, DESK]),
    }
    entries = [
        an_entry(entry_id, **{name: draw(value) for name, value in fields.items()})
        for entry_id in ids
    ]
    known = [entry.cpl.firmware for entry in entries]
    hub = Hub(manufacturer="AB01", model="0C0A030B", firmware="00000046")
    device = Device(
        device_type=draw(st.sampled_from([None, *DeviceType])),
        manufacturer="AB01",
        model="010A030B",
        firmware=draw(st.sampled_from(known if listed else ["02000000", "9", "1.2"])),
        hub=draw(st.sampled_from([None, hub])),
        read_on=draw(st.none() | far_days),
    )
    approvals = st.dictionaries(st.sampled_from(ids), st.none() | near_days)
    context = Circumstances(
        day=DAY,
        asker=draw(st.sampled_from([None, ASKER])),
        approved=draw(st.none() | st.none() | approvals),
        observed={1: Observed(image_mismatch=True, failure_rate_high=True)},
        reconstructed=draw(st.booleans()),
    )
    return Asked(entries, device, context)


class Naive:
    """The rules once more, by brute force: pairs, sets, and every walk."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.entries = {entry.id: entry for entry in asked.entries}
        self.edges = {
            (start, end.id)
            for end in asked.entries
            for start in end.fir.upgradable_from or ()
            if start != end.id
            and start in self.entries
            and same_kind(self.entries[start], end)
        }
        self.leads = closure(self.edges)
        self.steps = {(p, q) for p, q in self.edges if self.valid(p, q)}
        self.reached = closure(self.steps)

    def offered(self, entry: Entry) -> bool:
        """No hold, and not limited to others."""
        if entry.fir.hold:
            return False
        if entry.fir.availability is not Availability.LIMITED:
            return True
        return self.asked.context.asker in entry.fir.limited_to

    def usable(self, entry: Entry, *, but_for_the_offer: bool = False) -> bool:
        """R1 and R12."""
        approved = self.asked.context.approved
        if approved is not None and not but_for_the_offer:
            since = approved.get(entry.id, date.max) or date.min
            if since > DAY:
                return False
        return (
            entry.cpl.status == "Active"
            and entry.cpl.image_hash != ""
            and entry.device_type not in {DeviceType.IHD, DeviceType.CAD}
            and entry.fir.availability is not Availability.WITHDRAWN
            and (but_for_the_offer or self.offered(entry))
        )

    def valid(self, p: int, q: int) -> bool:
        """R3."""
        end = self.entries[q]
        if not self.usable(end) or end.fir.max_hardware == "030A":
            return False
        return p in end.fir.confirmed_edges or not any(
            m.fir.mandatory_step
            and m.id not in {p, q}
            and {(p, m.id), (m.id, q)} <= self.leads
            for m in self.entries.values()
        )

    def why_not(self, running: Entry, other: Entry) -> str:
        """R5: why a newer entry of the line is not reached; empty = it is nothing."""
        if not self.usable(other):
            held = self.usable(other, but_for_the_offer=True)
            return "not-offered" if held and not self.offered(other) else ""
        if other.fir.upgradable_from is None:
            return "path-unknown"
        if other.fir.upgradable_from == ():
            return "factory-only"
        blocked = (running.id, other.id) in self.leads
        return "blocked" if blocked else "not-reachable"

    def way_back(self, running: Entry) -> list[Entry]:
        """R9, newest first."""
        if running.cpl.status == "Active" and not running.fir.hold:
            return []
        back = [
            entry
            for entry in self.entries.values()
            if running.id in entry.fir.rollback_from
            and self.usable(entry)
            and same_kind(entry, running)
            and entry.fir.max_hardware != "030A"
        ]
        return sorted(back, key=rank, reverse=True)

    def path(self, start: int, end: int) -> tuple[int, ...]:
        """R7: every walk, one step longer each time, until some arrive."""
        walks: list[tuple[int, ...]] = [(start,)]
        while not (found := [walk for walk in walks if walk[-1] == end]):
            walks = [
                (*walk, q)
                for walk in walks
                for p, q in self.steps
                if p == walk[-1] and q not in walk
            ]
        best = max(found, key=lambda walk: [rank(self.entries[n]) for n in walk[::-1]])
        return best[1:]

    def answer(self, running: Entry) -> tuple[Any, ...]:
        """Give standing, target, pathway and alternatives (R4 to R7, R9)."""
        removed = running.cpl.status != "Active"
        reached = {q for p, q in self.reached if p == running.id} | {running.id}
        ends = [
            self.entries[end]
            for end in reached
            if all((q, end) in self.reached for p, q in self.steps if p == end)
        ]
        mine = [end for end in ends if end.line == running.line] or ends
        best = max(mine, key=rank)
        if best is not running:
            others = [end for end in ends if end is not best and end is not running]
            return (
                "removed" if removed else "behind",
                best.id,
                self.path(running.id, best.id),
                ids(sorted(others, key=rank, reverse=True)),
            )
        ahead = [
            other
            for other in self.entries.values()
            if rank(other) > rank(running)
            and other.line == running.line
            and same_kind(other, running)
            and self.why_not(running, other)
            in {"path-unknown", "not-reachable", "blocked"}
        ]
        back = self.way_back(running)
        if ahead:
            target = max(ahead, key=rank)
            others = [other for other in back if other is not target]
            return "removed" if removed else "behind", target.id, None, ids(others)
        if not removed:
            return "current", running.id, (), ids(back)
        if back:
            return "removed", back[0].id, (back[0].id,), ids(back[1:])
        return "removed", None, None, ()


def rank(entry: Entry) -> tuple[date, date, int]:
    """R2."""
    published = entry.cpl.published_on or date.min
    return entry.fir.release_date or published, published, entry.id


def ids(entries: list[Entry]) -> tuple[int, ...]:
    return tuple(entry.id for entry in entries)


def same_kind(one: Entry, two: Entry) -> bool:
    kinds = {one.device_type, two.device_type}
    return len(kinds) == 1 or kinds == {DeviceType.ESME, DeviceType.SAPC}


def closure(edges: set[tuple[int, int]]) -> set[tuple[int, int]]:
    found = set(edges)
    while True:
        more = {(a, d) for (a, b), (c, d) in product(found, edges) if b == c}
        if more <= found:
            return found
        found |= more


@settings(max_examples=250)
@given(questions())
def test_the_answer_is_that_of_the_rules_read_naively(asked: Asked) -> None:
    answer = asked.answer()
    assert answer.entry is not None
    naive = Naive(asked)

    expected = naive.answer(naive.entries[answer.entry])

    assert expected == (
        answer.standing,
        answer.target,
        answer.pathway,
        answer.alternatives,
    )


@given(questions())
def test_the_parts_of_an_answer_agree(asked: Asked) -> None:
    answer = asked.answer()

    assert answer.standing in set(Standing) - {Standing.UNKNOWN, Standing.UNLISTED}
    assert answer.advice
    assert answer.reasons
    own = answer.target == answer.entry
    assert (answer.pathway == ()) is own is (answer.standing is Standing.CURRENT)
    if answer.pathway:
        assert answer.pathway[-1] == answer.target
        assert answer.entry not in answer.pathway
    assert [step.entry for step in answer.steps] == list(answer.pathway or ())
    assert answer.target not in answer.alternatives
    if answer.blocked_route is not None:
        assert answer.pathway is None
        assert answer.blocked_route.pathway[-1] == answer.target
        assert answer.blocked_route.blocked_by in answer.blocked_route.pathway
    assert (answer.register_target is None) or asked.context.approved is not None


@given(questions())
def test_a_pathway_is_of_usable_entries_and_valid_steps(asked: Asked) -> None:
    answer = asked.answer()
    naive = Naive(asked)
    for end in answer.pathway or ():
        assert naive.usable(naive.entries[end])
    way = [answer.entry, *(answer.pathway or ())]
    steps = list(pairwise(way))
    if "rollback-offered" in {reason.code for reason in answer.reasons}:
        assert len(steps) <= 1
    else:
        assert set(steps) <= naive.steps


LEVELS = list(Level)


@given(questions() | questions(listed=False))
def test_codes_are_known_ranked_and_said_once(asked: Asked) -> None:
    answer = asked.answer()

    assert {noted.code for noted in answer.advice} <= set(ADVICE)
    assert {noted.code for noted in answer.reasons} <= set(REASONS)
    ranks = [
        (LEVELS.index(Level(warning.level)), RANK[warning.code], warning.entry or 0)
        for warning in answer.warnings
    ]
    assert ranks == sorted(ranks)
    assert len(set(answer.warnings)) == len(answer.warnings)
    for warning in answer.warnings:
        assert warning.level == WARNINGS[warning.code].level
        assert "{" not in warning.text


@given(questions() | questions(listed=False), st.randoms(use_true_random=False))
def test_the_same_in_any_order_has_the_same_answer(asked: Asked, random: Any) -> None:
    def shuffled(values: tuple[int, ...] | None) -> tuple[int, ...] | None:
        return values and tuple(random.sample(values, len(values)))

    others = []
    for entry in random.sample(asked.entries, len(asked.entries)):
        fir = msgspec.structs.replace(
            entry.fir,
            upgradable_from=shuffled(entry.fir.upgradable_from),
            confirmed_edges=shuffled(entry.fir.confirmed_edges),
            rollback_from=shuffled(entry.fir.rollback_from),
        )
        others.append(msgspec.structs.replace(entry, fir=fir))

    assert asked._replace(entries=others).answer() == asked.answer()


@given(questions())
def test_a_stopping_warning_comes_before_anything_to_install(asked: Asked) -> None:
    answer = asked.answer()

    stopped = any(warning.level == "stop" for warning in answer.warnings)
    if answer.pathway:
        assert (answer.advice[0].code == "stop-first") is stopped


@given(questions(listed=False))
def test_there_is_no_route_from_what_is_not_listed(asked: Asked) -> None:
    answer = asked.answer()
    naive = Naive(asked)
    usable = [
        entry
        for entry in naive.entries.values()
        if naive.usable(entry, but_for_the_offer=True)
        and naive.offered(entry)
        and entry.fir.upgradable_from != ()
    ]

    assert answer.standing is Standing.UNLISTED
    assert (answer.entry, answer.pathway, answer.blocked_route) == (None, None, None)
    assert (answer.steps, answer.alternatives) == ((), ())
    if asked.device.device_type is None:
        newest = max(usable, key=rank).id if usable else None
        assert answer.target == newest
    else:
        assert answer.target in {None, *(entry.id for entry in usable)}
    codes = [noted.code for noted in answer.advice]
    assert codes[0] == "read-again"
    assert codes[-2:] == ["ask-maker", "do-not-distribute"]
    assert set(codes[1:-2]) <= {"near-match"}


@settings(max_examples=20)
@given(questions())
def test_an_unknown_model_has_neither_target_nor_route(asked: Asked) -> None:
    answer = asked._replace(entries=[]).answer()

    assert answer.standing is Standing.UNKNOWN
    assert (answer.entry, answer.target, answer.pathway) == (None, None, None)
    assert [noted.code for noted in answer.advice][:2] == ["read-again", "check-model"]
