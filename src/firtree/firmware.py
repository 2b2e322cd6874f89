"""Firmware version, Manufacturer Image hash, and likely misreadings of a version."""

import re
from collections.abc import Iterator

from firtree.devices import Generation
from firtree.text import hex_digits, is_hex, plain_text

HASH_DIGITS = 64
VERSION_DIGITS = 8


def firmware_version(text: str, generation: Generation) -> str:
    """Read a firmware version as DUIS ``FirmwareVersion`` writes it.

    Returns:
        Eight upper-case hexadecimal digits (the OTA file version) for SMETS2+;
        for SMETS1 the text itself, 1 to 8 characters.

    Raises:
        ValueError: another form.
    """
    if generation is Generation.SMETS1:
        return plain_text(text, most=8)
    return hex_digits(text, VERSION_DIGITS)


def version_key(text: str) -> str:
    """Give the form of a version by which devices are matched: upper case."""
    return text.strip().upper()


def image_hash(text: str) -> str:
    """Read a Manufacturer Image Hash: SHA-256, 64 hexadecimal digits (GBCS 11.2.4)."""
    return hex_digits(text, HASH_DIGITS)


def misreadings(text: str) -> Iterator[tuple[str, str]]:
    """Yield versions that a badly read one may stand for, each with the reason.

    Used to *name* near matches to a person, never to assume one (rules.md, R8).

    Yields:
        (eight upper-case hexadecimal digits, what would have gone wrong).
    """
    digits = text.strip()
    if digits[:2].lower() == "0x" and is_hex(digits[2:], VERSION_DIGITS):
        yield digits[2:].upper(), "written with 0x"
    if 0 < len(digits) < VERSION_DIGITS and is_hex(digits, len(digits)):
        yield digits.zfill(VERSION_DIGITS).upper(), "leading zeros lost"
    parts = re.split(r"[.\-: ]", digits)
    if len(parts) == 4:
        if all(part and is_hex(part.zfill(2), 2) for part in parts):
            yield "".join(p.zfill(2) for p in parts).upper(), "its octets written apart"
        if all(_is_decimal(part, 255) for part in parts):
            yield "".join(f"{int(p):02X}" for p in parts), "octets written in decimal"
    bare = "".join(parts).upper()
    if is_hex(bare, VERSION_DIGITS):
        octets = [bare[n : n + 2] for n in range(0, VERSION_DIGITS, 2)]
        yield "".join(reversed(octets)), "octets reversed"
        yield from _bcd_slips(octets)
    if _is_decimal(bare, 0xFFFFFFFF):
        yield f"{int(bare):08X}", "the whole number written in decimal"


def _is_decimal(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most


def _bcd_slips(octets: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the version with BCD octets read as hexadecimal, and the other way."""
    as_hex = [f"{int(o):02X}" if o.isdigit() else o for o in octets]
    as_bcd = [f"{int(o, 16):02d}" if int(o, 16) < 100 else o for o in octets]
    for slipped in (as_hex, as_bcd):
        if slipped != octets:
            yield "".join(slipped), "binary-coded decimal and hexadecimal mixed"
    for place, octet in enumerate(octets):
        for other in (as_hex[place], as_bcd[place]):
            if other != octet:
                mixed = [*octets[:place], other, *octets[place + 1 :]]
                yield "".join(mixed), "binary-coded decimal and hexadecimal mixed"
