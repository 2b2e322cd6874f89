"""The check of an OTA file: what is said of good files, and of each kind of bad one."""

from __future__ import annotations

from hashlib import sha256
from struct import pack
from typing import TYPE_CHECKING

import pytest

from firtree.devices import DeviceType
from firtree.images.checker import Asked, Report, check
from firtree.images.facts import Facts
from firtree.images.findings import CODES, Format, Severity
from firtree.images.signatures import read_verifier
from firtree.images.trailer import ORDER, impossible_part
from otafiles import (
    IMAGE,
    MAGIC,
    a_header,
    a_trailer,
    an_element,
    certificate_pem,
    der,
    raw,
    signed_file,
    unsigned_file,
    zigbee_file,
)

if TYPE_CHECKING:
    from pathlib import Path

ESME, GSME, PPMID = DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID
HCALCS, CHF = DeviceType.HCALCS, DeviceType.CHF
SIGNATURE = raw(IMAGE)
TRAILER = a_trailer(SIGNATURE)
BODY = IMAGE + TRAILER
HASH = sha256(IMAGE).hexdigest()
KEY = read_verifier(certificate_pem())
OTHER_KEY = read_verifier(certificate_pem(2))
SAMPLE_HASH = "7542f475e3f12eae887d81e32c46d313741d67076b13caec2f82e00ba5e1bb36"


def codes(report: Report, severity: Severity | None = None) -> list[str]:
    """List the codes found."""
    return [one.code for one in report.findings if severity in {None, one.severity}]


def refusals(report: Report) -> list[str]:
    """List the codes that refuse the file."""
    return codes(report, Severity.REFUSE)


@pytest.mark.parametrize("kind", [ESME, GSME, HCALCS, DeviceType.SAPC])
def test_the_file_of_a_meter_is_image_and_trailer(kind: DeviceType) -> None:
    report = check(signed_file(), Asked(kind, key=KEY))

    assert report.findings == ()
    assert report.holds
    assert report.reading is not None
    assert report.reading.image.digest.hex() == HASH
    assert report.reading.image.span == (60, 60 + len(IMAGE))
    assert report.reading.trailer is not None
    assert report.reading.trailer.signature == SIGNATURE
    assert (report.other, report.verified) == (None, True)


def test_the_file_of_a_ppmid_is_image_alone() -> None:
    report = check(unsigned_file(), Asked(PPMID))

    assert report.findings == ()
    assert report.reading is not None
    assert report.reading.trailer is None
    assert report.reading.image.digest.hex() == HASH


def test_without_a_device_type_an_end_like_a_trailer_gives_two_readings() -> None:
    report = check(signed_file())

    assert report.holds
    assert codes(report) == ["trailer-undecided"]
    assert report.reading is not None
    assert report.other is not None
    assert report.reading.image.digest.hex() == HASH
    assert report.other.image.digest == sha256(BODY).digest()
    assert report.other.trailer is None


def test_the_likelier_of_two_readings_has_a_flag_octet_of_nought() -> None:
    image = IMAGE[:-66] + a_trailer(b"\x21" * 64, flag=0x39)

    report = check(unsigned_file(image))

    assert report.reading is not None
    assert report.other is not None
    assert (report.reading.trailer, report.other.trailer is None) == (None, False)


def test_a_hash_or_a_key_that_fits_one_reading_settles_it() -> None:
    by_hash = check(signed_file(), Asked(facts=Facts(image_hash=HASH)))
    by_key = check(signed_file(), Asked(key=KEY))

    for report in (by_hash, by_key):
        assert (report.findings, report.other) == ((), None)
        assert report.reading is not None
        assert report.reading.trailer is not None


def test_the_hash_of_image_and_trailer_does_not_settle_that_there_is_none() -> None:
    wrong = sha256(BODY).hexdigest()

    report = check(signed_file(), Asked(facts=Facts(image_hash=wrong)))

    assert not report.holds
    assert report.comparisons[0].mistake == "image-and-trailer"


