"""The pages, asked for through the whole application."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from entries import a_model, an_entry
from firtree.access import KEEPER
from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
    Coding,
    DateKind,
    DCCLoading,
    Hold,
    Loading,
    ReleaseNotes,
    Requirement,
    RollbackAllowed,
    Status,
    Urgency,
)
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.parties import Parties
from firtree.library.search import Finder
from firtree.parties import Contact
from firtree.web.app import create_app
from firtree.web.pages import assessment, entry, home
from registers import ALDER, OPENING, SIGNER, Clock, a_recorder, an_sqlite_register
from registers import record as record_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar.types import ASGIApp

SCRIPT = "<script>alert(1)</script>"
NASTY = a_model(model_identifier="0BAD")
UNDONE = a_model(model_identifier="0C01")
BLOCKED = a_model(model_identifier="0C02")
LEGACY = a_model(model_identifier="0D01")
HELD = a_model(model_identifier="0E01")
FULL = a_model(model_identifier="0F01")
NOTES = ReleaseNotes(
    summary="Keeps time better.",
    security=("Parts brought up to date.",),
    fixes=("The clock keeps time.",),
    known_issues=("Activation takes ten minutes.",),
    irps=("IRP642",),
    reference="https://maker.example/notes",
)
WITHDRAWN: dict[str, Any] = {
    "status": Status.WITHDRAWN,
    "status_from": date(2025, 3, 1),
    "status_reason": "Devices did not rejoin",
}
ENTRIES = (
    an_entry(1, upgradable_from=(), trade_name="Elect Copse", firmware_label="1.0"),
    an_entry(
        2,
        upgradable_from=(1,),
        mandatory_step=True,
        requires=Requirement(least_gbcs="4.1"),
    ),
    an_entry(3, upgradable_from=(1, 2), notes=NOTES, security_urgency=Urgency.HIGH),
    an_entry(
        4,
        model=NASTY,
        trade_name=SCRIPT,
        manufacturer_name='"><img src=x>',
        firmware_label="{{ 7 * 7 }}",
        status_reason="'onerror='alert(1)",
        upgradable_from=None,
        notes=ReleaseNotes(summary=SCRIPT, reference="javascript:alert(1)"),
        contact=Contact(role=SCRIPT, email="a@b.example", url="javascript:alert(2)"),
    ),
    an_entry(5, model=UNDONE, upgradable_from=(), rollback_from=(6,)),
    an_entry(6, model=UNDONE, upgradable_from=(5,), **WITHDRAWN),
    an_entry(7, model=BLOCKED, upgradable_from=()),
    an_entry(8, model=BLOCKED, upgradable_from=(7,), mandatory_step=True, **WITHDRAWN),
    an_entry(9, model=BLOCKED, upgradable_from=(8,)),
    an_entry(10, model=LEGACY, release_date=None),
    an_entry(11, model=LEGACY, release_date=None, image_hash=f"{3:064X}"),
    an_entry(
        12,
        model=HELD,
        hold=Hold(reason="Field trial", since=date(2026, 11, 1)),
        certificates=(
            Certificate(
                kind=CertificateKind.CPA,
                number="CPA-1",
                date_kind=DateKind.RENEWAL,
                day=date(2027, 2, 3),
            ),
        ),
    ),
    an_entry(
        13,
        model=FULL,
        trade_name="Elect Full",
        esme_variant="ADEF",
        firmware_coding=Coding.BCD,
        firmware_label="1.2.3.4",
        smets_chts="SMETS V4.2",
        gbcs="4.1",
        hash_signed_by="00AB12",
        hash_signature="c2lnbmF0dXJl",
        status_from=date(2024, 5, 6),
        release_line="hotfix",
        upgradable_from=(1,),
        confirmed_edges=(2,),
        rollback_from=(3,),
        rollback_allowed=RollbackAllowed.UNKNOWN,
        availability=Availability.LIMITED,
        limited_to=("Larkrise Power",),
        mandatory_step=True,
        activation_order_note="Activate the hub first.",
        requires=Requirement(
            hub_entries=(7,),
            least_gbcs="4.0",
            least_chts="1.5",
            han_variant="Dual Band",
        ),
        interrupts_hub_power=True,
        min_hardware="0301",
        max_hardware="03FF",
        ota_manufacturer_code="AB01",
        ota_image_type="0F0F",
        image_size_octets=412_672,
        signed_firmware_valid_to=date(2031, 2, 3),
        change_classes=(ChangeClass.METROLOGY, ChangeClass.DEFECT),
        security_urgency=Urgency.ROUTINE,
        metrology_software_id="MET-7",
        support_until=date(2033, 4, 5),
        sbom_reference="https://maker.example/sbom",
        sbom_sha256="5B" * 32,
        loading=DCCLoading(
            state=Loading.REFUSED, reason="hash unknown", on=date(2024, 6, 7)
        ),
    ),
)


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    """Give an application over a register with an entry of every sort."""
    folder: Path = tmp_path_factory.mktemp("pages")
    clock = Clock()
    register = an_sqlite_register(folder / "pages.db")
    recorder = a_recorder(register, now=clock)
    record_all(recorder, OPENING, ALDER)
    clock.move(60)
    record_all(recorder, *ENTRIES)
    clock.move(60)
    lookup = Lookup(register, Models(register), SIGNER, now=clock)
    yield create_app(
        lookup,
        Parties(register, recorder, now=clock),
        authenticate=lambda _scope: KEEPER,
        in_threads=False,
        close=lambda: None,
    )
    register.close()


class Pages:
    """Asks for pages as a browser does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app: Any = app

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page."""
        return asyncio.run(self._get(path, {"accept": "text/html", **headers}))

    async def _get(self, path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1"
        ) as client:
            return await client.get(path, headers=headers)

    def assess(self, model: str, firmware: int | str, **more: str) -> httpx.Response:
        """Ask for the page of a device."""
        version = f"{firmware:08X}" if isinstance(firmware, int) else firmware
        asked = {"manufacturer": "AB01", "model": model, "firmware": version, **more}
        return self.get("/assessment?" + urlencode(asked))


@pytest.fixture
def pages(application: ASGIApp) -> Pages:
    """Give a way to ask."""
    return Pages(application)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(response: httpx.Response) -> str:
    """Give what a person reads, blanks made even."""
    parser = _Text()
    parser.feed(response.text)
    return re.sub(r"\s+", " ", " ".join(parser.parts))


EVERY_PAGE = (
    "/",
    "/?q=AB01",
    "/?q=nothing-like-it",
    "/assessment?manufacturer=AB01&model=010A030B&firmware=00000001",
    "/assessment?manufacturer=AB01&model=0BAD030B&firmware=00000004",
    "/assessment?manufacturer=",
    *(f"/entries/{entry.id}" for entry in ENTRIES),
    "/entries/99",
    "/entries/99?at=15",
    "/entries/1/history",
    "/entries/99/history",
    "/diff",
    "/diff?from=0",
    "/diff?from=15",
    "/diff?from=x",
    "/manufacturers",
    "/manufacturers?cursor=QUIwMg",
    "/manufacturers/AB01",
    "/manufacturers/FFFF",
    "/models/AB01/010A030B",
    "/models/AB01/0BAD030B",
    "/models/AB01/FFFF030B",
    "/models?manufacturer=AB01&model=0F01030B",
    "/pathway",
    "/pathway?from=1&to=3",
    "/pathway?from=7&to=9",
    "/pathway?from=6&to=5",
    "/pathway?from=1&to=4",
    "/pathway?from=1&to=99",
    "/pathway?from=x",
    "/findings",
    "/findings?manufacturer=AB01&severity=refuse",
    "/findings?code=hash-of-sample",
    "/findings?code=nothing-like-it",
    "/nowhere",
)


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_is_whole_and_has_one_heading(pages: Pages, path: str) -> None:
    answer = pages.get(path)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.count("<h1>") == 1
    assert '<html lang="en-GB">' in answer.text
    assert answer.text.rstrip().endswith("</html>")
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_keeps_to_its_security_policy(pages: Pages, path: str) -> None:
    answer = pages.get(path)

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=\"", answer.text)
    assert not re.search(r'(src|action)="(https?:)?//', answer.text)


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_headings_come_in_order(pages: Pages, path: str) -> None:
    levels = [int(n) for n in re.findall(r"<h([1-6])", pages.get(path).text)]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_home_shows_counts_and_the_log_size(pages: Pages) -> None:
    text = text_of(pages.get("/"))

    assert "Entries 13" in text
    assert "Current 11" in text
    assert "Removed (withdrawn) 2" in text
    assert "Log size 15" in text
    assert not re.search(r"merkle|leaf|salt|checkpoint|stanza", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("3", "Entry 3"),
        ("00000007", "Entry 7"),
        ("0c02", "Entry 9"),
        ("alder", "Entry 1"),
        ("lder met", "Entry 1"),
        ("00-00-00-07", "Nothing found"),
    ],
)
def test_search_finds_by_any_part(pages: Pages, wanted: str, found: str) -> None:
    answer = pages.get("/?" + urlencode({"q": wanted}))

    assert answer.status_code == 200
    assert found in re.sub(r"<[^>]+>", "", answer.text)


def test_search_finds_the_beginning_of_a_hash(pages: Pages) -> None:
    assert "13 found" in text_of(pages.get("/?q=" + "0" * 50)).replace(" entries", "")


def test_a_search_without_result_says_what_can_be_searched(pages: Pages) -> None:
    assert "Nothing found" in text_of(pages.get("/?q=zebra"))


def test_an_update_shows_its_steps_in_order(pages: Pages) -> None:
    answer = pages.assess("010A030B", 1, device_type="ESME")
    text = text_of(answer)

    assert "Update available" in text
    assert "Install entry 2 → entry 3 , in this order." in text
    assert "May not be skipped" in text
    assert f"{2:064X}" in text
    assert "Not known Communications Hub with GBCS 4.1 or later" in text
    assert "Keeps time better." in text
    assert "IRP642" in text
    assert "high" in text
    assert "mailto:firmware@maker.example?subject=" in answer.text
    assert "1 Nov 2026" in text
    assert "Answered at log size 15, for 22 Nov 2026 ." in text


def test_an_update_is_drawn_for_both_widths(pages: Pages) -> None:
    html = pages.assess("010A030B", 1).text

    assert html.count('<svg class="way wide" role="img"') == 1
    assert html.count('<svg class="way narrow" role="img"') == 1
    assert html.count('class="box ') == 6


@pytest.mark.parametrize(
    ("model", "firmware", "standing", "said"),
    [
        ("010A030B", 3, "Up to date", "Nothing to install."),
        ("010A030B", 77, "Firmware not on the CPL", "not a recommendation"),
        ("FFFF030B", 1, "Model not on the CPL", "Check manufacturer and model"),
        ("0C01030B", 6, "On removed firmware", "Devices did not rejoin"),
        ("0C01030B", 6, "On removed firmware", "Go back to"),
        ("0C02030B", 7, "Update available", "blocks the way"),
        ("0D01030B", 10, "Update available", "The way is not known"),
        ("0E01030B", 12, "Up to date", "it is on hold"),
    ],
)
def test_a_standing_reads_well(
    pages: Pages, model: str, firmware: int, standing: str, said: str
) -> None:
    answer = pages.assess(model, firmware)
    text = text_of(answer)

    assert answer.status_code == 200
    assert re.search(rf"<h1>.*{standing}</h1>", answer.text)
    assert said in text


def test_a_blocking_warning_is_announced_at_the_top(pages: Pages) -> None:
    text = text_of(pages.assess("0C02030B", 7))

    assert text.index("1 warning to clear") < text.index("What to do next")


def test_the_page_links_the_same_answer_as_json(pages: Pages) -> None:
    html = pages.assess("010A030B", 1, at="15").text
    link = re.search(r'href="(/api/v1/assessment[^"]+)"', html)

    assert link is not None
    answer = pages.get(link[1].replace("&amp;", "&"), accept="application/json").json()
    assert answer["pathway"] == [2, 3]
    assert answer["log"]["size"] == 15


def test_a_past_moment_is_announced_and_kept_in_links(pages: Pages) -> None:
    answer = pages.assess("010A030B", 1, at="2026-11-22", effective_at="2024-01-03")
    text = text_of(answer)

    assert "As recorded on 22 Nov 2026 (log size 15). Nothing was recorded" in text
    assert (
        "As in force on 3 Jan 2024. Reconstructed from imported dates, not proven."
        in text
    )
    assert "/entries/2?at=2026-11-22&amp;effective_at=2024-01-03" in answer.text
    assert "Update available" in text
    assert "entry 3" not in text


def test_a_past_log_size_is_announced(pages: Pages) -> None:
    assert "As recorded at log size 15" in text_of(pages.get("/entries/1?at=15"))


def test_the_present_is_not_announced(pages: Pages) -> None:
    assert "As recorded on 2" not in text_of(pages.get("/entries/1"))


@pytest.mark.parametrize("path", ["/entries/4", "/?q=0BAD", "/?q=%3Cscript%3E"])
def test_nothing_of_an_entry_is_taken_for_markup(pages: Pages, path: str) -> None:
    html = pages.get(path).text

    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert 'href="javascript:' not in html
    assert "49" not in re.findall(r"<dd[^>]*>([^<]*)</dd>", html)


def test_an_assessment_escapes_what_an_entry_says(pages: Pages) -> None:
    html = pages.assess("0BAD030B", 4).text

    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "{{ 7 * 7 }}" in html


def test_an_entry_shows_its_fields(pages: Pages) -> None:
    text = text_of(pages.get("/entries/3"))

    assert "CPL Entry ID 3" in text
    assert "Model (DUIS DeviceModel) 010A030B" in text
    assert "Upgradable from entry 1 , entry 2" in text
    assert "Security urgency High" in text
    assert "Release date 4 Jan 2024" in text
    assert "1 other entry shares the same Manufacturer Image" in text
    assert "By the keeper, as statement 4 on 22 Nov 2026, 12:01" in text
    assert "Other manufacturer" not in text


def test_an_entry_shows_every_field_that_has_a_value(pages: Pages) -> None:
    text = text_of(pages.get("/entries/13"))

    for line in (
        "Trade name Elect Full",
        "ESME variant ADEF",
        "Firmware version 0000000D binary-coded decimal",
        "Firmware label 1.2.3.4",
        "SMETS or CHTS version SMETS V4.2",
        "GBCS version 4.1",
        "Hash signed by 00AB12",
        "Signature of the hash c2lnbmF0dXJl",
        "Current since 6 May 2024",
        "Release line hotfix",
        "Upgradable from entry 1",
        "Confirmed steps from entry 2",
        "Rollback from entry 3",
        "Way back from it Unknown",
        "Availability Limited",
        "Limited to Larkrise Power",
        "Mandatory step Yes",
        "Order of activation Activate the hub first.",
        "Needs hub entry entry 7",
        "Needs hub GBCS 4.0 or later",
        "Needs hub CHTS 1.5 or later",
        "Needs HAN variant Dual Band",
        "Interrupts the hub's power Yes",
        "Hardware from–to 0301 – 03FF",
        "OTA manufacturer code AB01",
        "OTA image type 0F0F",
        "Image size 412,672 octets",
        "Signed firmware valid to 3 Feb 2031",
        "What it changes Metrology, defect",
        "Security urgency Routine",
        "Metrology software MET-7",
        "Supported until 5 Apr 2033",
        "SBOM https://maker.example/sbom",
        "SBOM SHA-256 " + "5B" * 32,
        "DCC says Refused: hash unknown on 7 Jun 2024",
    ):
        assert line in text


def test_an_entry_tells_na_from_not_stated(pages: Pages) -> None:
    assert "Upgradable from N/A" in text_of(pages.get("/entries/1"))
    assert "Upgradable from Not stated" in text_of(pages.get("/entries/10"))


def test_an_entry_links_those_before_and_after(pages: Pages) -> None:
    html = pages.get("/entries/2").text

    assert 'href="/entries/1"' in html
    assert 'href="/entries/3"' in html
    assert "manufacturer=AB01&amp;model=010A030B&amp;firmware=00000002" in html


def test_a_removed_entry_says_whose_act_it_was_and_why(pages: Pages) -> None:
    text = text_of(pages.get("/entries/6"))

    assert "Removed (withdrawn) since 1 Mar 2025" in text
    assert "by its maker or by an authority. Reason: Devices did not rejoin." in text


def test_a_hold_and_a_renewal_date_are_shown(pages: Pages) -> None:
    text = text_of(pages.get("/entries/12"))

    assert "Do not install (for now)" in text
    assert "since 1 Nov 2026 : Field trial." in text
    assert "due for renewal 3 Feb 2027" in text


def test_findings_are_shown_with_column_and_severity(pages: Pages) -> None:
    text = text_of(pages.get("/entries/4"))

    assert "To be put right" in text
    assert "CPA Certificate" in text


@pytest.mark.parametrize(
    "path", ["/entries/99", "/entries/0", f"/entries/{10**30}", "/entries/3?at=2"]
)
def test_a_missing_entry_is_said_kindly(pages: Pages, path: str) -> None:
    answer = pages.get(path)

    assert answer.status_code == 404
    assert "There is no such entry here" in text_of(answer)
    assert "etag" not in answer.headers


def test_a_missing_page_is_said_kindly(pages: Pages) -> None:
    answer = pages.get("/nowhere")

    assert answer.status_code == 404
    assert "There is no such page here" in text_of(answer)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("manufacturer=&model=0A&firmware=1", "Give the manufacturer code"),
        ("manufacturer=AB01&firmware=1", "Give the model"),
        ("manufacturer=AB01&model=0A", "Give the firmware version"),
        ("manufacturer=AB01&model=0A&firmware=" + "1" * 41, "at most 40 characters"),
        (
            "manufacturer=A&model=0A&firmware=1&device_type=TOASTER",
            "Choose one of ESME",
        ),
        ("manufacturer=A&model=0A&firmware=1&at=yesterday", "Expected a date"),
        (
            "manufacturer=A&model=0A&firmware=1&effective_at=2031-01-01",
            "a day that has come",
        ),
    ],
)
def test_a_form_that_cannot_be_answered_comes_back(
    pages: Pages, query: str, said: str
) -> None:
    answer = pages.get("/assessment?" + query)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'action="/assessment"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "etag" not in answer.headers


def test_every_fault_of_a_form_is_named_at_once(pages: Pages) -> None:
    asked = "/assessment?manufacturer=&at=2031-01-01&effective_at=2031-01-02"
    text = text_of(pages.get(asked))

    assert text.count("Give the") >= 6
    assert "a past or present moment" in text
    assert "a day that has come, found '2031-01-02'" in text


def test_what_was_typed_comes_back_with_the_form(pages: Pages) -> None:
    html = pages.get("/assessment?manufacturer=%22%3E%3Cscript%3E&model=X").text

    assert 'value="&#34;&gt;&lt;script&gt;"' in html


@pytest.mark.parametrize("path", ["/?nonsense=1", "/entries/1?at=never"])
def test_a_question_that_breaks_a_rule_is_explained(pages: Pages, path: str) -> None:
    answer = pages.get(path)

    assert answer.status_code == 422
    assert "xpected" in text_of(answer)


@pytest.mark.parametrize(
    "path", ["/", "/?q=AB01", "/entries/1", EVERY_PAGE[3], "/static/firtree.css"]
)
def test_a_page_that_is_held_already_is_not_sent_again(pages: Pages, path: str) -> None:
    first = pages.get(path)
    again = pages.get(path, **{"if-none-match": first.headers["etag"]})

    assert first.status_code == 200
    assert again.status_code == 304
    assert again.content == b""


def test_pages_of_different_kinds_have_different_etags(pages: Pages) -> None:
    tags = {
        pages.get(path).headers["etag"] for path in ("/", "/entries/1", EVERY_PAGE[3])
    }

    assert len(tags) == 3


def test_the_style_sheet_of_a_page_may_be_kept(pages: Pages) -> None:
    link = re.search(r'href="(/static/firtree\.css[^"]*)"', pages.get("/").text)

    assert link is not None
    answer = pages.get(link[1])
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert pages.get("/static/firtree.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["none.css", "..%2Fapp.py", "render.py"])
def test_no_other_file_is_given(pages: Pages, name: str) -> None:
    assert pages.get("/static/" + name).status_code == 404


def test_a_device_type_of_blanks_is_none(pages: Pages) -> None:
    assert pages.assess("010A030B", 1, device_type=" ").status_code == 200


def test_a_search_asks_for_two_characters(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a query was made")

    with monkeypatch.context() as patched:
        patched.setattr(Finder, "search", refuse)
        answer = pages.get("/?q=A")

    assert answer.status_code == 200
    assert "Give at least two characters" in text_of(answer)
    assert "Entry 3" in re.sub(r"<[^>]+>", "", pages.get("/?q=3").text)


@pytest.mark.parametrize("path", ["/?q=AB01", "/?q=A", "/assessment?manufacturer="])
def test_entries_are_counted_only_for_the_bare_page(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("entries were counted")

    monkeypatch.setattr(Lookup, "counts", refuse)

    assert pages.get(path).status_code in {200, 422}


def test_a_search_says_what_it_looks_at(pages: Pages) -> None:
    assert "Any part of a hash (from four digits)" in text_of(pages.get("/"))
    assert "No entry has “zebra” in its CPL Entry ID" in text_of(pages.get("/?q=zebra"))
    several = text_of(pages.get("/?q=zebra+lion"))
    assert "No entry has all of these words" in several


def test_a_search_marks_what_was_looked_for(pages: Pages) -> None:
    html = pages.get("/?q=ALDER").text

    assert "<dt>Maker’s name</dt><dd><mark>Alder</mark> Meters</dd>" in html
    odd = pages.get("/?" + urlencode({"q": "<b>&%_\"'"}))
    assert odd.status_code == 200
    assert "&lt;b&gt;" in odd.text
    assert "<b>" not in odd.text


def test_a_search_of_too_many_words_says_so(pages: Pages) -> None:
    answer = pages.get("/?q=a+b+c+d+e+f+g+h+i+j+k")

    assert answer.status_code == 422
    assert "Give at most 10 different words." in text_of(answer)


def test_a_long_search_goes_on_over_pages(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "FOUND_MOST", 5)
    seen, path = [], "/?q=alder"
    while path:
        html = pages.get(path).text
        seen += re.findall(r"<h3><a href=\"/entries/([0-9]+)\"", html)
        link = re.search(r'class="next" href="([^"#]+)#found"', html)
        path = unescape(link[1]) if link else ""

    assert len(seen) == len(set(seen)) == 13
    assert pages.get("/?q=alder&cursor=x").status_code == 422
    assert "Nothing more" in text_of(pages.get("/?q=alder&cursor=99"))


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lists of the pages end after one entry."""
    monkeypatch.setattr(assessment, "ENTRIES_MOST", 1)
    monkeypatch.setattr(entry, "_ENTRIES_MOST", 1)


