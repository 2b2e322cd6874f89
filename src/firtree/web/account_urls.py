"""The URLs of people: signing in, accounts, invitations, the access log."""

from collections.abc import Callable
from typing import Any

from firtree.access import Right
from firtree.exchange.accounts_wire import AccessLogWire
from firtree.library.accounts import people as acts
from firtree.web.api import access_log
from firtree.web.documented import json_of
from firtree.web.forms import FORM_OCTETS
from firtree.web.guard import ALWAYS_COSTLY
from firtree.web.pages import access_log as access_log_page
from firtree.web.pages import account, invitation, people, sign_in
from firtree.web.url import Url


def _form(path: str, handler: Callable[..., Any], right: Right) -> Url:
    """Give the row of what a page of ours sends."""
    return Url("POST", path, handler, right, body_octets=FORM_OCTETS)


def _of_sign_in(path: str, handler: Callable[..., Any]) -> Url:
    return _form(path, handler, Right.SIGN_IN)


def _act(path: str, handler: Callable[..., Any], right: Right) -> Url:
    """Give the row of an act, of which each leaves a row in the access log."""
    return _form(path, handler, right)._replace(costly=ALWAYS_COSTLY)


def _of_account(path: str, handler: Callable[..., Any]) -> Url:
    return _act(f"/account{path}", handler, Right.OWN_ACCOUNT)


def _of_people(path: str, handler: Callable[..., Any]) -> Url:
    return _act(f"/people{path}", handler, Right.MANAGE_PEOPLE)


ACCOUNT_URLS = (
    Url("GET", "/sign-in", sign_in.get_sign_in_page, Right.SIGN_IN),
    _of_sign_in("/sign-in", sign_in.post_sign_in),
    _of_sign_in("/sign-in/demo", sign_in.post_demo_sign_in),
    _of_sign_in("/sign-in/passkey/options", sign_in.post_passkey_options),
    _of_sign_in("/sign-in/passkey", sign_in.post_passkey),
    _form("/sign-out", sign_in.post_sign_out, Right.OWN_ACCOUNT),
    Url(
        "GET",
        "/invitation/{code:str}",
        invitation.get_invitation_page,
        Right.SIGN_IN,
    ),
    _of_sign_in("/invitation", invitation.post_invitation),
    _of_sign_in("/invitation/passkey/options", invitation.post_invitation_options),
    _of_sign_in("/invitation/passkey", invitation.post_invitation_passkey),
    _form("/invitation/join", invitation.post_join, Right.OWN_ACCOUNT),
    Url("GET", "/account", account.get_account_page, Right.OWN_ACCOUNT),
    _of_account("/acting", account.post_acting),
    _of_account("/password", account.post_password),
    _of_account("/passkeys/options", account.post_passkey_options),
    _of_account("/passkeys", account.post_passkey),
    _of_account("/passkeys/remove", account.post_passkey_removal),
    _of_account("/sessions/end", account.post_session_end),
    _of_account("/sessions/end-all", account.post_end_all),
    _of_account("/tokens", account.post_token),
    _of_account("/tokens/revoke", account.post_token_revocation),
    Url("GET", "/people", people.get_people_page, Right.MANAGE_PEOPLE),
    _of_people("/invite", people.post_invite),
    _of_people("/recover", people.post_recover),
    _of_people("/withdraw", people.post_withdraw),
    _of_people("/disable", people.act(acts.disable)),
    _of_people("/enable", people.act(acts.enable)),
    _of_people("/sign-out", people.act(acts.sign_out)),
    _of_people("/remove-passkeys", people.act(acts.remove_passkeys)),
    _of_people("/take-out", people.act(acts.take_out, of_party=True)),
    Url(
        "GET",
        "/access-log",
        access_log_page.get_access_log_page,
        Right.READ_ACCESS_LOG,
    ),
    Url(
        "GET",
        "/api/v1/access-log",
        access_log.get_access_log,
        Right.READ_ACCESS_LOG,
        json_of(AccessLogWire, 404, 422, 503),
    ),
)
