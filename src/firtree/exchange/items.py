r"""Several texts in one cell: items separated by semicolons, and certificates.

In an item a backslash takes the meaning from the character after it: ``\;`` is a
semicolon, ``\\`` a backslash, and ``\n`` a line break.  So any items can be written,
and what is written reads back the same.
"""

import re
from collections.abc import Callable, Iterable

import msgspec

from firtree.catalogue.entry import Certificate, CertificateKind, DateKind
from firtree.text import iso_date, long_text, plain_text

MOST_CERTIFICATES = 100
_TOKEN = re.compile(r"\\[\\;n]|[;\n]|[^\\;\n]+|\\")
_PLAIN = {r"\\": "\\", r"\;": ";", r"\n": "\n"}
_ESCAPED = str.maketrans({"\\": r"\\", ";": r"\;", "\n": r"\n"})


def separated(text: str) -> tuple[str, ...]:
    """Read items separated by semicolons or line breaks; empty ones do not count."""
    found = [""]
    for token in _TOKEN.findall(unix(text)):
        if token in {";", "\n"}:
            found.append("")
        else:
            found[-1] += _PLAIN.get(token, token)
    return tuple(item for part in found if (item := part.strip()))


def joined(items: Iterable[str]) -> str:
    """Write items so that they read back the same."""
    return "; ".join(item.translate(_ESCAPED) for item in items)


def unix(text: str) -> str:
    """Give a text in which every line ends with LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def items(text: str) -> tuple[str, ...]:
    """Read items that may be long."""
    return separated(long_text(unix(text), most=20_000))


def names(text: str) -> tuple[str, ...]:
    """Read names of parties."""
    return tuple(plain_text(name, most=100) for name in separated(text))


def certificate_numbers(text: str) -> tuple[str, ...]:
    """Read the numbers of certificates."""
    found = tuple(plain_text(number, most=200) for number in separated(text))
    if len(found) > MOST_CERTIFICATES:
        raise ValueError(f"at most {MOST_CERTIFICATES} certificates")
    return tuple(dict.fromkeys(found))


def _long(text: str) -> str:
    return long_text(text, most=2000)


_LABELS: dict[str, tuple[str, Callable[[str], object]]] = {
    "body": ("body", _long),
    "standard": ("standard_version", _long),
    "characteristic": ("characteristic_version", _long),
    "issued": ("issued", iso_date),
    "date": ("day", iso_date),
    "date kind": ("date_kind", DateKind),
    "scope": ("scope_note", _long),
}
_KINDS = {kind.value.casefold(): kind for kind in CertificateKind}
_EXPECTED = (
    "a line for each certificate, such as 'CPA 17; body: NCSC; standard: 1.2; "
    "characteristic: 1.3; issued: 2024-01-31; date: 2029-01-31; date kind: renewal; "
    "scope: all variants'"
)


def certificate_details(text: str) -> tuple[Certificate, ...]:
    """Read *Certificate Details*; None or empty in a field = the line does not say."""
    lines = (line for line in unix(text).split("\n") if line.strip())
    found = tuple(_certificate(line) for line in lines)
    if len(found) > MOST_CERTIFICATES:
        raise ValueError(f"at most {MOST_CERTIFICATES} certificates")
    if len({(one.kind, one.number) for one in found}) < len(found):
        raise ValueError("one line for each certificate")
    return found


def _certificate(line: str) -> Certificate:
    first, *rest = separated(line) or ("",)
    word, _, number = first.partition(" ")
    kind = _KINDS.get(word.casefold())
    if kind is None or not number.strip():
        raise ValueError(_EXPECTED)
    fields: dict[str, object] = {}
    for part in rest:
        label, colon, said = part.partition(":")
        known = _LABELS.get(label.strip().casefold())
        if known is None or not colon or known[0] in fields:
            raise ValueError(_EXPECTED)
        name, read = known
        try:
            fields[name] = read(said.strip())
        except ValueError:
            raise ValueError(_EXPECTED) from None
    number = plain_text(number.strip(), most=200)
    return msgspec.structs.replace(Certificate(kind=kind, number=number), **fields)


def details_cell(certificates: Iterable[Certificate]) -> str:
    """Write *Certificate Details*, a line for each certificate given."""
    return "\n".join(_line(certificate) for certificate in certificates)


def _line(certificate: Certificate) -> str:
    parts = [f"{certificate.kind} {certificate.number}"]
    for label, (name, _) in _LABELS.items():
        if value := getattr(certificate, name):
            parts.append(f"{label}: {value}")
    return joined(parts)
