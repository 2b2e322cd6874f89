"""Whoever may see only a part is told the same, and the truth, of what is not theirs.

Each question is asked of two registers: in one the thing is there, and somebody else's;
in the other it never was.  The answers are the same, octet for octet, and do not say
that there is none.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import as_json, firtree
from entries import a_model, an_entry
from firtree.access import KEEPER, Right, scope_of
from firtree.catalogue.answer import Device
from firtree.catalogue.entry import NO_FIR, Hold, ReleaseNotes, Status
from firtree.catalogue.outline import read_outlines
from firtree.catalogue.words import (
    REASONS,
    REASONS_INSTEAD,
    SHOWN,
    SHOWN_INSTEAD,
    WARNINGS,
    WARNINGS_INSTEAD,
    Silence,
)
from firtree.devices import ModelKey
from firtree.errors import NotFoundError
from firtree.exchange.files import silent
from firtree.exchange.proof_file import (
    check_proof_file,
    read_proof_file,
    write_proof_file,
)
from firtree.exchange.reach import reach_wire, read_reach
from firtree.exchange.to_wire import assessment_wire
from firtree.ledger.policy import Policy, TrustedLog
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.proving import prove_model
from firtree.library.sources import Wanted
from firtree.parties import Contact, Maker, PartyKind
from firtree.statements.types.erasure import Erasure
from firtree.wiring.mirrors import opened_mirror
from mirrored import LocalLog, mirror
from principals import a_principal
from registers import SIGNER
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from litestar.types import ASGIApp

    from firtree.access import Principal
    from firtree.catalogue.entry import Entry
    from firtree.statements.types import Subject

POLICY = Policy(logs=(TrustedLog(SIGNER.verifier),))
MINE, THEIRS, NOBODYS = "AB01", "CD02", "EE05"
MODEL = a_model().duis_model
OTHER_MODEL = a_model(model_identifier="0C0C").duis_model
CONTACT = Contact(role="Desk", email="desk@maker.example")


def entries_of(code: str, first: int) -> Iterator[Entry]:
    """Give the entries of a maker: of one model four, of another one."""
    model = a_model(manufacturer=code)
    other = a_model(manufacturer=code, model_identifier="0C0C")
    notes = ReleaseNotes(summary="Mends the clock.")
    yield an_entry(first, model=model, upgradable_from=(), contact=CONTACT)
    yield an_entry(first + 1, model=model, upgradable_from=(first,), notes=notes)
    yield an_entry(first + 2, model=model, upgradable_from=(first,), hold=Hold())
    yield an_entry(first + 3, model=model, status=Status.WITHDRAWN, contact=None)
    yield an_entry(first + 4, model=other, upgradable_from=None)


def maker(code: str) -> Maker:
    return Maker(code=code, name=f"Maker {code}", contact=CONTACT)


def without_fir(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, fir=NO_FIR, contact=None)


class Worlds(NamedTuple):
    """Two registers that somebody cannot tell apart, and that one."""

    there: Served
    absent: Served


def made(folder: Any, name: str, *batches: list[Subject]) -> Served:
    served = Served(folder / f"{name}.sqlite")
    for batch in batches:
        served.record(*batch)
    return served


@pytest.fixture(scope="module")
def makers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Give one with another maker's entries, and one with entries of a third."""
    folder = tmp_path_factory.mktemp("makers")
    own: list[Subject] = [maker(MINE), *entries_of(MINE, 100)]
    there = made(folder, "there", own, [maker(THEIRS), *entries_of(THEIRS, 200)])
    absent = made(folder, "absent", own, [maker(NOBODYS), *entries_of(NOBODYS, 300)])
    yield Worlds(there, absent)
    there.close()
    absent.close()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Give one with another model of the same maker, which shares an image, and none.

    What fills the gap in the other one is of a third maker.
    """
    folder = tmp_path_factory.mktemp("models")
    *own, _ = entries_of(MINE, 100)
    *_, another = entries_of(MINE, 100)
    image = own[0].cpl.image_hash
    cpl = msgspec.structs.replace(another.cpl, image_hash=image)
    another = msgspec.structs.replace(another, cpl=cpl)
    *_, filler = entries_of(NOBODYS, 300)
    there = made(folder, "there", [maker(MINE), *own], [another])
    absent = made(folder, "absent", [maker(MINE), *own], [filler])
    yield Worlds(there, absent)
    there.close()
    absent.close()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Give one whose entries have FIR information and contacts, and one without."""
    folder = tmp_path_factory.mktemp("parts")
    whole = list(entries_of(THEIRS, 200))
    bare: list[Subject] = list(map(without_fir, whole))
    nobody = Maker(code=THEIRS, name=f"Maker {THEIRS}")
    there = made(folder, "there", [maker(THEIRS), *whole])
    absent = made(folder, "absent", [nobody, *bare])
    yield Worlds(there, absent)
    there.close()
    absent.close()


