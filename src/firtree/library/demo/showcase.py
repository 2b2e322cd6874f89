"""The showcase: meters that every invented register holds, whatever its seed."""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from firtree.catalogue.entry import (
    Availability,
    Certificate,
    CertificateKind,
    ChangeClass,
    Coding,
    CPLPart,
    DateKind,
    DCCLoading,
    Entry,
    FIRPart,
    Hold,
    Loading,
    ReleaseNotes,
    Requirement,
    RollbackAllowed,
    Status,
    Urgency,
)
from firtree.devices import DeviceType, HardwareModel
from firtree.library.demo import makers, products


class Showcase(NamedTuple):
    """A meter to show an answer with.

    Attributes:
        title: what it shows.
        device_type: type of the meter.
        manufacturer, model: DUIS DeviceManufacturer and DeviceModel.
        firmware: version it runs.
        answer: what the register says of it, in words.
    """

    title: str
    device_type: DeviceType
    manufacturer: str
    model: str
    firmware: str
    answer: str


_ALDER, _BRACKWATER, _CORVID, _DUNLIN = range(4)


class _Product(NamedTuple):
    maker: int
    device_type: DeviceType
    trade_name: str
    identifier: str
    revision: str = "0A"
    coding: Coding = Coding.BCD

    @property
    def hardware(self) -> HardwareModel:
        return HardwareModel(
            device_type=self.device_type,
            manufacturer=makers.code(self.maker),
            model_identifier=self.identifier,
            hardware_version="01",
            hardware_revision=self.revision,
        )


_ELECTRIC, _GAS = DeviceType.ESME, DeviceType.GSME
_NEWEST = _Product(_ALDER, _ELECTRIC, "Elect Grove", "0A01")
_STEPS = _Product(_ALDER, _ELECTRIC, "Elect Copse", "0A02")
_STEPS_NEWER = _Product(_ALDER, _ELECTRIC, "Elect Copse", "0A02", "0B")
_UNDONE = _Product(_CORVID, _GAS, "Gas Rook", "0C01")
_LEGACY = _Product(_BRACKWATER, _ELECTRIC, "Elect Estuary", "0B01", coding=Coding.HEX)
_BLOCKED = _Product(_CORVID, _GAS, "Gas Jay", "0C02")
_HELD = _Product(_DUNLIN, DeviceType.HCALCS, "Load Switch Wader", "0D01")
_LIMITED = _Product(_BRACKWATER, _ELECTRIC, "Elect Marsh", "0B02")
_HUB = _Product(_DUNLIN, DeviceType.CHF, "Hub Shore", "0D02")
_ASKING = _Product(_DUNLIN, DeviceType.PPMID, "Pay Panel Shore", "0D03")
_CPA_TYPES = {_ELECTRIC, _GAS, DeviceType.HCALCS, DeviceType.CHF}
_IMAGE = sha256(b"invented image of the showcase").hexdigest().upper()
_BUGS = ReleaseNotes(
    summary="Maintenance release.",
    fixes=("The clock keeps time when the hub is away for more than a day.",),
    reference="on request",
)
_STORE = ReleaseNotes(
    summary="Prepares the store for larger images; may not be skipped.",
    features=("A larger store for images.",),
    known_issues=("Activation takes up to ten minutes.",),
)
_HARDER = ReleaseNotes(
    summary="Routine security maintenance.",
    security=("Third-party components brought up to date.",),
)
_COMING_BACK = "Withdrawn by the maker: devices did not rejoin the HAN after activation"


class _Row(NamedTuple):
    """An entry: its product, firmware, age in days, predecessors, and the rest."""

    product: _Product
    firmware: str
    age: int
    before: tuple[int, ...]
    more: dict[str, Any] = {}  # noqa: RUF012 - never changed


