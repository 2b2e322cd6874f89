"""Starts a server of an ASGI application, for the commands that serve."""

import errno
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import wait
from typing import Any

import click

from firtree.errors import FirtreeError, InvalidInputError, UnavailableError

_log = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
LOOKED_AFTER_EVERY_S = 1.0
# A worker that was asked to end, and has not, is ended by force.
ENDING_S = 5.0


def run_server(
    load: Callable[[], Any],
    *,
    where: str,
    port: int,
    address: str = LOOPBACK,
    workers: int = 1,
    lifespan: bool = True,
    log_requests: bool = False,
) -> None:
    """Serve until the process is told to stop.

    Args:
        load: makes the application, in each worker; it can be pickled.
        where: the address that is told to whoever started it.
        port: to listen on.
        address: likewise.
        workers: processes that answer.
        lifespan: whether the application is told of its start and end.
        log_requests: whether each request is told too, not warnings and faults only.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "firtree",
        address=address,
        port=port,
        interface=Interfaces.ASGI if lifespan else Interfaces.ASGINL,
        workers=workers,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=_in_lines(log_requests=log_requests),
        respawn_failed_workers=True,
        workers_kill_timeout=int(ENDING_S),
    )
    told = f"firtree: {where} (Ctrl+C stops it)"
    server.on_startup(lambda: click.echo(told, err=True))
    looked_after = partial(_looked_after, load, os.getpid())
    server.serve(target_loader=looked_after, wrap_loader=False)


def _in_lines(*, log_requests: bool) -> dict[str, Any]:
    """Give the form of the log, one line of JSON for each thing, the server's too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "firtree.web.lines.OneLine"}},
        "filters": {"true": {"()": "firtree.cli.serving.TrueAlarms"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["lines"]},
        "loggers": {
            "_granian": {"filters": ["true"]},
            "firtree.requests": {"level": "INFO" if log_requests else "WARNING"},
        },
    }


class TrueAlarms(logging.Filter):
    """Lets nobody be told that a worker had to be killed which has ended by itself.

    Two threads of the server wait for a worker; the one that came second may ask for
    the outcome before the first has stored it, and takes the worker to be running.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be told."""
        if "refused to gracefully stop" not in record.getMessage():
            return True
        workers = multiprocessing.active_children()
        ended = wait([worker.sentinel for worker in workers], timeout=0)
        return len(ended) < len(workers)


def _looked_after(load: Callable[[], Any], parent: int) -> Any:  # noqa: ANN401 - ASGI
    """Make the application in a worker, which ends when its parent has ended.

    A parent that is killed cannot end its workers; they would hold the port and the
    register for ever.
    """
    if os.getpid() != parent:  # workers may be threads of the server's own process
        args = (parent,)
        threading.Thread(target=_end_after, args=args, daemon=True).start()
    try:
        return load()
    except FirtreeError as error:
        told = f"{error} ({error.hint})" if error.hint else str(error)
        _log.critical("a worker cannot start: %s", told)
    except Exception:  # noqa: BLE001 - it is told, and this process ends
        _log.exception("a worker cannot start")
    # The server tries once more, then ends; nothing is left to be told.
    raise SystemExit(1)


def _end_after(parent: int) -> None:
    """Wait until this process has another parent, then end it."""
    while os.getppid() == parent:
        time.sleep(LOOKED_AFTER_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ENDING_S)
    os._exit(1)


def check_port(port: int, address: str = LOOPBACK) -> None:
    """Check that the port is free.

    Raises:
        UnavailableError: another program listens on it.
        InvalidInputError: it may not be used, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise InvalidInputError(
                f"port {port} may not be used by this user",
                hint="choose one from 1024: --port 8000",
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise InvalidInputError(
                    f"--address: this machine cannot listen on {address}",
                    hint="use 127.0.0.1, or an address of this machine",
                ) from None
            raise UnavailableError(
                f"port {port} is in use by another program",
                hint=f"stop it, or choose another: --port {port + 1}",
            ) from None
