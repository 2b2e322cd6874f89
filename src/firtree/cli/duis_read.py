"""``firtree duis read``."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import click
import msgspec

from firtree.cli.device_tables import FORMATS, DeviceTable, opened_table
from firtree.cli.duis_files import opened, pieces_of
from firtree.cli.options import (
    error_json,
    json_octets,
    json_option,
    output_begins,
    progress_bar,
)
from firtree.duis.answers import InventoryDevice, Response, known_of
from firtree.duis.gbcs import Report
from firtree.duis.responses import read_response
from firtree.errors import FirtreeError, InvalidInputError
from firtree.text import counted

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 20
_IN_MEMORY = 1 << 20


_Failure = tuple[str, FirtreeError]


class _Read(NamedTuple):
    """What was read of one file.

    Attributes:
        devices: the first of an inventory, for people.
        spooled: all of them as JSON, one after the other; None = not asked for.
    """

    file: str
    response: Response
    devices: list[InventoryDevice]
    spooled: IO[bytes] | None


@click.command("read")
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the devices of inventories as a table: .csv or .parquet.",
)
@json_option
def read(files: tuple[str, ...], output: str | None, *, as_json: bool) -> None:
    """Read what DCC sent back: responses, acknowledgements and alerts.

    Codes are shown as codes, with what is publicly known of them.  Signatures are not
    checked here: firtree duis verify does that.  A file that cannot be read is named,
    and the others are shown; a table is written only if all could be read.

    \b
    Example:
        firtree duis read responses/*.xml
        firtree duis read inventory.xml -o meters.parquet
    """
    if output is not None and Path(output).suffix.lower() not in FORMATS:
        raise InvalidInputError(
            f"--output: expected a name that ends in {' or '.join(FORMATS)}, "
            f"found {output}"
        )
    failed: list[_Failure] = []
    with ExitStack() as stack:
        table = stack.enter_context(opened_table(output)) if output else None
        progress = stack.enter_context(progress_bar("reading"))
        show = stack.enter_context(_shown(failed, as_json=as_json))
        for number, name in enumerate(files):
            progress(f"reading {name}", number, len(files))
            try:
                with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spooled:
                    aside = spooled if as_json and table is None else None
                    show(_read(name, table, aside))
            except FirtreeError as error:
                failed.append((name, error))
        if table is not None and not failed:
            table.keep()
    if failed:
        _refuse(failed, len(files))
    if table is not None and not as_json:
        click.echo(f"wrote {counted(table.count, 'device')} to {output}")


def _read(name: str, table: DeviceTable | None, spooled: IO[bytes] | None) -> _Read:
    """Read one file; memory does not grow with the devices it lists."""
    devices: list[InventoryDevice] = []
    encoder = msgspec.json.Encoder()
    with opened(name) as file:
        for item in read_response(pieces_of(file)):
            if isinstance(item, Response):
                return _Read(name, item, devices, spooled)
            if len(devices) < _SHOWN:
                devices.append(item)
            if table is not None:
                table.add(item)
            if spooled is not None:
                comma = b"," if spooled.tell() else b""
                spooled.write(comma + encoder.encode(item))
    raise AssertionError("a response is always last")


def _refuse(failed: list[_Failure], of: int) -> None:
    if of == 1:
        raise failed[0][1]
    for _, error in failed:
        click.echo(f"firtree: {error}", err=True)
    raise InvalidInputError(
        f"{len(failed)} of {counted(of, 'file')} cannot be read",
        hint="ask for them again, or leave them out",
    )


@contextmanager
def _shown(
    failed: list[_Failure], *, as_json: bool
) -> Iterator[Callable[[_Read], None]]:
    """Give what shows a file that was read."""
    if as_json:
        with _shown_as_json(failed) as show:
            yield show
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    yield lambda found: _show(console, found)


@contextmanager
def _shown_as_json(
    failed: list[_Failure],
) -> Iterator[Callable[[_Read], None]]:
    """Write JSON as it comes: one object, its responses in the order of the files."""
    encoder = msgspec.json.Encoder()
    written = 0

    def show(found: _Read) -> None:
        nonlocal written
        comma = "," if written else ""
        name = json_octets(found.file).decode()
        response = encoder.encode(found.response).decode()
        click.echo(f'{comma}\n{{"file":{name},"response":{response}', nl=False)
        if found.spooled is not None and found.response.inventory_devices:
            click.echo(',"devices":[', nl=False)
            found.spooled.seek(0)
            while piece := found.spooled.read(_IN_MEMORY):
                click.echo(piece, nl=False)
            click.echo("]", nl=False)
        click.echo("}", nl=False)
        written += 1

    output_begins()
    click.echo('{"responses":[', nl=False)
    yield show
    problems = [{"file": name, **error_json(error)} for name, error in failed]
    click.echo(f'\n],"problems":{json_octets(problems).decode()}}}')


def _show(console: "Console", found: _Read) -> None:
    from rich.markup import escape

    response = found.response
    code = response.code + (f" ({response.code_text})" if response.code_text else "")
    service = f" to {response.service_variant}" if response.service_variant else ""
    console.print(escape(f"{found.file}: {code}{service}, {response.at}"), style="bold")
    if response.request_id:
        console.print(escape(f"  request {response.request_id}"), style="dim")
    for line in _lines(response):
        console.print(escape(f"  {line}"))
    if found.devices:
        _show_devices(console, found)


def _lines(response: Response) -> Iterator[str]:
    """Say what a response says, a line for each thing."""
    if response.kind != "ResponseMessage":
        code = f" {response.device_alert_code}" if response.device_alert_code else ""
        yield f"{response.kind}{code}"
    elif response.content:
        yield response.content
    if response.warnings is not None:
        for field, devices in msgspec.structs.asdict(response.warnings).items():
            if devices:
                name = field.replace("_", " ")
                yield f"{len(devices):,} × {name}: {_listed(devices)}"
    if response.alert is not None:
        alert = response.alert
        text = f" ({known})" if (known := known_of(alert.code)) else ""
        yield f"{alert.code}{text}: {alert.kind}"
        yield from _fields(alert, {"code", "kind"})
    if response.message is not None:
        yield from _report_lines(response.message)


def _report_lines(report: Report) -> Iterator[str]:
    about = report.about or f"message {report.code}, not about firmware"
    yield f"{about}: {report.kind} of {report.originator}"
    if report.about:
        yield from _fields(
            report,
            {"kind", "code", "originator", "recipient", "message_counter", "signed"}
            | {"about"},
        )


def _fields(value: msgspec.Struct, passed_over: set[str]) -> Iterator[str]:
    for name, found in msgspec.structs.asdict(value).items():
        if name in passed_over or found in {"", None, ()}:
            continue
        if isinstance(found, tuple):
            yield f"  {name.replace('_', ' ')}: {_listed(found)}"
        else:
            yield f"  {name.replace('_', ' ')}: {found}"


def _listed(devices: tuple[str, ...]) -> str:
    more = len(devices) - _SHOWN
    listed = ", ".join(devices[:_SHOWN])
    return listed + (f" … and {more:,} more" if more > 0 else "")


def _show_devices(console: "Console", found: _Read) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column("device", no_wrap=True, min_width=23)
    for name in ("type", "manufacturer", "model", "firmware", "CPL status"):
        table.add_column(name, overflow="fold")
    for device in found.devices:
        cells = (
            device.device_id,
            device.device_type,
            device.manufacturer,
            device.model,
            device.firmware_version,
            device.cpl_status,
        )
        table.add_row(*map(escape, cells))
    console.print(table)
    more = found.response.inventory_devices - len(found.devices)
    if more > 0:
        console.print(
            f"  … and {more:,} more: -o FILE.csv writes them all", style="dim"
        )
