"""What the lists of a register need of storage: a part of the port ``Reading``."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, Protocol

from firtree.access import Scope
from firtree.devices import ModelKey


class Tally(NamedTuple):
    """What the register holds of a manufacturer: models, and entries by status."""

    models: int
    statuses: Mapping[str, int]

    @property
    def entries(self) -> int:
        """Number of entries."""
        return sum(self.statuses.values())


class ImageKey(NamedTuple):
    """What a release is known by; releases are listed in the order of these."""

    image_hash: str
    manufacturer: str


class Sharer(NamedTuple):
    """An entry that has an image: its image's hash, its manufacturer, its id."""

    image_hash: str
    manufacturer: str
    id: int


class Lists(Protocol):
    """Manufacturers, models and releases of one consistent state, in order.

    ``size`` arguments are log sizes; rows of a later one are not seen.
    """

    def manufacturers(
        self, scope: Scope, *, size: int, after: str, limit: int
    ) -> list[str]:
        """Give manufacturer codes above ``after``, in order.

        Of makers and of entries; some may be of entries that came after ``size``.
        """

    def tally(self, scope: Scope, code: str, size: int) -> Tally:
        """Count what there is of a manufacturer within a scope."""

    def models(
        self, scope: Scope, manufacturer: str, *, size: int, after: ModelKey, limit: int
    ) -> list[ModelKey]:
        """Give model keys above ``after`` that have entries, in order.

        Those of one manufacturer, or of all if it is empty.
        """

    def ids_of_maker(
        self, code: str, *, size: int, after: int, limit: int
    ) -> list[int]:
        """Give the ids above ``after`` of a manufacturer's entries, in order."""

    def releases(
        self,
        scope: Scope,
        manufacturer: str,
        image_hash: str,
        *,
        size: int,
        after: ImageKey,
        limit: int,
    ) -> list[ImageKey]:
        """Give releases above ``after``, in order; empty texts ask nothing."""

    def ids_of_release(
        self, scope: Scope, key: ImageKey, *, size: int, limit: int
    ) -> list[int]:
        """Give the ids of a release's entries, in order."""

    def sharers(self, hashes: Collection[str], size: int) -> Iterator[Sharer]:
        """Yield the entries with these Manufacturer Image Hashes, in order."""