# Entry 1 and so on.  Those at the end were listed before there was FIR information.
_ROWS = (
    _Row(_HUB, "01020000", 1700, ()),
    _Row(_STEPS, "24000100", 1640, ()),
    _Row(_UNDONE, "02010000", 1580, (), {"rollback_from": (12,)}),
    _Row(_NEWEST, "01040000", 1500, ()),
    _Row(_BLOCKED, "03000000", 1420, ()),
    _Row(_STEPS, "24000200", 1300, (2,)),
    _Row(_HELD, "00000107", 1240, ()),
    _Row(_HUB, "01030000", 1100, (1,), {"interrupts_hub_power": True}),
    _Row(_LIMITED, "05000000", 1050, ()),
    _Row(_NEWEST, "01050000", 1000, (4,)),
    _Row(
        *(_STEPS, "24000300", 900, (6,)),
        {
            "mandatory_step": True,
            "notes": _STORE,
            "rollback_allowed": RollbackAllowed.NO,
        },
    ),
    _Row(
        *(_UNDONE, "02020000", 820, (3,)),
        {"status": Status.WITHDRAWN, "withdrawn": 700, "status_reason": _COMING_BACK},
    ),
    _Row(
        *(_BLOCKED, "03010000", 760, (5,)),
        {
            "mandatory_step": True,
            "status": Status.WITHDRAWN,
            "withdrawn": 520,
            "status_reason": "Withdrawn at the request of the Security Sub-Committee",
        },
    ),
    _Row(_ASKING, "00010000", 700, ()),
    _Row(_STEPS_NEWER, "19000100", 610, ()),
    _Row(
        *(_STEPS, "24000400", 500, (2, 11)),
        {
            "notes": _HARDER,
            "change_classes": (ChangeClass.SECURITY,),
            "security_urgency": Urgency.ROUTINE,
        },
    ),
    _Row(_BLOCKED, "03020000", 480, (13,)),
    _Row(_ASKING, "00020000", 400, (14,), {"requires": Requirement(hub_entries=(8,))}),
    _Row(_NEWEST, "01060000", 330, (4, 10), {"image_hash": _IMAGE}),
    _Row(_STEPS_NEWER, "19000200", 330, (15,), {"image_hash": _IMAGE}),
    _Row(
        *(_LIMITED, "05010000", 210, (9,)),
        {
            "availability": Availability.LIMITED,
            "limited_to": ("Harrow Lane Energy", "Larkrise Power"),
        },
    ),
    _Row(
        *(_HELD, "00000108", 120, (7,)),
        {"held": 80, "hold_reason": "Field trial: more devices needed another attempt"},
    ),
    _Row(_LEGACY, "10000900", 0, (), {"published_on": date(2017, 6, 12)}),
    _Row(_LEGACY, "10000A00", 0, (), {"published_on": date(2018, 5, 14)}),
)

SHOWCASE: tuple[Showcase, ...] = (
    Showcase(
        "On the newest firmware",
        *(_ELECTRIC, *_NEWEST.hardware.key, "01060000"),
        "Up to date; the same image serves another hardware model.",
    ),
    Showcase(
        "Three steps behind",
        *(_ELECTRIC, *_STEPS.hardware.key, "24000100"),
        "Update available: three steps, the second of which may not be skipped.",
    ),
    Showcase(
        "On withdrawn firmware",
        *(_GAS, *_UNDONE.hardware.key, "02020000"),
        "On removed firmware; the maker declares a way back to the version before.",
    ),
    Showcase(
        "Listed before there was FIR information",
        *(_ELECTRIC, *_LEGACY.hardware.key, "10000900"),
        "Update available by the days of publication; the way to it is not known.",
    ),
    Showcase(
        "The way is blocked",
        *(_GAS, *_BLOCKED.hardware.key, "03000000"),
        "Update available, but the only way leads through withdrawn firmware.",
    ),
    Showcase(
        "Newer firmware on hold",
        *(DeviceType.HCALCS, *_HELD.hardware.key, "00000107"),
        "Up to date for now; newer firmware is on hold.",
    ),
    Showcase(
        "Newer firmware for some suppliers only",
        *(_ELECTRIC, *_LIMITED.hardware.key, "05000000"),
        "Up to date, except for the suppliers that newer firmware is limited to.",
    ),
    Showcase(
        "An update that needs a newer hub",
        *(DeviceType.PPMID, *_ASKING.hardware.key, "00010000"),
        "Update available, on a Communications Hub that runs a certain entry.",
    ),
)


