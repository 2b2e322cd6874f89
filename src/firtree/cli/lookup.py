"""``firtree lookup``."""

import click

from firtree.catalogue.answer import Device
from firtree.cli.log_key import read_policy
from firtree.cli.lookup_report import show_answer
from firtree.cli.options import (
    data_option,
    json_option,
    settings_of,
    tell_size,
    write_json,
)
from firtree.cli.sources import asked_source, source_options, with_source, with_token
from firtree.devices import DeviceType
from firtree.errors import InvalidInputError
from firtree.exchange.wire import AssessmentWire
from firtree.library.sources import Provenance
from firtree.text import plain_text, shown

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
@click.option(
    "--policy",
    metavar="FILE",
    help="Policy file: check a server's answer with the keys you trust.",
)
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
    policy: str | None,
    *,
    as_json: bool,
) -> None:
    """Ask about one device: is it up to date, what should it run, by which steps?

    A server's answer is its word, unless --policy is given: then it has to prove that
    the answer follows from all entries of the hardware model that the log holds now.
    A mirror's is checked against the log already (log mirror), and so is the file of a
    proof (log check).

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
    if policy is not None:
        if "://" not in (source or ""):
            raise click.UsageError("--policy: goes with --from and a server's address")
        if at or effective_at:
            raise click.UsageError("--policy: checks what holds now; ask without a day")
        answer, provenance = _proven(policy, source or "", device, token_file)
    else:
        with asked_source(source, token_file, data=data) as asked:
            answer = asked.assessment(device, at=at, effective_at=effective_at)
            provenance = asked.provenance
    tell_size(at, answer.log.size)
    if as_json:
        write_json(with_source(answer, provenance))
    else:
        show_answer(answer, provenance)


def _proven(
    policy: str, place: str, device: Device, token_file: str | None
) -> tuple[AssessmentWire, Provenance]:
    from firtree.wiring.sources import proven

    trusted = read_policy(policy)
    settings = with_token(settings_of(None), token_file)
    return proven(settings, place, device, trusted)


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