def test_a_ppmid_with_a_trailer_is_refused_unless_the_hash_is_of_all_of_it() -> None:
    unsettled = check(signed_file(), Asked(PPMID))
    wrapped = check(signed_file(), Asked(PPMID, Facts(image_hash=HASH)))
    whole = Facts(image_hash=sha256(BODY).hexdigest())
    chance = check(signed_file(), Asked(PPMID, whole))

    assert refusals(unsettled) == ["trailer-like-end"]
    assert refusals(wrapped) == ["trailer-not-for-type"]
    assert chance.findings == ()


def test_how_the_file_of_a_hub_ends_is_not_known() -> None:
    report = check(signed_file(), Asked(CHF))

    assert codes(report) == ["trailer-undecided"]
    assert report.other is not None


def replaced(octets: bytes, place: int, by: bytes) -> bytes:
    """Put octets in place of others."""
    return octets[:place] + by + octets[place + len(by) :]


def with_total(total: int) -> bytes:
    """Make a meter's file that gives its size wrongly."""
    return a_header(len(BODY), total=total) + BODY


GOOD = signed_file()
SIZE = len(GOOD)
DER = der(IMAGE)
BIG_ENDIAN = (
    MAGIC
    + pack(">HHHHHIH", 0x0100, 60, 4, 0xA1B3, 0x0A02, 0x24000100, 2)
    + bytes(32)
    + pack(">IHH", SIZE, 0x0101, 0x0103)
    + BODY
)
NGIS = b"NGIS" + bytes(12) + pack("<II", 24, SIZE) + GOOD + bytes(512)
# Each bad file of a meter, and what is said of it: exactly this.
BAD: dict[str, tuple[bytes, list[str]]] = {
    "header length 56 with bit 2 set": (
        a_header(len(BODY), length=56) + BODY,
        ["header-length-differs"],
    ),
    "header length 61": (
        a_header(len(BODY), length=61) + BODY,
        ["header-length-differs"],
    ),
    "header length past the file": (
        a_header(len(BODY), length=0xFFFF) + BODY,
        ["header-length-differs"],
    ),
    "reserved bits": (
        a_header(len(BODY), control=0x8004) + BODY,
        ["field-control-reserved"],
    ),
    "no hardware versions": (
        a_header(len(BODY), control=0) + BODY,
        ["field-control-differs"],
    ),
    "credential version": (
        a_header(len(BODY), control=5, parts=bytes(5)) + BODY,
        ["field-control-differs"],
    ),
    "size one too small": (with_total(SIZE - 1), ["octets-behind", "trailer-missing"]),
    "size one too large": (with_total(SIZE + 1), ["file-cut"]),
    "size without trailer": (with_total(SIZE - 66), ["total-size-without-trailer"]),
    "size without header": (with_total(SIZE - 60), ["total-size-without-header"]),
    "size of nothing": (with_total(0), ["total-size-too-small"]),
    "junk behind": (GOOD + b"junk behind", ["octets-behind"]),
    "junk inside the size": (
        a_header(len(BODY) + 4) + BODY + b"junk",
        ["trailer-missing"],
    ),
    "trailer 00 41": (
        a_header(len(BODY)) + IMAGE + a_trailer(SIGNATURE, length=0x41),
        ["trailer-length-differs"],
    ),
    "trailer 00 41 with 65 octets": (
        a_header(len(BODY) + 1) + IMAGE + a_trailer(SIGNATURE + b"\1", length=0x41),
        ["trailer-length-differs"],
    ),
    "trailer 01 40": (
        a_header(len(BODY)) + IMAGE + a_trailer(SIGNATURE, flag=1),
        ["trailer-flag-differs"],
    ),
    "DER signature": (
        a_header(len(IMAGE + DER) + 2) + IMAGE + a_trailer(DER, length=len(DER)),
        ["trailer-der"],
    ),
    "DER signature said to be raw": (
        a_header(len(IMAGE + DER) + 2) + IMAGE + a_trailer(DER),
        ["trailer-der"],
    ),
    "signature of zeros": (
        a_header(len(BODY)) + IMAGE + a_trailer(bytes(64)),
        ["signature-impossible"],
    ),
    "no trailer": (unsigned_file(), ["trailer-missing"]),
    "big-endian magic": (replaced(GOOD, 0, MAGIC[::-1]), ["header-octets-reversed"]),
    "big-endian numbers": (BIG_ENDIAN, ["header-octets-reversed"]),
    "magic at offset 4": (b"SIZE" + GOOD, ["container-in-front"]),
    "container": (NGIS, ["container-in-front", "octets-behind"]),
    "decoy in the container": (
        MAGIC[1:] + MAGIC + bytes(90) + GOOD,
        ["container-in-front"],
    ),
    "header version": (
        a_header(len(BODY), version=0x0200) + BODY,
        ["header-version-differs"],
    ),
    "any manufacturer": (
        a_header(len(BODY), maker=0xFFFF) + BODY,
        ["manufacturer-wildcard"],
    ),
    "image type of a log": (
        a_header(len(BODY), image_type=0xFFC2) + BODY,
        ["image-type-reserved"],
    ),
    "any version": (
        a_header(len(BODY), file_version=0xFFFFFFFF) + BODY,
        ["file-version-wildcard"],
    ),
    "ZigBee IP": (a_header(len(BODY), stack=3) + BODY, ["stack-version-differs"]),
    "hardware range reversed": (
        a_header(len(BODY), least=0x0103, most=0x0101) + BODY,
        ["hardware-range-reversed"],
    ),
    "sub-element around the image": (
        a_header(len(BODY) + 6) + an_element(0, BODY),
        ["sub-elements-in-gb-image"],
    ),
    "header alone": (a_header(0), ["image-empty"]),
    "trailer alone": (a_header(66) + TRAILER, ["image-empty"]),
    "empty file": (b"", ["no-header"]),
    "text": (b"not an OTA file", ["no-header"]),
    "magic alone": (MAGIC, ["header-cut"]),
    "half a magic": (MAGIC[:2], ["header-cut"]),
}


