"""``firtree evidence``."""

from datetime import UTC, datetime

import click

from firtree import wiring
from firtree.access import KEEPER
from firtree.cli.files import check_new, write_new
from firtree.cli.log_key import read_policy
from firtree.cli.log_prove import named, proof_of, reader
from firtree.cli.options import (
    data_option,
    json_option,
    overwrite_option,
    progress_bar,
    settings_of,
    tell_size,
    write_json,
)
from firtree.errors import VerificationError
from firtree.exchange.proof_file import check_proof_file
from firtree.ledger.policy import Policy, TrustedLog


@click.command("evidence")
@click.argument("subject", metavar="ENTRY|MODEL")
@data_option
@click.option("-o", "--output", required=True, metavar="FILE.zip", help="To write.")
@click.option("--at", default="", help="As recorded then: a date, moment or log size.")
@click.option("--asker", default="", help="Party that asks, for what is limited.")
@click.option(
    "--private", is_flag=True, help="Open private parts and who recorded what too."
)
@click.option(
    "--policy",
    metavar="FILE",
    help="Policy by which the page says who witnessed; by default the log's key alone.",
)
@overwrite_option
@json_option
def command(  # noqa: PLR0917 - one argument for each option
    subject: str,
    data: str | None,
    output: str,
    at: str,
    asker: str,
    policy: str | None,
    *,
    private: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Pack what the register said of an entry or a hardware model, as evidence.

    The zip file holds a page in plain language that can be printed, the data, the
    proofs, and how to check them without this program.  ENTRY is a CPL Entry ID, MODEL
    is DeviceManufacturer/DeviceModel.  Personal data in it are the contacts that the
    register shows; see to it who gets the file.

    \b
    Example:
        firtree evidence 9005 --at 2026-11-22 -o 9005.zip
    """
    from firtree.exchange.evidence.pack import write_pack

    check_new(output, overwrite=overwrite)
    principal = KEEPER if private else reader(asker)
    with progress_bar("proving"), wiring.opened(settings_of(data)) as parts:
        view = parts.lookup.view(at)
        tell_size(at, view.size)
        wire = proof_of(parts.lookup, principal, subject, view)
        verifier = parts.signer.verifier
    trusted = read_policy(policy) if policy else Policy((TrustedLog(verifier),))
    checked = check_proof_file(wire, trusted, datetime.now(UTC))
    if checked.differences:
        raise VerificationError(
            f"the register's own answers do not follow: {checked.differences[0]}",
            hint="make its tables anew: firtree rebuild",
        )
    write_new(output, write_pack(wire, checked, verifier), overwrite=overwrite)
    if as_json:
        write_json({"file": output, "size": view.size, "day": view.day})
        return
    click.echo(f"{output}: {named(subject)} at log size {view.size:,}")
    click.echo("open evidence.html in it; it says how to check the rest")
