"""Properties of pathways, against the rule read a second time and naively."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from entries import an_entry, ways_of
from firtree.catalogue.entry import Entry, Hold, Status

Edge = tuple[int, int]
LARGEST = 8


@st.composite
def models(draw: st.DrawFn) -> list[Entry]:
    """Give the entries of a small model, in any order, declared cycles included."""
    ids = draw(st.permutations(range(1, draw(st.integers(1, LARGEST)) + 1)))
    some = st.lists(st.sampled_from([*ids, 99]), max_size=4, unique=True).map(tuple)
    fields: dict[str, st.SearchStrategy[Any]] = {
        "upgradable_from": st.none() | some,
        "confirmed_edges": st.just(()) | some,
        "status": st.sampled_from([*[Status.ACTIVE] * 4, *Status]),
        "hold": st.sampled_from([None, None, None, Hold()]),
        "mandatory_step": st.sampled_from([False, False, True]),
        "min_hardware": st.sampled_from(["", "", "030B", "030C"]),
        "release_date": st.none() | st.dates(),
    }
    return [
        an_entry(entry_id, **{name: draw(value) for name, value in fields.items()})
        for entry_id in ids
    ]


def closure(edges: set[Edge]) -> set[Edge]:
    """Give every pair that edges lead between, by adding until nothing is new."""
    found = set(edges)
    while True:
        more = {(a, d) for (a, b), (c, d) in product(found, edges) if b == c}
        if more <= found:
            return found
        found |= more


def declared(entries: list[Entry]) -> set[Edge]:
    ids = {entry.id for entry in entries}
    return {
        (start, end.id)
        for end in entries
        for start in end.fir.upgradable_from or ()
        if start in ids and start != end.id
    }


def naive_steps(entries: list[Entry]) -> set[Edge]:
    """Apply R3 as it is written, pair by pair."""
    known = {entry.id: entry for entry in entries}
    edges = declared(entries)
    leads = closure(edges)
    valid = set()
    for start, end in edges:
        to = known[end]
        skips = any(
            middle.fir.mandatory_step
            and middle.id not in {start, end}
            and (start, middle.id) in leads
            and (middle.id, end) in leads
            for middle in entries
        )
        if (
            to.cpl.status is Status.ACTIVE
            and to.fir.hold is None
            and to.fir.min_hardware != "030C"
            and (not skips or start in to.fir.confirmed_edges)
        ):
            valid.add((start, end))
    return valid


def walks(edges: set[Edge], start: int, end: int) -> list[tuple[int, ...]]:
    """Give all shortest ways from one entry to another, by trying every walk."""
    here: list[tuple[int, ...]] = [(start,)]
    for _ in range(LARGEST + 1):
        if found := [walk for walk in here if walk[-1] == end]:
            return found
        here = [
            (*walk, after)
            for walk in here
            for before, after in sorted(edges)
            if before == walk[-1] and after not in walk
        ]
    return []


def pairs(edges: Mapping[int, Any]) -> Iterator[Edge]:
    for start, ends in edges.items():
        for end in ends:
            yield start, end


@given(models())
def test_steps_are_those_of_the_rule_read_naively(entries: list[Entry]) -> None:
    ways = ways_of(entries)

    assert set(pairs(ways.declared)) == declared(entries)
    assert set(pairs(ways.steps)) == naive_steps(entries)


@settings(max_examples=60)
@given(models())
def test_a_path_is_a_shortest_way_and_the_newest_of_those(
    entries: list[Entry],
) -> None:
    ways = ways_of(entries)
    steps = naive_steps(entries)
    order = {entry.id: entry.order for entry in entries}

    for start, end in product(order, order):
        shortest = walks(steps, start, end)
        path = ways.path(start, end)
        if not shortest:
            assert path is None
            continue
        best = max(shortest, key=lambda walk: [order[n] for n in reversed(walk)])
        assert path == list(best[1:])


@given(models())
def test_a_path_passes_through_nothing_removed_or_held(entries: list[Entry]) -> None:
    ways = ways_of(entries)
    closed = {e.id for e in entries if not e.active or e.fir.hold is not None}

    for start, end in product(ways.outlines, ways.outlines):
        assert closed.isdisjoint(ways.path(start, end) or ())


@given(models())
def test_a_mandatory_entry_is_never_passed_by(entries: list[Entry]) -> None:
    ways = ways_of(entries)
    confirmed = any(entry.fir.confirmed_edges for entry in entries)
    leads = closure(declared(entries))
    mandatory = {entry.id for entry in entries if entry.fir.mandatory_step}

    for start, end in product(ways.outlines, ways.outlines):
        path = ways.path(start, end)
        if not path or confirmed or (end, start) in leads:
            continue
        between = {m for m in mandatory if {(start, m), (m, end)} <= leads}
        assert between <= {start, *path}


@given(models())
def test_ends_lead_nowhere_but_back(entries: list[Entry]) -> None:
    ways = ways_of(entries)
    leads = closure(naive_steps(entries))

    for start in ways.outlines:
        found = [end.id for end in ways.ends(start)]
        reached = {start} | {end for before, end in leads if before == start}
        expected = {
            end
            for end in reached
            if all((on, end) in leads for before, on in leads if before == end)
        }
        assert set(found) == expected
        assert len(found) == len(expected) > 0
        order = [ways.outlines[end].order for end in found]
        assert order == sorted(order, reverse=True)


@given(models())
def test_a_blocked_route_is_declared_and_names_what_blocks_it(
    entries: list[Entry],
) -> None:
    ways = ways_of(entries)
    valid = naive_steps(entries)

    for start, end in product(ways.outlines, ways.outlines):
        if (blocked := ways.blocked_route(start, end)) is None:
            continue
        route, by = blocked
        steps = list(zip([start, *route], route, strict=False))
        assert route[-1] == end
        assert set(steps) <= declared(entries)
        assert by == next(
            after for before, after in steps if (before, after) not in valid
        )


@given(models(), st.randoms(use_true_random=False))
def test_the_order_of_entries_makes_no_difference(
    entries: list[Entry], random: Any
) -> None:
    others = list(entries)
    random.shuffle(others)
    one, two = ways_of(entries), ways_of(others)

    assert one.declared == two.declared
    assert one.steps == two.steps
    assert list(one.outlines) == list(two.outlines)
    assert one.skipping == two.skipping
