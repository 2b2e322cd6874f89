"""Lists of manufacturers, models and releases, asked of the indexes alone."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    distinct,
    func,
    select,
    tuple_,
)

from firtree.access import Scope
from firtree.catalogue.entry import Status
from firtree.devices import ModelKey
from firtree.library.list_ports import ImageKey, Sharer, Tally
from firtree.storage.queries import as_of, chunks, in_scope, values_of
from firtree.storage.tables import entry, maker

_AS_OF = as_of(entry.c.since, entry.c.until)
_CODE = entry.c.manufacturer == bindparam("code")

_NEXT_CODE = (
    select(entry.c.manufacturer)
    .where(entry.c.manufacturer > bindparam("after"))
    .order_by(entry.c.manufacturer)
    .limit(1)
)
_MAKER_CODES = (
    select(maker.c.code)
    .where(as_of(maker.c.since, maker.c.until), maker.c.code > bindparam("after"))
    .order_by(maker.c.code)
    .limit(bindparam("most"))
)
_TALLY = select(
    func.count(distinct(entry.c.model)),
    *(func.count(case((entry.c.status == status.value, 1))) for status in Status),
).where(_CODE, _AS_OF)

_MODELS = select(entry.c.manufacturer, entry.c.model).distinct().where(_AS_OF)
_MODELS = _MODELS.order_by(entry.c.manufacturer, entry.c.model)

# As an expression, so that no index in the order of ids is gone through instead.
_ID = entry.c.id + 0
_IDS_OF_MAKER = (
    select(entry.c.id)
    .where(_CODE, _AS_OF, bindparam("after") < _ID)
    .order_by(_ID)
    .limit(bindparam("most"))
)

_SHARER = (entry.c.image_hash, entry.c.manufacturer, entry.c.id)
_SHARERS = (
    select(*_SHARER)
    .where(entry.c.image_hash.in_(bindparam("hashes", expanding=True)), _AS_OF)
    .order_by(*_SHARER)
)
_OF_RELEASE = (
    select(entry.c.id)
    .where(entry.c.image_hash == bindparam("image_hash"), _CODE, _AS_OF)
    .order_by(entry.c.id)
    .limit(bindparam("most"))
)


def _above(columns: Any, values: tuple[str, str]) -> ColumnElement[bool]:  # noqa: ANN401
    return tuple_(*columns) > tuple_(*values)


def _models(scope: Scope, manufacturer: str, after: ModelKey) -> Select[Any]:
    if manufacturer:
        query = _MODELS.where(entry.c.manufacturer == manufacturer, *in_scope(scope))
        return query.where(entry.c.model > after.model) if after.model else query
    columns = (entry.c.manufacturer, entry.c.model)
    return _MODELS.where(*in_scope(scope), _above(columns, after))


def _releases(
    scope: Scope, manufacturer: str, image_hash: str, after: ImageKey
) -> Select[Any]:
    # A maker's entries are few beside all images: they are looked through.
    hashes = entry.c.image_hash.concat("") if manufacturer else entry.c.image_hash
    columns = (hashes, entry.c.manufacturer)
    query = select(*columns).distinct().where(_AS_OF, hashes > "", *in_scope(scope))
    query = query.where(_above(columns, after)).order_by(*columns)
    if manufacturer:
        query = query.where(entry.c.manufacturer == manufacturer)
    return query.where(hashes == image_hash) if image_hash else query


class SQLLists:
    """Implements the lists of ``Reading`` on an open transaction."""

    connection: Connection

    def manufacturers(
        self, scope: Scope, *, size: int, after: str, limit: int
    ) -> list[str]:
        if (within := scope.codes) is not None:
            return sorted(code for code in within if code > after)[:limit]
        values = {"size": size, "after": after, "most": limit}
        codes = set(self.connection.execute(_MAKER_CODES, values).scalars())
        for _ in range(limit):
            found = self.connection.execute(_NEXT_CODE, {"after": after}).scalar()
            if found is None:
                break
            codes.add(found)
            after = found
        return sorted(codes)[:limit]

    def tally(self, scope: Scope, code: str, size: int) -> Tally:
        query = _TALLY.where(*in_scope(scope))
        values = {"code": code, "size": size, **values_of(scope)}
        row = self.connection.execute(query, values).one()
        counts = dict(zip((status.value for status in Status), row[1:], strict=True))
        return Tally(row[0], {status: n for status, n in counts.items() if n})

    def models(
        self, scope: Scope, manufacturer: str, *, size: int, after: ModelKey, limit: int
    ) -> list[ModelKey]:
        if manufacturer and not scope.covers_maker(manufacturer):
            return []
        query = _models(scope, manufacturer, after).limit(limit)
        rows = self.connection.execute(query, {"size": size, **values_of(scope)})
        return [ModelKey(*row) for row in rows]

    def ids_of_maker(
        self, code: str, *, size: int, after: int, limit: int
    ) -> list[int]:
        values = {"code": code, "size": size, "after": after, "most": limit}
        return list(self.connection.execute(_IDS_OF_MAKER, values).scalars())

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
        query = _releases(scope, manufacturer, image_hash, after).limit(limit)
        rows = self.connection.execute(query, {"size": size, **values_of(scope)})
        return [ImageKey(*row) for row in rows]

    def ids_of_release(
        self, scope: Scope, key: ImageKey, *, size: int, limit: int
    ) -> list[int]:
        values: dict[str, object] = {"size": size, "most": limit, **values_of(scope)}
        values |= {"image_hash": key.image_hash, "code": key.manufacturer}
        query = _OF_RELEASE.where(*in_scope(scope))
        return list(self.connection.execute(query, values).scalars())

    def sharers(self, hashes: Collection[str], size: int) -> Iterator[Sharer]:
        for chunk in chunks(sorted(hashes)):
            values = {"hashes": chunk, "size": size}
            for row in self.connection.execute(_SHARERS, values).yield_per(1000):
                yield Sharer(*row)
