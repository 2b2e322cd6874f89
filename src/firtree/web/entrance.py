"""Where people and programs come in: cookies, tokens, addresses, and what is noted."""

import ipaddress
import re
import threading
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie

from firtree.access import Principal
from firtree.errors import FirtreeError, NotFoundError, NotSignedInError
from firtree.library.accounts.access_log import Event, Note, note, shortened
from firtree.library.accounts.doorkeeper import Doorkeeper
from firtree.library.accounts.gate import Client, Gate
from firtree.library.accounts.later import Later
from firtree.library.accounts.passkeys import Site
from firtree.library.accounts.sessions import SignedIn
from firtree.library.accounts.visitor import UNKNOWN, Found, Via, Visitor
from firtree.library.kept import Kept
from firtree.web.allowance import Allowance
from firtree.web.head import AnyScope, RequestHead, cookie_of

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
DEVICE_AGE_S = 365 * 24 * 3600
REFUSALS_KEPT = 10_000  # to be noted once a day each
_BEARER = re.compile(rb"(?i:bearer) +([!-~]+)\Z")
_BROWSERS = ("Firefox", "Edg", "OPR", "Chromium", "Chrome", "Safari", "curl")
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "CrOS", "Linux")
_SHOWN = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS", "CrOS": "ChromeOS"}


class DemoPerson(NamedTuple):
    """Somebody whom an example register lets in by one click."""

    email: str
    role: str


class Address(NamedTuple):
    """Where the service is reached.

    Attributes:
        origin: scheme, host and port, such as ``https://firmware.example``; empty = on
            this machine alone, by plain http.
        proxies: how many proxies of the operator's stand in front.
    """

    origin: str = ""
    proxies: int = 0

    @property
    def is_https(self) -> bool:
        """Whether browsers reach it by https."""
        return self.origin.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """The names it answers to."""
        named = re.sub(r"\A[a-z]+://|:[0-9]+\Z", "", self.origin)
        return LOCAL_HOSTS | ({named} if named else set())


LOCALLY = Address()


