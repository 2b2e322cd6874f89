"""Checks F1, F4 and F5: the forms of fields, the coding, one entry per version."""

from collections.abc import Iterator

from firtree.catalogue.checks.codes import finding, some_named
from firtree.catalogue.checks.finding import Column, Finding
from firtree.catalogue.checks.surroundings import Rule, Surroundings, earlier
from firtree.catalogue.entry import Coding, Entry, Status
from firtree.devices import PARTS, Generation
from firtree.firmware import HASH_DIGITS, VERSION_DIGITS
from firtree.text import hex_digits, is_hex

_PART_COLUMNS = {
    "manufacturer": Column.MANUFACTURER,
    "model_identifier": Column.MODEL,
    "hardware_version": Column.HARDWARE_VERSION,
    "hardware_revision": Column.HARDWARE_REVISION,
}


def free_fields_are_hexadecimal(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F1: hexadecimal digits where the types leave any text."""
    fir = entry.fir
    for column, text, count in (
        (Column.HASH, entry.cpl.image_hash, HASH_DIGITS),
        (Column.LEAST_HARDWARE, fir.min_hardware, 4),
        (Column.MOST_HARDWARE, fir.max_hardware, 4),
        (Column.OTA_CODE, fir.ota_manufacturer_code, 4),
        (Column.OTA_TYPE, fir.ota_image_type, 4),
        (Column.SBOM_HASH, fir.sbom_sha256, HASH_DIGITS),
    ):
        try:
            hex_digits(text, count if text else 0)
        except ValueError as error:
            yield finding("not-hexadecimal", column, expected=error, found=text)


def model_is_hexadecimal(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F1: a name that is not hexadecimal is tolerated for some, and noted."""
    for name, size in PARTS.items():
        text = getattr(entry.model, name)
        if text and not is_hex(text, size):
            yield finding(
                "model-not-hexadecimal",
                _PART_COLUMNS[name],
                expected=f"{size} hexadecimal digits",
                found=text,
            )


def firmware_is_hexadecimal(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F1: likewise for the firmware version of SMETS1."""
    if not is_hex(entry.cpl.firmware, VERSION_DIGITS):
        yield finding(
            "firmware-not-hexadecimal",
            expected=f"{VERSION_DIGITS} hexadecimal digits",
            found=entry.cpl.firmware,
        )


def coding_is_declared(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F4: the coding is said; SMETS1 text that is not hexadecimal has none."""
    free = entry.model.generation is Generation.SMETS1
    if entry.cpl.firmware_coding is None and not (
        free and not is_hex(entry.cpl.firmware, VERSION_DIGITS)
    ):
        yield finding("coding-missing", expected="hex or bcd")


def coding_is_kept(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F4: one coding for all versions of a model."""
    coding = entry.cpl.firmware_coding
    if coding is None:
        return
    expected = Coding.BCD if coding is Coding.HEX else Coding.HEX
    before = earlier(entry, around, expected)
    if before.total:
        yield finding(
            "coding-differs",
            expected=expected,
            found=coding,
            entries=some_named(*before),
        )


def bcd_has_digits_only(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F4: binary-coded decimal has no letters."""
    letters = set("ABCDEFabcdef").intersection(entry.cpl.firmware)
    if entry.cpl.firmware_coding is Coding.BCD and letters:
        yield finding(
            "bcd-with-letters",
            expected="digits 0 to 9",
            found=entry.cpl.firmware,
        )


def version_is_listed_once(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F5: one entry for a model and version, cancelled ones aside."""
    if entry.cpl.status is Status.CANCELLED:
        return
    same = around.neighbours.family(entry).with_version_of(entry)
    if same.total:
        yield finding(
            "version-listed-already",
            expected="a version that the model does not have yet",
            found=entry.cpl.firmware,
            entries=some_named(*same),
        )


RULES: tuple[Rule, ...] = (
    free_fields_are_hexadecimal,
    model_is_hexadecimal,
    firmware_is_hexadecimal,
    coding_is_declared,
    coding_is_kept,
    bcd_has_digits_only,
    version_is_listed_once,
)
