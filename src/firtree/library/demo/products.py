"""What invented products are: types, specifications, certificates, version numbers."""

from bisect import bisect_right
from datetime import date
from typing import NamedTuple

from firtree.catalogue.entry import (
    Certificate,
    CertificateKind,
    Coding,
    DateKind,
)
from firtree.devices import DeviceType, Generation

_D = DeviceType


class Kind(NamedTuple):
    """A kind of product.

    Attributes:
        device_type, generation: what it is.
        letter: the first digit of its model identifiers.
        trade_name: how it is sold.
        certificates: what it needs.
        variants: ESME variants of its products.
        interval: how often, in versions, the metrology software changes; 0 = it has
            none.
    """

    device_type: DeviceType
    generation: Generation
    letter: str
    trade_name: str
    certificates: tuple[CertificateKind, ...]
    variants: tuple[str, ...] = ("",)
    interval: int = 0


_CPA, _ZIGBEE, _DLMS = CertificateKind
_S1, _S2 = Generation
_VARIANTS = ("A", "AD", "B", "ADE", "AD", "BD", "C", "ADF")
_ESME = Kind(_D.ESME, _S2, "1", "Elect", (_CPA, _ZIGBEE, _DLMS), _VARIANTS, 3)
_GSME = Kind(_D.GSME, _S2, "2", "Gas", (_CPA, _ZIGBEE), interval=4)
_CHF = Kind(_D.CHF, _S2, "3", "Hub", (_CPA, _ZIGBEE))
_GPF = Kind(_D.GPF, _S2, "4", "Hub Gas Proxy", (_CPA,))
_PPMID = Kind(_D.PPMID, _S2, "5", "Pay Panel", (_ZIGBEE,))
_HCALCS = Kind(_D.HCALCS, _S2, "6", "Load Switch", (_CPA, _ZIGBEE))
_SAPC = Kind(_D.SAPC, _S2, "7", "Load Controller", (_CPA, _ZIGBEE))
_IHD = Kind(_D.IHD, _S2, "8", "View", (_ZIGBEE,))
_CAD = Kind(_D.CAD, _S2, "9", "Link", (_ZIGBEE,))
_ESME1 = Kind(_D.ESME, _S1, "E", "Elect One", (), ("A",))
_GSME1 = Kind(_D.GSME, _S1, "G", "Gas One", ())

# The couples of products of one maker, over and over.  Two of a kind share images.
COUPLES: tuple[tuple[Kind, Kind], ...] = (
    *((_ESME, _ESME), (_GSME, _GSME), (_CHF, _GPF), (_PPMID, _IHD), (_HCALCS, _SAPC)),
    *((_ESME1, _CAD), (_ESME, _ESME), (_GSME, _GSME), (_ESME, _ESME), (_CHF, _GPF)),
    *((_ESME, _ESME), (_GSME, _GSME), (_PPMID, _PPMID), (_ESME, _ESME)),
    *((_GSME1, _ESME1), (_ESME, _ESME), (_GSME, _GSME), (_HCALCS, _PPMID)),
    *((_ESME, _ESME), (_ESME, _GSME)),
)
HUB_TYPES = frozenset({_D.CHF, _D.GPF})
HUB_COUPLE = 2  # the place of a Communications Hub among them, on side 0


class Specification(NamedTuple):
    """The versions of the technical specifications that new entries follow."""

    gbcs: str
    smets: str
    chts: str


# From which day new entries follow which; plausible, not a copy of any list.
_SPECIFICATIONS = (
    (date(2016, 1, 1), Specification("1.0", "SMETS V2.0", "CHTS V1.0")),
    (date(2017, 11, 1), Specification("1.1", "SMETS V2.0", "CHTS V1.0")),
    (date(2018, 9, 1), Specification("2.0", "SMETS V3.1", "CHTS V1.1")),
    (date(2019, 11, 28), Specification("2.1", "SMETS V4.2", "CHTS V1.1")),
    (date(2020, 11, 29), Specification("3.2", "SMETS V4.2", "CHTS V1.3")),
    (date(2021, 11, 30), Specification("4.0", "SMETS V5.0", "CHTS V1.4")),
    (date(2022, 11, 30), Specification("4.1", "SMETS V5.1", "CHTS V1.5")),
    (date(2024, 6, 30), Specification("4.2", "SMETS V5.2", "CHTS V1.6")),
    (date(2025, 11, 30), Specification("4.3", "SMETS V5.3", "CHTS V1.7")),
)
_SPECIFIED_FROM = [day.toordinal() for day, _ in _SPECIFICATIONS]


