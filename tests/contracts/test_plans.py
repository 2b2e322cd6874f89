"""Questions asked at every look-up are answered by an index, whatever the size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from entries import an_entry
from firtree.access import Scope
from firtree.devices import ModelKey
from firtree.ledger.statemap import map_key
from firtree.library.list_ports import ImageKey
from firtree.library.ports import Concerned, Filter
from firtree.statements.types.entry import model_name
from registers import ALDER, START, a_recorder, an_sqlite_register, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from firtree.library.ports import Reading
    from firtree.storage.sqlite import SQLiteRegister

KEY = an_entry(1).model.key
EVERYTHING = Scope(private=True)
SINGLE = Scope(makers=frozenset(), models=frozenset({KEY}))
NONE = ModelKey("", "")
QUESTIONS: dict[str, Callable[[Reading], Any]] = {
    "entries_of_model": lambda r: r.entries_of_model(KEY, 3),
    "entries": lambda r: r.entries([1, 2, 3], 3),
    "entry_rows": lambda r: r.entry_rows([1, 2, 3]),
    "end_at": lambda r: r.end_at(START),
    "end_of_size": lambda r: r.end_of_size(3),
    "ends": lambda r: list(r.ends(2)),
    "map_lists": lambda r: r.map_lists([map_key("model", model_name(KEY))]),
    "lists_at": lambda r: r.lists_at([map_key("model", model_name(KEY))], 3),
    "map_leaves": lambda r: list(r.map_leaves(2)),
    "makers": lambda r: r.makers(["AB01"], 3),
    "statements": lambda r: list(r.statements(1, 3)),
    "leaves": lambda r: r.leaves(1, 3),
    "heads": lambda r: r.heads(1, 3),
    "versions": lambda r: r.versions(1, 3, 2),
    "siblings": lambda r: r.siblings(KEY, 3, 9),
    "sharing_images": lambda r: r.sharing_images([f"{1:064X}"], 3),
    "sharers": lambda r: list(r.sharers([f"{1:064X}"], 3)),
    "manufacturers": lambda r: r.manufacturers(EVERYTHING, size=3, after="", limit=9),
    "tally": lambda r: r.tally(EVERYTHING, "AB01", 3),
    "tally of single models": lambda r: r.tally(SINGLE, "AB01", 3),
    "models of single models": lambda r: r.models(
        SINGLE, "AB01", size=3, after=NONE, limit=9
    ),
    "page of single models": lambda r: r.page(
        Filter(), SINGLE, size=3, after=0, limit=9
    ),
    "concerning": lambda r: r.concerning(Concerned(frozenset({"AB01"}), 7), 3, 9),
    "models": lambda r: r.models(
        EVERYTHING, "", size=3, after=ModelKey("", ""), limit=9
    ),
    "models of one": lambda r: r.models(EVERYTHING, "AB01", size=3, after=KEY, limit=9),
    "ids_of_maker": lambda r: r.ids_of_maker("AB01", size=3, after=1, limit=9),
    "releases": lambda r: r.releases(
        EVERYTHING, "", "", size=3, after=ImageKey("", ""), limit=9
    ),
    "releases of one": lambda r: r.releases(
        EVERYTHING, "AB01", "", size=3, after=ImageKey("", ""), limit=9
    ),
    "ids_of_release": lambda r: r.ids_of_release(
        EVERYTHING, ImageKey(f"{1:064X}", "AB01"), size=3, limit=9
    ),
    "chosen": lambda r: r.chosen([1, 2], Filter(), EVERYTHING, size=3),
    "segments": lambda r: r.segments({"id", "entries"}, 0, 3),
    "tile": lambda r: r.tile(1, 0),
    "page": lambda r: r.page(Filter(), EVERYTHING, size=3, after=1, limit=2),
}
# Steps that look at what the question itself names, put others together, or count to a
# bound how many manufacturers there are.
WITHOUT_ROWS = (
    *("MERGE (UNION ALL)", "LEFT", "RIGHT", "LIST SUBQUERY", "CO-ROUTINE (subquery-"),
    "CORRELATED SCALAR SUBQUERY",
    *("SCAN CONSTANT ROW", "SCAN json_each", "SCAN (subquery-", "CREATE BLOOM FILTER"),
    *("SCAN found", "CO-ROUTINE found", "MATERIALIZE found"),
    *("SCAN every", "CO-ROUTINE every", "COMPOUND QUERY", "UNION ALL"),
    *("SCAN counted", "CO-ROUTINE counted", "SCAN maker USING INDEX maker_newest"),
)
# Sorting what was found is harmless where little is found.
MAY_SORT = {
    *("entries_of_model", "siblings", "sharing_images"),
    *("ids_of_maker", "releases of one", "tally", "concerning"),
    *("tally of single models", "page of single models", "page"),
}
# These read an index and no row; of the others, a few rows are read.
INDEX_ONLY = {
    *("sharers", "tally", "models", "models of one", "ids_of_maker"),
    *("releases", "ids_of_release"),
}


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[SQLiteRegister, list[str]]]:
    """Give a register, and a list that gains each SQL statement it runs."""
    register = an_sqlite_register(tmp_path / "firtree.sqlite")
    record(a_recorder(register), ALDER, an_entry(1), an_entry(2))
    ran: list[str] = []
    event.listen(
        register.engine,
        "checkout",
        lambda connection, _record, _proxy: connection.set_trace_callback(ran.append),
    )
    yield register, ran
    register.close()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_an_index(
    asked: tuple[SQLiteRegister, list[str]], question: str
) -> None:
    register, ran = asked
    with register.reading() as reading:
        QUESTIONS[question](reading)
    statements = [sql for sql in ran if sql.startswith(("SELECT", "WITH"))]
    assert statements

    with register.engine.connect() as connection:
        plan = [
            row[3]
            for sql in statements
            for row in connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%")
            )
        ]
    steps = [step for step in plan if question not in MAY_SORT or "B-TREE" not in step]
    steps = [step for step in steps if not step.startswith(WITHOUT_ROWS)]
    assert all(step.startswith("SEARCH ") for step in steps), plan
    assert all(" USING " in step for step in steps), plan
    if question in INDEX_ONLY:
        assert all(" USING COVERING INDEX " in step for step in steps), plan
