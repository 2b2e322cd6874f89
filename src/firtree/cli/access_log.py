"""``firtree access-log``."""

import click

from firtree import wiring
from firtree.cli.options import data_option, json_verdict, settings_of, write_json
from firtree.library.accounts import heads
from firtree.library.accounts.ports import Noted
from firtree.library.noted import detail_told
from firtree.text import counted
from firtree.wiring.accounts import gate_of


@click.command("access-log")
@data_option
@click.option("--last", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--verify", is_flag=True, help="Check the chain of hashes, and stop.")
@json_verdict("sound", when="verify")
def command(data: str | None, last: int, *, verify: bool, as_json: bool) -> None:
    """Show the newest rows of the access log, or check that nobody changed it.

    \b
    Example:
        firtree access-log --last 20
        firtree access-log --verify
    """
    settings = settings_of(data)
    with wiring.opened(settings) as parts:
        gate = gate_of(parts, settings)
        if verify:
            count, held = heads.verify(gate, parts.register)
            if as_json:
                write_json({"sound": True, "rows": count, "recorded_heads": held})
                return
            told = f"{counted(count, 'row')} in an unbroken chain, none was changed"
            heads_held = counted(held, "recorded head")
            click.echo(f"{told}; held against {heads_held}")
            return
        with gate.accounts.reading() as tx:
            rows = tx.noted(before=None, party=0, limit=last)
    if as_json:
        write_json([_shown(row) for row in reversed(rows)])
        return
    for row in reversed(rows):
        click.echo(
            f"{row.number}  {row.at:%Y-%m-%d %H:%M:%S}  {row.event}  {_who(row)}  "
            f"{row.address or '–'}  {detail_told(row)}".rstrip()
        )


def _who(row: Noted) -> str:
    """Say who did it, as which party, and whom it is about."""
    nobody = "not known" if row.address else "the keeper"
    who = f"person {row.person}" if row.person else nobody
    party = f" of party {row.party}" if row.party else ""
    about = f", about party {row.about}" if row.about else ""
    return f"{who}{party}{about}"


def _shown(row: Noted) -> dict[str, object]:
    return {
        **row._asdict(),
        "previous": row.previous.hex(),
        "hash": row.hash.hex(),
    }
