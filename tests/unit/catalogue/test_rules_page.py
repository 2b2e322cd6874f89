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
    SHOWN_INSTEAD,
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


def said_instead(silence: Silence) -> dict[str, str]:
    """Give what is said instead, by standing or code."""
    shown = SHOWN_INSTEAD.get(silence, {}).items()
    instead = (WARNINGS_INSTEAD, REASONS_INSTEAD, ADVICE_INSTEAD)
    return {standing.value: text for standing, text in shown} | {
        code: text for one in instead for code, text in one.get(silence, {}).items()
    }


def test_the_page_lists_the_words_for_what_could_not_be_read() -> None:
    assert dict(table("What could not be read")) == said_instead(Silence.UNREAD)


def test_the_page_lists_the_words_for_what_may_be_out_of_sight() -> None:
    section = PAGE.split("\n## What may be out of sight\n")[1].split("\n## ")[0]
    unseen, erased = said_instead(Silence.UNSEEN), said_instead(Silence.ERASED)

    assert {
        code: (of_a_part, of_erased)
        for code, of_a_part, of_erased in ROW.findall(section)
    } == {
        code: (unseen.get(code, "–"), erased.get(code, "–"))
        for code in {*unseen, *erased}
    }
