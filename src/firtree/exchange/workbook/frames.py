"""What the reading process tells its parent: frames of plain values, as MessagePack.

Each frame has its length before it, four octets, most significant first.  A parent
takes nothing else from the child: no pickles, no objects.
"""

from collections.abc import Iterator
from typing import IO

import msgspec

from firtree.exchange.sheet import Special

FRAME_OCTETS = 64 << 20
NO_MEMORY = 77  # exit code of a child that got none
_LENGTH_OCTETS = 4


class SheetFrame(msgspec.Struct, frozen=True, array_like=True, tag="sheet"):
    """A sheet begins.

    Args:
        name: of the sheet.
        hidden: whether a spreadsheet program shows it.
        lines: about how many there are, for a progress bar.
        spans: merged cells: top, left, bottom, right.
    """

    name: str
    hidden: bool
    lines: int
    spans: list[tuple[int, int, int, int]]


class LinesFrame(msgspec.Struct, frozen=True, array_like=True, tag="lines"):
    """Some lines of the sheet: number and cells, without blank lines."""

    lines: list[tuple[int, list[str | float | bool | Special]]]


class RefusedFrame(msgspec.Struct, frozen=True, array_like=True, tag="refused"):
    """The workbook is refused; nothing follows."""

    message: str
    hint: str


class EndFrame(msgspec.Struct, frozen=True, array_like=True, tag="end"):
    """All has been told."""


Frame = SheetFrame | LinesFrame | RefusedFrame | EndFrame
_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


def write_frame(out: IO[bytes], frame: Frame) -> None:
    """Write a frame."""
    octets = _ENCODER.encode(frame)
    out.write(len(octets).to_bytes(_LENGTH_OCTETS, "big"))
    out.write(octets)


def read_frames(pipe: IO[bytes]) -> Iterator[Frame]:
    """Give frames until the pipe ends, in the middle of one or not.

    Raises:
        ValueError: a frame is too long, or is none.
    """
    while len(head := pipe.read(_LENGTH_OCTETS)) == _LENGTH_OCTETS:
        length = int.from_bytes(head, "big")
        if length > FRAME_OCTETS:
            raise ValueError(f"a frame of at most {FRAME_OCTETS} octets")
        octets = pipe.read(length)
        if len(octets) < length:
            return
        yield _DECODER.decode(octets)
