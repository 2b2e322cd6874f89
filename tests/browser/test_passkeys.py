"""Passkeys in a real browser, with a virtual authenticator (WebDriver, WebAuthn 12)."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import commands
import plain_http
from commands import FIRTREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
STARTING_S = 60
PASSWORD = "four unrelated lemons sing"  # noqa: S105 - of nobody
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Site:
    """A register of its own, served, and the link of its first administrator."""

    def __init__(self, data: Path) -> None:
        self.data = str(data)
        made = self.run("init")
        self.link = "".join(re.findall(r"/invitation/\w{43}", made))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.base = f"http://localhost:{self.port}"
        self.server = subprocess.Popen(
            [FIRTREE, "serve", "--data", self.data, "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + STARTING_S
        while time.monotonic() < end:
            assert self.server.poll() is None, "the server ended"
            try:
                if plain_http.get(self.base + "/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def run(self, *arguments: str) -> str:
        """Run a command on the register; give what it printed."""
        verb, *others = arguments
        done = commands.run(verb, "--data", self.data, *others)
        done.check_returncode()
        return done.stdout

    def close(self) -> None:
        """End the server."""
        self.server.send_signal(signal.SIGINT)
        self.server.wait(30)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a register of its own."""
    made = Site(tmp_path_factory.mktemp("site") / "data")
    yield made
    made.close()


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


