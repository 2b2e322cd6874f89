"""Fuzzes the readers of DUIS: ``python fuzz/duis.py TARGET [libFuzzer's options]``.

A target is given octets and may raise nothing but what it raises on purpose.  Its
corpus begins with files of our own making; ``TARGETS`` names them all.
"""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

import duis_messages as made
from firtree.duis.counters import read_counters
from firtree.duis.device_lists import read_device_list
from firtree.duis.gbcs import read_report
from firtree.duis.requests import Sender, version_reading_octets
from firtree.duis.responses import read_response
from firtree.duis.signature import sign, verify
from firtree.errors import InvalidInputError, VerificationError

_KEY, _CERTIFICATE = made.key_and_certificate()


class Target(NamedTuple):
    """A reader that is fuzzed.

    Attributes:
        run: reads octets.
        seeds: gives good octets to begin with.
    """

    run: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]


def _response(octets: bytes) -> None:
    """Read a response whole and in pieces: both say the same."""
    whole: object = None
    with suppress(InvalidInputError):
        whole = list(read_response([octets]))
    pieces: object = None
    with suppress(InvalidInputError):
        pieces = list(
            read_response(octets[n : n + 7] for n in range(0, len(octets), 7))
        )
    if whole != pieces:
        raise AssertionError("pieces make a difference")


def _message(octets: bytes) -> None:
    with suppress(ValueError):
        read_report(octets)


def _signature(octets: bytes) -> None:
    with suppress(InvalidInputError, VerificationError):
        verify(octets, _CERTIFICATE)


def _device_list(octets: bytes) -> None:
    with suppress(InvalidInputError):
        read_device_list(octets.splitlines())


def _counters(octets: bytes) -> None:
    with suppress(ValueError):
        read_counters(octets)


def _responses() -> list[bytes]:
    messages = [
        made.answer(made.payload(one), "11.3") for one in made.MESSAGES.values()
    ]
    return [*messages, made.inventory(2), made.answer("", "11.2", code="E65")]


def _signed() -> list[bytes]:
    request = version_reading_octets(Sender(made.USER, 1), made.METER)
    return [sign(request, _KEY, _CERTIFICATE)]


TARGETS = {
    "response": Target(_response, _responses),
    "message": Target(_message, made.MESSAGES.values),
    "signature": Target(_signature, _signed),
    "device-list": Target(_device_list, lambda: [made.METER.encode() + b"\n"]),
    "counters": Target(
        _counters, lambda: [b'{"format":1,"next":{"%b":1}}' % made.USER.encode()]
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
