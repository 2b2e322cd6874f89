"""One statement for each durable commit, beside a bare INSERT and COMMIT."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    insert,
    select,
)

from benchmarks.figures import Figure, Scale, at_least, at_most, by_ratio, by_value
from benchmarks.ledgers import Ledger, batches, check_recorded, ledgers, rows_of
from firtree.access import KEEPER
from firtree.library.ports import StatementRow

_SLOWEST_MS = 10
_BARE = Table(
    "bare",
    MetaData(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary),
    Column("subject", Text),
    *(
        Column(name, LargeBinary)
        for name in StatementRow._fields[3:]  # the sections, salts and commitments
    ),
)


def run(scale: Scale, _cached: Path) -> Iterator[Figure]:
    """Record statements one by one; the peer inserts the same octets."""
    for make in ledgers(scale):
        with make() as ledger:
            yield from _measured(scale, ledger)


def _measured(scale: Scale, ledger: Ledger) -> Iterator[Figure]:
    (invented,) = batches(scale.entries + scale.commits, 2 * scale.preloaded)
    first, further = invented[: -scale.commits], invented[-scale.commits :]
    recorder, engine = ledger.parts.recorder, ledger.bare.engine
    _BARE.create(engine)
    recorder.record(first, KEEPER)
    statement = insert(_BARE)
    ours: list[float] = []
    peer: list[float] = []
    for one in further:
        begun = perf_counter()
        recorded = recorder.record([one], KEEPER)
        ours.append(1000 * (perf_counter() - begun))
        (row,) = rows_of(ledger, recorded.size - 1, recorded.size)
        values = row._asdict()
        begun = perf_counter()
        with engine.begin() as connection:
            connection.execute(statement, values)
        peer.append(1000 * (perf_counter() - begun))
    check_recorded(ledger, recorded)
    with engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(_BARE)).scalar()
        assert count == len(further)
    is_target = ledger.database == "SQLite"
    name = f"one statement a commit, {ledger.database}, {len(further)} commits"
    yield by_ratio(
        f"{name}, commits a second",
        1000 / median(ours),
        "/s",
        at_least(0.3) if is_target else None,
        peer=("a bare INSERT and COMMIT", 1000 / median(peer)),
    )
    yield by_value(
        f"{name}, 99 % take at most",
        _percentile_99(ours),
        "ms",
        at_most(_SLOWEST_MS) if is_target else None,
        peer=("a bare INSERT and COMMIT", _percentile_99(peer)),
    )


def _percentile_99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]
