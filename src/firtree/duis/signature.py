"""XML signatures of DUIS messages, in the one form that DCC makes.

One ``ds:Signature``, a child of the document element.  Its one Reference names the
whole document without the signature: SHA-256 of the *inclusive* canonical form.  The
signature itself is ECDSA over P-256 with SHA-256, r and s of 32 octets each, of the
*exclusive* canonical form of SignedInfo.  The certificate is named by issuer and
serial number and has to be given.

Everything else is refused: another algorithm, a second signature or reference, a
transform, an element or attribute too many.  What is signed is therefore always the
whole document that was read, and nothing can be wrapped around it.
"""

import base64
import binascii
from contextlib import suppress
from hashlib import sha256
from hmac import compare_digest

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from firtree.duis.names import DS, SR
from firtree.duis.xml import read_tree
from firtree.errors import InvalidInputError, VerificationError
from firtree.text import shown

_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_SIGNATURE = f"{{{DS}}}Signature"
_HALF = 32

# Each element of a signature by its path: its children in order, and its attributes.
_FORM: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "Signature": (("SignedInfo", "SignatureValue", "KeyInfo"), {}),
    "Signature/SignedInfo": (
        ("CanonicalizationMethod", "SignatureMethod", "Reference"),
        {},
    ),
    "Signature/SignedInfo/CanonicalizationMethod": ((), {"Algorithm": _C14N}),
    "Signature/SignedInfo/SignatureMethod": ((), {"Algorithm": _ECDSA}),
    "Signature/SignedInfo/Reference": (
        ("Transforms", "DigestMethod", "DigestValue"),
        {"URI": ""},
    ),
    "Signature/SignedInfo/Reference/Transforms": (("Transform",), {}),
    "Signature/SignedInfo/Reference/Transforms/Transform": (
        (),
        {"Algorithm": _ENVELOPED},
    ),
    "Signature/SignedInfo/Reference/DigestMethod": ((), {"Algorithm": _SHA256}),
    "Signature/SignedInfo/Reference/DigestValue": ((), {}),
    "Signature/SignatureValue": ((), {}),
    "Signature/KeyInfo": (("X509Data",), {}),
    "Signature/KeyInfo/X509Data": (("X509IssuerSerial",), {}),
    "Signature/KeyInfo/X509Data/X509IssuerSerial": (
        ("X509IssuerName", "X509SerialNumber"),
        {},
    ),
    "Signature/KeyInfo/X509Data/X509IssuerSerial/X509IssuerName": ((), {}),
    "Signature/KeyInfo/X509Data/X509IssuerSerial/X509SerialNumber": ((), {}),
}
_SIGNED_INFO = "Signature/SignedInfo"
_DIGEST = f"{_SIGNED_INFO}/Reference/DigestValue"
_VALUE = "Signature/SignatureValue"
_ISSUER = "Signature/KeyInfo/X509Data/X509IssuerSerial/X509IssuerName"
_SERIAL = "Signature/KeyInfo/X509Data/X509IssuerSerial/X509SerialNumber"


