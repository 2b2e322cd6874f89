"""``firtree personal-data``: what is kept about a person, and where."""

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.options import (
    data_option,
    json_option,
    progress_bar,
    settings_of,
    write_json,
)
from firtree.library.keeping.personal import (
    LISTED_MOST,
    Occurrence,
    find_personal_data,
)
from firtree.statements.types.erasure import ERASABLE
from firtree.text import counted


@click.group("personal-data")
def command() -> None:
    """Find what is kept about a person, so that it can be shown or erased.

    \b
    Example:
        firtree personal-data find j.smith@maker.example
    """


@command.command("find")
@click.argument("text", metavar="E-MAIL|NAME")
@data_option
@json_option
def find(text: str, data: str | None, *, as_json: bool) -> None:
    """List every place where an e-mail address, a name or another text is kept.

    All versions of all statements are looked through, section by section, and every
    other table, the search index and the desk's among them.  Large and small letters
    count alike.

    \b
    Example:
        firtree personal-data find j.smith@maker.example
        firtree personal-data find Smith --json
    """
    with (
        wiring.opened(settings_of(data)) as parts,
        progress_bar("looking") as progress,
    ):
        found = find_personal_data(KEEPER, parts.register, text, progress)
    if as_json:
        write_json({"text": text, "occurrences": [_wire(one) for one in found]})
        return
    for one in found:
        click.echo(_line(one))
    if len(found) == LISTED_MOST:
        click.echo(f"… no more than {LISTED_MOST:,} are listed")
    click.echo(counted(len(found), "place"))
    if any(one.table == "statement" for one in found):
        click.echo("firtree erase STATEMENT SECTION destroys a section of a statement")


def _wire(one: Occurrence) -> dict[str, object]:
    row = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in one.row.items()
    }
    is_statement = one.table == "statement"
    return {
        "table": one.table,
        "row": row,
        "column": one.column,
        "subject": one.subject or None,
        "around": one.around,
        "erasable": is_statement and one.column in ERASABLE,
    }


def _line(one: Occurrence) -> str:
    if one.table == "statement":
        can = "" if one.column in ERASABLE else " (cannot be erased)"
        return (
            f"statement {one.row['leaf_index']!r} about {one.subject}, section "
            f"{one.column}{can}: … {one.around} …"
        )
    row = ", ".join(
        f"{name} {value.hex()[:16] if isinstance(value, bytes) else value}"
        for name, value in one.row.items()
    )
    return f"table {one.table}, row with {row}, {one.column}: … {one.around} …"
