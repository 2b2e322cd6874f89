"""What the kept texts of a response stand for: the known elements, by their paths."""

import base64
import binascii
import re

from firtree.duis.answers import Alert, InventoryDevice, Response, Warnings, known_of
from firtree.duis.gbcs import Report, read_report
from firtree.duis.names import DS, MOST_COUNTER, WARNING_LISTS
from firtree.errors import InvalidInputError
from firtree.text import eui64, plain_text, shown

_MESSAGE = "Body/ResponseMessage"
_ALERT = "Body/DCCAlertMessage"
_DEVICE_ALERT = "Body/DeviceAlertMessage"
INVENTORY_DEVICE = f"{_MESSAGE}/DSPInventory/Device"

# Where one element of several may stand, and what stands beside it.
CHOICES: dict[str, frozenset[str]] = {
    "Body": frozenset(),
    _MESSAGE: frozenset({"ServiceReference", "ServiceReferenceVariant"}),
    f"{_ALERT}/DCCAlert": frozenset(),
}

# Elements of a device that are kept, and the fields they become.
DEVICE_FIELDS = {
    "DeviceID": "device_id",
    "DeviceType": "device_type",
    "DeviceStatus": "device_status",
    "DeviceManufacturer": "manufacturer",
    "DeviceModel": "model",
    "SMETSCHTSVersion": "smets_chts_version",
    "DeviceFirmwareVersion": "firmware_version",
    "DeviceFirmwareVersionStatus": "firmware_version_status",
    "CPLStatus": "cpl_status",
    "DateCommissioned": "date_commissioned",
    "ESMEVariant": "esme_variant",
    "CSPRegion": "csp_region",
    "DeviceGBCSVersion": "gbcs_version",
    "HANVariant": "han_variant",
    "S1SP": "s1sp",
    "Connectivity": "connectivity",
}
_DEVICE_NEEDS = ("DeviceID", "DeviceType", "DeviceManufacturer", "DeviceModel")

_WARNINGS = ("DSPUpdateFirmwareWarning", "DSPUpdatePPMIDFirmwareWarning")

# Alerts about firmware: what each of their elements becomes.
_ALERTS: dict[str, dict[str, str]] = {
    "FirmwareDistributionFailure": {
        "UpdateFirmwareRequestID": "request_id",
        "MeterIDs": "devices",
    },
    "FirmwareUpgradeRequested": {
        "DeviceType": "device_type",
        "FirmwareVersion": "firmware_version",
        "DeviceList": "devices",
    },
    "CSPFirmwareDeliveryStatus": {
        "UpdateFirmwareRequestID": "request_id",
        "CommsHubDeviceID": "hub",
        "TargetDeviceID": "devices",
        "FirmwareVersion": "firmware_version",
        "TimeStamp": "at",
        "CommsHubTransferStatus": "outcome",
    },
    "CommsHubAlert": {
        "CommsHubDeviceID": "hub",
        "AlertCode": "device_alert_code",
        "TimeStamp": "at",
        "FirmwareTransferAlert/UpdateFirmwareRequestID": "request_id",
        "FirmwareTransferAlert/OtherDeviceID": "devices",
        "FirmwareTransferAlert/FirmwareVersion": "firmware_version",
        "FirmwareTransferAlert/TransferResponseCode": "outcome",
    },
    "CommsHubFirmwareActivation": {
        "DeviceID": "devices",
        "FirmwareVersion": "firmware_version",
    },
    "PPMIDAlert": {
        "DeviceID": "devices",
        "DeviceAlertCode": "device_alert_code",
        "Timestamp": "at",
        "PPMIDFirmwareUpgradeAlert/FirmwareVersion": "firmware_version",
        "PPMIDFirmwareUpgradeAlert/ActivateImageResultCode": "outcome",
    },
    "FirmwareVersionMismatch": {
        "DeviceID": "devices",
        "DeviceType": "device_type",
        "FirmwareVersionSMI": "inventory_version",
        "FirmwareVersionDevice": "firmware_version",
    },
    "SMETS1CHFirmwareNotification": {
        "DeviceID": "devices",
        "FirmwareVersion": "firmware_version",
        "FirmwareVersionUpdateStatus": "outcome",
    },
}

