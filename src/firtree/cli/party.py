"""``firtree party``: who takes part, and as what."""

import click

from firtree.cli.lazy import Lazy, LazyGroup


class _Commands(LazyGroup):
    lazy = {  # noqa: RUF012 - it is never changed
        "list": Lazy("party_show", "List the parties.", "list_"),
        "show": Lazy("party_show", "Show a party in full.", "show"),
        "trail": Lazy(
            "party_show", "Show what concerns a party, and who made it.", "trail"
        ),
        "admit": Lazy("party_decide", "Admit a party.", "admit"),
        "change": Lazy("party_decide", "Change a party.", "change"),
        "suspend": Lazy("party_decide", "Suspend a party.", "suspend"),
        "reinstate": Lazy("party_decide", "End a party's suspension.", "reinstate"),
        "succeed": Lazy("party_decide", "Pass what a party holds on.", "succeed"),
        "key-note": Lazy("party_keys", "Sign the note that registers a key.", "note"),
        "key-add": Lazy("party_keys", "Register a party's public key.", "add"),
    }


@click.group("party", cls=_Commands)
def command() -> None:
    """Keep the parties: suppliers, manufacturers, DCC, administrators, ….

    Every decision is a statement in the log. These commands decide as the keeper, on
    its own machine; administrators decide on the pages.

    \b
    Example:
        firtree party admit "Alder Meters" --kind manufacturer \\
            --code "AB01 from 2026-01-01"
        firtree party list
    """