def entries(today: date) -> list[tuple[int, Entry]]:
    """Give (number of the maker, entry) for each entry of the showcase."""
    return [
        (row.product.maker, _entry(number, row, today))
        for number, row in enumerate(_ROWS, start=1)
    ]


def _entry(number: int, row: _Row, today: date) -> Entry:
    published = row.more.get("published_on") or today - timedelta(days=row.age)
    legacy = "published_on" in row.more
    return Entry(
        id=number,
        cpl=_cpl(number, row, today, published),
        fir=FIRPart() if legacy else _fir(row, today, published),
    )


_CPL_FIELDS = frozenset(CPLPart.__struct_fields__)
_FIR_FIELDS = frozenset(FIRPart.__struct_fields__)


def _cpl(number: int, row: _Row, today: date, published: date) -> CPLPart:
    product, more = row.product, row.more
    specification = products.specification(published.toordinal())
    fields: dict[str, Any] = {
        "smets_chts": specification.smets,
        "status_from": published,
        "published_on": published,
        "image_hash": sha256(f"showcase {number}".encode()).hexdigest().upper(),
    }
    if product.device_type is DeviceType.CHF:
        fields["smets_chts"] = specification.chts
    if product.device_type is _ELECTRIC:
        fields["esme_variant"] = "AD"
    if "withdrawn" in more:
        fields["status_from"] = today - timedelta(days=more["withdrawn"])
    fields |= {name: more[name] for name in _CPL_FIELDS.intersection(more)}
    octets = [row.firmware[n : n + 2] for n in range(0, 8, 2)]
    base = 10 if product.coding is Coding.BCD else 16
    return CPLPart(
        model=product.hardware,
        manufacturer_name=makers.name(product.maker),
        trade_name=product.trade_name,
        firmware=row.firmware,
        firmware_coding=product.coding,
        firmware_label=".".join(str(int(octet, base)) for octet in octets),
        gbcs=specification.gbcs,
        certificates=tuple(_certificates(product, today)),
        **fields,
    )


def _certificates(product: _Product, today: date) -> Iterator[Certificate]:
    identifier = f"{product.identifier}-{product.revision}"
    if product.device_type in _CPA_TYPES:
        yield Certificate(
            kind=CertificateKind.CPA,
            number=f"CPA-{identifier}",
            body="Certification body",
            characteristic_version="1.3",
            date_kind=DateKind.RENEWAL,
            day=today + timedelta(days=910),
        )
    yield Certificate(kind=CertificateKind.ZIGBEE, number=f"ZI-{identifier}")
    if product.device_type is _ELECTRIC:
        yield Certificate(kind=CertificateKind.DLMS, number=f"DL-{identifier}")


def _fir(row: _Row, today: date, published: date) -> FIRPart:
    more = row.more
    fields: dict[str, Any] = {
        "availability": Availability.AVAILABLE,
        "change_classes": (ChangeClass.DEFECT,),
        "security_urgency": Urgency.NONE,
        "notes": _BUGS,
    }
    if "held" in more:
        since = today - timedelta(days=more["held"])
        fields["hold"] = Hold(reason=more["hold_reason"], since=since)
    fields |= {name: more[name] for name in _FIR_FIELDS.intersection(more)}
    return FIRPart(
        release_date=published - timedelta(days=20),
        upgradable_from=row.before,
        min_hardware=row.product.hardware.hardware,
        image_size_octets=412_672,
        support_until=published + timedelta(days=2922),
        loading=DCCLoading(state=Loading.LOADED, on=published + timedelta(days=1)),
        **fields,
    )
