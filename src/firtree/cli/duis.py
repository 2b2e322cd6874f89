"""``firtree duis``: Service Requests written, responses read, both signed."""

import click

from firtree.cli.lazy import Lazy, LazyGroup


class _Commands(LazyGroup):
    lazy = {  # noqa: RUF012 - it is never changed
        "update": Lazy(
            "duis_requests", "Write updates of firmware: 11.1, 11.4.", "update"
        ),
        "activate": Lazy(
            "duis_requests", "Write activations of firmware: 11.3.", "activate"
        ),
        "read-version": Lazy(
            "duis_requests", "Write version readings: 11.2.", "read_version"
        ),
        "read": Lazy(
            "duis_read", "Read responses, acknowledgements and alerts.", "read"
        ),
        "verify": Lazy("duis_sign", "Check the XML signatures of messages.", "verify"),
        "sign": Lazy("duis_sign", "Sign requests that were written.", "sign"),
    }


@click.group("duis", cls=_Commands)
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