def verify(octets: bytes, certificate: x509.Certificate) -> None:
    """Check that a message is signed, whole, with a certificate's key.

    Whether the certificate itself is to be trusted, or has run out, is not looked at:
    whoever gives it says so.

    Raises:
        InvalidInputError: it is no XML of bounded size, or the certificate's key is
            not of P-256.
        VerificationError: it is not signed in DCC's form, or not by that key.
    """
    key = public_key(certificate)
    root = read_tree(octets)
    signature = _only_signature(root)
    found = _in_form(signature)
    _check_named(found, certificate)
    signed_info = _canonical(found[_SIGNED_INFO], exclusive=True)
    digest = _base64(found[_DIGEST], "DigestValue", 32)
    value = _base64(found[_VALUE], "SignatureValue", 2 * _HALF)
    _take_out(signature)
    if not compare_digest(digest, _digest(root)):
        raise VerificationError(
            "the message was changed after it was signed: its digest differs",
            hint="do not use it; ask for it again",
        )
    r, s = int.from_bytes(value[:_HALF]), int.from_bytes(value[_HALF:])
    try:
        key.verify(encode_dss_signature(r, s), signed_info, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise VerificationError(
            "the signature was not made with the key of this certificate",
            hint="do not use the message; check that it is the right certificate",
        ) from None


def sign(
    octets: bytes, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate
) -> bytes:
    """Sign a Service Request; what comes back passes :func:`verify`.

    Raises:
        InvalidInputError: it is no request, is signed already, or the key is not the
            certificate's.
    """
    if public_key(certificate) != key.public_key():
        raise InvalidInputError(
            "the key and the certificate do not belong together",
            hint="name the certificate that was issued for this key",
        )
    root = read_tree(octets)
    _check_request(root)
    signature, found = _new_signature(certificate, _digest(root))
    root.append(signature)
    signed_info = _canonical(found[_SIGNED_INFO], exclusive=True)
    r, s = decode_dss_signature(key.sign(signed_info, ec.ECDSA(SHA256())))
    found[_VALUE].text = base64.b64encode(
        r.to_bytes(_HALF) + s.to_bytes(_HALF)
    ).decode()
    signed: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    verify(signed, certificate)
    return signed


def public_key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    """Give the P-256 key of a certificate.

    Raises:
        InvalidInputError: its key is of another kind, or none.
    """
    key: object = None
    with suppress(ValueError, UnsupportedAlgorithm):
        key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(
        key.curve, ec.SECP256R1
    ):
        raise InvalidInputError("expected a certificate with a key of the curve P-256")
    return key


def _check_request(root: "etree._Element") -> None:
    if root.tag != f"{{{SR}}}Request":
        raise InvalidInputError(
            f"expected the element Request of {SR}, found {shown(str(root.tag))}"
        )
    _check_plain(root)
    if next(root.iter(_SIGNATURE), None) is not None:
        raise InvalidInputError(
            "the request has a signature already",
            hint="sign the request as it was written",
        )


def _check_plain(root: "etree._Element") -> None:
    """Refuse processing instructions: they are signed, and nobody reads them."""
    tree = root.getroottree()
    outside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    inside = root.iter(etree.ProcessingInstruction)
    if outside or next(inside, None) is not None or tree.docinfo.doctype:
        raise InvalidInputError("expected no processing instructions, found one")


def _only_signature(root: "etree._Element") -> "etree._Element":
    _check_plain(root)
    signatures = list(root.iter(_SIGNATURE))
    if len(signatures) != 1:
        raise VerificationError(
            f"expected one signature, found {len(signatures) or 'none'}",
            hint="do not use the message",
        )
    if signatures[0].getparent() is not root:
        raise VerificationError(
            "expected the signature in the document element, found it deeper",
            hint="do not use the message: it may be wrapped in another",
        )
    return signatures[0]


def _in_form(signature: "etree._Element") -> dict[str, "etree._Element"]:
    """Check every element of a signature; give them by their paths."""
    found: dict[str, etree._Element] = {}
    waiting = [("Signature", signature)]
    while waiting:
        path, element = waiting.pop()
        names, attributes = _FORM[path]
        tags = [child.tag for child in element]
        if tags != [f"{{{DS}}}{name}" for name in names]:
            listed = ", ".join(names) or "no elements"
            raise _odd(path, listed, ", ".join(map(str, tags)) or "no elements")
        if dict(element.attrib) != attributes:
            raise _odd(path, str(attributes), str(dict(element.attrib)))
        found[path] = element
        waiting += [
            (f"{path}/{name}", child)
            for name, child in zip(names, element, strict=True)
        ]
    return found


def _odd(path: str, expected: str, found: str) -> VerificationError:
    return VerificationError(
        f"the signature is not in DCC's form: {path}: expected {expected}, "
        f"found {shown(found)}",
        hint="do not use the message",
    )


def _check_named(
    found: dict[str, "etree._Element"], certificate: x509.Certificate
) -> None:
    serial = (found[_SERIAL].text or "").strip()
    if serial != str(certificate.serial_number):
        raise VerificationError(
            f"the message names certificate {shown(serial)}, "
            f"and the one given is {certificate.serial_number}",
            hint="give the certificate that the message names",
        )
    issuer = (found[_ISSUER].text or "").strip()
    if not _same_name(issuer, certificate.issuer):
        raise VerificationError(
            f"the message names the issuer {shown(issuer)}, and that of the "
            f"certificate given is {shown(certificate.issuer.rfc4514_string())}",
            hint="give the certificate that the message names",
        )


def _same_name(text: str, name: x509.Name) -> bool:
    try:
        read = x509.Name.from_rfc4514_string(text)
    except ValueError:
        return False
    return read == name or text.replace(", ", ",") == name.rfc4514_string()


def _base64(element: "etree._Element", what: str, count: int) -> bytes:
    text = "".join((element.text or "").split())
    try:
        octets = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        octets = b""
    if len(octets) != count:
        raise _odd(what, f"{count} octets in base64", text)
    return octets


def _take_out(signature: "etree._Element") -> None:
    """Remove a signature; the text behind it stays, for it is signed."""
    parent = signature.getparent()
    before = signature.getprevious()
    tail = signature.tail or ""
    parent.remove(signature)
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail


def _digest(root: "etree._Element") -> bytes:
    return sha256(_canonical(root, exclusive=False)).digest()


def _canonical(element: "etree._Element", *, exclusive: bool) -> bytes:
    """Give the canonical form of an element (C14N 1.0), without comments."""
    try:
        octets: bytes = etree.tostring(
            element, method="c14n", exclusive=exclusive, with_comments=False
        )
    except etree.C14NError:  # there is none where a namespace is a relative name
        raise InvalidInputError(
            "expected namespaces that are whole URIs, found a relative one"
        ) from None
    return octets


def _new_signature(
    certificate: x509.Certificate, digest: bytes
) -> tuple["etree._Element", dict[str, "etree._Element"]]:
    """Make a signature in DCC's form, its value still empty."""
    made: dict[str, etree._Element] = {}
    for path, (_, attributes) in sorted(_FORM.items(), key=_depth):
        parent, _, name = path.rpartition("/")
        tag = f"{{{DS}}}{name}"
        if parent:
            made[path] = etree.SubElement(made[parent], tag, attributes)
        else:
            made[path] = etree.Element(tag, attributes, nsmap={"ds": DS})
    made[_DIGEST].text = base64.b64encode(digest).decode()
    made[_ISSUER].text = certificate.issuer.rfc4514_string()
    made[_SERIAL].text = str(certificate.serial_number)
    return made["Signature"], made


def _depth(item: tuple[str, object]) -> int:
    return item[0].count("/")
