"""One's own account: whom one acts for, passkeys, password, sessions, tokens."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency

from firtree.access import Right
from firtree.errors import (
    ConflictError,
    FirtreeError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    ThrottledError,
)
from firtree.library.accounts import passkeys, sessions, tokens
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.passkeys import name_of
from firtree.library.accounts.ports import AccountsReading
from firtree.library.accounts.secret import short
from firtree.library.accounts.sessions import SignedIn
from firtree.library.accounts.signing_in import change_password
from firtree.library.accounts.visitor import Visitor
from firtree.web import forms
from firtree.web.answers import Desk, visitor_of
from firtree.web.chrome import current
from firtree.web.entrance import Entrance
from firtree.web.pages.render import NOW, render
from firtree.web.pages.sign_in import (
    GoOn,
    by_name,
    in_words,
    knows_passkeys,
    signed_out,
)

AnyRequest = Request[Any, Any, Any]
_AGAIN = "/sign-in?next=/account&why=again"
_REFUSALS = (InvalidInputError, ConflictError, NotAllowedError, ThrottledError)


class PasskeyNamed(msgspec.Struct):
    """What the script sends to be given a passkey's options."""

    name: str = ""


class PasskeyAdded(PasskeyNamed):
    """What the script sends with a new passkey."""

    answer: dict[str, Any] = {}


class Way(NamedTuple):
    """Somebody one can act as or for."""

    value: str
    text: str
    chosen: bool


