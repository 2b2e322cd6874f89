"""Lists of what the register holds: manufacturers, hardware models, releases.

Every list comes in pages, in the order of its keys, and looks at a bounded number of
index rows and entries for each.  A page may hold less than what was asked for: it is
the last one if it has no ``after``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

import msgspec

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.entry import Entry
from firtree.catalogue.outline import outline_of
from firtree.catalogue.pathways import newest, usable
from firtree.devices import DeviceType, ModelKey
from firtree.errors import NotFoundError
from firtree.library.list_ports import ImageKey, Tally
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Reading, Register
from firtree.library.views import View, missing, seen, seen_maker
from firtree.parties import Maker

# The counts of a page of manufacturers end after so many entries.
COUNTED_MOST = 100_000
# A page of models looks at so many models, and ends after so many entries.
MODELS_MOST = 500
_ENTRIES_MOST = 20_000
# So many ids of a release are given.
SHARING_MOST = 200

_Item = TypeVar("_Item")
_Key = TypeVar("_Key")


class Listing(NamedTuple, Generic[_Item, _Key]):
    """A page of a list.

    Attributes:
        items: what is listed.
        after: key to go on after; None = that was the last page.
    """

    items: list[_Item]
    after: _Key | None


class ManufacturerView(NamedTuple):
    """A manufacturer, and how much the register holds of it.

    Attributes:
        code: manufacturer code.
        maker: what is known of it, without what the asker may not see; None = only
            the code.
        tally: its models and entries.
    """

    code: str
    maker: Maker | None
    tally: Tally


class ModelView(NamedTuple):
    """A hardware model.

    Attributes:
        key: what devices of it are matched by.
        device_types: of its entries; more than one only where entries contradict.
        manufacturer_name: as most of its entries have it; empty = not known.
        trade_names: every one of its entries', in order.
        statuses: number of entries by status.
        newest: its newest entry that may be installed (R1, R2); None = there is none.
    """

    key: ModelKey
    device_types: tuple[DeviceType, ...]
    manufacturer_name: str
    trade_names: tuple[str, ...]
    statuses: Mapping[str, int]
    newest: Entry | None


class ReleaseView(NamedTuple):
    """A release: the entries of a maker that share one Manufacturer Image.

    Attributes:
        key: image hash and manufacturer code.
        entries: their ids, the first ``SHARING_MOST``.
        more: whether there are more.
    """

    key: ImageKey
    entries: tuple[int, ...]
    more: bool


class ModelsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which models are asked for; an empty field asks nothing.

    Args:
        manufacturer: manufacturer code, upper case.
        device_types: any of which will do.
    """

    manufacturer: str = ""
    device_types: frozenset[DeviceType] = frozenset()


