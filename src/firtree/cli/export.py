"""``firtree export``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.publication import Facts
from firtree.exchange.whole import whole_file
from firtree.library.publishing import Publication
from firtree.library.views import View
from firtree.text import shown

FORMATS = ("xlsx", "csv", "json", "parquet")
_PIPED = frozenset({"csv", "json"})


@click.command("export")
@data_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Of the file; otherwise its name says it, else xlsx.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Where to write; '-' is standard output.",
)
@click.option(
    "--what",
    type=click.Choice(("fir", "answers")),
    default="fir",
    help="Entries with their FIR information, or an answer for each version.",
)
@click.option("--at", default="", help="As recorded then: a date, moment or log size.")
@click.option("--effective-at", default="", help="As in force on that date.")
@click.option("--private", is_flag=True, help="With private parts, for your own use.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@json_option
def command(  # noqa: PLR0917 - one argument for each option
    data: str | None,
    form: str | None,
    output: str | None,
    what: str,
    at: str,
    effective_at: str,
    *,
    private: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write the register to a file: a locked workbook, CSV, JSON or Parquet.

    The same --at gives the same content.  The workbook has the sheets CPL, FIR,
    Archive, Answers, Changes and About (docs/formats/publication.md); `firtree verify`
    tells whether a copy is as it was published.  Without -o a workbook or Parquet file
    is named after the publication, and CSV or JSON goes to standard output if that is
    not a terminal.

    \b
    Example:
        firtree export -o fir.xlsx
        firtree export --at 2026-11-22 --format csv > fir.csv
        firtree export --what answers -o answers.parquet
    """
    chosen = _format(form, output)
    if what == "answers" and chosen == "xlsx":
        raise InvalidInputError(
            "--what answers: expected csv, json or parquet, found xlsx",
            hint="the workbook holds the answers on a sheet of its own",
        )
    with (
        progress_bar("exporting") as progress,
        wiring.opened(settings_of(data)) as parts,
    ):
        view: View = parts.lookup.view(at, effective_at)
        publication = Publication(
            parts.register,
            parts.signer,
            KEEPER,
            view,
            private=private,
            progress=progress,
        )
        name = output or _named(publication.facts, what, chosen)
        if name == "-":
            _write(publication, what, chosen, None)
            return
        with _new_file(Path(name), force=force) as path:
            _write(publication, what, chosen, path)
    facts = publication.facts
    if as_json:
        write_json(
            {
                "file": name,
                "publication": facts.name,
                "log": {"origin": facts.origin, "size": facts.size},
                "day": facts.day,
            }
        )
        return
    click.echo(f"publication {facts.name} of {facts.origin} is in {name}")


def _format(form: str | None, output: str | None) -> str:
    if form:
        return form
    suffix = Path(output).suffix.casefold().removeprefix(".") if output else "xlsx"
    if suffix not in FORMATS:
        raise InvalidInputError(
            f"-o: expected a name that ends in .{', .'.join(FORMATS)}, "
            f"found {shown(output or '')}",
            hint="or say the format: --format xlsx",
        )
    return suffix


def _named(facts: Facts, what: str, form: str) -> str:
    if form in _PIPED and not sys.stdout.isatty():
        return "-"
    return f"{what}-{facts.name}.{form}"


def _write(publication: Publication, what: str, form: str, path: Path | None) -> None:
    """Write a publication; to standard output where there is no path."""
    if form == "xlsx":
        from firtree.exchange.workbook.writing import write_workbook

        if path is None:
            raise InvalidInputError(
                "a workbook cannot be written to standard output",
                hint="name a file: -o fir.xlsx",
            )
        sheets = publication.sheets
        write_workbook(path, publication.facts, sheets, publication.rows())
        return
    octets = publication.octets(what, form)
    if path is None:
        for piece in octets:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    with path.open("wb") as file:
        file.writelines(octets)


@contextmanager
def _new_file(path: Path, *, force: bool) -> Iterator[Path]:
    """Give a file beside a path, and put it in that place once it is whole.

    Raises:
        InvalidInputError: there is a file, and it is not to be written over.
        UnavailableError: it cannot be written.
    """
    if path.exists() and not force:
        raise InvalidInputError(
            f"there is a file {path} already", hint="choose another name, or --force"
        )
    try:
        with whole_file(path) as part:
            yield part
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror or error}"
        ) from None
