"""A keeper that forges what no signature shows is found out by mirrors and verifiers.

Each log here is signed and its tree is right; only what its leaves and heads say does
not fit together.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from entries import an_entry
from firtree.client import replay
from firtree.client.verdict import Effort, verify_mirror
from firtree.errors import VerificationError
from firtree.exchange.files import silent
from firtree.ledger import sections as section_rules
from firtree.ledger.leaf import Leaf, check_transaction
from firtree.ledger.merkle import Frontier, leaf_hash
from firtree.ledger.sections import Sections, erased
from firtree.ledger.tiles import TILE_WIDTH, full_leaf_tiles, higher_tiles
from firtree.library import record as recording
from firtree.parties import Maker
from firtree.statements.statement import write_sections
from firtree.statements.types.erasure import Erasure
from firtree.wiring.mirrors import to_check
from mirrored import LocalLog, mirror, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from firtree.statements.disclosure import DisclosedStatement
    from firtree.statements.statement import Statement

Forge = dict[int, "Callable[[Leaf], Leaf]"]
PIECES = Effort(processes=1, blocks=1, bits=2)
OTHER_STATE = bytes(range(32))


def forged(path: Path, changes: Forge) -> LocalLog:
    """Change leaves of a log, and make its tree anew, as its keeper could."""
    with closing(sqlite3.connect(path)) as database:
        for number, change in changes.items():
            query = "SELECT leaf FROM statement WHERE leaf_index = ?"
            ((octets,),) = database.execute(query, (number,))
            query = "UPDATE statement SET leaf = ? WHERE leaf_index = ?"
            database.execute(query, (change(Leaf.parse(octets)).encode(), number))
        query = "SELECT leaf FROM statement ORDER BY leaf_index"
        hashes = [leaf_hash(octets) for (octets,) in database.execute(query)]
        frontier, gained = Frontier().grown(hashes)
        query = "UPDATE tile SET hashes = ? WHERE level = ? AND number = ?"
        for tile in (*full_leaf_tiles(0, hashes), *higher_tiles(gained)):
            values = (b"".join(tile.hashes), tile.level, tile.number)
            database.execute(query, values)
        database.execute("UPDATE head SET frontier = ?", (frontier.encode(),))
        for (size,) in database.execute("SELECT size FROM checkpoint").fetchall():
            root = Frontier().grown(hashes[:size])[0].root
            query = "UPDATE checkpoint SET root = ? WHERE size = ?"
            database.execute(query, (root, size))
        database.commit()
    return LocalLog(path)


def found_in(folder: Path) -> list[str]:
    """Verify a mirror, however it is cut up; give what is wrong."""
    checked = to_check(folder)
    whole = told(verify_mirror(checked, None, progress=silent))
    pieces = told(verify_mirror(checked, None, progress=silent, effort=PIECES))
    assert whole == pieces
    return whole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give where a log is: a transaction of 300 statements, and some small ones."""
    log = LocalLog(tmp_path / "log.db")
    log.record(*(an_entry(number) for number in range(1, 301)))
    log.record(an_entry(301))
    log.record(an_entry(302))
    log.register.close()
    return tmp_path / "log.db"


INNER = "the leaves of its transaction name several states"
STATES = {
    "inside a block": [7],
    "in the first of a block": [TILE_WIDTH],
    "in the last of a block": [TILE_WIDTH - 1],
    "in all of a block": range(2, TILE_WIDTH),
}


