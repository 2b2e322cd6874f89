"""The page of OTA files lists exactly the findings and mistakes that exist."""

from __future__ import annotations

import re
from pathlib import Path

from firtree.exchange.image_wire import CheckWire, HeaderWire
from firtree.images.findings import CODES
from firtree.images.mistakes import MISTAKES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "images.md").read_text("utf-8")


def section(heading: str) -> str:
    """Give what stands below a heading."""
    return PAGE.split(f"\n### {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]


def test_the_page_lists_every_finding_with_its_severities_in_order() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (\w+) \| (\w+) \| [^|]+\.[^|]* \|$",
        section("Findings"),
        re.MULTILINE,
    )

    assert rows == [(name, code.gbcs, code.zigbee) for name, code in CODES.items()]


def test_the_page_lists_every_mistake_in_order() -> None:
    rows = re.findall(
        r"^\| `([a-z0-9-]+)` \|", section("The classic mistakes"), re.MULTILINE
    )

    assert rows == list(MISTAKES)


def test_the_page_lists_every_member_of_the_json() -> None:
    told = set(re.findall(r"`([a-z_0-9]+)`", section("JSON")))

    assert told >= {*CheckWire.__struct_fields__, *HeaderWire.__struct_fields__}
