"""The page of the rules lists exactly the codes, levels and words that exist."""

import re
from pathlib import Path

import pytest

from firtree.catalogue.words import ADVICE, REASONS, SHOWN, WARNINGS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "rules.md").read_text("utf-8")
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| ([^|]+) \|(?: ([^|]+) \|)?$", re.MULTILINE)


def table(heading: str) -> list[tuple[str, str]]:
    """Give code and second column of each row below a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [(code, second) for code, second, _ in ROW.findall(section)]


def test_the_page_lists_every_warning_with_its_level_in_order() -> None:
    assert table("Warnings") == [
        (code, warned.level.value) for code, warned in WARNINGS.items()
    ]


@pytest.mark.parametrize(
    ("heading", "words"), [("Reasons", REASONS), ("Advice", ADVICE)]
)
def test_the_page_lists_every_code(heading: str, words: dict[str, str]) -> None:
    assert [code for code, _ in table(heading)] == list(words)


def test_the_page_lists_the_words_shown() -> None:
    assert table("The words shown") == [
        (standing.value, shown) for standing, shown in SHOWN.items()
    ]


def test_the_page_has_each_rule_once() -> None:
    assert re.findall(r"^\*\*R(\d+) – ", PAGE, re.MULTILINE) == [
        str(number) for number in range(1, 13)
    ]
