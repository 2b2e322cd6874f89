"""The codes of the checks, each with its rule, severity, columns and sentence."""

from collections.abc import Iterable, Sequence

import msgspec

from firtree.catalogue.checks.finding import (
    DATE_COLUMNS,
    NUMBER_COLUMNS,
    Code,
    Column,
    Finding,
    Severity,
)

_REFUSE, _CONFIRM, _NOTE = Severity
_C = Column
_NUMBERS = tuple(NUMBER_COLUMNS.values())
_DATES = tuple(DATE_COLUMNS.values())
_HEX_COLUMNS = (
    *(_C.HASH, _C.LEAST_HARDWARE, _C.MOST_HARDWARE),
    *(_C.OTA_CODE, _C.OTA_TYPE, _C.SBOM_HASH),
)
_HASH = (_C.HASH,)
_FROM = (_C.UPGRADABLE_FROM,)
_BACK = (_C.ROLLBACK_FROM,)
_HUBS = (_C.HUB_ENTRIES,)

# In the order in which findings are shown.
CODES: dict[str, Code] = {
    "not-hexadecimal": Code(
        *("F1", _REFUSE, _HEX_COLUMNS),
        "{column} should be {expected}; correct it.",
    ),
    "model-not-hexadecimal": Code(
        *("F1", _NOTE),
        (_C.MANUFACTURER, _C.MODEL, _C.HARDWARE_VERSION, _C.HARDWARE_REVISION),
        "{column} is usually {expected}, and {found!r} is not; check that devices "
        "report it like that.",
    ),
    "firmware-not-hexadecimal": Code(
        *("F1", _NOTE, (_C.FIRMWARE,)),
        "Firmware Version is usually {expected}, and {found!r} is not; check that "
        "devices report it like that.",
    ),
    "hash-missing": Code(
        *("F2", _REFUSE, _HASH),
        "An entry that is updated over the air needs a Manufacturer Image Hash; give "
        "it, or put N/A in Upgradable From if the firmware is fitted at the factory "
        "only.",
    ),
    "hash-all-equal": Code(
        *("F2", _REFUSE, _HASH),
        "Manufacturer Image Hash is the digit {digit} repeated, which is no hash of an "
        "image; give the SHA-256 of the Manufacturer Image.",
    ),
    "hash-of-nothing": Code(
        *("F2", _REFUSE, _HASH),
        "Manufacturer Image Hash is the SHA-256 of an empty file; hash the "
        "Manufacturer Image again.",
    ),
    "hash-of-sample": Code(
        *("F2", _REFUSE, _HASH),
        "Manufacturer Image Hash is that of a published sample; give the SHA-256 of "
        "the Manufacturer Image.",
    ),
    "hash-of-other-maker": Code(
        *("F2", _REFUSE, _HASH),
        "This Manufacturer Image Hash is on the register for another manufacturer; "
        "hash the Manufacturer Image again, and ask the code administrator if it "
        "stays the same.",
    ),
    "hash-reused": Code(
        *("F2", _CONFIRM, _HASH),
        "This Manufacturer Image Hash is also that of {entries}; confirm that they "
        "share one image.",
    ),
    "coding-missing": Code(
        *("F4", _CONFIRM, (_C.CODING,)),
        "Firmware Version Coding should be hex or bcd, and is blank; give it, or "
        "confirm that it is not known.",
    ),
    "coding-differs": Code(
        *("F4", _CONFIRM, (_C.CODING,)),
        "Firmware Version Coding is {found}, but {expected} for {entries} of this "
        "model; correct it, or confirm the change.",
    ),
    "bcd-with-letters": Code(
        *("F4", _REFUSE, (_C.FIRMWARE,)),
        "A binary-coded decimal version has no letters A to F, and {found!r} has; "
        "correct the version or its coding.",
    ),
    "version-listed-already": Code(
        *("F5", _REFUSE, (_C.FIRMWARE,)),
        "This model with firmware version {found} is on the register already, as "
        "{entries}; correct that entry instead of adding another.",
    ),
    "predecessor-is-itself": Code(
        *("F6", _REFUSE, _FROM),
        "Upgradable From names entry {found} itself; remove it.",
    ),
    "predecessor-of-other-maker": Code(
        *("F6", _REFUSE, _FROM),
        "Upgradable From names entry {found}, which is not of this manufacturer; "
        "remove or correct it.",
    ),
    "predecessor-of-other-model": Code(
        *("F6", _REFUSE, _FROM),
        "Upgradable From names entry {found}, which is of another hardware model; "
        "remove or correct it.",
    ),
    "declared-cycle": Code(
        *("F6", _REFUSE, _FROM),
        "Upgradable From closes a circle, {found}; remove one of its steps.",
    ),
    "unknown-predecessor": Code(
        *("F6", _CONFIRM, _FROM),
        "Upgradable From names entry {found}, which is not in the register; correct "
        "it, or confirm that it will come.",
    ),
    "predecessor-has-later-id": Code(
        *("F6", _CONFIRM, _FROM),
        "Upgradable From names entry {found}, whose CPL Entry ID is later than this "
        "one's, {entry}; correct it, or confirm that it comes before.",
    ),
    "na-with-earlier-entries": Code(
        *("F6", _CONFIRM, _FROM),
        "Upgradable From is N/A although the model has {entries} before this one; "
        "name those it can be upgraded from, or confirm that there are none.",
    ),
    "predecessors-all-removed": Code(
        *("F6", _NOTE, _FROM),
        "Every entry in Upgradable From has been removed from the CPL: {entries}; name "
        "a current one too if there is one.",
    ),
    "predecessors-blank": Code(
        *("F6", _NOTE, _FROM),
        "Upgradable From is blank, so nobody knows how to reach this entry; give CPL "
        "Entry IDs, or N/A.",
    ),
    "confirmed-edge-not-declared": Code(
        *("F6", _REFUSE, (_C.CONFIRMED_EDGES,)),
        "Confirmed Edges names entry {found}, which Upgradable From does not; add it "
        "there, or remove it here.",
    ),
    "rollback-is-itself": Code(
        *("F6", _REFUSE, _BACK),
        "Rollback From names entry {found} itself; remove it.",
    ),
    "rollback-of-other-maker": Code(
        *("F6", _REFUSE, _BACK),
        "Rollback From names entry {found}, which is not of this manufacturer; remove "
        "or correct it.",
    ),
    "rollback-of-other-model": Code(
        *("F6", _REFUSE, _BACK),
        "Rollback From names entry {found}, which is of another hardware model; remove "
        "or correct it.",
    ),
    "unknown-rollback": Code(
        *("F6", _CONFIRM, _BACK),
        "Rollback From names entry {found}, which is not in the register; correct it, "
        "or confirm that it will come.",
    ),
    "unknown-hub-entry": Code(
        *("F6", _CONFIRM, _HUBS),
        "Requires Hub Entries names entry {found}, which is not in the register; "
        "correct it, or confirm that it will come.",
    ),
    "hub-entry-of-other-type": Code(
        *("F6", _CONFIRM, _HUBS),
        "Requires Hub Entries names entry {found}, which is not of a Communications "
        "Hub; correct it, or confirm that it is meant.",
    ),
    "certificate-missing": Code(
        *("F7", _REFUSE, _NUMBERS),
        "A device of type {device_type} needs a {kind} certificate; give its number.",
    ),
    "certificate-expired": Code(
        *("F7", _REFUSE, _DATES),
        "{kind} certificate {number!r} expired on {found}, before {expected}; give the "
        "certificate that is in date.",
    ),
    "certificate-date-half-said": Code(
        *("F7", _NOTE, _DATES),
        "{kind} certificate {number!r} has {has} but no {expected}; give both.",
    ),
    "certificate-dates-differ": Code(
        *("F7", _NOTE, _DATES),
        "{kind} certificate {number!r} has the date {found} here, but {expected} in "
        "{entries}; correct the one that is wrong.",
    ),
    "gbcs-missing": Code(
        *("F8", _REFUSE, (_C.GBCS,)),
        "A SMETS2+ entry names the GBCS version it follows, and GBCS Version is blank; "
        "give it.",
    ),
    "smets-missing": Code(
        *("F8", _REFUSE, (_C.SMETS,)),
        "A SMETS2+ entry names the SMETS or CHTS version it follows, and SMETS/CHTS "
        "Version is blank; give it.",
    ),
    "specification-ended": Code(
        *("F8", _REFUSE, (_C.GBCS, _C.SMETS)),
        "{found} was in force until {end} only, not on {day}; name a version in force.",
    ),
    "specification-ends-soon": Code(
        *("F8", _NOTE, (_C.GBCS, _C.SMETS)),
        "{found} ends on {end}, within a year of publication; plan the move to a later "
        "version.",
    ),
    "contact-missing": Code(
        *("F9", _REFUSE, (_C.CONTACT_EMAIL,)),
        "Neither the entry nor its manufacturer has a contact for firmware questions; "
        "give a role mailbox.",
    ),
    "contact-unreachable": Code(
        *("F9", _REFUSE, (_C.CONTACT_EMAIL,)),
        "The contact has neither e-mail address nor telephone number nor web address; "
        "give at least one.",
    ),
    "contact-personal": Code(
        *("F9", _REFUSE, (_C.CONTACT_ROLE, _C.CONTACT_EMAIL)),
        "{column} seems to name a person; give {expected}, because a role stays when "
        "people leave.",
    ),
    "contact-stale": Code(
        *("F9", _NOTE, (_C.CONTACT_CONFIRMED,)),
        "The contact should be confirmed every {days} days, and was {confirmed}; "
        "confirm it again.",
    ),
    "release-in-future": Code(
        *("F10", _REFUSE, (_C.RELEASE_DATE,)),
        "Release Date {found} lies after {expected}; submit the entry once the "
        "firmware is released, or correct the date.",
    ),
    "older-than-predecessor": Code(
        *("F10", _CONFIRM, (_C.RELEASE_DATE,)),
        "Release Date {found} is before {expected}, that of entry {entry} in "
        "Upgradable From; correct it, or confirm that it is right.",
    ),
    "status-reason-missing": Code(
        *("F11", _NOTE, (_C.STATUS_REASON,)),
        "The entry is {status} and Status Reason is blank; say why.",
    ),
    "status-from-missing": Code(
        *("F11", _NOTE, (_C.STATUS_FROM,)),
        "The entry is {status} and Status From is blank; say since when.",
    ),
    "variant-missing": Code(
        *("F11", _NOTE, (_C.VARIANT,)),
        "An ESME has a variant such as AD, and ESME Variant is blank; give it.",
    ),
    "limited-to-nobody": Code(
        *("F11", _CONFIRM, (_C.LIMITED_TO,)),
        "Availability is limited and Limited To is blank, so nobody is offered the "
        "image; name the parties, or confirm that there are none yet.",
    ),
    "image-size-impossible": Code(
        *("F11", _REFUSE, (_C.SIZE,)),
        "Image Size should be {expected}, and is {found}; correct it.",
    ),
    "image-large": Code(
        *("F11", _NOTE, (_C.SIZE,)),
        "Image Size is {found} octets, and a Communications Hub may not hold more than "
        "{expected}; check that it can be distributed.",
    ),
    "hardware-range-reversed": Code(
        *("F11", _REFUSE, (_C.LEAST_HARDWARE,)),
        "Min Hardware {found} is above Max Hardware {most}; correct one of the two.",
    ),
    "hardware-out-of-range": Code(
        *("F11", _REFUSE, (_C.LEAST_HARDWARE, _C.MOST_HARDWARE)),
        "The model's hardware {found} should be {expected}, the range of the image; "
        "correct the range or the model.",
    ),
    "ota-code-differs": Code(
        *("F11", _REFUSE, (_C.OTA_CODE,)),
        "OTA Manufacturer Code should be {expected}, the model's, and is {found}; "
        "correct the one that is wrong.",
    ),
    "support-ended": Code(
        *("F11", _NOTE, (_C.SUPPORT_UNTIL,)),
        "Support Until {found} is already over; correct it if support goes on.",
    ),
}

