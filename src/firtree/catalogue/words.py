"""The words shown to people: standings, warnings with level and rank, reasons, advice.

A code is stable; its text may be improved.  ``docs/rules.md`` explains each one.

Some words say that there is nothing: no such model, no release notes, no word of the
maker.  Where the asker may see only a part, where something was erased, or where rows
of a table could not be read, others are said in their place (:class:`Silence`), which
are true whatever is out of sight.
"""

from enum import StrEnum
from typing import NamedTuple


class Standing(StrEnum):
    """What the firmware of a device is, by the register (R6)."""

    CURRENT = "current"
    BEHIND = "behind"
    REMOVED = "removed"
    UNLISTED = "unlisted-firmware"
    UNKNOWN = "unknown-model"


class Level(StrEnum):
    """How loud a warning is; in order of importance."""

    STOP = "stop"
    CAUTION = "caution"
    INFO = "info"


class Silence(StrEnum):
    """Why there may be nothing to tell, other than that there never was anything."""

    UNSEEN = "unseen"  # the asker may see only a part, and this may be elsewhere
    ERASED = "erased"  # it stood in a section that was erased
    UNREAD = "unread"  # it may stand in a row of the table that could not be read


SHOWN = {
    Standing.CURRENT: "Up to date",
    Standing.BEHIND: "Update available",
    Standing.REMOVED: "On removed firmware",
    Standing.UNLISTED: "Firmware not on the CPL",
    Standing.UNKNOWN: "Model not on the CPL",
}


class Warned(NamedTuple):
    """Level and text of a warning; the text takes named facts."""

    level: Level
    text: str


_STOP, _CAUTION, _INFO = Level

# In order of rank: within a level the earlier one is shown first.
WARNINGS: dict[str, Warned] = {
    "hold": Warned(_STOP, "Do not install entry {entry} for now{why}."),
    "dcc-refused": Warned(_STOP, "DCC refused to load entry {entry}{why}."),
    "dcc-not-loaded": Warned(_STOP, "DCC has not loaded entry {entry}{why}."),
    "hub-condition-unmet": Warned(
        _STOP, "The Communications Hub does not meet what entry {entry} asks for: {why}"
    ),
    "mandatory-step-removed": Warned(
        _STOP, "Entry {entry} is a step that may not be skipped, and it is {why}."
    ),
    "image-mismatch-reported": Warned(
        _STOP, "An image that does not match entry {entry} has been reported."
    ),
    "partial-view": Warned(
        _CAUTION,
        "This answer rests on what you may see of the register; there may be more.",
    ),
    "information-erased": Warned(
        _CAUTION,
        "The FIR information of {why} was erased: steps that it asked for, ways that "
        "it allowed and holds are not known any more.",
    ),
    "path-unknown": Warned(
        _CAUTION,
        "The maker has not said from which versions entry {entry} can be reached; "
        "ask before you distribute it.",
    ),
    "order-inferred": Warned(
        _CAUTION,
        "Release dates are missing, so publication dates decided which is newer.",
    ),
    "several-newest": Warned(
        _CAUTION, "More than one entry may be the newest: {why} could be meant as well."
    ),
    "several-entries": Warned(
        _CAUTION, "The register lists this version more than once: also as {why}."
    ),
    "certificate-expires-soon": Warned(
        _CAUTION, "A certificate of entry {entry} {why}."
    ),
    "specification-ends-soon": Warned(
        _CAUTION, "Entry {entry} follows a specification that {why}."
    ),
    "gbcs-changes": Warned(_CAUTION, "The GBCS version changes: {why}."),
    "smets-changes": Warned(_CAUTION, "The SMETS or CHTS version changes: {why}."),
    "variant-changes": Warned(_CAUTION, "The ESME variant changes: {why}."),
    "metrology-changes": Warned(
        _CAUTION, "Entry {entry} changes the metrology software{why}."
    ),
    "interrupts-hub-power": Warned(
        _CAUTION, "Installing entry {entry} interrupts the Communications Hub's power."
    ),
    "no-rollback": Warned(
        _CAUTION, "There is no way back from entry {entry}, says its maker."
    ),
    "hub-unknown": Warned(
        _CAUTION,
        "Entry {entry} asks something of the Communications Hub of which too little "
        "is known.",
    ),
    "reading-old": Warned(
        _CAUTION, "The firmware version was read on {why}; read it again first."
    ),
    "contact-stale": Warned(
        _CAUTION, "The contact was {why}; it may no longer be right."
    ),
    "contact-unknown": Warned(_CAUTION, "The register holds no contact of the maker."),
    "failure-rate": Warned(
        _CAUTION, "In the field, installing entry {entry} failed more often than usual."
    ),
    "security-step": Warned(_CAUTION, "Entry {entry} is security-relevant{why}."),
    "device-type-differs": Warned(
        _CAUTION, "The register lists this model as {why}; check the device type."
    ),
    "certificate-renewal-due": Warned(_INFO, "A certificate of entry {entry} {why}."),
    "own-certificate-runs-out": Warned(
        _INFO, "A certificate of the running entry {entry} {why}."
    ),
    "newer-factory-only": Warned(
        _INFO, "Entry {entry} is newer, but it is fitted at the factory only."
    ),
    "edge-skips-mandatory": Warned(
        _INFO,
        "A direct step {why} is declared, but it would skip a mandatory step; "
        "it was not used.",
    ),
    "other-release-lines": Warned(_INFO, "There are other release lines: {why}."),
    "no-release-notes": Warned(_INFO, "Entry {entry} has no release notes."),
    "smets1-unchecked": Warned(
        _INFO,
        "Whether the SMETS1 combination of devices stays eligible was not checked.",
    ),
    "reconstructed": Warned(
        _INFO, "Reconstructed for {why} from imported dates, not proven."
    ),
}

