"""``firtree duis``: Service Requests written, responses read, both signed."""

import importlib

import click

# Commands by name: module, attribute, and what --help says of it.
_COMMANDS = {
    "update": ("duis_requests", "update", "Write updates of firmware: 11.1, 11.4."),
    "activate": ("duis_requests", "activate", "Write activations of firmware: 11.3."),
    "read-version": ("duis_requests", "read_version", "Write version readings: 11.2."),
    "read": ("duis_read", "read", "Read responses, acknowledgements and alerts."),
    "verify": ("duis_sign", "verify", "Check the XML signatures of messages."),
    "sign": ("duis_sign", "sign", "Sign requests that were written."),
}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[name]
        command: click.Command = getattr(
            importlib.import_module(f"firtree.cli.{module}"), attribute
        )
        return command

    def format_commands(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (*_, told) in _COMMANDS.items()])


@click.group("duis", cls=_LazyGroup)
def command() -> None:
    """Write Service Requests for firmware, and read what DCC answers (DUIS 5.4).

    Nothing is sent: the files go to your own DCC adaptor, and its answers come from
    there.  No image leaves this machine.

    \b
    Example:
        firtree duis update meter.ota --devices meters.txt \\
            --originator 90-B3-D5-1F-30-01-00-00 --counters counters.json --out requests
        firtree duis read responses/*.xml
    """
