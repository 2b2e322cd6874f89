"""Canonical JSON: keys sorted, no blanks, UTF-8, whole numbers, no floats."""

from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:  # noqa: ANN401 - anything that JSON can carry
    """Write a value as canonical JSON.

    Keys are sorted by their UTF-8 octets; characters outside ASCII stand for
    themselves.  Fields of a struct that have their default are left out.
    """
    return _ENCODER.encode(value)
