"""The access log: chained, checkable, cut, and read by those it concerns."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import (
    ALDER,
    BEECH,
    MAIL,
    PASSWORD,
    a_client,
    a_gate,
    a_member,
    visitor_of,
)
from firtree.access import PUBLIC
from firtree.errors import NotFoundError, NotSignedInError, VerificationError
from firtree.library.accounts import access_log
from firtree.library.accounts.accepting import Accepting, accept
from firtree.library.accounts.access_log import (
    Event,
    LogHead,
    Note,
    Page,
    forget,
    head,
    note,
    rows_of,
    shortened,
    verify_chain,
)
from firtree.library.accounts.invitations import invite_back
from firtree.library.accounts.people import disable
from firtree.library.accounts.ports import Membership, Noted
from firtree.library.accounts.signing_in import sign_in_by_password
from firtree.library.accounts.visitor import NOBODY
from registers import Clock

if TYPE_CHECKING:
    from firtree.library.accounts.gate import Gate
    from firtree.library.accounts.visitor import Visitor


def a_log(gate: Gate, count: int = 5) -> list[Noted]:
    """Note a few things; give the rows."""
    with gate.accounts.writing() as tx:
        for number in range(count):
            told = Note(
                Event.DOWNLOADED, 1, ALDER, 0, "192.0.2.0/24", f"fir-{number}.csv"
            )
            note(tx, gate.now(), told)
    with gate.accounts.reading() as tx:
        return list(tx.all_noted())


def test_the_hash_of_a_row_is_as_documented() -> None:
    gate = a_gate()
    (first, *_) = a_log(gate)
    row = (
        '[1,"2026-11-22T12:00:00.000000Z","downloaded",'
        '1,7,0,"192.0.2.0/24","fir-0.csv"]'
    )

    octets = b"firtree/access/v1\n" + bytes(32) + row.encode()
    assert first.hash == hashlib.sha256(octets).digest()
    assert first.previous == bytes(32)


def test_a_chain_that_nobody_touched_verifies() -> None:
    gate = a_gate()
    rows = a_log(gate)
    with gate.accounts.reading() as tx:
        assert head(tx) == LogHead(5, rows[-1].hash)

    verify_chain(rows, {3: rows[2].hash, 5: rows[4].hash})
    verify_chain(rows[2:], {1: b"older than what is kept"})
    verify_chain([], {})


@pytest.mark.parametrize(
    "changed",
    [
        {"person": 2},
        {"party": BEECH},
        {"about": 1},
        {"detail": ""},
        {"address": "198.51.100.0/24"},
        {"event": "signed in"},
        {"previous": b"x" * 32},
        {"hash": b"x" * 32},
        {"number": 9},
    ],
)
def test_a_changed_row_is_found(changed: dict[str, object]) -> None:
    rows = a_log(a_gate())
    rows[2] = rows[2]._replace(**changed)  # type: ignore[arg-type]

    with pytest.raises(VerificationError, match=r"row [39] "):
        verify_chain(rows, {})


def test_a_removed_row_is_found_and_so_is_a_chain_made_anew() -> None:
    gate = a_gate()
    rows = a_log(gate)
    with pytest.raises(VerificationError, match=r"row 4 .* does not follow row 2"):
        verify_chain([*rows[:2], *rows[3:]], {})
    with pytest.raises(
        VerificationError, match="ends at row 3, but row 5 was recorded"
    ):
        verify_chain(rows[:3], {5: rows[4].hash})

    forged = a_log(a_gate(clock=Clock(rows[0].at.replace(hour=13))))
    verify_chain(forged, {})
    with pytest.raises(
        VerificationError, match=r"row 3 .* not the one that was recorded"
    ):
        verify_chain(forged, {3: rows[2].hash})


def test_old_rows_are_forgotten_and_the_rest_stays_checkable() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    old = a_log(gate)
    clock.move(731 * 24 * 3600)
    a_log(gate, 1)
    assert forget(gate) == 0
    clock.move(1)

    assert forget(gate) == 5

    with gate.accounts.reading() as tx:
        rows = list(tx.all_noted())
    assert [row.number for row in rows] == [6]
    verify_chain(rows, {5: old[-1].hash, 6: rows[0].hash})


def test_times_never_go_back() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    a_log(gate, 2)
    clock.move(-3600)

    rows = a_log(gate, 2)

    assert sorted({row.at for row in rows}) == [row.at for row in rows]


def test_administrators_see_all_rows_and_a_party_those_that_concern_it() -> None:
    gate = a_gate()
    alder = visitor_of(gate, a_member(gate))
    beech = visitor_of(gate, a_member(gate, "bob@beech.example", BEECH))
    admin = visitor_of(gate, a_member(gate, "root@admin.example", 1))
    with gate.accounts.writing() as tx:
        note(tx, gate.now(), Note(Event.INVITED, admin.person, 1, ALDER))

    def seen(visitor: Visitor) -> set[tuple[int, int]]:
        return {(row.party, row.about) for row in page_of(gate, visitor).rows}

    assert (1, ALDER) in seen(alder)
    assert all(ALDER in pair for pair in seen(alder))
    assert all(BEECH in pair for pair in seen(beech))
    assert seen(admin) > seen(alder) | seen(beech)
    with pytest.raises(NotFoundError):
        rows_of(gate, PUBLIC, NOBODY)


def test_a_row_holds_no_e_mail() -> None:
    gate = a_gate()
    a_member(gate)

    assert MAIL not in repr(a_log(gate))


def test_a_detail_is_one_short_line() -> None:
    gate = a_gate()
    with gate.accounts.writing() as tx:
        row = note(
            tx, gate.now(), Note(Event.REFUSED, detail="a\nb\x1b[31m" + "x" * 999)
        )

    assert row.detail.startswith("ab[31mx")
    assert len(row.detail) == access_log.DETAIL_MOST


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::1", "::/48"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_is_shortened(address: str, network: str) -> None:
    assert shortened(address) == network


@given(st.ip_addresses())
def test_a_shortened_address_never_names_one_machine(address: object) -> None:
    assert shortened(str(address)).endswith(("/24", "/48"))


def page_of(gate: Gate, visitor: Visitor, **asked: int) -> Page:
    """Give what somebody is shown of the access log."""
    principal = gate.parties.principal(visitor.party, 0, gate.today)
    assert principal is not None
    return rows_of(gate, principal, visitor, **asked)


def test_a_party_is_not_given_what_runs_through_the_rows_of_all() -> None:
    gate = a_gate()
    alder = visitor_of(gate, a_member(gate))
    admin = visitor_of(gate, a_member(gate, "root@admin.example", 1))

    own, all_rows = page_of(gate, alder).rows, page_of(gate, admin).rows

    assert {(row.number, row.previous, row.hash) for row in own} == {(0, b"", b"")}
    assert [row.number for row in all_rows] == list(range(len(all_rows), 0, -1))
    assert all(row.hash for row in all_rows)
    assert {row.at for row in own} < {row.at for row in all_rows}


def test_rows_are_gone_through_page_by_page() -> None:
    gate = a_gate()
    alder = visitor_of(gate, a_member(gate))
    a_member(gate, "bob@beech.example", BEECH)
    a_member(gate, "cat@alder.example")
    whole = page_of(gate, alder)
    assert whole.before is None
    assert len(whole.rows) > 3

    found, before = list[Noted](), 0
    while True:
        page = page_of(gate, alder, limit=1, before=before)
        found += page.rows
        if page.before is None:
            break
        before = page.before

    assert found == whole.rows
    assert page_of(gate, alder, before=10**18 - 1) == whole
    assert page_of(gate, alder, before=1) == Page([], None)


def test_what_concerns_a_person_is_told_to_each_of_its_parties() -> None:
    gate = a_gate()
    ada = visitor_of(gate, a_member(gate))
    admin = visitor_of(gate, a_member(gate, "root@admin.example", 1))
    with gate.accounts.writing() as tx:
        tx.put(Membership(ada.person, BEECH, gate.now()))
        begun = tx.last_noted()
    assert begun is not None

    link = invite_back(gate, ada.person, admin)
    accept(
        gate, link.secret, Accepting(email="", name="", password=PASSWORD), a_client()
    )
    with pytest.raises(NotSignedInError):
        sign_in_by_password(gate, MAIL, "a wrong lemon sings loudly", a_client())
    disable(gate, ada.person, admin)

    with gate.accounts.reading() as tx:
        rows = [row for row in tx.all_noted() if row.number > begun.number]
    told = {(row.event, row.about, row.detail) for row in rows}
    about = f"person {ada.person}"
    for event, detail in (
        (Event.INVITED, f"recover, {about}"),
        (Event.INVITATION_ACCEPTED, f"recover, {about}"),
        (Event.SIGN_IN_REFUSED, "password"),
        (Event.ACCOUNT_DISABLED, about),
    ):
        assert {(event, ALDER, detail), (event, BEECH, detail)} <= told
