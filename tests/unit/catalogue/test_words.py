"""Every warning, reason and advice: a question that has it, and a near miss."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest

from entries import DAY, DESK, a_model, an_entry
from firtree.catalogue.answer import Assessment, Circumstances, Device, Observed
from firtree.catalogue.assessment import assess
from firtree.catalogue.conditions import Hub
from firtree.catalogue.entry import (
    NO_FIR,
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
    DateKind,
    DCCLoading,
    Entry,
    Hold,
    Loading,
    ReleaseNotes,
    Requirement,
    RollbackAllowed,
    Status,
    Urgency,
)
from firtree.catalogue.record import ModelRecord
from firtree.catalogue.words import (
    ADVICE,
    ADVICE_INSTEAD,
    RANK,
    REASONS,
    REASONS_INSTEAD,
    SHOWN,
    SHOWN_INSTEAD,
    WARNINGS,
    WARNINGS_INSTEAD,
    Level,
    Silence,
    Standing,
)
from firtree.devices import DeviceType, Generation
from firtree.parties import Contact, Maker

NOTES = ReleaseNotes(summary="Mends the clock.")
A = an_entry(1, notes=NOTES)
B = an_entry(2, notes=NOTES, upgradable_from=(1,))
HUB = a_model(device_type=DeviceType.CHF, model_identifier="0C0A")
HUB_ENTRY = an_entry(70, model=HUB, gbcs="4.1", smets_chts="CHTS V1.4")
GIVEN = Hub(
    manufacturer="AB01", model="0C0A030B", firmware="00000046", han_variant="Dual Band"
)


class Question(NamedTuple):
    """A device with the entries of its model, and what the answer depends on."""

    entries: Sequence[Entry]
    runs: str
    hub_entries: Sequence[Entry]
    facts: dict[str, Any]

    def answer(self) -> Assessment:
        """Ask it."""
        own = {n: v for n, v in self.facts.items() if n in Device.__struct_fields__}
        rest = {n: v for n, v in self.facts.items() if n not in own}
        device = Device(
            manufacturer="ab01", model="010a030b", firmware=self.runs, **own
        )
        hub_record = None
        if self.hub_entries:
            hub_record = ModelRecord.of(self.hub_entries[0].model.key, self.hub_entries)
        return assess(
            device,
            ModelRecord.of(device.key, self.entries),
            Circumstances(**{"day": DAY, **rest}),
            hub_record=hub_record,
        )


def on(
    *entries: Entry,
    runs: int | str = 1,
    hub_entries: Sequence[Entry] = (),
    **facts: Any,
) -> Question:
    """Ask about a device on an entry (by its id) or on some other firmware."""
    firmware = f"{runs:08X}" if isinstance(runs, int) else runs
    return Question(entries, firmware, hub_entries, facts)


def to_b(**changes: Any) -> Question:
    """Ask about a device on A from which B is reached, with changes to B."""
    return on(A, an_entry(2, **{"notes": NOTES, "upgradable_from": (1,), **changes}))


def before_b(**changes: Any) -> Question:
    """Ask about a device on A from which B is reached, with changes to A."""
    return on(an_entry(1, notes=NOTES, **changes), B)


def both(**changes: tuple[Any, Any]) -> Question:
    """Ask about a device on A from which B is reached; fields as (of A, of B)."""
    first = {name: of_a for name, (of_a, _) in changes.items()}
    second = {name: of_b for name, (_, of_b) in changes.items()}
    return on(
        an_entry(1, notes=NOTES, **first),
        an_entry(2, notes=NOTES, upgradable_from=(1,), **second),
    )


def certified(day: date | None, date_kind: DateKind | None = None) -> dict[str, Any]:
    """Give the field of an entry that rests on one certificate."""
    certificate = Certificate(
        kind=CertificateKind.CPA, number="CPA-1", day=day, date_kind=date_kind
    )
    return {"certificates": (certificate,)}


def asking(hub: Hub | None = GIVEN, **requires: Any) -> Question:
    """Ask about a B that wants something of the hub."""
    second = an_entry(
        2, notes=NOTES, upgradable_from=(1,), requires=Requirement(**requires)
    )
    return on(A, second, hub=hub, hub_entries=[HUB_ENTRY])


WITHDRAWN: dict[str, Any] = {"status": Status.WITHDRAWN}
LIMITED: dict[str, Any] = {
    "availability": Availability.LIMITED,
    "limited_to": ("Birch Energy",),
}
UNDATED: dict[str, Any] = {"release_date": None}
SIX_MONTHS = date(2027, 5, 22)
TWELVE_MONTHS = date(2027, 11, 22)
ONE_DAY = timedelta(days=1)
SPARE = an_entry(3, notes=NOTES, upgradable_from=(1,))
IHD = a_model(device_type=DeviceType.IHD)
GSME = a_model(device_type=DeviceType.GSME)

MANDATORY_CUT = (
    A,
    an_entry(2, upgradable_from=(1,), mandatory_step=True, **WITHDRAWN),
    an_entry(3, upgradable_from=(1, 2)),
)
CUT = (
    A,
    an_entry(2, upgradable_from=(1,), **WITHDRAWN),
    an_entry(3, upgradable_from=(2,)),
)

# code: (a question whose answer has it, near misses whose answers have it not)
Row = tuple[Question, *tuple[Question, ...]]
ERASED = msgspec.structs.replace(an_entry(2), fir=NO_FIR, absent=frozenset({"fir"}))
WARNED: dict[str, Row] = {
    "hold": (
        on(an_entry(1, hold=Hold(reason="field trial"))),
        on(A),
        to_b(hold=Hold()),  # not offered, so neither target nor step
    ),
    "dcc-refused": (
        to_b(loading=DCCLoading(state=Loading.REFUSED, reason="hash differs.")),
        to_b(loading=DCCLoading(state=Loading.LOADED)),
        to_b(loading=DCCLoading(state=Loading.NOT_LOADED)),
        before_b(loading=DCCLoading(state=Loading.REFUSED)),
    ),
    "dcc-not-loaded": (
        to_b(loading=DCCLoading(state=Loading.NOT_LOADED)),
        to_b(loading=DCCLoading(state=Loading.LOADED)),
        to_b(loading=DCCLoading(state=Loading.REFUSED)),
        to_b(),
    ),
    "hub-condition-unmet": (
        asking(least_gbcs="4.2"),
        asking(least_gbcs="4.1"),
        asking(None, least_gbcs="4.2"),
    ),
    "mandatory-step-removed": (on(*MANDATORY_CUT), on(*CUT)),
    "image-mismatch-reported": (
        on(A, B, observed={2: Observed(image_mismatch=True)}),
        on(A, B, observed={2: Observed(failure_rate_high=True)}),
        on(A, B, observed={1: Observed(image_mismatch=True)}),
    ),
    "partial-view": (on(A, partial=True), on(A), on(runs=1)),
    "information-erased": (
        on(A, ERASED),
        on(A, an_entry(2)),
        on(A, ERASED, partial=True),
        on(A, ERASED, unread=True),
    ),
    "path-unknown": (
        on(A, an_entry(2)),
        to_b(),
        on(A, an_entry(2, upgradable_from=())),
        on(A, an_entry(2, upgradable_from=(9,))),
    ),
    "order-inferred": (
        on(A, an_entry(2, **UNDATED)),
        on(A, an_entry(2)),
        to_b(**UNDATED),  # declared: no order was needed
        on(A, runs="FFFFFFFF"),
    ),
    "several-newest": (on(A, B, SPARE), on(A, B), on(A)),
    "several-entries": (
        on(A, an_entry(2, firmware="00000001")),
        on(A, an_entry(2)),
    ),
    "certificate-expires-soon": (
        to_b(**certified(SIX_MONTHS)),
        to_b(**certified(SIX_MONTHS + ONE_DAY)),
        to_b(**certified(None)),
        to_b(**certified(SIX_MONTHS, DateKind.RENEWAL)),
        before_b(**certified(SIX_MONTHS)),
    ),
    "specification-ends-soon": (
        on(
            *to_b(gbcs="4.1").entries,
            ends={"GBCS 4.1": TWELVE_MONTHS},
        ),
        on(*to_b(gbcs="4.1").entries, ends={"GBCS 4.1": TWELVE_MONTHS + ONE_DAY}),
        on(*to_b(gbcs="4.2").entries, ends={"GBCS 4.1": TWELVE_MONTHS}),
        on(*before_b(gbcs="4.1").entries, ends={"GBCS 4.1": TWELVE_MONTHS}),
    ),
    "gbcs-changes": (
        both(gbcs=("3.2", "4.1")),
        both(gbcs=("4.1", "GBCS v4.1")),
        to_b(),
    ),
    "smets-changes": (
        both(smets_chts=("SMETS V4.2", "SMETS V5.1")),
        both(smets_chts=("SMETS V4.2", "")),
    ),
    "variant-changes": (
        both(esme_variant=("A", "AD")),
        both(esme_variant=("", "AD")),
    ),
    "metrology-changes": (
        both(metrology_software_id=("M1", "M2")),
        both(metrology_software_id=("M1", "M1")),
        both(metrology_software_id=("", "M2")),
        before_b(change_classes=(ChangeClass.METROLOGY,)),
    ),
    "interrupts-hub-power": (
        to_b(interrupts_hub_power=True),
        before_b(interrupts_hub_power=True),
    ),
    "no-rollback": (
        to_b(rollback_allowed=RollbackAllowed.NO),
        to_b(rollback_allowed=RollbackAllowed.UNKNOWN),
        before_b(rollback_allowed=RollbackAllowed.NO),
    ),
    "hub-unknown": (
        asking(None, least_gbcs="4.1"),
        asking(least_gbcs="4.1"),
        asking(None),
    ),
    "reading-old": (
        on(A, read_on=DAY - timedelta(days=31)),
        on(A, read_on=DAY - timedelta(days=30)),
        on(A),
    ),
    "contact-stale": (
        on(an_entry(1, contact=Contact(email="fw@maker.example"))),
        on(A),
        on(an_entry(1, contact=None)),
        on(A, day=date(2027, 1, 30)),  # 90 days
    ),
    "contact-unknown": (
        on(an_entry(1, contact=None)),
        on(an_entry(1, contact=None), maker=Maker(code="AB01", name="", contact=DESK)),
    ),
    "failure-rate": (
        on(A, B, observed={2: Observed(failure_rate_high=True)}),
        on(A, B, observed={2: Observed(image_mismatch=True)}),
        on(A, B, observed={1: Observed(failure_rate_high=True)}),
    ),
    "security-step": (
        to_b(security_urgency=Urgency.ROUTINE),
        to_b(security_urgency=Urgency.NONE),
        to_b(change_classes=(ChangeClass.DEFECT,)),
        before_b(security_urgency=Urgency.HIGH),
    ),
    "device-type-differs": (
        on(A, device_type=DeviceType.GSME),
        on(A, device_type=DeviceType.SAPC),
        on(A),
    ),
    "certificate-renewal-due": (
        to_b(**certified(SIX_MONTHS, DateKind.RENEWAL)),
        to_b(**certified(SIX_MONTHS + ONE_DAY, DateKind.RENEWAL)),
        to_b(**certified(SIX_MONTHS, DateKind.EXPIRY)),
    ),
    "own-certificate-runs-out": (
        on(an_entry(1, **certified(TWELVE_MONTHS))),
        on(an_entry(1, **certified(TWELVE_MONTHS + ONE_DAY))),
        on(an_entry(1, **certified(SIX_MONTHS))),  # said of the target already
        to_b(**certified(TWELVE_MONTHS)),
    ),
    "newer-factory-only": (
        on(A, an_entry(2, upgradable_from=())),
        on(A, an_entry(2)),
        on(A, an_entry(2, upgradable_from=(), image_hash="")),
    ),
    "edge-skips-mandatory": (
        on(
            A,
            an_entry(2, upgradable_from=(1,), mandatory_step=True),
            an_entry(3, upgradable_from=(1, 2)),
        ),
        on(
            A,
            an_entry(2, upgradable_from=(1,), mandatory_step=True),
            an_entry(3, upgradable_from=(1, 2), confirmed_edges=(1,)),
        ),
        on(A, an_entry(2, upgradable_from=(1,)), an_entry(3, upgradable_from=(1, 2))),
        on(
            A,
            an_entry(2, upgradable_from=(1,), mandatory_step=True),
            an_entry(3, upgradable_from=(1, 2)),
            an_entry(4, upgradable_from=(2,)),
        ),
    ),
    "other-release-lines": (
        on(A, B, an_entry(3, upgradable_from=(1,), release_line="LTS")),
        on(A, B, SPARE),
    ),
    "no-release-notes": (
        to_b(notes=None),
        to_b(),
        on(an_entry(1)),
    ),
    "smets1-unchecked": (
        both(model=(a_model(generation=Generation.SMETS1),) * 2),
        to_b(),
        on(an_entry(1, model=a_model(generation=Generation.SMETS1))),
    ),
    "reconstructed": (on(A, reconstructed=True), on(A)),
}
REASONED: dict[str, Row] = {
    "newest": (on(A), on(A, B), on(A, an_entry(2, upgradable_from=()))),
    "route": (on(A, B), on(A), on(A, an_entry(2))),
    "release-line": (
        both(release_line=("LTS", "LTS")),
        both(release_line=("LTS", "")),
        on(A, B),
    ),
    "no-over-the-air-route": (on(an_entry(1, model=IHD)), on(A)),
    "newer-factory-only": (
        on(A, an_entry(2, upgradable_from=())),
        on(A, an_entry(2, upgradable_from=(), release_line="LTS")),
    ),
    "newer-path-unknown": (on(A, an_entry(2)), on(A, B), on(A, an_entry(2), runs=2)),
    "newer-not-reachable": (
        on(A, an_entry(2, upgradable_from=(9,))),
        on(A, an_entry(2, upgradable_from=(9,), model=GSME)),
        on(*CUT),
    ),
    "newer-blocked": (on(*CUT), on(*CUT, runs=2)),
    "newer-not-offered": (
        to_b(hold=Hold()),
        to_b(),
        to_b(hold=Hold(), availability=Availability.WITHDRAWN),
        to_b(hold=Hold(), **WITHDRAWN),
        on(*to_b(**LIMITED).entries, asker="Birch Energy"),
    ),
    "rollback-offered": (
        on(an_entry(1, rollback_from=(2,)), an_entry(2, **WITHDRAWN), runs=2),
        on(an_entry(1, rollback_from=(2,)), an_entry(2), runs=2),
        on(an_entry(1, rollback_from=(3,)), an_entry(2, **WITHDRAWN), runs=2),
        on(
            an_entry(1, rollback_from=(2,), min_hardware="030C"),
            an_entry(2, **WITHDRAWN),
            runs=2,
        ),
        on(
            an_entry(1, rollback_from=(2,), model=GSME),
            an_entry(2, **WITHDRAWN),
            runs=2,
        ),
    ),
    "only-older-left": (
        on(A, an_entry(2, **WITHDRAWN), runs=2),
        on(an_entry(1, **WITHDRAWN), an_entry(2, **WITHDRAWN), runs=2),
        on(A, an_entry(2, **WITHDRAWN), an_entry(3, upgradable_from=()), runs=2),
    ),
    "no-active-entry": (
        on(an_entry(1, **WITHDRAWN)),
        on(A, an_entry(2, **WITHDRAWN), runs=2),
    ),
    "removed-expired": (
        on(an_entry(1, status=Status.EXPIRED)),
        on(an_entry(1, **WITHDRAWN)),
        on(A),
    ),
    "removed-withdrawn": (
        on(an_entry(1, status_reason="fault", status_from=DAY, **WITHDRAWN)),
        on(an_entry(1, status=Status.CANCELLED)),
        on(A),
    ),
    "removed-cancelled": (
        on(an_entry(1, status=Status.CANCELLED)),
        on(an_entry(1, status=Status.EXPIRED)),
        on(A),
    ),
    "unlisted": (on(A, runs="FFFFFFFF"), on(A), on(runs=1)),
    "unknown": (on(runs=1), on(A), on(A, runs="FFFFFFFF")),
    "not-approved": (
        on(A, B, SPARE, approved={2: None}),
        on(A, B, SPARE, approved={3: None}),
        on(A, B, SPARE),
        on(A, approved={}),
    ),
}
ADVISED: dict[str, Row] = {
    "install": (
        on(A, B),
        on(A),
        on(A, an_entry(2)),
        on(an_entry(1, rollback_from=(2,)), an_entry(2, **WITHDRAWN), runs=2),
    ),
    "stay": (on(A), on(A, B), on(an_entry(1, hold=Hold()))),
    "ask-maker": (on(A, an_entry(2)), on(A, B), on(A)),
    "do-not-distribute": (on(A, runs="FFFFFFFF"), on(A)),
    "read-again": (on(A, runs="FFFFFFFF"), on(A)),
    "near-match": (
        on(A, runs="01000000"),
        on(A, runs="02000000"),
    ),
    "check-model": (on(runs=1), on(A, runs="FFFFFFFF")),
    "roll-back": (
        on(an_entry(1, rollback_from=(2,)), an_entry(2, **WITHDRAWN), runs=2),
        on(an_entry(1, rollback_from=(2,)), an_entry(2), runs=2),
        to_b(rollback_from=(1,)),  # declared both ways: it is an upgrade
    ),
    "hold": (on(an_entry(1, hold=Hold())), on(A), to_b(hold=Hold())),
    "stop-first": (
        to_b(loading=DCCLoading(state=Loading.REFUSED)),
        to_b(loading=DCCLoading(state=Loading.LOADED)),
        before_b(loading=DCCLoading(state=Loading.REFUSED)),
    ),
}


def warned(answer: Assessment) -> set[str]:
    return {warning.code for warning in answer.warnings}


def reasoned(answer: Assessment) -> set[str]:
    return {reason.code for reason in answer.reasons}


def advised(answer: Assessment) -> set[str]:
    return {advice.code for advice in answer.advice}


SCENARIOS = [
    *((warned, code, *row) for code, row in WARNED.items()),
    *((reasoned, code, *row) for code, row in REASONED.items()),
    *((advised, code, *row) for code, row in ADVISED.items()),
]


@pytest.mark.parametrize(
    "scenario", SCENARIOS, ids=lambda row: f"{row[0].__name__} {row[1]}"
)
def test_a_code_is_said_where_it_is_true_and_not_nearby(scenario: Any) -> None:
    codes, code, fires, *near = scenario

    assert near
    assert code in codes(fires.answer())
    for missed in near:
        assert code not in codes(missed.answer())


def test_every_code_has_its_scenario() -> None:
    assert list(WARNED) == list(WARNINGS)
    assert list(REASONED) == list(REASONS)
    assert list(ADVISED) == list(ADVICE)


def test_the_scenarios_say_every_code_there_is_and_no_other() -> None:
    answers = [q.answer() for _, _, *questions in SCENARIOS for q in questions]

    assert set().union(*map(warned, answers)) == set(WARNINGS)
    assert set().union(*map(reasoned, answers)) == set(REASONS)
    assert set().union(*map(advised, answers)) == set(ADVICE)


def test_no_text_is_left_with_a_gap() -> None:
    answers = [q.answer() for _, _, *questions in SCENARIOS for q in questions]

    said = [warning.text for answer in answers for warning in answer.warnings]
    for answer in answers:
        said += [noted.text for noted in (*answer.reasons, *answer.advice)]
    assert [text for text in said if "{" in text or "None" in text] == []
    assert [text for text in said if text[:1] != text[:1].upper()] == []


# The levels of the rules, written down a second time.
STOP = """hold dcc-refused dcc-not-loaded hub-condition-unmet mandatory-step-removed
    image-mismatch-reported"""
INFO = """certificate-renewal-due own-certificate-runs-out newer-factory-only
    edge-skips-mandatory other-release-lines no-release-notes smets1-unchecked
    reconstructed"""


def test_each_warning_has_the_level_of_the_rules() -> None:
    levels = {
        level: {code for code, known in WARNINGS.items() if known.level is level}
        for level in Level
    }

    assert levels[Level.STOP] == set(STOP.split())
    assert levels[Level.INFO] == set(INFO.split())
    assert (
        levels[Level.CAUTION] == set(WARNINGS) - levels[Level.STOP] - levels[Level.INFO]
    )


def test_ranks_run_from_stop_to_info() -> None:
    ranked = [list(Level).index(known.level) for known in WARNINGS.values()]

    assert [level.value for level in Level] == ["stop", "caution", "info"]
    assert ranked == sorted(ranked)
    assert list(RANK.values()) == list(range(len(WARNINGS)))


def test_a_warning_in_an_answer_carries_its_level() -> None:
    for _, _, *questions in SCENARIOS:
        for question in questions:
            for warning in question.answer().warnings:
                assert warning.level == WARNINGS[warning.code].level


def test_each_standing_has_its_words() -> None:
    assert SHOWN == {
        Standing.CURRENT: "Up to date",
        Standing.BEHIND: "Update available",
        Standing.REMOVED: "On removed firmware",
        Standing.UNLISTED: "Firmware not on the CPL",
        Standing.UNKNOWN: "Model not on the CPL",
    }
    assert [standing.value for standing in Standing] == [
        "current",
        "behind",
        "removed",
        "unlisted-firmware",
        "unknown-model",
    ]


# Those from which nothing is kept back, and nothing erased.
QUESTIONS = [
    question
    for _, _, *questions in SCENARIOS
    for question in questions
    if not {"partial", "unread"} & question.facts.keys()
    and not any(entry.absent for entry in question.entries)
]


class Part(NamedTuple):
    """Why an answer rests on a part, and what shows in the words that it does."""

    silence: Silence
    fact: str
    told: str
    no_mailbox: str

    def of(self, question: Question) -> Question:
        """Ask the same of the part."""
        return question._replace(facts={**question.facts, self.fact: True})

    @property
    def codes(self) -> set[str]:
        """Codes whose words are others."""
        said = (WARNINGS_INSTEAD, REASONS_INSTEAD, ADVICE_INSTEAD)
        return {code for one in said for code in one[self.silence]} - {"partial-view"}


PARTS = [
    Part(
        Silence.UNSEEN,
        "partial",
        "you may see",
        "Ask the maker; no mailbox of theirs is among what you may see.",
    ),
    Part(
        Silence.UNREAD,
        "unread",
        "could be read",
        "Ask the maker; no mailbox of theirs is among the rows that could be read.",
    ),
]


def texts(answer: Assessment) -> list[tuple[str, str]]:
    """Give code and text of all that is said, but that it rests on a part."""
    said = [(one.code, one.text) for one in (*answer.reasons, *answer.advice)]
    said += [(one.code, one.text) for one in answer.warnings]
    return [one for one in said if one[0] != "partial-view"]


def facts(answer: Assessment) -> tuple[object, ...]:
    return (answer.standing, answer.entry, answer.target, answer.pathway, answer.steps)


@pytest.mark.parametrize("of", PARTS, ids=lambda of: of.fact)
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_from_a_part_has_the_same_codes_and_words_true_of_a_part(
    question: Question, of: Part
) -> None:
    whole, part = question.answer(), of.of(question).answer()

    assert facts(part) == facts(whole)
    assert "partial-view" in warned(part)
    for (code, said), (same, instead) in zip(texts(whole), texts(part), strict=True):
        assert code == same
        if code in of.codes:
            assert said != instead
            assert of.told in instead
        elif code == "ask-maker" and "holds no mailbox" in said:
            assert instead == of.no_mailbox
        else:
            assert said == instead
    shown = SHOWN_INSTEAD[of.silence].get(part.standing, SHOWN[part.standing])
    assert (part.standing_text, whole.standing_text) == (shown, SHOWN[whole.standing])


@pytest.mark.parametrize("of", PARTS, ids=lambda of: of.fact)
def test_the_scenarios_say_everything_that_is_said_instead(of: Part) -> None:
    said = {code for one in QUESTIONS for code, _ in texts(of.of(one).answer())}

    assert said >= of.codes
    assert of.codes <= {*WARNINGS, *REASONS, *ADVICE}


def test_rows_that_could_not_be_read_are_not_called_out_of_sight() -> None:
    answer = on(A, unread=True).answer()
    said = {warning.code: warning.text for warning in answer.warnings}

    assert not answer.partial
    assert said["partial-view"] == (
        "Not every row of the table could be read; what was asked for may stand in "
        "one that was left out."
    )


def test_what_was_erased_is_not_called_unsaid() -> None:
    said = dict(texts(on(A, ERASED).answer()))

    assert not [text for text in said.values() if "has not said" in text]
    assert "was erased with its FIR information" in said["path-unknown"]
    assert said["newer-path-unknown"] == (
        "Newer, but how to reach it was erased, or never said: entry 2."
    )
    several = dict(texts(on(A, ERASED, an_entry(3)).answer()))
    assert several["newer-path-unknown"].endswith("never said: entry 3, entry 2.")
    assert several["path-unknown"].startswith("The maker has not said from which")


def test_an_answer_names_the_entries_whose_fir_information_was_erased() -> None:
    step = an_entry(3, upgradable_from=(1,), mandatory_step=True)
    gone = msgspec.structs.replace(step, fir=NO_FIR, absent=frozenset({"fir"}))
    end = an_entry(4, upgradable_from=(1, 3))
    assert on(A, step, end).answer().pathway == (3, 4)

    answer = on(A, gone, end).answer()

    assert answer.pathway == (4,)  # that entry 3 must not be skipped is not known
    (said,) = [w for w in answer.warnings if w.code == "information-erased"]
    assert said.text.startswith("The FIR information of entry 3 was erased")
    unlisted = on(A, gone, runs="FFFFFFFF").answer()
    assert "information-erased" in {w.code for w in unlisted.warnings}


def test_release_notes_that_were_erased_are_not_called_none() -> None:
    kept = an_entry(2, upgradable_from=(1,))
    said = dict(texts(on(A, kept).answer()))
    assert said["no-release-notes"] == "Entry 2 has no release notes."
    kept = msgspec.structs.replace(kept, absent=frozenset({"fir"}))
    said = dict(texts(on(A, kept).answer()))
    assert said["no-release-notes"] == (
        "Release notes of entry 2, if there were any, were erased with its FIR "
        "information."
    )


def test_whoever_sees_a_part_is_not_told_that_something_was_erased() -> None:
    erased, blank = (
        on(A, msgspec.structs.replace(ERASED, absent=gone), partial=True).answer()
        for gone in (frozenset({"fir"}), frozenset[str]())
    )

    assert erased == blank
