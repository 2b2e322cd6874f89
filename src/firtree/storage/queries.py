"""The questions asked of the tables, as SQL expressions for both databases."""

from collections.abc import Collection, Iterator
from functools import lru_cache
from string import ascii_lowercase
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    text,
    true,
    union_all,
)

from firtree.access import Scope
from firtree.devices import ModelKey
from firtree.library.ports import Concerned, Filter
from firtree.storage.sets import array_of, is_among, is_listed
from firtree.storage.tables import (
    ERASURES,
    checkpoint,
    entry,
    maker,
    map_leaf,
    party,
    segment,
    statement,
)

IDS_AT_ONCE = 500

_SIZE: BindParameter[int] = bindparam("size")


def as_of(since: ColumnElement[int], until: ColumnElement[int]) -> ColumnElement[bool]:
    """Rows that hold at the bound ``size``."""
    return and_(since <= _SIZE, or_(until.is_(None), until > _SIZE))


_STORED = (
    statement.c.leaf_index,
    statement.c.core,
    statement.c.fir,
    statement.c.people,
    statement.c.private,
)
_ENTRY_AS_OF = as_of(entry.c.since, entry.c.until)

STORED_ENTRIES: Select[Any] = (
    select(*_STORED)
    .select_from(entry)
    .join(statement, statement.c.leaf_index == entry.c.since - 1)
    .where(_ENTRY_AS_OF)
    .order_by(entry.c.id)
)

# The names are compared as expressions, so that the range of places is walked and no
# index is gone through.
OF_MODEL = STORED_ENTRIES.where(
    entry.c.place.between(bindparam("first"), bindparam("last")),
    entry.c.manufacturer.concat("") == bindparam("manufacturer"),
    entry.c.model.concat("") == bindparam("model"),
)

# The questions of every look-up whose model is not in memory: the same in plain text,
# because SQLAlchemy's expressions would cost more than the database.  Each database
# has its own cheapest way to disguise a column as an expression.
OUTLINES_OF_MODEL = (
    "SELECT since - 1, outline FROM entry"
    " WHERE place BETWEEN {mark} AND {mark}"
    " AND {manufacturer} = {mark} AND {model} = {mark}"
    " AND since <= {mark} AND (until IS NULL OR until > {mark})"
)
NUMBERED = "SELECT leaf_index, core, fir, people, private FROM {wanted}"

LIST_SINCE = "SELECT max(since) FROM map_leaf WHERE key = {mark}"

# The log's size and the version of the accounts, asked for at every request.
MARKS = (
    "SELECT size, (SELECT version FROM desk_version WHERE name = 'accounts') FROM head"
)

OF_IDS = STORED_ENTRIES.where(entry.c.id.in_(bindparam("ids", expanding=True)))

SHARING_IMAGES = STORED_ENTRIES.where(
    entry.c.image_hash.in_(bindparam("hashes", expanding=True))
)

IDS = select(entry.c.id).where(_ENTRY_AS_OF).order_by(entry.c.id)

SIBLINGS = STORED_ENTRIES.where(
    entry.c.manufacturer == bindparam("manufacturer"),
    entry.c.model >= bindparam("first"),
    entry.c.model < bindparam("last"),
    entry.c.model != bindparam("model"),
).limit(bindparam("most"))

MAKERS = (
    select(*_STORED)
    .select_from(maker)
    .join(statement, statement.c.leaf_index == maker.c.since - 1)
    .where(as_of(maker.c.since, maker.c.until))
    .where(maker.c.code.in_(bindparam("codes", expanding=True)))
    .order_by(maker.c.code)
)

NAMES = (
    select(maker.c.code, maker.c.since, maker.c.name)
    .where(as_of(maker.c.since, maker.c.until))
    .order_by(maker.c.code)
)

PARTIES = (
    select(*_STORED)
    .select_from(party)
    .join(statement, statement.c.leaf_index == party.c.since - 1)
    .where(as_of(party.c.since, party.c.until))
    .order_by(party.c.id)
)

SEGMENTED = select(segment.c.stop).order_by(segment.c.first.desc()).limit(1)

