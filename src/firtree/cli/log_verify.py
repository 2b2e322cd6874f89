"""``firtree log verify``."""

import click

from firtree.cli.log_mirror import policy_text
from firtree.cli.options import json_verdict, progress_bar, settings_of, write_json
from firtree.cli.sources import token_option, with_token
from firtree.client.verdict import Verdict
from firtree.errors import VerificationError
from firtree.ledger.policy import NO_QUORUM, Policy
from firtree.text import counted

_SHOWN = 20


@click.command("verify")
@click.argument("place", metavar="DIR|URL")
@click.option(
    "--policy",
    metavar="FILE",
    help="Whose signatures count (c2sp.org/tlog-policy); else the mirror's own.",
)
@click.option(
    "--key", metavar="VKEY", help="Key of the log, where there is no policy file."
)
@token_option
@json_verdict("sound")
def command(
    place: str,
    policy: str | None,
    key: str | None,
    token_file: str | None,
    *,
    as_json: bool,
) -> None:
    """Verify a mirror, or the log of a server, from the first leaf on.

    Checked are: who signed the checkpoint; every leaf and every tile; every section
    that is there, against its leaf; the tables, and the state map where all is
    disclosed.  What is wrong is named by file, statement and row.  The exit code is 0
    only if nothing is.

    \b
    Example:
        firtree log verify mirror
        firtree log verify https://fir.example --policy policy
    """
    if policy is not None and key is not None:
        raise click.UsageError("--policy and --key: give one of the two")
    text = policy_text(policy, key)
    from firtree.wiring.mirrors import verify

    settings = with_token(settings_of(None), token_file)
    with progress_bar("verifying") as progress:
        trusted = Policy.parse(text.encode()) if text else None
        found = verify(settings, place, trusted, progress=progress)
    if as_json:
        write_json(_wire(found))
    else:
        _show(place, found)
    if not found.is_sound:
        first = found.faults[0]
        more = f" (and {found.found - 1:,} more)" if found.found > 1 else ""
        raise VerificationError(
            f"{place} is not sound: {first}{more}",
            hint="mirror into a new folder, for a run into this one takes in only what "
            "is new; if the new one is wrong too, tell the log's keeper and witnesses",
        )


def _wire(found: Verdict) -> object:
    signed, seen = found.signed, found.seen
    checkpoint = signed.checkpoint
    return {
        "sound": found.is_sound,
        "origin": checkpoint.origin if checkpoint else None,
        "size": checkpoint.size if checkpoint else None,
        "files": found.files,
        "statements": seen.statements if seen else 0,
        "hidden": seen.hidden if seen else None,
        "absent_sections": seen.absent if seen else None,
        "replayed": seen.replayed if seen else False,
        "quorum": signed.quorum,
        "witnesses": dict(signed.times),
        "faults": [{"where": f.where, "told": f.told} for f in found.faults],
        "faults_found": found.found,
    }


def _show(place: str, found: Verdict) -> None:
    signed, seen = found.signed, found.seen
    for fault in found.faults[:_SHOWN]:
        click.echo(f"wrong: {fault}")
    if found.found > _SHOWN:
        click.echo(f"wrong: and {found.found - _SHOWN:,} more (--json lists them)")
    if signed.checkpoint is not None:
        size, origin = signed.checkpoint.size, signed.checkpoint.origin
        click.echo(f"{place}: checkpoint of {origin}, {counted(size, 'statement')}")
        click.echo(
            f"  checked: {counted(size, 'leaf', 'leaves')}, "
            f"{counted(found.files, 'tile or entry bundle', 'tiles and entry bundles')}"
        )
    if seen is not None:
        click.echo(
            f"  checked: {counted(seen.statements, 'statement')} against their leaves"
        )
        if seen.unreliable is not None:
            click.echo(
                "  not checked: tables and state map, because statement "
                f"{seen.unreliable} cannot be relied on"
            )
        if seen.absent:
            absent = counted(seen.absent, "section")
            click.echo(f"  not checked: {absent}, not disclosed or erased")
        if seen.replayed:
            click.echo("  checked: tables and state map follow from the statements")
        elif seen.unreliable is None:
            click.echo("  checked: tables follow from what is disclosed")
            click.echo(
                "  not checked: the state map, for not all of it is disclosed; lists "
                "may be incomplete"
            )
    if signed.quorum == NO_QUORUM:
        click.echo("  as the keeper says: the policy asks for no witness")
    else:
        names = ", ".join(sorted(signed.times)) or "none"
        click.echo(f"  quorum {signed.quorum}; cosigned by: {names}")