@pytest.mark.usefixtures("cut")
def test_a_cut_list_takes_nothing_from_the_answer(pages: Pages) -> None:
    answer = pages.assess("010A030B", 2)
    text = text_of(answer)

    assert "Update available" in text
    assert "not on the CPL" not in text.replace("firmware not on the CPL", "")
    assert "entry 2 , released 3 Jan 2024" in text
    assert "entry 3 , released 4 Jan 2024" in text
    assert "the first 1 are shown" in text
    assert answer.text.count("Look up<span") == 1
    assert "?" not in re.findall(r'class="version"[^>]*>([^<]*)<', answer.text)


@pytest.mark.usefixtures("cut")
def test_a_cut_list_knows_the_newest_entry_by_id(pages: Pages) -> None:
    text = text_of(pages.assess("010A030B", 3))

    assert "Should run the same" in text
    assert "entry 3 , released 4 Jan 2024" in text


@pytest.mark.usefixtures("cut")
def test_a_cut_list_is_not_taken_for_all_on_an_entry_page(pages: Pages) -> None:
    text = text_of(pages.get("/entries/3"))

    assert "No entry names it" not in text
    assert "Only the first 1 entries of this hardware model were looked at" in text
    assert "entry 2 : 00000002" in text


def test_a_whole_list_says_that_nothing_names_an_entry(pages: Pages) -> None:
    assert "No entry names it under" in text_of(pages.get("/entries/3"))
