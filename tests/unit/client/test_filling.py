"""A mirror becomes fuller with a token that sees more; none makes it lose anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import an_entry
from firtree.access import CPL_READER, KEEPER, Scope
from firtree.client import filling
from firtree.client.mirror_state import is_unfinished, read_state, write_state
from firtree.devices import ModelKey
from firtree.errors import NotSignedInError, UnavailableError, VerificationError
from firtree.exchange.files import silent
from firtree.exchange.reach import common_reach, is_within_reach, joint_reach
from firtree.ledger.policy import Policy
from firtree.ledger.sections import Body
from firtree.parties import PartyKind
from firtree.statements.types.erasure import Erasure
from firtree.statements.versions import sections_within
from firtree.wiring import mirrors
from mirrored import POLICY, LocalLog, mirror, told, verify
from principals import a_principal
from registers import ALDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firtree.access import Principal
    from firtree.client.mirror import Mirrored
    from firtree.client.mirror_state import MirrorState
    from firtree.statements.disclosure import DisclosedStatement

READER = a_principal(PartyKind.IMPORT_SUPPLIER, "Rowan Energy")
MAKER = a_principal(PartyKind.MANUFACTURER, "Alder", frozenset({"AB01"}))
OTHER = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
THEIRS = msgspec.structs.replace(an_entry(1).model, manufacturer="CD02")
TABLES = ("statement", "entry", "maker", "party", "map_leaf", "tile", "head")


class Log(LocalLog):
    """A log that can break off, and counts what it is asked."""

    most = 1 << 30

    def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
        """Implements ``LogSource``."""
        self.most -= 1
        if self.most < 0:
            raise UnavailableError("the network is gone")
        yield from super().statements(start, stop)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """Give a log of two makers' entries."""
    monkeypatch.setattr(filling, "_AT_ONCE", 16)
    log = Log(tmp_path / "log.db")
    log.record(msgspec.structs.replace(ALDER, code="CD02", name="Birch"))
    log.fill(40)
    log.record(*(an_entry(n, model=THEIRS) for n in range(100, 120)))
    log.record(an_entry(7, trade_name="New"), an_entry(104, model=THEIRS))
    yield log
    log.register.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give where the mirror is."""
    return tmp_path / "mirror"


def run(folder: Path, log: Log, principal: Principal) -> Mirrored:
    """Bring a mirror up to date as somebody, as ``firtree log mirror`` does."""
    log.principal = principal
    return mirrors.made_fuller(folder, mirror(folder, log), log, silent)


def state_of(folder: Path) -> MirrorState:
    """Give what a mirror knows of itself, having verified that it is sound."""
    assert told(verify(folder)) == []
    return read_state(folder)


def rows(folder: Path) -> dict[str, list[Any]]:
    """Give the rows of a mirror's register."""
    path = folder / read_state(folder).register / "firtree.db"
    with closing(sqlite3.connect(path)) as database:
        return {
            name: sorted(database.execute(f"SELECT * FROM {name}"))  # noqa: S608
            for name in TABLES
        }


def followed(folder: Path) -> dict[str, list[Any]]:
    """Give the rows of the tables that follow from the statements."""
    return {name: found for name, found in rows(folder).items() if name != "statement"}


def opened(folder: Path) -> set[tuple[int, str]]:
    """Name the sections that a mirror holds, by statement."""
    names = ("head", "core", "fir", "people", "private")
    return {
        (row[0], name)
        for row in (
            (one["leaf_index"], [one[name] for name in names])
            for one in _statements(folder)
        )
        for name, octets in zip(names, row[1], strict=True)
        if octets is not None
    }


def _statements(folder: Path) -> list[sqlite3.Row]:
    path = folder / read_state(folder).register / "firtree.db"
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return database.execute("SELECT * FROM statement").fetchall()


