"""The pages in a real browser: by mouse, by keyboard, narrow, wide, light and dark."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

import plain_http
from commands import FIRTREE, run
from firtree.library.demo import SHOWCASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
NARROW = {"width": 360, "height": 760}
WIDE = {"width": 1200, "height": 900}
WIDTHS = {"narrow": NARROW, "wide": WIDE}
SCHEMES = ("light", "dark")
STARTING_S = 30


def address_of(number: int) -> str:
    """Give the page of a meter of the showcase."""
    one = SHOWCASE[number]
    return (
        f"/assessment?device_type={one.device_type}&manufacturer={one.manufacturer}"
        f"&model={one.model}&firmware={one.firmware}"
    )


PAGES = {
    "home": "/",
    "search": "/?q=alder",
    "nothing found": "/?q=zebra",
    **{one.title: address_of(number) for number, one in enumerate(SHOWCASE)},
    "unlisted": "/assessment?manufacturer=A1B3&model=0A02010A&firmware=00040024",
    "unknown": "/assessment?manufacturer=A1B3&model=FFFF010A&firmware=24000100",
    "past": address_of(1) + "&effective_at=2024-06-01",
    "history": "/entries/1/history",
    "what changed": "/diff?from=0",
    "what changed, asked": "/diff",
    "what changed, refused": "/diff?from=x",
    "entry": "/entries/16",
    "removed entry": "/entries/12",
    "held entry": "/entries/22",
    "old entry": "/entries/23",
    "manufacturers": "/manufacturers",
    "manufacturer": "/manufacturers/A1B3",
    "model": "/models/A1B3/0A02010A",
    "past model": "/models/A1B3/0A02010A?at=3",
    "way": "/pathway?from=2&to=16",
    "no way": "/pathway?from=19&to=4",
    "way refused": "/pathway?from=1&to=16",
    "findings": "/findings",
    "findings of one": "/findings?manufacturer=A1B3&severity=confirm",
    "form refused": "/assessment?manufacturer=&model=0A02010A&at=2099-01-01",
    "no entry": "/entries/999999",
    "no page": "/nowhere",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an example register in a process of its own."""
    data = str(tmp_path_factory.mktemp("site") / "data")
    run("demo", "--data", data, "--entries", "60").check_returncode()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(
        [FIRTREE, "serve", "--data", data, "--port", port],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base, server)
        yield base
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(base: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTING_S
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended"
        try:
            if plain_http.get(base + "/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: str) -> Any:
    """Come in once as one of the people of the example; give the cookies."""
    context = browser.new_context()
    Watched(context.new_page(), site).sign_in()
    kept = context.storage_state()
    context.close()
    return kept


class Watched:
    """A page of the browser, with everything it complains of."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._on_request)

    def _on_console(self, message: Any) -> None:
        # A page of an error is an error to the browser's console as well.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith(self.base + "/"):
            self.complaints.append(f"asked another host: {request.url}")

    def sign_in(self, role: str = "DCC") -> None:
        """Come in as one of the people of the example."""
        self.go("/sign-in").get_by_role("button", name=role).click()

    def go(self, path: str) -> Page:
        """Go to a page."""
        self.page.goto(self.base + path)
        return self.page


@pytest.fixture
def watched(browser: Browser, site: str, signed_in: Any) -> Iterator[Watched]:
    """Give a wide page, and check at the end that nothing was complained of."""
    context = browser.new_context(viewport=WIDE, storage_state=signed_in)  # type: ignore[arg-type]
    watched = Watched(context.new_page(), site)
    yield watched
    context.close()
    assert watched.complaints == []


def test_a_device_is_looked_up_and_its_target_followed(watched: Watched) -> None:
    page = watched.go("/")
    page.get_by_label("Device type").select_option("ESME")
    page.get_by_label("Manufacturer").fill("a1b3")
    page.get_by_label("Model").fill("0a02010a")
    page.get_by_label("Firmware version").fill("24000100")
    page.get_by_role("button", name="Look up").click()

    assert page.locator("h1").inner_text() == "Update available"
    steps = page.get_by_role("region", name="Step by step").locator("li > h3")
    assert [text.split()[0] for text in steps.all_inner_texts()] == [
        "24000200",
        "24000300",
        "24000400",
    ]
    page.get_by_role("link", name="entry 16").first.click()
    assert page.locator("h1").inner_text() == "Entry 16: firmware 24000400"
    page.get_by_role("link", name="What should a device on this firmware run?").click()
    assert page.locator("h1").inner_text() == "Up to date"


def test_a_search_leads_to_an_entry(watched: Watched) -> None:
    page = watched.go("/")
    page.get_by_label("Find entries by").fill("corvid")
    page.get_by_role("button", name="Search").click()

    assert page.locator("mark").first.inner_text() == "Corvid"
    page.get_by_role("link", name="Entry 12", exact=True).click()
    assert page.locator("h1").inner_text() == "Entry 12: firmware 02020000"
    assert page.get_by_role("region", name="Removed").is_visible()


def test_one_walks_from_the_menu_to_a_way(watched: Watched) -> None:
    page = watched.go("/")
    page.get_by_role("link", name="Manufacturers").click()
    page.get_by_role("link", name="Alder Meters").click()
    page.get_by_role("link", name="0A02010A").click()
    page.get_by_role("link", name="3 steps from entry 2").click()

    assert page.get_by_role("heading", level=1).inner_text() == (
        "From entry 2 to entry 16: 3 steps"
    )


def test_findings_are_chosen_by_form(watched: Watched) -> None:
    page = watched.go("/")
    page.get_by_role("link", name="Findings").click()
    page.get_by_label("Severity").select_option("To be confirmed")
    page.get_by_role("button", name="Show").click()

    assert "severity=confirm" in page.url
    assert set(page.locator("#list-heading ~ table .tag").all_inner_texts()) == {
        "To be confirmed"
    }


def test_a_past_day_is_asked_for_by_form(watched: Watched) -> None:
    page = watched.go(address_of(1))
    page.get_by_text("or about a past day").click()
    page.get_by_label("As in force on").fill("2024-06-01")
    page.get_by_role("button", name="Ask").click()

    banner = page.get_by_role("status").filter(has_text="not today")
    assert "As in force on 1 Jun 2024" in banner.inner_text()
    banner.get_by_role("link", name="See today").click()
    assert banner.count() == 0


def test_a_slip_is_mended_on_the_page_that_found_nothing(watched: Watched) -> None:
    page = watched.go(address_of(1).replace("24000100", "2400010"))
    assert "Firmware not on the CPL" in page.inner_text("h1")

    assert page.get_by_label("Model").input_value() == "0A02010A"
    page.get_by_label("Firmware version").fill("24000100")
    page.get_by_role("button", name="Ask").click()

    assert "Update available" in page.inner_text("h1")


def test_a_refused_form_leads_to_its_fields(watched: Watched) -> None:
    page = watched.go(PAGES["form refused"])
    page.get_by_role("alert").get_by_role("link", name="Firmware version").click()

    page.keyboard.type("24000100")
    assert page.locator("#firmware").input_value() == "24000100"
    assert page.locator("#model").input_value() == "0A02010A"


def test_the_keyboard_is_enough(watched: Watched) -> None:
    page = watched.go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    for name, typed in (
        ("device_type", ""),
        ("manufacturer", "A1B3"),
        ("model", "0A02010A"),
        ("firmware", "24000100"),
    ):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
        assert _outlined(page)
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**/assessment?**")
    for _ in range(30):
        page.keyboard.press("Tab")
        assert _outlined(page)
        if page.evaluate("document.activeElement.pathname") == "/entries/16":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/16")


def _outlined(page: Page) -> bool:
    width = page.evaluate(
        "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
    )
    return bool(width >= 2)


@pytest.mark.parametrize("width", [800, WIDE["width"]])
def test_what_can_be_done_with_an_account_is_offered_in_one_line(
    browser: Browser, site: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    watched = Watched(context.new_page(), site)
    watched.sign_in("Code administrator")
    offered = watched.go("/people").get_by_role("table").locator("summary:visible")

    lines = offered.evaluate_all(
        "all => all.map(e => e.clientHeight / parseFloat(getComputedStyle(e).fontSize))"
    )
    context.close()

    assert lines
    assert max(lines) < 2
    assert watched.complaints == []


MIDDLES = "all => new Set(all.map(e => e.offsetTop + e.offsetHeight / 2 | 0)).size"


def test_the_menus_take_one_line_each_and_few_where_it_is_narrow(
    browser: Browser, site: str
) -> None:
    lines = {}
    for width in (WIDE["width"], 960, 720, 390):
        context = browser.new_context(viewport={"width": width, "height": 900})
        watched = Watched(context.new_page(), site)
        watched.sign_in("Code administrator")
        page = watched.go("/people")
        lines[width] = [
            page.locator(f"{menu} li").evaluate_all(MIDDLES)
            for menu in ("header.top", ".who")
        ]
        context.close()

    assert lines == {1200: [1, 1], 960: [1, 1], 720: [1, 1], 390: [2, 1]}


# What a reader with other means needs: names for fields, one heading, no level left
# out, names for pictures and links, no id twice, captions and scopes for tables.
STRUCTURE = """() => {
  const wrong = [];
  const all = (s) => [...document.querySelectorAll(s)];
  for (const e of all('input:not([type=hidden]), select, textarea'))
    if (!e.labels.length) wrong.push('no label: ' + e.outerHTML);
  if (all('h1').length !== 1) wrong.push('not one h1');
  let before = 0;
  for (const h of all('h1, h2, h3, h4, h5, h6')) {
    const level = Number(h.tagName[1]);
    if (level > before + 1) wrong.push('heading skips: ' + h.textContent);
    before = level;
  }
  const ids = all('[id]').map((e) => e.id);
  for (const id of ids)
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('id twice: ' + id);
  for (const name of ['aria-describedby', 'aria-labelledby'])
    for (const e of all(`[${name}]`))
      for (const id of e.getAttribute(name).split(' '))
        if (!document.getElementById(id)) wrong.push('no such id: ' + id);
  for (const a of all('a, button, summary'))
    if (!a.textContent.trim()) wrong.push('no name: ' + a.outerHTML);
  for (const a of all('a[href*="#"]'))
    if (a.pathname === location.pathname && a.search === location.search
        && !document.getElementById(a.hash.slice(1)))
      wrong.push('leads nowhere: ' + a.outerHTML);
  for (const s of all('svg'))
    if (s.getAttribute('aria-hidden') !== 'true' && !s.getAttribute('aria-label'))
      wrong.push('picture without a name');
  for (const t of all('table')) if (!t.caption) wrong.push('table without caption');
  for (const th of all('th')) if (!th.scope) wrong.push('no scope: ' + th.textContent);
  for (const a of all('abbr')) if (!a.title) wrong.push('abbr: ' + a.textContent);
  for (const one of ['header', 'main', 'footer', 'nav'])
    if (all(one).length !== 1) wrong.push('not one ' + one);
  if (document.documentElement.lang !== 'en-GB') wrong.push('lang');
  if (!document.title) wrong.push('no title');
  return wrong;
}"""

# Every text against the ground it stands on, by WCAG's formula.
CONTRAST = """() => {
  const wrong = new Set();
  const parts = (c) => c.match(/[\\d.]+/g).map(Number);
  const solid = (c) => { const p = parts(c); return p.length < 4 || p[3] === 1; };
  const light = (c) => {
    const [r, g, b] = parts(c).map((v) => {
      const s = v / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
    return (x + 0.05) / (y + 0.05);
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (c !== 'rgba(0, 0, 0, 0)' && solid(c)) return c;
    }
    return 'rgb(255, 255, 255)';
  };
  const judge = (color, under, text) => {
    const found = ratio(color, under);
    if (found < 4.5)
      wrong.add(`${found.toFixed(2)} ${color} on ${under}: ${text.slice(0, 40)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !e.checkVisibility()) continue;
    const box = e.closest('svg') && e.parentElement.querySelector('rect');
    const style = getComputedStyle(e);
    if (e.closest('svg'))
      judge(style.fill, box ? getComputedStyle(box).fill : ground(e), text);
    else judge(style.color, ground(e), text);
  }
  for (const e of document.querySelectorAll('input[placeholder]'))
    judge(getComputedStyle(e, '::placeholder').color, ground(e), 'placeholder');
  return [...wrong];
}"""


class Looked(NamedTuple):
    """What was seen of a page: as it came, and with every detail open.

    Attributes:
        structure: what is wrong with how it is built.
        width: of all of it, pixels.
        faint: texts that do not stand out, by colour scheme.
        complaints: of the browser.
    """

    structure: list[str]
    width: int
    faint: dict[str, list[str]]
    complaints: list[str]


Seen = dict[str, dict[str, Looked]]


@pytest.fixture(scope="module")
def looked_at(browser: Browser, site: str, signed_in: Any) -> Seen:
    """Look at every page once in each width; give what was seen, by width and name."""
    seen: Seen = {}
    for width, viewport in WIDTHS.items():
        context = browser.new_context(viewport=viewport, storage_state=signed_in)  # type: ignore[arg-type]
        watched = Watched(context.new_page(), site)
        seen[width] = {name: _look_at(watched, PAGES[name]) for name in PAGES}
        context.close()
    return seen


def _look_at(watched: Watched, path: str) -> Looked:
    watched.complaints = []
    page = watched.go(path)
    structure = page.evaluate(STRUCTURE)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    faint = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        assert dark == (scheme == "dark")
        faint[scheme] = page.evaluate(CONTRAST)
    width = page.evaluate("document.documentElement.scrollWidth")
    return Looked(structure, width, faint, watched.complaints)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_built_for_every_reader(looked_at: Seen, name: str) -> None:
    for width in WIDTHS:
        assert looked_at[width][name].structure == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(looked_at: Seen, width: str) -> None:
    seen = looked_at[width].items()
    most = WIDTHS[width]["width"]

    assert [name for name, one in seen if one.width > most] == []
    assert {name: one.complaints for name, one in seen if one.complaints} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_text_stands_out_from_its_ground(
    looked_at: Seen, width: str, scheme: str
) -> None:
    seen = looked_at[width].items()

    assert {name: one.faint[scheme] for name, one in seen if one.faint[scheme]} == {}


def test_the_pages_need_no_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    watched = Watched(context.new_page(), site)
    watched.sign_in()
    page = watched.go("/")
    page.get_by_label("Manufacturer").fill("A1B3")
    page.get_by_label("Model").fill("0A02010A")
    page.get_by_label("Firmware version").fill("24000100")
    page.get_by_role("button", name="Look up").click()
    heading = page.locator("h1").inner_text()
    context.close()

    assert heading == "Update available"
    assert watched.complaints == []


def test_the_picture_fits_the_width(watched: Watched) -> None:
    page = watched.go(address_of(1))
    wide, narrow = page.locator("svg.way.wide"), page.locator("svg.way.narrow")

    assert (wide.is_visible(), narrow.is_visible()) == (True, False)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert (wide.is_visible(), narrow.is_visible()) == (False, True)
