"""A party in full: what it is, whose codes it holds, for whom it acts, its keys."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

import msgspec

from firtree.parties import ADMITTED, Contact, PartyKind
from firtree.text import Whole, plain_text

NAME_MOST = 100
REASON_MOST = 200
# DUIS ``DeviceManufacturer`` and ``DeviceModel`` have 30 characters at most.
_CODE_MOST = 30


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A small value that leaves out what has its default."""


class _Dated(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What holds for some days.

    Args:
        since: first day on which it holds.
        until: last day on which it holds; None = without end.
    """

    since: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"a last day that is not before {self.since}")

    def holds_on(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


class Holding(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A manufacturer code that a party holds.

    Args:
        code: DUIS ``DeviceManufacturer``, upper case.
    """

    code: str

    def __post_init__(self) -> None:
        super().__post_init__()
        check_code(self.code)


class Mandate(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That a party may submit for another one, such as DCC for a SMETS1 maker.

    Args:
        maker: id of the party it may submit for.
    """

    maker: Whole


class Appointment(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That an agent or Shared Resource Provider acts for a supplier.

    Args:
        supplier: id of the party it acts for.
    """

    supplier: Whole


class ViewedModel(NamedTuple):
    """A hardware model: DUIS ``DeviceManufacturer`` and ``DeviceModel``, upper case."""

    manufacturer: str
    model: str


class Viewing(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a MAP or MOP may read, by an administrator's grant; never images.

    Args:
        makers: manufacturer codes, all models of which it may read.
        models: further single hardware models.
    """

    makers: tuple[str, ...] = ()
    models: tuple[ViewedModel, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for code in (*self.makers, *(part for key in self.models for part in key)):
            check_code(code)
        if not self.makers and not self.models:
            raise ValueError("at least one manufacturer code or hardware model")


class KeyPurpose(StrEnum):
    """What a key of a party is for (vault.md, 1)."""

    SIGNING = "signing"
    RECIPIENT = "recipient"


class PartyKey(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A public key of a party.

    Args:
        purpose: signing (Ed25519) or recipient (age).
        key: the verifier key (c2sp.org/signed-note), or the age recipient.
        note: the signed note by which the party registered it, see
            ``docs/formats/log.md``.
    """

    purpose: KeyPurpose
    key: str
    note: str


class Suspension(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That a party is suspended: its people and tokens see and do nothing.

    Args:
        since: first day.
        reason: of 1 to 200 characters; naming no person.
    """

    since: date
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason)


class Party(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A party, in full.

    Args:
        id: positive; never reused.
        name: as statements and *limited* availability name it.
        kinds: what it is; at least one.
        suspension: None = it is not suspended.
        succeeded_by: id of the party that took its holdings over; 0 = none did.
        codes: manufacturer codes with their days.
        mandates: for whom it may submit.
        appointments: for whom it acts, if it is an agent.
        viewings: what it may read, if it is a MAP or MOP.
        keys: its public keys, those that have ended too.
        contacts: its role mailboxes.
    """

    id: Whole
    name: str
    kinds: tuple[PartyKind, ...]
    suspension: Suspension | None = None
    succeeded_by: Whole = 0
    codes: tuple[Holding, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    viewings: tuple[Viewing, ...] = ()
    keys: tuple[PartyKey, ...] = ()
    contacts: tuple[Contact, ...] = ()

    def __post_init__(self) -> None:
        if self.id < 1:
            raise ValueError("a party's id is 1 or more")
        check_name(self.name)
        if not self.kinds or len(set(self.kinds)) != len(self.kinds):
            raise ValueError("at least one kind of party, each named once")
        if not set(self.kinds) <= set(ADMITTED):
            raise ValueError(f"kinds of party from {', '.join(ADMITTED)}")

    def is_suspended(self, day: date) -> bool:
        """Tell whether it is suspended on a day."""
        return self.suspension is not None and self.suspension.since <= day

    def codes_on(self, day: date) -> frozenset[str]:
        """Give the manufacturer codes it holds on a day."""
        return frozenset(one.code for one in self.codes if one.holds_on(day))


class Succession(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That what one party holds goes to another.

    Args:
        giver: id of the party whose holdings end.
        taker: id of the party that holds them from then on.
        on: first day on which the taker holds them.
        reason: of 1 to 200 characters; naming no person.
        codes: manufacturer codes that change hands, sorted.
    """

    giver: Whole
    taker: Whole
    on: date
    reason: str
    codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.giver == self.taker:
            raise ValueError("a party other than the one that gives")
        check_reason(self.reason)


def name_key(name: str) -> str:
    """Give what two names of parties are compared by: any case, any blanks between.

    No two parties of a register have the same.
    """
    return " ".join(name.casefold().split())


def check_name(text: str) -> str:
    """Check the name of a party: 1 to 100 printable characters, no blank at its ends.

    Raises:
        ValueError: it is not one.
    """
    if not text or text != text.strip():
        raise ValueError("a name of 1 to 100 characters, no blank at its ends")
    return plain_text(text, most=NAME_MOST)


def check_reason(text: str) -> str:
    """Check a reason: 1 to 200 printable characters.

    Raises:
        ValueError: it is not one.
    """
    if not text.strip():
        raise ValueError("a reason of 1 to 200 characters")
    return plain_text(text, most=REASON_MOST)


def check_code(text: str) -> str:
    """Check a manufacturer code or model: upper case, 1 to 30 characters.

    Raises:
        ValueError: it is not one.
    """
    if text != text.strip().upper():
        raise ValueError("a code in upper case such as AB01, no blank at its ends")
    return plain_text(text, most=_CODE_MOST)