_PAYLOADS = (
    f"{_MESSAGE}/GBCSPayload",
    f"{_MESSAGE}/PreCommand/GBCSPayload",
    f"{_MESSAGE}/LocalCommand/GBCSPayload",
    f"{_MESSAGE}/DSPScheduledMessage/GBCSPayload",
    f"{_MESSAGE}/FutureDatedDeviceAlertMessage/GBCSPayload",
    f"{_DEVICE_ALERT}/GBCSPayload",
)
_DEVICE_ALERT_CODES = (
    f"{_MESSAGE}/FutureDatedDeviceAlertMessage/FutureDatedAlertCode",
    f"{_DEVICE_ALERT}/AlertCode",
)

# Paths of elements whose text is kept.
LEAVES = frozenset(
    {
        "Header/RequestID",
        "Header/ResponseID",
        "Header/ResponseCode",
        "Header/ResponseDateTime",
        f"{_MESSAGE}/ServiceReference",
        f"{_MESSAGE}/ServiceReferenceVariant",
        f"{_ALERT}/DCCAlertCode",
        *_PAYLOADS,
        *_DEVICE_ALERT_CODES,
        *(f"{_MESSAGE}/{kind}/{name}" for kind in _WARNINGS for name in WARNING_LISTS),
        *(
            f"{_ALERT}/DCCAlert/{kind}/{name}"
            for kind, names in _ALERTS.items()
            for name in names
        ),
    }
)

_CODE = re.compile(r"[A-Z]{1,2}[0-9]{1,9}\Z")
_ALERT_CODE = re.compile(r"[0-9A-Fa-f]{4}\Z")
_VERSION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?\Z")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,19})\Z")
_SERVICE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){1,2}\Z")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)
_SPACE = " \t\r\n"


