"""An invitation's link: looked at, and accepted by password, passkey or account."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from firtree.errors import (
    ConflictError,
    FirtreeError,
    InvalidInputError,
    ThrottledError,
)
from firtree.library.accounts import accepting
from firtree.library.accounts.accepting import Accepting
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.invitations import RECOVER
from firtree.library.accounts.ports import Invitation
from firtree.web import forms
from firtree.web.answers import Desk, visitor_of
from firtree.web.chrome import csrf_of
from firtree.web.entrance import Entrance
from firtree.web.pages.render import NOW, render
from firtree.web.pages.sign_in import (
    GoOn,
    by_name,
    form_secret,
    in_words,
    knows_passkeys,
)

AnyRequest = Request[Any, Any, Any]
_NOTHING = Accepting("", "")


class PasskeyWanted(msgspec.Struct):
    """What the script sends to be given a passkey's options."""

    code: str
    email: str = ""
    name: str = ""


class PasskeyMade(PasskeyWanted):
    """What the script sends with a new passkey."""

    answer: dict[str, Any] = {}


async def get_invitation_page(
    request: AnyRequest, *, desk: NamedDependency[Desk], code: FromPath[str]
) -> Response[bytes]:
    return await _page(request, desk, code, _NOTHING)


async def _page(
    request: AnyRequest,
    desk: Desk,
    code: str,
    given: Accepting,
    refused: FirtreeError | None = None,
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    invitation = await desk.slow(accepting.look_at, entrance.gate, code)
    has_passkey = await desk.slow(_has_passkey, entrance, invitation)
    secret, cookies = form_secret(request, entrance)
    party = entrance.gate.parties.party_name(invitation.party)
    recovers = invitation.kind == RECOVER
    body = render(
        "invitation.html",
        place=NOW,
        past=(),
        heading="Set a new password" if recovers else "You are invited",
        lead="An administrator made this link so that you can come in again."
        if recovers
        else f"With this link you join {party} in the register of meter firmware.",
        invitation=invitation,
        code=code,
        given=given,
        fault=in_words(refused) if refused else "",
        csrf=csrf_of(secret),
        can_have_passkey=not has_passkey,
        needs_passkey=_needs_passkey(entrance.gate, invitation),
        passkeys=knows_passkeys(request, entrance),
        by_name=by_name(request, f"/invitation/{code}"),
    )
    return forms.asked_again(body, refused, cookies)


def _needs_passkey(gate: Gate, invitation: Invitation) -> bool:
    principal = gate.parties.principal(invitation.party, 0, gate.today)
    return principal is not None and gate.limits.needs_passkey(principal)


def _has_passkey(entrance: Entrance, invitation: Invitation) -> bool:
    with entrance.gate.accounts.reading() as tx:
        return bool(invitation.person and tx.passkeys(invitation.person))


async def post_invitation(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    known = ("code", "email", "name", "password")
    form = await forms.read_form(request, desk, known)
    code, client = form.text("code"), entrance.client_of(request.scope)
    given = Accepting(form.text("email"), form.text("name"), form.text("password"))
    try:
        accepted = await desk.slow(accepting.accept, entrance.gate, code, given, client)
    except (InvalidInputError, ConflictError, ThrottledError) as error:
        kept = given._replace(password="")
        return await _page(request, desk, code, kept, error)
    return forms.see_other("/account", entrance.cookies_of(accepted))


async def post_invitation_options(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    sent: PasskeyWanted = await forms.read_json(request, desk, PasskeyWanted)
    asked = (sent.code, sent.email, entrance.site_of(request.scope))
    options = await desk.slow(accepting.ask_for_passkey, entrance.gate, *asked)
    return forms.told(options)


async def post_invitation_passkey(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    sent: PasskeyMade = await forms.read_json(request, desk, PasskeyMade)
    site, client = entrance.site_of(request.scope), entrance.client_of(request.scope)
    given = Accepting(sent.email, sent.name, "", sent.answer, site)
    accepted = await desk.slow(
        accepting.accept, entrance.gate, sent.code, given, client
    )
    return forms.told(GoOn("/account"), entrance.cookies_of(accepted))


async def post_join(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    form = await forms.read_form(request, desk, ("code",))
    client = entrance.client_of(request.scope)
    joined = (form.text("code"), visitor_of(request), client)
    await desk.slow(accepting.join, entrance.gate, *joined)
    return forms.see_other("/account")
