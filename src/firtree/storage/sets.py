"""Sets of texts handed to the database as one value.

A list of a thousand codes with a mark for each would be written and read anew for each
question; as one JSON array the question stays the same, whatever the set.
"""

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Among(FunctionElement[bool]):
    """Whether a text is in a set: looked up row by row."""

    name = "among"
    inherit_cache = True


class _Listed(_Among):
    """The same, for a set that an index is gone through by."""

    name = "listed"
    inherit_cache = True


@compiles(_Among, "sqlite")
def _in_sqlite(asked: _Among, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401
    text, array = (compiler.process(clause, **how) for clause in asked.clauses)
    return f"({text} IN (SELECT value FROM json_each({array})))"  # noqa: S608 - marks


@compiles(_Among, "postgresql")
def _hashed(asked: _Among, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401
    text, array = (compiler.process(clause, **how) for clause in asked.clauses)
    return f"({text} IN (SELECT json_array_elements_text(CAST({array} AS json))))"


@compiles(_Listed, "postgresql")
def _indexed(asked: _Listed, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401
    # Of a subquery the planner believes that it has a hundred rows, and reads the whole
    # table rather than go through the index a hundred times.
    text, array = (compiler.process(clause, **how) for clause in asked.clauses)
    each = f"json_array_elements_text(CAST({array} AS json))"
    return f"({text} = ANY (ARRAY(SELECT {each})))"


def is_among(column: ColumnElement[str], texts: str) -> ColumnElement[bool]:
    """Make the condition that a column's text is one of some, looked up row by row.

    Args:
        column: which.
        texts: name of the value that the question is asked with: an ``array_of`` them.
    """
    return _Among(column, bindparam(texts, type_=Text))


def is_listed(column: ColumnElement[str], texts: str) -> ColumnElement[bool]:
    """Make the same condition, for an index that is gone through by these texts."""
    return _Listed(column, bindparam(texts, type_=Text))


@lru_cache(maxsize=1000)
def array_of(texts: frozenset[str]) -> str:
    """Write a set of texts as one value, a JSON array; what somebody sees is kept."""
    return msgspec.json.encode(sorted(texts)).decode()
