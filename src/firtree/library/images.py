"""What an entry of the register says of its OTA file."""

from firtree.access import Principal
from firtree.catalogue.entry import Entry
from firtree.images.facts import Facts
from firtree.library.lookup import Lookup
from firtree.library.views import View


def facts_of(entry: Entry) -> Facts:
    """Give what a file must hold to be the entry's; what is blank is not asked."""
    model, fir = entry.model, entry.fir
    return Facts(
        device_type=entry.device_type,
        manufacturer=model.manufacturer,
        model_identifier=model.model_identifier,
        hardware=model.hardware,
        firmware_version=entry.cpl.firmware,
        image_hash=entry.cpl.image_hash,
        least_hardware=fir.min_hardware,
        most_hardware=fir.max_hardware,
        ota_manufacturer_code=fir.ota_manufacturer_code,
        ota_image_type=fir.ota_image_type,
        image_size=fir.image_size_octets,
        is_entry=True,
    )


def image_facts(
    principal: Principal, lookup: Lookup, entry_id: int, view: View
) -> Facts:
    """Give what the file of an entry must hold.

    Raises:
        NotFoundError: there is no such entry, or it is not the principal's to see.
    """
    return facts_of(lookup.entry(principal, entry_id, view).entry)
