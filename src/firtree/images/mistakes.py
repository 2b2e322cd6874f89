"""The classic mistakes in hashing and signing an image, and which one was made.

A hash or a signature over the wrong octets is still over *some* octets of the same
file, so the likely ones are tried, and the mistake is named.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import NamedTuple

from firtree.images.findings import Format
from firtree.images.octets import hash_of
from firtree.images.reading import OTAFile
from firtree.images.trailer import TRAILER_OCTETS

# What is said of each; the page lists them.
MISTAKES = {
    "whole-file": "the whole file",
    "ota-file": "the OTA file, header and all",
    "image-and-trailer": "image and trailer",
    "header-and-image": "header and image",
    "image-and-flag": "the image and the flag and length octets",
    "image-without-end": "the image without its last 66 octets, which are no trailer",
    "sub-element-body": "the data of a ZigBee sub-element",
    "sub-element": "a ZigBee sub-element with its tag and length",
    "image-as-hexadecimal": "the image written as lower-case hexadecimal text",
    "image-as-upper-hexadecimal": "the image written as upper-case hexadecimal text",
    "image-as-base64": "the image written as base64 text",
    "file-as-base64": "the whole file written as base64 text",
    "hash-of-hash": "the hash and not the image",
    "hash-of-hash-text": "the text of the hash and not the image",
    "nothing": "an empty file",
}
REVERSED = "octets-reversed"
SWAPPED = "r-and-s-swapped"


class Mistake(NamedTuple):
    """A mistake that explains what was found.

    Attributes:
        code: one of ``MISTAKES``, or ``octets-reversed``, or both joined by a plus.
        text: in words.
    """

    code: str
    text: str


def hash_mistake(
    file: OTAFile, image: tuple[int, int], expected: bytes
) -> Mistake | None:
    """Name how an expected hash may have come about, if it is not the image's.

    Args:
        file: taken apart.
        image: where the Manufacturer Image begins and ends.
        expected: 32 octets.

    Cost: each of a dozen spans of the file is hashed once.
    """
    right = hash_of(file.octets, *image).digest()
    if expected == right[::-1]:
        return Mistake(REVERSED, "the right hash with its octets reversed")
    for code, digest in _digests(file, image, right):
        if digest == expected:
            return Mistake(code, f"the hash of {MISTAKES[code]}")
        if digest == expected[::-1]:
            text = f"the hash of {MISTAKES[code]}, with its octets reversed"
            return Mistake(f"{code}+{REVERSED}", text)
    return None


def signature_mistake(
    file: OTAFile,
    image: tuple[int, int],
    signature: bytes,
    holds: Callable[[bytes, bytes], bool],
) -> Mistake | None:
    """Name what a signature is over, or how it is written, if it does not verify.

    Args:
        file: taken apart.
        image: where the Manufacturer Image begins and ends.
        signature: 64 octets.
        holds: tells whether a signature is the key's over a digest.
    """
    right = hash_of(file.octets, *image).digest()
    r, s = signature[:32], signature[32:]
    forms = {
        "": signature,
        REVERSED: r[::-1] + s[::-1],
        SWAPPED: s + r,
    }
    digests = [("", right), *_digests(file, image, right)]
    for form, written in forms.items():
        for code, digest in digests:
            if holds(digest, written):
                return _signed_wrongly(code, form)
    return None


def _signed_wrongly(code: str, form: str) -> Mistake:
    over = f"over {MISTAKES[code]}" if code else "over the image"
    how = {"": "", REVERSED: ", with octets reversed", SWAPPED: ", with s before r"}
    return Mistake("+".join(filter(None, (code, form))), over + how[form])


def _digests(
    file: OTAFile, image: tuple[int, int], right: bytes
) -> Iterator[tuple[str, bytes]]:
    for code, start, end in _spans(file, image):
        if (start, end) != image:
            yield code, hash_of(file.octets, start, end).digest()
    yield "hash-of-hash", sha256(right).digest()
    yield "hash-of-hash-text", sha256(right.hex().encode()).digest()
    yield "hash-of-hash-text", sha256(right.hex().upper().encode()).digest()
    yield "nothing", sha256().digest()
    octets = file.octets[slice(*image)]
    text = binascii.hexlify(octets)
    yield "image-as-hexadecimal", sha256(text).digest()
    yield "image-as-upper-hexadecimal", sha256(text.upper()).digest()
    yield "image-as-base64", sha256(base64.b64encode(octets)).digest()
    yield "file-as-base64", sha256(base64.b64encode(file.octets[:])).digest()


def _spans(file: OTAFile, image: tuple[int, int]) -> Iterator[tuple[str, int, int]]:
    start, end = image
    yield "whole-file", 0, len(file.octets)
    if file.header is None:
        return
    first = file.header.offset
    yield "ota-file", first, file.end
    yield "image-and-trailer", start, file.end
    yield "header-and-image", first, end
    if end + 2 <= file.end:
        yield "image-and-flag", start, end + 2
        yield "image-and-flag", start, end + 1
    if end - start > TRAILER_OCTETS:
        yield "image-without-end", start, end - TRAILER_OCTETS
    for element in file.elements.elements:
        yield "sub-element-body", element.data_offset, element.end
        yield "sub-element", element.offset, element.end
    if file.format is Format.ZIGBEE:
        yield "image-and-trailer", file.start, file.end
