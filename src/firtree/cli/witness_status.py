"""``firtree witness status``."""

from datetime import datetime
from typing import Any

import click

from firtree import wiring
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.library.witnesses.ports import WitnessState, by_vkey
from firtree.library.witnesses.serving import served_size
from firtree.wiring import background


@click.command("status")
@data_option
@json_option
def command(data: str | None, *, as_json: bool) -> None:
    """Show how far the witnesses of this register have come, and what failed last.

    The witnesses are those of the policy file that FIRTREE_WITNESS_POLICY names.

    \b
    Example:
        FIRTREE_WITNESS_POLICY=witnesses.policy firtree witness status --data ./var
    """
    settings = settings_of(data)
    with wiring.opened(settings) as parts:
        found = background.witnessing(settings, parts)
        told = _told(found, parts.register.size())
    if found is not None and found.outdated:
        click.echo(f"firtree: {found.outdated}", err=True)
    if as_json:
        write_json(told)
        return
    if found is None:
        click.echo(
            "no witnesses are set: name a policy file in FIRTREE_WITNESS_POLICY "
            "(docs/witnesses.md)"
        )
        return
    served = "none yet" if told["served"] is None else f"size {told['served']}"
    click.echo(f"log: size {told['size']}; cosigned by enough witnesses: {served}")
    for each in told["witnesses"]:
        for line in _lines(each, told["size"]):
            click.echo(line)


def _told(found: background.Witnessing | None, size: int) -> dict[str, Any]:
    if found is None:
        return {"size": size, "served": size, "quorum": None, "witnesses": []}
    states = by_vkey(found.book.states())
    witnesses = []
    for each in found.policy.witnesses:
        vkey = str(each.verifier)
        state = states.get(vkey) or WitnessState(vkey)
        witnesses.append({"name": each.name, "url": each.url, **state._asdict()})
    served = served_size(found.policy, found.book.signatures(), size)
    return {
        "size": size,
        "served": served,
        "quorum": found.policy.quorum,
        "witnesses": witnesses,
    }


def _lines(each: dict[str, Any], size: int) -> list[str]:
    """Describe a witness in one line, and a second where something is wrong."""
    if each["cosigned_at"] is None:
        last = "has cosigned nothing yet"
    else:
        behind = f", {size - each['size']} behind" if each["size"] < size else ""
        last = f"size {each['size']}{behind}, cosigned {_time(each['cosigned_at'])}"
    where = each["url"] or "no address: nothing is sent to it"
    lines = [f"{each['name']}: {last} ({where})"]
    if each["error"]:
        times = "once" if each["failures"] == 1 else f"{each['failures']} times"
        next_at = f"; next try {_time(each['next_at'])}" if each["next_at"] else ""
        lines.append(f"  failed {times}: {each['error']}{next_at}")
    return lines


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
