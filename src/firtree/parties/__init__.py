"""Who acts: kinds of party, contacts that are role mailboxes, makers."""

import re
from datetime import date
from enum import StrEnum

import msgspec

from firtree.text import plain_text


class PartyKind(StrEnum):
    """What a party is under the SEC, as far as rights depend on it."""

    KEEPER = "keeper"
    ADMINISTRATOR = "administrator"
    IMPORT_SUPPLIER = "import supplier"
    GAS_SUPPLIER = "gas supplier"
    DCC = "DCC"
    SSC = "SSC"
    MANUFACTURER = "manufacturer"
    MAP = "MAP"
    MOP = "MOP"
    NETWORK_PARTY = "network party"
    AGENT = "agent"
    SHARED_RESOURCE_PROVIDER = "shared resource provider"
    PUBLIC = "public"
    CPL_READER = "public, shown the CPL part"

    @classmethod
    def parse(cls, text: str) -> "PartyKind":
        """Read the kind of a party that can be admitted; case does not matter.

        Raises:
            ValueError: says which there are.
        """
        for kind in ADMITTED:
            if kind.value.lower() == text.strip().lower():
                return kind
        raise ValueError(f"one of {', '.join(ADMITTED)}")


# What a party can be admitted as: all but the keeper itself and whoever asks unnamed.
_NO_PARTIES = {PartyKind.KEEPER, PartyKind.PUBLIC, PartyKind.CPL_READER}
ADMITTED = tuple(kind for kind in PartyKind if kind not in _NO_PARTIES)
SUPPLIERS = frozenset({PartyKind.IMPORT_SUPPLIER, PartyKind.GAS_SUPPLIER})
AGENTS = frozenset({PartyKind.AGENT, PartyKind.SHARED_RESOURCE_PROVIDER})
VIEWERS = frozenset({PartyKind.MAP, PartyKind.MOP})


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A role mailbox at a maker; never a named person (SECMP0009, privacy).

    Args:
        role: what the mailbox is for, such as ``Firmware release desk``.
        email: address of the mailbox; at least one of email, phone, url is given.
        phone: telephone number of the desk.
        url: https address of a form.
        confirmed_on: when the maker last confirmed it; None = never.
    """

    role: str = ""
    email: str = ""
    phone: str = ""
    url: str = ""
    confirmed_on: date | None = None

    @property
    def reachable(self) -> bool:
        """Whether there is any way to reach it."""
        return bool(self.email or self.phone or self.url)


class Maker(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A manufacturer as the register knows it.

    Args:
        code: manufacturer code as in DUIS ``DeviceManufacturer``, upper case.
        name: name as shown.
        contact: the mailbox for firmware questions, unless an entry has its own.
    """

    code: str
    name: str
    contact: Contact | None = None


_EMAIL = re.compile(
    r"[^@\s,;<>\"']{1,64}@"
    r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}\Z"
)
_TITLE = re.compile(r"\b(mr|mrs|ms|miss|dr|sir)\b\.?", re.IGNORECASE)
_ROLE_WORDS = frozenset(
    "admin alert alerts assurance care centre certification change compliance contact "
    "contacts customer dcc department desk device devices engineering enquiries fir "
    "firmware fw gb group head help helpdesk info it mailbox manager maintenance meter "
    "metering meters noc office operations ops product products quality register "
    "release releases sales security service services smart software soc staff supplier"
    " support team technical uk updates upgrade upgrades vendor".split()
)


def email_address(text: str) -> str:
    """Read the address of a mailbox."""
    if len(text) > 254 or not text.isprintable() or not _EMAIL.match(text):
        raise ValueError("an e-mail address such as firmware@maker.example")
    return text


def contact_role(text: str) -> str:
    """Read a contact role of up to 100 characters (domain.md, A)."""
    return plain_text(text, most=100)


def looks_personal(contact: Contact) -> bool:
    """Tell whether a contact seems to name a person instead of a role.

    A guess that people can overrule: a title, or two words that look like a given
    and a family name, in the role or before the ``@``, none of them a role's word.
    """
    if _TITLE.search(contact.role):
        return True
    words = contact.role.split()
    named = len(words) in {2, 3} and all(w.isalpha() and w.istitle() for w in words)
    if named and _ROLE_WORDS.isdisjoint(word.lower() for word in words):
        return True
    local = contact.email.partition("@")[0].lower()
    parts = re.split(r"[._-]", local)
    return (
        len(parts) in {2, 3}
        and all(part.isalpha() for part in parts)
        and _ROLE_WORDS.isdisjoint(parts)
    )
