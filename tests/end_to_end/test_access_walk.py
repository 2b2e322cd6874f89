"""Every address is asked by every kind of party about its own things and another's.

What each may see is worked out from ``docs/access.md``'s table by its words, not by the
code that decides; what must not be seen is looked for in every octet of every answer.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow.parquet
import pytest

from access_page import rights_table
from entries import MODEL, a_model, an_entry
from firtree.access import Principal
from firtree.catalogue.entry import NO_PRIVATE, PrivatePart, ReleaseNotes, Status
from firtree.devices import ModelKey
from firtree.parties import Contact, Maker, PartyKind
from firtree.web.app import URLS
from parties import a_party, holding
from principals import a_principal
from served import Served, ask
from walk import ADDRESSES, Address, Side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from litestar.types import ASGIApp

    from firtree.catalogue.entry import Entry
    from firtree.web.app import Url

PARTS = ("cpl", "fir", "people", "private", "party")
MINE = Side("mine", "AB01", MODEL.duis_model, 900011, 900007, (1, 2, 3, 6))
THEIRS = Side("theirs", "CD02", MODEL.duis_model, 900021, 900008, (7, 8, 9, 12))
SIDES = (MINE, THEIRS)
# A third party, of which nobody here is told anything but by right to everything.
NOTHING = Side("nothing", "EE05", MODEL.duis_model, 900031, 900009, (21, 22, 23, 24))
# Whole kinds, and a MOP that may read one single model of another's.
KINDS = [kind for kind in PartyKind if kind is not PartyKind.KEEPER]


def canary(side: Side, part: str) -> str:
    return f"{side.name}{part}canary"


def entries_of(side: Side) -> Iterator[Entry]:
    """Give two entries of a side, each part of which holds its canary."""
    model = a_model(manufacturer=side.code)
    contact = Contact(
        role="Desk", email=f"{canary(side, 'people')}@maker.example", confirmed_on=None
    )
    for number, more in (
        (side.entry, {}),
        (side.entry + 1, {"status": Status.EXPIRED}),
    ):
        entry = an_entry(
            number,
            model=model,
            manufacturer_name=canary(side, "cpl"),
            trade_name=canary(side, "cpl"),
            contact=contact,
            notes=ReleaseNotes(summary=f"about {canary(side, 'fir')}"),
            **more,
        )
        private = PrivatePart(advisory_reference=canary(side, "private"))
        yield msgspec.structs.replace(entry, private=private)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("walk")
    made = Served(folder / "firtree.sqlite")
    for side in SIDES:
        desk = Contact(role="Desk", email=f"{canary(side, 'people')}2@maker.example")
        mailbox = Contact(role="Desk", email=f"{canary(side, 'party')}@party.example")
        made.record(
            Maker(code=side.code, name=canary(side, "cpl"), contact=desk),
            a_party(
                side.party,
                PartyKind.MANUFACTURER,
                name=canary(side, "party"),
                codes=holding(side.code),
                contacts=(mailbox,),
            ),
            *(msgspec.structs.replace(e, private=NO_PRIVATE) for e in entries_of(side)),
        )
        made.record(*entries_of(side))
    yield made
    made.close()


def principal_of(kind: PartyKind) -> Principal:
    """Give a party of a kind to which the first side belongs, or is shown."""
    return a_principal(
        kind,
        "somebody",
        frozenset({MINE.code}),
        party=MINE.party if kind.value[:6] != "public" else 0,
        viewed_makers=frozenset({MINE.code}),
    )


def seen(kind: PartyKind, side: Side) -> frozenset[str]:
    """Say which parts of a side a kind may see, by the words of the page."""
    entries, parties = RIGHTS["read entries"][kind], RIGHTS["read parties"][kind]
    parts: set[str] = set()
    whole = {"all": {"cpl", "fir", "people"}, "CPL part": {"cpl"}, "–": set[str]()}
    whole["all+"] = whole["all"] | {"private"}
    if entries in {"own", "viewed"}:
        parts |= whole["all"] if side is MINE else set()
    else:
        parts |= whole[entries]
    if parties == "every party" or (parties == "itself" and side is MINE):
        parts.add("party")
    return frozenset(parts)


RIGHTS = rights_table()


def text_of(response: httpx.Response) -> str:
    """Give all that an answer says: head, body, and what its files hold."""
    body = response.content
    found = [str(response.headers), body.decode("utf-8", errors="replace")]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            found += [archive.read(name).decode() for name in archive.namelist()]
    if body.startswith(b"PAR1"):
        table = pyarrow.parquet.read_table(io.BytesIO(body))
        found.append(json.dumps(table.to_pylist(), default=str))
    return "\n".join(found)


def asked(app: ASGIApp, url: Url, address: Address) -> httpx.Response:
    path, more = address if isinstance(address, tuple) else (address, {})
    return ask(app, url.method, path, **more)


def test_every_address_has_an_example() -> None:
    assert {(url.method, url.path) for url in URLS} == set(ADDRESSES)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_told_what_is_not_theirs(served: Served, kind: PartyKind) -> None:
    app = served.app_for(principal_of(kind))
    # Whoever has not signed in is told so, whatever was asked for.
    refusal = 401 if kind.value[:6] == "public" else 404
    told: set[str] = set()
    for url in URLS:
        granted = RIGHTS[url.right.value][kind] != "–"
        for side in SIDES:
            for address in ADDRESSES[url.method, url.path](side):
                response = asked(app, url, address)
                text = text_of(response)
                told |= {c for c in ALL_CANARIES if c in text}
                if not granted:
                    assert response.status_code == refusal, (url.path, address)
                for other in SIDES:
                    for part in set(PARTS) - seen(kind, other):
                        assert canary(other, part) not in text, (url.path, address)
    # What may be seen is seen somewhere, or the search above would be in vain.
    assert told == {canary(side, part) for side in SIDES for part in seen(kind, side)}


ALL_CANARIES = [canary(side, part) for side in SIDES for part in PARTS]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_yours_looks_as_if_it_were_not_there(
    served: Served, kind: PartyKind
) -> None:
    app = served.app_for(principal_of(kind))
    if seen(kind, THEIRS) & {"cpl", "party"}:
        return
    for url in URLS:
        pairs = zip(
            ADDRESSES[url.method, url.path](THEIRS),
            ADDRESSES[url.method, url.path](NOTHING),
            strict=True,
        )
        for address, nothing in pairs:
            theirs = asked(app, url, address)
            absent = asked(app, url, nothing)
            assert theirs.status_code == absent.status_code, (url.path, address)
            # A list without end is paged by where it is; its cursors name nothing.
            one, other = _plain(theirs, THEIRS), _plain(absent, NOTHING)
            assert one == other, (url.path, address)


@pytest.mark.parametrize("kind", [k for k in KINDS if k.value[:6] != "public"])
def test_what_one_has_no_right_to_is_answered_as_a_page_that_never_was(
    served: Served, kind: PartyKind
) -> None:
    app = served.app_for(principal_of(kind))
    not_granted = [url for url in URLS if RIGHTS[url.right.value][kind] == "–"]
    for url in not_granted:
        top = re.match(r"/(api|export)/|/", url.path)[0]  # type: ignore[index]
        for address in ADDRESSES[url.method, url.path](MINE):
            path, more = address if isinstance(address, tuple) else (address, {})
            head = {**more.get("headers", {}), "Accept": "text/html"}
            refused = ask(app, url.method, path, **{**more, "headers": head})
            never = ask(app, "GET", f"{top}nowhere", headers={"Accept": "text/html"})
            assert refused.status_code == never.status_code == 404, path
            assert _plain(refused, MINE) == _plain(never, NOTHING), path


def _plain(response: httpx.Response, side: Side) -> tuple[str, dict[str, str]]:
    """Give an answer without the names that were asked for."""
    text = response.text
    for name, word in (
        (side.code, "CODE"),
        (f"{side.entry:08X}", "FIRMWARE"),
        (f"{side.entry:064X}", "HASH"),
    ):
        text = text.replace(name, word).replace(name.lower(), word)
    text = re.sub(rf"\b({side.entry + 1}|{side.entry})\b", "ENTRY", text)
    text = re.sub(rf"\b{side.party}\b", "PARTY", text)
    text = re.sub(r"no statement \d+ is", "no statement N is", text)
    text = re.sub(r'"instance":"[^"]*"', "", text)
    heads = {k: v for k, v in response.headers.items() if k not in _OF_THIS_ANSWER}
    return text, heads


_OF_THIS_ANSWER = {"etag", "content-length", "date", "request-id"}


def test_a_single_model_is_shown_without_its_neighbours(served: Served) -> None:
    single = a_principal(
        PartyKind.MOP,
        "somebody",
        party=MINE.party,
        viewed_models=frozenset({ModelKey(MINE.code, MINE.model)}),
    )
    app = served.app_for(single)
    found = []
    for url in URLS:
        for side in SIDES:
            for address in ADDRESSES[url.method, url.path](side):
                text = text_of(asked(app, url, address))
                assert canary(THEIRS, "cpl") not in text, url.path
                found.append(canary(MINE, "cpl") in text)
    assert any(found)


@pytest.mark.parametrize("kind", [k for k in KINDS if k.value[:6] != "public"])
def test_a_party_that_is_also_a_viewer_of_single_models_loses_nothing_by_it(
    served: Served, kind: PartyKind
) -> None:
    single = frozenset({ModelKey(THEIRS.code, THEIRS.model)})
    views = RIGHTS["read entries"][kind] == "viewed"
    alone = msgspec.structs.replace(
        principal_of(kind), viewed_makers=frozenset({MINE.code} if views else ())
    )
    viewer = msgspec.structs.replace(
        alone, kinds=frozenset({PartyKind.MAP}), viewed_models=single
    )
    both = msgspec.structs.replace(viewer, kinds=alone.kinds | viewer.kinds)

    def findings_told(who: Principal) -> list[set[str]]:
        """Give what is told of findings: of entries, in the list, and of its counts."""
        told: list[set[str]] = []
        for side in SIDES:
            entry = _asked_json(served, who, f"/api/v1/entries/{side.entry}")
            told.append({found["code"] for found in entry.get("findings", ())})
        listed = _asked_json(served, who, "/api/v1/findings")
        told.append({f"{f['entry']} {f['code']}" for f in listed.get("findings", ())})
        told.append({t["manufacturer"] for t in listed.get("totals", ())})
        return told

    together = zip(findings_told(alone), findings_told(viewer), strict=True)
    assert findings_told(both) == [one | other for one, other in together]
    reads = RIGHTS["read entries"][kind] != "–"
    assert bool(findings_told(both)[2]) is reads


def _asked_json(served: Served, who: Principal, path: str) -> dict[str, Any]:
    """Ask for JSON; what is refused tells nothing."""
    response = ask(served.app_for(who), "GET", path)
    found: dict[str, Any] = response.json() if response.status_code == 200 else {}
    return found
