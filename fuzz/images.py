"""Fuzzes the readers of OTA files: ``python fuzz/images.py TARGET [options]``.

A target is given octets and may raise nothing but what it raises on purpose.  Its
corpus begins with files of our own making; ``TARGETS`` names them all, and the options
are libFuzzer's.
"""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

import otafiles as made
from firtree.devices import DeviceType
from firtree.images.elements import Fault, read_elements
from firtree.images.header import read_header, write_header
from firtree.images.signatures import raw_signature, read_verifier
from firtree.images.trailer import is_der, odd_trailer, trailer_at_end
from sound_reports import check_report

_KINDS = (None, DeviceType.ESME, DeviceType.PPMID, DeviceType.CHF)
_KEY = read_verifier(made.certificate_pem())


class Target(NamedTuple):
    """A reader that is fuzzed.

    Attributes:
        run: reads octets.
        seeds: gives good octets to begin with.
    """

    run: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]


def _file(octets: bytes) -> None:
    for kind in _KINDS:
        check_report(octets, kind)
    check_report(octets, None, _KEY)


def _header(octets: bytes) -> None:
    with suppress(ValueError):
        header = read_header(octets)
        if not octets.startswith(write_header(header)):
            raise AssertionError("a header is written as it was not read")


def _elements(octets: bytes) -> None:
    found = read_elements(octets, 0, len(octets))
    place = 0
    for element in found.elements:
        if element.offset != place or element.end > len(octets):
            raise AssertionError("sub-elements do not follow each other")
        place = element.end
    if found.offset != place or (found.fault is Fault.NONE) != (place == len(octets)):
        raise AssertionError("octets are left that no fault tells of")


def _trailer(octets: bytes) -> None:
    for reader in (trailer_at_end, odd_trailer):
        found = reader(octets, 0, len(octets))
        if found and not octets[found.offset + 2 :] == found.signature:
            raise AssertionError("a trailer does not end the file")


def _signature(octets: bytes) -> None:
    is_der(octets)
    with suppress(ValueError):
        _KEY.holds(bytes(32), raw_signature(octets))


def _certificate(octets: bytes) -> None:
    with suppress(ValueError):
        read_verifier(octets)


def _files() -> list[bytes]:
    return [
        *(made.signed_file(), made.unsigned_file(), made.zigbee_file()),
        b"NGIS" + bytes(8) + made.signed_file() + bytes(9),
        made.zigbee_file(made.an_element(0xF000, b"\1\2three", size=5)),
        made.a_header(9, control=7, parts=bytes(13)) + b"any octets",
    ]


def _signatures() -> list[bytes]:
    return [made.raw(made.IMAGE), made.der(made.IMAGE)]


TARGETS = {
    "file": Target(_file, _files),
    "header": Target(_header, _files),
    "elements": Target(_elements, lambda: [one[56:] for one in _files()]),
    "trailer": Target(_trailer, lambda: [made.a_trailer(one) for one in _signatures()]),
    "signature": Target(_signature, _signatures),
    "certificate": Target(
        _certificate, lambda: [made.certificate_pem(), made.public_pem()]
    ),
}


def main() -> None:
    """Fuzz the target that is named, until stopped or until something breaks."""
    atheris: Any = import_module("atheris")  # only fuzzing needs it
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    with TemporaryDirectory(prefix="firtree-fuzz-") as corpus:
        for number, seed in enumerate(target.seeds()):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.instrument_all()
        atheris.Setup([sys.argv[0], *options, corpus], target.run)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
