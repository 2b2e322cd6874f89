"""The command ``firtree``: its commands, and how an error of ours ends it."""

import io
import os
import sys

import click

from firtree import __version__
from firtree.cli.lazy import Lazy, LazyGroup
from firtree.errors import FirtreeError, InvalidInputError, UnavailableError

EXIT_TRY_LATER = 75  # EX_TEMPFAIL


class _Commands(LazyGroup):
    lazy = {  # noqa: RUF012 - it is never changed
        "init": Lazy("init", "Make a register: its database and its signing key."),
        "demo": Lazy(
            "demo", "Make an example register with invented makers and meters."
        ),
        "invite": Lazy("invite", "Make a link by which somebody joins a party."),
        "people": Lazy("people", "List who has an account, and who is invited."),
        "token": Lazy("token", "Make, list and revoke tokens for programs."),
        "access-log": Lazy(
            "access_log", "Show the access log, and check that nobody changed it."
        ),
        "serve": Lazy("serve", "Serve the register on this machine: pages and API."),
        "import": Lazy("import_", "Take a table of entries (xlsx, ods, csv) in."),
        "export": Lazy(
            "export", "Write the register to a workbook, CSV, JSON or Parquet."
        ),
        "verify": Lazy("verify", "Tell whether a workbook is as it was published."),
        "lookup": Lazy("lookup", "Ask about one device: what should it run?"),
        "history": Lazy("history", "Show every version of an entry, before and after."),
        "diff": Lazy("diff", "Show what changed between two days."),
        "findings": Lazy("findings", "List what the checks find in recorded entries."),
        "search": Lazy("search", "Find entries by part of a version, model, hash …"),
        "party": Lazy("party", "Keep the parties, and what each may do."),
        "image": Lazy("image", "Check and build OTA files, on this machine alone."),
        "duis": Lazy(
            "duis", "Write Service Requests for firmware, and read the answers."
        ),
        "log": Lazy("log", "Prove, copy, verify and look after the log."),
        "evidence": Lazy(
            "evidence", "Pack what the register said, with proofs, for a lawyer."
        ),
        "witness": Lazy(
            "witness", "Run a witness, which cosigns logs that have only grown."
        ),
        "watch": Lazy("watch", "Watch a register from the outside; made for cron."),
        "doctor": Lazy(
            "doctor", "Check the register against its own log, down to the row."
        ),
        "backup": Lazy("backup", "Copy the register to one file, while it is in use."),
        "restore": Lazy("restore", "Make a register from a backup; no silent fork."),
        "personal-data": Lazy(
            "personal_data", "Find what is kept about a person, and where."
        ),
        "erase": Lazy("erase", "Destroy a section of a statement for ever."),
        "rebuild": Lazy(
            "rebuild", "Make the register's tables anew from its statements."
        ),
    }


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="firtree")
def firtree() -> None:
    """Keep the register of meter firmware, and ask it.

    \b
    Example:
        firtree demo
        firtree lookup --manufacturer A1B3 --model 0A01010A --firmware 01060000
        firtree serve
    """


def main() -> None:
    """Run the command; an error of ours ends it with one line and a hint."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The name of a file need not be UTF-8; it is written as it came.
        sys.stdout.reconfigure(errors="surrogateescape")
    try:
        firtree.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("firtree: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except FirtreeError as error:
        show_error(error)
        sys.exit(EXIT_TRY_LATER if isinstance(error, UnavailableError) else 1)
    except BrokenPipeError:
        # Whoever read our output has gone; that is no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def show_error(error: FirtreeError) -> None:
    """Write an error of ours: every place that is wrong, one line, one hint."""
    if isinstance(error, InvalidInputError):
        for problem in error.problems:
            if str(problem) != str(error):
                click.echo(f"firtree: {problem}", err=True)
    click.echo(f"firtree: {error}", err=True)
    if error.hint:
        click.echo(f"firtree: hint: {error.hint}", err=True)
