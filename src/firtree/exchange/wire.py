"""The JSON of the API, shared by web, command line and client.

These shapes are promises; renaming a field inside firtree never changes them.
"""

from datetime import date, datetime
from typing import Annotated

import msgspec

from firtree.exchange.proof_wire import DisclosedWire, StateProofWire
from firtree.text import WHOLE_MOST


class DeviceWire(msgspec.Struct, frozen=True, kw_only=True):
    """A device as it was asked about; ``model`` is the DUIS DeviceModel."""

    device_type: str | None
    manufacturer: str
    model: str
    firmware: str


class NotedWire(msgspec.Struct, frozen=True):
    """A stable code with a text for people."""

    code: str
    text: str


class WarningWire(msgspec.Struct, frozen=True):
    """A warning: level is ``stop``, ``caution`` or ``info``."""

    code: str
    level: str
    text: str
    entry: int | None


class ConditionWire(msgspec.Struct, frozen=True):
    """A condition of a step: state is ``met``, ``unmet`` or ``unknown``."""

    kind: str
    text: str
    state: str
    entries: tuple[int, ...]


class NotesWire(msgspec.Struct, frozen=True):
    """Structured release notes."""

    summary: str
    security: tuple[str, ...]
    fixes: tuple[str, ...]
    features: tuple[str, ...]
    known_issues: tuple[str, ...]
    irps: tuple[str, ...]
    reference: str | None


class StepWire(msgspec.Struct, frozen=True, kw_only=True):
    """One entry to install on the way."""

    entry: int
    firmware_version: str
    image_hash: str | None
    release_date: date | None
    urgency: str | None
    mandatory: bool
    notes: NotesWire | None
    conditions: tuple[ConditionWire, ...]


class ContactWire(msgspec.Struct, frozen=True, kw_only=True):
    """A role mailbox."""

    role: str | None
    email: str | None
    phone: str | None
    url: str | None
    confirmed_on: date | None


class BlockedRouteWire(msgspec.Struct, frozen=True):
    """The declared way that would lead on, and the entry that blocks it."""

    pathway: tuple[int, ...]
    blocked_by: int


class LogWire(msgspec.Struct, frozen=True):
    """The log an answer was given at: its size, and the newest signed checkpoint."""

    size: int
    checkpoint: str


