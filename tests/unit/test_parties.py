"""Mailboxes: addresses, roles, and contacts that seem to name a person."""

import pytest

from firtree.parties import (
    Contact,
    Maker,
    PartyKind,
    contact_role,
    email_address,
    looks_personal,
)


@pytest.mark.parametrize(
    "given",
    ["firmware@maker.example", "a.b+c@x1-y.co.uk", f"{'a' * 64}@b.cd"],
)
def test_an_address_is_taken_as_it_is(given: str) -> None:
    assert email_address(given) == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "firmware",
        "a@b",
        "a@@b.cd",
        "a b@c.de",
        "a@b.cd\n",
        "a@b.cd, e@f.gh",
        "<a@b.cd>",
        "\0@b.cd",
        "a\u200b@b.cd",
        "a@..cd",
        "a@.b.cd",
        "a@-b.cd",
        "a@b-.cd",
        "a@b.c1",
        "a@b\uff0ecd",
        f"{'a' * 65}@b.cd",
        f"a@{'b.' * 130}cd",
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"such as firmware@maker\.example"):
        email_address(given)


def test_a_role_is_a_short_text() -> None:
    assert contact_role("Firmware release desk") == "Firmware release desk"
    for given in ("", "a" * 101, "a\nb"):
        with pytest.raises(ValueError, match="a text"):
            contact_role(given)


@pytest.mark.parametrize(
    ("contact", "reachable"),
    [
        (Contact(role="Desk"), False),
        (Contact(email="a@b.cd"), True),
        (Contact(phone="0100"), True),
        (Contact(url="https://maker.example/ask"), True),
    ],
)
def test_a_contact_is_reachable_by_any_way(
    contact: Contact,
    reachable: bool,  # noqa: FBT001
) -> None:
    assert contact.reachable is reachable
    assert Maker(code="AB01", name="Alder", contact=contact).contact is contact


@pytest.mark.parametrize(
    ("role", "email", "personal"),
    [
        ("Mr Alder", "", True),
        ("dr. oak", "", True),
        ("Jane Alder", "", True),
        ("Jane Mary Alder", "", True),
        ("", "jane.alder@maker.example", True),
        ("", "jane_m-alder@maker.example", True),
        ("Firmware Desk", "", False),
        ("Alder Firmware", "", False),
        ("Firmware release desk", "firmware@maker.example", False),
        ("jane alder", "", False),
        ("Jane", "", False),
        ("Jane Mary Ann Alder", "", False),
        ("Jane R2", "", False),
        ("", "meter.support@maker.example", False),
        ("", "jane.2@maker.example", False),
        ("", "jane@maker.example", False),
        ("", "", False),
    ],
)
def test_a_contact_that_names_a_person_is_noticed(
    role: str,
    email: str,
    personal: bool,  # noqa: FBT001
) -> None:
    assert looks_personal(Contact(role=role, email=email)) is personal


def test_the_kinds_of_party_have_their_words() -> None:
    assert PartyKind("import supplier") is PartyKind.IMPORT_SUPPLIER
    assert len(PartyKind) == 14