@pytest.mark.parametrize("name", BAD)
def test_each_bad_file_of_a_meter_is_refused_by_name(name: str) -> None:
    octets, expected = BAD[name]

    report = check(octets, Asked(ESME))

    assert refusals(report) == expected
    assert not report.holds
    for one in report.findings:
        assert one.offset is not None
        assert 0 <= one.offset <= len(octets)
        assert one.text.isprintable()
        assert one.text.endswith(".")
        assert "{" not in one.text


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_not_good_without_a_device_type(name: str) -> None:
    octets, expected = BAD[name]
    may_be_ppmid = {
        *("trailer-missing", "trailer-length-differs", "trailer-flag-differs"),
        "image-empty",
    }

    report = check(octets)

    if not may_be_ppmid & set(expected) and "sub-element" not in name:
        assert set(expected) <= set(codes(report))
        assert not report.holds


def test_a_header_is_looked_for_behind_few_magics_only() -> None:
    few, many = (b"-" + MAGIC * count + bytes(40) + GOOD for count in (50, 100))

    near, far = check(few, Asked(ESME)).header, check(many, Asked(ESME)).header

    assert near is not None
    assert far is not None
    assert near.offset == len(few) - SIZE
    assert far.offset == 1
    assert "container-in-front" in refusals(check(b"-" + MAGIC * 2_000_000))


def test_in_a_container_octets_behind_are_no_wrong_size() -> None:
    report = check(b"SIZE" + with_total(SIZE) + bytes(60), Asked(ESME))

    assert refusals(report) == ["container-in-front", "octets-behind"]


def test_the_file_of_a_ppmid_may_end_like_der() -> None:
    report = check(unsigned_file(IMAGE + a_trailer(DER)), Asked(PPMID))

    assert report.findings == ()
    assert report.reading is not None
    assert report.reading.trailer is None


