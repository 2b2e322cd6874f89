"""``firtree log mirror``."""

from pathlib import Path

import click

from firtree.cli.log_key import read_policy
from firtree.cli.options import json_option, progress_bar, settings_of, write_json
from firtree.cli.sources import token_option, with_token
from firtree.client.mirror_state import is_unfinished
from firtree.errors import InvalidInputError, NotSignedInError, UnavailableError
from firtree.ledger.notes import Verifier
from firtree.ledger.policy import Policy, TrustedLog
from firtree.text import counted, shown


@click.command("mirror")
@click.argument("url", metavar="URL")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--policy",
    metavar="FILE",
    help="Whose signatures count (c2sp.org/tlog-policy); needed the first time.",
)
@click.option(
    "--key", metavar="VKEY", help="Key of the log, where there is no policy file."
)
@token_option
@json_option
def command(
    url: str,
    folder: Path,
    policy: str | None,
    key: str | None,
    token_file: str | None,
    *,
    as_json: bool,
) -> None:
    """Copy the log of a server into a folder, or take in what is new there.

    All of it is verified: who signed the checkpoint, that the log only grew, every
    leaf, every section that is disclosed to you, and the state map where you may see
    all.  A run that is interrupted goes on where it stopped.  The key or policy comes
    from the keeper by another way than this server; the mirror remembers it, and
    follows it where the log rotates its key.

    With a token that sees more than before, what is disclosed now of statements that
    are held already is taken in as well; with one that sees less, nothing is lost.

    DIR/log can be served by any web server; DIR/register is for you alone.  Ask the
    mirror with `--from DIR`.

    \b
    Example:
        firtree log mirror https://fir.example mirror --policy policy
        firtree log mirror https://fir.example mirror
        firtree lookup --from mirror --manufacturer A1B3 --model 0A01010A \\
            --firmware 01060000
    """
    if policy is not None and key is not None:
        raise click.UsageError("--policy and --key: give one of the two")
    text = policy_text(policy, key)
    from firtree.wiring.mirrors import mirror

    settings = with_token(settings_of(None), token_file)
    try:
        with progress_bar("mirroring") as progress:
            done = mirror(settings, url, folder, text, progress=progress)
    except (UnavailableError, NotSignedInError):
        if is_unfinished(folder):
            click.echo(
                f"firtree: {folder} keeps what was taken in and verified; the same "
                "command goes on from there",
                err=True,
            )
        raise
    state = done.state
    if as_json:
        write_json(
            {
                "origin": done.checkpoint.origin,
                "size": done.checkpoint.size,
                "new": done.checkpoint.size - done.before,
                "hidden": state.hidden,
                "replayed": state.replayed,
                "witnesses": dict(done.cosigned),
                "new_keys": [str(key) for key in done.new_keys],
                "fuller": done.fuller,
                "sees_less": done.sees_less,
            }
        )
        return
    new = done.checkpoint.size - done.before
    click.echo(
        f"{folder} mirrors {done.checkpoint.origin}: "
        f"{counted(done.checkpoint.size, 'statement')}, {new:,} of them new"
    )
    if done.fuller:
        more = counted(
            done.fuller, "statement that was held", "statements that were held"
        )
        click.echo(f"  more is disclosed to you now of {more} before, and was taken in")
    if done.sees_less:
        click.echo(
            "  less is disclosed to you now than this mirror was made with: what is "
            "held is kept, and what is new is held as far as you see it"
        )
    for line in lines_of(hidden=state.hidden, replayed=state.replayed):
        click.echo(f"  {line}")
    witnesses = ", ".join(sorted(done.cosigned)) or "none"
    click.echo(f"  cosigned by: {witnesses}")
    for one in done.new_keys:
        click.echo(
            f"  the log's key was rotated, which the one before has signed: {one}"
        )


def policy_text(policy: str | None, key: str | None) -> str:
    """Read a policy file, or make the policy of a key; empty where neither is given.

    Raises:
        InvalidInputError: it cannot be read.
    """
    if key is not None:
        try:
            verifier = Verifier.parse(key)
        except ValueError as error:
            raise InvalidInputError(
                f"--key: expected {error}, found {shown(key)}",
                hint="the keeper's firtree log key prints it",
            ) from None
        return Policy(logs=(TrustedLog(verifier),)).encode().decode()
    if policy is None:
        return ""
    found = read_policy(policy)
    if not found.logs:
        raise InvalidInputError(
            f"{policy}: expected the key of a log, found none",
            hint="the keeper's firtree log policy writes such a file",
        )
    return found.encode().decode(errors="replace")


def lines_of(*, hidden: int, replayed: bool) -> list[str]:
    """Say in words what of a log was seen."""
    lines = []
    if hidden:
        lines.append(f"not wholly disclosed to you: {counted(hidden, 'statement')}")
    lines.append(
        "the state map follows from the statements: these lists are complete"
        if replayed
        else "the state map was not replayed, for not all of it is disclosed: "
        "lists may be incomplete"
    )
    return lines
