"""``firtree witness``: a witness of one's own, and how those of a register do."""

import click

from firtree.cli.lazy import Lazy, LazyGroup


class _Commands(LazyGroup):
    lazy = {  # noqa: RUF012 - it is never changed
        "init": Lazy("witness_own", "Make a witness: its memory and its key.", "init"),
        "key": Lazy("witness_own", "Show the verifier key of the witness.", "key"),
        "trust": Lazy("witness_own", "Trust logs, by their verifier keys.", "trust"),
        "distrust": Lazy("witness_own", "Trust a log's key no more.", "distrust"),
        "logs": Lazy("witness_own", "List the logs it trusts and cosigned.", "logs"),
        "serve": Lazy("witness_own", "Cosign what logs send.", "serve"),
        "status": Lazy("witness_status", "Show how a register's witnesses do."),
    }


@click.group("witness", cls=_Commands)
def command() -> None:
    """Run a witness: it cosigns a log that has only grown, and remembers it.

    A witness is run by somebody other than the keeper of the log. The keeper sees with
    'status' how the witnesses of its register do.

    \b
    Example:
        firtree witness init --dir ./witness --name witness.example/w1
        firtree witness trust --dir ./witness log.example/register+1f…+AT…
        firtree witness serve --dir ./witness --port 8100
    """
