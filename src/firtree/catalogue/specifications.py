"""Versions of the technical specifications, and when their validity ends."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

# Only what a public source says (domain.md, source 12): GBCS v1.0 stopped being in
# force on 7 May 2018.  Operators add what they know.
ENDS: Mapping[str, date] = MappingProxyType({"GBCS 1.0": date(2018, 5, 7)})

_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_BEFORE_NUMBER = re.compile(r"(?<![a-z])v(?=\s*[0-9])")
# Python reads no number of more than some thousand digits, and no version has one.
_DIGITS_MOST = 9


@lru_cache(maxsize=4096)
def version_numbers(text: str) -> tuple[int, ...]:
    """Read the numbers of a version such as ``v4.1``, ``GBCS 4.1`` or ``SMETS V1.58``.

    Returns:
        The numbers in order; empty where there are none, or one of them is too long to
        be that of a version.
    """
    found = _NUMBERS.findall(text.replace("SMETS1", "").replace("SMETS2", ""))
    parts = found[-1].split(".") if found else []
    if any(len(part) > _DIGITS_MOST for part in parts):
        return ()
    return tuple(map(int, parts))


@lru_cache(maxsize=4096)
def spelled(version: str) -> str:
    """Give the spelling by which two versions are compared: ``GBCS v4.1`` is ``4.1``.

    Case, further blanks, a V before the number and the name GBCS say nothing; SMETS
    and CHTS do, for they are two specifications.
    """
    bare = version.casefold().removeprefix("gbcs")
    return " ".join(_BEFORE_NUMBER.sub(" ", bare).split())


def end_of(name: str, version: str, ends: Mapping[str, date]) -> date | None:
    """Give the last day of a specification version, if one is known.

    Args:
        name: ``GBCS``, ``SMETS`` or ``CHTS``.
        version: as an entry writes it.
        ends: last days by ``"<name> <major>.<minor>…"``.
    """
    return ends.get(_known_as(name, version))


@lru_cache(maxsize=4096)
def _known_as(name: str, version: str) -> str:
    """Give the name that ends are kept under; empty where the version has no number."""
    numbers = version_numbers(version)
    return f"{name} {'.'.join(map(str, numbers))}" if numbers else ""


def specification_ends(
    gbcs: str, smets_chts: str, ends: Mapping[str, date]
) -> dict[str, date]:
    """Give the known last days of the specifications an entry follows."""
    other = "CHTS" if "CHTS" in smets_chts.upper() else "SMETS"
    named = gbcs if gbcs.upper().startswith("GBCS") else f"GBCS {gbcs}"
    found = {
        named: end_of("GBCS", gbcs, ends),
        smets_chts: end_of(other, smets_chts, ends),
    }
    return {name: end for name, end in found.items() if end is not None}
