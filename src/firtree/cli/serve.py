"""``firtree serve``."""

from functools import partial

import click

from firtree import wiring
from firtree.cli.options import data_option, settings_of
from firtree.cli.serving import check_port, run_server
from firtree.wiring import background


@click.command("serve")
@data_option
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer.",
)
def command(data: str | None, port: int, workers: int) -> None:
    """Serve the register on this machine: pages and API.

    It listens on 127.0.0.1 only.

    \b
    Example:
        firtree serve --data ./var --port 8000
    """
    settings = settings_of(data)
    with wiring.opened(settings) as parts:
        # What is wrong with it is said before anything is started.
        witnesses = background.witnessing(settings, parts)
        if witnesses is not None:
            background.check_with_witnesses(parts, witnesses)
            if witnesses.outdated:
                click.echo(f"firtree: {witnesses.outdated}", err=True)
    check_port(port)
    # By name: at an address of numbers, browsers know no passkeys.
    where = settings.address or f"http://localhost:{port}"
    load = partial(wiring.application, settings)
    run_server(
        load,
        where=where,
        port=port,
        workers=workers,
        log_requests=settings.log_requests,
    )
