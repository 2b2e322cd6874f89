"""XML from strangers, as events: no entities, no document types, nothing fetched."""

from collections.abc import Callable, Iterable
from xml.parsers import expat

from firtree.errors import InvalidInputError

Started = Callable[[str, dict[str, str]], object]
_HINT = "save it as an Excel workbook (.xlsx) and try again"


def check_no_entities(octets: bytes) -> None:
    """Refuse what could grow while it is read.

    Raises:
        InvalidInputError: the octets define entities.
    """
    if b"<!DOCTYPE" in octets or b"<!ENTITY" in octets:
        raise _entities()


def parse(
    pieces: Iterable[bytes],
    start: Started,
    end: Callable[[str], object] | None = None,
    text: Callable[[str], object] | None = None,
) -> None:
    """Read XML piece by piece.

    Args:
        pieces: its octets.
        start: told the name and the attributes of each element that begins.
        end: told the name of each element that ends.
        text: told the text between.

    Raises:
        InvalidInputError: it is no XML, or defines entities.
    """

    def refuse(*_: object) -> None:
        raise _entities()

    # Security: the document type is refused, so that no entity is ever defined.
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003 - takes no keyword
        parser.Parse(b"", True)  # noqa: FBT003 - likewise
    except (expat.ExpatError, LookupError) as error:  # or an encoding nobody knows
        raise InvalidInputError(
            f"the workbook is damaged: a part of it is no XML ({error})",
            hint="open it in a spreadsheet program, save it again and try again",
        ) from None


def _entities() -> InvalidInputError:
    return InvalidInputError(
        "the workbook defines XML entities, as no spreadsheet program does",
        hint=_HINT,
    )
