"""Take a table in: compare it with the register, then record what it changes.

It records history as published: a cell that cannot be read, or a CPL Entry ID that is
there twice, refuses the whole table, or its row where the good rows are to be accepted;
whatever else breaks a check is listed as a finding of its entry.  What is recorded is
recorded together or not at all.  Entries absent from a later table are reported, never
removed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import NamedTuple, TypeVar

import msgspec

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.checks import Finding, Neighbours, Surroundings, findings
from firtree.catalogue.differences import Difference, differences
from firtree.catalogue.entry import Entry
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError
from firtree.exchange.entries import EntryRow, Table
from firtree.exchange.files import Progress, silent
from firtree.exchange.merging import (
    CONTACT_COLUMNS,
    MAKER_CONTACT_COLUMNS,
    contact_of,
    maker_contact_of,
    merged,
)
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Filter, Reading, Register
from firtree.library.record import Recorded, Recorder
from firtree.parties import Contact, Maker
from firtree.statements.statement import Statement
from firtree.text import counted

# How many entries with the same image a finding is worked out from.
SHARING_MOST = 20


class Change(NamedTuple):
    """What a table changes of one entry.

    Attributes:
        entry: as it will be.
        before: as it is; None = new.
        differences: every field that changes; none for a new entry.
    """

    entry: Entry
    before: Entry | None
    differences: tuple[Difference, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that change."""
        return tuple(dict.fromkeys(one.field for one in self.differences))


class Plan(NamedTuple):
    """What importing a table would do.

    Attributes:
        size: log size the table was compared at.
        changes: new and changed entries, in the order of the table.
        makers: new and changed makers.
        unchanged: count of rows that say what the register holds.
        absent: ids the register holds and the table does not.
        findings: what the checks find in the table's entries, by id.
        ignored: names of columns that are not known.
        notes: sentences on sheets that were left alone.
        left_out: count of rows that are bad and are not imported.
    """

    size: int
    changes: list[Change]
    makers: list[Maker]
    unchanged: int
    absent: list[int]
    findings: dict[int, tuple[Finding, ...]]
    ignored: tuple[str, ...]
    notes: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def new(self) -> list[Change]:
        """Entries the register does not hold yet."""
        return [change for change in self.changes if change.before is None]

    @property
    def changed(self) -> list[Change]:
        """Entries the register holds otherwise."""
        return [change for change in self.changes if change.before is not None]


def plan_import(
    principal: Principal,
    table: Table,
    register: Register,
    *,
    day: date,
    accept_good: bool = False,
    progress: Progress = silent,
) -> Plan:
    """Compare a table with the register; changes nothing.

    Args:
        principal: who imports; needs the right to record.
        table: what was read.
        register: what it is compared with.
        day: the day in London, for the checks.
        accept_good: whether the rows that can be read are imported although there
            are others.
        progress: told (what, done, of how many).

    Raises:
        InvalidInputError: cells cannot be read; every one is in ``problems``.
    """
    scope_of(principal, Right.RECORD)
    if table.problems and not accept_good:
        count = len(table.problems)
        them = "it" if count == 1 else "them"
        raise InvalidInputError(
            f"{counted(count, 'cell')} cannot be read; nothing was recorded",
            hint=f"mend {them} and import the file again; --accept-good takes the "
            "other rows now",
            problems=tuple(table.problems),
        )
    with register.reading() as tx:
        size = tx.head().size
        held = {e.id: e for e in _stored(tx, [row.id for row in table.rows], size)}
        codes = {row.model.key.manufacturer for row in table.rows}
        makers = _makers(
            table,
            held,
            makers_of(tx.makers(codes, size)),
            complete=lambda code, rows: _complete(tx, code, rows, size),
        )
        changes = list(_changes(table, held, makers))
        there = {row.id for row in table.rows} | {bad.id for bad in table.bad}
        absent = sorted(set(tx.ids(size)) - there)
        found = _findings(tx, changes, makers, size=size, day=day, progress=progress)
    return Plan(
        size=size,
        changes=[change for change in changes if change.entry != change.before],
        makers=[makers.recorded[code] for code in sorted(makers.recorded)],
        unchanged=sum(1 for change in changes if change.entry == change.before),
        absent=absent,
        findings=found,
        ignored=table.ignored,
        notes=table.notes,
        left_out=len(table.bad),
    )