class Parts:
    """What was kept of a response: texts by path, and which elements there were."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.chosen: dict[str, str] = {}
        self.devices = 0

    def text(self, path: str) -> str:
        """Give a text without the blanks around it; empty = it is not there."""
        return self.texts.get(path, "").strip(_SPACE)


def device_of(texts: dict[str, str], parts: Parts) -> InventoryDevice:
    """Make a device of the texts of its elements.

    Raises:
        InvalidInputError: it lacks one, or one is not what the schema has.
    """
    found: dict[str, str] = {}
    for name, text in texts.items():
        bare = text.strip(_SPACE)
        if not bare.isprintable():
            raise _wrong(f"{INVENTORY_DEVICE}/{name}", "a plain text", bare)
        found[DEVICE_FIELDS[name]] = bare
    for name in _DEVICE_NEEDS:
        if not found.get(DEVICE_FIELDS[name]):
            raise InvalidInputError(
                f"device {parts.devices}: expected a {name}, found none"
            )
    found["device_id"] = _eui(f"device {parts.devices}", found["device_id"])
    return InventoryDevice(**found, as_of=parts.text("Header/ResponseDateTime"))


def response_of(parts: Parts) -> Response:
    """Make a response of what was kept of it.

    Raises:
        InvalidInputError: it lacks something, or something is not as DUIS has it.
    """
    kind = parts.chosen.get("Body/", "")
    if not kind:
        raise InvalidInputError("Body: expected a message or an alert, found nothing")
    code = _matched(parts, "Header/ResponseCode", _CODE, "a code such as I0 or E65")
    alerted = "".join(filter(None, map(parts.text, _DEVICE_ALERT_CODES)))
    if alerted and not _ALERT_CODE.match(alerted):
        raise _wrong("AlertCode", "4 hexadecimal digits", alerted)
    return Response(
        schema_version=_matched(parts, "schemaVersion", _VERSION, "such as 5.4"),
        code=code,
        code_text=known_of(code),
        at=_matched(
            parts, "Header/ResponseDateTime", _DATE_TIME, "a moment of XML Schema"
        ),
        kind=kind,
        request_id=_request_id(parts, "Header/RequestID"),
        response_id=_request_id(parts, "Header/ResponseID"),
        service=_service(parts, f"{_MESSAGE}/ServiceReference"),
        service_variant=_service(parts, f"{_MESSAGE}/ServiceReferenceVariant"),
        content=parts.chosen.get(f"{_MESSAGE}/", ""),
        warnings=_warnings(parts),
        alert=_alert(parts) if kind == "DCCAlertMessage" else None,
        device_alert_code=alerted.upper(),
        message=_message(parts),
        inventory_devices=parts.devices,
        signed=f"{{{DS}}}Signature" in parts.chosen,
    )


def _matched(parts: Parts, path: str, form: re.Pattern[str], expected: str) -> str:
    text = parts.text(path)
    if not form.match(text):
        raise _wrong(path, expected, text)
    return text


def _service(parts: Parts, path: str) -> str:
    if path not in parts.texts and parts.chosen["Body/"] != "ResponseMessage":
        return ""
    return _matched(parts, path, _SERVICE, "a service such as 11.1")


def _request_id(parts: Parts, path: str) -> str:
    text = parts.text(path)
    if not text and path not in parts.texts:
        return ""
    names = text.split(":")
    if len(names) != 3 or not _NUMBER.match(names[2]) or int(names[2]) > MOST_COUNTER:
        raise _wrong(path, "two EUI-64s and a counter, joined by ':'", text)
    return ":".join([_eui(path, names[0]), _eui(path, names[1]), names[2]])


def _eui(where: str, text: str) -> str:
    try:
        return eui64(text)
    except ValueError as error:
        raise _wrong(where, f"an EUI-64 of {error}", text) from None


def _devices(path: str, text: str) -> tuple[str, ...]:
    return tuple(_eui(path, name) for name in text.split(","))


def _warnings(parts: Parts) -> Warnings | None:
    kind = parts.chosen.get(f"{_MESSAGE}/", "")
    if kind not in _WARNINGS:
        return None
    lists = {}
    for name, field in WARNING_LISTS.items():
        path = f"{_MESSAGE}/{kind}/{name}"
        if path in parts.texts:
            lists[field] = _devices(path, parts.text(path))
    return Warnings(**lists)


def _alert(parts: Parts) -> Alert:
    code = _matched(parts, f"{_ALERT}/DCCAlertCode", _CODE, "a code such as N60")
    place = f"{_ALERT}/DCCAlert"
    kind = parts.chosen.get(f"{place}/", "")
    if not kind:
        raise InvalidInputError(f"{place}: expected an element, found nothing")
    found: dict[str, str] = {}
    devices: tuple[str, ...] = ()
    for name, field in _ALERTS.get(kind, {}).items():
        path = f"{place}/{kind}/{name}"
        if path not in parts.texts:
            continue
        text = parts.text(path)
        if field == "devices":
            devices = _devices(path, text)
        elif field == "request_id":
            found[field] = _request_id(parts, path)
        elif field == "hub":
            found[field] = _eui(path, text)
        else:
            found[field] = _plain(path, text)
    return Alert(code=code, kind=kind, devices=devices, **found)


def _plain(path: str, text: str) -> str:
    try:
        return plain_text(text, most=60)
    except ValueError as error:
        raise _wrong(path, str(error), text) from None


def _message(parts: Parts) -> Report | None:
    for path in _PAYLOADS:
        if path in parts.texts:
            return read_payload(path, parts.texts[path])
    return None


def read_payload(path: str, text: str) -> Report:
    """Read a GBCS message in base64.

    Raises:
        InvalidInputError: it is not base64, or no GBCS message; says where.
    """
    try:
        octets = base64.b64decode("".join(text.split()).encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise _wrong(path, "base64", text[:20]) from None
    try:
        return read_report(octets)
    except ValueError as error:
        raise InvalidInputError(
            f"{path}: expected a GBCS message, found damage: {error}"
        ) from None


def _wrong(where: str, expected: str, found: str) -> InvalidInputError:
    return InvalidInputError(f"{where}: expected {expected}, found {shown(found)}")
