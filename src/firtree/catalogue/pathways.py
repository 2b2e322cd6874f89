"""Pathways: valid steps, targets and paths between the entries of one hardware model.

Rules R1 to R4, R7 and R9 of ``docs/rules.md``.  Edges come from what makers declare
(*upgradable from*, MP231), never from the order of version numbers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter

from firtree.catalogue.entry import Availability, Status
from firtree.catalogue.outline import Outline
from firtree.devices import NO_ROUTE
from firtree.parties.party import name_key

# Asked of every entry of a model; a name of the module is quicker than a member's.
_ACTIVE, _WITHDRAWN = Status.ACTIVE, Availability.WITHDRAWN
_LIMITED = Availability.LIMITED

Edges = Mapping[int, Sequence[int]]
_BY_ID = attrgetter("id")
_BY_ORDER = attrgetter("order")


def offered(entry: Outline, asker: str | None) -> bool:
    """Tell whether the maker offers the entry to the asker: no hold, not limited.

    Args:
        entry: any entry.
        asker: name of the asking party; None where nobody in particular asks.
    """
    if entry.held:
        return False
    return entry.availability is not _LIMITED or names(entry.limited_to, asker)


def names(parties: Collection[str], asker: str | None) -> bool:
    """Tell whether a list names the asker, in any case and with any blanks."""
    if not asker:
        return False
    wanted = name_key(asker)
    return any(name_key(name) == wanted for name in parties)


def usable(entry: Outline, asker: str | None = None) -> bool:
    """Tell whether an entry may be a target or a step (R1)."""
    return (
        entry.status is _ACTIVE
        and entry.has_image
        and entry.availability is not _WITHDRAWN
        and entry.device_type not in NO_ROUTE
        and offered(entry, asker)
    )


class Pathways:
    """The steps between the entries of one hardware model, for one asker.

    Args:
        outlines: of every entry of one hardware model, removed ones included, in any
            order.
        asker: whom *limited* availability is judged for.
        approved: the entries the asker has approved, with the day from which;
            None = no list of its own (R12).
        day: the day approvals are judged on.

    Attributes:
        outlines: by id.
        erased: those whose FIR information is not there.
        usable: ids of what may be a target or a step.
        declared, steps: every edge, and those that are valid.
        skipping: edges that would skip a mandatory step.

    Cost: one pass over the declared edges for each mandatory entry.
    """

    def __init__(
        self,
        outlines: Iterable[Outline],
        *,
        asker: str | None = None,
        approved: Mapping[int, date | None] | None = None,
        day: date | None = None,
    ) -> None:
        ordered = sorted(outlines, key=_BY_ID)
        self.outlines: dict[int, Outline] = {entry.id: entry for entry in ordered}
        self.erased = [entry for entry in ordered if entry.fir_absent]
        allowed = [entry for entry in ordered if usable(entry, asker)]
        if approved is not None:
            allowed = [e for e in allowed if _approved(e.id, approved, day)]
        self.usable = frozenset([entry.id for entry in allowed])
        installable = {entry.id for entry in allowed if entry.fits}
        self.declared, self.steps = _edges(ordered, installable)
        self.skipping: frozenset[tuple[int, int]] = self._edges_that_skip()
        if self.skipping:
            self.steps = {
                start: [end for end in ends if (start, end) not in self.skipping]
                for start, ends in self.steps.items()
            }

    def _edges_that_skip(self) -> frozenset[tuple[int, int]]:
        """Edges p→q with a mandatory M on a declared way p ⇝ M ⇝ q (R3)."""
        skipping: set[tuple[int, int]] = set()
        mandatory = [step for step in self.outlines.values() if step.mandatory_step]
        above = _reversed(self.declared) if mandatory else {}
        for step in mandatory:
            before = reachable(above, step.id) - {step.id}
            after = reachable(self.declared, step.id) - {step.id}
            skipping.update(
                (start, end)
                for start in before
                for end in self.declared[start]
                if end in after and start not in self._confirmed(end)
            )
        return frozenset(skipping)

    def _confirmed(self, end: int) -> tuple[int, ...]:
        return self.outlines[end].confirmed_edges

    def ends(self, start: int) -> list[Outline]:
        """Everything reachable by valid steps that has no valid step onward (R4).

        Entries that can only be left to come back to (a declared cycle) count as
        ends too.  Newest by R2 first; ``start`` itself is included only where
        nothing leads on, or where it lies on such a cycle.
        """
        if not self.steps[start]:
            return [self.outlines[start]]
        found = {here: self.steps[here] for here in _distances(self.steps, start)}
        final = {here for here, ends in found.items() if not ends}
        # Steps that all lead to higher ids make no cycle.
        if any(end < here for here, ends in found.items() for end in ends):
            # What leads to such an end is none; only a cycle without a way out remains.
            stuck = found.keys() - reachable(_reversed(found), *final)
            final.update(here for here in stuck if self._comes_back(here))
        return sorted(
            [self.outlines[end] for end in final], key=_BY_ORDER, reverse=True
        )

    def _comes_back(self, here: int) -> bool:
        """Tell whether there is a way back from wherever one can go."""
        onward = reachable(self.steps, here)
        return all(here in reachable(self.steps, on) for on in onward)

    def path(
        self, start: int, end: int, edges: Edges | None = None
    ) -> list[int] | None:
        """Give the fewest valid steps from one entry to another (R7).

        Ties are settled from the end backwards, the newest by R2 first.

        Args:
            start: entry the device runs.
            end: entry it should run.
            edges: other edges than the valid steps, to show a blocked route.

        Returns:
            Ids to install in order, without ``start``; None where there is no way.
        """
        edges = self.steps if edges is None else edges
        distance = _distances(edges, start)
        if end not in distance:
            return None
        if distance[end] <= 1:
            return [end] if start != end else []
        above = _reversed(
            {
                before: [n for n in edges[before] if distance[n] == far + 1]
                for before, far in distance.items()
            }
        )
        path = [end]
        while distance[path[-1]] > 1:
            path.append(newest([self.outlines[n] for n in above[path[-1]]]).id)
        return path[::-1]

    def steps_to(self, end: int) -> dict[int, int]:
        """Count the fewest valid steps to an entry from each that leads there."""
        return _distances(_reversed(self.steps), end)

    def blocked_route(self, start: int, end: int) -> tuple[list[int], int] | None:
        """Give the declared route that would lead on, and the step that blocks it.

        Mandatory steps are not skipped on it, so it shows the way as it was meant.

        Returns:
            (ids in order, the id among them that may not be installed), or None
            where no route was ever declared.
        """
        meant = {
            before: [after for after in ends if (before, after) not in self.skipping]
            for before, ends in self.declared.items()
        }
        route = self.path(start, end, meant)
        if not route:
            return None
        for before, after in zip([start, *route], route, strict=False):
            if after not in self.steps[before]:
                return route, after
        return None


def _edges(
    ordered: Sequence[Outline], installable: Collection[int]
) -> tuple[Edges, Edges]:
    """Give every declared edge inside a model: same family, both ends known.

    Returns:
        All of them, and those to what may be installed.
    """
    declared: dict[int, list[int]] = {entry.id: [] for entry in ordered}
    steps: dict[int, list[int]] = {entry.id: [] for entry in ordered}
    types = {entry.id: entry.device_type for entry in ordered}
    for end in ordered:
        number, of_end = end.id, end.device_type
        for start in end.upgradable_from or ():
            known = types.get(start)
            if known is None or start == number:
                continue
            if known is of_end or known.family == of_end.family:
                declared[start].append(number)
                if number in installable:
                    steps[start].append(number)
    return declared, steps


def reachable(edges: Edges, *starts: int) -> set[int]:
    """Give everything that edges lead to from some starts, these included."""
    return set(_distances(edges, *starts))


def _distances(edges: Edges, *starts: int) -> dict[int, int]:
    distance, queue = dict.fromkeys(starts, 0), list(starts)
    for here in queue:
        for end in edges.get(here, ()):
            if end not in distance:
                distance[end] = distance[here] + 1
                queue.append(end)
    return distance


def _reversed(edges: Edges) -> dict[int, list[int]]:
    """Turn edges around; both ends of each are among the starts."""
    above: dict[int, list[int]] = {start: [] for start in edges}
    for start, ends in edges.items():
        for end in ends:
            above[end].append(start)
    return above


def _approved(
    entry_id: int, approved: Mapping[int, date | None] | None, day: date | None
) -> bool:
    if approved is None:
        return True
    if entry_id not in approved:
        return False
    since = approved[entry_id]
    return since is None or day is None or since <= day


def newest(entries: Collection[Outline]) -> Outline:
    """Give the newest of some entries by R2; there is at least one."""
    return max(entries, key=_BY_ORDER)