SEGMENTS = (
    select(segment)
    .where(
        segment.c.first >= bindparam("start"),
        segment.c.first < bindparam("stop"),
        segment.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(segment.c.first, segment.c.kind)
)

COUNTS = (
    select(entry.c.status, func.count()).where(_ENTRY_AS_OF).group_by(entry.c.status)
)

# All of them in the order of the table; by the index of ``since`` each would be looked
# up by itself, which takes ten times as long.
# Each database has its own way to look every key up once; ``{wanted}`` gives the keys.
LISTS_AT = "SELECT leaf.key, kind, name, list FROM {wanted}"

_LATER = map_leaf.alias("later")
EVERY_MAP_LEAF = select(map_leaf.c.key, map_leaf.c.list).where(
    ~exists().where(_LATER.c.key == map_leaf.c.key, _LATER.c.since > map_leaf.c.since)
)

MAP_LEAVES = EVERY_MAP_LEAF.where(map_leaf.c.since > bindparam("after"))

TOUCHED = (
    select(map_leaf.c.kind, map_leaf.c.name)
    .where(map_leaf.c.since > bindparam("after"))
    .distinct()
)

ENDS = (
    select(checkpoint)
    .where(checkpoint.c.size > bindparam("after"))
    .order_by(checkpoint.c.size)
)

END_AT = (
    select(checkpoint)
    .where(checkpoint.c.at_us <= bindparam("at_us"))
    .order_by(checkpoint.c.at_us.desc())
    .limit(1)
)

END_OF_SIZE = (
    select(checkpoint)
    .where(checkpoint.c.size <= bindparam("size"))
    .order_by(checkpoint.c.size.desc())
    .limit(1)
)

_WHOLE = (
    "SELECT s.leaf_index, s.leaf, s.subject, s.head, s.core, s.fir, s.people,"
    " s.private, s.salts, s.commitments FROM statement s"
)

# Read by the hundred thousand; plain text, as OUTLINES_OF_MODEL is.
STATEMENTS = _WHOLE + (
    " WHERE leaf_index >= {mark} AND leaf_index < {mark} ORDER BY leaf_index"
)

LEAVES = (
    "SELECT leaf FROM statement"
    " WHERE leaf_index >= {mark} AND leaf_index < {mark} ORDER BY leaf_index"
)

TILE = "SELECT hashes FROM tile WHERE level = {mark} AND number = {mark}"

HEADS = (
    "SELECT leaf_index, leaf, subject, head FROM statement"
    " WHERE leaf_index >= {mark} AND leaf_index < {mark} ORDER BY leaf_index"
)

VERSIONS = _WHOLE + (
    " JOIN entry e ON s.leaf_index = e.since - 1"
    " WHERE e.id = {mark} AND e.since <= {mark} ORDER BY e.since DESC LIMIT {mark}"
)

# Read and written with each transaction.
HEAD = "SELECT size, at_us, state, frontier, id FROM head"
SET_HEAD = (
    "UPDATE head SET size = {mark}, at_us = {mark}, state = {mark}, frontier = {mark}"
)


# Stands between the two parts of a hardware model's key; neither holds it.
_BETWEEN = "\x1f"
_MODEL = entry.c.manufacturer.concat(_BETWEEN).concat(entry.c.model)
_OF_MAKERS = is_among(entry.c.manufacturer, "within_makers")
_OF_MODELS = is_among(_MODEL, "within_models")
# The manufacturers of single models stand there too, so that an index can be used.
_OF_CODES = is_listed(entry.c.manufacturer, "within_codes")
# Within a CASE no index is looked for, and a set is looked up in row by row.
_WALKED = case((_OF_MAKERS, true()), else_=false())
_WALKED_OF_MODELS = case((_OF_MAKERS, true()), else_=_OF_MODELS)
_GATHERED_OF_MODELS = or_(_OF_MAKERS, _OF_MODELS)


def in_scope(scope: Scope, *, walked: bool = False) -> list[ColumnElement[bool]]:
    """Make the conditions that keep a question within somebody's reach.

    Args:
        scope: what is within reach; the question is asked with its ``values_of``.
        walked: whether entries are gone through in another order, so that no index of
            names is to be used.
    """
    if scope.makers is None:
        return []
    if walked:
        return [_WALKED_OF_MODELS if scope.models else _WALKED]
    return [_OF_CODES, _GATHERED_OF_MODELS] if scope.models else [_OF_CODES]


def values_of(scope: Scope, *, walked: bool = False) -> dict[str, str]:
    """Give what a question is asked with that has the conditions of a scope."""
    if scope.makers is None:
        return {}
    values = {}
    if walked or scope.models:
        values["within_makers"] = array_of(scope.makers)
    if scope.models:
        values["within_models"] = _array_of_models(scope.models)
    if not walked:
        values["within_codes"] = array_of(scope.codes or frozenset())
    return values


@lru_cache(maxsize=1000)
def _array_of_models(models: frozenset[ModelKey]) -> str:
    return array_of(frozenset(map(_BETWEEN.join, models)))


# Number of the statement of which ``erasure/<number>/<section>`` erases a section.  A
# database may work out the number of a row before it has looked whether it is one.
_ERASED = case(
    (
        text(ERASURES),
        cast(
            func.rtrim(func.substr(statement.c.subject, 9), f"/{ascii_lowercase}"),
            BigInteger,
        ),
    ),
)


def concerning(about: Concerned) -> Select[Any]:
    """Make the question for the statements that concern somebody, newest first."""
    codes = sorted(about.codes)
    below: BindParameter[int] = bindparam("below")
    found = union_all(
        select((entry.c.since - 1).label("number")).where(
            entry.c.manufacturer.in_(codes)
        ),
        select(maker.c.since - 1).where(maker.c.code.in_(codes)),
        select(party.c.since - 1).where(party.c.id == about.party),
    ).cte("found")
    erasing = select(statement.c.leaf_index).where(
        text(ERASURES), _ERASED.in_(select(found.c.number))
    )
    every = union_all(select(found.c.number), erasing).subquery("every")
    (number,) = every.c
    return select(number).where(number < below).order_by(number.desc())


def makers_known(most: int) -> Select[Any]:
    """Make the question for the number of manufacturers, counted up to a bound."""
    some = select(maker.c.code).where(maker.c.until.is_(None)).limit(most)
    return select(func.count()).select_from(some.subquery("counted"))


def page(
    wanted: Filter, scope: Scope, *, after: int, limit: int, walk: bool
) -> Select[Any]:
    """Make the question for one page of entries, by id.

    Args:
        wanted: which.
        scope: within whose reach.
        after: id to go on after.
        limit: how many at most.
        walk: whether entries are gone through in the order of their ids, as is best
            where many fit; else those within reach are gathered from an index.
    """
    # As an expression it keeps the database from going through the ids after all.
    number = entry.c.id if walk or wanted.narrow else entry.c.id + 0
    reach = in_scope(scope, walked=walk)
    where = (*reach, *_filters(wanted), _ENTRY_AS_OF, number > after)
    chosen = select(entry.c.id, entry.c.since).where(*where)
    # Put in order and cut short before a statement is read for any of them.
    found = chosen.order_by(number).limit(limit).subquery("found")
    return (
        select(*_STORED)
        .select_from(found)
        .join(statement, statement.c.leaf_index == found.c.since - 1)
        .order_by(found.c.id)
    )


def _filters(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.device_types:
        yield entry.c.device_type.in_(wanted.device_types)
    if wanted.manufacturer:
        yield entry.c.manufacturer == wanted.manufacturer
    if wanted.model:
        yield entry.c.model == wanted.model
    if wanted.firmware:
        yield entry.c.firmware == wanted.firmware
    if wanted.image_hash:
        yield entry.c.image_hash == wanted.image_hash
    if wanted.in_force_on is None:
        if wanted.status:
            yield entry.c.status == wanted.status
        return
    day = wanted.in_force_on.isoformat()
    yield or_(entry.c.published_on.is_(None), entry.c.published_on <= day)
    if wanted.status:
        # The same rule as catalogue.entry.in_force, which restores what is shown.
        later = and_(entry.c.status != "Active", entry.c.status_from > day)
        yield case((later, "Active"), else_=entry.c.status) == wanted.status


def chosen(wanted: Filter, scope: Scope) -> Select[Any]:
    """Make the question for those of some entries that fit."""
    return OF_IDS.where(*in_scope(scope), *_filters(wanted))


def chunks(values: Collection[Any]) -> Iterator[list[Any]]:
    """Split values into lists short enough for one statement."""
    ordered = list(values)
    for start in range(0, len(ordered), IDS_AT_ONCE):
        yield ordered[start : start + IDS_AT_ONCE]