# What is said instead where something may be missing: the same whether the rest is
# there or not.
SHOWN_INSTEAD: dict[Silence, dict[Standing, str]] = {
    Silence.UNSEEN: {
        Standing.CURRENT: "Up to date, by what you may see",
        Standing.UNLISTED: "Firmware not among what you may see",
        Standing.UNKNOWN: "Model not among what you may see",
    },
    Silence.UNREAD: {
        Standing.CURRENT: "Up to date, by the rows that could be read",
        Standing.UNLISTED: "Firmware not among the rows that could be read",
        Standing.UNKNOWN: "Model not among the rows that could be read",
    },
}

WARNINGS_INSTEAD: dict[Silence, dict[str, str]] = {
    Silence.UNSEEN: {
        "path-unknown": (
            "Nothing that you may see says from which versions entry {entry} can be "
            "reached; ask before you distribute it."
        ),
        "order-inferred": (
            "Not all release dates are among what you may see, so publication dates "
            "decided which is newer."
        ),
        "hub-unknown": (
            "Entry {entry} asks something of the Communications Hub of which too "
            "little is among what you may see."
        ),
        "contact-unknown": "No contact of the maker is among what you may see.",
        "no-release-notes": (
            "No release notes of entry {entry} are among what you may see."
        ),
    },
    Silence.ERASED: {
        "path-unknown": (
            "From which versions entry {entry} can be reached, if its maker had said, "
            "was erased with its FIR information; ask before you distribute it."
        ),
        "no-release-notes": (
            "Release notes of entry {entry}, if there were any, were erased with its "
            "FIR information."
        ),
    },
    # What a row says itself was read, or the whole of it was left out.
    Silence.UNREAD: {
        "partial-view": (
            "Not every row of the table could be read; what was asked for may stand in "
            "one that was left out."
        ),
        "contact-unknown": (
            "No contact of the maker is among the rows that could be read."
        ),
    },
}

RANK = {code: rank for rank, code in enumerate(WARNINGS)}

