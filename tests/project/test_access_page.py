"""docs/access.md says what the code does, right by right and address by address."""

from __future__ import annotations

import re

from access_page import table
from firtree.access import Right, Scope, scope_of
from firtree.devices import ModelKey
from firtree.errors import NotFoundError
from firtree.parties import PartyKind
from firtree.web.app import URLS
from principals import a_principal

OWN, VIEWED, OTHER = (ModelKey(code, "010A030B") for code in ("AB01", "CD02", "EE05"))


def reach(kind: PartyKind, right: Right) -> str:
    """Say in the page's words what a right reaches for a kind of party."""
    who = a_principal(
        kind,
        "x",
        frozenset({OWN.manufacturer}),
        party=7,
        viewed_makers=frozenset({VIEWED.manufacturer}),
    )
    try:
        scope = scope_of(who, right)
    except NotFoundError:
        return "–"
    if right is Right.READ_ENTRIES:
        return _entries(scope)
    if right in {Right.READ_PARTIES, Right.READ_TRAIL, Right.READ_ACCESS_LOG}:
        assert scope.covers_party(7) or scope.parties
        return "every party" if scope.parties else "itself"
    return "yes"


def _entries(scope: Scope) -> str:
    covered = [scope.covers(key) for key in (OWN, VIEWED, OTHER)]
    if all(covered):
        words = "all"
    else:
        assert covered in ([True, False, False], [False, True, False])
        words = "own" if covered[0] else "viewed"
    if not scope.fir:
        assert not scope.people
        return "CPL part"
    return f"{words}+" if scope.private else words


def test_what_each_kind_of_party_reaches_is_on_the_page() -> None:
    head, *rows = table("rights")
    kinds = [PartyKind(word) for word in head[1:]]
    assert set(kinds) == set(PartyKind)
    assert [row[0] for row in rows] == [right.value for right in Right]
    for right, *cells in rows:
        expected = [reach(kind, Right(right)) for kind in kinds]
        assert cells == expected, right


def test_which_right_an_address_asks_for_is_on_the_page() -> None:
    _, *rows = table("urls")
    listed = {(method, path): right for method, path, right in rows}
    plain = re.compile(r":\w+\}")
    known = {(u.method, plain.sub("}", u.path)): u.right.value for u in URLS}
    assert listed == known
