"""What background work keeps, in memory, for tests."""

import threading
from collections.abc import Sequence
from datetime import datetime

from firtree.library.witnesses.ports import StoredSignature, WitnessState


class MemoryDuties:
    """Implements ``WitnessBook`` and ``Leases`` in plain Python."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, WitnessState] = {}
        self._signatures: dict[tuple[int, str], StoredSignature] = {}
        self._leases: dict[str, tuple[str, datetime]] = {}

    def states(self) -> list[WitnessState]:
        with self._lock:
            return [self._states[vkey] for vkey in sorted(self._states)]

    def signatures(self) -> list[StoredSignature]:
        with self._lock:
            return [self._signatures[key] for key in sorted(self._signatures)]

    def cosigned(self, state: WitnessState, lines: Sequence[StoredSignature]) -> None:
        with self._lock:
            self._states[state.vkey] = state
            self._signatures |= {(line.size, line.vkey): line for line in lines}

    def failed(self, state: WitnessState) -> None:
        with self._lock:
            self._states[state.vkey] = state

    def forget_below(self, size: int) -> None:
        with self._lock:
            for key in [key for key in self._signatures if key[0] < size]:
                del self._signatures[key]

    def take(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        with self._lock:
            owner, ends = self._leases.get(name, (holder, now))
            if owner != holder and ends > now:
                return False
            self._leases[name] = (holder, until)
            return True

    def give_back(self, name: str, holder: str) -> None:
        with self._lock:
            if self._leases.get(name, ("", None))[0] == holder:
                del self._leases[name]
