"""All parties at one moment, and the rules that hold between them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

import msgspec

from firtree.errors import Problem
from firtree.parties import AGENTS, SUPPLIERS, VIEWERS, PartyKind
from firtree.parties.party import (
    Appointment,
    Holding,
    Mandate,
    Party,
    Succession,
    Viewing,
    name_key,
)

_DAY = timedelta(days=1)
_Dated = TypeVar("_Dated", Holding, Mandate, Appointment, Viewing)


class Handover(NamedTuple):
    """What a succession makes of the parties it touches.

    Attributes:
        succession: what goes from whom to whom.
        parties: the giver, the taker, and whoever may submit for the giver.
    """

    succession: Succession
    parties: tuple[Party, ...]


class Directory:
    """All parties at one moment.

    Args:
        parties: in their newest versions, any order.
    """

    def __init__(self, parties: Iterable[Party]) -> None:
        ordered = sorted(parties, key=lambda party: party.id)
        self.parties: Mapping[int, Party] = {party.id: party for party in ordered}

    def party(self, party_id: int) -> Party | None:
        """Give a party; None = there is none of this id."""
        return self.parties.get(party_id)

    def next_id(self) -> int:
        """Give the id of the next party to be admitted."""
        return max(self.parties, default=0) + 1

    def problems(self, party: Party) -> list[Problem]:
        """Find what is wrong with a party beside the others; all of it at once."""
        return [
            *self._name_problems(party),
            *self._kind_problems(party),
            *self._code_problems(party),
            *self._reference_problems(party),
            *self._named_problems(party),
            *self._deciding_problems(party),
        ]

    def _others(self, party: Party) -> Iterator[Party]:
        return (one for one in self.parties.values() if one.id != party.id)

    def _name_problems(self, party: Party) -> Iterator[Problem]:
        wanted = name_key(party.name)
        for other in self._others(party):
            if name_key(other.name) == wanted:
                expected = "a name that no other party has"
                found = f"that of party {other.id}"
                yield Problem("name", "name", expected, found)

    def _kind_problems(self, party: Party) -> Iterator[Problem]:
        kinds = set(party.kinds)
        for where, held, needed in (
            ("codes", party.codes, {PartyKind.MANUFACTURER}),
            ("appointments", party.appointments, AGENTS),
            ("viewings", party.viewings, VIEWERS),
        ):
            if held and not kinds & needed:
                expected = f"none for a party that is no {' or '.join(sorted(needed))}"
                yield Problem(where, where, expected, f"{len(held)}")

    def _code_problems(self, party: Party) -> Iterator[Problem]:
        held = [(one, party) for one in party.codes]
        elsewhere = [(one, p) for p in self._others(party) for one in p.codes]
        for place, (one, _) in enumerate(held):
            for other, holder in (*held[place + 1 :], *elsewhere):
                if other.code == one.code and _overlap(one, other):
                    expected = f"{one.code} on days on which nobody else holds it"
                    found = f"{_days(other)}, when party {holder.id} holds it"
                    yield Problem("codes", "codes", expected, found)

    def _reference_problems(self, party: Party) -> Iterator[Problem]:
        named = (
            *(("mandates", m.maker, {PartyKind.MANUFACTURER}) for m in party.mandates),
            *(("appointments", a.supplier, SUPPLIERS) for a in party.appointments),
        )
        for where, party_id, needed in named:
            other = self.party(party_id)
            if other is None or other.id == party.id or not needed & set(other.kinds):
                expected = f"another party that is {' or '.join(sorted(needed))}"
                yield Problem(where, where, expected, f"party {party_id}")

    def _named_problems(self, party: Party) -> Iterator[Problem]:
        """Find where others name a party, without an end, as what it is not."""
        kinds = set(party.kinds)
        for other in self._others(party):
            suppliers = {a.supplier for a in other.appointments if a.until is None}
            makers = {m.maker for m in other.mandates if m.until is None}
            for where, named, needed in (
                ("appointments", suppliers, SUPPLIERS),
                ("mandates", makers, {PartyKind.MANUFACTURER}),
            ):
                if party.id in named and not kinds & needed:
                    as_what = " or ".join(sorted(needed))
                    expected = f"{as_what}, until {where} of party {other.id} end"
                    yield Problem("kinds", "kinds", expected, ", ".join(sorted(kinds)))

    def _deciding_problems(self, party: Party) -> Iterator[Problem]:
        before = self.party(party.id)
        if before is None or not _decides(before) or _decides(party):
            return
        if not any(map(_decides, self._others(party))):
            where = "suspension" if party.suspension else "kinds"
            expected = "another administrators' party, not suspended, to undo this"
            yield Problem(where, where, expected, "none")

    def handover(self, giver: Party, taker: Party, on: date, reason: str) -> Handover:
        """Work out what a succession makes of the parties.

        The taker gains the manufacturer codes and the mandates to submit.  What was
        given to the giver alone ends with it: what it may view, for whom it acts, and
        who may submit for it; the taker is given those anew or not at all.

        Args:
            giver: the party whose holdings end.
            taker: the party that holds them from then on.
            on: first day on which the taker holds them.
            reason: why.

        Raises:
            ValueError: the two are one party, or the reason is none.
        """
        passed = _from(giver.codes, on)
        succession = Succession(
            giver=giver.id,
            taker=taker.id,
            on=on,
            reason=reason,
            codes=tuple(sorted({one.code for one in passed})),
        )
        mandates = (m for m in _from(giver.mandates, on) if m.maker != taker.id)
        left = msgspec.structs.replace(
            giver,
            succeeded_by=taker.id,
            codes=_until(giver.codes, on),
            mandates=_until(giver.mandates, on),
            appointments=_until(giver.appointments, on),
            viewings=_until(giver.viewings, on),
        )
        gained = msgspec.structs.replace(
            taker,
            codes=(*taker.codes, *passed),
            mandates=(*taker.mandates, *mandates),
        )
        return Handover(succession, (left, gained, *self._without(giver, taker, on)))

    def _without(self, giver: Party, taker: Party, on: date) -> Iterator[Party]:
        """Yield the parties that may submit for the giver, as they become."""
        for other in self.parties.values():
            named = [m for m in other.mandates if m.maker == giver.id]
            if other.id in {giver.id, taker.id} or not _from(named, on):
                continue
            kept = tuple(m for m in other.mandates if m.maker != giver.id)
            ended = (*kept, *_until(named, on))
            yield msgspec.structs.replace(other, mandates=ended)


def _decides(party: Party) -> bool:
    """Tell whether a party's people decide, today and until somebody ends it."""
    return PartyKind.ADMINISTRATOR in party.kinds and party.suspension is None


def _overlap(one: Holding, other: Holding) -> bool:
    first = max(one.since, other.since)
    return one.holds_on(first) and other.holds_on(first)


def _days(one: Holding) -> str:
    return f"from {one.since} to {one.until}" if one.until else f"from {one.since}"


def _until(held: Iterable[_Dated], on: date) -> tuple[_Dated, ...]:
    """Give what was held before a day, ended the day before."""
    ended = (
        one if one.until is not None and one.until < on else _ended(one, on - _DAY)
        for one in held
        if one.since < on
    )
    return tuple(ended)


def _ended(one: _Dated, day: date) -> _Dated:
    return msgspec.structs.replace(one, until=day)


def _from(held: Iterable[_Dated], on: date) -> tuple[_Dated, ...]:
    """Give what is held on a day or later, begun on that day."""
    return tuple(
        msgspec.structs.replace(one, since=max(one.since, on))
        for one in held
        if one.until is None or one.until >= on
    )