class Lists:
    """Lists what one register holds.  Safe to share between threads.

    Args:
        register: where it is kept.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def manufacturers(
        self, principal: Principal, view: View, *, after: str = "", limit: int = 100
    ) -> Listing[ManufacturerView, str]:
        """List manufacturers by code, with how much the register holds of each.

        Args:
            principal: who asks.
            view: from where.
            after: code to go on after.
            limit: how many at most.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        with self._register.reading() as tx:
            codes = tx.manufacturers(
                scope, size=view.size, after=after, limit=limit + 1
            )
            makers = makers_of(tx.makers(codes, view.size))
            items: list[ManufacturerView] = []
            counted = 0
            for place, code in enumerate(codes):
                if place == limit or counted > COUNTED_MOST:
                    return Listing(items, codes[place - 1])
                tally = tx.tally(scope, code, view.size)
                counted += tally.entries
                if code in makers or tally.entries:
                    maker = seen_maker(makers.get(code), scope)
                    items.append(ManufacturerView(code, maker, tally))
        return Listing(items, None)

    def manufacturer(
        self, principal: Principal, code: str, view: View
    ) -> ManufacturerView:
        """Give one manufacturer.

        Raises:
            NotFoundError: the register holds nothing of it, or it is not the
                principal's to see.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        if scope.covers_maker(code):
            with self._register.reading() as tx:
                maker = makers_of(tx.makers([code], view.size)).get(code)
                tally = tx.tally(scope, code, view.size)
            if maker or tally.entries:
                return ManufacturerView(code, seen_maker(maker, scope), tally)
        raise NotFoundError(
            missing(f"manufacturer {code}", partial=not scope.sees_all_of_maker(code)),
            hint="see the list of manufacturers",
        )

    def models(
        self,
        principal: Principal,
        wanted: ModelsWanted,
        view: View,
        *,
        after: ModelKey | None = None,
        limit: int = 100,
    ) -> Listing[ModelView, ModelKey]:
        """List hardware models by manufacturer and model.

        Args:
            principal: who asks.
            wanted: which.
            view: from where.
            after: model to go on after; None = from the first.
            limit: how many at most.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        look = limit if not wanted.device_types else MODELS_MOST
        with self._register.reading() as tx:
            keys = tx.models(
                scope,
                wanted.manufacturer,
                size=view.size,
                after=after or ModelKey("", ""),
                limit=look + 1,
            )
            items: list[ModelView] = []
            looked = 0
            for place, key in enumerate(keys):
                if place == look or len(items) == limit or looked > _ENTRIES_MOST:
                    return Listing(items, keys[place - 1])
                entries = _entries_of(tx, key, scope, view)
                looked += len(entries)
                types = {entry.device_type for entry in entries}
                if not wanted.device_types or types & wanted.device_types:
                    items.append(model_view(key, entries, principal))
        return Listing(items, None)

    def releases(
        self,
        principal: Principal,
        view: View,
        *,
        manufacturer: str = "",
        image_hash: str = "",
        after: ImageKey | None = None,
        limit: int = 100,
    ) -> Listing[ReleaseView, ImageKey]:
        """List releases by image hash and manufacturer.

        Args:
            principal: who asks.
            view: from where.
            manufacturer: only this code; empty = all.
            image_hash: only this hash; empty = all.
            after: release to go on after; None = from the first.
            limit: how many at most.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        if manufacturer and not scope.covers_maker(manufacturer):
            return Listing([], None)
        with self._register.reading() as tx:
            keys = tx.releases(
                scope,
                manufacturer,
                image_hash,
                size=view.size,
                after=after or ImageKey("", ""),
                limit=limit + 1,
            )
            items = []
            for key in keys[:limit]:
                ids = tx.ids_of_release(
                    scope, key, size=view.size, limit=SHARING_MOST + 1
                )
                more = len(ids) > SHARING_MOST
                items.append(ReleaseView(key, tuple(ids[:SHARING_MOST]), more))
        return Listing(items, keys[limit - 1] if len(keys) > limit else None)


def model_view(
    key: ModelKey, entries: Iterable[Entry], principal: Principal
) -> ModelView:
    """Sum up the entries of a model, of which there is at least one."""
    listed = list(entries)
    names = Counter(entry.cpl.manufacturer_name for entry in listed)
    del names[""]
    whole = {entry.id: entry for entry in listed}
    outlines = map(outline_of, listed)
    may_run = [one for one in outlines if usable(one, principal.name)]
    return ModelView(
        key=key,
        device_types=tuple(sorted({entry.device_type for entry in listed})),
        manufacturer_name=names.most_common(1)[0][0] if names else "",
        trade_names=tuple(sorted({e.cpl.trade_name for e in listed} - {""})),
        statuses=Counter(entry.cpl.status.value for entry in listed),
        newest=whole[newest(may_run).id] if may_run else None,
    )


def _entries_of(tx: Reading, key: ModelKey, scope: Scope, view: View) -> list[Entry]:
    return seen(map(entry_of, tx.entries_of_model(key, view.size)), scope, view)
