"""All entries of one hardware model, ready to be asked about many devices."""

from collections.abc import Iterable
from functools import cached_property

from firtree.catalogue.answer import Circumstances
from firtree.catalogue.entry import Entry
from firtree.catalogue.pathways import Pathways
from firtree.devices import ModelKey
from firtree.firmware import version_key


class ModelRecord:
    """All entries of one hardware model, ready to be asked about many devices.

    Args:
        key: manufacturer and model, upper case.
        entries: every entry with that key, removed ones included, any order.
    """

    def __init__(self, key: ModelKey, entries: Iterable[Entry]) -> None:
        self.key = key
        self.entries: tuple[Entry, ...] = tuple(sorted(entries, key=lambda e: e.id))

    @cached_property
    def ways(self) -> Pathways:
        """The pathways for nobody in particular."""
        return Pathways(self.entries)

    @cached_property
    def limited(self) -> bool:
        """Whether any entry is limited to named parties."""
        return any(entry.fir.limited_to for entry in self.entries)

    def ways_for(self, context: Circumstances) -> Pathways:
        """The pathways for one asker; shared where that makes no difference."""
        if context.approved is None and not (self.limited and context.asker):
            return self.ways
        return Pathways(
            self.entries,
            asker=context.asker,
            approved=context.approved,
            day=context.day,
        )

    def listed(self, firmware: str) -> list[Entry]:
        """Entries with a firmware version: Active first, then the newest by R2."""
        return self._by_firmware.get(version_key(firmware), [])

    @cached_property
    def _by_firmware(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.firmware_key, []).append(entry)
        for same in filter(_several, found.values()):
            same.sort(key=lambda e: (e.active, *e.order), reverse=True)
        return found


def _several(entries: list[Entry]) -> bool:
    return len(entries) > 1