class Entrance:
    """Finds who asks, and makes what signing in needs of a request.

    Args:
        gate: what the use cases need.
        doorkeeper: finds visitors.
        later: writes what no request waits for.
        address: where the service is reached.
        allowance: how often one may ask what costs much.
        demo: who can be signed in as by one click; only in an example register.
        public: what is seen by whoever is not signed in.
        in_threads: whether finding goes to a thread, as PostgreSQL needs.
    """

    def __init__(
        self,
        gate: Gate,
        doorkeeper: Doorkeeper,
        later: Later,
        *,
        allowance: Allowance,
        address: Address = LOCALLY,
        demo: tuple[DemoPerson, ...] = (),
        public: Principal = UNKNOWN.principal,
        in_threads: bool = False,
    ) -> None:
        self.gate = gate
        self.later = later
        self.allowance = allowance
        self.address = address
        self.demo = demo
        self._doorkeeper = doorkeeper
        self._nobody = UNKNOWN._replace(principal=public)
        self._in_threads = in_threads
        self._noted: Kept[Hashable, datetime] = Kept(REFUSALS_KEPT)
        self._lock = threading.Lock()
        prefix = "__Host-" if address.is_https else ""
        self.session_cookie = f"{prefix}firtree"
        self.device_cookie = f"{prefix}firtree-device"
        self.form_cookie = f"{prefix}firtree-form"

    def __call__(self, scope: AnyScope) -> Found | Awaitable[Found]:
        """Find who asks; where that fails, ``refused`` in the state says why."""
        head: RequestHead = scope["state"]["head_fields"]
        if head.authorization:
            return self._by_token(scope, head)
        secret = cookie_of(head.cookie, self.session_cookie)
        if not secret:
            return self._nobody
        try:
            found = self._doorkeeper.recall_session(secret)
        except FirtreeError as error:
            return self._refused(scope, error)
        if found is not None:
            return found
        return self._looked_for(scope, self._doorkeeper.by_session, secret)

    async def look_again(self, scope: AnyScope) -> None:
        """Find out anew who asks, for a request that was not answered at once."""
        found = self(scope)
        if not isinstance(found, Found):
            found = await found
        scope["state"]["principal"], scope["state"]["visitor"] = found

    def _by_token(self, scope: AnyScope, head: RequestHead) -> Found | Awaitable[Found]:
        match = _BEARER.match(head.authorization)
        if match is None:
            return self._refused(scope, _bad_token())
        text = match[1].decode("ascii")
        network = shortened_of(source_of(scope, head, self.address.proxies))
        try:
            found = self._doorkeeper.recall_token(text, network)
        except FirtreeError as error:
            return self._refused(scope, error)
        if found is not None:
            return found
        return self._looked_for(scope, self._token_found, text, network)

    def _token_found(self, text: str, network: str) -> Found:
        found = self._doorkeeper.by_token(text, network)
        if found is None:
            detail = "a token that is not good"
            told = Note(Event.REFUSED, address=network, detail=detail)
            self._note_once_a_day(("token", network), told)
            raise _bad_token()
        return found

    def _looked_for(
        self,
        scope: AnyScope,
        look: Callable[..., Found | None],
        *args: str,
    ) -> Found | Awaitable[Found]:
        if self._in_threads:
            return self._looked_for_apart(scope, look, *args)
        try:
            return look(*args) or self._nobody
        except FirtreeError as error:
            return self._refused(scope, error)

    async def _looked_for_apart(
        self,
        scope: AnyScope,
        look: Callable[..., Found | None],
        *args: str,
    ) -> Found:
        try:
            return await sync_to_thread(look, *args) or self._nobody
        except FirtreeError as error:
            return self._refused(scope, error)

    def _refused(self, scope: AnyScope, error: FirtreeError) -> Found:
        scope["state"]["refused"] = error
        return self._nobody

    def holds_back(self, found: Found) -> bool:
        """Tell whether somebody may do nothing before it comes in by passkey."""
        weak = found.visitor.via is Via.SESSION and not found.visitor.strong
        return weak and self.gate.limits.needs_passkey(found.principal)

    def secret_of(self, scope: AnyScope) -> str:
        """Give the secret that a request's forms are bound to; empty = none."""
        head: RequestHead = scope["state"]["head_fields"]
        visitor: Visitor = scope["state"]["visitor"]
        signed_in = visitor.via in {Via.SESSION, Via.DEMO}
        name = self.session_cookie if signed_in else self.form_cookie
        return cookie_of(head.cookie, name)

    def client_of(self, scope: AnyScope) -> Client:
        """Say from where somebody asks."""
        head: RequestHead = scope["state"]["head_fields"]
        source = source_of(scope, head, self.address.proxies)
        return Client(
            shortened_of(source),
            source,
            agent_of(head.agent.decode("latin-1")),
            cookie_of(head.cookie, self.device_cookie),
            cookie_of(head.cookie, self.session_cookie),
        )

    def site_of(self, scope: AnyScope) -> Site:
        """Say for which web site passkeys are, and which origin forms come from."""
        head: RequestHead = scope["state"]["head_fields"]
        if self.address.origin:
            host = re.sub(r"\A[a-z]+://|:[0-9]+\Z", "", self.address.origin)
            return Site(host, self.address.origin)
        return Site(head.bare_host, f"http://{head.host}")

    def cookie(self, name: str, value: str, *, age_s: int | None = None) -> Cookie:
        """Make a cookie; an empty value takes it back.

        Lax: a link in a letter finds one signed in; a form from elsewhere does not.
        """
        return Cookie(
            key=name,
            value=value,
            path="/",
            max_age=age_s if value else 0,
            secure=self.address.is_https,
            httponly=True,
            samesite="lax",
        )

    def cookies_of(self, signed_in: SignedIn) -> list[Cookie]:
        """Give the cookies that a sign-in, or a change of it, hands over."""
        cookies = [self.cookie(self.session_cookie, signed_in.secret)]
        if signed_in.device:
            name, device = self.device_cookie, signed_in.device
            cookies.append(self.cookie(name, device, age_s=DEVICE_AGE_S))
        return cookies

    def note(
        self,
        scope: AnyScope,
        event: Event,
        *,
        about: int = 0,
        detail: str = "",
    ) -> None:
        """Note in the access log what a visitor did; written soon, no one waits.

        Args:
            scope: of the request.
            event: what it did.
            about: the party it concerns, where it is another; 0 = the one that the
                visitor acts for, if any.
            detail: what of; never a secret.
        """
        visitor: Visitor = scope["state"]["visitor"]
        network = self._network(scope)
        about = about or visitor.acting_for
        told = Note(event, visitor.person, visitor.party, about, network, detail)
        now = self.gate.now()
        self.later.add(object(), lambda tx: note(tx, now, told))

    def note_taken(self, scope: AnyScope, what: str) -> None:
        """Note once a day that a visitor takes what the register is made of.

        Who is not signed in is told apart by its network.
        """
        visitor: Visitor = scope["state"]["visitor"]
        who = (visitor.person, visitor.party, visitor.acting_for)
        network = self._network(scope)
        told = Note(Event.DOWNLOADED, *who, network, what)
        self._note_once_a_day(("taken", visitor.key or network, what), told)

    def note_refusal(self, scope: AnyScope, right: str) -> None:
        """Note once a day that a visitor was refused what it may not do so."""
        visitor: Visitor = scope["state"]["visitor"]
        network = self._network(scope)
        who = (visitor.person, visitor.party, visitor.acting_for)
        told = Note(Event.REFUSED, *who, network, right)
        self._note_once_a_day(("refused", visitor.key, right), told)

    def _note_once_a_day(self, what: tuple[Hashable, ...], told: Note) -> None:
        """Note what can be brought about as often as somebody likes to ask."""
        now, key = self.gate.now(), (*what, self.gate.today)
        with self._lock:
            if self._noted.get(key) is not None:
                return
            self._noted.put(key, now)
        self.later.add(key, lambda tx: note(tx, now, told))

    def _network(self, scope: AnyScope) -> str:
        head: RequestHead = scope["state"]["head_fields"]
        return shortened_of(source_of(scope, head, self.address.proxies))

    def spend(self, scope: AnyScope) -> None:
        """Take a costly question off what its asker has left.

        Raises:
            ThrottledError: nothing is left.
        """
        self.allowance.spend(self.asker_of(scope))

    def asker_of(self, scope: AnyScope) -> Hashable:
        """Give by what one asker is told from another: the person, or the network."""
        visitor: Visitor = scope["state"]["visitor"]
        if visitor.person:
            return visitor.person
        head: RequestHead = scope["state"]["head_fields"]
        return source_of(scope, head, self.address.proxies)

    def check_demo(self, email: str) -> None:
        """Check that somebody can be signed in as by one click.

        Raises:
            NotFoundError: nobody of that e-mail, or this is no example register.
        """
        if email not in {person.email for person in self.demo}:
            raise NotFoundError("there is no such thing here")


def source_of(scope: AnyScope, head: RequestHead, proxies: int) -> str:
    """Give the address somebody asks from; the /64 of IPv6.

    What a proxy of the operator's says counts, from the right of ``X-Forwarded-For``;
    whatever stands further left anybody may have written.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if proxies and head.forwarded:
        hops = head.forwarded.decode("latin-1").split(",")
        if len(hops) >= proxies:
            address = hops[-proxies].strip()
    return _counted(address)


@lru_cache(maxsize=4096)
def _counted(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False).network_address)


shortened_of = lru_cache(maxsize=4096)(shortened)


def agent_of(text: str) -> str:
    """Say which browser and system a User-Agent seems to name, for its owner."""
    browser = next((name for name in _BROWSERS if name in text), "")
    system = next((name for name in _SYSTEMS if name in text), "")
    browser, system = _SHOWN.get(browser, browser), _SHOWN.get(system, system)
    return " on ".join(filter(None, (browser or "another program", system)))


def _bad_token() -> NotSignedInError:
    return NotSignedInError(
        "this token is not good, or not any more",
        hint="make another on your account's page, or with: firtree token new",
    )
