"""``firtree log key`` and ``firtree log policy``."""

import click

from firtree.cli.files import read_octets
from firtree.cli.options import data_option, json_option, settings_of, write_json
from firtree.errors import InvalidInputError
from firtree.ledger.policy import POLICY_OCTETS_MOST, Policy, TrustedLog
from firtree.text import shown
from firtree.wiring import clock
from firtree.wiring.verifiers import verifiers_of


@click.command("key")
@data_option
@json_option
def key(data: str | None, *, as_json: bool) -> None:
    """Print the log's verifier key (c2sp.org/signed-note), for others to trust.

    Give it to readers on a way of its own, such as a letter or a published page: a key
    that comes from the server it is to check proves nothing.  After a rotation, the
    second line is the key before, for as long as it signs too.

    \b
    Example:
        firtree log key
    """
    verifier, *also = verifiers_of(settings_of(data), clock())
    if as_json:
        write_json(
            {
                "origin": verifier.name,
                "verifier_key": str(verifier),
                "also_signing": [str(one) for one in also],
            }
        )
        return
    for one in (verifier, *also):
        click.echo(str(one))


@click.command("policy")
@data_option
@click.option("--url", default="", help="Where the log is served: https://…/log.")
@click.option(
    "--witnesses",
    metavar="FILE",
    help="Policy file whose witnesses and quorum are taken (FIRTREE_WITNESS_POLICY).",
)
def policy(data: str | None, url: str, witnesses: str | None) -> None:
    """Print a policy file (c2sp.org/tlog-policy) that trusts this log.

    Readers keep it and check with it: who has to have signed, and how many witnesses.

    \b
    Example:
        firtree log policy --witnesses witnesses.policy > policy
    """
    if url != url.strip() or not url.isprintable() or " " in url:
        raise InvalidInputError(
            f"--url: expected an address without blanks, found {shown(url)}"
        )
    settings = settings_of(data)
    keys = verifiers_of(settings, clock())
    trusted = tuple(TrustedLog(key, url) for key in keys)
    name = witnesses or settings.witness_policy
    found = read_policy(name) if name else Policy()
    whole = Policy(trusted, found.witnesses, found.groups, found.quorum)
    click.echo(whole.encode(), nl=False)


def read_policy(name: str) -> Policy:
    """Read a policy file.

    Raises:
        InvalidInputError: there is none, or lines of it are wrong.
        UnavailableError: it cannot be read.
    """
    octets = read_octets(name, most=POLICY_OCTETS_MOST, what="a policy")
    return Policy.parse(octets, name)
