"""Reads OTA files with zigpy, in a Python that has it: ``zigpy_reader.py N FILE …``.

zigpy is under the GPL: it is run beside firtree to be measured, and neither imported
by it nor installed with it.  For each file it writes the seconds that one reading
took, and what was read.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any


def main() -> None:
    """Read each file N times."""
    image: Any = import_module("zigpy.ota.image")
    count = int(sys.argv[1])
    found = []
    for name in sys.argv[2:]:
        octets = Path(name).read_bytes()
        body = name.endswith(".zigbee")
        reader = image.OTAImage if body else image.OTAImageHeader
        took = []
        for _ in range(count):
            begun = perf_counter()
            read, _rest = reader.deserialize(octets)
            took.append(perf_counter() - begun)
        header = read.header if body else read
        elements = read.subelements if body else []
        found.append(
            {
                "seconds": median(took),
                "manufacturer": f"{header.manufacturer_id:04X}",
                "image_type": f"{header.image_type:04X}",
                "file_version": f"{header.file_version:08X}",
                "total_size": int(header.image_size),
                "hardware": [
                    None if part is None else f"{part:04X}"
                    for part in (
                        header.minimum_hardware_version,
                        header.maximum_hardware_version,
                    )
                ],
                "elements": [[int(e.tag_id), len(e.data)] for e in elements],
            }
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
