"""Rows as CSV, in pieces: memory does not grow with their number.

The octets are a function of the rows alone.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from firtree.exchange.formulas import harmless
from firtree.exchange.rows import Value, text_of

_ROWS = 500


def csv_octets(
    names: Sequence[str], rows: Iterable[Sequence[Value]]
) -> Iterator[bytes]:
    """Yield a CSV table in UTF-8 (RFC 4180); no cell of it runs as a formula.

    Args:
        names: of the columns.
        rows: what each column says.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(text_of(value)) for value in row])
        if number % _ROWS == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    octets = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return octets
