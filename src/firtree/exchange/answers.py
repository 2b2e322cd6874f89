"""The table of answers: one row for each hardware model and firmware version.

The key of a row is made for looking up in a spreadsheet: DeviceManufacturer,
DeviceModel and FirmwareVersion in upper case, joined by ``|``.
"""

from collections.abc import Iterable
from typing import NamedTuple

from firtree.catalogue.answer import Assessment
from firtree.catalogue.entry import Entry
from firtree.devices import ModelKey
from firtree.exchange.columns import Form
from firtree.exchange.rows import Value


class AnswerColumn(NamedTuple):
    """A column of the table of answers."""

    name: str
    form: Form
    meaning: str


_T, _N = Form.TEXT, Form.NUMBER

ANSWER_COLUMNS: tuple[AnswerColumn, ...] = tuple(
    AnswerColumn(*column)
    for column in (
        ("Key", _T, "for XLOOKUP: DeviceManufacturer|DeviceModel|FirmwareVersion"),
        ("Device Type", _T, "type of the device"),
        ("Manufacturer", _T, "name as published"),
        ("Manufacturer Code", _T, "DUIS DeviceManufacturer"),
        ("Device Model", _T, "DUIS DeviceModel"),
        ("Firmware Version", _T, "version that the device runs"),
        ("CPL Entry ID", _N, "entry that the device runs"),
        ("Standing", _T, "for programs: current, behind, removed"),
        ("Standing in Words", _T, "the same for people"),
        ("Target", _N, "entry that the device should run; its own if it is up to date"),
        ("Target Firmware", _T, "firmware version of the target"),
        ("Next Step", _N, "entry to install next"),
        ("Next Step Firmware", _T, "firmware version of the next step"),
        ("Next Step Hash", _T, "Manufacturer Image Hash of the next step"),
        ("Pathway", Form.NUMBERS, "entries to install in order; N/A = none"),
        ("Alternatives", Form.NUMBERS, "other entries that may be meant"),
        ("Blocked By", _N, "entry that blocks the declared way"),
        ("Advice", _T, "what to do, one to a line"),
        ("Reasons", _T, "why, one to a line"),
        ("Highest Warning", _T, "stop, caution or info; blank = no warning"),
        ("Warnings", _T, "each with its level, one to a line"),
        ("Contact Role", _T, "whom to ask: role of the mailbox"),
        ("Contact Email", _T, "the mailbox"),
        ("Contact Telephone", _T, "its telephone number"),
        ("Contact Form", _T, "address of its form"),
        ("Contact Confirmed", Form.DATE, "day it was last confirmed"),
    )
)


def answer_key(key: ModelKey, firmware: str) -> str:
    """Give the key of a row."""
    return f"{key.manufacturer}|{key.model}|{firmware}"


def answer_values(
    key: ModelKey, entry: Entry, target: Entry | None, answer: Assessment
) -> list[Value]:
    """Give what each column says.

    Args:
        key: of the hardware model.
        entry: that the device runs.
        target: that it should run; None = there is none to name.
        answer: the assessment.
    """
    step = answer.steps[0] if answer.steps else None
    contact, blocked, pathway = answer.contact, answer.blocked_route, answer.pathway
    return [
        answer_key(key, entry.firmware_key),
        entry.device_type.value,
        entry.cpl.manufacturer_name or None,
        key.manufacturer,
        key.model,
        entry.firmware_key,
        entry.id,
        answer.standing.value,
        answer.standing_text,
        answer.target,
        target.cpl.firmware if target else None,
        step.entry if step else None,
        step.firmware_version if step else None,
        (step.image_hash or None) if step else None,
        pathway,
        answer.alternatives or None,
        blocked.blocked_by if blocked else None,
        _lines(noted.text for noted in answer.advice),
        _lines(noted.text for noted in answer.reasons),
        answer.warnings[0].level if answer.warnings else None,
        _lines(f"{warning.level}: {warning.text}" for warning in answer.warnings),
        (contact.role or None) if contact else None,
        (contact.email or None) if contact else None,
        (contact.phone or None) if contact else None,
        (contact.url or None) if contact else None,
        contact.confirmed_on if contact else None,
    ]


def _lines(texts: Iterable[str]) -> str | None:
    return "\n".join(texts) or None
