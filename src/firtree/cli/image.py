"""``firtree image``: OTA files checked and built, on this machine alone."""

import importlib

import click

_COMMANDS = {
    "check": ("image_check", "Say what an OTA file is, and what is wrong with it."),
    "build": ("image_build", "Make an OTA file of a Manufacturer Image."),
}


class _LazyCommands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"firtree.cli.{_COMMANDS[name][0]}")
        command: click.Command = module.command
        return command


@click.group("image", cls=_LazyCommands)
def command() -> None:
    """Check and build OTA files; nothing leaves this machine.

    \b
    Example:
        firtree image check meter.ota --device-type ESME --entry 1042
    """
