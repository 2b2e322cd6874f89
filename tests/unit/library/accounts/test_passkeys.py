"""Passkeys: who comes in by one, and every way of asking wrongly."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers import bytes_to_base64url

from accounts import (
    MAIL,
    PASSWORD,
    a_client,
    a_doorkeeper,
    a_gate,
    a_member,
    visitor_of,
)
from authenticator import SITE, Authenticator
from firtree.errors import (
    ConflictError,
    FirtreeError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    ThrottledError,
)
from firtree.library.accounts import passkeys, people, throttling
from firtree.library.accounts.access_log import Event
from firtree.library.accounts.passkeys import Site
from firtree.library.accounts.secret import short
from firtree.library.accounts.signing_in import sign_in_by_password
from firtree.library.accounts.throttling import PASSKEYS_PER_ADDRESS, PER_ADDRESS
from firtree.library.accounts.visitor import NOBODY
from registers import Clock

if TYPE_CHECKING:
    from firtree.library.accounts.gate import Gate
    from firtree.library.accounts.sessions import SignedIn
    from firtree.library.accounts.visitor import Visitor

ELSEWHERE = Site("evil.example", "https://evil.example")


def added(gate: Gate, visitor: Visitor, device: Authenticator) -> Visitor:
    """Add a passkey to an account; give the visitor of the session after it."""
    with gate.accounts.reading() as tx:
        person = tx.person(visitor.person)
    assert person is not None
    options = passkeys.ask_for_new(
        gate, visitor.key, SITE, email=visitor.name, handle=person.handle
    )
    answer = device.create(options)
    return visitor_of(gate, passkeys.add(gate, visitor, answer, "key ring", SITE))


def come_in(gate: Gate, device: Authenticator, **bent: Any) -> SignedIn:
    """Sign in by passkey."""
    options = passkeys.ask_to_sign_in(gate, SITE, a_client())
    return passkeys.sign_in_by_passkey(
        gate, device.get(options, **bent), a_client(), SITE
    )


def with_passkey(gate: Gate) -> tuple[Visitor, Authenticator]:
    """Make somebody with a passkey."""
    visitor, device = visitor_of(gate, a_member(gate)), Authenticator()
    return added(gate, visitor, device), device


def test_a_passkey_comes_in_and_is_strong() -> None:
    gate = a_gate()
    _, device = with_passkey(gate)

    found = visitor_of(gate, come_in(gate, device))

    assert (found.name, found.strong) == (MAIL, True)
    with gate.accounts.reading() as tx:
        kept = tx.passkey(device.credential)
    assert kept is not None
    assert (kept.sign_count, kept.used_at, kept.name) == (1, gate.now(), "key ring")


def test_adding_a_passkey_makes_the_session_strong_with_a_new_secret() -> None:
    gate = a_gate()
    before = a_member(gate)
    visitor = added(gate, visitor_of(gate, before), Authenticator())

    assert visitor.strong
    assert visitor.key != before.session.id
    assert a_doorkeeper(gate)[0].by_session(before.secret) is None


def test_options_name_no_account_and_ask_to_verify_the_person() -> None:
    gate = a_gate()
    with_passkey(gate)
    options = passkeys.ask_to_sign_in(gate, SITE, a_client())

    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"


@pytest.mark.parametrize(
    "bent",
    [
        {"site": ELSEWHERE},
        {"site": Site("localhost", "http://localhost:1")},
        {"flags": 0},
    ],
)
def test_another_site_or_an_unverified_person_is_refused(bent: dict[str, Any]) -> None:
    gate = a_gate()
    visitor, device = with_passkey(gate)

    with pytest.raises(NotSignedInError):
        come_in(gate, device, **bent)
    second = Authenticator(b"\x08" * 32)
    options = passkeys.ask_for_new(
        gate, visitor.key, SITE, email=MAIL, handle=b"h" * 16
    )
    with pytest.raises(InvalidInputError):
        passkeys.add(gate, visitor, second.create(options, **bent), "n", SITE)


def test_the_user_handle_must_be_the_persons() -> None:
    gate = a_gate()
    _, device = with_passkey(gate)
    device.handle = bytes(16)

    with pytest.raises(NotSignedInError):
        come_in(gate, device)


def test_a_count_that_does_not_go_up_is_refused() -> None:
    gate = a_gate()
    _, device = with_passkey(gate)
    device.count = 5
    come_in(gate, device)
    device.count = 5

    with pytest.raises(NotSignedInError):
        come_in(gate, device)


def test_unknown_passkeys_and_disabled_accounts_are_refused_alike() -> None:
    gate = a_gate()
    visitor, device = with_passkey(gate)
    stranger = Authenticator(b"\x09" * 32)
    told = set()
    with pytest.raises(NotSignedInError) as refused:
        come_in(gate, stranger)
    told.add(str(refused.value))
    people.disable(gate, visitor.person, NOBODY)
    with pytest.raises(NotSignedInError) as refused:
        come_in(gate, device)

    assert told == {str(refused.value)}


def test_a_challenge_is_good_once() -> None:
    gate = a_gate()
    _, device = with_passkey(gate)
    answer = device.get(passkeys.ask_to_sign_in(gate, SITE, a_client()))
    passkeys.sign_in_by_passkey(gate, answer, a_client(), SITE)

    with pytest.raises(InvalidInputError, match="another challenge"):
        passkeys.sign_in_by_passkey(gate, answer, a_client(), SITE)


def test_a_challenge_that_was_answered_wrongly_is_used_up() -> None:
    gate = a_gate()
    visitor, device = with_passkey(gate)
    second = Authenticator(b"\x08" * 32)
    options = passkeys.ask_for_new(
        gate, visitor.key, SITE, email=MAIL, handle=b"h" * 16
    )
    answer = second.create(options)
    cut = answer["response"] | {
        "attestationObject": answer["response"]["attestationObject"][:-4]
    }
    with pytest.raises(InvalidInputError):
        passkeys.add(gate, visitor, answer | {"response": cut}, "n", SITE)
    with pytest.raises(InvalidInputError, match="another challenge"):
        passkeys.add(gate, visitor, answer, "n", SITE)

    options = passkeys.ask_to_sign_in(gate, SITE, a_client())
    answer = device.get(options)
    with pytest.raises(InvalidInputError):
        passkeys.sign_in_by_passkey(gate, answer | {"rawId": 7}, a_client(), SITE)
    with pytest.raises(InvalidInputError, match="another challenge"):
        passkeys.sign_in_by_passkey(gate, answer, a_client(), SITE)


def test_a_challenge_is_good_for_five_minutes() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    _, device = with_passkey(gate)
    early, late = (passkeys.ask_to_sign_in(gate, SITE, a_client()) for _ in range(2))
    clock.move(299)
    passkeys.sign_in_by_passkey(gate, device.get(early), a_client(), SITE)
    clock.move(1)

    with pytest.raises(InvalidInputError):
        passkeys.sign_in_by_passkey(gate, device.get(late), a_client(), SITE)


def test_a_challenge_serves_its_purpose_and_its_owner_alone() -> None:
    gate = a_gate()
    visitor, device = with_passkey(gate)
    other = visitor_of(gate, a_member(gate, "bob@alder.example"))
    second = Authenticator(b"\x08" * 32)
    to_sign_in = passkeys.ask_to_sign_in(gate, SITE, a_client())
    to_add = passkeys.ask_for_new(gate, visitor.key, SITE, email=MAIL, handle=b"h" * 16)
    with pytest.raises(InvalidInputError):
        passkeys.sign_in_by_passkey(gate, device.get(to_add), a_client(), SITE)
    user = {"user": {"id": bytes_to_base64url(b"h" * 16)}}
    with pytest.raises(InvalidInputError):
        passkeys.add(gate, visitor, second.create({**to_sign_in, **user}), "n", SITE)
    to_add = passkeys.ask_for_new(gate, visitor.key, SITE, email=MAIL, handle=b"h" * 16)
    with pytest.raises(InvalidInputError):
        passkeys.add(gate, other, second.create(to_add), "n", SITE)


def test_a_passkey_is_known_once_and_the_browser_is_told_which_are() -> None:
    gate = a_gate()
    visitor, device = with_passkey(gate)
    strong = visitor_of(gate, come_in(gate, device))
    options = passkeys.ask_for_new(
        gate, strong.key, SITE, email=MAIL, handle=b"h" * 16, person=strong.person
    )
    assert [one["id"] for one in options["excludeCredentials"]] == [
        bytes_to_base64url(device.credential)
    ]

    with pytest.raises(ConflictError):
        passkeys.add(gate, strong, device.create(options), "again", SITE)
    assert visitor.person == strong.person


def test_who_has_a_passkey_adds_and_removes_others_by_passkey_only() -> None:
    gate = a_gate()
    _, device = with_passkey(gate)
    weak = visitor_of(gate, sign_in_by_password(gate, MAIL, PASSWORD, a_client()))
    with gate.accounts.reading() as tx:
        (kept,) = tx.passkeys(1)
    with pytest.raises(NotSignedInError, match="with a passkey"):
        added(gate, weak, Authenticator(b"\x08" * 32))
    with pytest.raises(NotSignedInError, match="with a passkey"):
        passkeys.remove(gate, weak, passkeys.name_of(kept))

    strong = visitor_of(gate, come_in(gate, device))
    with pytest.raises(NotFoundError):
        passkeys.remove(gate, strong, "0" * 16)
    passkeys.remove(gate, strong, passkeys.name_of(kept))
    with pytest.raises(NotSignedInError):
        come_in(gate, device)


def test_who_removed_a_passkey_is_no_longer_there_by_passkey() -> None:
    gate, second = a_gate(), Authenticator(b"\x08" * 32)
    visitor, device = with_passkey(gate)
    added(gate, visitor, second)
    elsewhere, here = come_in(gate, second), come_in(gate, device)
    for left, used in ((1, device), (0, second)):
        strong = visitor_of(gate, here)
        assert strong.strong
        named = short(sha256(used.credential).digest())

        after = passkeys.remove(gate, strong, named)

        doorkeeper, _ = a_doorkeeper(gate)
        assert doorkeeper.by_session(here.secret) is None
        assert doorkeeper.by_session(elsewhere.secret) is None
        assert not visitor_of(gate, after).strong
        with gate.accounts.reading() as tx:
            assert len(tx.passkeys(strong.person)) == left
            assert [each.id for each in tx.sessions(strong.person)] == [
                after.session.id
            ]
        if left:
            here = come_in(gate, second)
    weak = visitor_of(gate, after)
    assert added(gate, weak, Authenticator(b"\x09" * 32)).strong


def test_lost_passkeys_are_removed_by_another() -> None:
    gate = a_gate()
    visitor, device = with_passkey(gate)
    signed_in = come_in(gate, device)
    with pytest.raises(InvalidInputError, match="your own"):
        people.remove_passkeys(gate, visitor.person, visitor)

    assert people.remove_passkeys(gate, visitor.person, NOBODY) == 1

    assert a_doorkeeper(gate)[0].by_session(signed_in.secret) is None
    with pytest.raises(NotSignedInError):
        come_in(gate, device)


def test_passkeys_are_never_slowed_by_account() -> None:
    gate = a_gate()
    _, device = with_passkey(gate)
    for turn in range(12):
        with pytest.raises((NotSignedInError, ThrottledError)):
            sign_in_by_password(
                gate, MAIL, "wrong", a_client(source=f"198.51.100.{turn}")
            )

    come_in(gate, device)


def test_passkeys_are_never_slowed_by_a_network_that_guesses_passwords() -> None:
    gate = a_gate()
    _, device = with_passkey(gate)
    for turn in range(PER_ADDRESS + 1):
        with pytest.raises((NotSignedInError, ThrottledError)) as refused:
            sign_in_by_password(gate, f"p{turn}@alder.example", "wrong", a_client())
    assert isinstance(refused.value, ThrottledError)

    come_in(gate, device)


def test_passkeys_that_are_asked_for_slow_no_passwords() -> None:
    gate = a_gate()
    a_member(gate)
    for _ in range(PER_ADDRESS):
        passkeys.ask_to_sign_in(gate, SITE, a_client())

    sign_in_by_password(gate, MAIL, PASSWORD, a_client())


def test_passkeys_that_come_in_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "PASSKEYS_PER_ADDRESS", 3)
    gate = a_gate()
    _, device = with_passkey(gate)
    for _ in range(5):
        come_in(gate, device)
    for _ in range(3):
        passkeys.ask_to_sign_in(gate, SITE, a_client())

    with pytest.raises(ThrottledError, match="passkeys were asked for") as refused:
        come_in(gate, device)
    assert refused.value.hint == "wait 15 minutes"
    passkeys.ask_to_sign_in(gate, SITE, a_client(source="203.0.113.1"))


def test_refused_passkeys_do_not_flood_the_access_log() -> None:
    gate = a_gate()
    for _ in range(PER_ADDRESS + 20):
        with pytest.raises(NotSignedInError):
            come_in(gate, Authenticator())

    with gate.accounts.reading() as tx:
        details = [row.detail for row in tx.all_noted()]
    assert details == ["passkey"] * PER_ADDRESS + ["passkey, too many tries"]


def test_challenges_are_not_handed_out_without_end() -> None:
    gate = a_gate()
    for _ in range(PASSKEYS_PER_ADDRESS):
        passkeys.ask_to_sign_in(gate, SITE, a_client())

    for _ in range(3):
        with pytest.raises(ThrottledError):
            passkeys.ask_to_sign_in(gate, SITE, a_client())

    with gate.accounts.reading() as tx:
        rows = [(row.event, row.address, row.detail) for row in tx.all_noted()]
    told = "passkey, too many tries"
    assert rows == [(Event.SIGN_IN_REFUSED, "192.0.2.0/24", told)]


@pytest.mark.parametrize("where", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_flipped_bit_is_refused(where: str) -> None:
    gate = a_gate()
    _, device = with_passkey(gate)
    for place in (3, 20, 34, -3):
        answer = device.get(passkeys.ask_to_sign_in(gate, SITE, a_client()))
        text = list(answer["response"][where])
        text[place] = "A" if text[place] != "A" else "B"
        answer["response"][where] = "".join(text)
        with pytest.raises((NotSignedInError, InvalidInputError)):
            passkeys.sign_in_by_passkey(gate, answer, a_client(), SITE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["id", "rawId", "type", "response", "x"]),
        json_values
        | st.dictionaries(
            st.sampled_from(
                ["clientDataJSON", "attestationObject", "signature", "userHandle"]
            ),
            json_values,
        ),
    )
)
def test_any_other_answer_is_refused_with_an_error_of_ours(
    answer: dict[str, Any],
) -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate))
    with pytest.raises(FirtreeError):
        passkeys.sign_in_by_passkey(gate, answer, a_client(), SITE)
    with pytest.raises(FirtreeError):
        passkeys.add(gate, visitor, answer, "n", SITE)


@given(st.binary(max_size=200))
def test_any_octets_as_attestation_are_refused(octets: bytes) -> None:
    gate = a_gate()
    visitor, device = visitor_of(gate, a_member(gate)), Authenticator()
    options = passkeys.ask_for_new(
        gate, visitor.key, SITE, email=MAIL, handle=b"h" * 16
    )
    answer = device.create(options)
    answer["response"]["attestationObject"] = bytes_to_base64url(octets)

    with pytest.raises(InvalidInputError):
        passkeys.add(gate, visitor, answer, "n", SITE)
