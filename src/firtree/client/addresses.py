"""Addresses of servers, and tokens: read strictly before anything is sent."""

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from firtree.errors import InvalidInputError
from firtree.text import shown

# Visible ASCII, as RFC 6750 (section 2.1) allows in a header.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}\Z")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}\Z")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?\Z")
_HINT = "such as https://fir.example, or http://127.0.0.1:8000 on this machine"


class Address(NamedTuple):
    """Where a server is.

    Attributes:
        scheme: ``https``, or ``http`` on this machine.
        authority: host, with the port if one was given, in lower case.
        path: what stands before every path of ours; empty, or begins with a slash.
    """

    scheme: str
    authority: str
    path: str = ""

    def __str__(self) -> str:
        """Write it without a slash at its end."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def is_near(self) -> bool:
        """Whether the server is on this machine."""
        return _is_near(urlsplit(str(self)).hostname or "")


def read_address(text: str) -> Address:
    """Read the address of a server.

    Raises:
        InvalidInputError: it is of another form, holds a password, or would send in
            the clear what is to leave this machine.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused("the address of a server", text) from None
    if parts.username is not None or parts.password is not None:
        # What stands there is a secret, and is not shown again.
        raise InvalidInputError(
            "expected an address without a name or password in it",
            hint="a token goes into FIRTREE_TOKEN, or into a file: --token-file",
        )
    plain = bool(host) and not parts.query and not parts.fragment
    if parts.scheme not in {"http", "https"} or not plain:
        raise _refused("the address of a server", text)
    if text != text.strip() or not _PATH.match(parts.path) or not _is_host(host):
        raise _refused("the address of a server", text)
    if parts.scheme == "http" and not _is_near(host):
        raise _refused("an https:// address, for http is for this machine alone", text)
    named = f"[{host}]" if ":" in host else host
    authority = f"{named}:{port}" if port is not None else named
    return Address(parts.scheme, authority, parts.path.rstrip("/"))


def _refused(expected: str, text: str) -> InvalidInputError:
    return InvalidInputError(f"expected {expected}, found {shown(text)}", hint=_HINT)


def _is_host(host: str) -> bool:
    return bool(_HOST.match(host)) or (":" in host and _is_address(host))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def check_token(token: str, *, where: str) -> str:
    """Check a token; nothing of it is ever shown.

    Args:
        token: empty = none.
        where: what it was read from, for the error.

    Raises:
        InvalidInputError: it cannot be a token.
    """
    if token and not _TOKEN.match(token):
        raise InvalidInputError(
            f"{where}: expected a token, 1 to 512 letters, digits and . _ ~ + / = -, "
            "found something else",
            hint="give the token alone, as it was handed out",
        )
    return token
