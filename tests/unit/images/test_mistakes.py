"""The classic mistakes: each wrong hash and each wrong signature is named."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest

from firtree.devices import DeviceType
from firtree.images.checker import Asked, Report, check
from firtree.images.facts import Facts
from firtree.images.mistakes import MISTAKES
from firtree.images.signatures import read_verifier
from otafiles import (
    IMAGE,
    a_header,
    a_trailer,
    an_element,
    certificate_pem,
    raw,
    signed_file,
    unsigned_file,
    zigbee_file,
)

FILE = signed_file()
HEADER, REST = FILE[:60], FILE[60:]
DIGEST = sha256(IMAGE).digest()
KEY = read_verifier(certificate_pem())
# What was hashed in place of the image.
HASHED: dict[str, bytes] = {
    "whole-file": FILE,
    "image-and-trailer": REST,
    "header-and-image": HEADER + IMAGE,
    "image-and-flag": IMAGE + b"\x00\x40",
    "image-without-end": IMAGE[:-66],
    "image-as-hexadecimal": IMAGE.hex().encode(),
    "image-as-upper-hexadecimal": IMAGE.hex().upper().encode(),
    "image-as-base64": base64.b64encode(IMAGE),
    "file-as-base64": base64.b64encode(FILE),
    "hash-of-hash": DIGEST,
    "hash-of-hash-text": DIGEST.hex().encode(),
    "nothing": b"",
}
ELEMENTS = {"sub-element-body", "sub-element", "ota-file"}


def asked_for(digest: bytes, octets: bytes = FILE) -> Report:
    """Check a meter's file against a hash."""
    return check(octets, Asked(DeviceType.ESME, Facts(image_hash=digest.hex().upper())))


def test_every_mistake_has_a_case() -> None:
    assert HASHED.keys() | ELEMENTS == MISTAKES.keys()


@pytest.mark.parametrize("code", HASHED)
@pytest.mark.parametrize("is_reversed", [False, True])
def test_each_classic_mistake_in_hashing_is_named(
    code: str, *, is_reversed: bool
) -> None:
    digest = sha256(HASHED[code]).digest()

    report = asked_for(digest[::-1] if is_reversed else digest)

    assert not report.holds
    (compared,) = report.comparisons
    assert compared.mistake == code + "+octets-reversed" * is_reversed
    (found,) = report.findings
    assert found.code == "hash-differs"
    assert MISTAKES[code] in found.text
    assert ("octets reversed" in found.text) == is_reversed


def test_the_right_hash_with_its_octets_reversed_is_named() -> None:
    report = asked_for(DIGEST[::-1])

    assert report.comparisons[0].mistake == "octets-reversed"


@pytest.mark.parametrize("text", [DIGEST.hex(), DIGEST.hex().upper()])
def test_a_hash_may_be_in_upper_or_lower_case(text: str) -> None:
    report = check(FILE, Asked(DeviceType.ESME, Facts(image_hash=text)))

    assert report.holds
    assert report.comparisons[0].matches


def test_a_hash_of_something_else_is_no_named_mistake() -> None:
    report = asked_for(sha256(b"another image").digest())

    assert report.comparisons[0].mistake == ""
    assert report.findings[0].text.endswith(f"and is {DIGEST.hex()}.")


def test_a_hash_in_a_container_may_be_of_the_file_inside() -> None:
    report = asked_for(sha256(FILE).digest(), b"in front" + FILE + b"behind")

    assert report.comparisons[0].mistake == "ota-file"


def test_a_hash_over_the_data_of_a_sub_element_in_a_gb_image_is_named() -> None:
    body = an_element(0, IMAGE)
    octets = a_header(len(body)) + body

    report = check(octets, Asked(DeviceType.PPMID, Facts(image_hash=DIGEST.hex())))

    assert report.comparisons[0].mistake == "sub-element-body"
    assert [one.code for one in report.findings] == [
        *("sub-elements-in-gb-image", "hash-differs")
    ]


@pytest.mark.parametrize(
    ("hashed", "mistake"),
    [
        (b"image" * 20, ""),
        (b"other", "sub-element-body"),
        (an_element(0, b"image" * 20), "sub-element"),
    ],
)
def test_a_hash_over_the_wrong_part_of_a_zigbee_file_is_named(
    hashed: bytes, mistake: str
) -> None:
    octets = zigbee_file(an_element(0, b"image" * 20), an_element(1, b"other"))
    facts = Facts(image_hash=sha256(hashed).hexdigest())

    report = check(octets, Asked(facts=facts))

    assert report.comparisons[0].mistake == mistake
    assert report.holds == (mistake == "")


# What was signed in place of the image, and how the signature was written.
SIGNED: dict[str, bytes] = {
    "header-and-image": raw(HEADER + IMAGE),
    "image-and-flag": raw(IMAGE + b"\x00\x40"),
    "hash-of-hash": raw(DIGEST),
    "hash-of-hash-text": raw(DIGEST.hex().encode()),
    "r-and-s-swapped": raw(IMAGE)[32:] + raw(IMAGE)[:32],
    "octets-reversed": raw(IMAGE)[31::-1] + raw(IMAGE)[:31:-1],
}
TOLD = {
    "r-and-s-swapped": "over the image, with s before r",
    "octets-reversed": "over the image, with octets reversed",
}


@pytest.mark.parametrize("code", SIGNED)
def test_each_classic_mistake_in_signing_is_named(code: str) -> None:
    octets = HEADER + IMAGE + a_trailer(SIGNED[code])

    report = check(octets, Asked(DeviceType.ESME, key=KEY))

    assert report.verified is False
    assert not report.holds
    (found,) = report.findings
    assert found.code == "signature-differs"
    assert TOLD.get(code, MISTAKES.get(code, "")) in found.text


def test_a_signature_by_another_key_is_no_named_mistake() -> None:
    other = read_verifier(certificate_pem(2))

    report = check(FILE, Asked(DeviceType.ESME, key=other))

    assert report.findings[0].text == (
        "The signature in the trailer is not one by this certificate over the "
        "Manufacturer Image."
    )


def test_a_certificate_for_a_file_without_trailer_is_refused() -> None:
    report = check(unsigned_file(), Asked(key=KEY))

    assert [one.code for one in report.findings] == ["signature-missing"]
    assert report.verified is None
