"""A register that people come into, and the browsers they come with; no network."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from accounts import CHEAP, PASSWORD, Chance, a_client
from authenticator import Authenticator
from firtree.access import KEEPER, PUBLIC, Right
from firtree.library.accounts import people, tokens
from firtree.library.accounts.accepting import Accepting, accept
from firtree.library.accounts.doorkeeper import Doorkeeper
from firtree.library.accounts.gate import Gate, Limits
from firtree.library.accounts.invitations import invite
from firtree.library.accounts.later import Later
from firtree.library.accounts.passkeys import Site
from firtree.library.accounts.passwords import Passwords
from firtree.library.parties import Parties
from firtree.parties import PartyKind
from firtree.parties.party import Holding, Party
from firtree.storage.accounts import SQLAccounts
from firtree.web.allowance import Allowance
from firtree.web.app import create_app
from firtree.web.entrance import Address, DemoPerson, Entrance
from registers import START
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import httpx

    from firtree.access import Principal
    from firtree.library.accounts.ports import Noted, Person
    from firtree.library.ports import Register

LOCAL = "http://localhost:8000"
HTTPS = "https://fir.example"
ADMIN, ALDER, SORREL, NETTLE = 1, 2, 3, 4
ADA, ROOT, SAM, NOA = (
    f"{name}.example"
    for name in ("ada@alder", "root@admin", "sam@sorrel", "noa@nettle")
)
HOMES = {ROOT: ADMIN, ADA: ALDER, SAM: SORREL, NOA: NETTLE}
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class House(Served):
    """A register with four parties, one person of each, and its entrance."""

    def __init__(
        self,
        path: Path,
        register: Register | None = None,
        *,
        address: str = "",
        proxies: int = 0,
        costly: int = 0,
        demo: bool = False,
        public: Principal = PUBLIC,
        limits: Limits = Limits(),  # noqa: B008 - it is never changed
    ) -> None:
        super().__init__(path, register)
        self.parties = Parties(self.register, self.recorder, now=self.clock)
        chance = Chance(7)
        self.gate = Gate(
            SQLAccounts(self.register),  # type: ignore[arg-type]
            self.parties,
            Passwords(chance, CHEAP),
            self.clock,
            chance,
            limits,
        )
        self.later = Later(self.gate.accounts, threaded=False)
        self.entrance = Entrance(
            self.gate,
            Doorkeeper(self.gate, self.later),
            self.later,
            allowance=Allowance(costly, self.clock),
            address=Address(address, proxies),
            demo=(DemoPerson(ADA, "Manufacturer"),) if demo else (),
            public=public,
            in_threads=register is not None,
        )
        self.app = create_app(
            self.lookup,
            self.parties,
            authenticate=self.entrance,
            in_threads=register is not None,
            close=lambda: None,
            entrance=self.entrance,
        )
        self.base = address or LOCAL
        for kind, name in (
            (PartyKind.ADMINISTRATOR, "Code administrator"),
            (PartyKind.MANUFACTURER, "Alder Meters"),
            (PartyKind.IMPORT_SUPPLIER, "Sorrel Energy"),
            (PartyKind.NETWORK_PARTY, "Nettle Networks"),
        ):
            held = (Holding(code="AB01", since=START.date()),)
            codes = held if kind is PartyKind.MANUFACTURER else ()
            party = Party(id=1, name=name, kinds=(kind,), codes=codes)
            self.parties.admit(KEEPER, party)

    @property
    def site(self) -> Site:
        """The web site that passkeys are for."""
        return Site(re.sub(r"\A[a-z]+://|:[0-9]+\Z", "", self.base), self.base)

    def person(self, email: str, party: int = 0, password: str = PASSWORD) -> Person:
        """Invite somebody to its party, and have it accepted."""
        invited = invite(self.gate, party or HOMES[email], email)
        name = email.split("@", maxsplit=1)[0].title()
        accept(self.gate, invited.secret, Accepting(email, name, password), a_client())
        return people.person_called(self.gate, email)

    def token(
        self, email: str, rights: Collection[Right] = (Right.READ_ENTRIES,)
    ) -> str:
        """Make a token of somebody."""
        owner = people.as_visitor(self.gate, people.person_called(self.gate, email))
        return tokens.make_token(self.gate, owner, name="t", rights=rights).text

    def browser(self, email: str = "", **changed: Any) -> Browser:
        """Give a browser; where an e-mail is given, signed in by password."""
        browser = Browser(self, **changed)
        if email:
            browser.sign_in(email)
        return browser

    def noted(self) -> list[Noted]:
        """Give the rows of the access log, oldest first."""
        self.later.flush()
        with self.gate.accounts.reading() as tx:
            return list(tx.all_noted())

    def events(self) -> list[str]:
        """Give what is noted, oldest first."""
        return [row.event for row in self.noted()]


class Browser:
    """Keeps cookies, reads forms, and sends them as a browser does."""

    def __init__(
        self, house: House, *, base: str = "", agent: str = "Firefox Linux"
    ) -> None:
        self.house = house
        self.base = base or house.base
        self.agent = agent
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []
        self.csrf = ""

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return self._asked("GET", path, {"Accept": "text/html", **headers})

    def post(self, path: str, csrf: str | None = None, **fields: Any) -> httpx.Response:
        """Send the form of the page that was opened last."""
        token = self.csrf if csrf is None else csrf
        headers = {"Accept": "text/html", **self.own}
        data = {**fields, "csrf": token}
        return self._asked("POST", path, headers, data=data)

    def script(self, path: str, **sent: Any) -> httpx.Response:
        """Send what the script of the page sends."""
        headers = {"X-CSRF-Token": self.csrf, **self.own}
        return self._asked("POST", path, headers, json=sent)

    @property
    def own(self) -> dict[str, str]:
        """What a browser says of a form of the site's own."""
        return {"Origin": self.base, "Sec-Fetch-Site": "same-origin"}

    def sign_in(
        self, email: str, password: str = PASSWORD, after: str = "/"
    ) -> httpx.Response:
        """Sign in by password."""
        self.get("/sign-in")
        return self.post("/sign-in", email=email, password=password, next=after)

    def sign_in_by_passkey(self, device: Authenticator) -> httpx.Response:
        """Sign in by passkey."""
        self.get("/sign-in")
        options = self.script("/sign-in/passkey/options").json()
        answer = device.get(options, self.house.site)
        return self.script("/sign-in/passkey", answer=answer, next="/account")

    def add_passkey(self, device: Authenticator) -> httpx.Response:
        """Add a passkey to the account that is signed in."""
        self.get("/account")
        options = self.script("/account/passkeys/options").json()
        answer = device.create(options, self.house.site)
        return self.script("/account/passkeys", name="key ring", answer=answer)

    def _asked(
        self, method: str, path: str, headers: dict[str, str], **sent: Any
    ) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent_headers = {"User-Agent": self.agent, **headers}
        if cookie:
            sent_headers["Cookie"] = cookie
        url = self.base + path
        response = ask(self.house.app, method, url, headers=sent_headers, **sent)
        self.set_cookies = response.headers.get_list("set-cookie")
        for written in self.set_cookies:
            self._keep(written)
        if found := _CSRF.search(response.text):
            self.csrf = found[1]
        return response

    def _keep(self, written: str) -> None:
        for name, morsel in SimpleCookie(written).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
