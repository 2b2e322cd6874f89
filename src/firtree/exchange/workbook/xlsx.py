"""Look through the sheets of an xlsx workbook without reading them as XML.

Regular expressions over the octets find what is rare and matters: cells far out,
formulas, errors.  A sheet of ten million octets takes a tenth of a second.
"""

import posixpath
import re
from collections.abc import Iterator

from firtree.errors import InvalidInputError
from firtree.exchange.workbook.container import Container
from firtree.exchange.workbook.marks import TRUTHS, Marks, beyond, check_reach
from firtree.exchange.workbook.markup import check_no_entities, parse
from firtree.text import shown

_ROW_OCTETS = 16 << 20
_ARRAY_CELLS = 100_000
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_HINT = "save it as an Excel workbook (.xlsx) and try again"

# Columns from SG and lines from 1000000 on: beyond MOST_COLUMNS and MOST_LINES.  An
# empty cell, which only has a format, does no harm.
_FAR = rb"(?:[A-Z]{3,}|S[G-Z]|[T-Z][A-Z])[0-9]+|[A-Z]{1,3}0*[1-9][0-9]{6,}"
_FILLED = rb"[^<>]*(?<!/)>(?!</)"
_FAR_OUT = re.compile(rb' r="(' + _FAR + rb')"' + _FILLED)
# Other ways to write the same are slower to look for, and rare.
_FAR_OUT_UNUSUAL = re.compile(
    rb"""\sr\s*=\s*["']\s*(""" + _FAR + rb""")["']""" + _FILLED, re.IGNORECASE
)
_MARKED = re.compile(rb"""<(?:[A-Za-z_][\w.-]*:)?f[\s/>]|\st\s*=\s*["']e["']""")
_TOKEN = re.compile(
    rb"""<(?:[A-Za-z_][\w.-]*:)?(?P<name>row|c|f|v)(?P<rest>(?:\s[^<>]*)?)/?>"""
    rb"""(?P<text>[^<]*)"""
)
_PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)([0-9]*)""")
_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_ARRAY = re.compile(rb"""\sref\s*=\s*["']([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)["']""")
_ROW = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?row[\s/>]")


def marks_of(container: Container) -> dict[str, Marks]:
    """Look through every sheet; give its marks by its name.

    Raises:
        InvalidInputError: a cell is too far out, or a part is damaged.
    """
    members = _sheet_members(container)
    for name in ("xl/sharedStrings.xml", "xl/styles.xml"):
        if name in container.names:
            for piece in container.pieces(name):
                check_no_entities(piece)
    return {
        sheet: _Scan(sheet).marks(container.pieces(member))
        for sheet, member in members.items()
    }


def _sheet_members(container: Container) -> dict[str, str]:
    """Give the member of each sheet, by the sheet's name."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def workbook(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            own = [v for k, v in attributes.items() if k.rpartition(":")[2] == "id"]
            ids[attributes.get("name", "")] = own[0] if own else ""

    def relations(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parse([container.small(_WORKBOOK)], workbook)
    if _RELATIONS in container.names:
        parse([container.small(_RELATIONS)], relations)
    found: dict[str, str] = {}
    for sheet, own in ids.items():
        target = targets.get(own, "")
        path = target[1:] if target.startswith("/") else posixpath.join("xl", target)
        member = posixpath.normpath(path)
        if member in container.names:
            found[sheet] = member
    return found


class _Scan:
    """Looks through one sheet."""

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._found = Marks()
        self._line = 0
        self._column = -1
        self._is_error = False
        self._unusual = False

    def marks(self, pieces: Iterator[bytes]) -> Marks:
        """Give what was found."""
        rest = b""
        for number, piece in enumerate(pieces):
            if number == 0:
                check_no_entities(piece)
                self._unusual = b"<worksheet" not in piece
            whole = rest + piece
            # What is looked through ends before a row: no cell is cut in two.
            cut = _last_row(whole)
            if len(whole) - cut > _ROW_OCTETS:
                raise InvalidInputError(
                    f"sheet {shown(self._sheet)}: a row is longer than "
                    f"{_ROW_OCTETS >> 20} MB",
                    hint=_HINT,
                )
            self._look(whole[:cut])
            rest = whole[cut:]
        self._look(rest)
        return self._found

    def _look(self, octets: bytes) -> None:
        unusual = self._unusual or b"r='" in octets or b"r =" in octets
        far = (_FAR_OUT_UNUSUAL if unusual else _FAR_OUT).search(octets)
        if far:
            raise beyond(self._sheet, far[1].decode())
        if (unusual or b"<f" in octets or b't="e"' in octets) and (
            _MARKED.search(octets)
        ):
            for token in _TOKEN.finditer(octets):
                self._take(token)
        elif octets:
            self._skip(octets)

    def _skip(self, octets: bytes) -> None:
        """Count the rows of a piece without marks, to know where the next begins."""
        place = _PLACE.match(octets, min(_last_row(octets) + 4, len(octets)))
        if place and place[2]:
            self._line = int(place[2])
        else:
            self._line += len(_ROW.findall(octets))

    def _take(self, token: re.Match[bytes]) -> None:
        name, rest = token["name"], token["rest"]
        place = _PLACE.search(rest) if rest else None
        if name == b"row":
            self._line = int(place[2]) if place and place[2] else self._line + 1
            self._column = -1
        elif name == b"c":
            self._column += 1
            if place and place[1] and place[2]:
                self._column, self._line = _number(place[1]), int(place[2])
            self._is_error = _ERROR.search(rest) is not None
        elif name == b"f":
            truth = TRUTHS.get(token["text"].decode(errors="replace"))
            if truth is not None:
                self._found.truths.setdefault(self._line, {})[self._column] = truth
                return
            self._found.formulas.setdefault(self._line, set()).add(self._column)
            if array := _ARRAY.search(rest):
                self._take_array(array)
        elif self._is_error:
            errors = self._found.errors.setdefault(self._line, {})
            errors[self._column] = token["text"].decode(errors="replace")[:40]

    def _take_array(self, array: re.Match[bytes]) -> None:
        """Mark the cells that one formula fills."""
        left, right = _number(array[1]), _number(array[3])
        top, bottom = int(array[2]), int(array[4])
        check_reach(self._sheet, bottom, right)
        if (bottom - top + 1) * (right - left + 1) > _ARRAY_CELLS:
            raise InvalidInputError(
                f"sheet {shown(self._sheet)}: a formula fills the cells "
                f"{array[0].decode().partition('=')[2]}",
                hint="copy the sheet and paste it as values",
            )
        for line in range(top, bottom + 1):
            columns = self._found.formulas.setdefault(line, set())
            columns.update(range(left, right + 1))


def _last_row(octets: bytes) -> int:
    """Give where the last row begins; 0 where none does."""
    plain = octets.rfind(b"<row")
    if plain > 0:
        return plain
    prefixed = octets.rfind(b":row")
    return max(octets.rfind(b"<", 0, prefixed), 0) if prefixed > 0 else 0


def _number(letters: bytes) -> int:
    """Give a column's number, counted from 0, by its letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1