OWN = frozenset({MINE})
ASKERS: dict[str, Principal] = {
    "manufacturer": a_principal(PartyKind.MANUFACTURER, "mine", OWN, party=7),
    "MAP": a_principal(PartyKind.MAP, "a MAP", party=7, viewed_makers=OWN),
    "MOP": a_principal(
        PartyKind.MOP,
        "a MOP",
        party=7,
        viewed_models=frozenset({ModelKey(MINE, MODEL)}),
    ),
}
READER = a_principal(PartyKind.CPL_READER, "public")

# What is said to whoever sees everything, and must not be said of what may be there.
FULL = [
    *(f" {SHOWN[standing]}</h1>" for standing in SHOWN_INSTEAD[Silence.UNSEEN]),
    *(
        f'"standing_text":"{SHOWN[standing]}"'
        for standing in SHOWN_INSTEAD[Silence.UNSEEN]
    ),
    *(WARNINGS[code].text for code in WARNINGS_INSTEAD[Silence.UNSEEN]),
    *(REASONS[code] for code in REASONS_INSTEAD[Silence.UNSEEN]),
    *("The CPL lists", "The register holds no", "The register lists no", "None."),
    *(
        "has not said",
        "counts as available",
        "not stated",
        "Not stated",
        "there is no ",
        "There is no such",
        "not known",
    ),
    *("No declared steps lead", "no way known", "No release notes.", "not on the"),
    *(
        "No entry names it",
        "The checks find nothing wrong",
        "No entry has",
        "no date s",
    ),
    *("No other entry shares", "Nothing found<", "Nothing is found.", "none yet"),
    *(
        "holds no mailbox",
        "Nothing to install.",
        "Nothing newer can",
        "Nothing changed<",
    ),
]


# What is said so seldom that these registers have no case of it.
RARE = {
    WARNINGS["hub-unknown"].text,
    *(REASONS["newest"], REASONS["no-active-entry"]),
    *("The register lists no", "none yet", "No release notes.", "no date s"),
    "The checks find nothing wrong",
}


def pieces(text: str) -> list[str]:
    """Cut a text where facts are filled in."""
    return [piece for piece in re.split(r"\{\w+\}", text) if len(piece) > 4]


def compared(worlds: Worlds, asker: Principal, question: str, **more: Any) -> str:
    """Ask in both worlds; give the one answer that both have."""
    method = "POST" if more else "GET"
    found: list[tuple[int, str]] = []
    for served in worlds:
        response = ask(app_for(served, asker), method, question, **more)
        found.append((response.status_code, plain(served, response)))
    assert found[0] == found[1]
    return found[0][1]


# Made once: to make an application takes longer than to ask it.
@cache
def app_for(served: Served, asker: Principal) -> ASGIApp:
    return served.app_for(asker)


def plain(served: Served, response: httpx.Response) -> str:
    """Give an answer without the checkpoint, which differs, and its own ids."""
    checkpoint = json.dumps(served.lookup.log(READER).checkpoint, ensure_ascii=False)[
        1:-1
    ]
    text = response.text.replace(checkpoint, "CHECKPOINT")
    return re.sub(r'"instance":"[^"]*"', "", text)


def check_words(text: str) -> None:
    said = re.sub(r"\s+", " ", text)
    for full in FULL:
        assert not all(piece in said for piece in pieces(full)), full


