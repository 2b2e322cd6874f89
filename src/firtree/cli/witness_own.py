"""``firtree witness``: the commands of who runs one."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from firtree.cli.options import json_option, write_json
from firtree.cli.serving import LOOPBACK, check_port, run_server
from firtree.errors import InvalidInputError
from firtree.ledger.notes import Verifier
from firtree.ledger.policy import POLICY_OCTETS_MOST, Policy
from firtree.text import counted, shown
from firtree.wiring.witness import make_witness, open_witness, witness_application
from firtree.witness.store import Contradiction

_F = TypeVar("_F", bound=Callable[..., Any])
DEFAULT_PORT = 8100


def _folder_option(function: _F) -> _F:
    return click.option(
        "--dir",
        "folder",
        type=click.Path(path_type=Path),
        default=Path("./witness"),
        show_default=True,
        help="Folder of the witness: its memory and its key.",
    )(function)


@click.command("init")
@_folder_option
@click.option(
    "--name", required=True, help="Name of the witness, such as witness.example/w1."
)
@json_option
def init(folder: Path, name: str, *, as_json: bool) -> None:
    """Make a witness: its memory and its key.

    The name is an address without its scheme that belongs to you; nothing needs to
    answer there. Give the verifier key that is shown to those who are to rely on it.

    \b
    Example:
        firtree witness init --dir ./witness --name witness.example/w1
    """
    vkey = str(make_witness(folder, name).verifier)
    if as_json:
        write_json({"dir": str(folder), "name": name, "verifier_key": vkey})
        return
    click.echo(f"made the witness {name} in {folder}")
    click.echo(f"its verifier key is {vkey}")
    click.echo("next: firtree witness trust VKEY, then firtree witness serve")


@click.command("key")
@_folder_option
@json_option
def key(folder: Path, *, as_json: bool) -> None:
    """Show the verifier key of the witness, in one line.

    \b
    Example:
        firtree witness key --dir ./witness
    """
    verifier = open_witness(folder).cosigner.verifier
    if as_json:
        write_json({"name": verifier.name, "verifier_key": str(verifier)})
        return
    click.echo(str(verifier))


@click.command("trust")
@_folder_option
@click.option(
    "--policy",
    "policy",
    type=click.File("rb"),
    help="Trust every log of a policy file (c2sp.org/tlog-policy).",
)
@click.argument("vkeys", nargs=-1, metavar="[VKEY]...")
@json_option
def trust(
    folder: Path,
    policy: Any,  # noqa: ANN401 - an opened file
    vkeys: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Trust logs: from now on their checkpoints are cosigned.

    A log may have several keys, the old one and the new one for instance. A server
    that is running takes it up at once.

    \b
    Example:
        firtree witness trust --dir ./witness log.example/register+1f…+AT…
        firtree witness trust --dir ./witness --policy register.policy
    """
    keys = [_key(vkey) for vkey in vkeys]
    if policy is not None:
        read = Policy.parse(policy.read(POLICY_OCTETS_MOST + 1), policy.name)
        keys += [log.verifier for log in read.logs]
    if not keys:
        raise InvalidInputError(
            "no log to trust was given",
            hint="give its verifier key, or a --policy file with a log line",
        )
    with open_witness(folder).store.writing() as tx:
        told = [(each, tx.trust(each)) for each in keys]
    if as_json:
        write_json(
            {"trusted": [{"verifier_key": str(k), "new": new} for k, new in told]}
        )
        return
    for each, new in told:
        click.echo(f"{each.name}: {'trusted' if new else 'was trusted already'}")


@click.command("distrust")
@_folder_option
@click.argument("vkey")
@json_option
def distrust(folder: Path, vkey: str, *, as_json: bool) -> None:
    """Trust a log's key no more; what was cosigned stays known.

    \b
    Example:
        firtree witness distrust --dir ./witness log.example/register+1f…+AT…
    """
    found = _key(vkey)
    with open_witness(folder).store.writing() as tx:
        done = tx.distrust(found)
    if as_json:
        write_json({"verifier_key": str(found), "was_trusted": done})
        return
    click.echo(f"{found.name}: {'trusted no more' if done else 'was not trusted'}")


@click.command("logs")
@_folder_option
@json_option
def logs(folder: Path, *, as_json: bool) -> None:
    """List the logs the witness trusts, and what it cosigned last of each.

    A contradiction is a checkpoint that a log has signed and that was not shown to
    continue the one before. That may be a refusal and no more: whoever asked gave a
    wrong proof. Two of one size with different trees prove that the log has two
    histories; these are marked FORK (proves_a_fork): tell everybody. With --json the
    notes themselves are written.

    \b
    Example:
        firtree witness logs --dir ./witness --json
    """
    store = open_witness(folder).store
    known, contradictions = store.known(), store.contradictions()
    if as_json:
        write_json(
            {
                "logs": [each._asdict() for each in known],
                "contradictions": [
                    {**each._asdict(), "proves_a_fork": each.proves_a_fork}
                    for each in contradictions
                ],
            }
        )
        return
    if not known:
        click.echo("no log is trusted yet: firtree witness trust VKEY")
    for each in known:
        keys = counted(len(each.vkeys), "key")
        last = "nothing cosigned yet" if each.size is None else f"size {each.size}"
        click.echo(f"{each.origin}: {keys}, {last} {each.at}".rstrip())
        if own := [one for one in contradictions if one.origin == each.origin]:
            click.echo(f"  {_told(own)}; --json writes the notes")


def _told(contradictions: Sequence[Contradiction]) -> str:
    """Say what is kept of a log, and what follows from it."""
    forks = sum(one.proves_a_fork for one in contradictions)
    if not forks:
        kept = counted(len(contradictions), "checkpoint")
        return f"{kept} not shown to continue the one before: no proof of a fork"
    kept = counted(len(contradictions), "contradicting checkpoint")
    return f"FORK: {kept}, of which {forks} with another tree of the same size"


@click.command("serve")
@_folder_option
@click.option(
    "--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True
)
@click.option(
    "--address",
    default=LOOPBACK,
    show_default=True,
    help="Address of this machine to listen on.",
)
def serve(folder: Path, port: int, address: str) -> None:
    """Cosign what logs send: POST /add-checkpoint (c2sp.org/tlog-witness).

    It listens on this machine only, unless another --address is given; to others it
    is shown through a proxy that speaks HTTPS.

    \b
    Example:
        firtree witness serve --dir ./witness --port 8100
    """
    open_witness(folder)  # what is wrong with it is said before anything is started
    check_port(port, address)
    host = f"[{address}]" if ":" in address else address
    run_server(
        partial(witness_application, folder),
        where=f"http://{host}:{port}",
        port=port,
        address=address,
        lifespan=False,
    )


def _key(vkey: str) -> Verifier:
    try:
        return Verifier.parse(vkey)
    except ValueError as error:
        raise InvalidInputError(
            f"VKEY: expected {error}, found {shown(vkey)}",
            hint="the keeper of the log gives it: firtree log key",
        ) from None
