"""``firtree log rotate-key``."""

import click

from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.settings import Settings
from firtree.wiring.keyfile import KEY_FILE, OLD_KEY_FILE
from firtree.wiring.rotation import Rotated, rotate_key


@click.command("rotate-key")
@data_option
@click.option(
    "--both-for",
    "days",
    type=click.IntRange(0, 3650),
    default=90,
    show_default=True,
    metavar="DAYS",
    help="How long checkpoints bear the old key's signature too.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, change nothing.")
@json_option
def command(data: str | None, *, days: int, dry_run: bool, as_json: bool) -> None:
    """Give the log a new signing key, recorded as a statement that both keys sign.

    For the days given, checkpoints bear both signatures, so that clients and witnesses
    can take the new verifier key into their policies at their own pace.  A crash at any
    moment leaves a usable register: the next start finishes what was begun.  Servers
    that are running take up the new key at once; other hosts of a PostgreSQL register
    need the new log.key, before the last day on which both sign.

    Witnesses that do not trust the new key by then cosign nothing new; readers are
    given what was cosigned last, until enough of them do.

    \b
    Example:
        firtree log rotate-key --both-for 90
    """
    settings = settings_of(data)
    rotated = rotate_key(settings, both_for_days=days, dry_run=dry_run)
    if as_json:
        write_json(
            {
                "old_key": str(rotated.old),
                "new_key": str(rotated.new) if rotated.new else None,
                "both_until": rotated.both_until,
                "witnesses": rotated.witnesses,
                "checkpoint": rotated.checkpoint,
                "rotated": rotated.new is not None,
            }
        )
        return
    _show(rotated, settings)


def _show(rotated: Rotated, settings: Settings) -> None:
    if rotated.new is None:
        click.echo(f"would give {rotated.old.name} a new key in place of {rotated.old}")
        click.echo(f"{_until(rotated)}; nothing was changed")
        _show_witnesses(rotated)
        return
    click.echo(f"the key of {rotated.old.name} is now {rotated.new}")
    click.echo(_until(rotated))
    _show_witnesses(rotated)
    folder = settings.data
    click.echo(
        f"it is in {folder}/{KEY_FILE}, the old one in {folder}/{OLD_KEY_FILE}: keep a "
        "copy of the new one in a safe place; running servers have taken it up"
    )
    lines = "both lines belong" if rotated.both_until else "the new line alone belongs"
    click.echo(f"tell clients and witnesses: {lines} into their policies")
    click.echo(_own_policy(rotated, settings.witness_policy))


def _show_witnesses(rotated: Rotated) -> None:
    """Say what the witnesses of the log have to do, and what readers see meanwhile."""
    if not rotated.witnesses:
        return
    names = " and ".join(rotated.witnesses)
    if rotated.both_until is not None:
        click.echo(
            f"{names} cosign it: what is signed after {rotated.both_until} they cosign "
            "only if they trust the new key by then (firtree witness trust)"
        )
        return
    click.echo(
        f"{names} cosign it, and cosign nothing new before they trust the new key "
        "(firtree witness trust): until enough of them do, readers are given what was "
        "cosigned last, and after 24 hours they take it for out of date; unless the "
        "old key is in wrong hands, --both-for 30 or more leaves them the time"
    )


def _own_policy(rotated: Rotated, name: str) -> str:
    """Say what the keeper's own policy file needs.

    Args:
        rotated: the rotation, which was done.
        name: of the file, if it is known.
    """
    file = f"your own {name}" if name else "your own policy file, if you have one"
    return (
        f"change {file} (FIRTREE_WITNESS_POLICY) too: where it has a line with the old "
        f"key, put this one in its place:\n  log {rotated.new}"
    )


def _until(rotated: Rotated) -> str:
    if rotated.both_until is None:
        return "the old key no longer signs"
    return f"the old key signs too until {rotated.both_until}"
