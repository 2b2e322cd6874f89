"""What a meter is: device type, generation, hardware model, and how it is matched."""

import re
from enum import StrEnum
from typing import NamedTuple

import msgspec

from firtree.text import hex_digits, is_hex, plain_text


class DeviceType(StrEnum):
    """Type of a device (DUIS 5.4 ``DeviceType``; SAPC from GBCS)."""

    ESME = "ESME"
    GSME = "GSME"
    CHF = "CHF"
    GPF = "GPF"
    PPMID = "PPMID"
    HCALCS = "HCALCS"
    IHD = "IHD"
    CAD = "CAD"
    SAPC = "SAPC"

    @property
    def family(self) -> str:
        """Types of one family match each other: {ESME, SAPC} and {CHF, GPF}."""
        return _FAMILY[self]

    @property
    def updates_over_the_air(self) -> bool:
        """Whether there is any route by which DCC carries firmware to it."""
        return self not in NO_ROUTE

    @classmethod
    def parse(cls, text: str) -> "DeviceType":
        """Read a device type in any case; a Communications Hub is a CHF."""
        # A long s in upper case is an S: only ASCII has one reading.
        found = _NAMED.get(text.strip().upper()) if text.isascii() else None
        if found is None:
            raise ValueError(f"one of {', '.join(cls)}")
        return found


_NAMED = {kind.value: kind for kind in DeviceType} | {
    "COMMUNICATIONS HUB": DeviceType.CHF,
    "COMMS HUB": DeviceType.CHF,
}
# Types to which there is no route by which DCC carries firmware.
NO_ROUTE = frozenset({DeviceType.IHD, DeviceType.CAD})
_FAMILY = {kind: kind.value for kind in DeviceType} | {
    DeviceType.SAPC: "ESME",
    DeviceType.CHF: "Communications Hub",
    DeviceType.GPF: "Communications Hub",
}


class Generation(StrEnum):
    """Generation of the technical specifications a device follows."""

    SMETS1 = "SMETS1"
    SMETS2 = "SMETS2+"

    @classmethod
    def parse(cls, text: str) -> "Generation":
        """Read ``SMETS1`` or ``SMETS2+`` (``SMETS2`` is taken for the latter)."""
        # A long s in upper case is an S: only ASCII has one reading.
        name = text.strip().upper().replace(" ", "") if text.isascii() else ""
        if name == "SMETS1":
            return cls.SMETS1
        if name in {"SMETS2", "SMETS2+"}:
            return cls.SMETS2
        raise ValueError("SMETS1 or SMETS2+")


# The 25 values of DUIS 5.4 ESMEVariant.
ESME_VARIANTS = frozenset(
    "A B C AD BD CD ADE BDE CDE ADF BDF CDF ADEF BDEF CDEF ADG ADEG "
    "AF BF CF AEF BEF CEF AG AEG".split()
)


def esme_variant(text: str) -> str:
    """Read an ESME variant (DUIS 5.4 ``ESMEVariant``)."""
    name = text.upper()
    if name not in ESME_VARIANTS:
        raise ValueError("an ESME variant such as A, BD or ADEF")
    return name


class ModelKey(NamedTuple):
    """What devices are matched by: DUIS DeviceManufacturer and DeviceModel.

    Upper case both, so that one device has one key however it was typed.
    """

    manufacturer: str
    model: str

    @classmethod
    def of(cls, manufacturer: str, model: str) -> "ModelKey":
        """Make the key of a manufacturer code and a DeviceModel, any case."""
        return cls(manufacturer.strip().upper(), model.strip().upper())

    def __str__(self) -> str:
        return f"{self.manufacturer} {self.model}"


# The four parts of a model that is hexadecimal throughout.
_USUAL = re.compile(r"[0-9A-F]{4} [0-9A-F]{4} [0-9A-F]{2} [0-9A-F]{2}\Z")


class HardwareModel(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False
):
    """A kind of device, without its firmware.

    The SEC's "Device Model" includes the firmware version; this does not.

    Args:
        device_type: see :class:`DeviceType`.
        generation: SMETS1 or SMETS2+.
        manufacturer: 4 hexadecimal digits, the ZigBee manufacturer code (DUIS
            ``DeviceManufacturer``); for SMETS1, IHD and CAD any text up to 30.
        model_identifier: 4 hexadecimal digits, or text as above.
        hardware_version: 2 hexadecimal digits, or text, which may be empty.
        hardware_revision: likewise.

    Raises:
        ValueError: a part is of another form; the message says what was expected.
    """

    device_type: DeviceType
    generation: Generation = Generation.SMETS2
    manufacturer: str
    model_identifier: str
    hardware_version: str = ""
    hardware_revision: str = ""

    def __post_init__(self) -> None:
        identifier, hardware = self.model_identifier, self.hardware_version
        joined = f"{self.manufacturer} {identifier} {hardware} {self.hardware_revision}"
        if _USUAL.match(joined):
            return  # what nearly every model is, told in one look
        for name, size in PARTS.items():
            read_model_part(getattr(self, name), size=size, free=self.allows_free_text)
        if len(self.duis_model) > 30:
            raise ValueError("a DeviceModel of at most 30 characters (DUIS)")

    @property
    def allows_free_text(self) -> bool:
        """Whether parts that are not hexadecimal are tolerated."""
        return allows_free_text(self.device_type, self.generation)

    @property
    def duis_model(self) -> str:
        """DUIS ``DeviceModel``: identifier, hardware version and revision joined."""
        return self.model_identifier + self.hardware_version + self.hardware_revision

    @property
    def key(self) -> ModelKey:
        """What devices of this model are matched by."""
        return ModelKey.of(self.manufacturer, self.duis_model)

    @property
    def hardware(self) -> str:
        """Hardware version and revision, 4 hexadecimal digits; empty if not hex."""
        joined = self.hardware_version + self.hardware_revision
        return joined.upper() if is_hex(joined, 4) else ""


# Parts of a hardware model and the count of their hexadecimal digits (DUIS, [I]).
PARTS = {
    "manufacturer": 4,
    "model_identifier": 4,
    "hardware_version": 2,
    "hardware_revision": 2,
}


def allows_free_text(device_type: DeviceType, generation: Generation) -> bool:
    """Tell whether such devices may have names that are not hexadecimal."""
    return generation is Generation.SMETS1 or not device_type.updates_over_the_air


def read_model_part(text: str, *, size: int, free: bool) -> str:
    """Read one part of a hardware model: ``size`` hex digits, or free text."""
    if free and not is_hex(text, size):
        return plain_text(text, most=30, least=0 if size == 2 else 1)
    return hex_digits(text, size)
