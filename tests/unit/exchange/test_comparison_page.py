"""The page about the workbook of changes names its columns."""

from pathlib import Path

from firtree.exchange.workbook.compared import HEADINGS, MOST_ROWS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "formats" / "comparison.md"


def test_the_page_names_every_column_and_the_bound() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    named = [name.strip() for row in rows[1:] for name in row.split(",")]

    assert named == list(HEADINGS)
    assert f"{MOST_ROWS:,} rows at most" in page
