"""The table of cases of the rules, row by row."""

from datetime import date
from typing import Any

import pytest

from entries import DAY, an_entry
from firtree.catalogue.answer import Circumstances, Device
from firtree.catalogue.assessment import assess
from firtree.catalogue.entry import Availability, Entry, Hold, Status
from firtree.catalogue.record import ModelRecord

LEGACY: dict[str, Any] = {"release_date": None}
SAME_DAY = date(2026, 1, 5)
EXPIRED: dict[str, Any] = {"status": Status.EXPIRED}
WITHDRAWN: dict[str, Any] = {"status": Status.WITHDRAWN}
LIMITED: dict[str, Any] = {
    "availability": Availability.LIMITED,
    "limited_to": ("Somebody Else Ltd",),
}
A = an_entry(1)

# name: (entries, the device runs, standing, target, alternatives, pathway)
Case = tuple[list[Entry], int, str, int | None, tuple[int, ...], list[int] | None]
CASES: dict[str, Case] = {
    "legacy, all FIR fields blank, B newer": (
        [an_entry(1, **LEGACY), an_entry(2, **LEGACY)],
        *(1, "behind", 2, (), None),
    ),
    "B is N/A": ([A, an_entry(2, upgradable_from=())], 1, "current", 1, (), []),
    "B and C same day, both from A": (
        [
            A,
            an_entry(2, upgradable_from=(1,), release_date=SAME_DAY),
            an_entry(3, upgradable_from=(1,), release_date=SAME_DAY),
        ],
        *(1, "behind", 3, (2,), [3]),
    ),
    "C same day as B, from B": (
        [
            A,
            an_entry(2, upgradable_from=(1,), release_date=SAME_DAY),
            an_entry(3, upgradable_from=(2,), release_date=SAME_DAY),
        ],
        *(1, "behind", 3, (), [2, 3]),
    ),
    "B mandatory, C from A and from B": (
        [
            A,
            an_entry(2, upgradable_from=(1,), mandatory_step=True),
            an_entry(3, upgradable_from=(1, 2)),
        ],
        *(1, "behind", 3, (), [2, 3]),
    ),
    "mandatory B withdrawn, C from A and B": (
        [
            A,
            an_entry(2, upgradable_from=(1,), mandatory_step=True, **WITHDRAWN),
            an_entry(3, upgradable_from=(1, 2)),
        ],
        *(1, "behind", 3, (), None),
    ),
    "B withdrawn, C from B only": (
        [
            A,
            an_entry(2, upgradable_from=(1,), **WITHDRAWN),
            an_entry(3, upgradable_from=(2,)),
        ],
        *(1, "behind", 3, (), None),
    ),
    "B withdrawn, C from B only, device on B": (
        [
            A,
            an_entry(2, upgradable_from=(1,), **WITHDRAWN),
            an_entry(3, upgradable_from=(2,)),
        ],
        *(2, "removed", 3, (), [3]),
    ),
    "device on withdrawn B, only A Active": (
        [A, an_entry(2, upgradable_from=(1,), **WITHDRAWN)],
        *(2, "removed", None, (), None),
    ),
    "the same, A declares rollback from B": (
        [
            an_entry(1, rollback_from=(2,)),
            an_entry(2, upgradable_from=(1,), **WITHDRAWN),
        ],
        *(2, "removed", 1, (), [1]),
    ),
    "B on hold": (
        [A, an_entry(2, upgradable_from=(1,), hold=Hold(reason="field trial"))],
        *(1, "current", 1, (), []),
    ),
    "B limited to others": (
        [A, an_entry(2, upgradable_from=(1,), **LIMITED)],
        *(1, "current", 1, (), []),
    ),
    "all entries expired": (
        [an_entry(1, **EXPIRED), an_entry(2, upgradable_from=(1,), **EXPIRED)],
        *(1, "removed", None, (), None),
    ),
    "hotfix 9 from 1; 5 from 1 and 9; device on 9": (
        [
            A,
            an_entry(5, upgradable_from=(1, 9)),
            an_entry(9, upgradable_from=(1,)),
        ],
        *(9, "behind", 5, (), [5]),
    ),
    "2 and 3 mandatory in a row, 4 from all": (
        [
            A,
            an_entry(2, upgradable_from=(1,), mandatory_step=True),
            an_entry(3, upgradable_from=(2,), mandatory_step=True),
            an_entry(4, upgradable_from=(1, 2, 3)),
        ],
        *(1, "behind", 4, (), [2, 3, 4]),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_case_has_the_answer_of_the_table(name: str) -> None:
    entries, runs, standing, target, alternatives, pathway = CASES[name]
    running = next(entry for entry in entries if entry.id == runs)
    device = Device(
        manufacturer="ab01", model="010a030b", firmware=running.cpl.firmware
    )

    answer = assess(device, ModelRecord.of(device.key, entries), Circumstances(day=DAY))

    assert answer.standing == standing
    assert answer.entry == runs
    assert answer.target == target
    assert answer.alternatives == alternatives
    assert (None if answer.pathway is None else list(answer.pathway)) == pathway
    assert [step.entry for step in answer.steps] == list(answer.pathway or ())