def questions(code: str, model: str, firmware: str, entry: int) -> list[str]:
    """Give every question that names a thing, for pages and for programs."""
    device = f"manufacturer={code}&model={model}&firmware={firmware}"
    return [
        *(f"{path}?{device}" for path in ("/assessment", "/api/v1/assessment")),
        *(f"{path}/{entry}" for path in ("/entries", "/api/v1/entries")),
        *(f"{path}/{entry}/history" for path in ("/entries", "/api/v1/entries")),
        *(f"/manufacturers/{code}", f"/models/{code}/{model}"),
        *(f"{a}/findings?manufacturer={code}" for a in ("", "/api/v1")),
        *(f"{a}/pathway?from={entry}&to={entry + 1}" for a in ("", "/api/v1")),
        *(f"/?q={code}", f"/?q={firmware}", f"/api/v1/entries?q={code}"),
        *(f"/api/v1/entries?manufacturer={code}", f"/api/v1/entries?hash={entry:064X}"),
        *(f"/api/v1/{a}?manufacturer={code}" for a in ("models", "releases")),
    ]


LISTS = [
    *("/", "/manufacturers", "/diff?from=0", "/diff?from=7", "/findings"),
    *("/api/v1/manufacturers", "/api/v1/changes", "/api/v1/diff?from=0"),
    *("/export/fir.csv", "/export/fir.json", "/export/answers.csv"),
    "/export/answers.json",
]

IDS = st.integers(198, 207)
MODELS = st.sampled_from([MODEL, OTHER_MODEL, "FFFF0101"])


@pytest.mark.parametrize("asker", ASKERS)
@settings(max_examples=8)
@given(entry=IDS, model=MODELS, firmware=IDS)
def test_what_is_not_yours_and_what_is_not_there_are_told_in_the_same_true_words(
    makers: Worlds, asker: str, entry: int, model: str, firmware: int
) -> None:
    for question in questions(THEIRS, model, f"{firmware:08X}", entry):
        check_words(compared(makers, ASKERS[asker], question))


@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("question", LISTS)
def test_lists_are_the_same_whether_more_is_there_or_not(
    makers: Worlds, asker: str, question: str
) -> None:
    compared(makers, ASKERS[asker], question)


@pytest.mark.parametrize("asker", ASKERS)
def test_many_devices_and_an_own_list_are_answered_the_same(
    makers: Worlds, asker: str
) -> None:
    device = {"manufacturer": THEIRS, "model": MODEL, "firmware": "000000C8"}
    hub = {"hub": {**device, "model": OTHER_MODEL}}
    own = {"manufacturer": MINE, "model": MODEL, "firmware": "00000064"}
    asked = {"devices": [device, {**device, **hub}], "approved": [{"entry": 201}]}

    check_words(compared(makers, ASKERS[asker], "/api/v1/assessments", json=asked))
    told = compared(
        makers, ASKERS[asker], "/api/v1/assessments", json={"devices": [{**own, **hub}]}
    )
    assert "partial-view" in told


@settings(max_examples=6)
@given(entry=st.sampled_from([99, 103, 104]), firmware=st.integers(99, 105))
def test_single_models_are_shown_as_if_there_might_be_others(
    models: Worlds, entry: int, firmware: int
) -> None:
    for question in questions(MINE, OTHER_MODEL, f"{firmware:08X}", entry):
        compared(models, ASKERS["MOP"], question)
    for question in ("/manufacturers/AB01", "/findings", "/?q=0C0C"):
        check_words(compared(models, ASKERS["MOP"], question))
    page = compared(models, ASKERS["MOP"], "/entries/100")
    assert "No other entry that you may see shares its" in page
    assert "What the checks find in it is not among what you may see." in page
    # What the asker sees all of is told as to everybody else.
    assert "<p>None.</p>" in page


@settings(max_examples=10)
@given(entry=st.integers(200, 204), model=MODELS, firmware=IDS)
def test_parts_that_may_not_be_seen_are_not_called_missing(
    parts: Worlds, entry: int, model: str, firmware: int
) -> None:
    for question in questions(THEIRS, model, f"{firmware:08X}", entry):
        check_words(compared(parts, READER, question))


