"""Publish the register as sheets of rows: entries, FIR information, answers, changes.

What a publication holds is a function of the register at a log size, the day in
London, and what its readers may see; so it can be made again at any time.  Rows are
given one after the other, and memory does not grow with their number, except by some
hundred octets for each hardware model.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

import msgspec

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.answer import Assessment, Circumstances, Device
from firtree.catalogue.assessment import assess
from firtree.catalogue.entry import Entry
from firtree.catalogue.record import ModelRecord
from firtree.catalogue.words import Standing
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError
from firtree.exchange.answers import answer_values
from firtree.exchange.columns import WRITTEN
from firtree.exchange.files import Progress, silent
from firtree.exchange.parquet import parquet_octets
from firtree.exchange.publication import Facts, Field, Sheet, Sheets, sheets_for
from firtree.exchange.rows import (
    Value,
    all_values,
    chooser,
    maker_texts,
    text_of,
    values_of,
)
from firtree.exchange.streams import csv_octets, json_octets
from firtree.ledger.notes import Checkpoint
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import End, Filter, Reading, Register, Signing
from firtree.library.views import View, seen
from firtree.parties import Maker
from firtree.statements.fold import code_of_name, key_of_name
from firtree.text import end_of_london_day, london_day

_AT_ONCE = 1000
_MODELS_AT_ONCE = 100
# Entries that are kept between the passes, some 4 kB each.
_KEPT_MOST = 20_000
_BY_NAME = {column.name: column for column in WRITTEN}

Row = tuple[Sheet, list[Value]]


class Publication:
    """The register as it is given out, for one view and one audience.

    Args:
        register: which.
        signer: signs the checkpoint of the published state.
        principal: for whom; needs the right to read entries.
        view: from where.
        private: whether private parts are given to one who may see them.
        progress: told (what, done, of how many).
        reach: what could be seen of the register that is copied here; None = it itself.

    Raises:
        NotFoundError: the principal may not read entries.
    """

    def __init__(
        self,
        register: Register,
        signer: Signing,
        principal: Principal,
        view: View,
        *,
        private: bool = False,
        progress: Progress = silent,
        reach: Scope | None = None,
    ) -> None:
        scope = scope_of(principal, Right.READ_ENTRIES)
        self._reach = reach or scope
        self._scope = msgspec.structs.replace(scope, private=scope.private and private)
        self._register = register
        self._view = view
        self._progress = progress
        self._makers: dict[str, Maker | None] = {}
        # Entries by model, as far as they are few enough to be kept.
        self._models: dict[ModelKey, list[Entry]] = {}
        self._kept = False
        self.sheets: Sheets = sheets_for(self._scope)
        with register.reading() as tx:
            facts = _facts(tx, signer, view)
        held, partial = self._scope.private, not self._reach.sees_all
        self.facts = facts._replace(private=held, partial=partial)

    def fir(self) -> Iterator[list[Value]]:
        """Yield a row for each entry, with all columns of ``fir_fields``."""
        choose = _chooser(self.fir_fields)
        for entry in self._entries(keep=False):
            yield choose(all_values(entry, self._maker_of(entry)))

    @property
    def fir_fields(self) -> tuple[Field, ...]:
        """The columns of an entry."""
        sheets = self.sheets
        return (*sheets.cpl.fields, *sheets.fir.fields[1:])

    def answers(self) -> Iterator[list[Value]]:
        """Yield a row for each model and firmware version, by model and version."""
        for _, row in self._of_models(archive=False):
            yield row

    def octets(self, what: str, form: str) -> Iterator[bytes]:
        """Yield a file of entries or of answers, in pieces.

        Args:
            what: ``fir`` or ``answers``.
            form: ``csv``, ``json`` or ``parquet``.
        """
        fir = what == "fir"
        fields = self.fir_fields if fir else self.sheets.answers.fields
        rows = self.fir() if fir else self.answers()
        if form == "csv":
            return csv_octets(fields, rows)
        if form == "json":
            name = "entries" if fir else "answers"
            return json_octets(self.facts, name, fields, rows)
        return parquet_octets(fields, rows)

    def rows(self) -> Iterator[Row]:
        """Yield the rows of all sheets; those of one sheet are in order."""
        yield from self._listed()
        yield from self._of_models(archive=True)
        yield from self._changes()

    def rows_of(self, sheet: Sheet) -> Iterator[list[Value]]:
        """Yield the rows of one sheet."""
        sheets = self.sheets
        if sheet in {sheets.cpl, sheets.fir}:
            rows = self._listed()
        elif sheet == sheets.changes:
            rows = self._changes()
        else:
            rows = self._of_models(archive=sheet == sheets.archive)
        return (row for of, row in rows if of == sheet)

    def _listed(self) -> Iterator[Row]:
        cpl, fir = self.sheets.cpl, self.sheets.fir
        for_cpl, for_fir = _chooser(cpl.fields), _chooser(fir.fields)
        for entry in self._entries():
            if entry.active:
                values = all_values(entry, self._maker_of(entry))
                yield cpl, for_cpl(values)
                yield fir, for_fir(values)

    def _of_models(self, *, archive: bool) -> Iterator[Row]:
        answers = self.sheets.answers
        most = len(answers.fields)
        for record in self._records():
            maker = self._maker(record.key.manufacturer)
            context = Circumstances(
                day=self._view.day,
                maker=maker,
                reconstructed=self._view.effective_at is not None,
                partial=not self._reach.sees_all_of(record.key),
            )
            found = {}
            for firmware in sorted({entry.firmware_key for entry in record.entries}):
                device = Device(
                    manufacturer=record.key.manufacturer,
                    model=record.key.model,
                    firmware=firmware,
                )
                found[firmware] = answer = assess(device, record, context)
                yield answers, _answered(record, answer)[:most]
            if archive:
                yield from self._archived(record, found, maker)

    def _archived(
        self,
        record: ModelRecord,
        answers: dict[str, Assessment],
        maker: Maker | None,
    ) -> Iterator[Row]:
        sheet = self.sheets.archive
        choose = _chooser(f for f in sheet.fields if f.name in _BY_NAME)
        by_id = {entry.id: entry for entry in record.entries}
        blank: list[Value] = [None] * (len(sheet.fields) - 5)
        for entry in record.entries:
            answer = answers[entry.firmware_key]
            left = _left(entry, answer, by_id)
            if left is None:
                continue
            if entry.active:  # it stands in full on the other sheets
                yield sheet, [entry.id, *left, *blank]
                continue
            number, *rest = choose(all_values(entry, maker))
            yield sheet, [number, *left, *rest]

    def _changes(self) -> Iterator[Row]:
        since = self.facts.since
        if since is None:
            return
        sheet, before = self.sheets.changes, self._view._replace(size=since)
        with self._register.reading() as tx:
            touched = tx.touched(since)
        codes = sorted(code for names in touched if (code := code_of_name(*names)))
        keys = sorted({key_of_name(n) for kind, n in touched if kind == "model"})
        for code in codes:
            if self._scope.covers_maker(code):
                yield from ((sheet, row) for row in self._maker_changes(code, since))
        for key in keys:
            if not self._scope.covers(key):
                continue
            with self._register.reading() as tx:
                old, new = (
                    {
                        e.id: e
                        for e in seen(
                            map(entry_of, tx.entries_of_model(key, view.size)),
                            self._scope,
                            view,
                        )
                    }
                    for view in (before, self._view)
                )
            for number in sorted(new):
                for row in _changed(new[number], old.get(number), self.fir_fields):
                    yield sheet, row

    def _maker_changes(self, code: str, since: int) -> Iterator[list[Value]]:
        """Yield a row for each of the maker's own columns that says something else."""
        with self._register.reading() as tx:
            old, new = (
                makers_of(tx.makers([code], size)).get(code)
                for size in (since, self._view.size)
            )
        if new is None:
            return
        names = {field.name for field in self.fir_fields}
        before, after = maker_texts(old), maker_texts(new)
        for name in before:
            was, now = before[name], after[name]
            if was != now and name in names:
                change = "changed" if old else "new"
                yield [None, code, None, None, change, name, was or None, now or None]

    def _entries(self, *, keep: bool = True) -> Iterator[Entry]:
        """Yield entries by id, a thousand in one reading.

        Args:
            keep: whether their models are needed afterwards.
        """
        view, after, done = self._view, 0, 0
        models: dict[ModelKey, list[Entry]] = {}
        wanted = Filter(in_force_on=view.effective_at)
        while True:
            with self._register.reading() as tx:
                stored = tx.page(
                    wanted, self._scope, size=view.size, after=after, limit=_AT_ONCE
                )
                found = [entry_of(row) for row in stored]
                self._know(tx, found)
            if not found:
                self._models = models
                self._kept = done <= _KEPT_MOST
                return
            if done <= _KEPT_MOST < done + len(found):
                for kept in models.values():
                    kept.clear()
            after, done = found[-1].id, done + len(found)
            for entry in seen(found, self._scope, view):
                if keep:
                    kept = models.setdefault(entry.model.key, [])
                    if done <= _KEPT_MOST:
                        kept.append(entry)
                yield entry
            self._progress("entries", done, max(done, view.size))

    def _records(self) -> Iterator[ModelRecord]:
        """Yield what there is of each hardware model, by its key."""
        if not self._models:
            for _ in self._entries():
                pass
        keys, done = sorted(self._models), 0
        for start in range(0, len(keys), _MODELS_AT_ONCE):
            chunk = keys[start : start + _MODELS_AT_ONCE]
            found = [self._models[key] for key in chunk]
            if not self._kept:
                with self._register.reading() as tx:
                    size = self._view.size
                    stored = [tx.entries_of_model(key, size) for key in chunk]
                found = [
                    seen(map(entry_of, rows), self._scope, self._view)
                    for rows in stored
                ]
            for key, entries in zip(chunk, found, strict=True):
                yield ModelRecord.of(key, entries)
            done += len(chunk)
            self._progress("answers", done, len(keys))

    def _know(self, tx: Reading, entries: Iterable[Entry]) -> None:
        codes = {entry.model.key.manufacturer for entry in entries}
        if new := codes - self._makers.keys():
            known = makers_of(tx.makers(new, self._view.size))
            for code in new:
                maker = known.get(code)
                if maker is not None and not self._scope.people:
                    maker = msgspec.structs.replace(maker, contact=None)
                self._makers[code] = maker

    def _maker(self, code: str) -> Maker | None:
        return self._makers.get(code)

    def _maker_of(self, entry: Entry) -> Maker | None:
        return self._makers.get(entry.model.key.manufacturer)