@pytest.mark.parametrize("before", [MAKER, CPL_READER, READER], ids=lambda p: p.name)
@pytest.mark.parametrize("after", [READER, KEEPER], ids=lambda p: p.name)
def test_with_a_token_that_sees_more_it_is_as_one_made_with_that(
    log: Log, folder: Path, before: Principal, after: Principal
) -> None:
    partly = run(folder, log, before)
    log.record(an_entry(200, model=THEIRS))

    done = run(folder, log, after)

    is_wider = before is not after
    assert done.fuller == (partly.state.hidden if is_wider else 0)
    state = state_of(folder)
    assert (state.hidden, state.replayed, state.filling) == (0, True, None)
    new = folder.with_name("new")
    run(new, log, after)
    assert opened(folder) >= opened(new)  # a maker is told who recorded its own
    assert followed(folder) == followed(new)
    assert is_within_reach(read_state(new).scope, state.scope)
    kept = sorted(path.name for path in folder.glob("register*"))
    assert kept == ["register-2" if is_wider else "register"]
    # Once is enough, and it can be brought up to date as ever.
    assert run(folder, log, after).fuller == 0
    log.record(an_entry(201, model=THEIRS))
    assert run(folder, log, after).state.replayed
    assert told(verify(folder)) == []


def test_the_register_changes_places_again_and_again(log: Log, folder: Path) -> None:
    for principal in (CPL_READER, MAKER, READER, KEEPER):
        run(folder, log, principal)
        assert told(verify(folder)) == []

    assert read_state(folder).register == "register-2"
    assert [path.name for path in folder.glob("register*")] == ["register-2"]


def test_with_another_token_it_holds_what_either_sees(log: Log, folder: Path) -> None:
    run(folder, log, MAKER)
    ours = opened(folder)

    run(folder, log, OTHER)

    state = state_of(folder)
    both = opened(folder)
    assert ours < both
    assert {number for number, name in both if name == "core"} == set(range(65))
    assert state.scope.covers(THEIRS.key)
    assert state.scope.covers(an_entry(1).model.key)
    # Of what is new, only what the token of now sees is certain to be here.
    log.record(an_entry(50))
    run(folder, log, OTHER)
    state = state_of(folder)
    assert state.scope.covers(THEIRS.key)
    assert not state.scope.covers(an_entry(1).model.key)


def test_with_a_token_that_sees_less_nothing_is_lost(log: Log, folder: Path) -> None:
    run(folder, log, READER)
    before = opened(folder)
    assert not run(folder, log, READER).sees_less

    same = run(folder, log, MAKER)
    assert (same.sees_less, same.state.hidden) == (True, 0)
    assert state_of(folder).scope == run(folder, log, READER).state.scope

    log.record(an_entry(200, model=THEIRS), an_entry(50))
    less = run(folder, log, MAKER)

    assert less.sees_less
    assert opened(folder) > before
    state = state_of(folder)
    assert state.hidden == 1
    # That there is nothing newer is claimed of its own makers alone.
    assert state.scope.covers(an_entry(1).model.key)
    assert not state.scope.covers(THEIRS.key)
    again = run(folder, log, READER)
    assert again.fuller == 1
    assert state_of(folder).replayed


def test_a_run_that_breaks_off_leaves_the_mirror_and_the_next_goes_on(
    log: Log, folder: Path
) -> None:
    run(folder, log, MAKER)
    before = rows(folder)
    log.principal = READER
    stopped = 0
    for most in range(1, 20):
        log.most = most
        try:
            run(folder, log, READER)
        except UnavailableError:
            stopped += 1
            if read_state(folder).filling is None:
                continue  # it had not begun
            assert is_unfinished(folder)
            assert rows(folder) == before
            assert told(verify(folder)) == []
        else:
            break

    # It goes on: with one question more each time, the sixth run has asked for all.
    assert 2 <= stopped <= 4
    assert state_of(folder).hidden == 0
    assert not is_unfinished(folder)


def test_what_was_begun_with_other_rights_is_begun_anew(log: Log, folder: Path) -> None:
    run(folder, log, MAKER)
    log.most = 2
    with pytest.raises(UnavailableError):
        run(folder, log, READER)
    log.most = 1 << 30

    done = run(folder, log, KEEPER)

    assert done.state.replayed
    new = folder.with_name("new")
    run(new, log, KEEPER)
    assert opened(folder) == opened(new)
    assert followed(folder) == followed(new)


def test_what_was_begun_is_dropped_where_it_would_miss_an_erasure(
    log: Log, folder: Path
) -> None:
    run(folder, log, MAKER)
    log.most = 2
    with pytest.raises(UnavailableError):
        run(folder, log, READER)
    log.most = 1 << 30
    assert (folder / "register-2").exists()

    log.record(Erasure(statement=5, section="fir", reason="asked for"))
    run(folder, log, MAKER)

    assert not (folder / "register-2").exists()
    assert not is_unfinished(folder)
    assert run(folder, log, READER).state.hidden == 0


