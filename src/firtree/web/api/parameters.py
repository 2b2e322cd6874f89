"""What the API's handlers share: how parameters are declared and read."""

import base64
from typing import Annotated, Any

from litestar.openapi.spec import Example
from litestar.params import Parameter

from firtree.catalogue.entry import Status
from firtree.devices import DeviceType
from firtree.errors import InvalidInputError, Problem
from firtree.text import shown

LIMIT_MOST = 1000
_TEXT_MOST = 200

At = Annotated[
    str | None,
    Parameter(
        description="State as recorded then: a date, a moment or a log size.",
        max_length=40,
    ),
]
EffectiveAt = Annotated[
    str | None,
    Parameter(
        description="Statuses as in force on this day, by the entries' own dates.",
        max_length=40,
    ),
]
WithProof = Annotated[
    int,
    Parameter(
        ge=0,
        le=1,
        description="1: with the state proof of the answer (docs/formats/proof.md).",
    ),
]
Cursor = Annotated[
    str | None,
    Parameter(description="The next_cursor of an earlier page.", max_length=400),
]
Short = Annotated[str | None, Parameter(max_length=_TEXT_MOST)]


def required(description: str, example: str, most: int = 40) -> Any:  # noqa: ANN401
    """Declare a parameter that must be there."""
    return Parameter(
        description=description,
        min_length=1,
        max_length=most,
        examples=[Example(value=example)],
    )


def device_type_of(text: str | None) -> DeviceType | None:
    """Read a device type; None where it is empty.

    Raises:
        InvalidInputError: there is no such type.
    """
    if not text:
        return None
    try:
        return DeviceType.parse(text)
    except ValueError as error:
        raise invalid("device_type", str(error), text) from None


def invalid(name: str, expected: str, found: str) -> InvalidInputError:
    """Make the error of a parameter that cannot be read."""
    problem = Problem(name, name, expected, shown(found))
    return InvalidInputError(str(problem), problems=(problem,))


def status_of(text: str | None) -> str:
    """Read a status in any case; empty where none is given.

    Raises:
        InvalidInputError: there is no such status.
    """
    if not text:
        return ""
    words = {status.value.casefold(): status.value for status in Status}
    found = words.get(text.strip().casefold())
    if found is None:
        raise invalid("status", f"one of {', '.join(Status)}", text)
    return found


def cursor_of(text: str | None) -> int:
    """Read the cursor of an earlier answer; 0 where none is given.

    Raises:
        InvalidInputError: no such answer gave it.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise invalid("cursor", "a next_cursor of an earlier answer", text)
    return int(text)


def cursor_for(*parts: str) -> str:
    """Write a key as a cursor."""
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode().rstrip("=")


def cursor_parts(text: str | None, count: int) -> tuple[str, ...]:
    """Read the cursor of an earlier answer; empty texts where none is given.

    Raises:
        InvalidInputError: no such answer gave it.
    """
    if not text:
        return ("",) * count
    padded = text + "=" * (-len(text) % 4)
    try:
        octets = base64.b64decode(padded, altchars=b"-_", validate=True)
        parts = tuple(octets.decode().split("\n"))
    except ValueError:
        parts = ()
    if len(parts) != count or "\x00" in "".join(parts):
        raise invalid("cursor", "a next_cursor of an earlier answer", text)
    return parts
