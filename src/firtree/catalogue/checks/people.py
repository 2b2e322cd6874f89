"""Checks F9 and F11 on words for people: the contact, status, variant, support."""

from collections.abc import Iterator

import msgspec

from firtree.catalogue.checks.codes import finding
from firtree.catalogue.checks.finding import Column, Finding
from firtree.catalogue.checks.surroundings import Rule, Surroundings, contact_of
from firtree.catalogue.entry import Availability, Entry
from firtree.devices import DeviceType
from firtree.parties import looks_personal


def contact_is_given(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F9: there is a contact, and a way to reach it."""
    contact = contact_of(entry, around)
    if contact is None:
        yield finding("contact-missing", expected="a role mailbox")
    elif not contact.reachable:
        yield finding("contact-unreachable", expected="a role mailbox")


def contact_is_a_role(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F9: a role, not a person, whose name the finding does not repeat."""
    contact = contact_of(entry, around)
    if contact is None:
        return
    if looks_personal(msgspec.structs.replace(contact, email="")):
        yield finding(
            "contact-personal",
            Column.CONTACT_ROLE,
            expected="a role such as Firmware release desk",
        )
    if looks_personal(msgspec.structs.replace(contact, role="")):
        yield finding(
            "contact-personal", Column.CONTACT_EMAIL, expected="the role's mailbox"
        )


def contact_is_confirmed(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F9: confirmed lately."""
    contact = contact_of(entry, around)
    if contact is None:
        return
    on = contact.confirmed_on
    if on is None or (around.day - on).days > around.stale_after_days:
        yield finding(
            "contact-stale",
            found=on or "",
            days=around.stale_after_days,
            confirmed=f"last confirmed on {on}" if on else "never confirmed",
        )


def removal_is_explained(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F11: a removed entry says why and since when."""
    if entry.active:
        return
    if not entry.cpl.status_reason:
        yield finding("status-reason-missing", status=entry.cpl.status)
    if entry.cpl.status_from is None:
        yield finding("status-from-missing", status=entry.cpl.status)


def variant_is_given(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F11: an ESME has a variant."""
    if entry.device_type is DeviceType.ESME and not entry.cpl.esme_variant:
        yield finding("variant-missing", expected="a variant such as AD")


def limits_name_somebody(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F11: limited availability is for somebody."""
    if entry.fir.availability is Availability.LIMITED and not entry.fir.limited_to:
        yield finding("limited-to-nobody", expected="names of parties")


def support_goes_on(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F11: the maker still supports it."""
    until = entry.fir.support_until
    if until and until < around.day:
        yield finding("support-ended", expected=f"{around.day} or later", found=until)


RULES: tuple[Rule, ...] = (
    contact_is_given,
    contact_is_a_role,
    contact_is_confirmed,
    removal_is_explained,
    variant_is_given,
    limits_name_somebody,
    support_goes_on,
)
