"""Releases: one Manufacturer Image, and the entries that share it."""

from collections.abc import Iterable
from typing import NamedTuple

from firtree.catalogue.entry import Entry


class Release(NamedTuple):
    """The entries of one maker that share one Manufacturer Image.

    Attributes:
        manufacturer: manufacturer code, upper case.
        image_hash: of that image, 64 upper-case hexadecimal digits.
        entries: their CPL Entry IDs, in order.
        more: whether there are others that were not looked at.
    """

    manufacturer: str
    image_hash: str
    entries: tuple[int, ...]
    more: bool = False


def release_of(entry: Entry, sharing: Iterable[Entry]) -> Release | None:
    """Give the release an entry belongs to.

    Args:
        entry: any entry.
        sharing: entries with the same image hash, of any maker, itself or not.

    Returns:
        The release, the entry included; None where the entry has no image hash.
    """
    image_hash = entry.cpl.image_hash
    if not image_hash:
        return None
    maker = entry.model.key.manufacturer
    ids = {
        other.id
        for other in (entry, *sharing)
        if other.cpl.image_hash == image_hash and other.model.key.manufacturer == maker
    }
    return Release(maker, image_hash, tuple(sorted(ids)))
