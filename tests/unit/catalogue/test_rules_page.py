"""The page of the rules lists exactly the codes, levels and words that exist."""

import re
from pathlib import Path

import pytest

from firtree.catalogue.words import (
    ADVICE,
    ADVICE_INSTEAD,
    REASONS,
    REASONS_INSTEAD,
    SHOWN,
    SHOWN_UNSEEN,
    WARNINGS,
    WARNINGS_INSTEAD,
    Silence,
)

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


def test_the_page_lists_the_words_for_what_may_be_out_of_sight() -> None:
    section = PAGE.split("\n## What may be out of sight\n")[1].split("\n## ")[0]
    instead = (WARNINGS_INSTEAD, REASONS_INSTEAD, ADVICE_INSTEAD)
    unseen, erased = (
        {code: text for one in instead for code, text in one.get(silence, {}).items()}
        for silence in (Silence.UNSEEN, Silence.ERASED)
    )
    unseen |= {standing.value: shown for standing, shown in SHOWN_UNSEEN.items()}

    assert {
        code: (of_a_part, of_erased)
        for code, of_a_part, of_erased in ROW.findall(section)
    } == {
        code: (unseen.get(code, "–"), erased.get(code, "–"))
        for code in {*unseen, *erased}
    }
