"""OTA files: a check beside the hash alone, and reading beside zigpy's parser.

zigpy is under the GPL and no part of firtree.  ``FIRTREE_ZIGPY_PYTHON`` names a Python
that has it, such as that of a virtual environment; without it that peer is left out.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from statistics import median
from struct import pack
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.figures import Figure, Scale, at_least, by_ratio
from firtree.cli.image_check import check_file
from firtree.devices import DeviceType
from firtree.exchange.image_wire import check_wire
from firtree.images.building import Blueprint, build
from firtree.images.checker import Asked
from firtree.images.facts import Facts
from firtree.images.header import OTAHeader, read_header
from firtree.images.reading import OTAFile, read_file
from firtree.images.signatures import Signer

ZIGPY = "FIRTREE_ZIGPY_PYTHON"
_MB = 1_000_000
_LARGE = 10 * _MB
_PLAN = Blueprint(DeviceType.ESME, 0xA1B3, 0x0A02, 0x24000100, 0x0101, 0x0103)
_READER = Path(__file__).with_name("zigpy_reader.py")


def run(scale: Scale, _cached: Path) -> Iterator[Figure]:
    """Check a large file, and read small ones, in turns with the peers."""
    with TemporaryDirectory() as folder:
        yield from _checking(scale, Path(folder))
        yield from _reading(scale, Path(folder))


def _checking(scale: Scale, folder: Path) -> Iterator[Figure]:
    size = _LARGE if scale.postgresql else _MB
    image = random.Random(4).randbytes(size)  # noqa: S311 - any octets will do
    digest = sha256(image).digest()
    signer = Signer(ec.derive_private_key(4, ec.SECP256R1()))
    name = folder / "large.ota"
    name.write_bytes(build(_PLAN, image, signer.sign(digest)))
    facts = Facts(image_hash=digest.hex(), firmware_version="24000100")
    kinds = {
        "check of a {} MB file with its hash": Asked(DeviceType.ESME, facts),
        "the same, and its signature verified": Asked(
            DeviceType.ESME, facts, signer.verifier
        ),
        "the same file, device type unknown: two readings": Asked(),
    }
    alone: list[float] = []
    ours: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(8 * scale.rounds):
        begun = perf_counter()
        assert sha256(image).digest() == digest
        alone.append(perf_counter() - begun)
        for kind, asked in kinds.items():
            begun = perf_counter()
            wire = check_wire("large.ota", check_file(str(name), asked))
            ours[kind].append(perf_counter() - begun)
            assert wire.holds
            assert wire.manufacturer_image is not None
            assert wire.manufacturer_image.sha256 == digest.hex()
    peer = ("SHA-256 of the octets in memory", size / _MB / median(alone))
    for number, (kind, took) in enumerate(ours.items()):
        yield by_ratio(
            kind.format(size // _MB),
            size / _MB / median(took),
            "MB/s",
            at_least(0.8) if number == 0 else None,
            peer=peer,
        )


def _element(tag: int, data: bytes) -> bytes:
    return pack("<HI", tag, len(data)) + data


def _zigbee(*sizes: int) -> bytes:
    """Make a ZigBee file with sub-elements of these sizes."""
    body = b"".join(_element(tag, bytes(size)) for tag, size in enumerate(sizes))
    return (
        pack("<IHHHHHIH", 0x0BEEF11E, 0x0100, 56, 0, 0xA1B3, 0x0A02, 0x24000100, 2)
        + b"a ZigBee file".ljust(32, b"\0")
        + pack("<I", 56 + len(body))
        + body
    )


def _reading(scale: Scale, folder: Path) -> Iterator[Figure]:
    python = os.environ.get(ZIGPY)
    if not python:
        print(f"{ZIGPY} is not set: zigpy's parser is left out", file=sys.stderr)
        return
    files = {
        "a ZigBee file of 200 kB, header and body": (
            "large.zigbee",
            _zigbee(200_000, 64, 16),
        ),
        "a ZigBee file of 1 kB, header and body": (
            "small.zigbee",
            _zigbee(900, 64, 16),
        ),
        "the header of a GB file": (
            "meter.ota",
            build(_PLAN, b"an image" * 30, b"\x01" * 64),
        ),
    }
    for name, octets in files.values():
        (folder / name).write_bytes(octets)
    count = scale.requests // 10
    ours: dict[str, list[float]] = {name: [] for name, _ in files.values()}
    peers: dict[str, list[float]] = {name: [] for name, _ in files.values()}
    for _ in range(scale.rounds):
        told = _zigpy(python, count, [folder / name for name in ours])
        for (name, octets), peer in zip(files.values(), told, strict=True):
            reader: Callable[[bytes], OTAFile | OTAHeader] = (
                read_file if name.endswith(".zigbee") else read_header
            )
            for _ in range(count):
                begun = perf_counter()
                read = reader(octets)
                ours[name].append(perf_counter() - begun)
            peers[name].append(peer["seconds"])
            _check_same(read, peer)
    for told_as, (name, _) in files.items():
        yield by_ratio(
            f"reading {told_as}",
            1 / median(ours[name]),
            "/s",
            at_least(5),
            peer=("zigpy", 1 / median(peers[name])),
        )


def _zigpy(python: str, count: int, names: list[Path]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [python, str(_READER), str(count), *map(str, names)],
        check=True,
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _check_same(read: OTAFile | OTAHeader, peer: dict[str, Any]) -> None:
    """Check that both read the same."""
    header = read.header if isinstance(read, OTAFile) else read
    elements = read.elements.elements if isinstance(read, OTAFile) else ()
    assert header is not None
    assert header.manufacturer == peer["manufacturer"]
    assert header.model_identifier == peer["image_type"]
    assert header.firmware_version == peer["file_version"]
    assert header.total_size == peer["total_size"]
    assert list(header.hardware or (None, None)) == peer["hardware"]
    found = [[e.tag, e.size] for e in elements]
    assert found == peer["elements"]