def test_a_meters_file_without_trailer_is_refused_once() -> None:
    assert codes(check(unsigned_file(), Asked(ESME, key=KEY))) == ["trailer-missing"]
    assert codes(check(GOOD[:-1], Asked(ESME, key=KEY))) == [
        *("file-cut", "signature-missing")
    ]


@pytest.mark.parametrize("part", [0, ORDER, ORDER + 1])
def test_the_numbers_of_a_signature_lie_below_the_order(part: int) -> None:
    one, odd = (number.to_bytes(32, "big") for number in (ORDER - 1, part))

    assert impossible_part(one + one) == ""
    assert impossible_part(odd + one) == "r"
    assert impossible_part(one + odd) == "s"


@pytest.mark.parametrize("name", ["octets-behind", "container-in-front"])
def test_what_refuses_a_gb_image_is_a_note_of_a_zigbee_file(name: str) -> None:
    assert CODES[name].gbcs is Severity.REFUSE
    assert CODES[name].zigbee is Severity.NOTE


@pytest.mark.parametrize("kind", [None, ESME, PPMID])
@pytest.mark.parametrize("octets", [signed_file(), unsigned_file(), zigbee_file()])
def test_a_file_cut_at_any_octet_is_refused_for_that_alone(
    octets: bytes, kind: DeviceType | None
) -> None:
    if octets == zigbee_file() and kind is not None:
        octets = octets[:60]
    for size in range(len(octets)):
        found = refusals(check(octets[:size], Asked(kind)))

        expected = "file-cut" if size >= 60 else "header-cut"
        if size < 4:
            expected = "header-cut" if size else "no-header"
        elif octets[8:10] == b"\0\0" and size >= 56:
            expected = "file-cut"
        assert [code for code in found if code != "field-control-differs"] == [
            expected
        ], size


def test_any_octet_changed_in_a_signed_file_is_noticed() -> None:
    facts = Facts(
        manufacturer="A1B3",
        model_identifier="0A02",
        firmware_version="24000100",
        image_hash=HASH,
        least_hardware="0101",
        most_hardware="0103",
    )
    for place in range(SIZE):
        octets = bytearray(GOOD)
        octets[place] ^= 0x55
        report = check(bytes(octets), Asked(ESME, facts, KEY))
        if 20 <= place < 52:  # only the header string is nobody's promise
            assert report.holds
        else:
            assert not report.holds, place


def test_a_zigbee_file_is_told_by_its_sub_elements() -> None:
    report = check(zigbee_file())

    assert report.file.format is Format.ZIGBEE
    assert report.findings == ()
    assert [e.tag for e in report.file.elements.elements] == [0, 3]
    assert report.reading is not None
    assert report.reading.image.digest == sha256(b"firmware" * 9).digest()