def _facts(tx: Reading, signer: Signing, view: View) -> Facts:
    """Give what the publication is of, with its running number."""
    end = tx.end_of_size(view.size)
    if end is None:
        raise InvalidInputError(
            "the register is empty, so there is nothing to publish",
            hint="firtree import takes a table of entries in",
        )
    checkpoint = Checkpoint(signer.name, end.size, end.root)
    number, since = 0, None
    earlier: End | None = end
    while earlier is not None:
        number += 1
        day_before = london_day(earlier.at) - timedelta(days=1)
        earlier = tx.end_at(end_of_london_day(day_before))
        if number == 1 and earlier is not None:
            since = earlier.size
    return Facts(
        origin=signer.name,
        number=number,
        size=end.size,
        day=view.day,
        effective_at=view.effective_at,
        since=since,
        checkpoint=signer.sign(str(checkpoint)),
    )


def _chooser(
    fields: Iterable[Field],
) -> Callable[[tuple[Value, ...]], list[Value]]:
    return chooser(field.name for field in fields)


def _answered(record: ModelRecord, answer: Assessment) -> list[Value]:
    named = [one for one in (answer.entry, answer.target) if one is not None]
    whole = record.whole(named)
    target = whole[answer.target] if answer.target is not None else None
    return answer_values(record.key, whole[named[0]], target, answer)


