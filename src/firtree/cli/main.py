"""The command ``firtree``: its commands, and how an error of ours ends it."""

import importlib
import os
import sys

import click

from firtree import __version__
from firtree.errors import FirtreeError, InvalidInputError, UnavailableError

# Commands by name: where each one is, and what --help says of it, so that a command's
# module is imported only when it runs.
_COMMANDS = {
    "init": ("init", "Make a register: its database and its signing key."),
    "demo": ("demo", "Make an example register with invented makers and meters."),
    "serve": ("serve", "Serve the register on this machine: pages and API."),
    "import": ("import_", "Take a table of entries (xlsx, ods, csv) in."),
    "export": ("export", "Write the register to a workbook, CSV, JSON or Parquet."),
    "verify": ("verify", "Tell whether a workbook is as it was published."),
    "lookup": ("lookup", "Ask about one device: what should it run?"),
    "history": ("history", "Show every version of an entry, before and after."),
    "diff": ("diff", "Show what changed between two days."),
    "findings": ("findings", "List what the checks find in recorded entries."),
    "search": ("search", "Find entries by part of a version, model, hash …"),
    "image": ("image", "Check and build OTA files, on this machine alone."),
    "duis": ("duis", "Write Service Requests for firmware, and read the answers."),
    "rebuild": ("rebuild", "Make the register's tables anew from its statements."),
}

EXIT_TRY_LATER = 75  # EX_TEMPFAIL


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"firtree.cli.{_COMMANDS[name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in _COMMANDS.items()])


@click.group(cls=_LazyGroup)
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
    try:
        firtree.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("firtree: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
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
            click.echo(f"firtree: {problem}", err=True)
    click.echo(f"firtree: {error}", err=True)
    if error.hint:
        click.echo(f"firtree: hint: {error.hint}", err=True)
