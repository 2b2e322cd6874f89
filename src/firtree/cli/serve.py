"""``firtree serve``."""

import logging
import socket
from functools import partial

import click

from firtree import wiring
from firtree.cli.options import data_option, settings_of
from firtree.errors import InvalidInputError, UnavailableError
from firtree.settings import Settings

LOOPBACK = "127.0.0.1"


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
    with wiring.opened(settings):
        pass  # what is wrong with the register is said before anything is started
    _check_port(port)
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "firtree",
        address=LOOPBACK,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    )
    server.on_startup(lambda: _say_where(settings.address, port))
    _log_in_lines(settings)
    server.serve(target_loader=partial(wiring.application, settings), wrap_loader=False)


def _say_where(address: str, port: int) -> None:
    # By name: at an address of numbers, browsers know no passkeys.
    where = address or f"http://localhost:{port}"
    click.echo(f"firtree: {where} (Ctrl+C stops it)", err=True)


def _log_in_lines(settings: Settings) -> None:
    """Tell warnings and faults, and each request if so set, one line of JSON each."""
    from firtree.web.lines import OneLine

    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    logging.basicConfig(handlers=[handler])
    if settings.log_requests:
        logging.getLogger("firtree.requests").setLevel(logging.INFO)


def _check_port(port: int) -> None:
    """Check that the port is free.

    Raises:
        UnavailableError: another program listens on it.
        InvalidInputError: it may not be used.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise InvalidInputError(
                f"port {port} may not be used by this user",
                hint="choose one from 1024: firtree serve --port 8000",
            ) from None
        except OSError:
            raise UnavailableError(
                f"port {port} is in use by another program",
                hint=f"stop it, or choose another: firtree serve --port {port + 1}",
            ) from None
