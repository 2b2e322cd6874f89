"""Check a workbook's ZIP archive before its content is read: kind, sizes, members.

An archive of a few kilobytes can hold terabytes.  Declared sizes are summed up first;
then what is read is unpacked in pieces, and measured again.
"""

import zipfile
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

from firtree.errors import InvalidInputError

MOST_MEMBERS = 2000
MOST_OCTETS = 512 << 20  # of all members, unpacked
MOST_RATIO = 250  # of unpacked to packed, for members above _SMALL_OCTETS
_SMALL_OCTETS = 16 << 20
_PIECE_OCTETS = 1 << 20
_ENCRYPTED_FLAG = 0x1
_SAVE_AS = "save it as an Excel workbook (.xlsx) without a password and try again"
_SPLIT = "split it into several workbooks, or save its table as CSV"


class Kind(StrEnum):
    """Kind of a workbook."""

    XLSX = "xlsx"
    ODS = "ods"


_OTHERS = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "word/document.xml": "a text document (.docx)",
    "ppt/presentation.xml": "a presentation (.pptx)",
    "Index/Document.iwa": "a Numbers document",
}
_ODS_TYPES = (
    b"application/vnd.oasis.opendocument.spreadsheet",
    b"application/vnd.oasis.opendocument.spreadsheet-template",
)


class Container:
    """A workbook's archive, opened and found to be within limits.

    Args:
        file: the archive; must be seekable.

    Raises:
        InvalidInputError: it is no workbook, or beyond a limit.

    Attributes:
        kind: of the workbook.
        names: of the members.
    """

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise _damaged() from None
        members = self._archive.infolist()
        self.names = frozenset(member.filename for member in members)
        _check_members(members, self.names)
        self.kind = self._kind()

    def _kind(self) -> Kind:
        if "xl/workbook.xml" in self.names:
            return Kind.XLSX
        if "content.xml" in self.names and "mimetype" in self.names:
            if self.small("mimetype", most=200).strip() in _ODS_TYPES:
                manifest = "META-INF/manifest.xml"
                if manifest in self.names and (
                    b"encryption-data" in self.small(manifest)
                ):
                    raise _with_password()
                return Kind.ODS
            found = "an OpenDocument file that is no spreadsheet"
        else:
            found = "a ZIP archive of something else"
        for name, other in _OTHERS.items():
            if name in self.names:
                found = other
        raise InvalidInputError(
            f"expected a CSV table or a workbook, found {found}", hint=_SAVE_AS
        )

    def small(self, name: str, *, most: int = 16 << 20) -> bytes:
        """Give a member that is read whole.

        Raises:
            InvalidInputError: it is larger than ``most`` octets, or damaged.
        """
        octets = b""
        for piece in self.pieces(name):
            octets += piece
            if len(octets) > most:
                raise InvalidInputError(
                    f"the workbook's part {name} is larger than {most:,} octets",
                    hint=_SPLIT,
                )
        return octets

    def pieces(self, name: str) -> Iterator[bytes]:
        """Unpack a member piece by piece; it must be as long as it says.

        Raises:
            InvalidInputError: it is damaged, or no UTF-8.
        """
        first = True
        try:
            with self._archive.open(name) as member:
                while piece := member.read(_PIECE_OCTETS):
                    if first and name.endswith(".xml") and b"\x00" in piece[:4]:
                        raise InvalidInputError(
                            f"the workbook's part {name}: expected UTF-8, found "
                            "another encoding",
                            hint=_SAVE_AS,
                        )
                    first = False
                    yield piece
        except (
            *(zipfile.BadZipFile, zlib.error, OSError, EOFError),
            *(NotImplementedError, RuntimeError, ValueError),
        ):
            raise _damaged() from None


def _check_members(members: list[zipfile.ZipInfo], names: frozenset[str]) -> None:
    if len(members) > MOST_MEMBERS:
        raise InvalidInputError(
            f"the workbook has {len(members)} parts, more than {MOST_MEMBERS}",
            hint=_SPLIT,
        )
    if len(names) != len(members):
        raise InvalidInputError(
            "the workbook has two parts of the same name", hint=_SAVE_AS
        )
    if any(member.flag_bits & _ENCRYPTED_FLAG for member in members):
        raise _with_password()
    octets = sum(member.file_size for member in members)
    if octets > MOST_OCTETS:
        raise InvalidInputError(
            f"the workbook unpacks to {octets >> 20:,} MB, more than "
            f"{MOST_OCTETS >> 20} MB",
            hint=_SPLIT,
        )
    for member in members:
        if member.file_size > max(_SMALL_OCTETS, MOST_RATIO * member.compress_size):
            raise InvalidInputError(
                f"the workbook's part {member.filename} unpacks to more than "
                f"{MOST_RATIO} times its size",
                hint="delete the empty lines below the table and save the workbook "
                "again",
            )


def _damaged() -> InvalidInputError:
    return InvalidInputError(
        "the workbook is damaged: its archive cannot be unpacked",
        hint="open it in a spreadsheet program, save it again and try again",
    )


def _with_password() -> InvalidInputError:
    return InvalidInputError(
        "expected a CSV table or a workbook, found a workbook with a password",
        hint=_SAVE_AS,
    )
