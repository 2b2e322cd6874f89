"""An entry: one hardware model and one firmware version, with its FIR information.

An entry has parts with different audiences, and each part is one section of the
statement that records it: :class:`CPLPart` (core), :class:`FIRPart` (fir), a contact
(people) and :class:`PrivatePart` (private).  A reader without the right to a part
gets the entry without it.

Fields follow domain.md B to D.  Texts are stored as published, hexadecimal in upper
case.  None or an empty value means *not known*, unless said otherwise.
"""

from datetime import date
from enum import StrEnum

import msgspec

from firtree.devices import DeviceType, HardwareModel
from firtree.firmware import VERSION_DIGITS, firmware_version, version_key
from firtree.parties import Contact
from firtree.text import Whole, is_hex


class Status(StrEnum):
    """Status on the CPL (DUIS 5.4 ``CPLStatus``)."""

    ACTIVE = "Active"
    EXPIRED = "Expired"
    WITHDRAWN = "Withdrawn"
    CANCELLED = "Cancelled"


class Coding(StrEnum):
    """How the firmware version's digits are meant."""

    HEX = "hex"
    BCD = "bcd"


class CertificateKind(StrEnum):
    """Kind of an assurance certificate."""

    CPA = "CPA"
    ZIGBEE = "ZigBee"
    DLMS = "DLMS"


class DateKind(StrEnum):
    """What the date of a certificate says (MP209: lifetime certificates renew)."""

    EXPIRY = "expiry"
    RENEWAL = "renewal"


class Availability(StrEnum):
    """Whether the maker gives the image out; blank counts as available (R10)."""

    AVAILABLE = "available"
    ON_REQUEST = "on request"
    NOT_FOR_NEW = "not for new installs"
    WITHDRAWN = "withdrawn by manufacturer"
    LIMITED = "limited"


class Urgency(StrEnum):
    """Security urgency of a firmware version; never any detail."""

    NONE = "none"
    ROUTINE = "routine"
    HIGH = "high"


class ChangeClass(StrEnum):
    """What a firmware version changes."""

    SECURITY = "security"
    METROLOGY = "metrology"
    FUNCTIONAL = "functional"
    DEFECT = "defect"
    SPECIFICATION = "specification"


class Loading(StrEnum):
    """What DCC says of an entry: a fact of its own, not a status."""

    LOADED = "loaded"
    REFUSED = "refused"
    REMOVED = "removed"
    NOT_LOADED = "not loaded"


class RollbackAllowed(StrEnum):
    """Whether the maker allows going back from this version at all."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A value written without the fields that have their default.

    Values hold no cycles, so the collector need not look at them: with a hundred
    thousand in memory it would stop a server for most of a second.
    """


