"""Signing in and out: by password, by passkey, and by one click in an example."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromQuery

from firtree.errors import FirtreeError, NotSignedInError, ThrottledError
from firtree.library.accounts import passkeys, sessions
from firtree.library.accounts.secret import is_secret, new_secret
from firtree.library.accounts.signing_in import sign_in_by_password, sign_in_to_demo
from firtree.library.accounts.visitor import Via
from firtree.web import forms
from firtree.web.answers import Desk, check_parameters, visitor_of
from firtree.web.chrome import csrf_of
from firtree.web.entrance import Entrance
from firtree.web.pages.render import NOW, address, render, sentence

AnyRequest = Request[Any, Any, Any]

_NOTICES = {
    "again": "For this you must have signed in a few minutes ago. Sign in again.",
    "out": "You are signed out.",
    "ended": "You are signed out everywhere.",
}


class PasskeyAsked(msgspec.Struct):
    """What the script sends to be asked by a passkey."""

    next: str = ""


class PasskeyAnswered(msgspec.Struct):
    """What the script sends with a passkey's answer."""

    answer: dict[str, Any]
    next: str = ""


class GoOn(msgspec.Struct):
    """Where the script goes on to."""

    next: str


async def get_sign_in_page(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    next: FromQuery[str | None] = None,  # noqa: A002 - the name in the address
    why: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"next", "why"}))
    entrance = forms.entrance_of(desk)
    notice = _NOTICES.get(why or "", "")
    return _page(request, entrance, forms.safe_next(next or "/"), notice=notice)


def _page(
    request: AnyRequest,
    entrance: Entrance,
    after: str,
    *,
    notice: str = "",
    refused: FirtreeError | None = None,
    email: str = "",
) -> Response[bytes]:
    secret, cookies = form_secret(request, entrance)
    body = render(
        "sign_in.html",
        place=NOW,
        past=(),
        notice=notice,
        fault=in_words(refused) if refused else "",
        email=email or visitor_of(request).name,
        next=after,
        csrf=csrf_of(secret),
        demo=entrance.demo,
        passkeys=knows_passkeys(request, entrance),
        by_name=by_name(request, address("/sign-in", next=after)),
    )
    return forms.asked_again(body, refused, cookies)


async def post_sign_in(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    form = await forms.read_form(request, desk, ("email", "password", "next"))
    after, email = forms.safe_next(form.text("next")), form.text("email")
    client = entrance.client_of(request.scope)
    given = (email, form.text("password"), client)
    try:
        signed_in = await desk.slow(sign_in_by_password, entrance.gate, *given)
    except (NotSignedInError, ThrottledError) as error:
        return _page(request, entrance, after, refused=error, email=email[:254])
    return forms.see_other(after, entrance.cookies_of(signed_in))


async def post_demo_sign_in(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    form = await forms.read_form(request, desk, ("email", "next"))
    email = form.text("email")
    entrance.check_demo(email)
    client = entrance.client_of(request.scope)
    signed_in = await desk.slow(sign_in_to_demo, entrance.gate, email, client)
    after = forms.safe_next(form.text("next"))
    return forms.see_other(after, entrance.cookies_of(signed_in))


async def post_passkey_options(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    await forms.read_json(request, desk, PasskeyAsked)
    site, client = (
        entrance.site_of(request.scope),
        entrance.client_of(request.scope),
    )
    asked = await desk.slow(passkeys.ask_to_sign_in, entrance.gate, site, client)
    return forms.told(asked)


async def post_passkey(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    sent: PasskeyAnswered = await forms.read_json(request, desk, PasskeyAnswered)
    client, site = entrance.client_of(request.scope), entrance.site_of(request.scope)
    given = (sent.answer, client, site)
    signed_in = await desk.slow(passkeys.sign_in_by_passkey, entrance.gate, *given)
    after = GoOn(forms.safe_next(sent.next))
    return forms.told(after, entrance.cookies_of(signed_in))


async def post_sign_out(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    await forms.read_form(request, desk, ())
    await desk.slow(sessions.sign_out, entrance.gate, visitor_of(request))
    return signed_out(entrance, "out")


def signed_out(entrance: Entrance, why: str) -> Response[bytes]:
    """Lead to the sign-in page, without the cookie and without what was kept."""
    cookie = entrance.cookie(entrance.session_cookie, "")
    response = forms.see_other(address("/sign-in", why=why), [cookie])
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def form_secret(
    request: AnyRequest, entrance: Entrance
) -> tuple[str, tuple[Cookie, ...]]:
    """Give the secret this browser's forms are bound to; a new one with its cookie."""
    secret = entrance.secret_of(request.scope)
    if secret and (visitor_of(request).via is not Via.NOBODY or is_secret(secret)):
        return secret, ()
    secret = new_secret(entrance.gate.entropy)
    return secret, (entrance.cookie(entrance.form_cookie, secret),)


def knows_passkeys(request: AnyRequest, entrance: Entrance) -> bool:
    """Tell whether browsers know passkeys at this address: only at names."""
    host = entrance.site_of(request.scope).host
    return not (host.startswith("[") or host.replace(".", "").isdigit())


def by_name(request: AnyRequest, path: str) -> str:
    """Give the address of a page on this machine by its name."""
    _, colon, port = request.scope["state"]["head_fields"].host.rpartition(":")
    return f"http://localhost{colon + port if port.isdigit() else ''}{path}"


def in_words(error: FirtreeError) -> str:
    """Say an error on a page, with what to do about it."""
    return " ".join(filter(None, (sentence(str(error)), sentence(error.hint))))
