"""What responses and alerts say, as values; and what is known of their codes."""

import msgspec

from firtree.duis.gbcs import Report

# What public sources say of a code.  Of others the schema gives the number alone, and
# no text is invented for them.
_KNOWN = {
    "I0": "done",
    "I99": "accepted, or done with nothing more to say",
    "N60": "delivered to the Communications Hub",
    "N61": "not delivered to the Communications Hub",
}
# E110102 is the second error of Service Request 11.1.
_SERVICES = {"1101": "11.1", "1102": "11.2", "1103": "11.3", "1104": "11.4"}
_SORTS = {"E": "error", "W": "warning"}


class InventoryDevice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device of the Smart Metering Inventory (DUIS ``Device``).

    Where a device is and whom it serves (MPxN, UPRN, address) is left out on purpose.

    Attributes:
        device_id: EUI-64, upper case.
        as_of: the moment of the response, as it stands there.
    """

    device_id: str
    device_type: str
    manufacturer: str
    model: str
    firmware_version: str = ""
    firmware_version_status: str = ""
    cpl_status: str = ""
    device_status: str = ""
    esme_variant: str = ""
    smets_chts_version: str = ""
    gbcs_version: str = ""
    han_variant: str = ""
    s1sp: str = ""
    connectivity: str = ""
    csp_region: str = ""
    date_commissioned: str = ""
    as_of: str = ""


class Warnings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Devices that an update leaves out, in five lists, as EUI-64s."""

    invalid: tuple[str, ...] = ()
    not_commissioned: tuple[str, ...] = ()
    not_applicable_firmware: tuple[str, ...] = ()
    other_request_in_progress: tuple[str, ...] = ()
    invalid_gbcs_version: tuple[str, ...] = ()


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert of DCC's; of those that are not about firmware only code and kind.

    Attributes:
        code: ``DCCAlertCode``, such as N60.
        kind: element that says what it is about, such as CSPFirmwareDeliveryStatus.
        request_id: of the update it belongs to.
        devices: EUI-64s it is about.
        hub: EUI-64 of the Communications Hub.
        firmware_version: of the update, or that the device has.
        inventory_version: that the inventory has (version mismatch).
        device_alert_code: of the device's own alert, 4 hexadecimal digits.
        at: moment, as it stands there.
    """

    code: str
    kind: str
    request_id: str = ""
    devices: tuple[str, ...] = ()
    device_type: str = ""
    hub: str = ""
    firmware_version: str = ""
    inventory_version: str = ""
    outcome: str = ""
    device_alert_code: str = ""
    at: str = ""


class Response(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A response, an acknowledgement or an alert.

    Attributes:
        schema_version: as it stands there, such as 5.4.
        code: ``ResponseCode``, such as I0 or E110101.
        code_text: what is publicly known of the code; empty = nothing.
        at: ``ResponseDateTime`` as it stands there.
        kind: the element in the body, such as ResponseMessage.
        content: the element in that, such as DSPInventory; empty = none.
        device_alert_code: of a device's alert, 4 hexadecimal digits.
        inventory_devices: how many devices it listed.
        signed: whether it has a signature, which is not checked here.
    """

    schema_version: str
    code: str
    at: str
    kind: str
    code_text: str = ""
    request_id: str = ""
    response_id: str = ""
    service: str = ""
    service_variant: str = ""
    content: str = ""
    warnings: Warnings | None = None
    alert: Alert | None = None
    device_alert_code: str = ""
    message: Report | None = None
    inventory_devices: int = 0
    signed: bool = False


def known_of(code: str) -> str:
    """Say what is publicly known of a response or alert code; empty = nothing."""
    if code in _KNOWN:
        return _KNOWN[code]
    letter, service = code[:1], _SERVICES.get(code[1:5])
    if letter not in _SORTS or service is None or len(code) != 7:
        return ""
    return f"{_SORTS[letter]} of Service Request {service}"
