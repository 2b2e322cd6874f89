"""The trail: the statements that concern a party, and who made them."""

from collections.abc import Mapping
from typing import NamedTuple

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.entry import Entry
from firtree.ledger.statemap import map_key
from firtree.library.parties import Parties
from firtree.library.ports import Concerned, Reading, Register, StatementRow
from firtree.parties import Maker
from firtree.parties.directory import Directory
from firtree.parties.party import Party
from firtree.statements.fold import number_in
from firtree.statements.types import Subject
from firtree.statements.types.erasure import WORDS, Erasure
from firtree.statements.types.succession import succession_list
from firtree.statements.versions import Version, version_of

TRAIL_MOST = 100


class TrailPage(NamedTuple):
    """Some statements, the newest first.

    Attributes:
        versions: the statements, with who made each.
        below: number to go on below; None = that was all.
        erased: what erasures among them are of, by number of the erased statement.
    """

    versions: list[Version]
    below: int | None
    erased: Mapping[int, Subject]


class Trail:
    """Answers what concerns a party.  Safe to share between threads.

    A party is concerned by statements about itself and about the makers, models and
    entries of the manufacturer codes it holds today, and by what was erased of them;
    administrators by all.

    Args:
        register: which.
        parties: of the same register.
    """

    def __init__(self, register: Register, parties: Parties) -> None:
        self._register = register
        self._parties = parties

    def page(
        self, principal: Principal, *, below: int | None = None, limit: int = TRAIL_MOST
    ) -> TrailPage:
        """Give statements that concern somebody, the newest first.

        Args:
            principal: who asks.
            below: ``below`` of the page before; None = from the newest.
            limit: how many at most.

        Raises:
            NotFoundError: the principal has no trail.
        """
        scope = scope_of(principal, Right.READ_TRAIL)
        directory = self._parties.known().directory
        with self._register.reading() as tx:
            size = tx.head().size
            start = size if below is None else min(below, size)
            numbers = _numbers(tx, scope, directory, start, limit + 1)
            rows = [_row(tx, number) for number in numbers[:limit]]
            read = [version_of(row, scope) for row in rows]
            found = [version for version in read if version is not None]
            erased = _erased(tx, found, scope)
        more = numbers[limit - 1] if len(numbers) > limit else None
        return TrailPage(found, more, erased)


def _numbers(
    tx: Reading, scope: Scope, directory: Directory, below: int, limit: int
) -> list[int]:
    """Give the next numbers of statements that concern whoever has the scope."""
    if scope.parties:
        return list(range(below - 1, max(below - 1 - limit, -1), -1))
    about = Concerned(scope.own, scope.party)
    numbers = set(tx.concerning(about, below, limit))
    successions = _successions(tx, directory, scope.party)
    numbers.update(number for number in successions if number < below)
    return sorted(numbers, reverse=True)[:limit]


def _successions(tx: Reading, directory: Directory, party: int) -> list[int]:
    """Give the numbers of the successions a party took part in."""
    lists = [
        succession_list(one.id, one.succeeded_by)
        for one in directory.parties.values()
        if one.succeeded_by and party in {one.id, one.succeeded_by}
    ]
    found = tx.map_lists([map_key(*names) for names in lists]) if lists else {}
    return [number_in(octets) for octets in found.values()]


def _erased(tx: Reading, versions: list[Version], scope: Scope) -> dict[int, Subject]:
    """Give what erasures are of, as far as it is in reach, by number of statement."""
    subjects = [version.subject for version in versions]
    numbers = {one.statement for one in subjects if isinstance(one, Erasure)}
    read = [version_of(_row(tx, number), scope) for number in sorted(numbers)]
    return {version.number: version.subject for version in read if version is not None}


def erased_words(erasure: Erasure, subject: Subject | None) -> str:
    """Say what was erased of what: ``contacts of entry 9 in statement 14``."""
    match subject:
        case Entry():
            thing = f" of entry {subject.id}"
        case Maker():
            thing = f" of {subject.name} ({subject.code})"
        case Party():
            thing = f" of {subject.name} (party {subject.id})"
        case _:
            thing = ""
    return f"{WORDS[erasure.section]}{thing} in statement {erasure.statement}"


def _row(tx: Reading, number: int) -> StatementRow:
    (row,) = tx.statements(number, number + 1)
    return row
