"""Leaves of the right form and length, the same for firtree and for its peer."""

import json


def numbered(start: int, stop: int) -> list[bytes]:
    """Give leaves that differ."""
    return [
        json.dumps(
            {
                "v": 1,
                "at": f"2026-11-22T12:00:00.{number % 1_000_000:06d}Z",
                "body": f"{number:064x}",
                "state": f"{number // 7:064x}",
            },
            separators=(",", ":"),
        ).encode()
        for number in range(start, stop)
    ]