# What is said instead where the field stood in a section that was erased.
_ERASED = {
    "predecessors-blank": (
        "Upgradable From, if it was given, was erased with the FIR information, so "
        "nobody knows how to reach this entry; give CPL Entry IDs, or N/A."
    ),
}

_READABLE = 100
MOST_NAMED = 20


def finding(
    code: str,
    column: Column | None = None,
    *,
    expected: object = "",
    found: object = "",
    **facts: object,
) -> Finding:
    """Make a finding with its sentence.

    Args:
        code: one of :data:`CODES`.
        column: where it is; None = the first column of the code.
        expected: what would have been right.
        found: what was there.
        facts: what the sentence names besides.
    """
    known = CODES[code]
    where = (column or known.columns[0]).value
    short = cut(str(found))
    text = known.text.format(column=where, expected=expected, found=short, **facts)
    return Finding(code, known.severity, where, text, str(expected), short)


def finding_of_erased(code: str, *, expected: str) -> Finding:
    """Make a finding about a field that stood in a section which was erased."""
    found = finding(code, expected=expected)
    return msgspec.structs.replace(found, text=_ERASED[code])


def cut(text: str) -> str:
    """Cut a text to a readable length."""
    return text if len(text) <= _READABLE else text[:_READABLE] + "…"


def entries_named(ids: Iterable[int]) -> str:
    """Name entries by id, the first twenty of them."""
    known = sorted(set(ids))
    return some_named(known[:MOST_NAMED], len(known))


def some_named(lowest: Sequence[int], count: int) -> str:
    """Name entries of which there are so many, the lowest ids in order."""
    more = count - len(lowest)
    noun = "entry" if count == 1 else "entries"
    listed = ", ".join(map(str, lowest))
    return f"{noun} {listed}" + (f" and {more} more" if more > 0 else "")
