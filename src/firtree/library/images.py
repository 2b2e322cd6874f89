"""What an entry of the register says of its OTA file."""

from firtree.devices import DeviceType
from firtree.exchange.wire import EntryWire
from firtree.images.facts import Facts
from firtree.text import is_hex


def facts_of(entry: EntryWire) -> Facts:
    """Give what a file must hold to be the entry's; what is blank is not asked.

    Raises:
        ValueError: its device type is none that this version knows.
    """
    hardware = (entry.hardware_version or "") + (entry.hardware_revision or "")
    return Facts(
        device_type=DeviceType(entry.device_type),
        manufacturer=entry.manufacturer,
        model_identifier=entry.model_identifier,
        hardware=hardware.upper() if is_hex(hardware, 4) else "",
        firmware_version=entry.firmware,
        image_hash=entry.image_hash or "",
        least_hardware=entry.min_hardware or "",
        most_hardware=entry.max_hardware or "",
        ota_manufacturer_code=entry.ota_manufacturer_code or "",
        ota_image_type=entry.ota_image_type or "",
        image_size=entry.image_size_octets,
        is_entry=True,
    )
