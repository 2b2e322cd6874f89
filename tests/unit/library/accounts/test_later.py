"""What is written later is written once, whatever becomes of the commits."""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.errors import DoubtfulError, UnavailableError
from firtree.library.accounts import later as module
from firtree.library.accounts.access_log import Event, Note, note, verify_chain
from firtree.library.accounts.later import Later, Write
from firtree.storage.accounts_memory import MemoryAccounts
from registers import START

if TYPE_CHECKING:
    from collections.abc import Iterator


class Fate(Enum):
    """What becomes of a commit."""

    DONE = auto()
    REFUSED = auto()
    DONE_AND_NOT_TOLD = auto()
    UNDONE_AND_NOT_TOLD = auto()


class Fateful(MemoryAccounts):
    """Accounts whose commits end as the next fate says; without one, well."""

    def __init__(self) -> None:
        super().__init__()
        self.fates: list[Fate] = []

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Write, and end as was foreseen."""
        fate = self.fates.pop(0) if self.fates else Fate.DONE
        if fate is Fate.REFUSED:
            raise UnavailableError("busy", hint="")
        kept = self._committed
        with super().writing() as tx:
            yield tx
        if fate is Fate.UNDONE_AND_NOT_TOLD:
            self._committed = kept
        if fate is not Fate.DONE:
            raise DoubtfulError("not known", hint="")


def noting(detail: str) -> Write:
    """Give a write that notes something."""
    return lambda tx: note(tx, START, Note(Event.TOKEN_USED, detail=detail))


def noted(accounts: MemoryAccounts) -> list[str]:
    """Give what was noted, oldest first; the chain is whole."""
    with accounts.reading() as tx:
        rows = list(tx.all_noted())
    verify_chain(rows, {})
    return [row.detail for row in rows]


OTHERS = "another process"
STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(Fate), st.booleans()))


@given(STEPS)
def test_every_note_is_written_once_whatever_becomes_of_the_commits(
    steps: list[tuple[int, Fate, bool]],
) -> None:
    accounts = Fateful()
    later = Later(accounts, threaded=False)
    added: list[str] = []
    for several, fate, is_followed in steps:
        for _ in range(several):
            added.append(str(len(added)))
            later.add(object(), noting(added[-1]))
        accounts.fates = [fate]
        try:
            later.flush()
        except UnavailableError:
            assert fate is not Fate.DONE
        accounts.fates = []
        if is_followed:
            with accounts.writing() as tx:
                noting(OTHERS)(tx)
    later.flush()

    found = noted(accounts)
    assert [one for one in found if one != OTHERS] == added
    assert found.count(OTHERS) == sum(is_followed for *_, is_followed in steps)


@pytest.mark.parametrize("fate", [Fate.DONE_AND_NOT_TOLD, Fate.UNDONE_AND_NOT_TOLD])
def test_what_waits_for_certainty_counts_among_what_may_wait(
    monkeypatch: pytest.MonkeyPatch, fate: Fate
) -> None:
    monkeypatch.setattr(module, "WAITING_MOST", 2)
    accounts = Fateful()
    later = Later(accounts, threaded=False)
    accounts.fates = [fate]
    later.add("first", noting("first"))
    with pytest.raises(DoubtfulError):
        later.flush()

    for key in ("second", "third"):
        later.add(key, noting(key))
    later.flush()

    assert noted(accounts) == ["first", "second"]


def test_what_notes_nothing_is_written_again_where_it_may_not_have_been() -> None:
    accounts = Fateful()
    later = Later(accounts, threaded=False)
    done = []
    accounts.fates = [Fate.DONE, Fate.UNDONE_AND_NOT_TOLD]
    later.add("note", noting("before"))
    later.flush()
    later.add("use", lambda _tx: done.append("seen"))
    with pytest.raises(DoubtfulError):
        later.flush()
    later.flush()
    later.flush()

    assert done == ["seen", "seen"]
    assert noted(accounts) == ["before"]
