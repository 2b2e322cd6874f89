"""The public part of a mirror: a log as static files, which any web server can serve.

The paths are those of c2sp.org/tlog-tiles, and of ``/log/`` on a firtree server.  Each
file is written whole and is on the disk before anything refers to it; the checkpoint
is written last.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from firtree.errors import NotFoundError, UnavailableError
from firtree.exchange.whole import whole_file
from firtree.ledger.merkle import HASH_OCTETS
from firtree.ledger.notes import NOTE_OCTETS_MOST
from firtree.ledger.tiles import TILE_WIDTH, tile_path

CHECKPOINT = "checkpoint"
_BUNDLE_OCTETS_MOST = TILE_WIDTH * (2 + 65_535)


class LogFiles:
    """A log in a folder.

    Args:
        folder: made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unsettled: set[Path] = set()

    def checkpoint(self) -> bytes:
        """Give the checkpoint; empty where there is none yet.

        Raises:
            UnavailableError: it cannot be read.
        """
        try:
            return self._read(CHECKPOINT, NOTE_OCTETS_MOST)
        except NotFoundError:
            return b""

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give the hashes of a tile.

        Raises:
            NotFoundError: it is not there.
            UnavailableError: it cannot be read.
        """
        return self._read(tile_path(level, number, width), HASH_OCTETS * TILE_WIDTH)

    def bundle(self, number: int, width: int) -> bytes:
        """Give an entry bundle.

        Raises:
            NotFoundError: it is not there.
            UnavailableError: it cannot be read.
        """
        return self._read(tile_path("entries", number, width), _BUNDLE_OCTETS_MOST)

    def write_checkpoint(self, note: bytes) -> None:
        """Write the checkpoint, after everything that it stands for."""
        self.settle()
        self._write(CHECKPOINT, note)
        self.settle()

    def write_tile(
        self, level: int | str, number: int, octets: bytes, width: int
    ) -> None:
        """Write a tile, or an entry bundle (level ``entries``); partial ones go.

        It is on the disk for certain after :meth:`settle`.

        Args:
            level: of the tile, or ``entries``.
            number: place on its level.
            octets: of the file.
            width: number of hashes or leaves.
        """
        self._write(tile_path(level, number, width), octets)
        if width == TILE_WIDTH:
            self._remove_partials(tile_path(level, number))

    def settle(self) -> None:
        """Wait until everything that was written is on the disk, under its name."""
        while self._unsettled:
            sync_folder(self._unsettled.pop())

    def remove_parts(self) -> None:
        """Remove what an interrupted run has left unfinished."""
        for path in self.folder.rglob(".*.part"):
            path.unlink()

    def paths(self) -> Iterator[str]:
        """Yield the path of every file below the folder, in order."""
        for root, folders, files in os.walk(self.folder):
            folders.sort()
            for name in sorted(files):
                yield str((Path(root) / name).relative_to(self.folder))

    def _read(self, name: str, most: int) -> bytes:
        path = self.folder / name
        try:
            with path.open("rb") as file:
                return file.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(f"there is no {path}") from None
        except OSError as error:
            raise UnavailableError(
                f"{path} cannot be read: {error.strerror}",
                hint="check who owns the mirror, and the disk",
            ) from None

    def _write(self, name: str, octets: bytes) -> None:
        path = self.folder / name
        with writable(path):
            self._make(path.parent)
            with whole_file(path) as part:
                part.write_bytes(octets)
            self._unsettled.add(path.parent)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            self._unsettled.add(folder.parent)

    def _remove_partials(self, name: str) -> None:
        folder = self.folder / f"{name}.p"
        with writable(folder), suppress(FileNotFoundError):
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Turn a refusal to write into a sentence of ours."""
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror}",
            hint="check the folder, its rights and the room on the disk; then run the "
            "same again: it goes on where it stopped",
        ) from None


def sync_folder(path: Path) -> None:
    """Wait until what a folder lists is on the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