def _left(
    entry: Entry, answer: Assessment, others: Mapping[int, Entry]
) -> tuple[str, date | None, str, int | None] | None:
    """Say how, when and why an entry left; None where it is the newest there is."""
    target = answer.target if answer.target != entry.id else None
    if not entry.active:
        cpl = entry.cpl
        why = f"{cpl.status}: {cpl.status_reason}" if cpl.status_reason else cpl.status
        return "removed", cpl.status_from, str(why), target
    if answer.standing is not Standing.BEHIND or target is None:
        return None
    later = others[target]
    day = later.cpl.published_on or later.fir.release_date
    return "superseded", day, f"entry {target} is newer", target


def _changed(
    entry: Entry, before: Entry | None, fields: Iterable[Field]
) -> Iterator[list[Value]]:
    """Yield a row for a new entry, or one for each column that says something else."""
    if entry == before:
        return
    key = entry.model.key
    names: list[Value] = [entry.id, key.manufacturer, key.model, entry.cpl.firmware]
    if before is None:
        yield [*names, "new", None, None, None]
        return
    columns = [_BY_NAME[f.name] for f in fields if not f.name.startswith("Maker ")]
    old, new = values_of(before, None, columns), values_of(entry, None, columns)
    for column, was, now in zip(columns, old, new, strict=True):
        if was != now:
            yield [
                *names,
                "changed",
                column.name,
                text_of(was) or None,
                text_of(now) or None,
            ]