@pytest.mark.parametrize("question", LISTS)
def test_lists_are_the_same_whether_parts_are_there_or_not(
    parts: Worlds, question: str
) -> None:
    compared(parts, READER, question)


def test_whoever_sees_everything_is_told_that_there_is_none(
    makers: Worlds, parts: Worlds
) -> None:
    supplier = a_principal(PartyKind.IMPORT_SUPPLIER, "a supplier", party=7)
    said = []
    for served, entry in (
        (makers.absent, 200),
        (makers.there, 203),
        (parts.absent, 203),
    ):
        for model in (MODEL, OTHER_MODEL):
            for firmware in (200, 201, 203, 299):
                asked = questions(THEIRS, model, f"{firmware:08X}", entry)
                said += [ask(app_for(served, supplier), "GET", a).text for a in asked]
        said.append(ask(app_for(served, supplier), "GET", "/diff?from=13&to=13").text)
    text = re.sub(r"\s+", " ", "\n".join(said))

    missed = [full for full in FULL if not all(p in text for p in pieces(full))]
    assert set(missed) <= RARE
    text = text.replace("Each entry and each maker that you may see is the same", "")
    assert "you may see" not in text
    assert "partial-view" not in text


EVERYBODY = {**ASKERS, "public": READER, "keeper": KEEPER}
DEVICES = [
    Device(manufacturer=code, model=model, firmware=f"{firmware:08X}")
    for code in (MINE, THEIRS, NOBODYS)
    for model in (MODEL, OTHER_MODEL)
    for firmware in (100, 101, 103, 200, 201, 299)
]


@pytest.mark.parametrize("asker", EVERYBODY)
def test_a_mirror_has_the_words_that_the_register_has_for_the_same_asker(
    tmp_path: Path, asker: str
) -> None:
    principal = EVERYBODY[asker]
    source = LocalLog(tmp_path / "log.sqlite", principal=principal)
    source.record(maker(MINE), *entries_of(MINE, 100))
    source.record(maker(THEIRS), *entries_of(THEIRS, 200))
    size = source.record(Erasure(statement=3, section="fir", reason="asked for"))
    mirror(tmp_path / "mirror", source)
    models = Models(source.register)
    lookup = Lookup(source.register, models, SIGNER, now=source.clock)

    view = lookup.view(str(size))
    with opened_mirror(tmp_path / "mirror", progress=silent) as asked:
        for device in DEVICES:
            answer = asked.assessment(device, at=str(size))
            ours = lookup.assess(principal, device, view)
            assert answer == assessment_wire(device, ours, answer.log)
        if principal is not KEEPER:
            with pytest.raises(NotFoundError, match=r"^no entry 999 is among"):
                asked.entry(999)
    source.register.close()


@pytest.mark.parametrize("asker", EVERYBODY)
def test_an_export_from_a_mirror_says_that_it_is_of_a_part_if_the_registers_does(
    tmp_path: Path, asker: str
) -> None:
    principal = EVERYBODY[asker]
    source = LocalLog(tmp_path / "log.sqlite", principal=principal)
    source.record(maker(MINE), *entries_of(MINE, 100))
    size = source.record(maker(THEIRS), *entries_of(THEIRS, 200))
    mirror(tmp_path / "mirror", source)
    lookup = Lookup(source.register, Models(source.register), SIGNER, now=source.clock)
    published = lookup.publication(principal, lookup.view(str(size)))

    wanted = Wanted("fir", "json", at=str(size))
    with (
        opened_mirror(tmp_path / "mirror", progress=silent) as asked,
        asked.export(wanted) as made,
    ):
        mirrored = json.loads(b"".join(made.pieces))["publication"]

    assert mirrored["partial"] == published.facts.partial == (principal is not KEEPER)
    source.register.close()


