"""``firtree export``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from firtree.cli.files import check_new
from firtree.cli.options import (
    data_option,
    json_option,
    output_begins,
    overwrite_option,
    tell_size,
    write_json,
)
from firtree.cli.sources import asked_source, source_options, told, with_source
from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.whole import whole_file
from firtree.library.sources import Export, Wanted
from firtree.text import shown

FORMATS = ("xlsx", "csv", "json", "parquet")
_PIPED = frozenset({"csv", "json"})


@click.command("export")
@data_option
@source_options
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
@overwrite_option
@json_option
def command(  # noqa: PLR0917 - one argument for each option
    data: str | None,
    source: str | None,
    token_file: str | None,
    form: str | None,
    output: str | None,
    what: str,
    at: str,
    effective_at: str,
    *,
    private: bool,
    overwrite: bool,
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
        firtree export --from https://fir.example --token-file token -o fir.csv
    """
    chosen = _format(form, output)
    if what == "answers" and chosen == "xlsx":
        raise InvalidInputError(
            "--what answers: expected csv, json or parquet, found xlsx",
            hint="the workbook holds the answers on a sheet of its own",
        )
    if as_json and _is_piped(output, chosen):
        raise click.UsageError("--json needs -o FILE: else the register is the output")
    if output and output != "-":
        check_new(output, overwrite=overwrite)
    wanted = Wanted(what, chosen, at, effective_at, private)
    with (
        asked_source(source, token_file, data=data, title="exporting") as asked,
        asked.export(wanted) as made,
    ):
        tell_size(at, made.size)
        name = output or f"{what}-{made.name}.{chosen}"
        if _is_piped(output, chosen):
            _write(made, chosen)
            return
        check_new(name, overwrite=overwrite)
        with _new_file(Path(name)) as path:
            made.write(path)
        provenance = asked.provenance
    if as_json:
        written = {
            "file": name,
            "publication": made.name,
            "log": {"origin": made.origin, "size": made.size},
            "day": made.day,
        }
        write_json(with_source(written, provenance))
        return
    click.echo(f"publication {made.name} of {made.origin} is in {name}")
    for line in told(provenance):
        click.echo(line)


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


def _is_piped(output: str | None, form: str) -> bool:
    """Tell whether the register goes to standard output."""
    return output == "-" or (not output and form in _PIPED and not sys.stdout.isatty())


def _write(made: Export, form: str) -> None:
    """Write a publication to standard output."""
    if form == "xlsx":
        raise InvalidInputError(
            "a workbook cannot be written to standard output",
            hint="name a file: -o fir.xlsx",
        )
    output_begins()
    for piece in made.pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Give a file beside a path, and put it in that place once it is whole.

    Raises:
        UnavailableError: it cannot be written.
    """
    try:
        with whole_file(path) as part:
            yield part
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror or error}"
        ) from None
