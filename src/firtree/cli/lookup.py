"""``firtree lookup``."""

from typing import TYPE_CHECKING

import click

from firtree.catalogue.answer import Device
from firtree.cli.options import (
    HASH_DIGITS,
    data_option,
    json_option,
    tell_size,
    write_json,
)
from firtree.cli.sources import asked_source, source_options, told, with_source
from firtree.devices import DeviceType
from firtree.errors import InvalidInputError
from firtree.exchange.wire import AssessmentWire
from firtree.library.sources import Provenance
from firtree.text import begun, plain_text, shown

if TYPE_CHECKING:
    from rich.console import Console

_MOST_CHARACTERS = 40


@click.command("lookup")
@data_option
@source_options
@click.option("--device-type", default="", help="ESME, GSME, PPMID …; may be left out.")
@click.option("--manufacturer", required=True, help="DUIS DeviceManufacturer: AB01.")
@click.option("--model", required=True, help="DUIS DeviceModel: 010A030B.")
@click.option("--firmware", required=True, help="Firmware version: 0002012F.")
@click.option("--at", default="", help="As recorded then: a date, moment or log size.")
@click.option("--effective-at", default="", help="As in force on that date.")
@json_option
def command(  # noqa: PLR0917 - one argument for each option
    data: str | None,
    source: str | None,
    token_file: str | None,
    device_type: str,
    manufacturer: str,
    model: str,
    firmware: str,
    at: str,
    effective_at: str,
    *,
    as_json: bool,
) -> None:
    """Ask about one device: is it up to date, what should it run, by which steps?

    \b
    Example:
        firtree lookup --device-type ESME --manufacturer AB01 --model 010A030B \\
            --firmware 0002012F
        firtree lookup --from https://fir.example --token-file token \\
            --manufacturer AB01 --model 010A030B --firmware 0002012F
    """
    device = Device(
        device_type=_device_type(device_type),
        manufacturer=_plain("--manufacturer", manufacturer),
        model=_plain("--model", model),
        firmware=_plain("--firmware", firmware),
    )
    with asked_source(source, token_file, data=data) as asked:
        answer = asked.assessment(device, at=at, effective_at=effective_at)
        provenance = asked.provenance
    tell_size(at, answer.log.size)
    if as_json:
        write_json(with_source(answer, provenance))
    else:
        _show(answer, provenance)


def _plain(option: str, text: str) -> str:
    try:
        return plain_text(text, most=_MOST_CHARACTERS)
    except ValueError as error:
        raise InvalidInputError(
            f"{option}: expected {error}, found {shown(text)}"
        ) from None


def _device_type(text: str) -> DeviceType | None:
    if not text:
        return None
    try:
        return DeviceType.parse(text)
    except ValueError as error:
        raise InvalidInputError(
            f"--device-type: expected {error}, found {shown(text)}"
        ) from None


_COLOURS = {
    "current": "green",
    "behind": "yellow",
    "removed": "red",
    "unlisted-firmware": "magenta",
    "unknown-model": "magenta",
    "stop": "bold red",
    "caution": "yellow",
    "info": "cyan",
}
_LEVELS = {"stop": "Stop", "caution": "Caution", "info": "Information"}


def _show(answer: AssessmentWire, provenance: Provenance) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    device = answer.device
    kind = f"{device.device_type} " if device.device_type else ""
    console.print(
        escape(
            f"{kind}{device.manufacturer} {device.model}, firmware {device.firmware}"
        )
    )
    console.print(f"[bold {_COLOURS[answer.standing]}]{answer.standing_text}[/]")
    if answer.entry is not None:
        console.print(f"runs entry {answer.entry}")
    if answer.target is not None and answer.target != answer.entry:
        console.print(f"should run entry {answer.target}")
    for reason in answer.reasons:
        console.print(f"  {escape(reason.text)}", style="dim")
    _show_steps(console, answer)
    for warning in answer.warnings:
        level = _LEVELS[warning.level]
        console.print(f"[{_COLOURS[warning.level]}]{level}:[/] {escape(warning.text)}")
    for number, advice in enumerate(answer.advice, 1):
        console.print(f"{number}. {escape(advice.text)}")
    if answer.log.size:
        console.print(f"as of statement {answer.log.size} of the register", style="dim")
    for line in told(provenance):
        console.print(escape(line), style="dim")


_WIDE = 120  # columns, in which a whole hash has room


def _show_steps(console: "Console", answer: AssessmentWire) -> None:
    from rich.table import Table

    if not answer.steps:
        if answer.blocked_route is not None:
            route = " → ".join(str(step) for step in answer.blocked_route.pathway)
            console.print(
                f"the declared way {route} is blocked by entry "
                f"{answer.blocked_route.blocked_by}"
            )
        return
    table = Table("step", "entry", "firmware", "released", "urgency")
    table.add_column("image hash", no_wrap=True)
    most = None if console.width >= _WIDE else HASH_DIGITS
    for number, step in enumerate(answer.steps, 1):
        table.add_row(
            str(number),
            str(step.entry),
            step.firmware_version,
            str(step.release_date or ""),
            step.urgency or "",
            begun(step.image_hash or "", most),
        )
    console.print(table)