class Device:
    """A browser with an authenticator; complaints of the browser are kept."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.page: Page = context.new_page()
        self.site = site
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._on_console)
        self.cdp = context.new_cdp_session(self.page)
        self.cdp.send("WebAuthn.enable")
        added = self.cdp.send(
            "WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR}
        )
        self.authenticator = added["authenticatorId"]

    def _on_console(self, message: Any) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def credentials(self) -> list[dict[str, Any]]:
        """Give what the authenticator holds."""
        wanted = {"authenticatorId": self.authenticator}
        found = self.cdp.send("WebAuthn.getCredentials", wanted)
        held: list[dict[str, Any]] = found["credentials"]
        return held

    def verify_person(self, *, verified: bool) -> None:
        """Say whether the person shows a finger, or a wrong one."""
        wanted = {"authenticatorId": self.authenticator, "isUserVerified": verified}
        self.cdp.send("WebAuthn.setUserVerified", wanted)

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.site.base + path)
        return self.page


def test_the_first_administrator_comes_in_by_passkey_alone(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context()
    device = Device(context, site)
    page = device.go(site.link)
    form = page.locator("form.passkey")
    form.get_by_label("Your name").fill("Rowan Root")
    form.get_by_label("E-mail").fill("root@admin.example")
    page.get_by_role("button", name="Make a passkey and come in").click()
    page.wait_for_url(site.base + "/account")
    assert page.locator("h1").inner_text() == "Your account"
    assert "root@admin.example" in page.locator(".who").inner_text()
    (credential,) = device.credentials()
    assert credential["isResidentCredential"]
    assert credential["rpId"] == "localhost"

    page.get_by_role("link", name="People").click()
    assert page.get_by_role("rowheader", name="root@admin.example").is_visible()
    page.get_by_role("button", name="Sign out").click()
    assert "You are signed out." in page.locator("main").inner_text()
    page.go_back()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "Sign in"
    page.goto(site.base + "/sign-in?next=/people")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(site.base + "/people")

    page.goto(site.base + "/account")
    page.get_by_role("button", name="Sign out everywhere").click()
    device.verify_person(verified=False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator("form.passkey .fault").wait_for()
    told = page.locator("form.passkey .fault").inner_text()
    assert told == "The device did not answer, or you stopped it. Try again."
    assert device.complaints == []
    context.close()


def test_a_passkey_is_added_named_used_and_removed(
    browser: Browser, site: Site
) -> None:
    link = site.run("invite", "--party", "1", "--email", "ada@admin.example").strip()
    context = browser.new_context()
    device = Device(context, site)
    page = device.go("/invitation/" + link.rpartition("/")[2])
    form = page.locator("form[action='/invitation']")
    form.get_by_label("Your name").fill("Ada Alder")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Come in").click()
    assert "Add one here" in page.locator("main").inner_text()
    page.goto(site.base + "/people")
    assert "signed in with a passkey" in page.locator("main").inner_text()

    page.goto(site.base + "/account")
    page.get_by_label("Name of a new one").first.fill("office laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("rowheader", name="office laptop").wait_for()
    page.get_by_role("button", name="Add a passkey").click()
    page.locator("form.passkey .fault").wait_for()
    told = page.locator("form.passkey .fault").inner_text()
    assert told == "This device holds a passkey of this account already."
    page.goto(site.base + "/people")
    assert page.locator("h1").inner_text() == "People"

    page.goto(site.base + "/account")
    page.locator("summary", has_text="Remove office laptop").click()
    page.get_by_role("button", name="Yes, remove office laptop").click()
    assert page.get_by_role("rowheader", name="office laptop").count() == 0
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator("form.passkey .fault").wait_for()
    told = page.locator("form.passkey .fault").inner_text()
    assert "do not belong together" in told
    assert device.complaints == []
    context.close()


LONG = f"{'winifred' * 7}@{'lang' * 12}.{'energy' * 9}.example"


def test_people_with_long_addresses_are_listed_and_shut_out_by_a_second_click(
    browser: Browser, site: Site
) -> None:
    site.run("invite", "--party", "1", "--email", LONG)
    link = re.findall(r"/invitation/\w{43}", site.run("invite", "--party", "1"))[0]
    other = browser.new_context().new_page()
    other.goto(site.base + link)
    form = other.locator("form", has=other.get_by_label("Password"))
    form.get_by_label("Your name").fill("Winifred " * 9)
    form.get_by_label("E-mail").fill(LONG.replace("win", "lin"))
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button").click()
    other.wait_for_url(site.base + "/account")
    device = Device(browser.new_context(), site)
    link = re.findall(r"/invitation/\w{43}", site.run("invite", "--party", "1"))[0]
    page = device.go(link)
    form = page.locator("form.passkey")
    form.get_by_label("Your name").fill("Rowan Second")
    form.get_by_label("E-mail").fill("second@admin.example")
    page.get_by_role("button", name="Make a passkey and come in").click()
    page.wait_for_url(site.base + "/account")

    for width in (360, 720, 900, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/people", "/account"):
            device.go(path)
            page.evaluate(
                "document.querySelectorAll('details').forEach(d => d.open = true)"
            )
            for part in ("html", "table"):
                for found in page.locator(part).all():
                    wide = found.evaluate("e => e.getBoundingClientRect().right")
                    assert wide <= width, (path, width, part)
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    device.go("/people")
    row = page.get_by_role("row").filter(has_text="linifred")
    row.get_by_text("Change").click()
    row.get_by_text("Disable the account", exact=False).first.click()
    assert "It can be enabled again here." in row.inner_text()
    row.get_by_role("button", name="Yes, disable the account").click()
    page.wait_for_load_state()
    assert "disabled" in row.inner_text()
    assert other.goto(site.base + "/account").url.startswith(site.base + "/sign-in")  # type: ignore[union-attr]
    assert device.complaints == []


def test_a_page_of_another_site_changes_nothing(browser: Browser, site: Site) -> None:
    link = site.run("invite", "--party", "1", "--email", "eve@admin.example").strip()
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.base + "/invitation/" + link.rpartition("/")[2])
    form = page.locator("form[action='/invitation']")
    form.get_by_label("Your name").fill("Eve")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Come in").click()
    # The same machine by another name is another site.
    elsewhere = f"http://127.0.0.1:{site.port}/static/icon.svg"
    page.goto(elsewhere)
    status = page.evaluate(
        "url => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include',"
        " body: new URLSearchParams({csrf: 'x'})}).then(() => 'sent', () => 'kept')",
        site.base + "/account/sessions/end-all",
    )
    assert status in {"sent", "kept"}

    page.goto(site.base + "/account")
    assert page.locator("h1").inner_text() == "Your account"
    context.close()


def test_everything_but_passkeys_works_without_a_script(
    browser: Browser, site: Site
) -> None:
    link = site.run("invite", "--party", "1", "--email", "noa@admin.example").strip()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.base + "/invitation/" + link.rpartition("/")[2])
    assert page.locator("form.passkey").is_hidden()
    assert page.get_by_text("A passkey needs JavaScript, and a browser").is_visible()
    form = page.locator("form[action='/invitation']")
    form.get_by_label("Your name").fill("Noa")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Come in").click()
    assert page.locator("h1").inner_text() == "Your account"
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("E-mail").fill("noa@admin.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert "passkey" in page.locator("main").inner_text()
    context.close()
