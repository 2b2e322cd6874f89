"""The tables of docs/access.md, as tests read them."""

from __future__ import annotations

from pathlib import Path

from firtree.parties import PartyKind

PAGE = Path(__file__).resolve().parents[1] / "docs" / "access.md"


def table(name: str) -> list[list[str]]:
    """Read the rows of a table of the page, its head first."""
    text = PAGE.read_text(encoding="utf-8").split(f"<!-- {name} -->", 1)[1]
    rows = []
    for line in text.strip().splitlines():
        if not line.startswith("|"):
            break
        rows.append([cell.strip(" `") for cell in line.strip("|").split("|")])
    return [rows[0], *rows[2:]]


def rights_table() -> dict[str, dict[PartyKind, str]]:
    """Give what each right reaches for each kind of party, in the page's words."""
    (_, *kinds), *rows = table("rights")
    return {
        right: dict(zip(map(PartyKind, kinds), cells, strict=True))
        for right, *cells in rows
    }
