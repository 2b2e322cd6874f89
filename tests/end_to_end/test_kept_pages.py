"""A page that a browser has kept is good for the session it was made for, and no other.

It names the person who is signed in, and its forms bear what only that session may
send.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from accounts import PASSWORD, a_client
from entries import MODEL, an_entry
from firtree.library.accounts.accepting import Accepting, accept
from firtree.library.accounts.invitations import invite
from firtree.web.app import URLS
from registers import ALDER as MAKER
from visiting import ADA, ALDER, House
from walk import ADDRESSES, Side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOB = "bob@alder.example"
SIDE = Side("alder", MAKER.code, MODEL.duis_model, 1, ALDER, (0,))
# Of everybody alike: nobody is named there.
SHARED = re.compile("/(static|api|export|log|health)/|/openapi.json")
PAGES = [
    address
    for url in URLS
    if url.method == "GET" and not SHARED.match(url.path)
    for address in ADDRESSES[url.method, url.path](SIDE)
    if isinstance(address, str)
]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a register with two people of one manufacturer, and its entries."""
    made = House(tmp_path / "r.db")
    made.record(MAKER, an_entry(1), an_entry(2, upgradable_from=(1,)))
    made.person(ADA)
    secret = invite(made.gate, ALDER, BOB).secret
    accept(made.gate, secret, Accepting(BOB, "Bob", PASSWORD), a_client())
    yield made
    made.close()


def test_no_page_is_taken_for_that_of_another_session(house: House) -> None:
    ada, again, bob = (house.browser(email) for email in (ADA, ADA, BOB))
    kept = 0
    for page in PAGES:
        etag = ada.get(page).headers.get("etag")
        if etag is None:
            continue
        kept += 1
        held = {"If-None-Match": etag}
        assert ada.get(page, **held).status_code == 304, page
        for other, email in ((again, ADA), (bob, BOB)):
            given = other.get(page, **held)
            assert given.status_code == 200, page
            assert email in given.text, page

    assert kept >= 12