def record_import(principal: Principal, plan: Plan, recorder: Recorder) -> Recorded:
    """Record what a plan changes, in one transaction.

    Raises:
        ConflictError: the register has changed since the plan was made.
        UnavailableError: the register cannot be written now; nothing was.
    """
    statements = [Statement(subject=maker, by=principal.name) for maker in plan.makers]
    statements.extend(
        Statement(
            subject=change.entry,
            by=principal.name,
            effective_from=(
                change.entry.cpl.status_from or change.entry.cpl.published_on
            ),
        )
        for change in plan.changes
    )
    return recorder.record(statements, principal, at_size=plan.size)


def _stored(tx: Reading, ids: Iterable[int], size: int) -> Iterator[Entry]:
    return map(entry_of, tx.entries(list(ids), size))


class _Makers(NamedTuple):
    """Makers as they will be.

    Attributes:
        all: by code.
        recorded: those among them that are new or change.
        contacts: the contact each row names, by CPL Entry ID.
    """

    all: dict[str, Maker]
    recorded: dict[str, Maker]
    contacts: dict[int, Contact | None]


def read_alone(table: Table) -> tuple[list[Entry], dict[str, Maker]]:
    """Give entries, and makers by their code, as a table says them by itself.

    An empty register that takes the table in holds the same.
    """
    makers = _makers(table, {}, {}, complete=lambda _code, _rows: True)
    return [change.entry for change in _changes(table, {}, makers)], makers.all


def _makers(
    table: Table,
    held: Mapping[int, Entry],
    known: Mapping[str, Maker],
    *,
    complete: Callable[[str, list[EntryRow]], bool],
) -> _Makers:
    """Derive each maker's name and mailbox from its rows.

    Where the table has the maker's own columns they say it, and the contact of a row
    is its entry's own.  Otherwise a maker that is new gets the name and contact most
    of its rows give; one that is known changes only where all of its rows agree and
    they are all its entries; a row that differs from its maker gives its entry a
    contact of its own.

    Args:
        table: what was read.
        held: entries as the register holds them, by id.
        known: makers as it holds them, by code.
        complete: tells of a code and its rows whether they are all its entries.
    """
    rows: dict[str, list[EntryRow]] = defaultdict(list)
    for row in table.rows:
        rows[row.model.key.manufacturer].append(row)
    told = bool(table.columns & MAKER_CONTACT_COLUMNS)
    contacts = {
        row.id: contact_of(row, _contact_before(row, held, {} if told else known))
        for row in table.rows
    }
    mailboxes = (
        {row.id: maker_contact_of(row) for row in table.rows} if told else contacts
    )
    found, recorded = dict(known), {}
    for code, own in rows.items():
        maker = _maker(code, own, known.get(code), mailboxes)
        if code not in known or (maker != known[code] and complete(code, own)):
            found[code] = recorded[code] = maker
    return _Makers(found, recorded, contacts)


def _contact_before(
    row: EntryRow, held: Mapping[int, Entry], known: Mapping[str, Maker]
) -> Contact | None:
    entry, maker = held.get(row.id), known.get(row.model.key.manufacturer)
    return (entry.contact if entry else None) or (maker.contact if maker else None)


def _maker(
    code: str,
    rows: list[EntryRow],
    known: Maker | None,
    named: Mapping[int, Contact | None],
) -> Maker:
    usual = known.contact if known else None
    names = Counter(
        row.values.get("Maker Name") or row.values.get("Manufacturer") or ""
        for row in rows
    )
    contacts = Counter(named[row.id] for row in rows)
    del names[""], contacts[None]
    contact = usual
    if contacts and (contact is None or len(contacts) == 1):
        contact = _most_common(contacts)
    name = known.name if known else code
    if names and (known is None or known.name == code or len(names) == 1):
        name = _most_common(names)
    return Maker(code=code, name=name, contact=contact)


def _complete(tx: Reading, code: str, rows: list[EntryRow], size: int) -> bool:
    """Tell whether rows are of every entry that the register holds of a maker."""
    ids, after = {row.id for row in rows}, 0
    wanted = Filter(manufacturer=code)
    while stored := tx.page(wanted, Scope(), size=size, after=after, limit=1000):
        held = [entry_of(found).id for found in stored]
        if not ids.issuperset(held):
            return False
        after = held[-1]
    return True