@pytest.mark.parametrize("name", STATES)
def test_a_leaf_that_names_another_state_than_its_transaction_is_found(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    log = forged(path, dict.fromkeys(STATES[name], _other_state))
    folder = tmp_path / "mirror"

    with pytest.raises(VerificationError, match=f"statement 2: {INNER}"):
        mirror(folder, log)

    monkeypatch.setattr(replay, "check_transaction", lambda *_: None)
    mirror(folder, log)
    assert any(INNER in line for line in found_in_pieces(folder))
    assert [f"register/firtree.db, statement 2: {INNER}"] == whole(folder)


def whole(folder: Path) -> list[str]:
    """Verify a mirror in one piece."""
    return told(verify_mirror(to_check(folder), None, progress=silent))


def found_in_pieces(folder: Path) -> list[str]:
    """Verify a mirror block by block."""
    return told(verify_mirror(to_check(folder), None, progress=silent, effort=PIECES))


def _other_state(leaf: Leaf) -> Leaf:
    return leaf._replace(state=OTHER_STATE)


@pytest.mark.parametrize("step", [-1, 0])
def test_a_transaction_that_is_not_later_than_the_one_before_is_found(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    # Statement 302 is alone in its transaction, and so is the one behind it.
    apart = timedelta(seconds=step) - timedelta(minutes=2)  # from statement 1
    log = forged(path, {303: lambda leaf: leaf._replace(at=leaf.at + 2 * apart)})
    folder = tmp_path / "mirror"

    with pytest.raises(VerificationError, match=r"statement 303: its time, .* later"):
        mirror(folder, log)

    monkeypatch.setattr(replay, "check_transaction", lambda *_: None)
    if step:  # two checkpoints of one moment cannot even be kept
        mirror(folder, log)
        assert any("statement 303: its time" in line for line in found_in(folder))


def test_times_are_compared_where_two_ranges_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.record(*(an_entry(number) for number in range(1, TILE_WIDTH - 1)))
    assert log.register.size() == TILE_WIDTH
    log.record(an_entry(900))
    log.register.close()
    log = forged(
        tmp_path / "log.db",
        {TILE_WIDTH: lambda leaf: leaf._replace(at=leaf.at - timedelta(days=1))},
    )
    monkeypatch.setattr(replay, "check_transaction", lambda *_: None)
    mirror(tmp_path / "mirror", log)

    [found] = found_in(tmp_path / "mirror")
    assert f"statement {TILE_WIDTH}: its time" in found


def test_a_transaction_has_one_state_and_a_later_time() -> None:
    leaf = Leaf.parse(Leaf(_at(1), bytes(32), bytes(32)).encode())

    check_transaction([leaf, leaf], None)
    check_transaction([leaf], _at(0))
    for leaves, before, wrong in (
        ([leaf, leaf._replace(state=OTHER_STATE)], None, "several states"),
        ([leaf._replace(state=OTHER_STATE), leaf], None, "several states"),
        ([leaf], _at(1), "not later"),
        ([leaf], _at(2), "not later"),
    ):
        with pytest.raises(VerificationError, match=wrong):
            check_transaction(leaves, before)


def _at(minute: int) -> datetime:
    return datetime(2026, 11, 29, 12, minute, tzinfo=UTC)


def test_an_erasure_that_is_said_twice_excuses_one_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.fill(8)
    log.record(Erasure(statement=3, section="fir", reason="asked for"))
    monkeypatch.setattr(recording, "_erased", lambda *_: [])
    log.record(Erasure(statement=3, section="fir", reason="asked for"))
    whole = mirror(tmp_path / "whole", log)
    assert (whole.state.hidden, whole.state.replayed) == (0, True)

    _withhold(log, 7)
    partial = mirror(tmp_path / "partial", log)

    assert (partial.state.hidden, partial.state.replayed) == (1, True)
    assert found_in(tmp_path / "whole") == found_in(tmp_path / "partial") == []


def test_an_erasure_that_is_said_again_in_a_later_run_excuses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.fill(8)
    log.record(Erasure(statement=3, section="fir", reason="asked for"))
    _withhold(log, 7)
    assert mirror(tmp_path / "mirror", log).state.hidden == 1
    monkeypatch.setattr(recording, "_erased", lambda *_: [])
    log.record(Erasure(statement=3, section="fir", reason="asked for"))

    assert mirror(tmp_path / "mirror", log).state.hidden == 1
    assert found_in(tmp_path / "mirror") == []


def _withhold(log: LocalLog, number: int) -> None:
    """Let a log disclose no FIR information of a statement."""
    statements = log.statements

    def withheld(start: int, stop: int) -> Iterator[DisclosedStatement]:
        for one in statements(start, stop):
            hidden = one._replace(body=erased(one.body, "fir"))
            yield hidden if one.number == number else one

    log.statements = withheld  # type: ignore[method-assign]


@pytest.mark.parametrize("which", ["an entry", "a maker"])
@pytest.mark.parametrize("said", [0, None])
def test_a_statement_that_takes_the_place_of_another_than_it_says_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str, said: int | None
) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.record(an_entry(1))
    _lie_of_place(monkeypatch, said)
    changed = an_entry(1, trade_name="Other")
    log.record(changed if which == "an entry" else Maker(code="AB01", name="Other"))
    monkeypatch.undo()
    log.record(an_entry(2))
    folder = tmp_path / "mirror"

    with pytest.raises(VerificationError, match="statement 3: it says that it takes"):
        mirror(folder, log)

    monkeypatch.setattr(replay, "misplaced", lambda *_: "")
    mirror(folder, log)
    [found] = found_in(folder)
    assert "statement 3: it says that it takes the place of" in found
    newest = 2 if which == "an entry" else 1
    assert found.endswith(f"but the newest before it is statement {newest}")


def _lie_of_place(monkeypatch: pytest.MonkeyPatch, said: int | None) -> None:
    def lied(statement: Statement, _number: int | None) -> Statement:
        return msgspec.structs.replace(statement, replaces=said)

    monkeypatch.setattr(recording, "replacing", lied)


TWICE = b'"firmware":"00000009","firmware"'


def test_a_section_that_reads_in_two_ways_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LocalLog(tmp_path / "log.db")
    _write_twice(monkeypatch)
    log.record(an_entry(1))
    folder = tmp_path / "mirror"

    with pytest.raises(VerificationError, match="section 'core' is not canonical JSON"):
        mirror(folder, log)

    with monkeypatch.context() as patched:
        patched.setattr(section_rules, "not_canonical", lambda _: "")
        mirror(folder, log)
    [found] = found_in(folder)
    assert "statement 2: section 'core' is not canonical JSON" in found


def _write_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a keeper write a key twice, of which readers may take either value."""

    def twice(statement: Statement) -> Sections:
        sections = write_sections(statement)
        return sections._replace(core=sections.core.replace(b'"firmware"', TWICE))

    monkeypatch.setattr(recording, "write_sections", twice)


def test_a_head_that_is_of_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LocalLog(tmp_path / "log.db")

    def lied(statement: Statement) -> Sections:
        sections = write_sections(statement)
        head = sections.head.replace(b'"entry/1"', b'"entry/2"')
        return sections._replace(head=head)

    monkeypatch.setattr(recording, "write_sections", lied)
    log.record(an_entry(1))

    with pytest.raises(VerificationError, match="its head is of 'entry/2'"):
        mirror(tmp_path / "mirror", log)
