"""Checks F2 and F11 on the image: its hash, its size, the hardware it is made for."""

from collections.abc import Iterator

from firtree.catalogue.checks.codes import entries_named, finding
from firtree.catalogue.checks.finding import Column, Finding
from firtree.catalogue.checks.surroundings import Rule, Surroundings, same_maker
from firtree.catalogue.entry import Entry
from firtree.firmware import HASH_DIGITS
from firtree.text import is_hex

# SHA-256 of no octets at all (FIPS 180-4).
HASH_OF_NOTHING = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
# DCC's reference test data: the image of the samples of Service Requests 11.1 and
# 11.4, and the placeholder in those of 11.3.
SAMPLE_HASHES = frozenset(
    {
        "7542F475E3F12EAE887D81E32C46D313741D67076B13CAEC2F82E00BA5E1BB36",
        "AA758690730934FF0685AA758690730934FF0685657788990011223344556677",
    }
)
MOST_OCTETS = 10_240_000  # DUIS 5.4
LARGE_OCTETS = 768_000  # what a Communications Hub stores; unconfirmed


def hash_is_given(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F2: whatever is updated over the air has a hash."""
    if (
        not entry.cpl.image_hash
        and entry.active
        and entry.device_type.updates_over_the_air
        and entry.fir.upgradable_from != ()
    ):
        yield finding("hash-missing", expected=f"{HASH_DIGITS} hexadecimal digits")


def hash_is_not_one_digit(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F2: no digit repeated."""
    digits = set(_hash(entry))
    if len(digits) == 1:
        (digit,) = digits
        yield finding("hash-all-equal", found=entry.cpl.image_hash, digit=digit)


def hash_is_of_something(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F2: not the hash of an empty file."""
    if _hash(entry) == HASH_OF_NOTHING:
        yield finding("hash-of-nothing", found=entry.cpl.image_hash)


def hash_is_no_sample(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F2: not the hash of a published sample."""
    if _hash(entry) in SAMPLE_HASHES:
        yield finding("hash-of-sample", found=entry.cpl.image_hash)


def hash_is_of_this_maker(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F2: no other maker's image; which maker and which entry is never said."""
    if not all(same_maker(entry, other) for other in _with_same_hash(entry, around)):
        yield finding("hash-of-other-maker", found=entry.cpl.image_hash)


def hash_is_new(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F2: a maker may use one image for many models, and says so."""
    own = [o.id for o in _with_same_hash(entry, around) if same_maker(entry, o)]
    if own:
        yield finding(
            "hash-reused", found=entry.cpl.image_hash, entries=entries_named(own)
        )


def size_is_possible(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F11: an image that DUIS can carry and a hub can hold."""
    size = entry.fir.image_size_octets
    if size is None:
        return
    if not 1 <= size <= MOST_OCTETS:
        yield finding(
            "image-size-impossible",
            expected=f"1 to {MOST_OCTETS:,} octets",
            found=f"{size:,}",
        )
    elif size > LARGE_OCTETS:
        yield finding("image-large", expected=f"{LARGE_OCTETS:,}", found=f"{size:,}")


def range_is_in_order(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F11: the least hardware version is not above the greatest."""
    least, most = _range(entry)
    if least and most and least > most:
        yield finding(
            "hardware-range-reversed", expected=f"up to {most}", found=least, most=most
        )


def hardware_is_in_range(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F11: the image is made for the hardware of the model."""
    hardware = entry.model.hardware
    least, most = _range(entry)
    if not hardware or (least and most and least > most):
        return
    if least and hardware < least:
        yield finding(
            "hardware-out-of-range",
            Column.LEAST_HARDWARE,
            expected=f"{least} or above",
            found=hardware,
        )
    if most and hardware > most:
        yield finding(
            "hardware-out-of-range",
            Column.MOST_HARDWARE,
            expected=f"{most} or below",
            found=hardware,
        )


def ota_code_is_the_makers(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F11: the OTA header names the maker of the model, if both have a code."""
    code, maker = entry.fir.ota_manufacturer_code, entry.model.key.manufacturer
    if is_hex(code, 4) and is_hex(maker, 4) and code.upper() != maker:
        yield finding("ota-code-differs", expected=maker, found=code)


def _hash(entry: Entry) -> str:
    """Give the hash in upper case; empty where it is none (F1 says so)."""
    text = entry.cpl.image_hash
    return text.upper() if is_hex(text, HASH_DIGITS) else ""


def _with_same_hash(entry: Entry, around: Surroundings) -> list[Entry]:
    own = _hash(entry)
    return [
        other
        for other in around.same_hash
        if own and _hash(other) == own and other.id != entry.id
    ]


def _range(entry: Entry) -> tuple[str, str]:
    """Give the hardware range in upper case; a limit that is not hex is left out."""
    limits = (entry.fir.min_hardware, entry.fir.max_hardware)
    least, most = (limit.upper() if is_hex(limit, 4) else "" for limit in limits)
    return least, most


RULES: tuple[Rule, ...] = (
    hash_is_given,
    hash_is_not_one_digit,
    hash_is_of_something,
    hash_is_no_sample,
    hash_is_of_this_maker,
    hash_is_new,
    size_is_possible,
    range_is_in_order,
    hardware_is_in_range,
    ota_code_is_the_makers,
)
