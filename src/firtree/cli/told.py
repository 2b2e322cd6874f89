"""What changed, in lines for people."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from firtree.catalogue.differences import Difference
from firtree.statements.types.form import Kind
from firtree.text import in_london

_TEXT_MOST = 300


def kind_words(kind: Kind) -> str:
    """Say what happened: ``added``, ``changed``, ``removed`` …."""
    return kind.value.partition("-")[2]


def moment_words(at: datetime) -> str:
    """Write a moment as a clock in London shows it."""
    return f"{in_london(at):%Y-%m-%d %H:%M}"


def difference_lines(found: Iterable[Difference]) -> Iterator[str]:
    """Write fields before and after, one to a line."""
    for one in found:
        yield f"    {one.label}: {_value(one.before)} → {_value(one.after)}"


def _value(text: str) -> str:
    """Write a value on one line; what is long is cut, and --json has all of it."""
    line = " ".join(text.split())
    return f"{line[:_TEXT_MOST]}…" if len(line) > _TEXT_MOST else line or "(nothing)"