class Certificate(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An assurance certificate, known by its kind and number.

    Entries carry the certificates they rest on; a renewal is one act over all
    entries that name the certificate (see :mod:`firtree.catalogue.certificates`).

    Args:
        kind: CPA, ZigBee or DLMS.
        number: as printed on it.
        body: who issued it.
        standard_version: version of the standard it certifies against.
        characteristic_version: CPA Security Characteristic version.
        issued: day of issue.
        date_kind: whether ``day`` is an expiry or a renewal date; None = not said.
        day: that date.
        scope_note: what the certificate says of its scope.
    """

    kind: CertificateKind
    number: str
    body: str = ""
    standard_version: str = ""
    characteristic_version: str = ""
    issued: date | None = None
    date_kind: DateKind | None = None
    day: date | None = None
    scope_note: str = ""


class CPLPart(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the CPL says of an entry (domain.md B and C).

    Args:
        model: the hardware model.
        manufacturer_name: as published; empty = only the code is known.
        trade_name: name the maker sells it under, up to 60 characters.
        esme_variant: one of the 25 of DUIS, for ESME; firmware may change it.
        firmware: 8 hexadecimal digits, or up to 8 characters for SMETS1.
        firmware_coding: how the digits are meant.
        firmware_label: the version as people write it, up to 40 characters.
        smets_chts: such as ``SMETS V4.2``, up to 20 characters.
        gbcs: such as ``4.1``, up to 10 characters.
        image_hash: SHA-256 of the Manufacturer Image, 64 upper-case hexadecimal
            digits; empty = none (factory only, or not known).
        hash_signed_by: certificate serial of the image's creator.
        hash_signature: that creator's signature over the hash, base64.
        certificates: those the entry rests on, any number of each kind.
        status: Active, Expired, Withdrawn or Cancelled.
        status_from: first day of that status.
        status_reason: why, up to 200 characters.
        published_on: day of publication on the CPL.
    """

    model: HardwareModel
    manufacturer_name: str = ""
    trade_name: str = ""
    esme_variant: str = ""
    firmware: str
    firmware_coding: Coding | None = None
    firmware_label: str = ""
    smets_chts: str = ""
    gbcs: str = ""
    image_hash: str = ""
    hash_signed_by: str = ""
    hash_signature: str = ""
    certificates: tuple[Certificate, ...] = ()
    status: Status = Status.ACTIVE
    status_from: date | None = None
    status_reason: str = ""
    published_on: date | None = None

    def __post_init__(self) -> None:
        if not is_hex(self.firmware, VERSION_DIGITS):
            firmware_version(self.firmware, self.model.generation)


class Requirement(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What must hold on the HAN before an entry may be installed (rules.md, R11).

    Args:
        hub_entries: CPL Entry IDs of Communications Hub entries; one of these, or
            anything reachable from one of these, suffices.  Empty = any.
        least_gbcs: least GBCS version of the hub; empty = any.
        least_chts: least CHTS version of the hub; empty = any.
        han_variant: HAN variant of the hub, such as ``Dual Band``; empty = any.
    """

    hub_entries: tuple[Whole, ...] = ()
    least_gbcs: str = ""
    least_chts: str = ""
    han_variant: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == NO_REQUIREMENT


class ReleaseNotes(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Structured release notes; no vulnerability detail ever.

    Args:
        summary: one paragraph.
        security, fixes, features, known_issues: one text per item.
        irps: Issue Resolution Proposals implemented, such as ``IRP642``.
        reference: https address of the full notes, or ``on request``.
    """

    summary: str = ""
    security: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    known_issues: tuple[str, ...] = ()
    irps: tuple[str, ...] = ()
    reference: str = ""

    @property
    def empty(self) -> bool:
        """Whether there are no notes."""
        return self == NO_NOTES


class Hold(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A notice, not a status: do not start new upgrades to this.

    Args:
        reason: for people, up to 200 characters.
        since: first day; None = not said.
    """

    reason: str = ""
    since: date | None = None


class DCCLoading(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What DCC has said of loading the entry.

    Args:
        state: see :class:`Loading`.
        reason: for a refusal.
        on: day DCC said so.
    """

    state: Loading
    reason: str = ""
    on: date | None = None


class FIRPart(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The FIR information of an entry (domain.md D; MP231).

    Args:
        release_date: day the maker released the firmware.
        release_line: name of the line it belongs to; empty = the main line.
        upgradable_from: CPL Entry IDs from which a device may be upgraded to this
            entry (MP231).  None = unknown, an empty tuple = ``N/A`` (from none).
        confirmed_edges: those of ``upgradable_from`` that the maker confirms as safe
            although a mandatory step lies between.
        rollback_from: CPL Entry IDs from which going back to this one is allowed.
        availability: None = blank, which counts as available.
        limited_to: names of the parties, for ``limited``.
        mandatory_step: whether it may not be skipped on a path.
        activation_order_note: plain text, up to 500 characters.
        requires: what must hold on the HAN.
        interrupts_hub_power: whether installing interrupts the hub's power.
        min_hardware, max_hardware: 4 hexadecimal digits each, from the OTA header.
        ota_manufacturer_code, ota_image_type: 4 hexadecimal digits each.
        image_size_octets: 1 to 10,240,000 (DUIS).
        signed_firmware_valid_to: end of the certificate inside a signed image.
        change_classes: what it changes.
        security_urgency: none, routine, high.
        metrology_software_id: changes when legally relevant software changes.
        notes: structured release notes.
        support_until: last day of support.
        rollback_allowed: whether going back from it is possible at all.
        sbom_reference, sbom_sha256: where the SBOM is, and its digest.
        hold: a hold in force; None = none.
        loading: what DCC says; None = nothing yet.
    """

    release_date: date | None = None
    release_line: str = ""
    upgradable_from: tuple[Whole, ...] | None = None
    confirmed_edges: tuple[Whole, ...] = ()
    rollback_from: tuple[Whole, ...] = ()
    availability: Availability | None = None
    limited_to: tuple[str, ...] = ()
    mandatory_step: bool = False
    activation_order_note: str = ""
    requires: Requirement | None = None
    interrupts_hub_power: bool = False
    min_hardware: str = ""
    max_hardware: str = ""
    ota_manufacturer_code: str = ""
    ota_image_type: str = ""
    image_size_octets: Whole | None = None
    signed_firmware_valid_to: date | None = None
    change_classes: tuple[ChangeClass, ...] = ()
    security_urgency: Urgency | None = None
    metrology_software_id: str = ""
    notes: ReleaseNotes | None = None
    support_until: date | None = None
    rollback_allowed: RollbackAllowed | None = None
    sbom_reference: str = ""
    sbom_sha256: str = ""
    hold: Hold | None = None
    loading: DCCLoading | None = None


class PrivatePart(_Value, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What only named parties may see of an entry.

    Args:
        advisory_reference: identifier known to the SSC (domain.md D).
        mapping_evidence: reference to evidence mapping a certificate's text to the
            entry; kept for audit, never published (domain.md 2).
    """

    advisory_reference: str = ""
    mapping_evidence: str = ""


NO_REQUIREMENT = Requirement()
NO_NOTES = ReleaseNotes()
NO_FIR = FIRPart()
NO_PRIVATE = PrivatePart()


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One hardware model with one firmware version on the CPL.

    Args:
        id: CPL Entry ID, a positive whole number, never reused.
        cpl: what the CPL says.
        fir: the FIR information; blank for entries listed before it was asked for.
        contact: a mailbox of its own; None = the maker's.
        private: what only named parties may see.
        absent: names of its sections that are not there, because they were erased or
            not disclosed; what they would say counts as blank.
    """

    id: int
    cpl: CPLPart
    fir: FIRPart = NO_FIR
    contact: Contact | None = None
    private: PrivatePart = NO_PRIVATE
    absent: frozenset[str] = frozenset()

    @property
    def model(self) -> HardwareModel:
        """The hardware model."""
        return self.cpl.model

    @property
    def device_type(self) -> DeviceType:
        """The device type."""
        return self.cpl.model.device_type

    @property
    def active(self) -> bool:
        """Whether it is Current on the CPL."""
        return self.cpl.status is Status.ACTIVE

    @property
    def firmware_key(self) -> str:
        """The firmware version in the form devices are matched by."""
        return version_key(self.cpl.firmware)

    @property
    def line(self) -> str:
        """The release line; empty for the main line."""
        return self.fir.release_line

    @property
    def order(self) -> tuple[date, date, int]:
        """The key of R2: Release Date, else Published On; then Published On; then id.

        Used only to choose between entries, never to infer an edge.
        """
        published = self.cpl.published_on or date.min
        return (self.fir.release_date or published, published, self.id)
