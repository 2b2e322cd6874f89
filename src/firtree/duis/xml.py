"""XML from strangers: refused by its octets before a parser sees it, and bounded.

DUIS is UTF-8 without a document type.  So NUL octets (UTF-16 has them), a DOCTYPE and
an ENTITY are refused wherever they stand, and the parser takes the rest for UTF-8,
whatever the document says of itself.
"""

from typing import Any

from lxml import etree

from firtree.errors import InvalidInputError

MOST_OCTETS = 16 << 20
MOST_ELEMENTS = 100_000

_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY", b"\0")
_LONGEST = max(map(len, _FORBIDDEN))

_PARSER: dict[str, Any] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": False,
    "remove_comments": True,
    "remove_pis": False,
    "strip_cdata": True,
}


class Guard:
    """Looks at every octet of a document before the parser does.

    Pieces may be of any size: what straddles two of them is found as well.
    """

    def __init__(self) -> None:
        self._tail = b""

    def check(self, piece: bytes) -> None:
        """Refuse a document by what stands in its next piece.

        Raises:
            InvalidInputError: it has a document type, an entity or a NUL octet.
        """
        seen = (self._tail + piece).upper() if self._tail else piece.upper()
        for word in _FORBIDDEN:
            if word in seen:
                name = word.decode().removeprefix("<!").replace("\0", "NUL octet")
                raise InvalidInputError(
                    f"expected plain XML in UTF-8, found a {name}",
                    hint="DUIS messages have no document type and no entities",
                )
        self._tail = seen[-_LONGEST + 1 :]


def new_parser(target: object = None) -> "etree.XMLParser":
    """Make a parser that loads nothing, expands nothing and has bounds.

    Args:
        target: what is told of each element; None = a tree is built.
    """
    return etree.XMLParser(target=target, **_PARSER)


def read_tree(octets: bytes) -> "etree._Element":
    """Read a small document as a tree, comments left out.

    Raises:
        InvalidInputError: it is too large, not plain, or not well formed.
    """
    if len(octets) > MOST_OCTETS:
        raise InvalidInputError(
            f"expected a message of at most {MOST_OCTETS >> 20} MB, "
            f"found {len(octets) / (1 << 20):.1f} MB"
        )
    # A tree takes some fifty times the octets of an empty element.
    if (count := octets.count(b"<")) > MOST_ELEMENTS:
        raise InvalidInputError(f"expected at most {MOST_ELEMENTS} tags, found {count}")
    Guard().check(octets)
    # The largest image is 13.7 MB in base64; without "huge" a text ends at 10 MB.  The
    # bounds above stand in for those that the parser then does without.
    parser = etree.XMLParser(**{**_PARSER, "huge_tree": True})
    try:
        return etree.fromstring(octets, parser)
    except etree.XMLSyntaxError as error:
        raise not_well_formed(error) from None


def not_well_formed(error: "etree.XMLSyntaxError") -> InvalidInputError:
    """Say where a document stops being XML."""
    told = (error.msg or "it is empty").partition(", line ")[0]
    line, column = error.position
    return InvalidInputError(
        f"line {line}, column {column}: expected well-formed XML, found: {told[:100]}",
        hint="send the message again from where it was received",
    )
