"""XML signatures: one form is made and accepted, and nothing else."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from duis_messages import IMAGE_HASH, METER, OTHER_METER, SR, USER, key_and_certificate
from firtree.duis.requests import Sender, activation_octets
from firtree.duis.signature import public_key, sign, verify
from firtree.duis.xml import read_tree
from firtree.errors import InvalidInputError, VerificationError

IMAGE_OCTETS_MOST = 10_240_000  # FirmwareImage, DUIS 5.4
DS = "http://www.w3.org/2000/09/xmldsig#"
KEY, CERTIFICATE = key_and_certificate()
REQUEST = activation_octets(Sender(USER, 41), METER, image_hash=IMAGE_HASH)
SIGNED = sign(REQUEST, KEY, CERTIFICATE)
SIGNATURE = SIGNED[SIGNED.index(b"<ds:Signature ") : SIGNED.index(b"</sr:Request>")]


def test_what_is_signed_verifies() -> None:
    verify(SIGNED, CERTIFICATE)


def test_the_largest_request_is_signed_and_verified() -> None:
    image = base64.b64encode(bytes(IMAGE_OCTETS_MOST))
    devices = ",".join([METER] * 50_000).encode()
    body = b"<sr:Body><a>%b</a><b>%b</b></sr:Body>" % (image, devices)
    request = b'<sr:Request xmlns:sr="%b">%b</sr:Request>' % (SR.encode(), body)

    signed = sign(request, KEY, CERTIFICATE)

    verify(signed, CERTIFICATE)
    with pytest.raises(VerificationError):
        verify(signed.replace(b"<a>A", b"<a>B"), CERTIFICATE)


def test_tags_within_tags_without_end_are_refused() -> None:
    deep = b"<a>" * 50_000 + b"</a>" * 49_999

    with pytest.raises(InvalidInputError):
        read_tree(deep)


def test_the_digest_is_of_the_inclusive_and_the_signature_of_the_exclusive_form() -> (
    None
):
    # Worked out step by step here, not with the code under test.
    root = etree.fromstring(SIGNED)
    (signature,) = root.findall(f"{{{DS}}}Signature")
    info = signature.find(f"{{{DS}}}SignedInfo")
    signed_info = etree.tostring(info, method="c14n", exclusive=True)
    value = base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue"))
    assert len(value) == 64
    r, s = int.from_bytes(value[:32]), int.from_bytes(value[32:])

    KEY.public_key().verify(encode_dss_signature(r, s), signed_info, ec.ECDSA(SHA256()))
    assert b'xmlns:sr="' not in signed_info  # which the inclusive form would have


def test_line_breaks_in_the_values_do_no_harm() -> None:
    value = etree.fromstring(SIGNED).findtext(f".//{{{DS}}}SignatureValue")
    broken = SIGNED.replace(value.encode(), f"{value[:40]}&#13;\n{value[40:]}".encode())

    verify(broken, CERTIFICATE)


def test_what_the_canonical_form_leaves_out_may_change() -> None:
    verify(SIGNED.replace(b"<sr:Body>", b"<sr:Body ><!-- a note -->"), CERTIFICATE)


def test_a_signature_may_stand_between_blanks_that_are_signed() -> None:
    moved = SIGNED.replace(SIGNATURE, SIGNATURE + b"\n")

    with pytest.raises(VerificationError, match="changed after it was signed"):
        verify(moved, CERTIFICATE)


def test_a_signature_may_stand_in_the_middle_of_a_text() -> None:
    request = f'<sr:Request xmlns:sr="{SR}">text</sr:Request>'.encode()
    signed = sign(request, KEY, CERTIFICATE)
    signature = signed[signed.index(b"<ds:Signature ") : signed.index(b"</sr:Request>")]

    moved = signed.replace(signature, b"").replace(b"text", b"tex" + signature + b"t")
    verify(moved, CERTIFICATE)
    with pytest.raises(VerificationError, match="changed after it was signed"):
        verify(moved.replace(b"Signature>t", b"Signature>T"), CERTIFICATE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (METER, OTHER_METER),
        (IMAGE_HASH, IMAGE_HASH[::-1]),
        ("<sr:Body>", "<sr:Body> "),
        ('schemaVersion="5.4"', 'schemaVersion="5.3"'),
        ('schemaVersion="5.4"', 'schemaVersion="5.4" more=""'),
        ("xmlns:sr=", 'xmlns:x="urn:x" xmlns:sr='),
    ],
)
def test_a_message_that_was_changed_is_refused(old: str, new: str) -> None:
    changed = SIGNED.replace(old.encode(), new.encode(), 1)
    assert changed != SIGNED

    with pytest.raises(VerificationError, match="changed after it was signed"):
        verify(changed, CERTIFICATE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("xml-exc-c14n#", "xml-exc-c14n#WithComments"),
        ("xmldsig-more#ecdsa-sha256", "xmldsig-more#rsa-sha256"),
        ("xmlenc#sha256", "xmldsig#sha1"),
        ("#enveloped-signature", "#base64"),
        ('URI=""', 'URI="#x"'),
        ('URI=""', 'URI="" Id="x"'),
        ("<ds:Reference ", '<ds:Reference URI=""/><ds:Reference '),
        ("<ds:Transforms>", "<ds:Transforms><ds:Transform/>"),
        ("<ds:SignedInfo>", '<ds:SignedInfo Id="x">'),
        ("<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>x</ds:KeyName>"),
        ("</ds:KeyInfo>", "</ds:KeyInfo><ds:Object/>"),
        ("<ds:DigestValue>", "<ds:DigestValue>!"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
    ],
)
def test_another_form_of_signature_is_refused(old: str, new: str) -> None:
    changed = SIGNED.replace(old.encode(), new.encode(), 1)
    assert changed != SIGNED

    with pytest.raises(VerificationError, match="not in DCC's form"):
        verify(changed, CERTIFICATE)


def test_a_message_without_a_signature_is_refused() -> None:
    with pytest.raises(VerificationError, match="expected one signature, found none"):
        verify(REQUEST, CERTIFICATE)


def test_a_second_signature_is_refused() -> None:
    with pytest.raises(VerificationError, match="expected one signature, found 2"):
        verify(SIGNED.replace(SIGNATURE, SIGNATURE * 2), CERTIFICATE)


def test_a_signed_message_wrapped_in_another_is_refused() -> None:
    inside = SIGNED.partition(b"?>")[2]
    outside = REQUEST.partition(b"?>")[2].replace(METER.encode(), OTHER_METER.encode())
    deeper = outside.replace(b"<sr:Body>", b"<sr:Body>" + inside.strip())
    beside = b"<x>" + inside + outside + b"</x>"
    moved = outside.replace(
        b"</sr:Request>",
        b"<sr:Old>"
        + inside.replace(SIGNATURE, b"")
        + b"</sr:Old>"
        + SIGNATURE
        + b"</sr:Request>",
    )

    for wrapped in (deeper, beside):
        with pytest.raises(VerificationError, match="found it deeper"):
            verify(wrapped, CERTIFICATE)
    with pytest.raises(VerificationError, match="changed after it was signed"):
        verify(moved, CERTIFICATE)


def test_another_key_with_the_same_name_is_refused() -> None:
    _, other = key_and_certificate()

    with pytest.raises(VerificationError, match="not made with the key"):
        verify(SIGNED, other)


def test_the_certificate_that_the_message_names_must_be_given() -> None:
    _, number = key_and_certificate(4712)
    _, issuer = key_and_certificate(issuer="CN=I2,OU=07")

    with pytest.raises(VerificationError, match="names certificate '4711'"):
        verify(SIGNED, number)
    with pytest.raises(VerificationError, match="names the issuer 'CN=I1,OU=07'"):
        verify(SIGNED, issuer)


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        (b"", "expected well-formed XML"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + SIGNED, "found a DOCTYPE"),
        (b"<x/>" * 200_000, "expected at most 100000 tags"),
        (b" " * (16 << 20) + b"<x/>", "at most 16 MB"),
        (SIGNED.replace(b"<sr:Body>", b"<sr:Body><?x y?>"), "processing instructions"),
        (SIGNED + b"<?x y?>", "processing instructions"),
        (SIGNED.replace(b"xmlns:sr", b'xmlns:x="x" xmlns:sr'), "found a relative one"),
    ],
)
def test_what_is_not_plain_xml_is_refused_before_it_is_verified(
    octets: bytes, complaint: str
) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        verify(octets, CERTIFICATE)


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        (SIGNED, "has a signature already"),
        (REQUEST.replace(b"Request", b"Response"), "expected the element Request"),
        (REQUEST.replace(SR.encode(), b"urn:x"), "expected the element Request"),
        (REQUEST.replace(b"<sr:Body>", b"<sr:Body><?x y?>"), "processing instructions"),
    ],
)
def test_only_an_unsigned_request_is_signed(octets: bytes, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        sign(octets, KEY, CERTIFICATE)


@pytest.mark.parametrize(
    ("part", "bent"),
    [
        # An unknown curve, a point that is not on the curve, another kind of key.
        (bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d03017f")),
        (bytes.fromhex("03420004"), bytes.fromhex("03420005")),
        (bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d0209")),
    ],
)
def test_a_certificate_whose_key_cannot_be_read_is_refused(
    part: bytes, bent: bytes
) -> None:
    key, certificate = key_and_certificate()
    octets = certificate.public_bytes(Encoding.DER).replace(part, bent, 1)
    odd = x509.load_der_x509_certificate(octets)

    with pytest.raises(InvalidInputError, match="of the curve P-256"):
        public_key(odd)
    with pytest.raises(InvalidInputError, match="of the curve P-256"):
        sign(REQUEST, key, odd)


def test_a_key_and_another_certificate_are_refused() -> None:
    other, _ = key_and_certificate()

    with pytest.raises(InvalidInputError, match="do not belong together"):
        sign(REQUEST, other, CERTIFICATE)
