"""Lists of devices: one EUI-64 a line, every wrong line named."""

from collections.abc import Iterable

from firtree.errors import InvalidInputError, Problem
from firtree.text import eui64, shown

MOST_OCTETS = 64 << 20
MOST_LISTED = 1_000_000
_MOST_LINE = 200
_PROBLEMS_KEPT = 1000
_BLANKS = " \t\r\n"


def read_device_list(lines: Iterable[bytes]) -> list[str]:
    """Read EUI-64s in any case, with or without dashes, in the order of the file.

    Empty lines, and those that begin with ``#``, are passed over.

    Args:
        lines: of the file, with or without their ends.

    Raises:
        InvalidInputError: lines are wrong, a device stands twice, or there is none;
            its problems name the lines, the first 1,000 of them.
    """
    found: dict[str, int] = {}
    problems: list[Problem] = []
    wrong = 0
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901 - a mark, no text
        text = line[:_MOST_LINE].decode(errors="replace").strip(_BLANKS)
        if not text or text.startswith("#"):
            continue
        complaint = _taken(text, number, found)
        if complaint is not None:
            wrong += 1
            if len(problems) < _PROBLEMS_KEPT:
                problems.append(complaint)
        if len(found) > MOST_LISTED:
            raise InvalidInputError(f"expected at most {MOST_LISTED} devices")
    if wrong:
        raise InvalidInputError(
            f"{wrong} of the lines cannot be used; nothing was written",
            hint="one EUI-64 a line, such as 00-DB-12-34-56-78-90-A0, each once",
            problems=tuple(problems),
        )
    if not found:
        raise InvalidInputError(
            "expected a list of devices, found none",
            hint="one EUI-64 a line, such as 00-DB-12-34-56-78-90-A0",
        )
    return list(found)


def _taken(text: str, number: int, found: dict[str, int]) -> Problem | None:
    """Note the device of a line; say what is wrong with it."""
    where = f"line {number}"
    try:
        device = eui64(text)
    except ValueError as error:
        return Problem(where, "line", f"an EUI-64 of {error}", shown(text))
    first = found.setdefault(device, number)
    if first == number:
        return None
    return Problem(where, "line", "each device once", f"{device} as in line {first}")
