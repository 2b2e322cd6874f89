"""What an entry asks of the Communications Hub, and whether a hub meets it (R11)."""

from enum import StrEnum
from itertools import zip_longest

import msgspec

from firtree.catalogue.entry import Entry, Requirement
from firtree.catalogue.pathways import Pathways, reachable
from firtree.catalogue.specifications import version_numbers
from firtree.devices import ModelKey


class Met(StrEnum):
    """Whether a condition holds."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


class Hub(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a device's Communications Hub.

    Args:
        manufacturer, model, firmware: as for any device.
        han_variant: such as ``Dual Band``; empty = not known.
    """

    manufacturer: str
    model: str
    firmware: str
    han_variant: str = ""

    @property
    def key(self) -> ModelKey:
        """What it is matched by."""
        return ModelKey.of(self.manufacturer, self.model)


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a step.

    Args:
        kind: ``hub-entry``, ``least-gbcs``, ``least-chts`` or ``han-variant``.
        text: for people.
        state: met, unmet or unknown.
        entries: the hub entries that suffice, for ``hub-entry``.
    """

    kind: str
    text: str
    state: Met
    entries: tuple[int, ...] = ()


def conditions_of(
    requires: Requirement | None,
    hub: Hub | None,
    hub_entry: Entry | None,
    hub_ways: Pathways | None,
) -> tuple[Condition, ...]:
    """Judge each condition of a requirement.

    Args:
        requires: what an entry asks for; None = nothing.
        hub: what the asker said of the hub; None = nothing.
        hub_entry: the entry the hub runs, if it is listed.
        hub_ways: the pathways of the hub's model.
    """
    if requires is None or requires.empty:
        return ()
    found = []
    if requires.hub_entries:
        ids = ", ".join(str(entry) for entry in requires.hub_entries)
        found.append(
            Condition(
                kind="hub-entry",
                text=f"Communications Hub on entry {ids}, or on one reached from there",
                state=_hub_state(requires, hub_entry, hub_ways),
                entries=requires.hub_entries,
            )
        )
    if requires.least_gbcs:
        has = hub_entry.cpl.gbcs if hub_entry else ""
        found.append(_least("gbcs", "GBCS", requires.least_gbcs, has))
    if requires.least_chts:
        has = hub_entry.cpl.smets_chts if hub_entry else ""
        found.append(_least("chts", "CHTS", requires.least_chts, has))
    if requires.han_variant:
        wanted, has = requires.han_variant, hub.han_variant if hub else ""
        same = wanted.casefold() == has.casefold()
        found.append(
            Condition(
                kind="han-variant",
                text=f"Communications Hub with HAN variant {wanted}",
                state=_state(same) if has else Met.UNKNOWN,
            )
        )
    return tuple(found)


def _hub_state(
    requires: Requirement, hub_entry: Entry | None, hub_ways: Pathways | None
) -> Met:
    if hub_entry is None or hub_ways is None:
        return Met.UNKNOWN
    return _state(
        any(
            hub_entry.id in reachable(hub_ways.declared, start)
            for start in requires.hub_entries
        )
    )


def _least(kind: str, name: str, least: str, has: str) -> Condition:
    numbers, wanted = version_numbers(has), version_numbers(least)
    pairs = zip_longest(numbers, wanted, fillvalue=0)  # 4 is as late as 4.0
    differing = next((pair for pair in pairs if pair[0] != pair[1]), (0, 0))
    return Condition(
        kind=f"least-{kind}",
        text=f"Communications Hub with {name} {least} or later",
        state=_state(differing[0] >= differing[1])
        if numbers and wanted
        else Met.UNKNOWN,
    )


def _state(holds: bool) -> Met:  # noqa: FBT001 - a private wording of a yes or no
    return Met.MET if holds else Met.UNMET