def specification(day: int) -> Specification:
    """Give what an entry published on a day (an ordinal) follows."""
    return _SPECIFICATIONS[bisect_right(_SPECIFIED_FROM, day) - 1][1]


_TERM = 2192  # days: six years
_EXPIRY, _RENEWAL = DateKind
# When CPA certificates run out, in days from today.
_RUNS_OUT = (
    *((_EXPIRY, 290), (_EXPIRY, 95), (_RENEWAL, 60), (_RENEWAL, 820), (_EXPIRY, -410)),
    *((_RENEWAL, 1300), (_EXPIRY, 700), (_EXPIRY, 1500), (_RENEWAL, -35)),
    *((_EXPIRY, 150), (_RENEWAL, 1990), (_EXPIRY, 340), (_EXPIRY, -12)),
    *((_RENEWAL, 410), (_EXPIRY, 1050), (_RENEWAL, 230), (_EXPIRY, 2050)),
)
_STANDARDS = {_ZIGBEE: "Smart Energy 1.4", _DLMS: "Edition 9"}
_BODIES = {_ZIGBEE: "ZigBee test house", _DLMS: "DLMS test house"}


def cpa_certificate(
    family: int, hardware: int, published: int, today: int
) -> Certificate:
    """Give the CPA certificate of a family of products: in date at publication.

    Entries published less than three months before its day rest on the next one.
    """
    date_kind, days = _RUNS_OUT[(family + 5 * hardware) % len(_RUNS_OUT)]
    issue, day = 1, today + days
    if day < published + 90:
        issue, day = 2, day + _TERM
    return Certificate(
        kind=_CPA,
        number=f"CPA-{family + 1:05d}-{hardware + 1}{issue}",
        body="Certification body",
        characteristic_version="1.2" if issue == 1 else "1.3",
        issued=date.fromordinal(day - _TERM - 120),
        date_kind=date_kind,
        day=date.fromordinal(day),
    )


def other_certificate(kind: CertificateKind, family: int, hardware: int) -> Certificate:
    """Give the ZigBee or DLMS certificate of a family of products."""
    return Certificate(
        kind=kind,
        number=f"{kind.name[:2]}-{family + 1:05d}-{hardware + 1}",
        body=_BODIES[kind],
        standard_version=_STANDARDS[kind],
    )


class Version(NamedTuple):
    """A firmware version: its digits, how they are meant, and its label."""

    firmware: str
    coding: Coding | None
    label: str


def numbered(style: int, hardware: int, version: int) -> Version:
    """Number a firmware version; later hardware gets lower numbers.

    Some makers write hexadecimal, some binary-coded decimal, and some put two
    components into one number.
    """
    major = 36 - 11 * hardware
    if style % 3 == 0:
        build = 0x1A0 + 23 * version
        return Version(
            f"{major:02X}{version:02X}{build:04X}",
            Coding.HEX,
            f"{major}.{version}.{build}",
        )
    if style % 3 == 1:
        minor, patch = 10 + version // 2, version % 2 * 5
        return Version(
            f"{major:02d}{minor:02d}{patch:02d}00",
            Coding.BCD,
            f"{major}.{minor}.{patch}",
        )
    index, radio = 20 - 9 * hardware + version, 7 + version
    return Version(
        f"{index:02d}030A{radio:02X}",
        Coding.HEX,
        f"04.2400.{index:02d} / 3.10.{radio}",
    )


def numbered_freely(hardware: int, version: int) -> Version:
    """Number a SMETS1 firmware version: any text of up to 8 characters."""
    text = f"{4 - hardware}.{version:02d}{'abr'[version % 3]}"
    return Version(text, None, f"Release {text}")
