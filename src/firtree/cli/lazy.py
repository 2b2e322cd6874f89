"""A group of commands whose modules are imported only when they run."""

import importlib
from collections.abc import Mapping
from typing import NamedTuple

import click

from firtree.collector import collector_at_rest


class Lazy(NamedTuple):
    """Where a command is, and what is said of it before it is imported.

    Attributes:
        module: of ``firtree.cli``.
        told: its line in ``--help``.
        name: of the command in that module.
    """

    module: str
    told: str
    name: str = "command"


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for, so that --help is quick.

    Subclasses say which commands there are, in the order of ``--help``.
    """

    lazy: Mapping[str, Lazy] = {}

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Name the commands."""
        return list(self.lazy)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import a command; None where there is none of this name."""
        if (found := self.lazy.get(name)) is None:
            return None
        with collector_at_rest():
            module = importlib.import_module(f"firtree.cli.{found.module}")
        command: click.Command = getattr(module, found.name)
        return command

    def format_commands(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, found.told) for name, found in self.lazy.items()]
            )