async def get_account_page(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    return await _page(request, desk)


async def _page(
    request: AnyRequest,
    desk: Desk,
    *,
    refused: FirtreeError | None = None,
    **told: str,
) -> Response[bytes]:
    entrance, visitor = forms.entrance_of(desk), visitor_of(request)
    if not visitor.person:
        raise NotFoundError("nobody is signed in")
    facts = await desk.slow(_facts, entrance.gate, visitor)
    shown = {"notice": "", "token": "", "token_name": "", "token_named": "", **told}
    body = render(
        "account.html",
        place=NOW,
        past=(),
        again=_AGAIN,
        passkeys=knows_passkeys(request, entrance),
        by_name=by_name(request, "/account"),
        token_rights=[right for right in tokens.TOKEN_RIGHTS if current().may(right)],
        fault=in_words(refused) if refused else "",
        **facts,
        **shown,
    )
    return forms.asked_again(body, refused)


def _facts(gate: Gate, visitor: Visitor) -> dict[str, Any]:
    """Gather what the page shows of a person."""
    now = gate.now()
    with gate.accounts.reading() as tx:
        return {
            "person": tx.person(visitor.person),
            "fresh": sessions.is_fresh(tx, gate, visitor),
            "has_password": tx.password(visitor.person) is not None,
            "ways": _ways(gate, tx, visitor),
            "passkeys_kept": [
                {**each._asdict(), "named": name_of(each)}
                for each in tx.passkeys(visitor.person)
            ],
            "sessions": [
                {
                    **each._asdict(),
                    "named": short(each.id),
                    "own": each.id == visitor.key,
                }
                for each in tx.sessions(visitor.person)
            ],
            "tokens": [
                {
                    **each._asdict(),
                    "named": short(each.id),
                    "rights": each.rights.replace(",", ", "),
                    "expired": each.expires_at <= now,
                    "party": _as(gate, each.party, each.acting_for),
                }
                for each in tx.tokens(visitor.person)
            ],
        }


def _as(gate: Gate, party: int, acting_for: int) -> str:
    name = gate.parties.party_name(party)
    other = gate.parties.party_name(acting_for) if acting_for else ""
    return f"{name} acting for {other}" if other else name


def _ways(gate: Gate, tx: AccountsReading, visitor: Visitor) -> list[Way]:
    """List every party one can act as, and for whom."""
    ways = []
    for membership in tx.memberships(visitor.person):
        party = membership.party
        for choice in gate.parties.choices(party, gate.today):
            chosen = (party, choice.acting_for) == (visitor.party, visitor.acting_for)
            text = _as(gate, party, choice.acting_for)
            ways.append(Way(f"{party} {choice.acting_for}", text, chosen))
    return ways


async def post_acting(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    form = await forms.read_form(request, desk, ("acting",))
    party, _, acting_for = form.text("acting").partition(" ")
    if not (_is_number(party) and _is_number(acting_for)):
        raise NotFoundError("there is no such party to act for")
    chosen = (visitor_of(request), int(party), int(acting_for))
    changed = await desk.slow(sessions.act_for, entrance.gate, *chosen)
    return forms.see_other("/account", entrance.cookies_of(changed))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


async def post_password(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    form = await forms.read_form(request, desk, ("old", "new", "username"))
    client = entrance.client_of(request.scope)
    given = (visitor_of(request), form.text("old"), form.text("new"), client)
    try:
        changed = await desk.slow(change_password, entrance.gate, *given)
    except NotSignedInError:
        return forms.see_other(_AGAIN)
    except _REFUSALS as error:
        return await _page(request, desk, refused=error)
    return forms.see_other("/account", entrance.cookies_of(changed))


async def post_passkey_options(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance, visitor = forms.entrance_of(desk), visitor_of(request)
    await forms.read_json(request, desk, PasskeyNamed)
    site = entrance.site_of(request.scope)
    return forms.told(await desk.slow(_ask, entrance.gate, visitor, site))


def _ask(gate: Gate, visitor: Visitor, site: passkeys.Site) -> dict[str, Any]:
    with gate.accounts.reading() as tx:
        sessions.check_fresh(tx, gate, visitor)
        person = tx.person(visitor.person)
    if person is None:
        raise NotFoundError("there is no such person")
    return passkeys.ask_for_new(
        gate,
        visitor.key,
        site,
        email=person.email,
        handle=person.handle,
        person=person.id,
    )


async def post_passkey(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    sent: PasskeyAdded = await forms.read_json(request, desk, PasskeyAdded)
    site = entrance.site_of(request.scope)
    given = (visitor_of(request), sent.answer, sent.name, site)
    address = entrance.client_of(request.scope).address
    added = await desk.slow(passkeys.add, entrance.gate, *given, address=address)
    return forms.told(GoOn("/account"), entrance.cookies_of(added))


async def post_passkey_removal(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    return await _changed(request, desk, passkeys.remove)


async def post_session_end(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    return await _changed(request, desk, sessions.end_session)


async def post_token_revocation(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    return await _changed(request, desk, _revoke)


def _revoke(gate: Gate, visitor: Visitor, named: str, *, address: str) -> None:
    tokens.revoke_token(gate, named, visitor, address=address)


async def _changed(
    request: AnyRequest, desk: Desk, change: Callable[..., SignedIn | None]
) -> Response[bytes]:
    """Do something with one of one's own things, named in a form."""
    entrance = forms.entrance_of(desk)
    form = await forms.read_form(request, desk, ("named",))
    given = (visitor_of(request), form.text("named"))
    try:
        address = entrance.client_of(request.scope).address
        after = await desk.slow(change, entrance.gate, *given, address=address)
    except NotSignedInError:
        return forms.see_other(_AGAIN)
    except _REFUSALS as error:
        return await _page(request, desk, refused=error)
    return forms.see_other("/account", entrance.cookies_of(after) if after else ())


async def post_end_all(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    await forms.read_form(request, desk, ())
    await desk.slow(sessions.sign_out_everywhere, entrance.gate, visitor_of(request))
    return signed_out(entrance, "ended")


async def post_token(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    form = await forms.read_form(request, desk, ("name", "right", "days"))
    try:
        made = await desk.slow(_made, entrance, request, form)
    except NotSignedInError:
        return forms.see_other(_AGAIN)
    except _REFUSALS as error:
        return await _page(request, desk, refused=error)
    named = short(made.token.id)
    told = {"token_name": made.token.name, "token_named": named}
    return await _page(request, desk, token=made.text, **told)


def _made(
    entrance: Entrance, request: AnyRequest, form: forms.Form
) -> tokens.MadeToken:
    known = {right.value: right for right in Right}
    return tokens.make_token(
        entrance.gate,
        visitor_of(request),
        name=form.text("name"),
        rights=[known[text] for text in form.texts("right") if text in known],
        days=form.number("days"),
        address=entrance.client_of(request.scope).address,
    )