def test_what_a_killed_run_left_behind_is_removed(log: Log, folder: Path) -> None:
    run(folder, log, MAKER)
    run(folder, log, KEEPER)
    (folder / "register").mkdir()
    (folder / "register" / "firtree.db").write_bytes(b"old")

    run(folder, log, KEEPER)

    assert not (folder / "register").exists()
    assert told(verify(folder)) == []


def test_what_was_erased_meanwhile_does_not_come_back(log: Log, folder: Path) -> None:
    run(folder, log, MAKER)
    [salts] = [row["salts"] for row in _statements(folder) if row["leaf_index"] == 5]
    assert (5, "fir") in opened(folder)
    log.record(Erasure(statement=5, section="fir", reason="asked for"))

    run(folder, log, READER)

    assert (5, "fir") not in opened(folder)
    assert state_of(folder).hidden == 0
    for path in folder.rglob("*"):
        assert not path.is_file() or salts[64:96] not in path.read_bytes()


def test_a_section_that_is_not_what_the_leaf_stands_for_is_refused(
    log: Log, folder: Path
) -> None:
    class Lying(Log):
        """A log that says something else of statement 50."""

        def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
            for one in super().statements(start, stop):
                head, core, _, people, private = one.body.sections
                lie = Body((head, core, b"{}", people, private), *one.body[1:])
                yield one._replace(body=lie) if one.number == 50 else one

    run(folder, log, MAKER)
    before = rows(folder)
    log.__class__ = Lying

    with pytest.raises(
        VerificationError, match=r"statement 50 of https://log\.example"
    ):
        run(folder, log, READER)

    assert rows(folder) == before
    assert told(verify(folder)) == []
    log.__class__ = Log
    assert run(folder, log, READER).state.hidden == 0


def test_a_mirror_that_is_up_to_date_needs_no_token(log: Log, folder: Path) -> None:
    class Closed(Log):
        """A log that asks who we are."""

        def statements(self, _start: int, _stop: int) -> Iterator[DisclosedStatement]:
            raise NotSignedInError("a token is needed")

    run(folder, log, MAKER)
    log.__class__ = Closed

    done = run(folder, log, MAKER)

    assert (done.fuller, done.sees_less) == (0, False)
    log.record(an_entry(50))
    with pytest.raises(NotSignedInError):
        run(folder, log, MAKER)


def test_a_mirror_that_was_not_told_its_reach_learns_it(log: Log, folder: Path) -> None:
    run(folder, log, MAKER)
    write_state(folder, msgspec.structs.replace(read_state(folder), reach=None))

    done = run(folder, log, MAKER)

    assert done.fuller == 0
    assert state_of(folder).scope == run(folder.with_name("n"), log, MAKER).state.scope


def test_where_the_state_is_lost_the_fuller_register_is_found(
    log: Log, folder: Path
) -> None:
    run(folder, log, MAKER)
    run(folder, log, READER)
    (folder / "mirror.json").write_bytes(b"x")

    [wrong] = told(verify(folder, Policy.parse(POLICY.encode())))

    assert wrong == "mirror.json: it does not have its own digest"


FLAGS = st.booleans()
CODES = st.frozensets(st.sampled_from(("AB01", "CD02", "EF03")))
KEYS = [ModelKey(code, model) for code in ("AB01", "CD02", "EF03") for model in "12"]
SCOPES = st.builds(
    Scope,
    makers=st.none() | CODES,
    models=st.frozensets(st.sampled_from(KEYS), max_size=3),
    fir=FLAGS,
    people=FLAGS,
    private=FLAGS,
)


def reached(scope: Scope) -> set[tuple[ModelKey, str]]:
    """Name all sections that a scope reaches."""
    names = ["core", *sections_within(scope)]
    return {(key, name) for key in KEYS for name in names if scope.covers(key)}


@given(SCOPES, SCOPES)
def test_what_two_reaches_have_in_common_and_together(one: Scope, other: Scope) -> None:
    assert reached(common_reach(one, other)) == reached(one) & reached(other)
    assert reached(joint_reach(one, other)) <= reached(one) | reached(other)
    assert is_within_reach(common_reach(one, other), one)
    if is_within_reach(one, other):
        assert reached(one) <= reached(other)
        assert joint_reach(one, other) in {one, other}
        assert reached(joint_reach(one, other)) == reached(other)
