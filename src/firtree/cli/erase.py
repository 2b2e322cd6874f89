"""``firtree erase``."""

import click

from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.errors import InvalidInputError
from firtree.library.keeping.erasing import Plan
from firtree.settings import Settings
from firtree.wiring import erasing

_VACUUM = "in PostgreSQL, VACUUM FULL the tables statement, entry and segment"


@click.command("erase")
@click.argument("statement", type=click.IntRange(0, 2**53))
@click.argument("section", metavar="[fir|people|private]")
@data_option
@click.option("--reason", default="", help="Why, in words; kept in a private part.")
@click.option("--dry-run", is_flag=True, help="Say what would be erased, and stop.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@json_option
def command(
    statement: int,
    section: str,
    data: str | None,
    *,
    reason: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Destroy a section of a statement for ever: its octets and its salt.

    STATEMENT is its number, as firtree personal-data find and firtree history tell it.
    That it was erased, when, by whom and why is recorded as a statement of its own;
    leaf and proofs stay valid, and mirrors obey at their next run.  Backups keep what
    they hold until they are deleted.  Nothing brings the section back.

    \b
    Example:
        firtree erase 1041 people --reason "asked for by the person" --dry-run
        firtree erase 1041 people --reason "asked for by the person"
    """
    settings = settings_of(data)
    planned = _planned(settings, statement, section, as_json=as_json)
    if planned is None:
        return
    if dry_run:
        _tell(planned, as_json=as_json, number=None)
        return
    if not reason.strip():
        raise InvalidInputError(
            "--reason: expected why the section is erased, found nothing",
            hint="it is kept with the erasure, for those who may read private parts",
        )
    if not yes:
        click.echo(_would(planned), err=True)
        click.confirm("Erase it? Nothing brings it back", abort=True, err=True)
    number = erasing.erase(settings, planned, reason.strip())
    _tell(planned, as_json=as_json, number=number)


def _planned(
    settings: Settings, statement: int, section: str, *, as_json: bool
) -> Plan | None:
    """Plan an erasure; None = it was recorded before, and its files are settled."""
    try:
        return erasing.plan(settings, statement, section)
    except InvalidInputError as error:
        if "was erased already" not in str(error):
            raise
    if not as_json:
        click.echo("erased before: the database's files are written anew …", err=True)
    left = erasing.settle(settings)
    if as_json:
        facts = {"statement": statement, "section": section}
        told = {"erased": False, "erased_before": True, "left_files": left}
        write_json({**facts, **told})
        return None
    click.echo(
        f"section {section} of statement {statement} was erased already"
        + (
            ", and its octets have left the database's files"
            if left
            else f"; {_VACUUM}"
        )
    )
    return None


def _would(planned: Plan) -> str:
    newest = (
        "; it is the newest version, so answers of today change: record a new one "
        "first if something is to take its place"
        if planned.is_newest
        else ""
    )
    return (
        f"section {planned.section} of statement {planned.number} about "
        f"{planned.subject}, {planned.octets} octets, and its salt{newest}"
    )


def _tell(planned: Plan, *, as_json: bool, number: int | None) -> None:
    if as_json:
        write_json(
            {
                "statement": planned.number,
                "section": planned.section,
                "subject": planned.subject,
                "octets": planned.octets,
                "newest": planned.is_newest,
                "erased": number is not None,
                "erased_before": False,
                "recorded_as": number,
            }
        )
        return
    if number is None:
        click.echo(f"would erase {_would(planned)}")
        return
    click.echo(
        f"erased section {planned.section} of statement {planned.number} about "
        f"{planned.subject}; recorded as statement {number}"
    )
    click.echo(f"backups made before still hold it until they are deleted; {_VACUUM}")
