"""The way between two entries, and all ways to the newest entry of a model."""

from typing import NamedTuple

from firtree.access import Principal, Right, scope_of
from firtree.catalogue.answer import Circumstances, Step
from firtree.catalogue.assessment import step_of
from firtree.catalogue.between import Between, way_between
from firtree.catalogue.entry import Entry
from firtree.catalogue.pathways import newest
from firtree.catalogue.record import ModelRecord
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, NotFoundError, Problem
from firtree.library.models import entry_of
from firtree.library.ports import Register
from firtree.library.views import View, missing, seen


class WayView(NamedTuple):
    """The way from one entry to another.

    Attributes:
        start, end: the entries.
        way: what leads from one to the other, or what stands between them.
        steps: one per id of the pathway.
        entries: every entry of their hardware model, by id.
    """

    start: Entry
    end: Entry
    way: Between
    steps: tuple[Step, ...]
    entries: dict[int, Entry]


class ModelWays(NamedTuple):
    """The entries of a hardware model, and how the newest one is reached.

    Attributes:
        entries: by id.
        newest: the newest entry that may be installed (R1, R2); None = there is none.
        steps: how many steps lead to the newest, by the id of the entry a device
            runs; only of those from which it can be reached.
        longest: the ids on the way from the entry that is farthest from it, that
            entry first; empty where no steps lead to it.
    """

    entries: dict[int, Entry]
    newest: Entry | None
    steps: dict[int, int]
    longest: tuple[int, ...]


class Ways:
    """Finds ways in one register.  Safe to share between threads.

    Args:
        register: where it is kept.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def between(
        self, principal: Principal, start_id: int, end_id: int, view: View
    ) -> WayView:
        """Find the way from one entry to another.

        Raises:
            NotFoundError: one of them is not there, or not the principal's to see.
            InvalidInputError: they are not of one hardware model.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        with self._register.reading() as tx:
            stored = tx.entries({start_id, end_id}, view.size)
            found = {e.id: e for e in seen(map(entry_of, stored), scope, view)}
            for wanted in (start_id, end_id):
                if wanted not in found:
                    raise NotFoundError(
                        missing(f"entry {wanted}", partial=not scope.sees_all),
                        hint="search by manufacturer, model, version or hash",
                    )
            start, end = found[start_id], found[end_id]
            _check_one_model(start, end)
            key = start.model.key
            model = tx.entries_of_model(key, view.size)
        entries = seen(map(entry_of, model), scope, view)
        partial = not scope.sees_all_of(key)
        context = Circumstances(day=view.day, asker=principal.name, partial=partial)
        ways = ModelRecord.of(key, entries).ways_for(context)
        ends = ways.outlines[start.id], ways.outlines[end.id]
        way = way_between(*ends, ways, context)
        whole = {entry.id: entry for entry in entries}
        steps = tuple(step_of(whole[number]) for number in way.pathway or ())
        return WayView(start, end, way, steps, whole)

    def of_model(self, principal: Principal, key: ModelKey, view: View) -> ModelWays:
        """Give the entries of a model, and how its newest one is reached.

        Raises:
            NotFoundError: there is none, or they are not the principal's to see.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        entries: list[Entry] = []
        if scope.covers(key):
            with self._register.reading() as tx:
                stored = tx.entries_of_model(key, view.size)
            entries = seen(map(entry_of, stored), scope, view)
        if not entries:
            raise NotFoundError(
                missing(f"model {key}", partial=not scope.sees_all_of(key)),
                hint="see the list of its manufacturer",
            )
        context = Circumstances(day=view.day, asker=principal.name)
        ways = ModelRecord.of(key, entries).ways_for(context)
        whole = {entry.id: entry for entry in entries}
        if not ways.usable:
            return ModelWays(whole, None, {}, ())
        target = newest([ways.outlines[number] for number in ways.usable])
        steps = ways.steps_to(target.id)
        farthest = min(steps, key=lambda number: (-steps[number], number))
        path = ways.path(farthest, target.id)
        longest = (farthest, *path) if path else ()
        return ModelWays(whole, whole[target.id], steps, longest)


def _check_one_model(start: Entry, end: Entry) -> None:
    """Check that a device could run both: firmware is made for one hardware model."""
    if start.model.key == end.model.key and (
        start.device_type.family == end.device_type.family
    ):
        return
    problem = Problem(
        "to",
        "to",
        f"an entry of {start.device_type} {start.model.key}, as entry {start.id} is",
        f"entry {end.id}, which is of {end.device_type} {end.model.key}",
    )
    raise InvalidInputError(
        f"{problem}; a device keeps its hardware model whatever it runs",
        problems=(problem,),
    )
