"""Watching sections that could be opened: erased, withheld, out of reach, unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from entries import a_model, an_entry
from firtree.access import CPL_READER, KEEPER, Principal
from firtree.client.things import KeptItem, Known, Thing
from firtree.client.watching import Kept, Seen, watch
from firtree.ledger.policy import Policy, TrustedLog
from firtree.library.witnesses.ports import Reply
from firtree.parties import Contact, PartyKind
from firtree.parties.party import Party, Viewing
from firtree.statements.types.erasure import Erasure
from principals import a_principal
from registers import ALDER, SIGNER
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = a_model()
CODE = MODEL.key.manufacturer
OWN = Thing("model", f"{CODE}/{MODEL.key.model}")
MAKER = Thing("maker", CODE)
FIRST = Thing("entry", "1")
ALL = (FIRST, OWN, MAKER)
POLICY = Policy(logs=(TrustedLog(SIGNER.verifier),))
HOLDER = a_principal(PartyKind.MANUFACTURER, "Alder", frozenset({CODE}), party=7)
VIEWER = a_principal(PartyKind.MOP, "Mop", viewed_models=frozenset({MODEL.key}))
ALL_SECTIONS = ("head", "core", "fir", "people", "private")


class Watcher:
    """A reader with some rights, and a keeper in between who may lie."""

    def __init__(self, path: Path) -> None:
        self.served = Served(path)
        self.kept = Kept()
        self.asker = KEEPER
        # Answers in place of the server's, by path; None = 404.
        self.lies: dict[str, bytes | None] = {}
        # Commitments of sections that are withheld, without salts and texts.
        self.withheld: set[tuple[int, str]] = set()
        self.asked: list[str] = []

    def get(self, path: str, **parameters: str) -> bytes:
        """Give an honest answer."""
        app = self.served.app_for(self.asker)
        return ask(app, "GET", path, params=parameters).content

    def fetch(
        self, path: str, *, most: int, parameters: Mapping[str, str] | None = None
    ) -> Reply:
        """Implements ``Fetch``."""
        assert most > 0
        self.asked.append(path)
        if path in self.lies:
            lie = self.lies[path]
            return Reply(404 if lie is None else 200, "", lie or b"")
        app = self.served.app_for(self.asker)
        answer = ask(app, "GET", path, params=dict(parameters or {}))
        body = answer.content
        if self.withheld and b'"proof"' in body:
            body = self._without(json.loads(body))
        return Reply(answer.status_code, answer.headers["content-type"], body)

    def _without(self, answer: Any) -> bytes:
        for one in answer["proof"]["statements"]:
            for number, section in self.withheld:
                if one["index"] == number:
                    one["sections"][section] |= {"salt": None, "text": None}
        return json.dumps(answer).encode()

    def watch(self, *things: Thing) -> Seen:
        """Look once; keep what was seen, if all is well."""
        seen = watch(
            self.fetch,
            POLICY,
            self.kept,
            things,
            now=self.served.clock(),
            max_age=timedelta(days=1),
        )
        if not seen.wrong:
            self.kept = Kept(seen.note, seen.things)
        return seen


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[Watcher]:
    """Make a reader; statement 1 is a maker, 2 and 3 are entries of its."""
    watcher = Watcher(tmp_path / "r.db")
    contact = an_entry(1).contact
    maker = msgspec.structs.replace(ALDER, code=CODE, contact=contact)
    watcher.served.record(maker, an_entry(1), an_entry(2))
    yield watcher
    watcher.served.close()


def opened(known: Known | None, thing: Thing) -> list[tuple[str, ...] | None]:
    """Give the sections that could be opened of a thing."""
    return [item.opened for item in (known or {})[str(thing)]]


@pytest.mark.parametrize(
    ("asker", "sections"),
    [
        (KEEPER, ALL_SECTIONS),
        (HOLDER, ("head", "core", "fir", "people")),
        (VIEWER, ("core", "fir", "people")),
        (CPL_READER, ("core",)),
    ],
    ids=["keeper", "manufacturer", "MOP", "public"],
)
def test_which_sections_could_be_opened_is_kept(
    watcher: Watcher, asker: Principal, sections: tuple[str, ...]
) -> None:
    watcher.asker = asker

    seen = watcher.watch(FIRST, OWN)

    assert seen.wrong == ()
    assert opened(seen.things, FIRST) == [sections]
    assert opened(seen.things, OWN) == [sections, sections]


def test_an_erasure_is_told_once_with_when_why_and_by_whom(watcher: Watcher) -> None:
    watcher.watch(*ALL)
    number = watcher.served.record(Erasure(statement=2, section="fir", reason="slip"))
    at = f"{watcher.served.clock():%Y-%m-%d %H:%M} UTC"

    seen = watcher.watch(*ALL)

    told = f"erased by statement {number - 1} on {at}, recorded by the keeper: 'slip'"
    what = "(section 'fir' of statement 2)"
    assert seen.wrong == ()
    assert seen.changed == (
        f"FIR information of entry 1 {what}: {told}",
        f"FIR information of {OWN}: entry 1 {what}: {told}",
    )
    again = watcher.watch(*ALL)
    assert (again.wrong, again.changed) == ((), ())
    assert opened(again.things, FIRST) == [("head", "core", "people", "private")]


def test_an_erasure_is_told_without_what_is_not_the_askers(watcher: Watcher) -> None:
    watcher.asker = HOLDER
    watcher.watch(*ALL)
    watcher.served.record(Erasure(statement=1, section="people", reason="secret"))

    seen = watcher.watch(*ALL)

    assert seen.wrong == ()
    [told] = seen.changed
    assert told.startswith(f"contacts of {MAKER} (section 'people' of statement 1)")
    assert "secret" not in told
    assert "recorded by" not in told
    assert "erased by statement 4 on " in told


def test_what_is_asked_of_erasures_is_asked_only_where_something_is_missing(
    watcher: Watcher,
) -> None:
    watcher.watch(*ALL)
    watcher.served.record(Erasure(statement=3, section="fir", reason="another's"))
    watcher.asked.clear()

    assert watcher.watch(FIRST).changed == ()
    assert not [path for path in watcher.asked if "statements" in path]


@pytest.mark.parametrize("section", ALL_SECTIONS)
def test_a_section_that_vanishes_without_a_statement_is_an_alarm_each_time(
    watcher: Watcher, section: str
) -> None:
    watcher.watch(FIRST)
    before = watcher.kept
    watcher.withheld = {(2, section)}

    for _ in range(2):
        [told] = watcher.watch(FIRST).wrong
        assert f"of entry 1 (section '{section}' of statement 2): open to you" in told
        assert "although no statement says that it was erased" in told
    assert watcher.kept == before
    watcher.withheld = set()
    assert watcher.watch(FIRST).wrong == ()


def test_another_erasure_is_no_excuse(watcher: Watcher) -> None:
    watcher.watch(FIRST)
    watcher.served.record(Erasure(statement=2, section="people", reason="asked for"))
    watcher.served.record(Erasure(statement=3, section="fir", reason="asked for"))
    watcher.withheld = {(2, "fir")}

    seen = watcher.watch(FIRST)

    [told] = seen.wrong
    assert "(section 'fir' of statement 2)" in told
    assert len(seen.changed) == 1


def test_an_erasure_that_is_not_in_the_log_is_not_believed(
    watcher: Watcher, tmp_path: Path
) -> None:
    watcher.watch(FIRST)
    number = watcher.served.record(Erasure(statement=3, section="fir", reason="x")) - 1
    path = f"/api/v1/statements/{number}"
    lines = watcher.get("/api/v1/statements", start="0")
    forged = lines.replace(b'\\"statement\\":3', b'\\"statement\\":2')
    assert forged != lines
    watcher.withheld = {(2, "fir")}
    watcher.lies = {"/api/v1/statements": forged}

    # The server shows the statement as it is: it is about another one.
    assert "although no statement says" in watcher.watch(FIRST).wrong[0]

    # It shows what it said.
    statement = watcher.get(path)
    watcher.lies[path] = statement.replace(b'\\"statement\\":3', b'\\"statement\\":2')
    assert "'core' does not match" in watcher.watch(FIRST).wrong[0]

    # It shows another tree of the same size.
    other = Served(tmp_path / "other.db")
    other.record(ALDER, an_entry(1), an_entry(2))
    other.record(Erasure(statement=2, section="fir", reason="x"))
    watcher.lies[path] = other.get(path).content
    other.close()
    assert "two checkpoints of size 5 differ" in watcher.watch(FIRST).wrong[0]


def test_an_erasure_behind_the_checkpoint_is_told_too(watcher: Watcher) -> None:
    watcher.watch(FIRST)
    # Witnesses are slow: what is served is not the newest checkpoint.
    watcher.lies = {"/log/checkpoint": watcher.get("/log/checkpoint")}
    watcher.served.record(Erasure(statement=2, section="fir", reason="asked for"))

    seen = watcher.watch(FIRST)

    assert seen.wrong == ()
    assert "erased by statement 4" in seen.changed[0]


@pytest.mark.parametrize(
    "lie", [b"", b"<html>", b'{"next":1}', b"{}\n{}", b"[" * 100_000, b"\xff\n\xfe"]
)
def test_a_list_of_statements_of_another_form_is_told(
    watcher: Watcher, lie: bytes
) -> None:
    watcher.watch(FIRST)
    watcher.withheld = {(2, "fir")}
    watcher.lies = {"/api/v1/statements": lie}

    assert watcher.watch(FIRST).wrong == ("the list of statements is not of its form",)


# what was kept by an older firtree


def test_what_an_older_firtree_kept_is_read_and_filled_in(watcher: Watcher) -> None:
    watcher.watch(*ALL)
    known = watcher.kept.things
    assert known is not None
    older = {thing: [item[:3] for item in items] for thing, items in known.items()}
    read = msgspec.json.decode(msgspec.json.encode(older), type=Known)
    assert read[str(FIRST)] == [KeptItem(1, 2, known[str(FIRST)][0].body)]
    watcher.kept = watcher.kept._replace(things=read)
    watcher.served.record(an_entry(2, trade_name="New"))

    seen = watcher.watch(*ALL)

    assert seen.wrong == ()
    assert seen.changed == (f"{OWN}: entry 2 was changed by statement 4 (it was 3)",)
    assert opened(seen.things, FIRST) == [ALL_SECTIONS]
    watcher.served.record(Erasure(statement=2, section="fir", reason="asked for"))
    assert "erased by statement 5" in watcher.watch(FIRST).changed[0]


# rights


def test_a_grant_that_was_withdrawn_is_told_once_and_is_no_alarm(
    watcher: Watcher,
) -> None:
    watcher.asker = VIEWER
    assert watcher.watch(FIRST, OWN).wrong == ()
    other = a_model(model_identifier="600D").key
    watcher.asker = msgspec.structs.replace(VIEWER, viewed_models=frozenset({other}))

    lost = watcher.watch(FIRST, OWN)

    assert lost.wrong == ()
    assert [told.partition(" is not shown")[0] for told in lost.changed] == [
        str(FIRST),
        str(OWN),
    ]
    for told in lost.changed:
        assert "the server says that your rights do not reach it now" in told
    later = watcher.watch(FIRST, OWN)
    assert (later.wrong, later.changed, len(later.unknown)) == ((), (), 2)
    # When it is granted again, it is watched again.
    watcher.asker = VIEWER
    again = watcher.watch(FIRST, OWN)
    assert (again.wrong, again.changed, again.unknown) == ((), (), ())


def test_who_may_read_no_entries_any_more_is_told_so(watcher: Watcher) -> None:
    watcher.asker = VIEWER
    watcher.watch(FIRST, OWN)
    watcher.asker = msgspec.structs.replace(VIEWER, viewed_models=frozenset())

    lost = watcher.watch(FIRST, OWN)

    assert (lost.wrong, len(lost.changed)) == ((), 2)


def test_what_rights_reach_and_is_not_shown_is_an_alarm(watcher: Watcher) -> None:
    watcher.asker = VIEWER
    watcher.watch(FIRST, OWN)
    watcher.lies = {"/api/v1/entries/1": None, "/api/v1/assessment": None}

    for thing in (FIRST, OWN):
        [told] = watcher.watch(thing).wrong
        assert told.startswith(f"{thing}: it was shown last time, and is not shown now")


@pytest.mark.parametrize(
    ("before", "after", "section"),
    [
        (HOLDER, VIEWER, "head"),
        (KEEPER, a_principal(PartyKind.DCC, "DCC"), "private"),
        (VIEWER, CPL_READER, "people"),
    ],
)
def test_a_section_that_rights_do_not_reach_any_more_is_no_alarm(
    watcher: Watcher, before: Principal, after: Principal, section: str
) -> None:
    watcher.asker = before
    watcher.watch(FIRST)
    watcher.asker = after

    seen = watcher.watch(FIRST)

    assert seen.wrong == ()
    [told] = [one for one in seen.changed if f"(section '{section}'" in one]
    assert "not open to you any more: the server says that your rights do not" in told
    assert watcher.watch(FIRST).changed == ()


# parties


DESK = Contact(role="Firmware desk", email="desk@alder.example")
PARTY = Party(id=7, name="Alder", kinds=(PartyKind.MANUFACTURER,), contacts=(DESK,))
OURS = Thing("party", "7")


@pytest.fixture
def party(watcher: Watcher) -> Watcher:
    """Make a reader of the party 7, whose statement is number 4."""
    watcher.served.record(PARTY)
    watcher.asker = HOLDER
    assert watcher.watch(OURS).wrong == ()
    return watcher


def test_ones_own_party_is_watched(party: Watcher) -> None:
    assert opened(party.kept.things, OURS) == [ALL_SECTIONS[:4]]
    assert party.watch(OURS).changed == ()

    # Among what a party's statement holds are its keys and what it may read.
    viewing = Viewing(makers=("CD02",), since=date(2026, 1, 1))
    party.served.record(msgspec.structs.replace(PARTY, viewings=(viewing,)))

    assert party.watch(OURS).changed == (
        "party 7 was changed by statement 5 (it was 4)",
    )
    assert party.watch(OURS).changed == ()


def test_another_party_is_not_shown(party: Watcher) -> None:
    party.served.record(msgspec.structs.replace(PARTY, id=8, name="Birch"))

    seen = party.watch(Thing("party", "8"))

    assert seen.wrong == ()
    assert seen.unknown == (
        "party 8: not shown to you, or there is none; check the id and the token",
    )


@pytest.mark.parametrize("seen_before", [True, False])
def test_an_older_state_of_a_party_is_an_alarm(
    party: Watcher, *, seen_before: bool
) -> None:
    path = "/api/v1/parties/7"
    old = party.get(path, proof="1")
    party.served.record(msgspec.structs.replace(PARTY, name="Alder and Sons"))
    if seen_before:
        party.watch(OURS)
    party.lies = {path: old}

    assert party.watch(OURS).wrong == ("party 7: proven under an older checkpoint",)


def test_what_is_newer_than_the_checkpoint_is_told_of_a_party(party: Watcher) -> None:
    party.lies = {"/log/checkpoint": party.get("/log/checkpoint")}
    party.served.record(msgspec.structs.replace(PARTY, name="Alder and Sons"))

    seen = party.watch(OURS)

    assert (seen.wrong, len(seen.changed)) == ((), 1)


@pytest.mark.parametrize("lie", [None, b"{}", b"<html>"])
def test_a_party_that_is_not_proven_is_an_alarm(
    party: Watcher, lie: bytes | None
) -> None:
    party.lies = {"/api/v1/parties/7": lie}

    assert party.watch(OURS).wrong


def test_erased_contacts_of_a_party_are_told(party: Watcher) -> None:
    party.served.record(Erasure(statement=4, section="people", reason="asked for"))

    seen = party.watch(OURS)

    assert seen.wrong == ()
    assert seen.changed[0].startswith(
        "contacts of party 7 (section 'people' of statement 4): erased by statement 5"
    )
    party.withheld = {(4, "core")}
    assert "core" in party.watch(OURS).wrong[0]
