"""Canonical JSON: keys sorted, no blanks, UTF-8, whole numbers, no floats."""

from typing import Any, NoReturn

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:  # noqa: ANN401 - anything that JSON can carry
    """Write a value as canonical JSON.

    Keys are sorted by their UTF-8 octets; characters outside ASCII stand for
    themselves.  Fields of a struct that have their default are left out.
    """
    return _ENCODER.encode(value)


def not_canonical(octets: bytes) -> str:
    """Tell why octets are not canonical JSON, whatever they say; empty = they are.

    Of a key that stands twice, one program takes the first value and another the last,
    of the same octets under the same hash.  What is canonical reads in one way.
    """
    try:
        if _ENCODER.encode(_DECODER.decode(octets)) == octets:
            return ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"cannot be read: {error}"
    return "is not canonical JSON: a key twice, or not in order, or another spelling"


def _refuse_float(text: str) -> NoReturn:
    raise ValueError(f"{text} is no whole number")


_DECODER = msgspec.json.Decoder(float_hook=_refuse_float)
