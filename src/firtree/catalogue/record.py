"""All entries of one hardware model, ready to be asked about many devices."""

from collections.abc import Callable, Collection, Iterable, Mapping
from operator import attrgetter

from firtree.catalogue.answer import Circumstances
from firtree.catalogue.entry import Entry
from firtree.catalogue.outline import Outline, outline_of
from firtree.catalogue.pathways import Pathways
from firtree.devices import ModelKey
from firtree.errors import VerificationError
from firtree.firmware import version_key

_LIMITED_TO = attrgetter("limited_to")
ReadWhole = Callable[[Collection[int]], Iterable[Entry]]


class ModelRecord:
    """All entries of one hardware model, ready to be asked about many devices.

    Args:
        key: manufacturer and model, upper case.
        outlines: of every entry with that key, removed ones included, any order.
        read: gives the whole entries with these ids; asked once for each.
    """

    def __init__(
        self, key: ModelKey, outlines: Iterable[Outline], read: ReadWhole
    ) -> None:
        self.key = key
        self.outlines: tuple[Outline, ...] = tuple(outlines)
        self._read = read
        self._whole: dict[int, Entry] = {}
        self._ways: Pathways | None = None
        self._own: tuple[Circumstances, Pathways] | None = None

    @classmethod
    def of(cls, key: ModelKey, entries: Iterable[Entry]) -> "ModelRecord":
        """Make the record of entries that are at hand."""
        known = {entry.id: entry for entry in entries}
        return cls(
            key,
            map(outline_of, known.values()),
            lambda ids: [known[entry_id] for entry_id in ids],
        )

    def whole(self, ids: Collection[int]) -> Mapping[int, Entry]:
        """Give whole entries by id, these ids among them.

        Raises:
            VerificationError: the statement of one is not that of its outline.
        """
        if missing := [one for one in ids if one not in self._whole]:
            read = {entry.id: entry for entry in self._read(missing)}
            if absent := [one for one in missing if one not in read]:
                raise VerificationError(
                    f"entry {absent[0]}: its row names a statement that does not "
                    "record it",
                    hint="see what else is wrong: firtree doctor",
                )
            self._whole |= read
        return self._whole

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every whole entry, by id."""
        ids = sorted(outline.id for outline in self.outlines)
        found = self.whole(ids)
        return tuple(found[entry_id] for entry_id in ids)

    @property
    def ways(self) -> Pathways:
        """The pathways for nobody in particular."""
        if self._ways is None:  # two threads may make the same
            self._ways = Pathways(self.outlines)
        return self._ways

    @property
    def limited(self) -> bool:
        """Whether any entry is limited to named parties."""
        return any(map(_LIMITED_TO, self.outlines))

    def ways_for(self, context: Circumstances) -> Pathways:
        """The pathways for one asker; shared where that makes no difference.

        Those of the last asker are kept with what they depend on, so a record that
        many share is asked ``apart()`` where somebody has a list of their own.
        """
        if context.approved is None and not (context.asker and self.limited):
            return self.ways
        own = self._own  # another thread may put in another asker's
        if own is not None and _alike(own[0], context):
            return own[1]
        ways = Pathways(
            self.outlines,
            asker=context.asker,
            approved=context.approved,
            day=context.day,
        )
        self._own = context, ways
        return ways

    def apart(self) -> "ModelRecord":
        """Give a record of the same entries that may keep one asker's pathways."""
        return ModelRecord(self.key, self.outlines, self._read)

    def listed(self, firmware: str) -> list[Outline]:
        """Entries with a firmware version: Active first, then the newest by R2."""
        version = version_key(firmware)
        found = [outline for outline in self.outlines if outline.firmware == version]
        if len(found) > 1:
            found.sort(key=lambda e: (e.active, *e.order), reverse=True)
        return found


def _alike(one: Circumstances, other: Circumstances) -> bool:
    """Tell whether pathways are the same in both."""
    return (
        one.asker == other.asker
        and one.approved is other.approved
        and one.day == other.day
    )
