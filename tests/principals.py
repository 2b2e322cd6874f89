"""Principals of tests: one kind each, with what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firtree.access import Principal

if TYPE_CHECKING:
    from firtree.parties import PartyKind


def a_principal(
    kind: PartyKind, name: str, makers: frozenset[str] = frozenset(), **more: Any
) -> Principal:
    """Make the principal of a party of one kind."""
    return Principal(kinds=frozenset({kind}), name=name, makers=makers, **more)
