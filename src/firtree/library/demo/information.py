"""Makes the FIR information of an invented entry."""

from datetime import date
from random import Random
from typing import Any

from firtree.catalogue.entry import (
    Availability,
    DCCLoading,
    FIRPart,
    Hold,
    Loading,
    Requirement,
    RollbackAllowed,
)
from firtree.devices import DeviceType, Generation
from firtree.library.demo import products, shapes, words
from firtree.library.demo.plan import Place, Plan

_ON_REQUEST, _LIMITED = Availability.ON_REQUEST, Availability.LIMITED
_AVAILABILITIES = (
    *(Availability.AVAILABLE,) * 58,
    *(None,) * 30,
    *(_ON_REQUEST,) * 8,
    *(Availability.NOT_FOR_NEW,) * 3,
    Availability.WITHDRAWN,
)
_ROLLBACKS = (
    None,
    None,
    RollbackAllowed.UNKNOWN,
    RollbackAllowed.NO,
    RollbackAllowed.YES,
)
_HOLD, _LIMIT, _REFUSAL = "hold", "limit", "refusal"
# What is said of the last version of a hardware model.
_ENDINGS = (_HOLD, "", _LIMIT, "", "", _REFUSAL, *[""] * 8)
_LONGEST_HOLD = 900  # days
_ASKING = frozenset(
    {DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID, DeviceType.HCALCS}
)


class Information:
    """Makes FIR information.

    Args:
        plan: where entries stand, so that others can be named.
        chance: where everything left to chance comes from.
        today: no date of a past act lies after it.
    """

    def __init__(self, plan: Plan, *, chance: Random, today: date) -> None:
        self._plan = plan
        self._random = chance.random
        self._bits = chance.getrandbits
        self._today = today.toordinal()

    def of(
        self,
        place: Place,
        kind: products.Kind,
        family: int,
        card: shapes.Card,
        published: int,
    ) -> FIRPart:
        """Make the FIR information of the entry at a place."""
        chance = self._random
        release = 31 * family + place.turn
        new_metrology = kind.interval and place.version % kind.interval == 1
        change = (
            words.METROLOGY
            if new_metrology
            else words.CHANGES[release % len(words.CHANGES)]
        )
        return FIRPart(
            release_date=date.fromordinal(published - 3 - int(20 * chance())),
            release_line=card.line,
            upgradable_from=self._before(place, card.back),
            confirmed_edges=self._before(place, (card.safe,) if card.safe else ())
            or (),
            rollback_from=self._undone(place, card.undoes),
            mandatory_step=card.mandatory,
            change_classes=change.classes,
            security_urgency=change.urgency,
            notes=change.notes,
            rollback_allowed=_ROLLBACKS[release % len(_ROLLBACKS)],
            interrupts_hub_power=kind.device_type is DeviceType.CHF,
            image_size_octets=180_000 + 7_919 * release % 600_000,
            support_until=date.fromordinal(published + 1461 + 365 * int(5 * chance()))
            if chance() < 0.5
            else None,
            requires=self._requirement(place, kind),
            metrology_software_id=self._metrology(place, kind),
            **self._offer(place, published),
            **self._header(place, kind),
            **self._rarely(published),
        )

    def _before(
        self, place: Place, distances: tuple[int, ...] | None
    ) -> tuple[int, ...] | None:
        if distances is None:
            return None
        return tuple(
            self._plan.entry_of(place.couple, place.side, place.turn - distance)
            for distance in reversed(distances)
            if distance <= place.version
        )

    def _undone(self, place: Place, distance: int) -> tuple[int, ...]:
        if not distance or place.version + distance >= place.versions:
            return ()
        turn = place.turn + distance
        entry = self._plan.entry_of(place.couple, place.side, turn)
        return (entry,) if entry <= self._plan.last else ()

    def _offer(self, place: Place, published: int) -> dict[str, Any]:
        """Say whether it is to be had: availability, hold, loading by DCC."""
        last = place.version == place.versions - 1
        number = place.couple + place.hardware
        ending = _ENDINGS[number % len(_ENDINGS)] if last else ""
        soon = date.fromordinal(min(published + 2, self._today))
        said: dict[str, Any] = {
            "availability": _AVAILABILITIES[int(100 * self._random())],
            "loading": DCCLoading(state=Loading.LOADED, on=soon),
        }
        if published + 2 > self._today:
            said["loading"] = DCCLoading(state=Loading.NOT_LOADED, on=soon)
        elif self._random() < 0.3:
            said["loading"] = None
        if ending == _HOLD and published + _LONGEST_HOLD > self._today:
            since = date.fromordinal(min(published + 25, self._today))
            reason = words.HOLDS[number % len(words.HOLDS)]
            said["hold"] = Hold(reason=reason, since=since)
        elif ending == _LIMIT:
            said["availability"] = _LIMITED
            start = number % len(words.SUPPLIERS)
            said["limited_to"] = words.SUPPLIERS[start : start + 2]
        elif ending == _REFUSAL:
            reason = words.REFUSALS[number % len(words.REFUSALS)]
            said["loading"] = DCCLoading(state=Loading.REFUSED, reason=reason, on=soon)
        return said

    def _requirement(self, place: Place, kind: products.Kind) -> Requirement | None:
        if kind.device_type not in _ASKING or place.version % 4 != 2:
            return None
        if kind.generation is Generation.SMETS1:
            return None
        asked = (place.couple + place.hardware) % 4
        if asked == 0:
            return Requirement(least_gbcs="3.2")
        if asked == 1:
            return Requirement(least_chts="CHTS V1.3", han_variant="Dual Band")
        # The hub of the same run of couples, as it was a round before.
        first = place.couple - place.couple % len(products.COUPLES)
        hub = first + products.HUB_COUPLE
        if place.turn == 0 or hub >= self._plan.couples:
            return Requirement(least_gbcs="2.0")
        return Requirement(hub_entries=(self._plan.entry_of(hub, 0, place.turn - 1),))

    def _metrology(self, place: Place, kind: products.Kind) -> str:
        if not kind.interval:
            return ""
        since = (place.version + kind.interval - 1) // kind.interval
        return f"LR-{place.couple % 1000:03d}-{place.hardware + 1}.{since}"

    def _header(self, place: Place, kind: products.Kind) -> dict[str, Any]:
        """Repeat what the OTA header says; half of the makers do."""
        if place.couple % 2 or kind.generation is Generation.SMETS1:
            return {}
        revision = f"{10 + place.hardware:02X}"
        return {
            "min_hardware": f"01{revision}",
            "max_hardware": "01FF" if place.couple % 4 else f"01{revision}",
            "ota_image_type": f"0{kind.letter}00",
        }

    def _rarely(self, published: int) -> dict[str, Any]:
        """Say what few entries say."""
        drawn = self._random()
        if drawn < 0.05:
            return {
                "sbom_reference": "on request",
                "sbom_sha256": f"{self._bits(256):064X}",
            }
        if drawn < 0.08:
            valid_to = date.fromordinal(published + 3653)
            return {"signed_firmware_valid_to": valid_to}
        if drawn < 0.13:
            notes = words.ORDER_NOTES
            return {"activation_order_note": notes[int(len(notes) * self._random())]}
        return {}