ODD: dict[str, tuple[bytes, list[str]]] = {
    "length that lies": (
        zigbee_file(an_element(0, b"x" * 70), an_element(1, b"", size=999)),
        ["sub-element-too-long"],
    ),
    "length that lies, with hardware versions": (
        zigbee_file(an_element(0, b"x" * 70, size=99), control=4),
        ["sub-element-too-long"],
    ),
    "only length that lies": (
        zigbee_file(an_element(0, b"x" * 70, size=1 << 31)),
        ["sub-element-too-long"],
    ),
    "octets left": (
        zigbee_file(an_element(0, b"x" * 70), b"rest"),
        ["sub-element-cut"],
    ),
    "private tag": (
        zigbee_file(an_element(0, b"x" * 70), an_element(0xF001, b"y")),
        ["sub-element-private"],
    ),
    "private tag with a longer header": (
        zigbee_file(an_element(0xF000, b"\1\2secret", size=6)),
        ["sub-element-private", "sub-element-longer-header"],
    ),
    "checksum behind": (zigbee_file() + b"\1\2\3\4", ["octets-behind"]),
    "fill and checksum behind": (
        zigbee_file() + b"\xff" * 40 + b"\1\2\3\4",
        ["octets-behind"],
    ),
    "container in front": (bytes(152) + zigbee_file(), ["container-in-front"]),
    "size in front": (
        pack("<I", len(zigbee_file())) + zigbee_file() + bytes(17),
        ["container-in-front", "octets-behind"],
    ),
    "unprintable header string": (
        replaced(zigbee_file(), 20, b"\xe9\x01"),
        ["header-string-unprintable"],
    ),
    "too many sub-elements": (
        zigbee_file(an_element(0, b"x") * 1001),
        ["sub-elements-too-many"],
    ),
    "cut": (zigbee_file()[:-10], ["file-cut"]),
}


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (zigbee_file() + b"\1", "the file has more: 1 octet;"),
        (zigbee_file() + b"\xff" + bytes(4), "more: 1 octet of FF and 4 more, perhaps"),
        (b"-" + zigbee_file(), "stands something else, 1 octet"),
        (b"x", "no such octets in 1 octet;"),
        (
            zigbee_file(an_element(0, b"x" * 70), b"r"),
            "Behind the last sub-element the file has 1 octet more, too few",
        ),
        (
            zigbee_file(an_element(0, b"x" * 70), an_element(1, b"", size=1)),
            "says that it has 1 octet, and the file 0 more;",
        ),
    ],
)
def test_one_octet_is_not_told_as_several(octets: bytes, said: str) -> None:
    assert said in " ".join(one.text for one in check(octets).findings)


@pytest.mark.parametrize("name", ODD)
def test_each_oddity_of_a_zigbee_file_is_named_and_survived(name: str) -> None:
    octets, expected = ODD[name]

    report = check(octets)

    assert codes(report) == expected
    assert report.file.format is Format.ZIGBEE
    assert report.reading is not None


def test_a_body_that_is_no_sub_element_is_read_as_a_gb_image() -> None:
    raw_body = a_header(50, control=0) + b"\x2a\x00\x01" + bytes(47)

    report = check(raw_body)

    assert report.file.format is Format.GBCS
    assert refusals(report) == ["field-control-differs"]


def test_a_gb_image_may_begin_like_a_sub_element() -> None:
    image = an_element(0, b"x" * 300, size=0x20001000)

    assert check(unsigned_file(image)).findings == ()
    assert check(signed_file(image), Asked(ESME)).findings == ()
    assert codes(check(signed_file(image))) == ["trailer-undecided"]
    short = an_element(0, b"x" * 300, size=1000)
    assert codes(check(signed_file(short))) == ["trailer-undecided"]


def test_a_gb_image_may_begin_with_noughts() -> None:
    report = check(unsigned_file(bytes(600) + IMAGE))

    assert report.file.format is Format.GBCS
    assert report.findings == ()


def test_an_ota_file_inside_an_ota_file_is_noted() -> None:
    report = check(unsigned_file(GOOD), Asked(CHF))

    assert codes(report) == ["ota-file-inside", "trailer-undecided"]


def test_an_image_too_large_for_a_hub_is_noted() -> None:
    report = check(unsigned_file(bytes(768_001)), Asked(PPMID))

    assert codes(report) == ["image-large"]
    assert report.holds


def test_the_reference_files_hold_one_image(reference: Path) -> None:
    meter = check((reference / "rtds-4.9.1-sr11.1-esme.ota").read_bytes(), Asked(ESME))
    display = check(
        (reference / "rtds-4.9.1-sr11.4-ppmid.ota").read_bytes(), Asked(PPMID)
    )

    for report, model in ((meter, "0000"), (display, "0084")):
        assert report.findings == ()
        assert report.header is not None
        assert report.reading is not None
        assert report.reading.image.digest.hex() == SAMPLE_HASH
        assert report.header.manufacturer == "121D"
        assert report.header.firmware_version == "ACDCACDC"
        assert report.header.model == f"{model}1111-{model}1211"
    assert meter.reading is not None
    assert display.reading is not None
    assert meter.reading.trailer is not None
    assert display.reading.trailer is None
