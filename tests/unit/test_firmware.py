"""Firmware versions, image hashes, and likely misreadings."""

import pytest

from firtree.devices import Generation
from firtree.firmware import firmware_version, image_hash, misreadings, version_key


def test_a_version_is_read_by_its_generation() -> None:
    assert firmware_version("0002012f", Generation.SMETS2) == "0002012F"
    assert firmware_version("v1.2b", Generation.SMETS1) == "v1.2b"


@pytest.mark.parametrize(
    ("given", "generation"),
    [
        ("2012F", Generation.SMETS2),
        ("0x02012F", Generation.SMETS2),
        ("", Generation.SMETS1),
        ("123456789", Generation.SMETS1),
        ("1\n", Generation.SMETS1),
    ],
)
def test_a_version_of_another_form_is_refused(
    given: str, generation: Generation
) -> None:
    with pytest.raises(ValueError, match=r"digits|text"):
        firmware_version(given, generation)


def test_a_version_is_matched_without_case_or_blanks() -> None:
    assert version_key(" 0002012f\n") == "0002012F"


def test_an_image_hash_has_64_digits() -> None:
    assert image_hash("ab" * 32) == "AB" * 32
    with pytest.raises(ValueError, match="64 hexadecimal digits, not 63"):
        image_hash("a" * 63)


BCD = "binary-coded decimal and hexadecimal mixed"


@pytest.mark.parametrize(
    ("read", "meant", "slip"),
    [
        ("2F010200", "0002012F", "octets reversed"),
        ("00.02.01.2f", "0002012F", "its octets written apart"),
        ("0:2:1:2f", "0002012F", "its octets written apart"),
        ("0-2-1-47", "0002012F", "octets written in decimal"),
        ("2012f", "0002012F", "leading zeros lost"),
        ("0", "00000000", "leading zeros lost"),
        ("0x0002012f", "0002012F", "written with 0x"),
        (" 131375 ", "0002012F", "the whole number written in decimal"),
        ("4294967295", "FFFFFFFF", "the whole number written in decimal"),
        ("09031007", "09030A07", BCD),
        ("09030A07", "09031007", BCD),
        ("10101010", "0A0A0A0A", BCD),
        ("10101010", "16161616", BCD),
        ("10000010", "1000000A", BCD),
        ("1000003F", "10000063", BCD),
        ("1000A03F", "1000A063", BCD),
    ],
)
def test_a_misreading_is_named(read: str, meant: str, slip: str) -> None:
    assert (meant, slip) in list(misreadings(read))


@pytest.mark.parametrize(
    "read", ["", "...", "x", "4294967296", "\u0661", "1.2.3.x", "0x000001"]
)
def test_what_cannot_be_a_version_has_no_misreading(read: str) -> None:
    assert list(misreadings(read)) == []


@pytest.mark.parametrize("read", ["1.2.3", "1.2.3.", "1.2.3.4.5"])
def test_dots_stand_between_four_octets(read: str) -> None:
    slips = {slip for _, slip in misreadings(read)}

    assert slips == {"the whole number written in decimal"}


def test_octets_in_decimal_end_at_255() -> None:
    slips = {slip for _, slip in misreadings("1.2.3.256")}

    assert "octets written in decimal" not in slips
    assert ("010203FF", "octets written in decimal") in list(misreadings("1.2.3.255"))


def test_hexadecimal_above_99_is_no_binary_coded_decimal() -> None:
    assert [meant for meant, slip in misreadings("FEFEFEFE") if slip == BCD] == []
