"""Makes the invented entry that belongs at a place of the plan: what the CPL says."""

from datetime import date, timedelta
from hashlib import sha256
from random import Random

import msgspec

from firtree.catalogue.checks.steps import GO_LIVE
from firtree.catalogue.entry import (
    NO_PRIVATE,
    Certificate,
    CertificateKind,
    Coding,
    CPLPart,
    DateKind,
    Entry,
    PrivatePart,
    Status,
    Urgency,
)
from firtree.devices import Generation, HardwareModel
from firtree.library.demo import makers, products, shapes, words
from firtree.library.demo.information import Information
from firtree.library.demo.plan import Place, Plan
from firtree.parties import Contact

_GO_LIVE = GO_LIVE.toordinal()
_SETTLED = 40  # days; an entry is not withdrawn sooner
_MOST_MODELS = 65_536  # kept, because making one takes a quarter of an entry's time
# Shares of entries with a slip of the kinds that real lists have.
_WRONG_DATE, _NO_CODING, _NO_GBCS = 0.002, 0.01, 0.003


class Entries:
    """Makes entries, one after the other in the order of the plan.

    Args:
        plan: where entries stand.
        seed: what image hashes depend on.
        chance: where everything left to chance comes from.
        today: no date of a past act lies after it.
        maker_count: number of makers.
    """

    def __init__(
        self, plan: Plan, *, seed: int, chance: Random, today: date, maker_count: int
    ) -> None:
        self._plan = plan
        self._seed = seed
        self._chance = chance
        self._random = chance.random
        self._today = today.toordinal()
        self._maker_count = maker_count
        self._information = Information(plan, chance=chance, today=today)
        self._models: dict[tuple[int, int], tuple[int, HardwareModel]] = {}

    def maker_of(self, place: Place) -> int:
        """Give the number of the maker."""
        return place.couple % self._maker_count

    def entry(self, place: Place) -> Entry:
        """Make the entry of a place."""
        kinds = products.COUPLES[place.couple % len(products.COUPLES)]
        kind = kinds[place.side]
        # Two of a kind are one family: the same versions, images and certificates.
        family = 2 * place.couple + (place.side if kinds[0] is not kinds[1] else 0)
        card = shapes.card(place.couple + 3 * place.hardware, place.version)
        published = self._plan.published(place.entry)
        cpl = self._cpl(place, kind, family, card, published)
        if published < _GO_LIVE:
            return Entry(id=place.entry, cpl=cpl)
        fir = self._information.of(place, kind, family, card, published)
        if card.back == () and place.version:
            cpl = msgspec.structs.replace(cpl, image_hash="")
        return Entry(
            id=place.entry,
            cpl=cpl,
            fir=fir,
            contact=self._contact(place, kind),
            private=self._private(place, fir.security_urgency),
        )

    def _cpl(
        self,
        place: Place,
        kind: products.Kind,
        family: int,
        card: shapes.Card,
        published: int,
    ) -> CPLPart:
        certificates = self._certificates(kind, family, place.hardware, published)
        status, since, why = self._status(card, certificates, published)
        specification = products.specification(published)
        coding: Coding | None
        if kind.generation is Generation.SMETS1:
            firmware, coding, label = products.numbered_freely(
                place.hardware, place.version
            )
            smets, gbcs = "SMETS V1.2", ""
        else:
            firmware, coding, label = products.numbered(
                place.couple, place.hardware, place.version
            )
            hub = kind.device_type in products.HUB_TYPES
            smets = specification.chts if hub else specification.smets
            gbcs = "" if self._random() < _NO_GBCS else specification.gbcs
        number = self.maker_of(place)
        range_number = place.couple // self._maker_count * 2 + place.side
        return CPLPart(
            model=self._model(place, kind, range_number),
            manufacturer_name=makers.name(number),
            trade_name=f"{kind.trade_name} {range_number + 1}",
            esme_variant=kind.variants[family % len(kind.variants)],
            firmware=firmware,
            firmware_coding=None if self._random() < _NO_CODING else coding,
            firmware_label=label,
            smets_chts=smets,
            gbcs=gbcs,
            image_hash=self._image_hash(kind, family, place.turn),
            certificates=certificates,
            status=status,
            status_from=date.fromordinal(since),
            status_reason=why,
            published_on=date.fromordinal(published),
        )

    def _model(
        self, place: Place, kind: products.Kind, range_number: int
    ) -> HardwareModel:
        """Give the hardware model: the one of the round before, if it goes on."""
        product = (place.couple, place.side)
        hardware, model = self._models.get(product, (-1, None))
        if model is None or hardware != place.hardware:
            model = self._new_model(place, kind, range_number)
            if hardware >= 0 or len(self._models) < _MOST_MODELS:
                self._models[product] = (place.hardware, model)
        return model

    def _new_model(
        self, place: Place, kind: products.Kind, range_number: int
    ) -> HardwareModel:
        code = makers.code(self.maker_of(place))
        if kind.generation is Generation.SMETS1:
            identifier, version = f"{kind.letter}-{range_number:03d}", "R"
            revision = str(place.hardware + 1)
        else:
            identifier, version = f"{kind.letter}{range_number:03X}", "01"
            revision = f"{10 + place.hardware:02X}"
        return HardwareModel(
            device_type=kind.device_type,
            generation=kind.generation,
            manufacturer=code,
            model_identifier=identifier,
            hardware_version=version,
            hardware_revision=revision,
        )

    def _image_hash(self, kind: products.Kind, family: int, turn: int) -> str:
        if not kind.device_type.updates_over_the_air:
            return ""
        image = f"invented image {self._seed} {family} {turn}"
        return sha256(image.encode()).hexdigest().upper()

    def _certificates(
        self, kind: products.Kind, family: int, hardware: int, published: int
    ) -> tuple[Certificate, ...]:
        found = []
        for needed in kind.certificates:
            if needed is CertificateKind.CPA:
                held = products.cpa_certificate(
                    family, hardware, published, self._today
                )
                if self._random() < _WRONG_DATE and held.day:
                    later = held.day + timedelta(days=10)
                    held = msgspec.structs.replace(held, day=later)
            else:
                held = products.other_certificate(needed, family, hardware)
            found.append(held)
        return tuple(found)

    def _status(
        self, card: shapes.Card, certificates: tuple[Certificate, ...], published: int
    ) -> tuple[Status, int, str]:
        """Give status, first day of it, and reason."""
        earliest = published + _SETTLED
        if card.fate is not Status.ACTIVE and earliest < self._today:
            since = min(earliest + int(300 * self._random()), self._today - 1)
            if card.fate is Status.CANCELLED:
                return card.fate, since, words.CANCELLED
            why = words.WITHDRAWN[int(len(words.WITHDRAWN) * self._random())]
            return card.fate, since, why
        if certificates and certificates[0].date_kind is DateKind.EXPIRY:
            ends = certificates[0].day
            if ends and ends.toordinal() < self._today:
                return Status.EXPIRED, ends.toordinal() + 1, words.EXPIRED
        return Status.ACTIVE, published, ""

    def _contact(self, place: Place, kind: products.Kind) -> Contact | None:
        """Give a few entries a mailbox of their own."""
        if self._random() > 0.03:
            return None
        number = self.maker_of(place)
        box = kind.device_type.value.lower()
        days = int(150 * self._random())
        return Contact(
            role=f"{kind.device_type.value} firmware desk",
            email=f"{box}-firmware@{makers.domain(number)}",
            confirmed_on=date.fromordinal(self._today - days),
        )

    def _private(self, place: Place, urgency: Urgency | None) -> PrivatePart:
        if urgency is Urgency.HIGH:
            return PrivatePart(advisory_reference=f"ADV-{place.entry:07d}")
        if self._random() < 0.01:
            return PrivatePart(mapping_evidence=f"Mapping note {place.entry}")
        return NO_PRIVATE
