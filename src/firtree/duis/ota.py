"""What a request needs to know of an OTA file: version, and whether it is signed."""

from typing import NamedTuple

from firtree.duis.names import MOST_IMAGE_OCTETS
from firtree.errors import InvalidInputError

_MAGIC = b"\x1e\xf1\xee\x0b"  # 0x0BEEF11E, the octet of least weight first
_HEADER = 60
_TRAILER = 66


class OTAFacts(NamedTuple):
    """What the header of an OTA file says (little-endian numbers).

    Attributes:
        manufacturer: DUIS ``DeviceManufacturer``, 4 hexadecimal digits.
        image_type: first half of DUIS ``DeviceModel``, 4 hexadecimal digits.
        firmware_version: DUIS ``FirmwareVersion``, 8 hexadecimal digits.
        signed: whether the file ends as one with a supplier's signature does.
    """

    manufacturer: str
    image_type: str
    firmware_version: str
    signed: bool


def read_facts(ota: bytes) -> OTAFacts:
    """Read what a request needs of an OTA file of GBCS.

    Raises:
        InvalidInputError: it is no such file.
    """
    if len(ota) > MOST_IMAGE_OCTETS:
        raise InvalidInputError(
            f"expected an OTA file of at most {MOST_IMAGE_OCTETS} octets, "
            f"found {len(ota)}"
        )
    if ota[:4] != _MAGIC:
        raise InvalidInputError(
            "expected an OTA file, which begins with 1E F1 EE 0B, "
            f"found {ota[:4].hex(' ').upper() or 'nothing'}",
            hint="name the file that carries the OTA header, not the bare image",
        )
    length = int.from_bytes(ota[6:8], "little")
    total = int.from_bytes(ota[52:56], "little")
    if length != _HEADER or len(ota) <= _HEADER:
        raise InvalidInputError(
            f"expected an OTA header of 60 octets and an image, found a header of "
            f"{length} in {len(ota)} octets"
        )
    if total != len(ota):
        raise InvalidInputError(
            f"expected {total} octets, as the OTA header says, found {len(ota)}",
            hint="the file is cut short, or something stands behind the image",
        )
    return OTAFacts(
        manufacturer=_number(ota[10:12]),
        image_type=_number(ota[12:14]),
        firmware_version=_number(ota[14:18]),
        signed=len(ota) > _HEADER + _TRAILER and ota[-65] == 0x40,
    )


def _number(octets: bytes) -> str:
    return octets[::-1].hex().upper()
