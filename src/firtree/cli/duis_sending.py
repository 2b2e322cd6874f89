"""What the commands that write requests share: options, numbers, writing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from firtree.cli.duis_files import Output, read_bounded, write_all
from firtree.cli.options import json_option, progress_bar, write_json
from firtree.duis.counters import draw
from firtree.duis.device_lists import MOST_OCTETS, read_device_list
from firtree.duis.names import MOST_COUNTER
from firtree.duis.requests import CANCELLED, Sender
from firtree.errors import InvalidInputError
from firtree.text import counted, eui64, moment, shown

_F = TypeVar("_F", bound=Callable[..., Any])

_SHOWN = 10


def sending_options(function: _F) -> _F:
    """Add the options that every request needs."""
    for option in (
        click.option(
            "--dry-run", is_flag=True, help="Check everything; write and draw nothing."
        ),
        click.option(
            "--out", required=True, metavar="DIR", help="Folder for the requests."
        ),
        click.option(
            "--counters",
            metavar="FILE",
            help="File that remembers the last originator counter; made if need be.",
        ),
        click.option(
            "--counter",
            type=click.IntRange(0, MOST_COUNTER),
            help="First originator counter, without such a file; the others follow it.",
        ),
        click.option(
            "--originator", required=True, metavar="EUI", help="EUI-64 of the user."
        ),
        click.option(
            "--devices", required=True, metavar="LIST", help="File: one EUI-64 a line."
        ),
        json_option,
    ):
        function = option(function)
    return function


class Sending(NamedTuple):
    """What was asked for, the same for every kind of request."""

    devices: str
    originator: str
    counter: int | None
    counters: str | None
    out: str
    dry_run: bool
    as_json: bool

    @classmethod
    def of(cls, asked: dict[str, Any]) -> "Sending":
        """Check what was asked for.

        Raises:
            UsageError: there is not exactly one source of counters.
            InvalidInputError: the originator is no EUI-64.
        """
        if asked["counter"] is not None and asked["counters"] is not None:
            raise click.UsageError("--counter and --counters: give one of the two")
        if asked["counter"] is None and asked["counters"] is None:
            raise click.UsageError(
                "each request has a number of its own, the originator counter: give "
                "--counters FILE, which remembers the last one, or --counter with the "
                "first"
            )
        eui = checked("--originator", eui64, asked["originator"])
        return cls(**{**asked, "originator": eui})


def write_each(
    sending: Sending,
    service: str,
    each: Callable[[Sender, str], bytes],
    told: Mapping[str, object],
    warnings: list[str],
) -> None:
    """Write one request for each device."""
    devices = devices_of(sending.devices)

    def outputs(first: int) -> Iterator[Output]:
        for number, device in zip(count(first), devices, strict=False):
            name = f"{service}-{bare(sending.originator)}-{bare(device)}-{number}.xml"
            sender = Sender(sending.originator, number)
            yield Output(name, partial(_whole, each, sender, device))

    write_requests(sending, outputs, [1] * len(devices), told, warnings=warnings)


def _whole(
    each: Callable[[Sender, str], bytes], sender: Sender, device: str
) -> list[bytes]:
    return [each(sender, device)]


def write_requests(
    sending: Sending,
    outputs: Callable[[int], Iterator[Output]],
    devices: list[int],
    told: Mapping[str, object],
    *,
    warnings: list[str],
) -> None:
    """Draw numbers, write the requests, and tell what was written."""
    for warning in warnings:
        click.echo(f"firtree: warning: {warning}", err=True)
    names: list[str] = []
    sizes: list[int] = []
    if not sending.dry_run:
        first = _first_counter(sending, len(devices))
        names = [output.name for output in outputs(first)]
        with progress_bar("writing") as progress:
            sizes = write_all(
                Path(sending.out),
                outputs(first),
                lambda done: progress("writing", done, len(devices)),
            )
    report = {
        **told,
        "written": not sending.dry_run,
        "requests": len(devices),
        "devices": sum(devices),
        "folder": sending.out,
        "files": [
            {"name": name, "devices": number, "octets": size}
            for name, number, size in zip(names, devices, sizes, strict=False)
        ],
        "warnings": warnings,
    }
    if sending.as_json:
        write_json(report)
        return
    verb = "would write" if sending.dry_run else "wrote"
    click.echo(
        f"{verb} {counted(len(devices), 'request')} {told['service']} for "
        f"{counted(sum(devices), 'device')} to {sending.out}"
    )
    for name in names[:_SHOWN]:
        click.echo(f"  {name}")
    if len(names) > _SHOWN:
        click.echo(f"  … and {len(names) - _SHOWN:,} more")


def _first_counter(sending: Sending, number: int) -> int:
    if sending.counters is None:
        return sending.counter or 0
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    return draw(Path(sending.counters), sending.originator, number, least=milliseconds)


def devices_of(name: str) -> list[str]:
    """Read a list of devices.

    Raises:
        InvalidInputError: it is no such list; every wrong line is named.
        UnavailableError: it cannot be read.
    """
    octets = read_bounded(name, MOST_OCTETS)
    try:
        return read_device_list(octets.splitlines())
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{name}: {error}", hint=error.hint, problems=error.problems
        ) from None


def execution(at: str | None) -> datetime | None:
    """Read ``--at``: a moment to come, in whole seconds; None = at once.

    Raises:
        InvalidInputError: it is none.
    """
    if at is None:
        return None
    when = checked("--at", moment, at)
    if when.microsecond or when >= CANCELLED:
        raise InvalidInputError(
            f"--at: expected a moment in whole seconds before the year 3000, "
            f"found {shown(at)}",
            hint="--cancel takes a future-dated activation back",
        )
    if when <= datetime.now(UTC):
        raise InvalidInputError(
            f"--at: expected a moment to come, found {shown(at)}",
            hint="leave it out to act at once",
        )
    return when


def shown_at(when: datetime | None) -> str:
    """Write an execution time for reports."""
    if when is None:
        return "at once"
    return "cancelled" if when == CANCELLED else when.strftime("%Y-%m-%dT%H:%M:%SZ")


_T = TypeVar("_T")


def checked(name: str, read: Callable[[str], _T], text: str) -> _T:
    """Read the text of an option; a complaint names the option."""
    try:
        return read(text)
    except ValueError as error:
        raise InvalidInputError(
            f"{name}: expected {error}, found {shown(text)}"
        ) from None


def bare(eui: str) -> str:
    """Write an EUI-64 without dashes, for the name of a file."""
    return eui.replace("-", "")