def test_the_command_line_prints_the_same_for_what_is_not_yours_and_not_there(
    tmp_path: Path,
) -> None:
    said = []
    for name, other, first in (("there", THEIRS, 200), ("absent", NOBODYS, 300)):
        folder = tmp_path / name
        folder.mkdir()
        source = LocalLog(folder / "log.sqlite", principal=ASKERS["manufacturer"])
        source.record(maker(MINE), *entries_of(MINE, 100))
        source.record(maker(other), *entries_of(other, first))
        mirror(folder / "mirror", source)
        source.register.close()
        device = ("--manufacturer", THEIRS, "--model", MODEL, "--firmware", "000000C8")
        asked = ("lookup", "--from", "mirror", *device)
        ran = firtree(folder, *asked).stdout
        told = as_json(folder, *asked)
        del told["log"]["checkpoint"], told["source"]["age_s"]
        said.append((ran, json.dumps(told)))

    assert said[0] == said[1]
    assert "Model not among what you may see" in said[0][0]
    for text in said[0]:
        check_words(text)


def test_a_reach_reads_back_as_what_was_told() -> None:
    for principal in EVERYBODY.values():
        scope = scope_of(principal, Right.READ_ENTRIES)
        read = read_reach(reach_wire(scope))
        for code, model in product((MINE, THEIRS), (MODEL, OTHER_MODEL)):
            key = ModelKey(code, model)
            assert read.sees_all_of(key) == scope.sees_all_of(key)
            assert read.sees_all_of_maker(code) == scope.sees_all_of_maker(code)
        assert read.sees_all == scope.sees_all
        assert (read.private, read.own) == (scope.private, scope.own)


@pytest.fixture
def erased(tmp_path: Path) -> Iterator[Served]:
    """Give a register in which the FIR information of entry 101 was erased."""
    served = made(tmp_path, "erased", [maker(MINE), *entries_of(MINE, 100)])
    served.record(Erasure(statement=3, section="fir", reason="asked for"))
    yield served
    served.close()


def test_what_was_erased_is_not_called_unsaid_or_blank(erased: Served) -> None:
    asked = questions(MINE, MODEL, "00000064", 101)
    text = re.sub(r"\s+", " ", "\n".join(erased.get(one).text for one in asked))

    assert "has not said" not in text
    # Those of entries 103 and 104 never said it.
    assert text.count("Upgradable From is blank") == 4
    assert "no release notes" not in text
    assert text.count("Upgradable From, if it was given, was erased with the FIR") == 4
    page = re.sub(r"\s+", " ", erased.get("/entries/101").text)
    assert '<td>Erased <span class="note">if its maker had said it</span></td>' in page
    assert "Erased, if it was stated: from which firmware it can be installed" in page
    assert "<p>Erased, if there were any.</p>" in page
    answer = erased.get("/api/v1/assessment?" + asked[1].split("?")[1]).json()
    assert "if its maker had said, was erased" in str(answer["warnings"])
    own = erased.get("/api/v1/entries/101").json()["findings"]
    assert [one["code"] for one in own].count("predecessors-blank") == 1


def test_a_new_version_after_an_erasure_is_blank_and_nothing_else(
    erased: Served,
) -> None:
    view = erased.lookup.view()
    entry = erased.lookup.entry(KEEPER, 101, view).entry
    assert entry.absent == {"fir"}

    erased.record(msgspec.structs.replace(entry, contact=None))

    again = erased.lookup.entry(KEEPER, 101, erased.lookup.view()).entry
    assert again.absent == frozenset()
    assert "its maker has not said" in erased.get("/entries/101").text
    found = erased.register.outlines_of_model(ModelKey(MINE, MODEL), 9)
    kept = {one.id: one.fir_absent for one in read_outlines(found.values())}
    assert kept == dict.fromkeys((100, 101, 102, 103), False)


@pytest.mark.parametrize("asker", ["manufacturer", "MOP", "public", "keeper"])
def test_a_proof_has_the_words_of_its_asker_and_is_found_right(
    erased: Served, asker: str
) -> None:
    principal = EVERYBODY[asker]
    key = ModelKey(MINE, MODEL)
    file = prove_model(erased.lookup, principal, key, erased.lookup.view())
    again = read_proof_file(write_proof_file(file))

    assert again.question.partial == (asker == "public")
    assert not check_proof_file(again, POLICY, erased.clock()).differences
    turned = msgspec.structs.replace(again.question, partial=asker != "public")
    told = msgspec.structs.replace(again, question=turned)
    assert check_proof_file(told, POLICY, erased.clock()).differences
