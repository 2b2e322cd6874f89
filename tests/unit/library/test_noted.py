"""Rows of the access log are told in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.library.accounts.access_log import Event
from firtree.library.accounts.ports import Noted
from firtree.library.noted import detail_told
from registers import START

NAME = "7d0a3bc1f2e4a596"


def a_row(event: str, detail: str) -> Noted:
    """Give a row as it is stored."""
    return Noted(1, START, str(event), 1, 2, 0, "", detail, bytes(32), bytes(32))


@pytest.mark.parametrize(
    ("event", "detail", "told"),
    [
        (Event.INVITED, "join", "a link to come in with"),
        (Event.INVITED, "recover", "a link to set a new password"),
        (Event.INVITATION_ACCEPTED, "recover", "a link to set a new password"),
        (
            Event.INVITATION_WITHDRAWN,
            "recover, person 3",
            "a link to set a new password, person 3",
        ),
        (Event.SIGNED_IN, "password", "with a password"),
        (Event.SIGNED_IN, "demo", "by one click"),
        (Event.SIGN_IN_REFUSED, "passkey", "with a passkey"),
        (Event.SIGN_IN_REFUSED, "invitation", "with an invitation's link"),
        (
            Event.SIGN_IN_REFUSED,
            "password, too many tries",
            "with a password, too many tries",
        ),
        (Event.TOKEN_USED, NAME, f"token {NAME}"),
        (Event.TOKEN_MADE, f"{NAME} for person 3", f"token {NAME} for person 3"),
        (Event.TOKEN_REVOKED, NAME, f"token {NAME}"),
        (Event.PASSKEY_ADDED, NAME, f"passkey {NAME}"),
        (Event.PASSKEY_REMOVED, "person 3", "person 3"),
        (Event.DOWNLOADED, "fir-1-6.csv", "fir-1-6.csv"),
        (Event.REFUSED, "a token that is not good", "a token that is not good"),
    ],
)
def test_a_detail_is_told_in_words(event: Event, detail: str, told: str) -> None:
    assert detail_told(a_row(event, detail)) == told


@given(st.sampled_from(Event), st.text(max_size=30))
def test_nothing_of_a_detail_that_is_not_known_is_left_out(
    event: Event, detail: str
) -> None:
    assert detail in detail_told(a_row(event, detail))
