"""``firtree duis verify`` and ``firtree duis sign``."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firtree.cli.duis_files import (
    Output,
    read_bounded,
    write_all,
)
from firtree.cli.options import error_json, json_option, progress_bar, write_json
from firtree.duis.xml import MOST_OCTETS
from firtree.errors import FirtreeError, InvalidInputError, VerificationError
from firtree.text import counted

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import Certificate

_MOST_OCTETS = 1 << 16

_certificate_option = click.option(
    "--certificate",
    required=True,
    metavar="FILE",
    help="Certificate of whoever signs: PEM or DER.",
)


@click.command("verify")
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
@_certificate_option
@json_option
def verify(files: tuple[str, ...], certificate: str, *, as_json: bool) -> None:
    """Check the XML signatures of messages against a certificate.

    Only the form that DCC makes is accepted.  Whether the certificate is to be trusted
    is for you to know: its chain and its dates are not looked at.

    \b
    Example:
        firtree duis verify responses/*.xml --certificate dcc.pem
    """
    from firtree.duis.signature import verify as verify_message

    known = _certificate(certificate)
    failed: list[FirtreeError] = []
    results: list[dict[str, object]] = []
    with progress_bar("checking") as progress:
        for number, name in enumerate(files):
            progress(f"checking {name}", number, len(files))
            try:
                octets = read_bounded(name, MOST_OCTETS)
                verify_message(octets, known)
            except FirtreeError as error:
                told = _with_name(name, error)
                failed.append(told)
                results.append({"file": name, "verified": False, **error_json(told)})
                continue
            results.append({"file": name, "verified": True})
            if not as_json:
                click.echo(f"{name}: signed with certificate {known.serial_number}")
    if as_json:
        write_json({"certificate": str(known.serial_number), "messages": results})
    if len(failed) == 1:
        raise failed[0]
    if failed:
        for one in failed:
            click.echo(f"firtree: {one}", err=True)
        raise VerificationError(
            f"{len(failed)} of {len(files)} messages do not verify",
            hint="do not use them",
        )


@click.command("sign")
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
@click.option(
    "--key", required=True, metavar="FILE", help="Private key of P-256: PEM or DER."
)
@_certificate_option
@click.option("--out", required=True, metavar="DIR", help="Folder for what is signed.")
@json_option
def sign(
    files: tuple[str, ...], key: str, certificate: str, out: str, *, as_json: bool
) -> None:
    """Sign requests, all or none; each keeps its name in another folder.

    A key with a passphrase is asked for it.  The key stays where it is.

    \b
    Example:
        firtree duis sign requests/*.xml --key user.key --certificate user.pem \\
            --out signed
    """
    from firtree.duis.signature import sign as sign_request

    names = [Path(name).name for name in files]
    if len(set(names)) < len(names):
        raise InvalidInputError(
            "expected each file name once, found one twice",
            hint="sign the files of one folder at a time",
        )
    known, secret = _certificate(certificate), _key(key)

    def signed(name: str) -> list[bytes]:
        try:
            return [sign_request(read_bounded(name, MOST_OCTETS), secret, known)]
        except FirtreeError as error:
            raise _with_name(name, error) from None

    with progress_bar("signing") as progress:
        write_all(
            Path(out),
            (
                Output(short, partial(signed, name))
                for short, name in zip(names, files, strict=True)
            ),
            lambda done: progress("signing", done, len(files)),
        )
    if as_json:
        write_json({"signed": names, "folder": out})
    else:
        click.echo(f"signed {counted(len(names), 'request')} into {out}")


def _with_name(name: str, error: FirtreeError) -> FirtreeError:
    """Say of an error which file it is about, once."""
    text = str(error)
    if name in text:
        return error
    return type(error)(f"{name}: {text}", hint=error.hint)


def _certificate(name: str) -> "Certificate":
    from cryptography import x509

    octets = read_bounded(name, _MOST_OCTETS)
    try:
        if b"-----BEGIN" in octets:
            return x509.load_pem_x509_certificate(octets)
        return x509.load_der_x509_certificate(octets)
    except (ValueError, x509.InvalidVersion):
        raise InvalidInputError(
            f"{name}: expected an X.509 certificate in PEM or DER, found something else"
        ) from None


def _key(name: str) -> "ec.EllipticCurvePrivateKey":
    """Read a private key; no complaint ever shows any of it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        load_der_private_key,
        load_pem_private_key,
    )

    octets = read_bounded(name, _MOST_OCTETS)
    load = load_pem_private_key if b"-----BEGIN" in octets else load_der_private_key
    try:
        key = load(octets, password=None)
    except TypeError:  # it has a passphrase
        passphrase = click.prompt(f"Passphrase of {name}", hide_input=True, err=True)
        try:
            key = load(octets, password=passphrase.encode())
        except (ValueError, UnsupportedAlgorithm):
            raise InvalidInputError(
                f"{name}: the passphrase is wrong, or the key of another kind"
            ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidInputError(
            f"{name}: expected a private key in PEM or DER, found something else"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(
        key.curve, ec.SECP256R1
    ):
        raise InvalidInputError(f"{name}: expected a key of the curve P-256")
    return key