_Counted = TypeVar("_Counted")


def _most_common(counts: Counter[_Counted]) -> _Counted:
    """Give what was counted most; among equals the first that was met."""
    return counts.most_common(1)[0][0]


def _changes(
    table: Table, held: Mapping[int, Entry], makers: _Makers
) -> Iterator[Change]:
    for row in table.rows:
        before = held.get(row.id)
        entry = merged(before, row)
        usual = makers.all[entry.model.key.manufacturer].contact
        contact = entry.contact
        if table.columns & CONTACT_COLUMNS:
            named = makers.contacts[row.id]
            told = table.columns & MAKER_CONTACT_COLUMNS
            contact = None if named == usual and not told else named
        entry = msgspec.structs.replace(entry, contact=contact)
        yield Change(entry, before, differences(before, entry) if before else ())


def _findings(
    tx: Reading,
    changes: list[Change],
    makers: _Makers,
    *,
    size: int,
    day: date,
    progress: Progress,
) -> dict[int, tuple[Finding, ...]]:
    """Run the checks on the table's entries, among each other and the register's."""
    around = _Around(tx, [change.entry for change in changes], size)
    found: dict[int, tuple[Finding, ...]] = {}
    for number, change in enumerate(changes):
        entry = change.entry
        maker = makers.all.get(entry.model.key.manufacturer)
        if listed := findings(entry, around.of(entry, maker, day)):
            found[entry.id] = listed
        if number % 1000 == 0:
            progress("checking", number, len(changes))
    progress("checking", len(changes), len(changes))
    return found


class _Around:
    """What the checks compare a table's entries with: the register with the table."""

    def __init__(self, tx: Reading, entries: list[Entry], size: int) -> None:
        new = {entry.id: entry for entry in entries}
        self._models: dict[ModelKey, dict[int, Entry]] = defaultdict(dict)
        self._hashes: dict[str, dict[str, dict[int, Entry]]] = {}
        self._entries = new
        hashes = {e.cpl.image_hash for e in entries if e.cpl.image_hash}
        named = {number for entry in entries for number in _named(entry)} - set(new)
        held = [entry_of(row) for row in tx.sharing_images(hashes, size)]
        for key in {entry.model.key for entry in entries}:
            held.extend(entry_of(row) for row in tx.entries_of_model(key, size))
        for entry in (*(e for e in held if e.id not in new), *entries):
            self._models[entry.model.key][entry.id] = entry
            if entry.cpl.image_hash:
                makers = self._hashes.setdefault(entry.cpl.image_hash, {})
                own = makers.setdefault(entry.model.key.manufacturer, {})
                own[entry.id] = entry
        self._named = {entry.id: entry for entry in _stored(tx, named, size)}
        # Shared by the checks of all entries of a model, which they hold as well.
        self._neighbours = {
            key: Neighbours(model.values()) for key, model in self._models.items()
        }

    def of(self, entry: Entry, maker: Maker | None, day: date) -> Surroundings:
        """Give the surroundings of one entry."""
        named = {
            number: known
            for number in _named(entry)
            if (known := self._entries.get(number) or self._named.get(number))
        }
        same_hash = self._sharing(entry)
        return Surroundings(
            day=day,
            same_model=self._neighbours[entry.model.key],
            named=named,
            same_hash=same_hash,
            maker=maker,
        )

    def _sharing(self, entry: Entry) -> tuple[Entry, ...]:
        """Give some entries with the same image: of its maker, and one of another.

        A hash that thousands of rows share, such as one of zeros, would otherwise
        cost as many comparisons for each of them.
        """
        makers = self._hashes.get(entry.cpl.image_hash, {})
        own = entry.model.key.manufacturer
        found = list(islice(makers.get(own, {}).values(), SHARING_MOST))
        others = (next(iter(m.values())) for code, m in makers.items() if code != own)
        found.extend(islice(others, 1))
        return tuple(other for other in found if other.id != entry.id)


def _named(entry: Entry) -> set[int]:
    """Give the ids an entry names."""
    hubs = entry.fir.requires.hub_entries if entry.fir.requires else ()
    return {*(entry.fir.upgradable_from or ()), *entry.fir.rollback_from, *hubs}
