"""The URLs of parties and of the trail."""

from collections.abc import Callable
from typing import Any

from firtree.access import Right
from firtree.web.api import parties as api
from firtree.web.documented import json_of
from firtree.web.forms import FORM_OCTETS
from firtree.web.pages import parties as pages
from firtree.web.pages import trail
from firtree.web.url import Url


def _decision(path: str, handler: Callable[..., Any]) -> Url:
    right = Right.MANAGE_PARTIES
    return Url("POST", f"/parties{path}", handler, right, body_octets=FORM_OCTETS)


PARTY_URLS = (
    Url("GET", "/parties", pages.get_parties_page, Right.READ_PARTIES),
    Url("GET", "/parties/{party_id:int}", pages.get_party_page, Right.READ_PARTIES),
    _decision("", pages.post_party),
    _decision("/{party_id:int}/change", pages.post_change),
    _decision("/{party_id:int}/suspension", pages.post_suspension),
    _decision("/{party_id:int}/reinstatement", pages.post_reinstatement),
    _decision("/{party_id:int}/succession", pages.post_succession),
    Url("GET", "/trail", trail.get_trail_page, Right.READ_TRAIL),
    Url(
        "GET",
        "/api/v1/parties",
        api.get_parties,
        Right.READ_PARTIES,
        json_of(api.PartiesWire, 304, 404, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/parties/{party_id:int}",
        api.get_party,
        Right.READ_PARTIES,
        json_of(api.PartyAnswerWire, 304, 404, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/trail",
        api.get_trail,
        Right.READ_TRAIL,
        json_of(api.TrailWire, 304, 404, 422, 503),
    ),
)
