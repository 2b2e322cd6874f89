"""Search in a register, five kinds of question, beside LIKE over one text an entry."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import psycopg
from sqlalchemy import URL, make_url

from benchmarks.figures import Figure, Scale, at_most, by_value, number
from benchmarks.ledgers import Ledger, batches, ledgers
from firtree.access import KEEPER
from firtree.catalogue.entry import Entry
from firtree.catalogue.search import fields_of, note_texts

_MOST_MS = 20
_FOUND = 50
_INSERT = "INSERT INTO bare VALUES (?, ?)"
_ASK = "SELECT id FROM bare WHERE text LIKE ? ORDER BY id DESC LIMIT 50"

Ask = Callable[[str], int]


def run(scale: Scale, _cached: Path) -> Iterator[Figure]:
    """Record entries, then search them."""
    for make in ledgers(scale):
        with make() as ledger:
            entries = _recorded(scale, ledger)
            with _like(ledger, entries) as like:
                yield from _measured(scale, ledger, entries, like)


def _recorded(scale: Scale, ledger: Ledger) -> list[Entry]:
    entries: list[Entry] = []
    for batch in batches(scale.searched, scale.batch):
        ledger.parts.recorder.record(batch, KEEPER)
        entries.extend(s.subject for s in batch if isinstance(s.subject, Entry))
    if ledger.database == "PostgreSQL":
        # What autovacuum does within a minute, done at once.
        with psycopg.connect(_plain(ledger.parts.register.engine.url)) as session:
            session.execute(b"ANALYZE")
    return entries


def _plain(url: URL) -> str:
    plain = url.set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


def _measured(
    scale: Scale, ledger: Ledger, entries: Sequence[Entry], like: Ask
) -> Iterator[Figure]:
    finder = ledger.parts.lookup.finder
    view = ledger.parts.lookup.view()
    for kind, questions in _questions(entries, scale.questions).items():
        ours: list[float] = []
        peer: list[float] = []
        for entry, text in questions:
            begun = perf_counter()
            page = finder.search(KEEPER, text, view, limit=_FOUND)
            ours.append((perf_counter() - begun) * 1000)
            ids = [one.entry.id for one in page.found]
            assert len(ids) == _FOUND or entry.id in ids, (text, entry.id, ids)
            assert all(one.reasons for one in page.found), text
            begun = perf_counter()
            found = like(text)
            peer.append((perf_counter() - begun) * 1000)
            assert found, text
        yield by_value(
            f"search, {ledger.database}, {kind}, {number(len(entries))} entries",
            median(ours),
            "ms",
            at_most(_MOST_MS),
            peer=("LIKE over one text an entry, in no order of merit", median(peer)),
        )


def _questions(
    entries: Sequence[Entry], count: int
) -> dict[str, list[tuple[Entry, str]]]:
    """Choose parts of entries that are there, the same each time."""
    chance = Random(1)  # noqa: S311 - nothing to be guessed
    kinds: dict[str, Callable[[Entry], str]] = {
        "six digits of a hash": lambda e: _part(chance, e.cpl.image_hash, 6),
        "part of a version or label": lambda e: _part(
            chance, chance.choice([e.cpl.firmware, e.cpl.firmware_label]), 4
        ),
        "part of a model or trade name": lambda e: _part(
            chance, chance.choice([e.model.duis_model, e.cpl.trade_name]), 5
        ),
        "part of a maker's name": lambda e: _part(chance, e.cpl.manufacturer_name, 5),
        "a word of the notes": lambda e: chance.choice(_words(e)),
    }
    asked: dict[str, list[tuple[Entry, str]]] = {kind: [] for kind in kinds}
    for kind, text_of in kinds.items():
        while len(asked[kind]) < count:
            entry = chance.choice(entries)
            if entry.cpl.image_hash and _words(entry):
                text = text_of(entry)
                if len(text) > 1 and " " not in text:
                    asked[kind].append((entry, text))
    return asked


def _part(chance: Random, text: str, size: int) -> str:
    at = chance.randrange(max(1, len(text) - size + 1))
    return text[at : at + size]


def _words(entry: Entry) -> list[str]:
    notes = entry.fir.notes
    texts = " ".join(note_texts(notes)) if notes else ""
    return [word for word in texts.split() if word.isalnum() and len(word) > 1]


def _text_of(entry: Entry) -> str:
    notes = note_texts(entry.fir.notes) if entry.fir.notes else ()
    return "\n".join([*(text for _, text in fields_of(entry)), *notes])


@contextmanager
def _like(ledger: Ledger, entries: Sequence[Entry]) -> Iterator[Ask]:
    """Give what one would write first: one text an entry, and LIKE."""
    rows = [(entry.id, _text_of(entry)) for entry in entries]
    table = "CREATE TABLE bare (id BIGINT PRIMARY KEY, text TEXT)"
    if ledger.database == "SQLite":
        with closing(sqlite3.connect(ledger.location)) as connection:
            connection.execute("PRAGMA cache_size=-32000")
            connection.execute(table)
            with connection:
                connection.executemany(_INSERT, rows)
            yield lambda text: len(connection.execute(_ASK, (f"%{text}%",)).fetchall())
        return
    with psycopg.connect(_plain(make_url(ledger.location))) as session:
        session.execute(table.encode())
        with session.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        session.commit()
        ask = _ASK.replace("?", "%s").replace("LIKE", "ILIKE").encode()
        yield lambda text: len(session.execute(ask, (f"%{text}%",)).fetchall())
