"""``firtree log prove``."""

import click

from firtree import wiring
from firtree.access import KEEPER, Principal
from firtree.cli.files import check_new, write_new
from firtree.cli.options import (
    data_option,
    json_option,
    overwrite_option,
    progress_bar,
    settings_of,
    tell_size,
    write_json,
)
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError
from firtree.exchange.proof_file import ProofFileWire, write_proof_file
from firtree.library.lookup import Lookup
from firtree.library.proving import prove_entry, prove_model
from firtree.library.views import View
from firtree.parties import PartyKind
from firtree.text import counted, plain_text, shown

_PART_MOST = 40


@click.command("prove")
@click.argument("subject", metavar="ENTRY|MODEL")
@data_option
@click.option("-o", "--output", required=True, metavar="FILE", help="File to write.")
@click.option("--at", default="", help="As recorded then: a date, moment or log size.")
@click.option("--asker", default="", help="Party that asks, for what is limited.")
@click.option(
    "--private", is_flag=True, help="Open private parts and who recorded what too."
)
@overwrite_option
@json_option
def command(
    subject: str,
    data: str | None,
    output: str,
    at: str,
    asker: str,
    *,
    private: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Prove what the register says of an entry or a hardware model, in one file.

    ENTRY is a CPL Entry ID, MODEL is DeviceManufacturer/DeviceModel.  The file holds
    all entries of the hardware model, what each should run, and the proof that this is
    what the log commits to; whoever has the log's key can check it without us.

    \b
    Example:
        firtree log prove 9005 -o 9005.proof
        firtree log prove AB01/010A030B --at 2026-11-22 -o model.proof
    """
    check_new(output, overwrite=overwrite)
    principal = KEEPER if private else reader(asker)
    with progress_bar("proving"), wiring.opened(settings_of(data)) as parts:
        view = parts.lookup.view(at)
        tell_size(at, view.size)
        found = proof_of(parts.lookup, principal, subject, view)
    write_new(output, write_proof_file(found), overwrite=overwrite)
    statements = len(found.proof.statements)
    if as_json:
        write_json({"file": output, "size": view.size, "statements": statements})
        return
    click.echo(
        f"{output}: {named(subject)} at log size {view.size:,}, "
        f"with {counted(statements, 'statement')}"
    )
    click.echo(f"check it with: firtree log check {output} --policy POLICY")


def reader(name: str) -> Principal:
    """Give the principal of a party that reads the register, without private parts."""
    return Principal(kinds=frozenset({PartyKind.IMPORT_SUPPLIER}), name=name)


def named(subject: str) -> str:
    """Name what is proven: an entry by its id, or a hardware model."""
    return f"entry {subject}" if subject.isdigit() else f"hardware model {subject}"


def proof_of(
    lookup: Lookup, principal: Principal, subject: str, view: View
) -> ProofFileWire:
    """Prove what is named on the command line.

    Raises:
        InvalidInputError: neither an entry nor a model.
        NotFoundError: there is no such entry.
    """
    if subject.isascii() and subject.isdigit() and 0 < int(subject[:20]) <= 2**53:
        return prove_entry(lookup, principal, int(subject), view)
    manufacturer, slash, model = subject.partition("/")
    try:
        parts = [plain_text(part, most=_PART_MOST) for part in (manufacturer, model)]
    except ValueError:
        parts = []
    if not slash or "/" in model or len(parts) != 2:
        raise InvalidInputError(
            f"expected a CPL Entry ID or DeviceManufacturer/DeviceModel, found"
            f" {shown(subject)}",
            hint="for instance 9005 or AB01/010A030B",
        )
    return prove_model(lookup, principal, ModelKey.of(*parts), view)
