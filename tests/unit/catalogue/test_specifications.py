"""Versions of specifications, their last days, and certificates that run out."""

from datetime import date

import msgspec
import pytest

from entries import an_entry
from firtree.catalogue.certificates import first_to_run_out
from firtree.catalogue.entry import Certificate, CertificateKind, DateKind
from firtree.catalogue.specifications import (
    ENDS,
    specification_ends,
    spelled,
    version_numbers,
)

END = date(2027, 1, 1)
CPA = Certificate(kind=CertificateKind.CPA, number="1", day=END)
LATER = msgspec.structs.replace(CPA, day=date(2028, 1, 1))
ZIGBEE = msgspec.structs.replace(CPA, kind=CertificateKind.ZIGBEE)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("4.1", (4, 1)),
        ("v4.1", (4, 1)),
        ("GBCS 4.1", (4, 1)),
        ("SMETS V1.58", (1, 58)),
        ("SMETS2 v4.2", (4, 2)),
        ("SMETS1", ()),
        ("", ()),
        ("\uff14.\uff11", ()),
        ("v4.999999999", (4, 999_999_999)),
        ("v4.1000000000", ()),
        ("9" * 5000, ()),
    ],
)
def test_a_version_is_read_as_its_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(text) == numbers


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("4.1", "GBCS v4.1", True),
        ("4.1", "gbcs 4.1", True),
        ("SMETS V4.2", "smets  4.2", True),
        ("SMETS v 4.2", "SMETS 4.2", True),
        ("4.1", "4.2", False),
        ("4.1", "4.1a", False),
        ("SMETS V4.2", "SMETS2 V4.2", False),
        ("SMETS V1.4", "CHTS V1.4", False),
    ],
)
def test_a_version_is_the_same_however_it_is_spelled(
    one: str,
    other: str,
    *,
    same: bool,
) -> None:
    assert (spelled(one) == spelled(other)) is same


def test_a_version_that_says_gbcs_itself_is_named_as_it_stands() -> None:
    ends = {"GBCS 4.1": END}

    assert specification_ends("GBCS v4.1", "", ends) == {"GBCS v4.1": END}
    assert specification_ends("v4.1", "", ends) == {"GBCS v4.1": END}


def test_the_last_days_of_the_specifications_of_an_entry_are_found() -> None:
    ends = {**ENDS, "SMETS 4.2": END, "CHTS 1.3": END}

    assert specification_ends("v1.0", "SMETS2 V4.2", ends) == {
        "GBCS v1.0": date(2018, 5, 7),
        "SMETS2 V4.2": END,
    }
    assert specification_ends("4.1", "CHTS V1.3", ends) == {"CHTS V1.3": END}
    assert specification_ends("", "", ends) == {}


def test_the_first_certificate_to_run_out_is_of_the_kind_asked_for() -> None:
    renewing = msgspec.structs.replace(
        CPA, date_kind=DateKind.RENEWAL, day=date(2026, 1, 1)
    )
    entry = an_entry(1, certificates=(LATER, renewing, CPA))

    assert first_to_run_out(entry, DateKind.EXPIRY) == CPA
    assert first_to_run_out(entry, DateKind.RENEWAL) == renewing
    assert first_to_run_out(an_entry(1), DateKind.EXPIRY) is None
