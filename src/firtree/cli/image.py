"""``firtree image``: OTA files checked and built, on this machine alone."""

import click

from firtree.cli.lazy import Lazy, LazyGroup


class _Commands(LazyGroup):
    lazy = {  # noqa: RUF012 - it is never changed
        "check": Lazy(
            "image_check", "Say what an OTA file is, and what is wrong with it."
        ),
        "build": Lazy("image_build", "Make an OTA file of a Manufacturer Image."),
    }


@click.group("image", cls=_Commands)
def command() -> None:
    """Check and build OTA files; nothing leaves this machine.

    \b
    Example:
        firtree image check meter.ota --device-type ESME --entry 1042
    """