REASONS: dict[str, str] = {
    "newest": "Nothing newer can be installed on this device.",
    "route": "Declared steps lead from entry {entry} to entry {target}.",
    "release-line": "The device stays on its release line {why}.",
    "no-over-the-air-route": "There is no over-the-air update route for this type.",
    "newer-factory-only": "Newer, but fitted at the factory only: {why}.",
    "newer-path-unknown": "Newer, but its maker has not said how to reach it: {why}.",
    "newer-not-reachable": "Newer, but not declared to be reachable from here: {why}.",
    "newer-blocked": "Newer, but the way to it is blocked: {why}.",
    "newer-not-offered": "Newer, but not on offer: {why}.",
    "rollback-offered": "The maker declares a way back to {why}.",
    "only-older-left": "Only older entries of this model are still listed.",
    "no-active-entry": "No entry of this model is still listed as Current.",
    "removed-expired": "Entry {entry} was removed from the CPL: it expired{why}.",
    "removed-withdrawn": "Entry {entry} was removed from the CPL: withdrawn{why}.",
    "removed-cancelled": "Entry {entry} was removed from the CPL: cancelled{why}.",
    "unlisted": "The CPL lists this model, but not with firmware {why}.",
    "unknown": "The CPL lists no model {why}.",
    "not-approved": (
        "The register's own target is entry {target}; your own list does not lead "
        "there."
    ),
}

REASONS_INSTEAD: dict[Silence, dict[str, str]] = {
    Silence.UNSEEN: {
        "newest": "Nothing newer that you may see can be installed on this device.",
        "newer-path-unknown": (
            "Newer, but nothing that you may see says how to reach it: {why}."
        ),
        "only-older-left": (
            "Of the entries of this model that you may see, only older ones are still "
            "listed."
        ),
        "no-active-entry": (
            "No entry of this model that you may see is still listed as Current."
        ),
        "unlisted": (
            "Of the entries of this model that you may see, none has firmware {why}."
        ),
        "unknown": "No model {why} is among what you may see.",
    },
    Silence.ERASED: {
        "newer-path-unknown": (
            "Newer, but how to reach it was erased, or never said: {why}."
        ),
    },
    Silence.UNREAD: {
        "newest": (
            "Nothing newer among the rows that could be read can be installed on "
            "this device."
        ),
        "only-older-left": (
            "Of the entries of this model that could be read, only older ones are "
            "still listed."
        ),
        "no-active-entry": (
            "No entry of this model that could be read is still listed as Current."
        ),
        "unlisted": (
            "Of the entries of this model that could be read, none has firmware {why}."
        ),
        "unknown": "No model {why} is among the rows that could be read.",
    },
}

ADVICE: dict[str, str] = {
    "install": "Install {why}.",
    "stay": "Nothing to install.",
    "ask-maker": "Ask the maker{why}.",
    "do-not-distribute": (
        "Do not distribute anything until the maker names the starting version."
    ),
    "read-again": (
        "Read the firmware version again (Service Request 11.2): an activation that "
        "was not answered leaves the inventory stale."
    ),
    "near-match": "Perhaps {why}. Nothing was assumed; check the reading.",
    "check-model": "Check manufacturer and model in the inventory (DUIS DeviceModel).",
    "roll-back": "Go back to entry {why}; the maker declares this as allowed.",
    "hold": "Do not start new upgrades to entry {why} for now.",
    "stop-first": "Clear what stops it first: see the warnings.",
}

ADVICE_INSTEAD: dict[Silence, dict[str, str]] = {
    Silence.UNSEEN: {"stay": "Nothing to install, by what you may see."},
    Silence.UNREAD: {"stay": "Nothing to install, by the rows that could be read."},
}
NO_MAILBOX = "; the register holds no mailbox of theirs"
NO_MAILBOX_INSTEAD = {
    Silence.UNSEEN: "; no mailbox of theirs is among what you may see",
    Silence.UNREAD: "; no mailbox of theirs is among the rows that could be read",
}
