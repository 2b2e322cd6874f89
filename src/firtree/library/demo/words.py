"""Texts of invented entries: neutral, and without any detail of a vulnerability."""

from itertools import product
from typing import NamedTuple

from firtree.catalogue.entry import ChangeClass, ReleaseNotes, Urgency

_DEFECT, _FUNCTIONAL = ChangeClass.DEFECT, ChangeClass.FUNCTIONAL
_SECURITY, _METROLOGY = ChangeClass.SECURITY, ChangeClass.METROLOGY
_SPECIFICATION = ChangeClass.SPECIFICATION


class Change(NamedTuple):
    """What a firmware version changes."""

    classes: tuple[ChangeClass, ...]
    urgency: Urgency | None
    notes: ReleaseNotes | None


_FIXES = (
    ("The clock keeps time when the hub is away for more than a day.",),
    ("Joining is retried after a power cut.", "The display no longer goes blank."),
    ("A profile entry is kept when two commands arrive together.",),
    ("Memory is freed after a long run without restart.",),
    ("A supply tariff of more than 40 blocks is shown in full.",),
    ("The battery estimate is right in cold weather.", "Spelling on the menu."),
    ("Alerts are sent once after a restart, not twice.",),
)
_FEATURES = (
    (),
    ("Faster reading of the profile log.",),
    ("The version is shown on the information menu.",),
    ("Longer daily read log.", "Shorter time to join."),
    ("Support for the dual band hub.",),
)
_KNOWN_ISSUES = (
    (),
    ("The first reading after activation may take up to ten minutes.",),
    (),
    ("The display shows the former version until midnight.",),
)
_REFERENCES = ("on request", "", "https://notes.example/firmware")


def _defects(number: int, fixes: tuple[str, ...]) -> Change:
    features = _FEATURES[number % 5]
    return Change(
        (_DEFECT, _FUNCTIONAL) if features else (_DEFECT,),
        Urgency.NONE if number % 3 else None,
        ReleaseNotes(
            summary="Maintenance release.",
            fixes=fixes,
            features=features,
            known_issues=_KNOWN_ISSUES[number % 4],
            irps=(f"IRP{600 + number % 57}",) if number % 6 == 5 else (),
            reference=_REFERENCES[number % 3],
        ),
    )


_MAINTENANCE = tuple(
    _defects(number, fixes)
    for number, (fixes, _) in enumerate(product(_FIXES, range(3)))
)
_RARER = (
    Change(
        (_SECURITY, _DEFECT),
        Urgency.HIGH,
        ReleaseNotes(
            summary="Security maintenance; install soon.",
            security=("Hardening of the software update process.",),
            reference="on request",
        ),
    ),
    Change(
        (_SECURITY,),
        Urgency.ROUTINE,
        ReleaseNotes(
            summary="Routine security maintenance.",
            security=("Third-party components brought up to date.",),
        ),
    ),
    Change(
        (_SPECIFICATION, _FUNCTIONAL),
        Urgency.NONE,
        ReleaseNotes(
            summary="Moves to a later version of the technical specifications.",
            features=("The use cases of the later GBCS version.",),
            irps=("IRP612", "IRP642"),
            reference="https://notes.example/uplift",
        ),
    ),
    Change((_DEFECT,), None, None),
)
CHANGES = (*_MAINTENANCE, *_RARER)
METROLOGY = Change(
    (_METROLOGY, _DEFECT),
    Urgency.NONE,
    ReleaseNotes(
        summary="New legally relevant software.",
        fixes=("Rounding of the apparent energy register.",),
        known_issues=("The metrology identifier on the display changes.",),
    ),
)

WITHDRAWN = (
    "Withdrawn by the maker: replaced by a later release",
    "Withdrawn by the maker: devices did not rejoin the HAN after activation",
    "Withdrawn by the maker: clock drift after activation",
    "Withdrawn at the request of the Security Sub-Committee",
)
CANCELLED = "Submitted in error"
EXPIRED = "CPA certificate expired"
HOLDS = (
    "Field trial: more devices than usual needed a second attempt",
    "The maker is looking into reports of late alerts",
    "Being checked with the dual band hub",
)
REFUSALS = (
    "GBCS version not yet accepted by the DCC systems",
    "Manufacturer Image Hash not confirmed in time",
)
ORDER_NOTES = (
    "Activate outside the half-hourly read window.",
    "Update the Communications Hub first.",
    "Wait for the receipt alert of all devices on the HAN before activation.",
)
SUPPLIERS = (
    *("Harrow Lane Energy", "Tidewater Supply", "Larkrise Power"),
    *("Penny Black Energy", "Northmoor Gas"),
)
