"""``firtree log check``."""

import sys
from datetime import UTC, datetime

import click

from firtree.catalogue.answer import Assessment
from firtree.cli.files import read_octets
from firtree.cli.log_key import read_policy
from firtree.cli.options import json_verdict, write_json
from firtree.errors import InvalidInputError, VerificationError
from firtree.exchange.proof_file import (
    OCTETS_MOST,
    Checked,
    check_proof_file,
    read_proof_file,
)
from firtree.exchange.proof_wire import read_state_proof
from firtree.ledger.notes import Note
from firtree.text import shown


@click.command("check")
@click.argument("file")
@click.option(
    "--policy",
    required=True,
    metavar="POLICY",
    help="Policy file: the keys you trust.  It must not come with the proof.",
)
@json_verdict("holds")
def command(file: str, policy: str, *, as_json: bool) -> None:
    """Check the file of a proof, offline, and say exactly what it shows.

    The log's signature, the witnesses, every hash and every open section are verified;
    then the answers are worked out anew from what was proven, and compared.  Exit code
    0: all of it holds; 1: something does not.

    \b
    Example:
        firtree log check 9005.proof --policy policy
    """
    trusted = read_policy(policy)
    octets = read_octets(file, most=OCTETS_MOST, what="the file of a proof")
    try:
        wire = read_proof_file(octets)
        trusted.check_fits(Note.parse(read_state_proof(wire.proof).log_proof.note))
        checked = check_proof_file(wire, trusted, datetime.now(UTC))
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{file} cannot be checked with {policy}: {error}", hint=error.hint
        ) from None
    except VerificationError as error:
        raise VerificationError(
            f"{file} proves nothing: {error}", hint="do not use it; keep it as evidence"
        ) from None
    if as_json:
        write_json(_report(checked))
    else:
        _show(file, checked)
    sys.exit(1 if checked.differences else 0)


def _report(checked: Checked) -> dict[str, object]:
    checkpoint = checked.shown.checkpoint
    return {
        "holds": not checked.differences,
        "question": checked.question,
        "checkpoint": {"origin": checkpoint.origin, "size": checkpoint.size},
        "witnessed_at": checked.shown.cosigned.at,
        "entries": [entry.id for entry in checked.entries],
        "may_say": [one._asdict() for one in checked.sayings],
        "differences": [one._asdict() for one in checked.differences],
    }


def _show(file: str, checked: Checked) -> None:
    checkpoint = checked.shown.checkpoint
    click.echo(f"{file}: log {checkpoint.origin}, checkpoint of size {checkpoint.size}")
    for saying in checked.sayings:
        click.echo(f"  {saying.text}")
    for difference in checked.differences:
        click.echo(f"firtree: {difference}", err=True)
    if checked.differences:
        click.echo(
            "firtree: the answers in the file are not what the proven entries say",
            err=True,
        )
        return
    answers, question = checked.answers, checked.question
    if answers:
        many = len(answers) > 1
        what = f"The answers for {len(answers)} versions" if many else "The answer"
        asker = shown(question.asker) if question.asker else "nobody in particular"
        part = ", who may see only a part" if question.partial else ""
        click.echo(
            f"  {what} in the file: as the rules say for these entries on"
            f" {question.day}, asked by {asker}{part}; worked out here anew."
        )
        for firmware, answer in answers.items():
            click.echo(f"    {firmware}: {_in_short(answer)}")
    click.echo("  Numbers of the log count from 0.")


def _in_short(answer: Assessment) -> str:
    """Say what a device is, and what it is to install."""
    way = ", ".join(f"entry {step}" for step in answer.pathway or ())
    return answer.standing_text + (f": install {way}" if way else "")