class AssessmentWire(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one device.

    ``pathway`` is empty when the device is current and null when no way is known;
    ``standing_text`` is ``standing`` in the words shown to people.
    """

    device: DeviceWire
    standing: str
    standing_text: str
    entry: int | None
    target: int | None
    alternatives: tuple[int, ...]
    pathway: tuple[int, ...] | None
    blocked_route: BlockedRouteWire | None
    steps: tuple[StepWire, ...]
    register_target: int | None
    advice: tuple[NotedWire, ...]
    contact: ContactWire | None
    warnings: tuple[WarningWire, ...]
    reasons: tuple[NotedWire, ...]
    log: LogWire
    proof: StateProofWire | msgspec.UnsetType = msgspec.UNSET


class CertificateWire(msgspec.Struct, frozen=True, kw_only=True):
    """An assurance certificate."""

    kind: str
    number: str
    date_kind: str | None
    date: str | None
    body: str | None
    standard_version: str | None
    characteristic_version: str | None
    issued: str | None
    scope_note: str | None


class RequirementWire(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry asks of the Communications Hub."""

    hub_entries: tuple[int, ...]
    least_gbcs: str | None
    least_chts: str | None
    han_variant: str | None


class HoldWire(msgspec.Struct, frozen=True):
    """A hold: do not start new upgrades to this."""

    reason: str | None
    since: date | None


class LoadingWire(msgspec.Struct, frozen=True):
    """What DCC says of an entry."""

    state: str
    reason: str | None
    on: date | None


class EntryWire(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the register: its CPL part, then its FIR information.

    ``upgradable_from`` is null where it is unknown and empty where it is ``N/A``.
    """

    id: int
    device_type: str
    generation: str
    manufacturer: str
    manufacturer_name: str | None
    model: str
    model_identifier: str
    hardware_version: str | None
    hardware_revision: str | None
    trade_name: str | None
    esme_variant: str | None
    firmware: str
    firmware_coding: str | None
    firmware_label: str | None
    smets_chts: str | None
    gbcs: str | None
    image_hash: str | None
    certificates: tuple[CertificateWire, ...]
    status: str
    status_from: date | None
    status_reason: str | None
    published_on: date | None
    release_date: date | None
    release_line: str | None
    upgradable_from: tuple[int, ...] | None
    confirmed_edges: tuple[int, ...]
    rollback_from: tuple[int, ...]
    rollback_allowed: str | None
    availability: str | None
    limited_to: tuple[str, ...]
    mandatory_step: bool
    activation_order_note: str | None
    requires: RequirementWire | None
    interrupts_hub_power: bool
    min_hardware: str | None
    max_hardware: str | None
    ota_manufacturer_code: str | None
    ota_image_type: str | None
    image_size_octets: int | None
    signed_firmware_valid_to: date | None
    change_classes: tuple[str, ...]
    security_urgency: str | None
    metrology_software_id: str | None
    notes: NotesWire | None
    support_until: date | None
    sbom_reference: str | None
    sbom_sha256: str | None
    hold: HoldWire | None
    loading: LoadingWire | None
    contact: ContactWire | None


class FindingWire(msgspec.Struct, frozen=True):
    """What a check finds in an entry."""

    code: str
    severity: str
    column: str
    text: str
    expected: str | None
    found: str | None


class RecordedWire(msgspec.Struct, frozen=True):
    """The statement that made an entry what it is, counted from 0."""

    statement: int
    at: datetime | None


class EntryAnswerWire(msgspec.Struct, frozen=True, kw_only=True):
    """One entry with what belongs to it."""

    entry: EntryWire
    manufacturer_contact: ContactWire | None
    release: tuple[int, ...]
    more_in_release: bool
    findings: tuple[FindingWire, ...]
    recorded: RecordedWire
    log: LogWire
    proof: StateProofWire | msgspec.UnsetType = msgspec.UNSET


class StatementAnswerWire(msgspec.Struct, frozen=True, kw_only=True):
    """One statement; ``log_proof`` is a c2sp.org/tlog-proof of its leaf."""

    statement: DisclosedWire
    log_proof: str
    log: LogWire


class FoundByWire(msgspec.Struct, frozen=True):
    """A field in which a search found what was asked for, and its text."""

    field: str
    text: str


class PageWire(msgspec.Struct, frozen=True, kw_only=True):
    """Some entries; ``next_cursor`` is null on the last page.

    ``found_by`` is null without a search; with one it has, for each of the entries,
    the fields that it was found by.
    """

    entries: tuple[EntryWire, ...]
    found_by: tuple[tuple[FoundByWire, ...], ...] | None
    next_cursor: str | None
    log: LogWire


class AskedHub(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a device's Communications Hub; ``han_variant`` may be left out.

    Its GBCS and CHTS versions are those of the entry it runs.
    """

    manufacturer: str
    model: str
    firmware: str
    han_variant: str | None = None


class AskedDevice(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A device to be assessed, as a program sends it.

    ``read_on`` is the day its firmware version was read.
    """

    manufacturer: str
    model: str
    firmware: str
    device_type: str | None = None
    hub: AskedHub | None = None
    read_on: date | None = None


class ApprovedEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """An entry on the asker's own list, with the day from which."""

    entry: Annotated[int, msgspec.Meta(ge=1, le=WHOLE_MOST)]
    since: date | None = None


class AssessmentRequest(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Devices to be assessed, up to 10,000; ``approved`` null = no own list."""

    devices: tuple[AskedDevice, ...]
    approved: tuple[ApprovedEntry, ...] | None = None


class AssessmentsWire(msgspec.Struct, frozen=True):
    """Answers in the order of the devices."""

    assessments: tuple[AssessmentWire, ...]
    log: LogWire


class ExportLogWire(msgspec.Struct, frozen=True):
    """The log an export was made from."""

    origin: str
    size: int


class PublicationWire(msgspec.Struct, frozen=True, kw_only=True):
    """What an export is of (``docs/formats/publication.md``).

    ``partial`` is true where there may be more than whoever asked for it may see.
    """

    format: str
    publication: str
    log: ExportLogWire
    day: date
    effective_at: date | None
    private: bool
    checkpoint: str
    partial: bool


class ExportedEntriesWire(msgspec.Struct, frozen=True, kw_only=True):
    """Every entry, each with the columns of the table by their names in JSON."""

    publication: PublicationWire
    entries: tuple[dict[str, object], ...]


class ExportedAnswersWire(msgspec.Struct, frozen=True, kw_only=True):
    """An answer for each model and firmware version."""

    publication: PublicationWire
    answers: tuple[dict[str, object], ...]
