"""``firtree log``: the log itself, for whoever wants to check it."""

import click

from firtree.cli.lazy import Lazy, LazyGroup


class _Commands(LazyGroup):
    lazy = {  # noqa: RUF012 - it is never changed
        "key": Lazy("log_key", "Print the log's verifier key.", "key"),
        "policy": Lazy("log_key", "Print a policy file that trusts the log.", "policy"),
        "prove": Lazy("log_prove", "Prove an entry or a hardware model, in a file."),
        "check": Lazy("log_check", "Check such a file, without a network."),
        "fence": Lazy("log_fence", "Compare the register with what was signed here."),
        "rotate-key": Lazy("log_rotate", "Give the log a new signing key."),
        "mirror": Lazy("log_mirror", "Keep a copy of a log elsewhere, and verify it."),
        "verify": Lazy("log_verify", "Verify a mirror or a served log from scratch."),
    }


@click.group("log", cls=_Commands)
def command() -> None:
    """Copy and check the log: nobody has to be trusted for what can be checked.

    \b
    Example:
        firtree log policy > policy
        firtree log prove 9005 -o 9005.proof
        firtree log check 9005.proof --policy policy
        firtree log fence
        firtree log rotate-key
        firtree log mirror https://fir.example mirror --policy policy
        firtree log verify mirror
    """
