"""``firtree verify``."""

import sys
from pathlib import Path

import click

from firtree.access import KEEPER
from firtree.cli.options import (
    data_option,
    json_verdict,
    progress_bar,
    settings_of,
    write_json,
)
from firtree.cli.sources import told, with_source
from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.files import sheets_of
from firtree.exchange.workbook.comparing import CellDifference
from firtree.library.verifying import Verdict, verify_publication
from firtree.text import counted, shown_apart
from firtree.wiring.sources import opened_publisher

_SHOWN = 100


@click.command("verify")
@click.argument("file", metavar="FILE.xlsx")
@data_option
@click.option(
    "--from",
    "source",
    metavar="PLACE",
    help="Mirror or data folder to compare with (else FIRTREE_DATA, else ./var).",
)
@json_verdict("intact")
def command(file: str, data: str | None, source: str | None, *, as_json: bool) -> None:
    """Tell whether a workbook is as this register published it.

    The workbook names the state it is of, with a signed checkpoint.  The same
    publication is made again and every cell compared; each one that differs is named.
    Exit code 0: it is; 1: it is not.

    \b
    Example:
        firtree verify fir-213-1042.xlsx
        firtree verify fir-213-1042.xlsx --from mirror
    """
    if source is not None and data is not None:
        raise click.UsageError("--data and --from: give one of the two")
    path = Path(file)
    if not path.is_file():
        raise InvalidInputError(f"there is no file {file}", hint="check the name")
    try:
        with (
            progress_bar("verifying") as progress,
            opened_publisher(settings_of(data), source or "") as publisher,
            path.open("rb") as octets,
        ):
            sheets = sheets_of(octets, {}, progress=progress)
            verdict = verify_publication(
                KEEPER,
                sheets,
                publisher.register,
                publisher.signer,
                reach=publisher.reach,
                keys=publisher.keys,
                progress=progress,
            )
            provenance = publisher.provenance
    except OSError as error:
        raise UnavailableError(f"{file} cannot be read: {error.strerror}") from None
    if as_json:
        write_json(with_source(_report(verdict), provenance))
    else:
        _show(file, verdict)
        for line in told(provenance):
            click.echo(line)
    sys.exit(0 if verdict.intact else 1)


def _report(verdict: Verdict) -> dict[str, object]:
    facts = verdict.facts
    return {
        "intact": verdict.intact,
        "publication": facts.name,
        "log": {"origin": facts.origin, "size": facts.size},
        "day": facts.day,
        "differing_cells": verdict.differing,
        "erased_since": verdict.erased,
        "of_a_part": verdict.of_a_part,
        "differences": [one._asdict() for one in verdict.differences],
    }


def _show(file: str, verdict: Verdict) -> None:
    facts = verdict.facts
    if verdict.intact:
        click.echo(
            f"{file} is publication {facts.name} of {facts.origin}: every cell is as "
            "it was published"
        )
        return
    for one in verdict.differences[:_SHOWN]:
        expected, found = _quoted(one)
        click.echo(f"{one.where}: expected {expected}, found {found}")
    if (more := verdict.differing - _SHOWN) > 0:
        click.echo(f"… and {more:,} more; --json lists up to 10,000")
    cells = counted(verdict.differing, "cell differs", "cells differ")
    click.echo(
        f"{file} is not as it was published: {cells} from "
        f"publication {facts.name} of {facts.origin}"
    )
    if verdict.erased:
        erased = counted(verdict.erased, "section was", "sections were")
        click.echo(
            f"{erased} erased since it was published: what was in there "
            "cannot be compared, and differs for that reason"
        )
    if verdict.of_a_part:
        click.echo(
            "it says that it holds a part of the register, as somebody may see it, and "
            "was compared with all of it: compare it with a mirror of theirs, --from"
        )


def _quoted(one: CellDifference) -> tuple[str, str]:
    """Quote what was published and what is there, about where they differ."""
    texts = one.expected, one.found
    expected, found = (
        text if text.startswith(("an empty", "the number", "a sheet")) else quoted
        for text, quoted in zip(texts, shown_apart(*texts), strict=True)
    )
    return expected, found
