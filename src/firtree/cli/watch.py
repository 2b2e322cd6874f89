"""``firtree watch``."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from firtree.cli.files import read_octets
from firtree.cli.log_key import read_policy
from firtree.cli.options import json_option, write_json
from firtree.client.addresses import read_address
from firtree.client.things import THINGS_OCTETS_MOST, Thing, read_things
from firtree.errors import InvalidInputError
from firtree.text import plain_text, shown
from firtree.wiring.watching import Watched, watched

_TOKEN_OCTETS_MOST = 4096


@click.command("watch")
@click.argument("url")
@click.option(
    "--policy",
    required=True,
    metavar="FILE",
    help="Policy file: the keys you trust.  It must not come from the server.",
)
@click.option(
    "--state",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder that keeps what was seen last, and evidence.",
)
@click.option("--entry", "entries", multiple=True, metavar="ID", help="Of yours.")
@click.option(
    "--model", "models", multiple=True, metavar="MAKER/MODEL", help="Likewise."
)
@click.option("--maker", "makers", multiple=True, metavar="CODE", help="All it has.")
@click.option(
    "--party", "parties", multiple=True, metavar="ID", help="Your own: keys, grants."
)
@click.option("--things", metavar="FILE", help="File with such things, one to a line.")
@click.option(
    "--max-age",
    type=click.FloatRange(0.1, 8760),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="How long ago witnesses may have cosigned.",
)
@click.option("--token-file", metavar="FILE", help="File with your token, if need be.")
@json_option
def command(  # noqa: PLR0917 - one argument for each option
    url: str,
    policy: str,
    folder: Path,
    entries: tuple[str, ...],
    models: tuple[str, ...],
    makers: tuple[str, ...],
    parties: tuple[str, ...],
    things: str | None,
    max_age: float,
    token_file: str | None,
    *,
    as_json: bool,
) -> None:
    """Watch a register from the outside; made for cron.

    Checks that its log is signed, cosigned by enough witnesses, current, and continues
    what was seen last; and whether what it holds of your own entries, hardware models
    of all a maker has, or of your own party (its keys, and what it was granted) has
    changed since. Says nothing and exits 0 where all is well.
    Otherwise one sentence for each thing, and exit code 1; what must not be is kept
    with both notes below DIR/evidence. A change is told once, and so is a model or
    maker that is not there; an entry each time. 75: it cannot be asked now.

    \b
    Example:
        firtree watch https://fir.example --policy policy --state ./watch \\
            --maker F0E1 --entry 9001
    """
    trusted = read_policy(policy)
    if not trusted.logs:
        raise InvalidInputError(
            f"{policy} names no log", hint="add the line: log <verifier key>"
        )
    found = watched(
        str(read_address(url)),
        trusted,
        folder,
        _things(
            {"entry": entries, "model": models, "maker": makers, "party": parties},
            things,
        ),
        now=datetime.now(UTC),
        max_age=timedelta(hours=max_age),
        token=_token(token_file) if token_file else "",
    )
    if as_json:
        write_json(_report(url, found))
    else:
        _show(found)
    seen = found.seen
    sys.exit(1 if seen.wrong or seen.late or seen.changed or seen.unknown else 0)


def _things(
    given: Mapping[str, tuple[str, ...]], file: str | None
) -> tuple[Thing, ...]:
    found: list[Thing] = []
    for kind, names in given.items():
        for name in names:
            try:
                found.append(Thing.parse(f"{kind} {name}"))
            except ValueError as error:
                raise InvalidInputError(
                    f"--{kind}: expected {error}, found {shown(name)}"
                ) from None
    if file:
        octets = read_octets(file, most=THINGS_OCTETS_MOST, what="things to watch")
        found += read_things(octets)
    return tuple(dict.fromkeys(found))


def _token(file: str) -> str:
    octets = read_octets(file, most=_TOKEN_OCTETS_MOST, what="a token")
    try:
        return plain_text(octets.decode("ascii").strip(), most=512)
    except ValueError:
        # What stands there may be a secret, and is not shown.
        raise InvalidInputError(
            f"{file}: expected a token, found something else"
        ) from None


def _report(url: str, found: Watched) -> dict[str, object]:
    cosigned = found.seen.cosigned
    return {
        "url": url,
        "origin": cosigned and cosigned.checkpoint.origin,
        "size": cosigned and cosigned.checkpoint.size,
        "cosigned_at": cosigned and cosigned.at,
        "witnesses": sorted(cosigned.times) if cosigned else [],
        "first_time": not found.kept.note,
        "wrong": found.seen.wrong,
        "late": found.seen.late,
        "changed": found.seen.changed,
        "unknown": found.seen.unknown,
        "evidence": [str(path) for path in found.evidence],
    }


def _show(found: Watched) -> None:
    for told in found.seen.wrong:
        click.echo(f"firtree: WRONG: {told}", err=True)
    if found.seen.late:
        click.echo(f"firtree: late: {found.seen.late}", err=True)
    for told in found.seen.changed:
        click.echo(f"firtree: changed: {told}", err=True)
    for told in found.seen.unknown:
        click.echo(f"firtree: unknown: {told}", err=True)
    if found.evidence:
        files = ", ".join(str(path) for path in found.evidence)
        click.echo(f"firtree: kept as evidence: {files}", err=True)
        click.echo(
            "firtree: hint: rely on no answer of this server; show these files to its "
            "keeper, the witnesses and the Security Sub-Committee",
            err=True,
        )
